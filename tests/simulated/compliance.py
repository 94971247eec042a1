"""How calls stand against calling rules, twice: by the program, from an import of the exports; and from the same exports by
Python's own CSV reader and time zones, number by number. What was planted stands in `truth.json`.

A second project, with a few calls that a person can count, goes across a change of clocks in five zones.
"""

import csv
import json
import shutil
import sys
from collections import defaultdict
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from checks import Check, number  # noqa: E402

LONDON = ZoneInfo("Europe/London")
LIMIT = Fraction(3, 100)
check = Check()
with check.demo(days=90, calls_per_day=2000, seed=7):
    pass
truth = json.loads((check.work / "truth.json").read_text())
NOW = datetime.fromisoformat(truth["plan"]["now"])
END = date.fromisoformat(truth["plan"]["end"])

# Rules that the demo does not declare: every kind is tried on its records.
(check.work / "rules" / "more.toml").write_text(
    "".join(
        f'[rule.{name}]\nin = "gb"\nsays = "S."\nsource = "the check"\nconfidence = "low"\nforce = "guidance"\n{asks}\n'
        for name, asks in {
            "a_day": 'kind = "attempts"\nto = "number"\nat_most = 1\nwithin_days = 1',
            "a_day_and_night": 'kind = "attempts"\nto = "number"\nat_most = 1\nwithin_hours = 24',
            "rest": 'kind = "rest"\nto = "debt"\ndays = 7',
            "hours": 'kind = "hours"\nopens = "10:00"\ncloses = "18:30"',
            "soon": 'kind = "no_redial"\nhours = 200',
            "register": 'kind = "not_listed"\nregistry = "elsewhere"\nfresh_days = 28',
            "consented": 'kind = "consent"\nasks = "given"',
        }.items()
    )
)


def compliance(*arguments):
    """The ledger, with its rules by name."""
    found = json.loads(check.run("compliance", "--format", "json", *arguments))
    found["rules"] = {rule["rule"]: rule for rule in found["rules"]}
    return found


# --- the calls, read a second time


def seconds(text):
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


newest = {}
for file in sorted(check.work.glob("dialler/calls-*.csv")):
    with file.open(newline="", encoding="utf-8") as text:
        lines = csv.reader(text)
        header = next(lines)
        for line in lines:
            row = dict(zip(header, line))
            if len(line) != len(header) or seconds(row["start_epoch"]) is None:
                continue
            had = newest.get(row["call_ref"])
            if had is None or row["modified"] > had["modified"]:
                newest[row["call_ref"]] = row
SPOKEN = {"SALE", "APPT", "PTP", "NI", "CB", "DNC", "WRONG"}
calls = []
for row in newest.values():
    at = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(milliseconds=int(seconds(row["start_epoch"]) * 1000))
    status = row["status"]
    calls.append(
        {
            "id": row["call_ref"],
            "at": at,
            "there": at.astimezone(LONDON),
            "campaign": row["campaign"],
            "phone": row["phone"],
            "debt": row["debt_ref"],
            "live": status in SPOKEN | {"DROP", "PDROP"},
            "dropped": status == "DROP",
            "lost": status in ("DROP", "PDROP"),
            "reached": status in SPOKEN - {"WRONG"},
            "by_hand": row["method"] in ("MANUAL_PREVIEW", "RATIO_1"),
        }
    )
calls.sort(key=lambda call: (call["at"], call["id"]))
last = max(call["at"] for call in calls)


def of_each(key):
    groups = defaultdict(list)
    for call in calls:
        if call[key]:
            groups[call[key]].append(call)
    return groups.values()


def ids(rule):
    """Violations of a rule as far as they are named, all of which they must be here."""
    check.equals(f"{rule['rule']}: as many are named as are counted", len(rule["calls"]), rule["violations"])
    return {call["source_id"] for call in rule["calls"]}


def same_calls(rule, wanted):
    """Violations of a rule against calls by hand: as many, and those that are named are the latest of them."""
    name = rule["rule"]
    by_hand = {call["id"]: call["at"] for call in wanted}
    check.equals(f"{name}: as many calls as by hand", rule["violations"], len(by_hand))
    named = {call["source_id"] for call in rule["calls"]}
    strange = sorted(named - by_hand.keys())
    check.holds(f"{name}: those that are named are among them", not strange, strange[:5])
    since = min((by_hand[call] for call in named & by_hand.keys()), default=None)
    later = sorted(call for call, at in by_hand.items() if (since is None or at > since) and call not in named)
    check.holds(f"{name}: and none of the latest is missing", not later, later[:5])


