"""Every figure that a simulated centre allows, twice: by the program, from an import of the exports; and from the same
exports by Python's own CSV reader, time zones and SQL written by hand, in DuckDB.

The simulator's own tallies, made before it wrote a line, are compared as a third witness. The exports hold late,
corrected, doubled and damaged records, codes that no map knows, and an hour that occurs twice.
"""

import csv
import json
import sys
from datetime import datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pyarrow

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from checks import Check, exact, number, parts  # noqa: E402

LONDON = ZoneInfo("Europe/London")
check = Check()

with check.demo(days=40, calls_per_day=1000, seed=11):
    pass


# --- the exports, read a second time

def rows_of(pattern, key, delimiter=",", has_time=lambda row: True):
    """Newest revision of every row that has its number of columns and a time; and how many lack either."""
    newest, damaged, timeless = {}, 0, 0
    for file in sorted(check.work.glob(pattern)):
        with file.open(newline="", encoding="utf-8") as text:
            lines = csv.reader(text, delimiter=delimiter)
            header = next(lines)
            for line in lines:
                if len(line) != len(header):
                    damaged += 1
                    continue
                row = dict(zip(header, line))
                if not has_time(row):
                    timeless += 1
                    continue
                row["modified"] = row.pop("modified", None) or row.pop("Modified")
                had = newest.get(row[key])
                if had is None or row["modified"] > had["modified"]:
                    newest[row[key]] = row
    return list(newest.values()), damaged, timeless


def ms(text):
    """Whole milliseconds of seconds, or None for what is no length of time."""
    try:
        value = Decimal(text) * 1000
    except InvalidOperation:
        return None
    assert value == value.to_integral_value(), text
    return int(value)


def clock_ms(text):
    """Milliseconds of `h:mm:ss.mmm`."""
    if text.count(":") != 2:
        return None
    hours, minutes, seconds = text.split(":")
    return (int(hours) * 60 + int(minutes)) * 60_000 + ms(seconds)


def length(value):
    """A negative length is unknown."""
    return None if value is None or value < 0 else value


def day_of_ms(instant):
    return datetime.fromtimestamp(instant / 1000, timezone.utc).astimezone(LONDON).date().isoformat()


def table(name, rows):
    columns = {key: [row[key] for row in rows] for key in rows[0]}
    db.register(name, pyarrow.table(columns))


db = duckdb.connect()
raw, damaged_calls, timeless_calls = rows_of(
    "dialler/calls-*.csv", "call_ref", has_time=lambda row: ms(row["start_epoch"]) is not None
)
calls = []
for row in raw:
    started = ms(row["start_epoch"])
    calls.append(
        {
            "campaign_id": row["campaign"],
            "day": day_of_ms(started),
            "lead": row["lead_ref"] or None,
            "about_a_debt": row["debt_ref"] != "",
            "agent": row["user"] or None,
            "attempt": int(row["try_no"]),
            "answered": row["answer_epoch"] != "",
            "elapsed": None if row["end_epoch"] == "" else ms(row["end_epoch"]) - started,
            "talk": length(ms(row["talk_sec"])),
            "hold": length(ms(row["hold_sec"])),
            "wrap": length(ms(row["wrap_sec"])),
            "status": row["status"],
            "ended_by": row["ended_by"],
        }
    )
table("calls", calls)

def span_start(text):
    try:
        return datetime.strptime(text, "%d/%m/%Y %H:%M:%S.%f")
    except ValueError:
        return None


raw, _, _ = rows_of(
    "dialler/agent-states-*.csv", "event_id", has_time=lambda row: span_start(row["from_time"]) is not None
)
spans = [
    {
        "campaign_id": row["campaign"],
        "day": span_start(row["from_time"]).date().isoformat(),
        "state": row["state"],
        "length": clock_ms(row["duration"]),
    }
    for row in raw
]
assert all(span["length"] is not None and span["length"] >= 0 for span in spans)
table("spans", spans)

