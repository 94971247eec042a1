"""Every pack, on its fixture and, where the original files are there, on what real systems wrote.

The fixtures are ours and prove only that the reading does what it says. The figures of real files are worked out here a
second time, from their bytes, without Dialmark.
"""

import csv
import json
import shutil
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from checks import END_OF, ROOT, Check  # noqa: E402

FIXTURES = ROOT / "crates" / "packs" / "fixtures"
check = Check()


def project(sources):
    """A project whose sources are packs: `{name: (pack, files, more)}`."""
    shutil.rmtree(check.work, ignore_errors=True)
    (check.work / "sources").mkdir(parents=True)
    (check.work / "dialmark.toml").write_text(
        '[centre]\nname = "Packs"\nzone = "Europe/London"\ncurrency = "GBP"\n\n[store]\nfolder = "lake"\n'
    )
    text = ""
    for name, (pack, files, more) in sources.items():
        listed = ", ".join(json.dumps(str(file)) for file in files)
        text += f'[source.{name}]\npack = "{pack}"\nfiles = [{listed}]\n{more}\n'
    (check.work / "sources" / "packs.toml").write_text(text)


def imported():
    """What the import says, by source and table: read, accepted, quarantined by reason."""
    told = json.loads(check.run("import", "--format", "json"))
    files = told["imported"] if isinstance(told, dict) else told
    return {file["source"]: file for file in files}


def rows(table, columns, order):
    """Rows of a table as DuckDB reads them from the store, instants as seconds since 1970."""
    db = check.attached()
    db.execute("SET TimeZone = 'UTC'")
    plain = [f"epoch_ms({c}) / 1000" if c.endswith("_at") else c for c in columns]
    return db.execute(f"SELECT {', '.join(plain)} FROM lake.{table} ORDER BY {order}").fetchall()


def second(text):
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc).timestamp()


# --- fixtures

packs = json.loads(check.run_anywhere("packs", "list", "--format", "json"))
without = [pack["id"] for pack in packs if not list(FIXTURES.glob(f"{pack['id']}.*"))]
check.holds("every pack has a fixture", not without, without)
unexplained = [
    (pack["id"], column["column"])
    for pack in packs
    for stream in pack["streams"]
    for column in stream["columns"]
    if column["known"] not in ("sample", "documented", "assumed")
]
check.holds("of every column it is said how it is known", not unexplained, unexplained)

for pack in packs:
    if any(stream["pulled_from"] for stream in pack["streams"]):
        # Its fixture is a database: `tests/pull` reads it.
        continue
    project({"s": (pack["id"], sorted(FIXTURES.glob(f"{pack['id']}.*")), "")})
    told = imported()
    sums = all(file["accepted"] + sum(file["quarantined"].values()) == file["read"] for file in told.values())
    check.holds(f"{pack['id']}: accepted and quarantined are what was read", sums and told, told)

project({"cdr": ("asterisk_cdr", sorted(FIXTURES.glob("asterisk_cdr.*")), "[source.cdr.columns]\ndirection = { const = 'outbound' }\n")})
imported()
# The wall of the machine is an hour ahead of UTC, as the identifiers show, whatever the zone of the source says.
nine = second("2026-01-05T09:00:00")
check.same(
    "asterisk_cdr: calls",
    dict(enumerate(rows("calls", ["started_at", "answered_at", "duration_ms", "billed_ms", "disposition", "trunk", "direction"], "started_at"))),
    dict(
        enumerate(
            [
                (nine, nine + 7, 60000, 53000, "ANSWERED", "SIP/carrier", "outbound"),
                (nine + 120, None, 30000, 0, "NO ANSWER", "SIP/carrier", "outbound"),
                (nine + 180, None, 5000, 0, "BUSY", "SIP/carrier", "outbound"),
                (nine + 300, nine + 310, 60000, 50000, "ANSWERED", "SIP/carrier", "outbound"),
                (nine + 420, None, 20000, 0, "NO ANSWER", "SIP/carrier", "outbound"),
            ]
        )
    ),
)

