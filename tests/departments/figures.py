"""The example project of other departments: its worked examples, and every figure of `expected.toml`, which was worked out
from the same files by Python alone; that page is compared with what its script prints.
"""

import json
import subprocess
import sys
import tomllib
from fractions import Fraction
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from checks import ROOT, Check  # noqa: E402

EXAMPLE = ROOT / "examples" / "departments"
check = Check()
check.project("departments")

printed = subprocess.run(
    [sys.executable, str(EXAMPLE / "check.py")], capture_output=True, text=True, check=True
).stdout
wanted = (EXAMPLE / "expected.toml").read_text(encoding="utf-8")
check.holds("expected.toml is what its script prints", printed.strip() == wanted.strip(), "they differ")

check.run("import")
said = check.run("metrics", "test").strip().splitlines()[-1]
check.holds("the project's worked examples", " without one" in said and "0 definitions" in said, said)


def value(text):
    """A value as expected.toml writes it: a number, a fraction, or null with its reason."""
    if isinstance(text, str) and text.startswith("null:"):
        return text.removeprefix("null:").strip()
    return Fraction(str(text))


def the_cell(row):
    """The one metric of a row; its name has its parameters in milliseconds."""
    (cell,) = (value for value in row.values() if isinstance(value, dict))
    return cell


def found(cell):
    if cell["value"] is None:
        return cell["reason"]
    return Fraction(str(cell["value"]))


def same(wanted, came):
    if isinstance(wanted, str) or isinstance(came, str):
        return wanted == came
    return abs(wanted - came) <= Fraction(1, 10**15) * max(1, abs(wanted))


for expect in tomllib.loads(wanted)["expect"]:
    metric = expect["metric"]
    options = []
    for key in ("from", "to", "by", "complete_until"):
        if key in expect:
            options += [f"--{key.replace('_', '-')}", expect[key]]
    if "where" in expect:
        options += ["--where", expect["where"]]
    rows = json.loads(check.run("query", metric, *options, "--format", "json"))
    what = " ".join([metric, *map(str, options)])
    if "values" in expect:
        by = expect["by"]
        came = {("" if row[by] is None else str(row[by])): found(the_cell(row)) for row in rows}
        want = {key: value(text) for key, text in expect["values"].items()}
        right = came.keys() == want.keys() and all(same(want[key], came[key]) for key in want)
        check.holds(what, right, f"{ {k: str(v) for k, v in came.items()} }, not { {k: str(v) for k, v in want.items()} }")
    else:
        cell = the_cell(rows[0])
        right = same(value(expect["value"]), found(cell)) and cell.get("pending", 0) == expect.get("pending", 0)
        check.holds(what, right, f"{found(cell)} with {cell.get('pending', 0)} pending, not {expect['value']}")
check.close()