raw, _, _ = rows_of("ledger/costs-*.csv", "booking", ";")
table(
    "costs",
    [{"campaign_id": row["campaign"] or None, "day": row["booked"], "kind": row["kind"], "amount": row["amount"]} for row in raw],
)
raw, _, _ = rows_of("collections/promises-*.csv", "PromiseRef", ";")
made = [
    {
        "campaign_id": "early_arrears",
        "day": datetime.strptime(row["MadeOn"], "%d.%m.%Y %H:%M:%S").date(),
        "due": datetime.strptime(row["DueOn"], "%d.%m.%Y").date(),
        "kept": row["Kept"],
    }
    for row in raw
]
# Three days of grace, counted from the end of the day on which it fell due, to the end of the last day of the data.
ripe = max(row["day"] for row in made) - timedelta(days=3)
table("promises", [row | {"day": row["day"].isoformat(), "due": row["due"].isoformat()} for row in made])
table("due_promises", [row | {"day": row["due"].isoformat(), "ripe": row["due"] <= ripe, "due": 0} for row in made])
check.holds(
    "the exports hold damaged lines, calls without a time and an unmapped code",
    damaged_calls > 0 and timeless_calls > 0 and any(call["status"] == "NIX" for call in calls),
    f"{damaged_calls} damaged, {timeless_calls} without a time",
)


# --- the same figures by hand

def count(where):
    return f"(SELECT {{keys}}, count(*) AS value FROM calls WHERE {where} GROUP BY ALL)"


def total(what, source, where="true"):
    return f"(SELECT {{keys}}, sum({what}) AS value FROM {source} WHERE {where} GROUP BY ALL)"


conversation = "status IN ('SALE', 'APPT', 'PTP', 'NI', 'CB', 'DNC', 'WRONG')"
success = "status IN ('SALE', 'APPT', 'PTP')"
talked = "agent IS NOT NULL AND talk > 0"
dials, contacts, successes = count("true"), count(conversation), count(success)
right_party = count(f"{conversation} AND status <> 'WRONG'")
sales = count("status = 'SALE'")
leads = total("1", "(SELECT DISTINCT {keys}, lead FROM calls WHERE lead IS NOT NULL)")
live = count(f"{conversation} OR status IN ('DROP', 'PDROP')")
hung_up = count("status = 'PDROP'")
first_successes = count(f"{success} AND attempt = 1")
logged = total("length", "spans")
handling = total("length", "spans", "state IN ('INCALL', 'HOLD', 'DISPO')")

wanted = {
    "dials": (dials, None),
    "contacts": (contacts, None),
    "sales": (sales, None),
    "asr": (count("answered"), dials),
    "aht/handle": (
        total("talk + hold + wrap", "calls", talked),
        count(f"{talked} AND hold IS NOT NULL AND wrap IS NOT NULL"),
    ),
    "aht/talk": (total("talk", "calls", talked), count(talked)),
    "aht/customer_elapsed": (total("elapsed", "calls", talked), count(f"{talked} AND elapsed IS NOT NULL")),
    "attempts_per_lead": (dials, leads),
    "call_to_sale": (dials, sales),
    "calls_per_agent/per_agent_day": (
        count("agent IS NOT NULL"),
        total("1", "(SELECT DISTINCT {keys}, agent, day AS on_day FROM calls WHERE agent IS NOT NULL)"),
    ),
    "calls_per_agent/per_logged_hour": (dials, logged),
    "connection_rate/person": (contacts, dials),
    "connection_rate/live_answer": (live, dials),
    "connection_rate/right_party": (right_party, dials),
    "contacts_per_logged_hour": (contacts, logged),
    "conversion_rate/success_per_dial": (successes, dials),
    "conversion_rate/success_per_contact": (successes, contacts),
    "conversion_rate/success_per_lead": (successes, leads),
    "conversion_rate/sales_per_dial": (sales, dials),
    "conversion_rate/sales_per_contact": (sales, contacts),
    "dials_per_logged_hour": (dials, logged),
    "drop_rate/all_causes": (count("status = 'DROP' OR (ended_by = 'NETWORK' AND answered)"), dials),
    "drop_rate/no_agent_free": (count("status = 'DROP'"), dials),
    "drop_rate/no_agent_free_of_live": (count("status = 'DROP'"), live),
    "fcc/per_dial": (first_successes, dials),
    "fcc/per_first_attempt": (first_successes, count("attempt = 1")),
    "fcc/of_successes": (first_successes, successes),
    "kept_promise_rate/decided": (
        total("1", "promises", "kept = 'kept'"),
        total("1", "promises", "kept IN ('kept', 'broken')"),
    ),
    "kept_promise_rate/due": (
        total("1", "due_promises", "ripe AND kept = 'kept'"),
        total("1", "due_promises", "ripe AND kept IN ('kept', 'broken')"),
    ),
    "occupancy/working_time": (handling, logged),
    "occupancy/available_time": (
        handling,
        total("length", "spans", "state IN ('INCALL', 'HOLD', 'DISPO', 'READY', 'DIAL', 'PREVIEW')"),
    ),
    "outbound_abandonment_rate/all_calls": (hung_up, dials),
    "outbound_abandonment_rate/live_answers": (count("status IN ('DROP', 'PDROP')"), live),
    "promise_rate": (
        count("status = 'PTP' AND about_a_debt"),
        count(f"{conversation} AND status <> 'WRONG' AND about_a_debt"),
    ),
    "sales_per_logged_hour": (sales, logged),
}


