"""Random records for every canonical table, twice: as files of a project that the program imports, and as tables of
DuckDB with the same names, columns and rows.

Records share leads, customers, accounts, calls and agents, so that one follows another; many lie exactly on a
threshold or at the end of a window, or a millisecond beside it. Every column that may be empty is empty now and then.
"""

import csv
import random
import shutil
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pyarrow

LONDON = ZoneInfo("Europe/London")
FIRST, LAST = date(2026, 3, 3), date(2026, 6, 30)  # 120 days; both count


def start_of(day):
    """The midnight with which a London day begins, in milliseconds since 1970."""
    return int(datetime(day.year, day.month, day.day, tzinfo=LONDON).timestamp() * 1000)


def utc(ms):
    return datetime.fromtimestamp(0, timezone.utc) + timedelta(milliseconds=ms)


SECOND, MINUTE, HOUR, DAY = 1000, 60_000, 3_600_000, 86_400_000
BEGIN, END = start_of(FIRST), start_of(LAST + timedelta(1))
LAST_DAY_AFTER = (LAST + timedelta(1)).isoformat()  # the first day for which there are no records yet
UNTIL = f"TIMESTAMPTZ '{utc(END):%Y-%m-%d %H:%M:%S}+00'"

# Thresholds and windows that metrics know, for values that lie exactly on one.
LENGTHS = [0, 2, 5, 15, 20, 30, 60, 90, 120, 300, 600, 1200, 1800]
WINDOWS = [
    0, SECOND, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, DAY, 48 * HOUR, 3 * DAY, 7 * DAY, 14 * DAY, 30 * DAY, 45 * DAY,
    60 * DAY, 90 * DAY,
]

# What the result codes mean; the code, the meaning, and what the map says otherwise.
CODES = {
    "SALE": ("sale", {}),
    "APPT": ("appointment", {}),
    "PTP": ("promise", {}),
    "INT": ("interested", {}),
    "INTX": ("interested", {"success": True}),
    "CB": ("callback", {}),
    "CBX": ("callback", {"right_party": False}),
    "NI": ("not_interested", {}),
    "WRONG": ("wrong_person", {}),
    "WRONGX": ("wrong_person", {"contact": False, "right_party": False}),
    "DNC": ("do_not_call", {}),
    "HAND": ("handled", {}),
    "HANDX": ("handled", {"success": True}),
    "PDROP": ("abandoned", {}),
    "DROP": ("dropped", {}),
    "AM": ("machine", {}),
    "N": ("no_answer", {}),
    "B": ("busy", {}),
    "DC": ("invalid", {}),
    "ERR": ("failed", {}),
    "TEST": ("not_a_call", {}),
}
CONTACT = {
    "sale", "appointment", "promise", "interested", "callback", "not_interested", "wrong_person", "do_not_call", "handled",
}

TEXT, CODE, INTEGER, BOOL, INSTANT, DAYS, DURATION, AMOUNT, NUMBER = range(9)


def columns(text):
    """Columns with their kinds: the name says it, or a letter behind a colon."""
    kinds = {"i": INTEGER, "b": BOOL, "n": NUMBER}
    known = {}
    for word in text.split():
        name, _, letter = word.partition(":")
        if letter:
            known[name] = kinds[letter]
        elif name.endswith("_at"):
            known[name] = INSTANT
        elif name.endswith("_on"):
            known[name] = DAYS
        elif name.endswith("_ms"):
            known[name] = DURATION
        elif name.endswith("_amount"):
            known[name] = AMOUNT
        else:
            known[name] = TEXT
    return known


# Every canonical table: what places its records in time, in order of preference, and its columns.
TABLES = {
    "calls": (
        ["started_at", "queued_at", "answered_at", "connected_at", "ended_at"],
        """direction dial_mode channel client_id campaign_id list_id lead_source lead_temperature persona queue call_type
        priority:i trunk lead_id customer_id account_id called_number caller_number caller_id attestation called_zone
        called_region agent_id team_id site_id attempt_no:i parent_call_id linked_id started_at queued_at answered_at
        connected_at ended_at wrap_ended_at duration_ms ring_ms ivr_ms queue_ms talk_ms hold_ms wrap_ms agent_speech_ms
        customer_speech_ms billed_ms answered_by disposition end_reason carrier_cause transfers:i consent recording_ref
        language sentiment:n topics cost_amount currency""",
    ),
    "agent_spans": (
        ["started_at", "ended_at"],
        """agent_id team_id site_id client_id campaign_id state reason call_id started_at ended_at duration_ms paid:b
        channel""",
    ),
    "shifts": (["started_at"], "agent_id team_id site_id campaign_id started_at ended_at logged_ms paid_ms"),
    "schedules": (["starts_at"], "agent_id activity campaign_id starts_at ends_at paid:b"),
    "absences": (["starts_at"], "agent_id reason planned:b paid:b starts_at ends_at"),
    "callbacks": (
        ["due_at", "created_at"],
        "lead_id campaign_id agent_id call_id created_at due_at kept_at kept_call_id",
    ),
    "forecasts": (["starts_at"], "campaign_id queue starts_at ends_at calls:i handle_ms made_at"),
    "outcomes": (
        ["occurred_at"],
        """outcome client_id campaign_id list_id lead_source agent_id team_id call_id lead_id customer_id product
        occurred_at verified_at rejected_at cancelled_at clawed_back_at value_amount currency""",
    ),
    "lead_stages": (
        ["entered_at"],
        """lead_id stage client_id campaign_id agent_id call_id entered_at expected_close_on reason probability:n
        value_amount recurring_amount currency""",
    ),
    "leads": (
        ["loaded_at"],
        """client_id campaign_id list_id lead_source temperature persona score:n number person_id zone region consent
        status invalid:b requested_at loaded_at born_on cost_amount currency""",
    ),
    "lists": (
        ["loaded_at"],
        """list_id label client_id campaign_id vendor lead_source loaded_at born_on records:i cost_per_lead_amount
        currency""",
    ),
    "contacts": (
        ["started_at"],
        """channel direction client_id campaign_id agent_id customer_id lead_id started_at answered_at ended_at handle_ms
        opened:b disposition""",
    ),
    "dnc_events": (["occurred_at"], "number person_id registry action scope call_id occurred_at"),
    "consent_events": (
        ["occurred_at"],
        "number person_id action scope channel evidence_ref occurred_at expires_at",
    ),
    "placements": (
        ["placed_at"],
        "placement_id client_id campaign_id placed_at accounts:i placed_amount currency fee_rate:n",
    ),
    "accounts": (
        ["stated_on", "placed_at"],
        """account_id placement_id client_id campaign_id list_id person_id placed_at stated_on bucket balance_amount
        placed_amount currency""",
    ),
    "promises": (
        ["made_at"],
        """account_id placement_id client_id campaign_id agent_id team_id call_id made_at due_on promised_amount paid_amount
        kept:b kept_on currency""",
    ),
    "payments": (
        ["paid_at"],
        "account_id placement_id client_id campaign_id agent_id promise_id paid_at paid_amount currency method",
    ),
    "surveys": (
        ["answered_at", "sent_at"],
        """survey question channel client_id campaign_id agent_id team_id call_id customer_id sent_at answered_at score:n
        scale_min:n scale_max:n comment""",
    ),
    "evaluations": (
        ["evaluated_at"],
        """form client_id campaign_id agent_id team_id evaluator_id call_id evaluated_at score:n max_score:n
        critical_error:b calibration:b sample""",
    ),
    "evaluation_items": (
        ["evaluated_at"],
        "evaluation_id criterion agent_id evaluator_id evaluated_at score:n max_score:n critical:b",
    ),
    "coaching": (
        ["held_at"],
        "agent_id coach_id behaviour agreement held_at recheck_at acknowledged_at sessions:i",
    ),
    "agents": (
        ["hired_on"],
        "agent_id label site_id shore role hired_on left_on leave_reason full_time_share:n",
    ),
    "team_memberships": (["from_on"], "agent_id team_id team_lead_id from_on until_on"),
    "training": (["started_at"], "agent_id course started_at ended_at duration_ms passed:b score:n"),
    "costs": (
        ["booked_on"],
        "category kind client_id campaign_id list_id site_id channel booked_on cost_amount currency note",
    ),
    "revenues": (["booked_on"], "category client_id campaign_id booked_on units:i revenue_amount currency"),
}
PLACED_BY = {name: placed_by for name, (placed_by, _) in TABLES.items()}
COLUMNS = {name: columns(text) for name, (_, text) in TABLES.items()}


