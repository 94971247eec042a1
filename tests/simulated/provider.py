"""The example of a provider with two clients goes through a whole round on simulated months: targets, statuses, a miss, its
case with clocks, cause, plan, actions and closing, statements that are drafted, frozen, shown again byte for byte, and what a
late record changes. Amounts are added up a second time here.
"""

import datetime
import json
import subprocess
import sys
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from checks import Check, number  # noqa: E402

check = Check()
check.project("provider")
LEAD, PLANNER = "collections@aire.example", "planning@aire.example"


def answer(*arguments):
    return json.loads(check.run(*arguments, "--format", "json"))


def refused(*arguments, because):
    """That the program declines, and says why."""
    command = [str(check.program), *map(str, arguments), "--dir", str(check.work)]
    done = subprocess.run(command, capture_output=True, text=True)
    says = f"{' '.join(map(str, arguments[:2]))} is refused: {because}"
    check.holds(says, done.returncode != 0 and because in done.stderr, f"{done.returncode}: {done.stderr}")


def pounds(amount):
    """`884.00 GBP`, as a number."""
    value, currency = amount.split()
    check.holds(f"{amount} is in pounds", currency == "GBP")
    return Decimal(value)


def cents(exact):
    """A fraction as money: half to even."""
    return (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(Decimal("0.01"), ROUND_HALF_EVEN)


# Simulated months, written into the project that is there.
plan = ["--days", "90", "--calls-per-day", "500", "--seed", "8"]
check.run_anywhere("demo", "--exports", check.work, *plan)
again = [str(check.program), "demo", "--exports", str(check.work), *plan[:-1], "9"]
done = subprocess.run(again, capture_output=True, text=True)
check.holds("exports of another plan are not mixed in", done.returncode != 0 and "another plan" in done.stderr, done.stderr)
check.run("import")
check.run("lake", "settle")
found = answer("check")
check.equals("nothing is wrong with the example", found["problems"], [])

# Targets and statuses.
declared = {kpi["name"] if "name" in kpi else kpi["kpi"] for kpi in answer("kpis", "list")}
standings = {one["kpi"]: one for one in answer("kpis", "status", "--on", "2026-10-31")}
check.equals("every KPI has a standing", set(standings), declared)
words = {"met", "close", "missed", "not_enough_evidence"}
check.holds("and one of four statuses", {one["status"] for one in standings.values()} <= words, standings)
check.holds("several of them occur", len({one["status"] for one in standings.values()}) >= 3, standings)
one = standings["right_party"]
share = Fraction(one["numerator"], one["denominator"])
check.equals("a KPI below its target by more than the tolerance is missed", (share < Fraction(28, 100), one["status"]), (True, "missed"))
teams = answer("kpis", "status", "sales_per_conversation", "--by", "team", "--on", "2026-10-25")
aims = {one["place"]["team"]: Fraction(one["target"]["at_least"]) for one in teams}
check.equals("a team without a target of its own inherits", aims["D-HOME-1"], Fraction("0.14"))
check.equals("a narrower target overrides from its day on", aims["L-HOME-1"], Fraction("0.15"))
# 19 to 25 October are the days 48 to 54 after 1 September, 51 in the middle: 0.117 rises to 0.13 in 90.
ramped = Fraction("0.117") + Fraction("0.013") * Fraction(51, 90)
# Repeating digits are cut when they are written.
check.holds("a ramp has risen so far", abs(aims["D-HOME-2"] - ramped) < Fraction(1, 10**17), (aims, ramped))

# Scorecards: each place from its own records.
card = answer("scorecard", "harbour_bank", "--depth", "1", "--on", "2026-10-31")
for part in ("numerator", "denominator"):
    sums = {}
    for row in card:
        for one in row["kpis"]:
            if one["kpi"] == "right_party":
                sums[row["depth"]] = sums.get(row["depth"], 0) + int(one[part] or 0)
    check.equals(f"{part}s add up from the client to teams", (len(sums), len(set(sums.values()))), (2, 1))

# A miss opens a case, with clocks.
judged = answer("cases", "judge")
cases = {case["opening"]["kpi"]: case for case in answer("cases", "list")}
check.equals("every case that was opened is listed", len(cases), len(judged["opened"]))
case = cases["right_party"]
opening = case["opening"]
opened_at = datetime.datetime.fromisoformat(opening["opened_at"].replace("Z", "+00:00"))
check.equals("it is its owner's", opening["owner"], LEAD)
check.holds("it is prefilled with what weighs most", len(opening["causes"]) > 0, opening)


def clock(case, kind):
    found = [one for one in case["clocks"] if one["kind"] == kind]
    return found[0] if found else None


def due(case, kind):
    return datetime.datetime.fromisoformat(clock(case, kind)["due_at"].replace("Z", "+00:00"))


check.equals("root cause in 48 hours", due(case, "root_cause") - opened_at, datetime.timedelta(hours=48))
check.equals("plan in a week", due(case, "plan") - opened_at, datetime.timedelta(days=7))
check.holds("below target for more than 60 days", 60 <= case["days_below"] < 90, case["days_below"])
since = datetime.date.fromisoformat(opening["below_since"])
check.holds("but not from before it was a KPI", since >= datetime.date(2026, 8, 31), since)
review = clock(case, {"review": 60})
check.equals("so a review is due", due(case, {"review": 60}).astimezone(datetime.timezone.utc).date(), since + datetime.timedelta(days=60 - 1 if review["due_at"].endswith("23:00:00Z") else 60))
check.equals("and none after 90 yet", clock(case, {"review": 90}), None)
fresh = [one for one in cases.values() if one["days_below"] < 60]
check.holds("a fresh miss is not escalated", fresh and all(clock(one, {"review": 60}) is None for one in fresh), fresh)

# What people write down. What does not fit is refused, and nothing is changed.
number_of = case["id"]
day = (opened_at.date() + datetime.timedelta(days=21)).isoformat()
halfway = (opened_at.date() + datetime.timedelta(days=10)).isoformat()


def update(*arguments, by=LEAD):
    check.run("cases", "update", number_of, "--by", by, *arguments)


def not_taken(*arguments, because):
    refused("cases", "update", number_of, "--by", LEAD, *arguments, because=because)


not_taken("--plan", "Call at other hours.", because="root cause")
update("--cause", "One debt stood on two lists, and mornings were called twice.")
update("--plan", "One list, and half of the attempts in the evening.")
not_taken("--action", "Join the lists", "--owner", f"{LEAD}, {PLANNER}", "--due", day, because="one owner")
update("--action", "Join the lists", "--owner", LEAD, "--due", halfway)
update("--action", "Move six agents to the evening", "--owner", PLANNER, "--due", day)
not_taken("--milestone", "Three", "--of", 2, "--due", "2099-01-01", because="after its action")
update("--milestone", "Three of them", "--of", 2, "--due", halfway)
update("--escalated", "Reviewed with Harbour Bank: both actions go on for four weeks.")
not_taken("--close", "Done.", because="not done yet")
update("--reached", 1, by=PLANNER)
update("--done", 2, "--note", "Six agents from ten to eight in the evening.", by=PLANNER)
update("--done", 1, "--note", "One list since Monday.")
case = answer("cases", "show", number_of)
check.equals("each action has one owner", [one["owner"] for one in case["actions"]], [LEAD, PLANNER])
check.holds("all clocks have stopped", all(one["done_at"] for one in case["clocks"]), case["clocks"])
check.equals("a review that was late says so", clock(case, {"review": 60})["is_late"], True)
update("--close", "Joined and moved; judged again with the next windows.")
not_taken("--note", "One more thing.", because="closed")
kinds = [entry["kind"] for entry in answer("cases", "show", number_of)["history"]]
wanted = ["cause", "plan", "action", "action", "milestone", "escalated", "reached", "done", "done", "closed"]
check.equals("the history is what was written, in order", kinds, wanted)
again = answer("cases", "judge")
check.equals("windows are judged once", (again["windows"], again["opened"]), (0, []))

# Statements, added up by hand.
october = ["--from", "2026-10-01", "--to", "2026-11-01"]


def value(metric, where):
    """A figure of October by way of `query`."""
    (row,) = json.loads(check.run("query", metric, "--where", where, *october, "--format", "json"))
    return row[metric]


draft = check.run("statement", "brightwatt", "--period", "2026-10", "--format", "json")
statement = json.loads(draft)
amounts = {line["id"]: pounds(line["amount"]) for line in statement["lines"]}
seats = Decimal(34) * Decimal("2600.00")
held = number(value("appointments_held/held", "campaign_id = 'b2b_appointments'")["value"])
check.equals("34 seats at 2,600", amounts["price.seats"], seats)
check.equals("appointments held, by tier", amounts["price.appointments"], cents(min(held, 20) * 90 + max(held - 20, 0) * 75))
converted = value("conversion_rate/success_per_dial", "campaign_id = 'home_switch'")
share = Fraction(converted["numerator"], converted["denominator"])
pays = Decimal("-0.05") if share < Fraction("0.022") else Decimal("-0.02") if share < Fraction("0.023") else Decimal("0.01") if share >= Fraction("0.0234") else Decimal(0)
# Grace ended on 1 October, thirty days after go-live.
check.equals("bonus or penalty by the step", amounts["service_level.conversion"], seats * pays)
lost = value("outbound_abandonment_rate/live_answers", "campaign_id = 'home_switch'")
share = Fraction(lost["numerator"], lost["denominator"])
pays = Decimal("-0.05") if share > Fraction("0.05") else Decimal("-0.02") if share > Fraction("0.03") else Decimal(0)
check.equals("penalty for calls that were dropped", amounts["service_level.abandoned"], seats * pays)
clawed = number(value("clawbacks", "client_id = 'brightwatt'")["value"])
check.equals("clawbacks at 35", amounts["clawback.cancelled_sales"], -cents(clawed * 35))
check.equals("a dispute that was resolved", amounts["dispute.appointments_september"], Decimal("-90.00"))
check.equals("due is the sum of the lines", pounds(statement["due"]), sum(amounts.values()))
check.equals("nothing is left open", statement["incomplete"], [])

bank = answer("statement", "harbour_bank", "--period", "2026-10")
lines = {line["id"]: pounds(line["amount"]) for line in bank["lines"]}
collected = number(value("amount_collected/net", "client_id = 'harbour_bank'")["value"])
rate = Fraction("0.11") if collected >= 100_000 else Fraction("0.12")
check.equals("a share of all that was collected", lines["price.contingency"], cents(collected * rate))
prices = lines["price.contingency"] + lines["price.reporting"]
kept = value("kept_promise_rate", "campaign_id = 'early_arrears'")
points = (Fraction(kept["numerator"], kept["denominator"]) - Fraction("0.65")) * 100
# Whole points only, in whichever direction.
whole = abs(points) // 1 * (1 if points > 0 else -1)
part = max(min(whole * Fraction("0.005"), Fraction("0.05")), Fraction("-0.05")) * Fraction("0.6")
check.equals("a line for each point, capped and weighted", lines["service_level.kept_promises"], cents(Fraction(prices) * part))
check.equals("due is the sum of the bank's lines", pounds(bank["due"]), sum(lines.values()))

# Frozen, it is the same for ever.
freeze = ["statement", "brightwatt", "--period", "2026-10", "--freeze", "--by", "finance@aire.example"]
frozen = check.run(*freeze, "--format", "json")
check.equals("what was frozen is the draft", json.loads(frozen)["lines"], statement["lines"])
refused(*freeze, because="was frozen on")

# A late record: a sale of the campaign that was cancelled, and is clawed back in October.
deals = {}
for path in sorted((check.work / "crm").glob("deals-*.jsonl")):
    for line in path.read_text().splitlines():
        try:
            deal = json.loads(line)
        except ValueError:
            continue  # damaged on purpose
        if deal.get("modifiedAt", "") > deals.get(deal["dealId"], {}).get("modifiedAt", ""):
            deals[deal["dealId"]] = deal
sold = [
    deal
    for deal in deals.values()
    if deal["campaign"] == "home_switch" and not deal["clawedBackAt"] and deal["verifiedAt"] and deal["closedAt"][:7] == "2026-09"
]
late = {**sold[0], "cancelledAt": "2026-10-20T10:00:00Z", "clawedBackAt": "2026-10-21T10:00:00Z", "modifiedAt": "2026-11-20T08:00:00Z"}
(check.work / "crm/deals-late.jsonl").write_text(json.dumps(late) + "\n")
check.run("import")
shown = check.run("statement", "brightwatt", "--period", "2026-10", "--format", "json")
check.equals("the frozen statement is shown byte for byte", shown, frozen)
november = answer("statement", "brightwatt", "--period", "2026-11")
changed = [line for line in november["lines"] if line["id"].startswith("late.2026-10.")]
check.equals("a late record is a line of the next one", [line["amount"] for line in changed], ["-35.00 GBP"])
check.holds("which says what it changes", changed and "2026-10" in changed[0]["says"], changed)
amounts = {line["id"]: pounds(line["amount"]) for line in november["lines"]}
check.equals("an agreed exclusion takes half of a penalty off", amounts.get("relief.outage_leeds.conversion"), -amounts["service_level.conversion"] / 2)
check.equals("November adds up", pounds(november["due"]), sum(amounts.values()))
page = check.run("statement", "brightwatt", "--period", "2026-10", "--format", "html")
check.holds("the page is the same statement", "<html" in page and "2,600.00" in page or "2600.00" in page)

# Benchmarks: compared where everything matches, else the reason.
compared = answer("benchmarks", "compare", "conversion_rate/success_per_dial", "--place", "campaign_id=home_switch")
made = [one["benchmark"] for one in compared["comparisons"] if one["made"]]
check.equals("only the like is compared", made, ["home_energy_switching"])
check.holds("and each other says why not", all(one["said"] for one in compared["comparisons"] if not one["made"]))

# What others work with.
out = check.work / "out"
out.mkdir()
for what, name in (("kpi-pack", "kpis.csv"), ("balanced-scorecard", "card.xlsx"), ("strategy-map", "map.json"), ("okr", "okr.json")):
    check.run("export", what, "--out", out / name)
    check.holds(f"{what} is written", (out / name).stat().st_size > 0)
pack = (out / "kpis.csv").read_text()
check.holds("the pack has every KPI", all(name in pack for name in declared))
check.holds("objectives have their key results", len(json.loads((out / "okr.json").read_text())) > 0)
check.close()