def by_hand(recipe, columns):
    """Values by key: none where the table has no such key, zero where it has one and nothing matches."""
    if recipe is None:
        return {}
    keys = ", ".join(columns) or "1"
    source = next(name for name in ("calls", "spans", "costs", "promises", "due_promises") if f"FROM {name} " in recipe or f"FROM {name})" in recipe)
    found = {tuple(row[: len(columns)]): number(row[-1]) for row in db.execute(recipe.format(keys=keys)).fetchall()}
    if source == "costs":
        return found
    # Only what is ripe makes a place where none of them matches.
    place = "due_promises WHERE ripe" if source == "due_promises" else source
    there = db.execute(f"SELECT DISTINCT {keys} FROM {place}").fetchall()
    return {tuple(row[: len(columns)]): 0 for row in there} | found


wanted["cpa"] = (total("amount::DECIMAL(18, 4)", "costs", "kind = 'campaign'"), sales)
wanted["cost_per_call"] = (total("amount::DECIMAL(18, 4)", "costs", "kind = 'operating'"), dials)
for columns in ((), ("campaign_id",), ("day",), ("campaign_id", "day")):
    answer = check.query(list(wanted), columns)
    for metric, (numerator, denominator) in wanted.items():
        computed = parts(answer, metric)
        tops, bottoms = by_hand(numerator, columns), by_hand(denominator, columns)
        expected = {key: [tops.get(key), bottoms.get(key)] for key in set(tops) | set(bottoms) | set(computed)}
        check.same(f"{metric} by {', '.join(columns) or 'nothing'}", computed, expected)
computable = {
    f"{row['metric']}/{row['variant']}"
    for row in json.loads(check.run("check", "--format", "json"))["metrics"]
    if row["computable"]
}
default = {metric["id"]: metric["default"] for metric in json.loads(check.run("metrics", "list", "--format", "json"))}
named = {name if "/" in name else f"{name}/{default[name]}" for name in wanted}
# Every definition of the catalogue has SQL by hand in tests/catalogue; here are those that a centre looks at first.
check.holds("what was computed by hand is what the exports allow", named <= computable, named - computable)


# --- what the simulator counted before it wrote anything

truth = json.loads((check.work / "truth.json").read_text())
counted = {
    "dials": "dials",
    "contacts": "contacts",
    "conversion_rate/success_per_dial": "successes",
    "asr": "answers",
    "connection_rate/live_answer": "live_answers",
    "connection_rate/right_party": "right_party_contacts",
    "drop_rate/no_agent_free": "drops",
    "fcc/per_dial": "first_attempt_successes",
}
answer = check.query(list(counted), ("day", "campaign_id", "list_id", "lead_source"))
for metric, tally in counted.items():
    check.same(
        f"{metric} against the simulator's tally",
        {key: row[metric]["numerator"] for key, row in answer.items()},
        {(row["day"], row["campaign"], row["list"], row["lead_source"]): row[tally] for row in truth["tallies"]["calls"]},
    )
answer = check.query(["dials"], ("day", "caller_id"), where="campaign_id = 'home_switch'")
check.same(
    "dials by caller ID against the simulator's tally",
    {key: row["dials"]["numerator"] for key, row in answer.items()},
    {(row["day"], row["caller_id"]): row["dials"] for row in truth["tallies"]["callers"]},
)
check.close()
