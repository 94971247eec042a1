"""Packs that read tables, from the fixtures, against what the servers add up themselves."""

import json
import tomllib
from datetime import datetime, timezone

from checks import END_OF, ROOT
from plain import address

FIXTURES = ROOT / "crates" / "packs" / "fixtures"


def packed(server, name, pack, more="", database="centre", zone="America/New_York", pull=""):
    url = address(server).replace("/centre", f"/{database}")
    return f'[source.{name}]\npack = "{pack}"\nzone = "{zone}"\n{more}\n[source.{name}.pull]\ndatabase = "{url}"\npassword_env = "CENTRE_PASSWORD"\npause = "0ms"\n{pull}\n'


def rows(check, table, columns, order, where="true"):
    db = check.attached()
    db.execute("SET TimeZone = 'UTC'")
    plain = [f"epoch_ms({c}) / 1000" if c.endswith("_at") else c for c in columns]
    return db.execute(f"SELECT {', '.join(plain)} FROM lake.{table} WHERE {where} ORDER BY {order}").fetchall()


def numbered(found):
    return dict(enumerate(tuple(row) for row in found))


def second(text):
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc).timestamp()


ALL_CALLS = "(select * from vicidial_log union all select a.* from vicidial_log_archive a left join vicidial_log l using (uniqueid) where l.uniqueid is null) c"
ALL_ROWS = "(select * from vicidial_agent_log union all select a.* from vicidial_agent_log_archive a left join vicidial_agent_log l using (agent_log_id) where l.agent_log_id is null) r"
SOUND = "greatest(pause_sec, wait_sec, talk_sec, dispo_sec, dead_sec) < 65000"


def by_server(server):
    """What VICIdial's database adds up: calls by status, agents' seconds by state."""
    calls = {("calls", status): (int(n), int(s or 0)) for status, n, s in server.sql(f"select status, count(*), sum(length_in_sec) from {ALL_CALLS} group by status", "asterisk")}
    sums = ["sum(pause_sec)", "sum(wait_sec)", "sum(talk_sec - least(dead_sec, talk_sec))", "sum(least(dead_sec, talk_sec) + dispo_sec)"]
    seconds = {}
    for user, *parts in server.sql(f"select user, {', '.join(sums)} from {ALL_ROWS} where {SOUND} group by user", "asterisk"):
        for state, spent in zip(("pause", "wait", "talk", "wrap"), parts):
            if int(spent):
                seconds["agent", user, state] = int(spent)
    return calls | seconds


