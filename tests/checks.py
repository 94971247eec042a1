"""What the checks in Python share: arguments, driving the program, comparing figures.

A check is called as `SCRIPT --program DIALMARK --data DIR --work DIR`, prints a line for each thing that it
checked, and exits with 1 when one of them is wrong. `cargo xtask test` runs all of them.
"""

import argparse
import json
import shutil
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class Check:
    """One script's run: where things are, and what was wrong so far."""

    def __init__(self):
        parser = argparse.ArgumentParser()
        parser.add_argument("--program", type=Path, required=True, help="the built program")
        parser.add_argument("--data", type=Path, required=True, help="folder with the original files")
        parser.add_argument("--work", type=Path, required=True, help="folder to work in; emptied first")
        arguments = parser.parse_args()
        self.program = arguments.program.resolve()
        self.data = arguments.data.resolve()
        self.work = arguments.work.resolve()
        self.wrong = 0

    def project(self, example):
        """A fresh copy of a project of `examples/`."""
        shutil.rmtree(self.work, ignore_errors=True)
        shutil.copytree(ROOT / "examples" / example, self.work, ignore=shutil.ignore_patterns("lake"))

    def run(self, *arguments):
        """Output of the program, run in the project."""
        command = [str(self.program), *map(str, arguments), "--dir", str(self.work)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)} failed with {done.returncode}:\n{done.stderr}")
        return done.stdout

    def query(self, metrics, by=(), **options):
        """Cells by key: `{(key, ...): {metric: cell}}`."""
        arguments = ["query", ",".join(metrics), "--format", "json"]
        if by:
            arguments += ["--by", ",".join(by)]
        for name, value in options.items():
            arguments += [f"--{name.rstrip('_')}", value]
        rows = json.loads(self.run(*arguments))
        return {tuple(row[dimension] for dimension in by): row for row in rows}

    def same(self, what, actual, expected):
        """Compares two mappings from keys to lists of exact numbers or None."""
        keys = sorted(set(actual) | set(expected), key=str)
        differences = [
            f"    {key}: computed {show(actual.get(key))}, by hand {show(expected.get(key))}"
            for key in keys
            if actual.get(key) != expected.get(key)
        ]
        self.wrong += bool(differences)
        print(f"{'WRONG' if differences else 'ok'}: {what} ({len(keys)} rows)")
        print("\n".join(differences[:20]), end="\n" if differences else "")

    def close(self):
        sys.exit(1 if self.wrong else 0)


def show(numbers):
    return "nothing" if numbers is None else [None if n is None else str(n) for n in numbers]


def number(value):
    """An exact number; decimals come as texts."""
    return None if value is None else Fraction(str(value))


def parts(rows, metric):
    """Numerator and denominator of a metric by key."""
    return {key: [number(row[metric]["numerator"]), number(row[metric]["denominator"])] for key, row in rows.items()}


def exact(rows):
    """Rows of SQL, one mapping: all columns but the last two are the key."""
    return {tuple(row[:-2]): [number(row[-2]), number(row[-1])] for row in rows}
