"""The simulated centre holds itself to what it promised: the client's statement comes out to the cent from the records that
were loaded, misses open cases, and the parts of a scorecard add up to the whole.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from checks import Check  # noqa: E402

check = Check()
# The story's figures are those of the plan as it is told, of 90 days.
with check.demo():
    pass
truth = json.loads((check.work / "truth.json").read_text())["causes"]["statement"]
period = truth["until"][:7]
statement = json.loads(check.run("statement", "brightwatt", "--period", period, "--format", "json"))
amounts = {line["id"]: line["amount"] for line in statement["lines"]}
check.equals("34 seats at 2,600", amounts["price.seats"], "88400.00 GBP")
# The story's cause lies in the last two to three weeks; early in a month part of it is in the month before.
if truth["from"][:7] == period:
    check.equals("the penalty is five per cent", amounts["service_level.conversion"], "-4420.00 GBP")
    check.equals("half of it is excluded for the outage", amounts["relief.outage_leeds.conversion"], "2210.00 GBP")
    check.equals("41 clawbacks at 35", amounts["clawback.cancelled_sales"], "-1435.00 GBP")
    check.equals("due", statement["due"], "84755.00 GBP")
check.equals("nothing is left open", statement["incomplete"], [])

standings = json.loads(check.run("kpis", "status", "--format", "json"))
words = {"met", "close", "missed", "not_enough_evidence"}
check.holds("every KPI has a status", standings and all(one["status"] in words for one in standings), standings)
judged = json.loads(check.run("cases", "judge", "--format", "json"))
opened = json.loads(check.run("cases", "list", "--format", "json"))
check.holds("misses open cases", len(opened) > 0 and all(case["opening"]["owner"] for case in opened), judged)
again = json.loads(check.run("cases", "judge", "--format", "json"))
check.equals("windows are judged once", (again["windows"], again["opened"]), (0, []))

card = json.loads(check.run("scorecard", "centre", "--depth", "3", "--format", "json"))
for kpi in ("contacts_per_hour", "consumer_conversion"):
    for part in ("numerator", "denominator"):
        sums = {}
        for row in card:
            for one in row["kpis"]:
                if one["kpi"] == kpi:
                    sums[row["depth"]] = sums.get(row["depth"], 0) + int(one[part] or 0)
        check.equals(f"{part}s of {kpi} add up from each level to the next", len(set(sums.values())), 1)
check.close()