class Records:
    """Rows by table, from a seed: `{table: [row, ...]}`, a row being a mapping with `id` and every column."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.rows = {name: [] for name in TABLES}
        # Instants that records have, with whom they are about: later records lie a window away from one of them.
        self.anchors = []
        self.given = None
        self.fresh = 0
        # These are looked up by others, so they come first.
        self.make_placements()
        self.make_agents()
        self.make_lists()
        self.make_leads()
        self.make_accounts()
        for name, times in {
            "calls": 400, "agent_spans": 200, "shifts": 90, "schedules": 120, "absences": 60, "callbacks": 90,
            "forecasts": 90, "outcomes": 140, "lead_stages": 200, "contacts": 120, "dnc_events": 60,
            "consent_events": 60, "promises": 110, "payments": 150, "surveys": 220, "evaluations": 110,
            "evaluation_items": 160, "coaching": 60, "training": 60, "costs": 90, "revenues": 60,
        }.items():  # fmt: skip
            for _ in range(times):
                self.add(name, getattr(self, f"a_{name}")())
        self.make_copies()
        self.make_edges()

    # --- picking

    def chance(self, share):
        return self.random.random() < share

    def one(self, *choices):
        return self.random.choice(choices)

    def id_of(self, prefix, count):
        return f"{prefix}{self.random.randint(1, count)}"

    def length(self, most=1800):
        """Milliseconds, often on a threshold or just beside it."""
        if self.chance(0.4):
            return max(0, self.one(*[s for s in LENGTHS if s <= most]) * SECOND + self.one(0, 0, 0, 1, -1, SECOND, -SECOND))
        return self.random.randint(0, most) * SECOND + self.one(0, 0, 0, 250, 999)

    def instant(self, first=BEGIN, end=END):
        """Some instant: a full half hour, the minutes around midnight, or any."""
        day = start_of(FIRST + timedelta(self.random.randrange((LAST - FIRST).days + 1)))
        kind = self.random.random()
        if kind < 0.4:
            at = day + self.random.randint(14, 40) * 30 * MINUTE
        elif kind < 0.5:
            at = day + self.one(0, -1, SECOND, -SECOND, -30 * MINUTE, 30 * MINUTE)
        else:
            at = day + self.random.randrange(6 * HOUR, 22 * HOUR)
        return at if first <= at < end else self.random.randrange(first, end)

    def about(self):
        """An instant and whom it is about, often just a window away from another record of the same people."""
        if self.given:
            return self.given
        if self.anchors and self.chance(0.5):
            at, ids = self.random.choice(self.anchors)
            if self.chance(0.1):
                at = END
            step = self.one(*WINDOWS) + self.one(0, 0, 0, 1, -1, SECOND)
            at += step if self.chance(0.6) else -step
            if BEGIN <= at < END:
                return at, dict(ids)
        ids = {
            "lead_id": self.id_of("l", 70),
            "customer_id": self.id_of("k", 45),
            "account_id": self.id_of("d", 50),
            "agent_id": self.id_of("a", 8),
        }
        return self.instant(), ids

    def after(self, at, most=1800):
        """An instant at or after another, within the data."""
        if at is None:
            return None
        later = at + self.length(most)
        return later if later < END else at

    def window_after(self, at):
        later = at + self.one(*WINDOWS[1:]) + self.one(0, 0, 1, -1, self.random.randrange(DAY))
        return later if later < END else None

    def day(self, first=FIRST, last=LAST):
        return first + timedelta(self.random.randint(0, (last - first).days))

    def amount(self, most, negative=0.0):
        cents = self.one(0, self.random.randint(1, most * 100), self.random.randint(1, most) * 100)
        sum_ = Decimal(cents) / 100 if self.chance(0.8) else Decimal(cents * 100 + self.random.randint(0, 99)) / 10_000
        return -sum_ if self.chance(negative) else sum_

    def amounts(self, *names, most=500, negative=0.0):
        return {name: self.amount(most, negative) for name in names} | {"currency": "GBP"}

    def share(self):
        return Decimal(self.random.randint(0, 1000)) / 1000

    def yes(self, share=0.5):
        return self.chance(share)

    def whose(self):
        return {"client_id": self.one("n1", "n2"), "campaign_id": self.one("c1", "c2"), "list_id": self.id_of("s", 5)}

    def a_call(self, ids):
        """A call to name: of the same lead when there is one."""
        calls = self.rows["calls"]
        if not calls or self.chance(0.05):
            return "call-none"
        same = [call for call in calls if call["lead_id"] == ids.get("lead_id")]
        return self.random.choice(same if same and self.chance(0.6) else calls)["id"]

    def add(self, table, row, keep=(), lossy=None):
        """Adds a row, some of whose values are lost, and remembers when it was and of whom."""
        names = COLUMNS[table]
        assert set(row) - {"id"} <= set(names), set(row) - set(names)
        row = {name: row.get(name) for name in names} | {"id": row.get("id") or f"{table}-{len(self.rows[table]) + 1}"}
        lossy = self.one(0.05, 0.05, 0.1) if lossy is None else lossy
        for name in names:
            if name not in keep and name != "currency" and self.chance(lossy):
                was, row[name] = row[name], None
                if all(row[placing] is None for placing in PLACED_BY[table]):
                    row[name] = was
        start = row.get("started_at") if "started_at" in names else row.get("starts_at")
        for name in ("answered_at", "connected_at", "ended_at", "wrap_ended_at", "ends_at"):
            if start is not None and row.get(name) is not None and row[name] < start:
                row[name] = None
        self.rows[table].append(row)
        at = next(row[name] for name in PLACED_BY[table] if row[name] is not None)
        if isinstance(at, int):
            who = ("lead_id", "customer_id", "account_id", "agent_id")
            self.anchors.append((at, {name: row[name] for name in who if row.get(name) is not None}))

    # --- whom others name

    def make_placements(self):
        for n in range(1, 46):
            self.add(
                "placements",
                {
                    "placement_id": f"p{n}",
                    "client_id": self.one("n1", "n2"),
                    "campaign_id": self.one("c1", "c2"),
                    "placed_at": self.instant(end=END - self.one(0, 0, 60 * DAY)),
                    "accounts": self.random.randint(0, 20),
                    "fee_rate": self.share(),
                }
                | self.amounts("placed_amount", most=9000),
                keep=("placement_id",),
            )

    def make_agents(self):
        for n in range(1, 61):
            hired = self.day(FIRST - timedelta(500), LAST) if self.chance(0.6) else self.day()
            left = self.one(None, None, self.day(hired, LAST + timedelta(20)), hired + timedelta(self.one(29, 30, 90, 91)))
            self.add(
                "agents",
                {
                    "agent_id": f"a{n}" if n < 8 or n > 10 else f"a{n + 60}",  # nobody knows a8
                    "label": f"Agent {n}",
                    "site_id": self.one("york", "durban"),
                    "shore": self.one("onshore", "nearshore", "offshore"),
                    "role": self.one("agent", "agent", "agent", "team_lead", "evaluator", "planner"),
                    "hired_on": hired,
                    "left_on": left,
                    "leave_reason": left and self.one("voluntary", "voluntary", "dismissed", "end_of_contract"),
                    "full_time_share": self.one(Decimal(1), Decimal("0.5"), self.share()),
                },
                keep=("agent_id",),
            )
            # One stretch after the other, sometimes with days between them; none overlaps.
            begins = hired
            for _ in range(self.random.randint(1, 3)):
                ends = begins + timedelta(self.random.randint(0, 90))
                self.add(
                    "team_memberships",
                    {
                        "agent_id": f"a{n}",
                        "team_id": self.id_of("t", 3),
                        "team_lead_id": self.id_of("a", 20),
                        "from_on": begins,
                        "until_on": ends,
                    },
                    keep=("agent_id", "until_on"),
                )
                begins = ends + timedelta(self.one(1, 1, 5))

    def make_lists(self):
        for n in range(1, 41):
            loaded = self.instant()
            self.add(
                "lists",
                {
                    "list_id": f"s{n}",
                    "label": f"List {n}",
                    "vendor": self.id_of("v", 3),
                    "lead_source": self.id_of("o", 3),
                    "loaded_at": loaded,
                    "born_on": utc(loaded).date() - timedelta(self.one(0, 7, 8, 31, self.random.randint(0, 200))),
                    "records": self.random.randint(0, 90),
                }
                | {name: value for name, value in self.whose().items() if name != "list_id"}
                | self.amounts("cost_per_lead_amount", most=5),
                keep=("list_id",),
            )

    def make_leads(self):
        for n in range(1, 101):
            loaded = self.instant() if self.chance(0.6) else self.random.randrange(BEGIN, BEGIN + 30 * DAY)
            self.add("leads", {"id": f"l{n}"} | self.a_lead(loaded))
            # Calls and stages follow the load of their lead.
            lead = self.rows["leads"][-1]
            self.anchors.pop()
            for at in (lead["loaded_at"], lead["requested_at"]):
                if at is not None:
                    ids = {"lead_id": lead["id"], "customer_id": self.id_of("k", 45), "agent_id": self.id_of("a", 8)}
                    self.anchors.append((at, ids))

    def a_lead(self, loaded):
        return (
            {
                "lead_source": self.id_of("o", 3),
                "temperature": self.one("hot", "warm", "cold"),
                "persona": self.id_of("persona-", 3),
                "score": self.share() * 100,
                "number": f"+4420{self.random.randint(0, 60):08}",
                "person_id": self.id_of("person-", 60),
                "zone": self.one("Europe/London", "Europe/Dublin"),
                "region": self.one("north", "south"),
                "consent": self.one("opt_in", "contract"),
                "status": self.one("new", "open", "done"),
                "invalid": self.yes(0.2),
                "requested_at": self.one(None, loaded, loaded - self.length(), loaded + self.length(600)),
                "loaded_at": loaded,
                "born_on": utc(loaded).date() - timedelta(self.random.randint(0, 100)),
            }
            | self.whose()
            | self.amounts("cost_amount", most=8)
        )

    def make_accounts(self):
        for n in range(1, 51):
            placement = self.random.choice(self.rows["placements"])
            # All statements of an account say the same of its placement, which others look up.
            placed = {
                "account_id": f"d{n}",
                "placement_id": placement["placement_id"] if self.chance(0.9) else None,
                "client_id": self.one("n1", "n2"),
                "person_id": self.id_of("person-", 60),
                "placed_at": placement["placed_at"] if self.chance(0.8) else self.one(None, self.instant()),
            }
            stated = self.day(FIRST, FIRST + timedelta(60))
            for _ in range(self.random.randint(1, 5)):
                statement = placed | {
                    "campaign_id": self.one("c1", "c1", "c2"),
                    "list_id": self.id_of("s", 5),
                    "stated_on": stated,
                    "bucket": self.one("0", "current", "Current", "1-30", "31-60", "61-90", "90+", "charged off"),
                }
                statement |= self.amounts("balance_amount", "placed_amount", most=2000, negative=0.05)
                self.add("accounts", statement, keep=("account_id", "placement_id", "placed_at"))
                stated += timedelta(self.one(0, 1, 7, 14, 30, 30, 31, 45))
                if stated > LAST:
                    break
            at = placed["placed_at"] or self.instant()
            self.anchors.append((at, {"account_id": f"d{n}", "agent_id": self.id_of("a", 8)}))

    # --- the rest, one record each

    def a_calls(self):
        at, ids = self.about()
        direction = self.one("outbound", "outbound", "outbound", "outbound", "inbound", "inbound", "internal")
        often = ["SALE", "SALE", "NI", "NI", "CB", "AM", "N", "N", "PDROP", "PDROP", "DROP", "HAND", "INT"]
        code = self.one("NIX", *CODES, *often)
        meaning = CODES[code][0] if code in CODES else None
        answered = self.chance(0.9 if meaning in CONTACT or meaning in ("abandoned", "dropped", "machine") else 0.2)
        agent = self.chance(0.9 if meaning in CONTACT else 0.3)
        queued = self.after(at, 60) if direction == "inbound" or self.chance(0.2) else None
        answered_at = self.after(at, 60) if answered else None
        connected_at = self.after(self.one(queued, answered_at, at) or at, 60) if agent else None
        ended_at = self.after(self.one(connected_at, at) or at)
        talk = self.length() if agent or self.chance(0.2) else None
        row = {
            "direction": direction,
            "dial_mode": self.one("manual", "preview", "progressive", "power", "predictive"),
            "channel": "voice",
            "lead_source": self.id_of("o", 3),
            "lead_temperature": self.one("hot", "warm", "cold"),
            "persona": self.id_of("persona-", 3),
            "queue": self.one("q1", "q2"),
            "call_type": self.id_of("type-", 3),
            "priority": self.random.randint(0, 3),
            "trunk": self.id_of("trunk-", 2),
            "called_number": f"+4420{self.random.randint(0, 60):08}",
            "caller_number": f"+4420{self.random.randint(0, 60):08}",
            "caller_id": self.id_of("number-", 3),
            "attestation": self.one("A", "B", "C"),
            "called_zone": "Europe/London",
            "called_region": self.one("north", "south"),
            "team_id": self.id_of("t", 3),
            "site_id": self.one("york", "durban"),
            "attempt_no": self.one(1, 1, 2, 3, self.random.randint(1, 12)),
            "parent_call_id": self.one(None, None, None, f"calls-{self.random.randint(1, 400)}"),
            "linked_id": self.one(None, self.id_of("conversation-", 90)),
            "started_at": at,
            "queued_at": queued,
            "answered_at": answered_at,
            "connected_at": connected_at,
            "ended_at": ended_at,
            "wrap_ended_at": self.after(ended_at),
            "duration_ms": self.one(ended_at - at, self.length()),
            "ring_ms": self.one(self.length(60), answered_at and answered_at - at),
            "ivr_ms": self.length(60),
            "queue_ms": self.length(120) if direction == "inbound" or self.chance(0.2) else None,
            "talk_ms": self.one(0, talk, talk, talk),
            "hold_ms": self.one(0, self.length(300)),
            "wrap_ms": self.one(0, self.length(300)),
            "agent_speech_ms": self.length(),
            "customer_speech_ms": self.length(),
            "billed_ms": self.length(),
            "answered_by": self.one("person", "machine", "fax", "unknown", "person", "machine") if answered else None,
            "disposition": code,
            "end_reason": self.one("agent", "customer", "abandoned", "dropped", "technical", "timeout", None),
            "carrier_cause": self.one("16", "17", "31"),
            "transfers": self.one(0, 0, 0, 1, 2),
            "consent": self.one("opt_in", "contract"),
            "recording_ref": self.one(None, "tape"),
            "language": self.one("en-GB", "cy"),
            "sentiment": Decimal(self.random.randint(-1000, 1000)) / 1000,
            "topics": self.one(None, "price", "price,service"),
            "agent_id": ids.pop("agent_id", None) if agent else self.one(None, None, self.id_of("a", 8)),
        }
        return row | ids | self.whose() | self.amounts("cost_amount", most=3)

    def a_agent_spans(self):
        at, ids = self.about()
        lasting = self.one(self.length(), self.length(), self.random.randint(1, 6 * 3600) * SECOND)
        return self.whose_alone() | {
            "agent_id": ids.get("agent_id", "a1"),
            "team_id": self.id_of("t", 3),
            "site_id": self.one("york", "durban"),
            "state": self.one(*"talk hold wrap wrap wait wait ring preview dial pause pause other".split()),
            "reason": self.one("break", "lunch", "training"),
            "call_id": self.a_call(ids),
            "started_at": at,
            "ended_at": min(at + lasting, END),
            "duration_ms": min(at + lasting, END) - at,
            "paid": self.yes(),
            "channel": self.one("voice", "chat", "email"),
        }

    def whose_alone(self):
        whose = self.whose()
        del whose["list_id"]
        return whose

    def a_shifts(self):
        at, ids = self.about()
        logged = self.random.randint(0, 9 * 3600) * SECOND
        return {
            "agent_id": ids.get("agent_id", "a1"),
            "team_id": self.id_of("t", 3),
            "site_id": self.one("york", "durban"),
            "campaign_id": self.one("c1", "c2"),
            "started_at": at,
            "ended_at": min(at + logged, END),
            "logged_ms": logged,
            "paid_ms": self.one(logged, self.random.randint(0, 9 * 3600) * SECOND),
        }

    def a_schedules(self):
        at, ids = self.about()
        if self.chance(0.05):
            at = END + self.random.randrange(10 * DAY)
        return {
            "agent_id": ids.get("agent_id", "a1"),
            "activity": self.one("work", "work", "work", "break", "lunch", "meeting", "training", "coaching"),
            "campaign_id": self.one("c1", "c2"),
            "starts_at": at,
            "ends_at": at + self.random.randint(1, 18) * 30 * MINUTE,
            "paid": self.yes(0.7),
        }

    def a_absences(self):
        at, ids = self.about()
        return {
            "agent_id": ids.get("agent_id", "a1"),
            "reason": self.one("sickness", "holiday", "no_show"),
            "planned": self.yes(),
            "paid": self.yes(),
            "starts_at": at,
            "ends_at": min(at + self.random.randint(1, 18) * 30 * MINUTE, END),
        }

    def a_callbacks(self):
        at, ids = self.about()
        due = self.one(self.window_after(at), self.after(at), END + self.random.randrange(5 * DAY))
        kept = None
        if due is not None and due < END and self.chance(0.8):
            step = self.one(0, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, DAY, self.random.randrange(2 * DAY)) + self.one(0, 0, 1)
            kept = due + step if self.chance(0.7) else due - step
            kept = kept if BEGIN <= kept < END else None
        return {
            "lead_id": ids.get("lead_id"),
            "campaign_id": self.one("c1", "c2"),
            "agent_id": self.one(None, ids.get("agent_id")),
            "call_id": self.a_call(ids),
            "created_at": at,
            "due_at": due,
            "kept_at": kept,
            "kept_call_id": kept and self.a_call(ids),
        }

    def a_forecasts(self):
        at = start_of(self.day(last=LAST + timedelta(3))) + self.random.randint(16, 40) * 30 * MINUTE
        return {
            "campaign_id": self.one("c1", "c2"),
            "queue": self.one("q1", "q2"),
            "starts_at": at,
            "ends_at": at + 30 * MINUTE,
            "calls": self.random.randint(0, 6),
            "handle_ms": self.length(600),
            "made_at": at - self.random.randint(1, 9) * DAY,
        }

    def a_outcomes(self):
        at, ids = self.about()
        return (
            self.whose()
            | {
                "outcome": self.one("sale", "sale", "sale", "appointment", "promise", "lead", "donation"),
                "lead_source": self.id_of("o", 3),
                "agent_id": ids.get("agent_id"),
                "team_id": self.id_of("t", 3),
                "call_id": self.a_call(ids),
                "lead_id": ids.get("lead_id", self.id_of("l", 70)),
                "customer_id": ids.get("customer_id"),
                "product": self.id_of("product-", 3),
                "occurred_at": at,
                "verified_at": self.one(None, self.window_after(at), at),
                "rejected_at": self.one(None, None, None, self.window_after(at)),
                "cancelled_at": self.one(None, None, self.window_after(at), at),
                "clawed_back_at": self.one(None, None, None, self.window_after(at)),
            }
            | self.amounts("value_amount", negative=0.05)
        )

    def a_lead_stages(self):
        at, ids = self.about()
        return (
            self.whose_alone()
            | {
                "lead_id": ids.get("lead_id", self.id_of("l", 70)),
                "stage": self.one(
                    "appointment", "appointment", "held", "qualified", "opportunity", "opportunity", "won", "won", "lost",
                    "cancelled",
                ),
                "agent_id": ids.get("agent_id"),
                "call_id": self.a_call(ids),
                "entered_at": at,
                "expected_close_on": utc(at).date() + timedelta(self.random.randint(-5, 60)),
                "reason": self.one("price", "time"),
                "probability": self.share(),
            }
            | self.amounts("value_amount", "recurring_amount", most=5000)
        )  # fmt: skip

    def a_contacts(self):
        at, ids = self.about()
        return self.whose_alone() | {
            "channel": self.one("chat", "email", "email", "sms", "social", "letter"),
            "direction": self.one("outbound", "inbound"),
            "agent_id": ids.get("agent_id"),
            "customer_id": ids.get("customer_id"),
            "lead_id": ids.get("lead_id"),
            "started_at": at,
            "answered_at": self.one(None, self.after(at), self.window_after(at)),
            "ended_at": self.one(None, self.after(at), self.window_after(at)),
            "handle_ms": self.length(),
            "opened": self.yes(),
            "disposition": self.one("NIX", *CODES),
        }

    def a_dnc_events(self):
        at, ids = self.about()
        return {
            "number": f"+4420{self.random.randint(0, 60):08}",
            "person_id": self.id_of("person-", 60),
            "registry": self.one("internal", "client", "tps"),
            "action": self.one("added", "added", "removed"),
            "scope": self.one(None, "c1", "n1"),
            "call_id": self.a_call(ids),
            "occurred_at": at,
        }

    def a_consent_events(self):
        at, _ = self.about()
        return {
            "number": f"+4420{self.random.randint(0, 60):08}",
            "person_id": self.id_of("person-", 60),
            "action": self.one("given", "given", "revoked"),
            "scope": self.one("client", "product", "automated calls"),
            "channel": self.one("web", "paper", "call"),
            "evidence_ref": "letter",
            "occurred_at": at,
            "expires_at": self.one(None, self.window_after(at), at + 365 * DAY),
        }

    def account(self, ids):
        """An account with its batch; now and then with another one."""
        account = ids.get("account_id", self.id_of("d", 50))
        placed = [row["placement_id"] for row in self.rows["accounts"] if row["account_id"] == account]
        return {
            "account_id": account,
            "placement_id": placed[0] if placed and self.chance(0.7) else self.id_of("p", 45),
        }

    def a_promises(self):
        at, ids = self.about()
        due = self.one(
            utc(at).date() + timedelta(self.one(0, 1, 7, 14)), LAST + timedelta(self.random.randint(-5, 10)), self.day()
        )
        due = max(due, utc(at).date())
        kept = self.one(True, False, None)
        return (
            self.account(ids)
            | self.whose_alone()
            | {
                "agent_id": ids.get("agent_id"),
                "team_id": self.id_of("t", 3),
                "call_id": self.a_call(ids),
                "made_at": at,
                "due_on": due,
                "kept": kept,
                "kept_on": min(due + timedelta(self.one(-1, 0, 1, 3, 4)), LAST) if kept else None,
            }
            | self.amounts("promised_amount", "paid_amount")
        )

    def a_payments(self):
        at, ids = self.about()
        promises = self.rows["promises"]
        promise = self.random.choice(promises) if self.chance(0.5) else None
        account = self.account(ids)
        if promise is not None and promise["account_id"] and self.chance(0.8):
            account = {"account_id": promise["account_id"], "placement_id": promise["placement_id"]}
        return (
            account
            | self.whose_alone()
            | {
                "agent_id": ids.get("agent_id"),
                "promise_id": promise and promise["id"],
                "paid_at": at,
                "method": self.one("card", "cash"),
            }
            | self.amounts("paid_amount", negative=0.1)
        )

    def a_surveys(self):
        at, ids = self.about()
        survey = self.one("csat", "csat", "csat", "nps", "nps", "fcr", "enps", "enps", "employee", "employee", "own")
        scales = {"csat": [(1, 5), (1, 5), (1, 10), (0, 100)], "employee": [(1, 5), (0, 4)]}
        low, high = (0, 10) if survey in ("nps", "enps") else self.one(*scales.get(survey, [(0, 1)]))
        answered = self.one(at, None, self.after(at), self.window_after(at))
        score = None
        if answered is not None:
            score = Decimal(self.random.randint(low, high))
            if self.chance(0.1):
                score = min(Decimal(high), score + Decimal("0.5"))
        return self.whose_alone() | {
            "survey": survey,
            "question": self.one("overall", "effort"),
            "channel": self.one("voice", "email"),
            "agent_id": ids.get("agent_id"),
            "team_id": self.id_of("t", 3),
            "call_id": self.a_call(ids),
            "customer_id": ids.get("customer_id"),
            "sent_at": at if answered is None else self.one(at, None),
            "answered_at": answered,
            "score": score,
            "scale_min": Decimal(low),
            "scale_max": Decimal(high),
            "comment": self.one(None, "well"),
        }

    def a_evaluations(self):
        at, ids = self.about()
        most = self.one(Decimal(100), Decimal(20), Decimal("12.5"))
        return self.whose_alone() | {
            "form": self.one("form-1", "form-2"),
            "agent_id": ids.get("agent_id"),
            "team_id": self.id_of("t", 3),
            "evaluator_id": self.id_of("a", 4),
            "call_id": self.a_call(ids),
            "evaluated_at": at,
            "score": self.one(most, Decimal(0), most * self.random.randint(0, 100) / 100),
            "max_score": most,
            "critical_error": self.yes(0.2),
            "calibration": self.yes(0.3),
            "sample": self.one("random", "random", "targeted", "all"),
        }

    def a_evaluation_items(self):
        evaluation = self.random.choice(self.rows["evaluations"])
        most = Decimal(self.one(1, 5, 10))
        return {
            "evaluation_id": evaluation["id"] if self.chance(0.9) else "evaluations-none",
            "criterion": self.one("greeting", "listening", "accuracy", "compliance", "resolution"),
            "agent_id": evaluation["agent_id"],
            "evaluator_id": evaluation["evaluator_id"],
            "evaluated_at": evaluation["evaluated_at"],
            "score": most * self.random.randint(0, 4) / 4,
            "max_score": self.one(None, most, most, most),
            "critical": self.yes(0.3),
        }

    def a_coaching(self):
        at, ids = self.about()
        return {
            "agent_id": ids.get("agent_id", "a1"),
            "coach_id": self.id_of("a", 20),
            "behaviour": self.one("greeting", "listening"),
            "agreement": self.one(None, "slower"),
            "held_at": at,
            "recheck_at": self.one(None, at + self.one(*WINDOWS[1:])),
            "acknowledged_at": self.one(None, self.window_after(at), self.after(at)),
            "sessions": self.random.randint(1, 3),
        }

    def a_training(self):
        at, ids = self.about()
        lasting = self.random.randint(0, 16) * 30 * MINUTE
        return {
            "agent_id": ids.get("agent_id", "a1"),
            "course": self.one("products", "law"),
            "started_at": at,
            "ended_at": min(at + lasting, END),
            "duration_ms": self.one(lasting, self.length()),
            "passed": self.one(True, False, None),
            "score": Decimal(self.random.randint(0, 100)),
        }

    def a_costs(self):
        return (
            self.whose()
            | {
                "category": self.one("labour", "telephony", "lists", "technology", "premises", "management"),
                "kind": self.one("campaign", "operating"),
                "site_id": self.one("york", "durban"),
                "channel": self.one("voice", "email"),
                "booked_on": self.day(),
                "note": self.one(None, "bill"),
            }
            | self.amounts("cost_amount", negative=0.1)
        )

    def a_revenues(self):
        return (
            self.whose_alone()
            | {
                "category": self.one("seats", "sales", "fees", "bonus", "penalty"),
                "booked_on": self.day(),
                "units": self.random.randint(0, 50),
            }
            | self.amounts("revenue_amount", negative=0.15)
        )


    # --- records that differ from others in one thing, and records on an edge

    def make_copies(self):
        """Calls that are like another in everything but one column."""
        for column, values in {"disposition": ["TEST", *CODES], "direction": ["outbound", "inbound", "internal"]}.items():
            for n in range(45):
                call = dict(self.random.choice(self.rows["calls"]))
                while n < 25 and (call["direction"] != "outbound" or call["answered_by"] is None):
                    call = dict(self.random.choice(self.rows["calls"]))
                call["id"] = f"{column}-{n}"
                call[column] = "TEST" if column == "disposition" and n < 30 else self.one(*values)
                self.add("calls", call, lossy=0)

    def made(self, table, at, ids, **values):
        """Adds a whole record of that time and of these people, with some values given."""
        self.given = (at, {"agent_id": self.id_of("a", 7), **ids})
        row = self.a_lead(at) if table == "leads" else getattr(self, f"a_{table}")()
        self.given = None
        row |= values
        if table == "calls":
            row |= {name: row[name] if row[name] is None else max(row[name], at) for name in ("answered_at", "connected_at")}
            row |= {"ended_at": at + self.length(), "wrap_ended_at": None}
        self.add(table, row, lossy=0)
        self.anchors.pop()

    def make_edges(self):
        """Records that end, follow or were written just on, before or after the edge of what a metric asks for."""
        for first, then, entity, windows in PAIRS:
            for window in (0, *windows):
                for beside in (-1, 0, 1):
                    self.fresh += 1
                    ids = {entity: f"{entity[0]}-{self.fresh}"}
                    at = self.instant(first=BEGIN + DAY, end=END - max((0, *windows)) - 2 * DAY)
                    self.edge(first, at, ids)
                    self.edge(then, at + window + beside, ids)
        for first, column, windows in LATER:
            for window in windows:
                for beside in (-1, 0, 1):
                    self.fresh += 1
                    at = self.instant(first=BEGIN + 2 * DAY, end=END - max(0, window) - DAY)
                    shape = (first[0], first[1] | {column: at + window + beside})
                    self.edge(shape, at, {"customer_id": f"c-{self.fresh}"})
        for first, windows, then in RIPE:
            for window in windows:
                for beside in (-1, 0, 1):
                    for follower in (None, *then):
                        self.fresh += 1
                        people = {"lead_id": "l", "customer_id": "c", "agent_id": "b"}
                        ids = {name: f"{letter}-{self.fresh}" for name, letter in people.items()}
                        self.edge(first, END - window + beside, ids)
                        if follower:
                            self.edge(follower, END - window + beside + MINUTE, ids)
        for first, column, lengths in LONG:
            for length in lengths:
                for beside in (-1, 0, 1):
                    at = self.instant(first=self.one(BEGIN, END - 20 * DAY), end=END - DAY)
                    values = {column: length * SECOND + beside}
                    if column == "connected_at":
                        values = {"answered_at": at, "connected_at": at + values[column]}
                    self.edge((first[0], first[1] | values), at, {})
        for beside in (-1, 0, 1):
            # Accounts called just in time after their placement, or placed just long enough ago.
            for at, called in ((self.instant(end=END - 9 * DAY), True), (END - 7 * DAY + beside, False)):
                account = self.statement(at, london_day(at), "31-60")
                if called:
                    self.edge(MADE, at + 7 * DAY + beside, {"account_id": account})
                    self.edge(SPOKEN, at + beside, {"account_id": self.statement(at, london_day(at), "31-60")})
                    self.edge(TESTED, at + DAY, {"account_id": self.statement(at, london_day(at), "31-60")})
            # Arrears cured just in time, or stated just long enough ago.
            for stated in (self.day(last=LAST - timedelta(50)), LAST - timedelta(45 + beside)):
                for bucket in ("current", "61-90", None):
                    account = self.statement(start_of(stated), stated, "31-60")
                    then = stated + timedelta(45 + beside)
                    if then <= LAST:
                        self.statement(start_of(stated), then, bucket, account)
            # Batches placed just long enough ago, and payments just in time.
            for at in (self.instant(end=BEGIN + 25 * DAY), END - 90 * DAY + beside):
                self.fresh += 1
                batch = {"placement_id": f"p-{self.fresh}", "client_id": "n1", "campaign_id": self.one("c1", "c2")}
                self.add(
                    "placements",
                    batch | {"placed_at": at, "accounts": 3, "fee_rate": self.share()} | self.amounts("placed_amount"),
                    lossy=0,
                )
                for paid in (at + 90 * DAY + beside, at, at - SECOND):
                    if BEGIN <= paid < END:
                        self.made("payments", paid, {}, placement_id=batch["placement_id"])
        for days in (-1, 0, 1):
            for kept in (True, False):
                for window in (3, 7):
                    due = LAST - timedelta(window + days)
                    made = self.random.randrange(BEGIN, start_of(due))
                    self.made("promises", made, {}, due_on=due, kept=kept, kept_on=due if kept else None)
            for window, left in ((90, True), (90, False), (30, True), (30, False)):
                hired = LAST - timedelta(window + days)
                left = hired + timedelta(window + days) if left else None
                self.fresh += 1
                self.add(
                    "agents",
                    {"agent_id": f"hired-{self.fresh}", "role": "agent", "hired_on": hired, "left_on": left}
                    | {"leave_reason": left and "voluntary", "full_time_share": Decimal(1)},
                    lossy=0,
                )
        for low, high in ((5, 5), (1, 5)):
            for survey in ("csat", "fcr", "employee"):
                at = self.instant()
                scale = {"scale_min": Decimal(low), "scale_max": Decimal(high)}
                self.made("surveys", at, {}, survey=survey, answered_at=at, score=Decimal(low + high) / 2, **scale)
        self.made("evaluations", self.instant(), {}, score=Decimal(0), max_score=Decimal(0), calibration=False)

    def statement(self, placed_at, stated_on, bucket, account=None):
        """Adds what an account of its own was on a day; yields the account."""
        self.fresh += 1
        account = account or f"d-{self.fresh}"
        self.add(
            "accounts",
            {
                "account_id": account,
                "placement_id": "p1",
                "client_id": "n1",
                "campaign_id": self.one("c1", "c2"),
                "list_id": "s1",
                "person_id": f"person-{self.fresh}",
                "placed_at": placed_at,
                "stated_on": stated_on,
                "bucket": bucket,
            }
            | self.amounts("balance_amount", "placed_amount"),
            lossy=0,
        )
        return account

    def edge(self, shape, at, ids):
        table, values = shape
        own = {AT: at, SOME: self.random.randint(1, 900_000)}
        values = {name: own[value] if isinstance(value, str) and value in own else value for name, value in values.items()}
        if table == "leads" and "requested_at" in values:
            self.made(table, at, {}, id=ids.get("lead_id", f"l-{self.fresh}"), **(values | {"requested_at": at}))
        elif table == "leads":
            self.made(table, at, {}, id=ids.get("lead_id", f"l-{self.fresh}"), **values)
        elif table == "callbacks":
            self.made(table, at - DAY, ids, **({"due_at": at} | values))
        else:
            self.made(table, at, ids, **values)


# Records of which one follows another of the same entity, and the windows in which it has to.
AT, SOME = "the time of the record itself", "some length"
CALL = {"agent_id": "a1", "talk_ms": SOME, "hold_ms": 0, "wrap_ms": SOME, "transfers": 0, "queue_ms": 9000}
MADE = ("calls", CALL | {"direction": "outbound", "disposition": "N", "talk_ms": None, "attempt_no": 3})
SPOKEN = ("calls", CALL | {"direction": "outbound", "disposition": "NI"})
WARM = ("calls", CALL | {"direction": "outbound", "disposition": "INT"})
SOLD = ("calls", CALL | {"direction": "outbound", "disposition": "SALE"})
TAKEN = ("calls", CALL | {"direction": "inbound", "disposition": "HAND"})
ANSWER = {"sent_at": AT, "answered_at": AT}
CSAT = ("surveys", ANSWER | {"survey": "csat", "score": Decimal(1), "scale_min": Decimal(1), "scale_max": Decimal(5)})
NPS = ("surveys", ANSWER | {"survey": "nps", "score": Decimal(6), "scale_min": Decimal(0), "scale_max": Decimal(10)})
LOADED, ASKED = ("leads", {"invalid": False}), ("leads", {"requested_at": None})
PROMISED = ("calls", CALL | {"direction": "outbound", "disposition": "PTP"})
DEAD = ("calls", {"direction": "outbound", "disposition": "DC"})
TESTED = ("calls", SPOKEN[1] | {"disposition": "TEST", "attempt_no": 3})
SALE = ("outcomes", {"outcome": "sale", "verified_at": None, "rejected_at": None, "cancelled_at": None})

GONE = ("outcomes", SALE[1] | {"verified_at": AT, "cancelled_at": AT, "clawed_back_at": AT})


def stage(name):
    return ("lead_stages", {"stage": name})


PAIRS = [
    (TAKEN, TAKEN, "customer_id", [DAY, 7 * DAY, 30 * DAY]),
    (TAKEN, MADE, "customer_id", [7 * DAY]),
    (SPOKEN, TAKEN, "customer_id", [7 * DAY]),
    (CSAT, SPOKEN, "customer_id", [48 * HOUR, 14 * DAY]),
    (NPS, SPOKEN, "customer_id", [48 * HOUR, 14 * DAY]),
    (WARM, SPOKEN, "lead_id", [30 * DAY]),
    (WARM, MADE, "lead_id", [7 * DAY]),
    (WARM, SOLD, "lead_id", [30 * DAY]),
    (SPOKEN, SALE, "lead_id", []),
    (LOADED, MADE, "lead_id", [7 * DAY]),
    (LOADED, SPOKEN, "lead_id", []),
    (LOADED, SOLD, "lead_id", [30 * DAY]),
    (ASKED, MADE, "lead_id", [5 * MINUTE]),
    (ASKED, TESTED, "lead_id", [5 * MINUTE]),
    (WARM, TESTED, "lead_id", [7 * DAY]),
    (TAKEN, TESTED, "customer_id", [7 * DAY]),
    (PROMISED, PROMISED, "account_id", [DAY]),
    (DEAD, DEAD, "lead_id", [DAY]),
    (LOADED, stage("opportunity"), "lead_id", [90 * DAY]),
    (SPOKEN, stage("opportunity"), "lead_id", [90 * DAY]),
    (stage("appointment"), stage("held"), "lead_id", [30 * DAY]),
    (stage("appointment"), stage("qualified"), "lead_id", [30 * DAY]),
    (stage("appointment"), stage("won"), "lead_id", [45 * DAY]),
    (stage("held"), stage("qualified"), "lead_id", [30 * DAY]),
    (stage("qualified"), stage("opportunity"), "lead_id", [90 * DAY]),
    (stage("opportunity"), stage("won"), "lead_id", [30 * DAY, 45 * DAY]),
    (stage("won"), stage("cancelled"), "lead_id", [30 * DAY]),
    (("schedules", {"activity": "work"}), ("agent_spans", {"state": "wait"}), "agent_id", [5 * MINUTE]),
]
# A later time of the same record.
LATER = [
    (SALE, "cancelled_at", [14 * DAY, 30 * DAY]),
    (SALE, "clawed_back_at", [90 * DAY]),
    (SALE, "verified_at", [7 * DAY]),
    (SALE, "rejected_at", [7 * DAY]),
    (("outcomes", SALE[1] | {"rejected_at": AT}), "verified_at", [0]),
    (("callbacks", {"kept_call_id": "calls-1"}), "kept_at", [DAY, 7 * DAY, 15 * MINUTE, 30 * MINUTE, -30 * MINUTE]),
    (("surveys", {"survey": "csat", "sent_at": AT}), "answered_at", [DAY, 7 * DAY]),
    (("coaching", {}), "acknowledged_at", [DAY, 7 * DAY]),
]
# How long a record must have been there when the data ends, and what may follow it.
RIPE = [
    (TAKEN, [DAY, 7 * DAY], [TAKEN]),
    (SPOKEN, [7 * DAY, 30 * DAY, 90 * DAY], [TAKEN, stage("opportunity")]),
    (WARM, [7 * DAY, 30 * DAY], [SPOKEN, SOLD]),
    (LOADED, [7 * DAY, 30 * DAY, 90 * DAY], [SOLD, stage("opportunity")]),
    (ASKED, [5 * MINUTE], [MADE]),
    (CSAT, [DAY, 48 * HOUR, 7 * DAY, 14 * DAY], [SPOKEN]),
    (NPS, [48 * HOUR, 14 * DAY], [SPOKEN]),
    (SALE, [7 * DAY, 14 * DAY, 30 * DAY, 90 * DAY], []),
    (GONE, [7 * DAY, 14 * DAY, 30 * DAY, 90 * DAY], []),
    (("callbacks", {"kept_at": None}), [DAY, 7 * DAY, 15 * MINUTE, 30 * MINUTE], []),
    (("callbacks", {"kept_call_id": "calls-1", "kept_at": AT}), [DAY, 7 * DAY, 15 * MINUTE, 30 * MINUTE], []),
    (("coaching", {"acknowledged_at": AT}), [DAY, 7 * DAY], []),
    (("schedules", {"activity": "work"}), [5 * MINUTE], []),
    (stage("appointment"), [30 * DAY, 45 * DAY], [stage("held"), stage("qualified"), stage("won")]),
    (stage("held"), [30 * DAY], [stage("qualified")]),
    (stage("qualified"), [90 * DAY], [stage("opportunity")]),
    (stage("opportunity"), [30 * DAY, 45 * DAY], [stage("won")]),
    (stage("won"), [30 * DAY], [stage("cancelled")]),
]
# Lengths on a threshold.
LONG = [
    (TAKEN, "queue_ms", [5, 20, 30, 60]),
    (("calls", {"direction": "inbound", "disposition": "PDROP"}), "queue_ms", [5, 20, 30, 60]),
    (("calls", {"direction": "inbound", "disposition": "N"}), "queue_ms", [5, 20, 30, 60]),
    (("calls", SPOKEN[1] | {"end_reason": "agent"}), "talk_ms", [30, 60]),
    (("calls", SPOKEN[1] | {"answered_by": "person", "queued_at": BEGIN}), "connected_at", [0, 2, 5]),
    (MADE, "ring_ms", [15]),
    (("agent_spans", {"state": "wrap"}), "duration_ms", [120]),
    (("agent_spans", {"state": "pause"}), "duration_ms", [1200]),
    (("agent_spans", {"state": "wait"}), "duration_ms", [300]),
]


# --- for the program


def text_of(value, kind):
    if value is None:
        return ""
    if kind == INSTANT:
        return utc(value).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if kind == BOOL:
        return "true" if value else "false"
    return str(value)


def toml(value):
    return str(value).lower() if isinstance(value, bool) else f'"{value}"'


def write_project(rows, folder):
    """A project with its exports: one source and one file a table, columns under their own names."""
    shutil.rmtree(folder, ignore_errors=True)
    for part in ("sources", "dispositions", "data"):
        (folder / part).mkdir(parents=True)
    (folder / "dialmark.toml").write_text(
        '[centre]\nname     = "Random records"\nzone     = "Europe/London"\ncurrency = "GBP"\n\n[store]\nfolder = "lake"\n'
    )
    (folder / "dispositions" / "codes.toml").write_text(
        "[disposition]\n"
        + "".join(
            f"{code} = {{ " + ", ".join(f"{key} = {toml(value)}" for key, value in said.items()) + " }\n"
            for code, said in ((code, {"means": means} | otherwise) for code, (means, otherwise) in CODES.items())
        )
    )
    for table, known in COLUMNS.items():
        mapping = "".join(f'{name} = "{name}"\n' for name in known)
        (folder / "sources" / f"{table}.toml").write_text(
            f'[source.{table}]\ntable = "{table}"\nfiles = ["data/{table}.csv"]\nid    = "id"\n\n'
            f"[source.{table}.columns]\n{mapping}"
        )
        with (folder / "data" / f"{table}.csv").open("w", newline="", encoding="utf-8") as file:
            lines = csv.writer(file)
            lines.writerow(["id", *known])
            for row in rows[table]:
                lines.writerow([row["id"], *(text_of(row[name], kind) for name, kind in known.items())])


# --- for DuckDB

ARROW = {
    TEXT: pyarrow.string(),
    INTEGER: pyarrow.int64(),
    BOOL: pyarrow.bool_(),
    INSTANT: pyarrow.timestamp("us", tz="UTC"),
    DAYS: pyarrow.date32(),
    DURATION: pyarrow.int64(),
    AMOUNT: pyarrow.decimal128(18, 4),
    NUMBER: pyarrow.decimal128(18, 6),
}


def meaning(code):
    """What the map says of a code; nothing of one that it does not know."""
    if code not in CODES:
        return dict.fromkeys(("outcome", "contact", "right_party", "live_answer", "success")) | {"is_call": True}
    outcome, otherwise = CODES[code]
    contact = otherwise.get("contact", outcome in CONTACT)
    return {
        "outcome": outcome,
        "contact": contact,
        "right_party": otherwise.get("right_party", contact and outcome != "wrong_person"),
        "live_answer": outcome in CONTACT or outcome in ("abandoned", "dropped"),
        "success": otherwise.get("success", outcome in ("sale", "appointment", "promise")),
        "is_call": outcome != "not_a_call",
    }


def london_day(ms):
    return utc(ms).astimezone(LONDON).date()


def load(rows):
    """A DuckDB with the same tables; its time zone is UTC, so that seven days are seven times 24 hours."""
    db = duckdb.connect()
    db.execute("SET TimeZone = 'UTC'")
    for table, known in (*COLUMNS.items(), ("agent_states", COLUMNS["agent_spans"])):
        kinds = {"id": TEXT} | known | {"day": DAYS, "at": INSTANT}
        if "disposition" in known:
            kinds |= dict.fromkeys(("contact", "right_party", "live_answer", "success", "is_call"), BOOL) | {"outcome": TEXT}
        data = {name: [] for name in kinds}
        of_states = table == "agent_states"
        for row in own_time(rows["agent_spans"]) if of_states else rows[table]:
            placed = next(row[name] for name in PLACED_BY["agent_spans" if of_states else table] if row[name] is not None)
            by_instant = isinstance(placed, int)
            row = row | {"day": london_day(placed) if by_instant else placed, "at": placed if by_instant else None}
            if "disposition" in known:
                row |= meaning(row["disposition"])
            for name, kind in kinds.items():
                value = row[name]
                data[name].append(value * 1000 if kind == INSTANT and value is not None else value)
        arrays = {name: pyarrow.array(values, type=ARROW[kinds[name]]) for name, values in data.items()}
        db.register("loaded", pyarrow.table(arrays))
        db.execute(f"CREATE TABLE {table} AS SELECT * FROM loaded")
        db.unregister("loaded")
    return db


def worked_out(row):
    """The record with its length from start to end, where its source says none."""
    begins, ends = row["started_at"], row["ended_at"]
    if row["duration_ms"] is None and begins is not None and ends is not None:
        return row | {"duration_ms": ends - begins}
    return row


def own_time(spans):
    """The states with, in place of each, the pieces of time of which no state of the same agent that began later takes any:
    looked at between every two instants at which one begins or ends."""
    left, by_agent = [], {}
    for row in spans:
        begins, lasts = row["started_at"], row["duration_ms"]
        if begins is None and None not in (row["ended_at"], lasts):
            begins = row["ended_at"] - lasts
        if None in (row["agent_id"], begins, lasts) or lasts <= 0:
            left.append(row)
        else:
            by_agent.setdefault(row["agent_id"], []).append((begins, begins + lasts, row))
    for states in by_agent.values():
        instants = sorted({at for begins, ends, _ in states for at in (begins, ends)})
        for begins, ends in zip(instants, instants[1:]):
            there = [one for one in states if one[0] <= begins and ends <= one[1]]
            if there:
                # Of two that begin at once the longer is the earlier.
                last = max(there, key=lambda one: (one[0], -one[1], one[2]["state"] or "", str(one[2]["id"])))[2]
                left.append(last | {"started_at": begins, "ended_at": ends, "duration_ms": ends - begins})
    return left


def make(seed, folder):
    """Writes a project from a seed, and yields the same records in DuckDB."""
    rows = Records(seed).rows
    write_project(rows, Path(folder))
    return load(rows | {table: [worked_out(row) for row in rows[table]] for table in ("agent_spans", "calls", "training")})
