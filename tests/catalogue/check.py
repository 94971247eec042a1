"""Every metric of the catalogue over random records, twice: by the program, from an import of the records; and by SQL
written by hand from what the definitions say, in DuckDB.

The SQL stands in `queries_*.py` beside this file, by metric and variant. Each is asked whole and for one campaign, over
the records of two seeds. Numerators and denominators must be the same decimals, derived figures the same to twelve
places. A variant for which there is neither SQL nor a reason why not is a mistake.

    check.py --program DIALMARK --work DIR [--only PREFIX[,PREFIX...]]
"""

import argparse
import importlib
import json
import re
import shutil
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import duckdb

HERE = Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE.parent), str(HERE)]
import facts  # noqa: E402
from checks import Check, number  # noqa: E402

SEEDS = (1, 2)
CONDITIONS = ("", "campaign_id = 'c1'")
AT_ONCE = 40

arguments = argparse.ArgumentParser(add_help=False)
arguments.add_argument("--only", default="")
asked, sys.argv[1:] = arguments.parse_known_args()
only = tuple(prefix for prefix in asked.only.split(",") if prefix)
check = Check()


def variant(name):
    """The metric and variant that a query's name means; it may give parameters in braces."""
    name = name.partition("{")[0]
    return name if "/" in name else f"{name}/standard"


def wanted(name):
    return not only or variant(name).startswith(only)


# --- what there is to compare

QUERIES, OPTIONS = {}, {}
for module in sorted(HERE.glob("queries_*.py")):
    try:
        told = importlib.import_module(module.stem)
    except Exception as error:  # the others can be compared all the same
        check.holds(f"{module.name} can be read", False, error)
        continue
    twice = set(told.QUERIES) & set(QUERIES)
    check.holds(f"no query of {module.name} stands elsewhere", not twice, sorted(twice))
    QUERIES |= told.QUERIES
    OPTIONS |= getattr(told, "OPTIONS", {})


def same(value, by_hand):
    """Whether a value that the program rounded is the one by hand."""
    if value is None or by_hand is None:
        return value is by_hand
    return abs(value - by_hand) <= max(abs(by_hand) / 10**12, Fraction(1, 10**17))


def ask(names, condition):
    """The program's cells by name; a sentence in place of a cell that it refuses."""
    metrics = ",".join(name + OPTIONS.get(name, {}).get("params", "") for name in names)
    command = [check.program, "query", metrics, "--dir", check.work, "--format", "json"]
    command += ["--complete-until", facts.LAST_DAY_AFTER] + (["--where", condition] if condition else [])
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode == 0:
        (row,) = json.loads(done.stdout)
        return dict(zip(names, row.values(), strict=True))
    if len(names) == 1:
        return {names[0]: done.stderr.strip()}
    half = len(names) // 2
    return ask(names[:half], condition) | ask(names[half:], condition)


def by_hand(db, name, condition):
    """The columns of the one row that the SQL yields; a sentence when it yields something else."""
    sql = QUERIES[name].replace("{where}", f"({condition or 'true'})").replace("{until}", facts.UNTIL)
    try:
        answer = db.execute(sql)
        columns, rows = [column[0] for column in answer.description], answer.fetchall()
    except duckdb.Error as error:
        return f"The SQL is wrong: {error}"
    if len(rows) != 1:
        return f"The SQL yields {len(rows)} rows."
    values = dict(zip(columns, rows[0]))
    if set(values) not in ({"value"}, {"numerator", "denominator"}):
        return f"The SQL yields {', '.join(columns)}."
    return {column: exact(value) for column, value in values.items()}


def exact(value):
    return Fraction(value) if isinstance(value, float) else number(value)


def difference(cell, hand, times):
    """What differs between a cell and the figures by hand, or nothing."""
    for refused in (cell, hand):
        if isinstance(refused, str):
            return refused
    value = number(cell["value"])
    if "value" in hand:
        return None if same(value, hand["value"]) else f"computed {show(cell)}, by hand {plain(hand['value'])}"
    top, bottom = hand["numerator"], hand["denominator"]
    if top is None or not bottom:
        right = value is None
    else:
        # A plain number has no denominator.
        below = Fraction(1) if cell["denominator"] is None else number(cell["denominator"])
        right = same(value, top / bottom * times) and number(cell["numerator"]) == top and below == bottom
    return None if right else f"computed {show(cell)}, by hand {plain(top)} / {plain(bottom)}"


def plain(value):
    return "null" if value is None else str(int(value)) if value.denominator == 1 else str(float(value))


def show(cell):
    keys = ("value", "numerator", "denominator", "reason", "undecided", "missing")
    return ", ".join(f"{key} {cell[key]}" for key in keys if cell.get(key) is not None)


# --- the comparison

base = check.work
shutil.rmtree(base, ignore_errors=True)
base.mkdir(parents=True)
agreeing, disagreeing, told_nothing = {}, set(), {}
for seed in SEEDS:
    check.work = base / f"seed-{seed}"
    db = facts.make(seed, check.work)
    # The program keeps every value as it is: what it notes is that reported lengths are not those between instants.
    noted = set(re.findall(r"\w+:\w+", "".join(check.run("import").split("Noted:")[1:])))
    check.holds(f"the records of seed {seed} are taken as they are", all(n.endswith(":mismatch") for n in noted), noted)
    known = {
        f"{metric['id']}/{one['id']}": one["times"]
        for metric in json.loads(check.run("metrics", "list", "--format", "json"))
        for one in metric["variants"]
    }
    if seed == SEEDS[0]:
        missing = [name for name in known if wanted(name) and not any(variant(query) == name for query in QUERIES)]
        skipped = {variant(name) for name, options in OPTIONS.items() if "skip" in options}
        missing = [name for name in missing if name not in skipped]
        check.holds("every variant is computed by hand or says why not", not missing, f"{len(missing)}: {' '.join(missing)}")
        strange = sorted(name for name in (*QUERIES, *OPTIONS) if variant(name) not in known)
        check.holds("every query is about a variant that there is", not strange, strange)
    for condition in CONDITIONS:
        names = [
            name
            for name in QUERIES
            if variant(name) in known
            and wanted(name)
            and "skip" not in OPTIONS.get(name, {})
            and (not condition or OPTIONS.get(name, {}).get("where", True))
        ]
        cells = {}
        for first in range(0, len(names), AT_ONCE):
            cells |= ask(names[first : first + AT_ONCE], condition)
        for name in names:
            hand = by_hand(db, name, condition)
            differs = difference(cells[name], hand, known[variant(name)])
            if differs:
                if name not in disagreeing:
                    check.holds(f"{name}, seed {seed}, {condition or 'whole'}", False, differs)
                disagreeing.add(name)
            else:
                agreeing[name] = agreeing.get(name, 0) + 1
                said = cells[name]["value"]
                told_nothing[name] = told_nothing.get(name, True) and (said is None or number(said) == 0)
    db.close()

skipped = [name for name in skipped if wanted(name)]
agree = {name for name in agreeing if name not in disagreeing}
empty = sorted(name for name in agree if told_nothing[name])
if empty:
    print(f"note: nothing or zero in every comparison: {' '.join(empty)}")
print(
    f"{len(agree)} queries agree with the program in {sum(agreeing[name] for name in agree)} comparisons, "
    f"{len(disagreeing)} do not, {len(skipped)} variants are skipped."
)
check.holds("the program's figures are those by hand", not disagreeing, " ".join(sorted(disagreeing)))
check.close()