project({"q": ("asterisk_queue_log", [FIXTURES / "asterisk_queue_log.log"], "")})
told = imported()
check.same(
    "asterisk_queue_log: what is no event is set aside in every stream",
    {source: file["quarantined"] for source, file in told.items()},
    {source: {"shape": 1} for source in ("q", "q_agent_spans", "q_shifts")},
)
check.same(
    "asterisk_queue_log: calls",
    dict(enumerate(rows("calls", ["queue_ms", "talk_ms", "disposition", "end_reason", "agent_id", END_OF.format("caller_number")], "queued_at"))),
    dict(
        enumerate(
            [
                (10000, 30000, "COMPLETEAGENT", "agent", "SIP/ann", "0101"),
                (15000, None, "ABANDON", "abandoned", None, None),
                (None, None, "ENTERQUEUE", None, None, "0102"),
            ]
        )
    ),
)
check.same(
    "asterisk_queue_log: the states of a log-in add up to it",
    {"states": sum(row[0] for row in rows("agent_spans", ["duration_ms", "agent_id"], "started_at") if row[1] == "SIP/ann")},
    {"states": rows("shifts", ["logged_ms"], "started_at")[0][0]},
)

project({"t": ("twilio_calls", [FIXTURES / "twilio_calls.json"], "")})
imported()
check.same(
    "twilio_calls: the later price wins, and a charge is a cost",
    dict(rows("calls", ["source_id", "CAST(cost_amount AS VARCHAR)"], "source_id")),
    {"CA01": "0.0200", "CA02": "0.0010"},
)

project({"s": ("twilio_status", [FIXTURES / "twilio_status.json"], "")})
told = imported()["s"]
check.holds("twilio_status: what says no status is set aside", told["quarantined"] == {"shape": 1}, told)
check.same(
    "twilio_status: calls that are over",
    dict(enumerate(rows("calls", ["answered_at", "ended_at", "duration_ms", "billed_ms", "disposition", "answered_by", "recording_ref", "parent_call_id"], "source_id"))),
    {
        0: (nine + 16, nine + 65, 49000, 60000, "completed", "person", "RE01", None),
        1: (None, nine + 150, 0, 0, "busy", None, None, "CA01"),
    },
)

project({"g": ("genesys_conversations", [FIXTURES / "genesys_conversations.json"], "")})
imported()
check.same(
    "genesys_conversations: one call",
    dict(enumerate(rows("calls", ["queue_ms", "ring_ms", "talk_ms", "hold_ms", "wrap_ms", "disposition", END_OF.format("called_number")], "started_at"))),
    {0: (30000, 5000, 495000, 60000, 30500, "SOLD", "0100")},
)

project({"k": ("amazon_connect_contacts", [FIXTURES / "amazon_connect_contacts.json"], ""), "a": ("amazon_connect_agents", [FIXTURES / "amazon_connect_agents.json"], "")})
told = imported()
check.holds("amazon_connect_contacts: an older delivery that comes later is superseded", told["k"]["superseded"] == 1, told["k"])
check.same(
    "amazon_connect_contacts: calls",
    dict(enumerate(rows("calls", ["direction", END_OF.format("called_number"), "talk_ms", "hold_ms", "wrap_ms", "answered_by"], "started_at"))),
    {0: ("outbound", "0101", 90000, 20000, 15000, "person"), 1: ("inbound", "0100", None, None, None, None)},
)
check.same(
    "amazon_connect_agents: states",
    dict(enumerate(rows("agent_spans", ["state", "duration_ms", "reason"], "started_at"))),
    {0: ("wait", 10000, None), 1: ("talk", 90000, None), 2: ("wrap", 15000, None), 3: ("pause", 1800000, "Lunch")},
)


# --- what real systems wrote

def queue_log(path):
    """Calls of a queue log, from its lines: wait, talk, how they ended."""
    calls = {}
    for line in path.read_text().splitlines():
        epoch, call, queue, agent, event, *rest = line.split("|")
        if call == "NONE":
            continue
        known = calls.setdefault(call, {"queued": None, "wait": None, "talk": None, "event": None, "agent": None})
        if event == "ENTERQUEUE":
            known |= {"queued": int(epoch), "event": event}
        elif event == "CONNECT":
            known |= {"wait": int(rest[0]), "agent": agent, "event": event}
        elif event in ("COMPLETEAGENT", "COMPLETECALLER"):
            known |= {"talk": int(rest[1]), "event": event}
        elif event == "ABANDON":
            known |= {"wait": int(rest[2]), "event": event}
    return calls