def by_dialmark(check):
    calls = {("calls", status): (n, int(ms or 0) // 1000) for status, n, ms in rows(check, "calls", ["disposition", "count(*)", "sum(duration_ms)"], "1", "source = 'vd' group by 1")}
    spans = rows(check, "agent_spans", ["agent_id", "state", "sum(duration_ms)"], "1", "true group by 1, 2")
    return calls | {("agent", agent, state): int(ms) // 1000 for agent, state, ms in spans}


def check_vicidial(check, servers, project):
    mariadb, _ = servers
    mariadb.sql("create database asterisk character set latin1; grant select on asterisk.* to reader@'127.0.0.1'", "mysql")
    mariadb.sql((FIXTURES / "vicidial.sql").read_text(), "asterisk")
    project(packed(mariadb, "vd", "vicidial", database="asterisk"))
    pull = lambda: {line["source"]: line for line in json.loads(check.run("pull", "--format", "json"))}
    told = pull()
    check.holds("a pack of several streams makes a source of each", sorted(told) == ["vd", "vd_agent_spans", "vd_closer_calls", "vd_leads", "vd_shifts"], told)
    check.same("VICIdial: calls and agents' time as its database adds them up", by_dialmark(check), by_server(mariadb))
    set_aside = {source: line["imported"]["quarantined"] for source, line in told.items() if line["imported"]["quarantined"]}
    check.same("VICIdial: what ran over or has no time is set aside", set_aside, {"vd_agent_spans": {"shape": 1}, "vd_shifts": {"shape": 1}, "vd_leads": {"no_time": 1}})
    nine = second("2026-01-05T14:00:00")
    columns = ["source_id", "direction", "dial_mode", "agent_id", "started_at", "ended_at", "duration_ms", "end_reason", "carrier_cause", "attempt_no", "list_id", "campaign_id"]
    check.same(
        "VICIdial: dialled calls",
        numbered(rows(check, "calls", columns, "source_id", "source = 'vd' and source_id > '1767621'")),
        dict(
            enumerate(
                [
                    ("1767621600.1", "outbound", None, "ann", nine, nine + 90, 90000, "customer", "16", 2, "101", "SOLAR"),
                    ("1767621600.2", "outbound", None, None, nine, nine + 25, 25000, None, "17", 1, "101", "SOLAR"),
                    ("1767621660.3", "outbound", None, None, nine + 60, nine + 72, 12000, "abandoned", None, 1, None, "SOLAR"),
                    ("1767621720.4", "outbound", "manual", "bob", nine + 120, nine + 165, 45000, "agent", None, 3, "102", "WIND"),
                    ("1767621780.5", "outbound", None, "bob", nine + 180, None, None, None, None, 1, "102", "WIND"),
                ]
            )
        ),
    )
    columns = ["direction", "queue", "campaign_id", "parent_call_id", "agent_id", "queued_at", "connected_at", "queue_ms", "talk_ms", "end_reason"]
    check.same(
        "VICIdial: a drop that rolled over is a leg of its call, and what arrived by itself is none",
        numbered(rows(check, "calls", columns, "queued_at", "source = 'vd_closer_calls'")),
        {
            0: ("internal", "ROLLOVER", "SOLAR", "1767621660.3", "bob", nine + 72, nine + 82.5, 10500, 69500, "customer"),
            1: ("inbound", "SERVICE", None, None, None, nine + 300, None, 20000, None, "abandoned"),
        },
    )
    shifts = lambda: numbered(rows(check, "shifts", ["agent_id", "started_at", "ended_at", "logged_ms"], "agent_id, started_at"))
    check.same("VICIdial: log-ins", shifts(), {0: ("ann", nine - 90, nine + 690, 780000), 1: ("bob", nine + 120, nine + 185, 65000)})
    leads = rows(check, "leads", ["source_id", "campaign_id", "lead_source", "region", "loaded_at"], "source_id")
    loaded = second("2026-01-02T17:00:00")
    check.same("VICIdial: leads", numbered(leads), {0: ("11", "SOLAR", "WEB", "NY", loaded), 1: ("12", "SOLAR", "WEB", "NY", loaded), 2: ("15", "WIND", "COLD", "CA", loaded)})

    written = check.work / "dispositions" / "vd.toml"
    written.parent.mkdir()
    check.run("pull", "vd", "--dispositions", written, "--from", "2026-01-01")
    file = tomllib.loads(written.read_text())
    check.same(
        "VICIdial: what its statuses mean by their flags",
        {code: meaning["means"] for code, meaning in file["disposition"].items()},
        {"SALE": "sale", "NI": "not_interested", "NA": "no_answer", "A": "machine", "ROOF": "invalid"},
    )
    check.holds("VICIdial: the map has its day and says where a campaign differs", str(file["from"]) == "2026-01-01" and '# "WIND:NI" = "callback"' in written.read_text(), written.read_text())
    told = pull()
    new = sum(line["imported"]["new"] + line["imported"]["corrected"] for line in told.values() if line["imported"])
    check.holds("VICIdial: the same again changes nothing", new == 0, told)
    mariadb.sql("update vicidial_agent_log set talk_epoch = 1767621787, wait_sec = 2, talk_sec = 40, dead_sec = 3, dispo_epoch = 1767621827, dispo_sec = 8, status = 'SALE' where agent_log_id = 4", "asterisk")
    mariadb.sql("update vicidial_log set end_epoch = 1767621830, length_in_sec = 50, status = 'SALE', term_reason = 'CALLER' where uniqueid = '1767621780.5'", "asterisk")
    told = pull()
    check.same("VICIdial: rows that were filled in later", by_dialmark(check), by_server(mariadb))
    check.holds("VICIdial: a call that ended is one corrected record", (told["vd"]["imported"]["corrected"], told["vd"]["imported"]["new"]) == (1, 0), told["vd"])
    check.same("VICIdial: the log-in grows", {0: shifts()[1]}, {0: ("bob", nine + 120, nine + 235, 115000)})
    # As the nightly job does: first into the archive, then out of the table; for a moment a row is in both.
    for table, key in (("vicidial_log", "uniqueid"), ("vicidial_agent_log", "agent_log_id"), ("vicidial_closer_log", "closecallid")):
        mariadb.sql(f"insert ignore into {table}_archive select * from {table}", "asterisk")
        pull()
        check.same(f"VICIdial: while {table} is archived", by_dialmark(check), by_server(mariadb))
        mariadb.sql(f"delete from {table}", "asterisk")
    # A stale twin in the archive: the live row is the newer.
    mariadb.sql("insert into vicidial_log select * from vicidial_log_archive where uniqueid = '1767621780.5'; update vicidial_log set status = 'NI'", "asterisk")
    pull()
    check.same("VICIdial: the live row counts, not its twin in the archive", by_dialmark(check), by_server(mariadb))
    before = rows(check, "calls", ["count(*)"], "1")
    check.run("pull", "--all", "--format", "json")
    check.holds("VICIdial: everything read again from the archives is the same", rows(check, "calls", ["count(*)"], "1") == before, before)
    check.same("VICIdial: and adds up", by_dialmark(check), by_server(mariadb))


def check_summer_time(check, servers, project):
    """The night on which clocks show an hour twice: nothing of it is lost, whatever the cursor says."""
    mariadb, _ = servers
    mariadb.sql("create database night; grant select on night.* to reader@'127.0.0.1'", "mysql")
    mariadb.sql((FIXTURES / "vicidial.sql").read_text().split("-- 9:00 in New York")[0], "night")
    project(packed(mariadb, "vd", "vicidial/calls", database="night", pull='look_back = "5min"'))

    # 1:30 comes at 5:30 and again at 6:30 UTC on 1 November 2026; here the year before, so that the night is over.
    def call(number, epoch, wall, has_epoch=True):
        seconds = f"{epoch}, {epoch + 10}" if has_epoch else "0, 0"
        mariadb.sql(f"insert into vicidial_log values ('{number}', 1, 1, 'C', '{wall}', {seconds}, 10, 'NA', '1', '5', 'VDAD', 'AUTO', 'N', null, 'NONE', 'MAIN', 1)", "night")

    first = 1762061400  # 2 November 2025, 1:30 in summer time
    call("a.1", first, "2025-11-02 01:30:00")
    call("a.2", first + 1740, "2025-11-02 01:59:00")
    check.run("pull", "--format", "json")
    # After the clock was set back: the wall reads less than the cursor.
    call("a.3", first + 1860, "2025-11-02 01:01:00")
    call("a.4", first + 3600, "2025-11-02 01:30:00")
    call("a.5", 0, "2025-11-02 01:31:00", has_epoch=False)
    check.run("pull", "--format", "json")
    found = dict(rows(check, "calls", ["source_id", "started_at"], "source_id"))
    wanted = {"a.1": first, "a.2": first + 1740, "a.3": first + 1860, "a.4": first + 3600, "a.5": first + 60}
    check.same("the hour that clocks show twice is read again, and seconds since 1970 tell its halves apart", found, wanted)


def for_server(server, text):
    return text if server.scheme == "mysql" else text.replace("datetime", "timestamp")


def check_asterisk(check, servers, project):
    declared = ""
    for server in servers:
        for pack in ("asterisk_cdr_table", "asterisk_queue_log_table"):
            server.sql(for_server(server, (FIXTURES / f"{pack}.sql").read_text()))
        declared += packed(server, f"cdr_{server.scheme}", "asterisk_cdr_table", "[source.NAME.columns]\ndirection = { const = 'outbound' }".replace("NAME", f"cdr_{server.scheme}"), zone="Europe/London")
        declared += packed(server, f"q_{server.scheme}", "asterisk_queue_log_table", zone="Europe/London")
    project(declared)
    check.run("pull", "--format", "json")
    nine = second("2026-01-05T09:00:00")
    for server in servers:
        name = server.scheme
        columns = ["started_at", "answered_at", "ended_at", "duration_ms", "billed_ms", "disposition", "trunk", "direction"]
        check.same(
            f"{name}: call detail records",
            numbered(rows(check, "calls", columns, "started_at", f"source = 'cdr_{name}'")),
            {
                0: (nine, nine + 7, nine + 60, 60000, 53000, "ANSWERED", "SIP/carrier", "outbound"),
                1: (nine + 120, None, nine + 150, 30000, 0, "NO ANSWER", "SIP/carrier", "outbound"),
                2: (nine + 180, None, nine + 185, 5000, 0, "BUSY", "SIP/carrier", "outbound"),
            },
        )
        columns = ["queue_ms", "talk_ms", "disposition", "end_reason", "agent_id", END_OF.format("caller_number"), "queued_at"]
        check.same(
            f"{name}: calls of the queue log",
            numbered(rows(check, "calls", columns, "queued_at", f"source = 'q_{name}'")),
            {
                0: (10000, 30000, "COMPLETEAGENT", "agent", "SIP/ann", "0101", nine + 10),
                1: (15000, None, "ABANDON", "abandoned", None, None, nine + 60),
                2: (None, None, "ENTERQUEUE", None, None, "0102", nine + 90),
            },
        )
        spans = rows(check, "agent_spans", ["sum(duration_ms)"], "1", f"source = 'q_{name}_agent_spans' and agent_id = 'SIP/ann'")
        shifts = rows(check, "shifts", ["logged_ms"], "1", f"source = 'q_{name}_shifts'")
        check.holds(f"{name}: the states of a log-in add up to it", spans == shifts == [(100000,)], (spans, shifts))
        later = "insert into queue_log values ('2026-01-05 09:02:00', 'c4', 'sales', 'SIP/bob', 'CONNECT', '30', '', '', '', ''), ('2026-01-05 09:03:00', 'c4', 'sales', 'SIP/bob', 'COMPLETECALLER', '30', '60', '1', '', '')"
        server.sql(later)
    check.run("pull", "--format", "json")
    for server in servers:
        found = rows(check, "calls", ["queue_ms", "talk_ms", "disposition"], "queued_at desc limit 1", f"source = 'q_{server.scheme}'")
        check.holds(f"{server.scheme}: a call that was open is carried on", found == [(30000, 60000, "COMPLETECALLER")], found)
    # Three days later only two are read again: what is told of the first day stays as it was.
    for server in servers:
        server.sql("insert into queue_log values ('2026-01-08 09:00:00', 'c9', 'sales', 'NONE', 'ENTERQUEUE', '', '1', '1', '', ''), ('2026-01-08 09:00:05', 'c9', 'sales', 'NONE', 'ABANDON', '1', '1', '5', '', '')")
    check.run("pull", "--format", "json")
    told = json.loads(check.run("pull", "--format", "json"))
    read = {line["source"]: line["rows"] for line in told}
    check.holds("the first day is not read again", all(read[f"q_{s.scheme}"] == 2 for s in servers), read)
    for server in servers:
        found = rows(check, "calls", ["count(*)", "sum(queue_ms)"], "1", f"source = 'q_{server.scheme}'")
        check.holds(f"{server.scheme}: and stays as it was told", [tuple(map(int, row)) for row in found] == [(4, 60000)], found)