def as_of(day, time="23:59:59.999999"):
    return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=LONDON)


# --- scene two: shares of dropped calls and what is left of the limit
scene = truth["causes"]["outage_and_abandonment"]
month = scene["thirty_days"]
found = compliance("--at", month["until"], "--rule", "consumer_dropped")
(share,) = found["rules"]["consumer_dropped"]["shares"]
planted = month["drops_per_live_answer"]
check.equals(
    "thirty days up to the last whole one are as they were planted",
    (share["now"]["from"], share["now"]["abandoned"], share["now"]["base"]),
    (month["from"], planted["numerator"], planted["denominator"]),
)
left = int(planted["denominator"] * LIMIT) - planted["numerator"]
check.equals("what is left is what three per cent allow, less what was dropped", share["left"], left)
check.equals("a day that is over brings no more", (share["expected"], share["left_today"]), (0, left))

home = [call for call in calls if call["campaign"] == "home_switch"]
by_day = defaultdict(lambda: [0, 0])
for call in home:
    by_day[call["there"].date()][0] += call["dropped"]
    by_day[call["there"].date()][1] += call["live"]
first_day = min(by_day)


def total(start, end):
    days = [by_day[start + timedelta(days=n)] for n in range((end - start).days) if start + timedelta(days=n) in by_day]
    return sum(lost for lost, _ in days), sum(base for _, base in days)


def over(windows):
    return [
        [start.isoformat(), end.isoformat(), *total(start, end)]
        for start, end in windows
        if total(start, end)[0] > LIMIT * total(start, end)[1]
    ]


def told(windows):
    return [[one["from"], one["until"], one["abandoned"], one["base"]] for one in windows]


