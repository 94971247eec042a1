"""Today of a simulated centre: the planted scenes are on it, the page and JSON say the same, and its figures are those of single
questions, divided a second time here.
"""

import json
import re
import sys
import urllib.error
import urllib.parse
import urllib.request
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from checks import Check, number  # noqa: E402

check = Check()
HOUR = 3_600_000


def fetched(address, path, tries=5):
    """A page; where a busy machine was not ready in time, what it went on computing is there when it is asked again."""
    try:
        with urllib.request.urlopen(address + path, timeout=300) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        if error.code != 504 or tries == 0:
            raise
        return fetched(address, path, tries - 1)


def plain(html):
    """Words of a page, white space made even."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html))


PLAN = {"days": 90, "calls_per_day": 2000, "seed": 7}
with check.demo(**PLAN):
    pass
truth = json.loads((check.work / "truth.json").read_text())
plan, causes = truth["plan"], truth["causes"]
NOW = plan["now"]
said = json.loads(check.run("today", "--at", NOW, "--format", "json"))
check.equals("it is told as of the moment that was named", (said["at"], said["day"], said["zone"]), (NOW, plan["end"], plan["zone"]))
yesterday = date.fromisoformat(said["yesterday"])
check.equals("yesterday is the last day with calls", yesterday, date.fromisoformat(plan["end"]) - timedelta(days=1))

# Yesterday's conversion and the same weekdays before, from the tallies of the records as they were made.
home = causes["list_not_team"]["campaign"]
figures = {one["kpi"]: one for one in said["yesterday_kpis"]}
conversion = figures["consumer_conversion"]
rows = [one for one in truth["tallies"]["calls"] if one["campaign"] == home]


def share(days):
    of_days = [one for one in rows if one["day"] in {day.isoformat() for day in days}]
    return Fraction(sum(one["successes"] for one in of_days), sum(one["dials"] for one in of_days))


like = [yesterday - timedelta(days=7 * weeks) for weeks in range(1, 5)]
near = lambda text, wanted: abs(Fraction(text) - wanted) < Fraction(1, 10**15)  # noqa: E731
check.holds("yesterday's conversion is that of its tallies", near(conversion["value"], share([yesterday])), conversion["value"])
check.holds("like days are sums, then divided", near(conversion["like"]["value"], share(like)), (conversion["like"], float(share(like))))
check.equals("it says what they are", conversion["like"]["of"], f"4 {yesterday:%A}s before")
check.equals("and it was missed", conversion["status"], "missed")

# The first scene: the list; the fifth: the caller ID. Both are named, and both open their calls.
looked = {one["kpi"]: one for one in said["moved"]["looked"]}["consumer_conversion"]
weighs = [(one["by"], one["is"]) for one in looked["weighs"]]
scene = causes["list_not_team"]
check.holds("the old list is what keeps conversion from its target", weighs[0] in (("list_id", scene["list"]), ("lead_source", "cold")), weighs)
named = [(one["by"], one["is"], one["total"]) for one in said["moved"]["causes"]]
changed = looked["why"]["by"]
ids = causes["caller_id"]["caller_id"]
check.holds(
    "the cause of the fall is the caller ID or what became of the lists, never a team",
    named and changed != ["team_id"] and (any(ids in one for _, one, _ in named) or set(changed) <= {"list_id", "lead_source", "caller_id"}),
    named,
)
check.holds("at most three causes are named", len(said["moved"]["causes"]) <= 3, named)
same = json.loads(
    check.run(
        *("why", conversion["metric"], "--from", looked["why"]["now"]["from"], "--to", looked["why"]["now"]["to"]),
        *("--against", "weekdays", "--where", f"campaign_id = '{home}'", "--by", ",".join(changed), "--format", "json"),
    )
)
check.equals("the change is the one of `dialmark why`", (same["change"], same["segments"]), (looked["why"]["change"], looked["why"]["segments"]))

# The second: abandonment is missed, and the site's outage is a gap.
check.equals("abandonment is missed", figures["abandonment"]["status"], "missed")
scene = causes["outage_and_abandonment"]
gaps = [(one["site_id"], one["from"][:10]) for one in said["gaps"]["sites"]]
check.holds("the outage is a gap of the site", (scene["site"], scene["day"]) in gaps, gaps)
check.holds("no other site was quiet", all(one == (scene["site"], scene["day"]) for one in gaps), gaps)

# Callbacks, as single questions count them.
callbacks = said["callbacks"]["rows"]
day_end = (date.fromisoformat(plan["end"]) + timedelta(days=1)).isoformat()
due = check.query(["callbacks_due"], ("campaign_id",), from_=NOW, to=day_end)
wanted = {key[0]: int(row["callbacks_due"]["value"]) for key, row in due.items() if number(row["callbacks_due"]["value"])}
check.equals("callbacks due are those of the question", {one["campaign_id"]: one["due"] for one in callbacks if one["due"]}, wanted)
check.holds("some are due and some overdue", sum(one["due"] for one in callbacks) > 0 and sum(one["overdue"] for one in callbacks) > 0, callbacks)

# The pace, divided again.
aims = {one["kpi"]: one for one in said["pace"]["aims"]}
check.equals("hours left are planned ones", said["pace"]["hours_left"], {"from": "plan"})
(sales,) = [row for row in aims["consumer_sales"]["rows"] if not row["is_part"]]
made = check.query(["sales"], (), from_=plan["end"], to=NOW, where=f"campaign_id = '{home}'")[()]["sales"]
check.equals("sales so far", number(sales["made"]), number(made["value"]))
left, target = number(sales["left_ms"]), number(aims["consumer_sales"]["target"]["in_the_day"])
needed = (target - number(sales["made"])) * HOUR / left
check.holds("needed an hour", abs(number(sales["needed"]["an_hour"]) - needed) < Fraction(1, 10**12), (sales["needed"], float(needed)))
for name in ("made", "logged_ms", "left_ms"):
    teams = sum(number(row[name]) for row in aims["consumer_sales"]["rows"] if row["is_part"])
    check.equals(f"{name} of teams adds up to the campaign", teams, number(sales[name]))
for row in aims["contacts_per_hour"]["rows"]:
    hours = number(row["logged_ms"]) / HOUR, number(row["left_ms"]) / HOUR
    goal = number(aims["contacts_per_hour"]["target"]["an_hour"]) * sum(hours)
    check.holds(f"{row['place']}: the goal of the day is the target of an hour times its hours", abs(number(row["goal"]) - goal) < Fraction(1, 10**12))

# Lists: leads left over first calls a day.
for row in said["lists"]["rows"]:
    if row["days_left"]:
        days = number(row["uncalled_leads"]) / number(row["new_leads_per_day"])
        check.holds(f"{row['list_id']}: days left", abs(number(row["days_left"]) - days) < Fraction(1, 10**9), (row["days_left"], float(days)))
invalid = {row["list_id"]: number(row["invalid_number_rate"]) for row in said["lists"]["rows"] if isinstance(row["invalid_number_rate"], str)}
check.equals("the list with the most dead numbers is the old one", max(invalid, key=invalid.get), causes["list_not_team"]["list"])

# The page, JSON over HTTP and the command say the same; every record that is named opens.
def links(value):
    if isinstance(value, dict):
        for key, one in value.items():
            if key.endswith("records") and isinstance(one, str):
                yield one
            yield from links(one)
    elif isinstance(value, list):
        for one in value:
            yield from links(one)


with check.demo(again=True, **PLAN) as address:
    at = f"?at={urllib.parse.quote(NOW)}"
    served = json.loads(fetched(address, f"/api/v1/today{at}"))
    for one in (said, served):
        one.pop("asked_at")
        # Cases are opened when windows are judged, which the program does while it serves.
        one.pop("cases")
    check.equals("what is served is what the command says", served, said)
    page = plain(fetched(address, f"/today{at}"))
    for sentence in said["lead"]:
        for figure in sentence["figures"]:
            check.holds(f"the page says {figure['figure']}", figure["figure"].replace("\u00a0", " ") in page.replace("\u00a0", " "), page[:600])
    shown = f"{float(100 * Fraction(conversion['value'])):.2f}"
    check.holds(f"the card of conversion says {shown} %", shown in page, page[:900])
    check.holds("the gap is told on the page", f"Site {scene['site']} was logged in for" in page, page[-3000:])
    overdue = [one for one in callbacks if one["overdue"]][0]
    listed = plain(fetched(address, overdue["overdue_records"]))
    check.holds("overdue callbacks open as many records", f"{overdue['overdue']} record" in listed.replace("\u202f", "").replace("\u00a0", " "), listed[:400])
    opened = sorted(set(links(said)))
    broken = []
    for path in opened[:60]:
        try:
            fetched(address, path)
        except OSError as error:
            broken.append((path, error))
    check.holds(f"{len(opened[:60])} of {len(opened)} pages of records open", not broken, broken[:5])

# Before the first record there is nothing, and a sentence says so; one campaign alone has its own.
check.holds("before the first record there is no today", "No call is on record" in check.tried("today", "--at", "2020-01-01"), "")
alone = json.loads(check.run("today", "--at", NOW, "--campaign", "early_arrears", "--format", "json"))
check.equals("of one campaign only its own callbacks", {one["campaign_id"] for one in alone["callbacks"]["rows"]} <= {"early_arrears"}, True)
check.close()