def seconds(value):
    return None if value is None else value * 1000


if check.data:
    log = check.data / "asterisk" / "queue_log_real_2010.txt"
    expected = json.loads((check.data / "asterisk" / "queue_log_expected.json").read_text())
    project({"q": ("asterisk_queue_log", [log], "")})
    told = imported()
    found = rows("calls", ["linked_id", "queue_ms", "talk_ms", "disposition", "agent_id", "queued_at"], "linked_id")
    by_hand = {
        call: (seconds(k["wait"]), seconds(k["talk"]), k["event"], k["agent"], k["queued"]) for call, k in queue_log(log).items()
    }
    check.same("a real queue_log: calls", {row[0]: row[1:] for row in found}, by_hand)
    answered = [row for row in found if row[4]]
    check.same(
        "a real queue_log: known figures",
        {
            "offered": len(found),
            "answered": len(answered),
            "abandoned": sum(row[3] == "ABANDON" for row in found),
            "completed": sum(row[3].startswith("COMPLETE") for row in found),
            "ASA_s": sum(row[1] for row in answered) / 1000 / len(answered),
            "talk": sorted(row[2] / 1000 for row in found if row[2] is not None),
        },
        {key: expected[key] for key in ("offered", "answered", "abandoned", "completed", "ASA_s")} | {"talk": sorted(expected["talk_list"])},
    )
    rang = sum(row[0] for row in rows("agent_spans", ["duration_ms", "state"], "started_at") if row[1] == "ring")
    check.holds("a real queue_log: agents rang", rang > 0, rang)

    cdr = check.data / "asterisk" / "Master.csv"
    project({"cdr": ("asterisk_cdr", [cdr], "")})
    told = imported()["cdr"]
    lines = [line for line in csv.reader(cdr.open()) if line]
    by_hand = {}
    for line in lines:
        wall = {name: line[at] and datetime.fromisoformat(line[at]) for name, at in (("start", 8), ("answer", 9), ("end", 10))}
        offset = round((wall["start"].replace(tzinfo=timezone.utc).timestamp() - float(line[16])) / 900) * 900
        utc = {name: at and at.replace(tzinfo=timezone(timedelta(seconds=offset))).timestamp() for name, at in wall.items()}
        by_hand[f"{line[16]}#{line[18]}"] = (utc["start"], utc["answer"] or None, utc["end"], int(line[11]) * 1000, int(line[12]) * 1000, line[13])
    found = rows("calls", ["source_id", "started_at", "answered_at", "ended_at", "duration_ms", "billed_ms", "disposition"], "source_id")
    check.same("a real Master.csv: records at their instants", {row[0]: row[1:] for row in found}, by_hand)
    check.holds("a real Master.csv: nothing is set aside", not told["quarantined"], told)

    good = check.data / "asterisk" / "testsuite_cdr_good.csv"
    project({"cdr": ("asterisk_cdr", [good], "")})
    told = imported()["cdr"]
    check.holds("records of one identifier are told apart by what they say", (told["new"], told["accepted"]) == (5, 5), told)

    project({"cdr": ("asterisk_cdr", [check.data / "asterisk" / "testsuite_cdr_buggy.csv"], "")})
    told = check.tried("import", "--format", "json")
    check.holds("a damaged file is said to be one, and nothing of it is lost in silence", "never closed" in told or "quotes" in told, told)

    project({"f": ("freeswitch_csv", [check.data / "freeswitch" / "Master_sample_excel_resaved.csv"], "zone = 'Asia/Shanghai'\n")})
    told = imported()["f"]
    lines = [line for line in csv.reader((check.data / "freeswitch" / "Master_sample_excel_resaved.csv").open()) if line]
    check.holds("a FreeSWITCH file that a spreadsheet saved is read to its end", told["accepted"] == len(lines), told)
    check.same(
        "FreeSWITCH: lengths",
        {row[0]: row[1:] for row in rows("calls", ["source_id", "duration_ms", "billed_ms", "disposition"], "source_id")},
        {line[10]: (int(line[7]) * 1000, int(line[8]) * 1000, line[9]) for line in lines},
    )

    HEARD = {"human": "person", "machine": "machine", "fax": "fax", "unknown": "unknown"}
    # The vendor's examples stand in an envelope, which a page of the real interface does not have.
    pages = json.loads((check.data / "twilio" / "call_list_examples.json").read_text())
    folder = check.work.parent / "twilio-pages"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    wanted = {}
    for name, page in pages.items():
        (folder / f"{name}.json").write_text(json.dumps(page["value"], indent=1))
        wanted |= {call["sid"]: call for call in page["value"].get("calls", [])}
    project({"t": ("twilio_calls", [f"{folder}/*.json"], "")})
    told = check.run("import", "--format", "json")
    found = {row[0]: row[1:] for row in rows("calls", ["source_id", "duration_ms", "queue_ms", "currency", "answered_by"], "source_id")}
    check.same(
        "Twilio's examples",
        found,
        {
            sid: (int(call["duration"]) * 1000, int(call["queue_time"]), call["price_unit"], HEARD.get((call["answered_by"] or "").split("_")[0]))
            for sid, call in wanted.items()
        },
    )

    genesys = sorted((check.data / "genesys").glob("*.json"))
    project({"g": ("genesys_conversations", genesys, "")})
    # One sample has instants that are none (`2021-04-2T...`): what they place is set aside, and the import says so.
    said = check.tried("import")
    check.holds("Genesys' samples: what has no readable time is set aside and said", "quarantined (no_time 2)" in said, said)
    found = {row[0]: row[1:] for row in rows("calls", ["source_id", "started_at", "talk_ms", "wrap_ms", "agent_id", "disposition", "campaign_id"], "source_id")}

    def instant(text):
        # One of the vendor's own samples has the day `2021-04-2`, which is none.
        try:
            return datetime.fromisoformat(text.replace("Z", "+00:00"))
        except ValueError:
            return None

    def conversation(value):
        segments = [
            (person, segment)
            for person in value["participants"]
            if person["purpose"] in ("agent", "user")
            for session in person["sessions"]
            for segment in session.get("segments", [])
        ]

        def total(kind):
            ends = [(instant(s["segmentStart"]), instant(s["segmentEnd"])) for _, s in segments if s["segmentType"] == kind]
            if not ends or any(None in pair for pair in ends):
                return None
            return sum(round((end - begin).total_seconds() * 1000) for begin, end in ends)

        talks = sorted((s["segmentStart"], p.get("userId")) for p, s in segments if s["segmentType"] == "interact")
        codes = sorted((s["segmentStart"], s["wrapUpCode"]) for _, s in segments if s.get("wrapUpCode"))
        campaigns = {session.get("outboundCampaignId") for p in value["participants"] for session in p["sessions"]} - {None}
        return (
            instant(value["conversationStart"]).timestamp(), total("interact"), total("wrapup"), talks[-1][1] if talks else None,
            codes[-1][1] if codes else None, next(iter(campaigns), None),
        )

    read = [json.loads(path.read_text()) for path in genesys]
    check.same("Genesys' samples", found, {value["conversationId"]: conversation(value) for value in read})

    (contact,) = (check.data / "amazon_connect").glob("*.json")
    project({"k": ("amazon_connect_contacts", [contact], "")})
    imported()
    record = json.loads(contact.read_text())
    agent = record["Agent"]
    check.same(
        "an Amazon Connect contact record",
        {row[0]: row[1:] for row in rows("calls", ["source_id", "talk_ms", "hold_ms", "wrap_ms", "queue_ms", "agent_id", "connected_at", "transfers"], "source_id")},
        {
            record["ContactId"]: (
                agent["AgentInteractionDuration"] * 1000, agent["CustomerHoldDuration"] * 1000, agent["AfterContactWorkDuration"] * 1000,
                record["Queue"]["Duration"] * 1000, agent["Username"], instant(agent["ConnectedToAgentTimestamp"]).timestamp(), 1,
            )
        },
    )

check.close()