everything = compliance("--since", truth["plan"]["first_day"])
days = [first_day + timedelta(days=n) for n in range((END - first_day).days + 1)]
rolling = [(day - timedelta(days=29), day + timedelta(days=1)) for day in days]
(share,) = everything["rules"]["consumer_dropped"]["shares"]
check.equals("rolling windows over the limit, day by day", told(share["over"]), over(rolling))
starts = [first_day + timedelta(days=30 * n) for n in range((END - first_day).days // 30 + 1)]
successive = [(start, start + timedelta(days=30)) for start in starts]
(following,) = everything["rules"]["consumer_dropped_successive"]["shares"]
check.equals("successive windows over the limit", told(following["over"]), over(successive))
check.equals("the present period is numbered from the campaign's first day", following["now"]["period"], len(starts))
check.equals("and holds its calls", told([following["now"]]), [[starts[-1].isoformat(), (starts[-1] + timedelta(days=30)).isoformat(), *total(*successive[-1])]])

# What the rest of the day is to bring, at its volume so far.
before = whole = 0
for week in range(1, 5):
    day = END - timedelta(days=7 * week)
    until = (last.astimezone(LONDON).replace(tzinfo=None) - timedelta(days=7 * week)).replace(tzinfo=LONDON)
    that = [call for call in home if call["live"] and call["there"].date() == day]
    whole += len(that)
    before += sum(call["at"] <= until for call in that)
today = by_day[END]
expected = today[1] * (whole - before) // before
check.equals("the day so far", [share["today"]["abandoned"], share["today"]["base"]], today)
check.equals("the rest of the day at its volume", share["expected"], expected)
lost, base = total(END - timedelta(days=29), END + timedelta(days=1))
check.equals("what is left now and for the day", (share["left"], share["left_today"]), (int(base * LIMIT) - lost, int((base + expected) * LIMIT) - lost))
check.holds("there is something to expect and something left", expected > 0 and base > 0)
opened = share["now"]["opens"]
count = check.query(["drop_rate/no_agent_free_of_live"], where=opened["where"], from_=opened["from"], to=opened["to"])[()]
check.equals("the calls of a window are those that it counts", number(count["drop_rate/no_agent_free_of_live"]["numerator"]), lost)

# The rate of the United Kingdom looks at days, has no limit, and says what its estimate rests on.
worst = {one["campaign_id"]: one["worst"] for one in everything["rules"]["gb_abandoned_calls"]["shares"]}
check.equals("the worst day is that of the outage", worst["home_switch"]["from"], scene["day"])
for one in everything["rules"]["gb_abandoned_calls"]["shares"]:
    check.holds(f"{one['campaign_id']}: no limit, no budget", one["left"] is None and one["over"] == [])
    estimate = one["estimate"]
    share_of = Fraction(estimate["machines"], estimate["put_through"])
    low, high = estimate["interval"]["low"], estimate["interval"]["high"]
    check.holds(f"{one['campaign_id']}: the estimate lies in its interval", low <= share_of <= high and low < high)

# --- scene four: an eighth call in seven days
planted = set(truth["causes"]["promises"]["eighth_calls"]["accounts"])
expected = set()
for group in of_each("debt"):
    group = [call for call in group if call["campaign"] == "early_arrears"]
    for at, call in enumerate(group):
        day = call["there"].date()
        within = [other for other in group[: at + 1] if (day - other["there"].date()).days < 7]
        if len(within) > 7:
            expected.add((call["id"], call["debt"], len(within)))
rule = everything["rules"]["arrears_attempts"]
named = {(call["source_id"], call["whom"], call["count"]) for call in rule["calls"]}
check.equals("calls too many about one account", named, expected)
check.holds("they are about the accounts that stand on two lists", {whom for _, whom, _ in named} <= planted and named, named)
for call in rule["calls"]:
    opened = call["opens"]
    dials = check.query(["dials"], where=opened["where"], from_=opened["from"], to=opened["to"])[()]["dials"]["value"]
    check.equals(f"{call['whom']}: the violation opens the calls that make it one", dials, call["count"])

# --- number by number, from thirty days before
found = compliance()
since = as_of(found["since"], "00:00:00")


def late(call):
    return call["at"] >= since


a_day, a_night, soon, rest = [], [], [], []
for group in of_each("phone"):
    for at, call in enumerate(group):
        earlier = group[:at]
        if late(call):
            if any(other["there"].date() == call["there"].date() for other in earlier):
                a_day.append(call)
            if any(call["at"] - other["at"] < timedelta(hours=24) for other in earlier):
                a_night.append(call)
            lost = [other for other in earlier if other["lost"]]
            if not call["by_hand"] and lost and call["at"] - lost[-1]["at"] < timedelta(hours=200):
                soon.append(call)
for group in of_each("debt"):
    for at, call in enumerate(group):
        spoken = [other for other in group[:at] if other["reached"]]
        if late(call) and spoken and (call["there"].date() - spoken[-1]["there"].date()).days < 7:
            rest.append(call)
outside = [
    call for call in calls if late(call) and not "10:00:00" <= call["there"].strftime("%H:%M:%S") < "18:30:00"
]
rules = found["rules"]
for name, wanted in {"a_day": a_day, "a_day_and_night": a_night, "soon": soon, "rest": rest, "hours": outside}.items():
    same_calls(rules[name], wanted)
    check.holds(f"{name}: there is something to find", wanted)
check.holds("clocks change in these thirty days", since.utcoffset() != as_of(END).utcoffset())
check.equals("hours: every call was judged", rules["hours"]["judged"], sum(map(late, calls)))

# Who asked not to be called.
asked = defaultdict(list)
entries = {}
for file in sorted(check.work.glob("compliance/dnc-*.csv")):
    with file.open(newline="", encoding="utf-8") as text:
        lines = csv.reader(text)
        header = next(lines)
        for line in lines:
            row = dict(zip(header, line))
            try:
                row["taken"] = datetime.fromisoformat(row["taken"])
            except (KeyError, ValueError):
                continue
            had = entries.get(row["entry"])
            if len(line) == len(header) and (had is None or row["modified"] > had["modified"]):
                entries[row["entry"]] = row
for row in entries.values():
    if row["register"] == "internal":
        asked[row["phone"]].append(row["taken"])
same_calls(rules["own_list"], [call for call in calls if late(call) and any(call["at"] > at for at in asked[call["phone"]])])

# What nobody shows is no zero.
for name, word in {"register": "elsewhere", "gb_register": "gb_tps", "consented": "consent_events", "revoked_consent": "consent_events"}.items():
    says = " ".join(one["says"] for one in rules[name]["unjudged"])
    check.holds(f"{name} cannot be judged, and says why", word in says and rules[name]["judged"] == 0, says)


# --- a few calls that a person can count, across a change of clocks

shutil.rmtree(check.work)
(check.work / "sources").mkdir(parents=True)
(check.work / "rules").mkdir()
(check.work / "export").mkdir()
(check.work / "dialmark.toml").write_text('[centre]\nname = "Clocks"\nzone = "America/New_York"\n[store]\nfolder = "lake"\n')
(check.work / "dispositions").mkdir()
(check.work / "dispositions" / "d.toml").write_text('[disposition]\nNI = { means = "not_interested" }\nNA = { means = "no_answer" }\nDROP = { means = "dropped" }\n')
COLUMNS = {
    "whole": 'started_at = "at"\ncalled_number = "phone"\ncalled_zone = "zone"\ncalled_region = "region"\ncampaign_id = "campaign"\ndisposition = "result"\nanswered_at = "answered"\nconnected_at = "connected"\n',
    "bare": 'started_at = "at"\ndisposition = "result"\n',
}
(check.work / "sources" / "s.toml").write_text(
    "".join(
        f'[source.{name}]\ntable = "calls"\nfiles = ["export/{name}.csv"]\nid = "id"\n[source.{name}.columns]\ndirection = {{ const = "outbound" }}\n{columns}'
        for name, columns in COLUMNS.items()
    )
    + '[source.consents]\ntable = "consent_events"\nfiles = ["export/consents.csv"]\nid = "id"\n[source.consents.columns]\nnumber = "phone"\naction = "action"\nscope = "scope"\noccurred_at = "at"\nexpires_at = "until"\n'
    + '[source.dnc]\ntable = "dnc_events"\nfiles = ["export/dnc.csv"]\nid = "id"\n[source.dnc.columns]\nnumber = "phone"\nregistry = "registry"\naction = "action"\noccurred_at = "at"\n'
)


def write(name, header, rows):
    with (check.work / "export" / f"{name}.csv").open("w", newline="") as out:
        csv.writer(out).writerows([header, *rows])


ZONES = {"NY": "America/New_York", "LA": "America/Los_Angeles", "PHX": "America/Phoenix", "HNL": "Pacific/Honolulu", "LON": "Europe/London"}
planned, outside = [], set()
# Clocks go back in the United States on 1 November 2026 and in London on 25 October; in Phoenix and Honolulu never.
for day in ("2026-10-24", "2026-10-25", "2026-10-31", "2026-11-01", "2026-11-02"):
    for place, zone in ZONES.items():
        for wall in ("07:59:59", "08:00:00", "12:00:00", "20:59:59", "21:00:00", "01:30:00"):
            name = f"{day}-{place}-{wall}"
            local = datetime.fromisoformat(f"{day}T{wall}").replace(tzinfo=ZoneInfo(zone))
            planned.append([name, local.astimezone(timezone.utc).isoformat(), f"+1646555{len(planned):04}", zone, "NY", "home", "NA", "", ""])
            if not "08:00:00" <= wall < "21:00:00":
                outside.add(name)
NOON = datetime(2026, 11, 3, 17, tzinfo=timezone.utc)


def called(name, minutes, phone, region="", result="NA", zone="America/New_York", campaign="home", wait=None):
    at = NOON + timedelta(minutes=minutes)
    answered = "" if wait is None else (at + timedelta(seconds=9)).isoformat()
    connected = "" if wait is None or wait < 0 else (at + timedelta(seconds=9 + wait)).isoformat()
    planned.append([name, at.isoformat(), phone, zone, region, campaign, result, answered, connected])
    if zone == "America/New_York" and not 8 <= at.astimezone(ZoneInfo(zone)).hour < 21:
        outside.add(name)


# Four calls within a day and a night: the fourth is one too many in Florida and nothing in New York.
for nth in range(5):
    called(f"fl-{nth}", nth * 300, "+13055550001", "FL")
    called(f"ny-{nth}", nth * 300, "+12125550001", "NY")
# The fourth is 15 hours after the first, the fifth 20.
wanted_florida = {"fl-3", "fl-4"}
called("mars", 1, "+12125550002", zone="Mars/Phobos")
called("nowhere", 2, "+12125550003", zone="")
# Two seconds from the answer: one in time, one exactly in time, one late, one dropped, one of which nobody knows.
for name, wait, result in (("in-time", 1, "NI"), ("just", 2, "NI"), ("late", 3, "NI"), ("dropped", -1, "DROP"), ("unknown", None, "NI")):
    called(name, 60, f"+1212556{len(planned):04}", campaign="sales", wait=wait, result=result)
# Consent: given and lapsed, given for another campaign, taken back, given again.
called("lapsed", 10, "+12125550010")
called("revoked", 10, "+12125550011")
called("again", 10, "+12125550012")
called("never", 10, "+12125550013")
called("other", 10, "+12125550014")
called("asked", 10, "+12125550015")
called("removed", 10, "+12125550016")
write("whole", ["id", "at", "phone", "zone", "region", "campaign", "result", "answered", "connected"], planned)
write("bare", ["id", "at", "result"], [[f"b{n}", NOON.isoformat(), "NA"] for n in range(3)])
EARLY = "2026-10-01T12:00:00Z"
write(
    "consents",
    ["id", "phone", "action", "scope", "at", "until"],
    [
        [1, "+12125550010", "given", "", EARLY, "2026-11-01T00:00:00Z"],
        [2, "+12125550011", "given", "", EARLY, ""],
        [3, "+12125550011", "revoked", "", "2026-10-02T12:00:00Z", ""],
        [4, "+12125550012", "revoked", "", EARLY, ""],
        [5, "+12125550012", "given", "", "2026-10-02T12:00:00Z", ""],
        [6, "+12125550014", "given", "elsewhere", EARLY, ""],
    ],
)
write(
    "dnc",
    ["id", "phone", "registry", "action", "at"],
    [
        [1, "+12125550015", "internal", "added", EARLY],
        [2, "+12125550016", "internal", "added", EARLY],
        [3, "+12125550016", "internal", "removed", "2026-10-02T12:00:00Z"],
        [4, "+12125550015", "us_dnc", "added", "2026-09-01T12:00:00Z"],
    ],
)
check.run("import")
undeclared = compliance("--at", "2026-11-04")
check.equals("without a jurisdiction only what holds everywhere is judged", sorted(undeclared["rules"]), ["own_list", "revoked_consent"])
check.holds("and what to write is said", any('jurisdictions = ["gb"]' in note for note in undeclared["notes"]))
(check.work / "rules" / "calling.toml").write_text(
    '[calling]\njurisdictions = ["us"]\n[rule.consented]\nin = "us"\nsays = "S."\nsource = "the check"\nconfidence = "low"\nforce = "law"\ncampaigns = ["home"]\nkind = "consent"\nasks = "given"\n'
)
found = compliance("--at", "2026-11-04")
rules = found["rules"]
check.equals("hours of the called place, at their edges and across two changes of clocks", ids(rules["us_calling_hours"]), outside)
said = " ".join(one["says"] for one in rules["us_calling_hours"]["unjudged"])
for words in ("`bare`: cannot be judged: none of its 3 calls says in which zone", "`whole`: 1 of", "Mars/Phobos"):
    check.holds(f"hours: it is said that {words}", words in said, said)
check.equals("three calls a day and a night in Florida", ids(rules["us_fl_attempts"]), wanted_florida)
check.equals("and none of Oklahoma", rules["us_ok_attempts"]["violations"], 0)
check.holds("whose calls do not say it is said", "called_region" in json.dumps(rules["us_ok_attempts"]["unjudged"]))
shares = {one["campaign_id"]: one for one in rules["us_abandoned_calls"]["shares"]}
check.equals(
    "two seconds from the answer: exactly two is in time, a late agent counts, and what nobody knows is in neither",
    (shares["sales"]["now"]["abandoned"], shares["sales"]["now"]["base"]),
    (2, 4),
)
said = " ".join(one["says"] for one in rules["us_abandoned_calls"]["unjudged"])
check.holds("and that one is left out is said", "`whole`: 1 of 5 calls that a person answered are not judged" in said, said)
check.holds("the clock is stated", "from the answer" in rules["us_abandoned_calls"]["asks"]["clock"])
check.equals("consent that was taken back", ids(rules["revoked_consent"]), {"revoked"})
home = {row[0] for row in planned if row[5] == "home"}
given = {"again"}
check.equals("calls without consent", {call["source_id"] for call in rules["consented"]["calls"]}, {name for name in home if name not in given and datetime.fromisoformat(next(row[1] for row in planned if row[0] == name)) >= as_of(found["since"], "00:00:00").astimezone(timezone.utc)})
check.equals("who asked not to be called, and was not taken off again", ids(rules["own_list"]), {"asked"})
check.equals("who stands on the register", ids(rules["us_register"]), {"asked"})
check.holds("a register that is too old is said to be", "64 days old" in json.dumps(rules["us_register"]["unjudged"]), rules["us_register"]["unjudged"])
check.holds("calls without a number are said to be", "`bare`" in json.dumps(rules["own_list"]["unjudged"]))
(check.work / "rules" / "calling.toml").write_text('[calling]\njurisdictions = ["uk"]\n')
check.holds("a jurisdiction that nobody knows is named with its line", "rules/calling.toml:2: calling.jurisdictions: no rule holds in `uk`" in check.tried("check"))
check.close()
