"""What the checks in Python share: arguments, driving the program, comparing figures.

A check is called as `SCRIPT --program DIALMARK --work DIR [--data DIR]`, prints a line for each thing that it
checked, and exits with 1 when one of them is wrong. `cargo xtask test` runs all of them.
"""

import argparse
import contextlib
import json
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from fractions import Fraction
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# What is shown of a hidden telephone number: its last digits.
END_OF = "regexp_extract({}, '[*]([0-9]*):', 1)"


class Check:
    """One script's run: where things are, and what was wrong so far."""

    def __init__(self):
        parser = argparse.ArgumentParser()
        parser.add_argument("--program", type=Path, required=True, help="the built program")
        parser.add_argument("--data", type=Path, help="folder with the original files, for checks of real data")
        parser.add_argument("--work", type=Path, required=True, help="folder to work in; emptied first")
        arguments = parser.parse_args()
        self.program = arguments.program.resolve()
        self.data = arguments.data and arguments.data.resolve()
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

    def run_anywhere(self, *arguments):
        """Output of the program for a command that needs no project."""
        done = subprocess.run([str(self.program), *map(str, arguments)], capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"{' '.join(map(str, arguments))} failed with {done.returncode}:\n{done.stderr}")
        return done.stdout

    def tried(self, *arguments):
        """Everything that the program says, run in the project, whether or not it succeeds."""
        command = [str(self.program), *map(str, arguments), "--dir", str(self.work)]
        done = subprocess.run(command, capture_output=True, text=True)
        return done.stdout + done.stderr

    @contextlib.contextmanager
    def demo(self, again=False, **plan):
        """A simulated centre in an emptied folder, or again the one that is there, while its pages are served: yields their
        address."""
        if not again:
            shutil.rmtree(self.work, ignore_errors=True)
        self.work.parent.mkdir(parents=True, exist_ok=True)
        command = [str(self.program), "demo", "--no-browser", "--port", "0", "--dir", str(self.work)]
        for name, value in plan.items():
            command += [f"--{name.replace('_', '-')}", str(value)]
        running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        try:
            said = []
            for line in running.stdout:
                said.append(line)
                if address := re.search(r"http://127\.0\.0\.1:\d+", line):
                    break
            else:
                sys.exit(f"{' '.join(command)} ended with {running.wait()}:\n{''.join(said)}")
            wait_until_ready(address[0])
            yield address[0]
        finally:
            running.send_signal(signal.SIGINT)
            rest, _ = running.communicate(timeout=60)
            if running.returncode != 0:
                sys.exit(f"{' '.join(command)} ended with {running.returncode}:\n{rest}")

    def attached(self):
        """DuckDB with the settled store attached as `lake`, read-only, and its tables in view."""
        import duckdb
        import duckdb_ext

        self.run("lake", "settle")
        db = duckdb.connect()
        # Loaded by path from the Python packages: DuckDB's own download may not be there.
        db.execute("SET autoinstall_known_extensions = false")
        for extension in ("sqlite_scanner", "ducklake"):
            pattern = f"extensions/*/*/{extension}.duckdb_extension"
            (found,) = (path for root in duckdb_ext.__path__ for path in Path(root).glob(pattern))
            db.execute(f"LOAD '{found}'")
        db.execute(f"ATTACH 'ducklake:sqlite:{self.work / 'lake' / 'catalog.db'}' AS lake (READ_ONLY)")
        return db

    def holds(self, what, true, otherwise=""):
        """A plain statement, with what is the case instead."""
        self.wrong += not true
        print(f"{'ok' if true else 'WRONG'}: {what}{'' if true else f': {otherwise}'}")

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
        """Compares two mappings from keys to exact numbers or None, or to lists of them."""
        keys = sorted(set(actual) | set(expected), key=str)
        differences = [
            f"    {key}: computed {show(actual.get(key))}, by hand {show(expected.get(key))}"
            for key in keys
            if actual.get(key) != expected.get(key)
        ]
        self.wrong += bool(differences)
        print(f"{'WRONG' if differences else 'ok'}: {what} ({len(keys)} rows)")
        print("\n".join(differences[:20]), end="\n" if differences else "")

    def until(self, what, true, seconds=20):
        """Waits for something that comes about by itself."""
        end = time.monotonic() + seconds
        while not (now := true()) and time.monotonic() < end:
            time.sleep(0.2)
        self.holds(what, now, f"not within {seconds} s")

    def equals(self, what, actual, expected):
        """Two single values."""
        self.holds(what, actual == expected, f"{actual!r} instead of {expected!r}")

    def close(self):
        sys.exit(1 if self.wrong else 0)


class Served:
    """The program while it serves."""

    def __init__(self, check):
        self.check, self.said = check, []

    def __enter__(self):
        check = self.check
        command = [str(check.program), "serve", "--port", "0", "--receive", "127.0.0.1:0", "--dir", str(check.work)]
        self.running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        addresses = []
        for line in self.running.stdout:
            self.said.append(line)
            addresses += re.findall(r"http://127\.0\.0\.1:\d+", line)
            if len(addresses) == 2:
                break
        else:
            sys.exit(f"serve ended with {self.running.wait()}:\n{''.join(self.said)}")
        self.pages, self.receiving = addresses
        wait_until_ready(self.pages)
        # What it says later is read as it comes, so that it never waits for somebody to read.
        self.reader = threading.Thread(target=lambda: self.said.extend(self.running.stdout), daemon=True)
        self.reader.start()
        return self

    def __exit__(self, *_):
        self.running.send_signal(signal.SIGTERM)
        self.running.wait(timeout=60)
        self.reader.join(timeout=60)
        self.check.holds("serve ends when it is told to", self.running.returncode == 0, "".join(self.said))


def send(address, token, stream, body, **headers):
    """Status and answer of a delivery."""
    request = urllib.request.Request(f"{address}/api/v1/ingest/{stream}", body, method="POST")
    request.add_header("Content-Type", "application/x-ndjson")
    request.add_header("Authorization", f"Bearer {token}")
    for name, value in headers.items():
        request.add_header(name.replace("_", "-"), value)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as refused:
        return refused.code, json.loads(refused.read() or b"{}")


def wait_until_ready(address, seconds=60):
    until = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=5) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            pass
        if time.monotonic() > until:
            sys.exit(f"{address}/healthz did not answer 200 within {seconds} s.")
        time.sleep(0.05)


def show(numbers):
    if isinstance(numbers, list):
        return [show(n) for n in numbers]
    return "nothing" if numbers is None else str(numbers)


def number(value):
    """An exact number; decimals come as texts."""
    return None if value is None else Fraction(str(value))


def parts(rows, metric):
    """Numerator and denominator of a metric by key."""
    return {key: [number(row[metric]["numerator"]), number(row[metric]["denominator"])] for key, row in rows.items()}


def exact(rows):
    """Rows of SQL, one mapping: all columns but the last two are the key."""
    return {tuple(row[:-2]): [number(row[-2]), number(row[-1])] for row in rows}
