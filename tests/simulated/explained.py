"""The SQL that `dialmark explain` prints runs in DuckDB over the attached store and gives the program's own figure: for every
definition that a simulated centre's records allow, except those whose windows must have passed.
"""

import json
import sys
from fractions import Fraction
from pathlib import Path

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
(cells,) = json.loads(check.run("query", ",".join(names), "--format", "json"))
ran, made_of_others, windows = 0, 0, 0
for name in names:
    explained = json.loads(check.run("explain", name, "--format", "json"))
    if explained["sql"] is None:
        made_of_others += 1
        continue
    if "$until_ms" in explained["sql"]:
        windows += 1
        continue
    answer = db.execute(explained["sql"])
    columns = [column[0] for column in answer.description]
    found = dict(zip(columns, answer.fetchone()))
    cell = cells[name]
    parts = [part for part in ("numerator", "denominator") if part in found]
    if parts:
        right = all((Fraction(str(found[p])) if found[p] is not None else 0) == Fraction(str(cell[p] or 0)) for p in parts)
        shown = {p: (found[p], cell[p]) for p in parts}
    else:
        ours, theirs = cell["value"], found["value"]
        right = (ours is None) == (theirs is None) or (ours is None and theirs == 0)
        if ours is not None and theirs is not None:
            right = abs(float(ours) - float(theirs)) <= 1e-9 * max(1, abs(float(ours)))
        shown = (theirs, ours)
    ran += 1
    if not right:
        check.holds(name, False, f"DuckDB and the program: {shown}\n{explained['sql']}")
check.holds(f"{ran} definitions in SQL agree ({made_of_others} are made of others, {windows} have windows)", ran > 200)
check.close()
