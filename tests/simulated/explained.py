"""The SQL that `dialmark explain` prints runs in DuckDB over the attached store and gives the program's own figure: for every
definition that a simulated centre's records allow, with the end of the data told to both.
"""

import json
import sys
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from checks import Check  # noqa: E402

check = Check()
with check.demo(days=12, calls_per_day=400, seed=5):
    pass
db = check.attached()
db.execute("USE lake")

names = [
    f"{row['metric']}/{row['variant']}"
    for row in json.loads(check.run("check", "--format", "json"))["metrics"]
    if row["computable"]
]
# Where the data ends, told to both: the day after the last.
day = date.fromisoformat(json.loads((check.work / "demo.json").read_text())["plan"]["end"]) + timedelta(days=1)
ENDS = {"until_day": day, "until_ms": int(datetime.combine(day, time(), ZoneInfo("Europe/London")).timestamp() * 1000)}
(cells,) = json.loads(check.run("query", ",".join(names), "--format", "json", "--complete-until", day.isoformat()))
ran, made_of_others, windows, nothing = 0, 0, 0, 0
for name in names:
    explained = json.loads(check.run("explain", name, "--format", "json"))
    if explained["sql"] is None:
        made_of_others += 1
        continue
    given = {name: value for name, value in ENDS.items() if f"${name}" in explained["sql"]}
    windows += bool(given)
    cell = cells[name]
    try:
        answer = db.execute(explained["sql"], given)
    except duckdb.CatalogException as error:
        # A table whose files hold no record is not in the store: nobody was absent.
        nothing += 1
        if "does not exist" not in str(error) or (cell["value"] is not None and Fraction(cell["value"]) != 0):
            check.holds(name, False, error)
        continue
    except duckdb.Error as error:
        check.holds(name, False, f"{str(error).splitlines()[0]}\n{explained['sql']}")
        continue
    columns = [column[0] for column in answer.description]
    found = dict(zip(columns, answer.fetchone()))
    parts = [part for part in ("numerator", "denominator") if part in found]
    if parts:
        right = all((Fraction(str(found[p])) if found[p] is not None else 0) == Fraction(str(cell[p] or 0)) for p in parts)
        shown = {p: (found[p], cell[p]) for p in parts}
    else:
        ours, theirs = cell["value"], found["value"]
        right = (ours is None) == (theirs is None) or not (Fraction(ours or 0) or theirs)
        if ours is not None and theirs is not None:
            right = abs(float(ours) - float(theirs)) <= 1e-9 * max(1, abs(float(ours)))
        shown = (theirs, ours)
    ran += 1
    if not right:
        check.holds(name, False, f"DuckDB and the program: {shown}\n{explained['sql']}")
check.holds(f"{ran} definitions in SQL agree ({made_of_others} are made of others, {windows} have windows, {nothing} are of tables without records)", ran > 200)
check.close()
