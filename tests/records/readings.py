"""What a changed mapping does to records that came before, by every way in; states over each other; sources that fall silent.
"""

import json
import shutil
from datetime import date, datetime, timedelta

from checks import Served, send

MAPPING = """
[source.dialler]
table    = "calls"
files    = ["in/*.jsonl"]
format   = "jsonl"
id       = {id}
revision = {{ from = "v", as = "integer" }}
[source.dialler.columns]
started_at  = {{ from = "at", as = "{pattern}" }}
agent_id    = "{agent}"
direction   = {{ const = "outbound" }}

[source.adds]
table   = "contacts"
format  = "jsonl"
mode    = "append"
columns = {{ started_at = {{ from = "at", as = "{pattern}" }} }}

[source.states]
table   = "agent_spans"
files   = ["in/states*.csv"]
mode    = "append"
columns = {{ agent_id = "agent", state = "state", started_at = "from", ended_at = "to" }}

[source.exports]
table   = "calls"
files   = ["in/export*.csv"]
id      = "id"
columns = {{ started_at = "at" }}
"""
ISO = "%Y-%m-%dT%H:%M:%S"


def run(check):
    shutil.rmtree(check.work, ignore_errors=True)
    for folder in ("sources", "in"):
        (check.work / folder).mkdir(parents=True)
    (check.work / "dialmark.toml").write_text('[centre]\nname = "Readings"\nzone = "Europe/London"\n')

    def mapped(agent, **other):
        values = {"id": '"id"', "pattern": ISO, "agent": agent} | other
        (check.work / "sources" / "s.toml").write_text(MAPPING.format(**values))

    def by_agent():
        # Records of the dialler alone: the others have no agent.
        rows = check.query(["dials"], by=["agent_id"], where="source = 'dialler'").items()
        return {agent: row["dials"]["value"] for (agent,), row in rows}

    records = [{"id": f"c{n}", "v": 1, "at": "2026-09-07T09:00:00", "a": "old", "b": "new"} for n in range(200)]
    body = "".join(json.dumps(record) + "\n" for record in records)
    first, second = (check.work / "in" / f"rev-{n}.jsonl" for n in (1, 2))
    first.write_text(body)
    mapped("a")
    check.run("import", first)
    check.equals("what was read under a mapping", by_agent(), {"old": 200})
    mapped("b")
    second.write_text(body)
    check.run("import", second)
    check.equals("another file under a newer mapping counts whole", by_agent(), {"new": 200})

    mapped("a", pattern="%d/%m/%Y %H:%M")
    token = check.run("token", "new", "a dialler", "--stream", "dialler").strip()
    with Served(check) as served:
        long = [record | {"id": f"long{n}", "note": "x" * (60_000 * n)} for n, record in enumerate(records[:4])]
        lines = "".join(json.dumps(record) + "\n" for record in long).encode()
        status, said = send(served.pages, token, "dialler", lines)
        check.holds("records that cannot be read are taken", (status, said["accepted"]) == (202, 4), said)
        aside = lambda: [line for line in json.loads(check.run("quarantine", "list", "--format", "json")) if line["in_reach"]]  # noqa: E731
        check.until("and set aside", lambda: sum(line["in_reach"] for line in aside()) == 4)
        token_of_adds = check.run("token", "new", "adds", "--stream", "adds").strip()
        for many in (4, 5):
            status, _ = send(served.pages, token_of_adds, "adds", b'{"at":"2026-09-07T09:00:00"}\n')
            check.until("equal deliveries of what adds up are as many", lambda: len(aside()) >= 1 and sum(line["in_reach"] for line in aside()) == many + 1)  # noqa: B023
        mapped("a")
        check.until("serve follows the mapping and says so", lambda: any("now is in force" in line for line in served.said))
        status, _ = send(served.pages, token, "dialler", b"\xef\xbb\xbf" + body.encode())
        check.holds("a byte order mark is no part of what is sent", status == 202, status)
        check.until("what is sent again is read anew", lambda: by_agent() == {"old": 200})
        status, said = send(served.pages, token, "dialler", body.encode() + b'{"id":"\xff"}\n')
        check.holds("other bytes than UTF-8 are refused with their line", status == 400 and "line 201" in said["error"], said)
        (check.work / "sources" / "s.toml").write_text("nonsense")
        check.until("what cannot be read leaves in force what was", lambda: any("stays so" in line for line in served.said))
        mapped("a")
    check.run("quarantine", "replay")
    check.equals("of what was set aside nothing was cut", by_agent(), {"old": 204})
    added = check.attached()
    (count,) = added.execute("SELECT count(*) FROM lake.contacts").fetchone()
    check.equals("and of equal deliveries none was lost", count, 2)
    added.close()
    said = check.tried("import", first, "--source", "adds")
    check.holds("a file may be added once", "1 file loaded" in said or "not loaded" in said, said)

    mapped("b", id='"a"')
    said = check.tried("import", first)
    check.holds("records are not known by another column from now on", "would be there twice" in said, said)
    mapped("b", id='"call"\nid_was = "id"')
    renamed = check.work / "in" / "rev-3.jsonl"
    renamed.write_text(body.replace('"id"', '"call"'))
    check.run("import", renamed)
    check.equals("a column that was renamed is the same", by_agent(), {"new": 200, "old": 4})
    mapped("b")

    mapping = check.work / "sources" / "s.toml"
    mapping.write_text(mapping.read_text().replace("[source.dialler", "[source.renamed"))
    said = check.tried("import", first)
    check.holds("nor is a file imported twice by renaming its source", "imported as source `dialler`" in said, said)
    mapped("b")

    states = check.work / "in" / "states.csv"
    states.write_text(
        "agent,state,from,to\n"
        "dd,wait,2026-09-07T09:00:00Z,2026-09-07T10:00:00Z\ndd,talk,2026-09-07T09:30:00Z,2026-09-07T09:45:00Z\n"
        "dd,pause,2026-09-07T10:00:00Z,2026-09-07T11:00:00Z\ndd,wait,2026-09-07T10:30:00Z,2026-09-07T11:30:00Z\n"
    )
    check.run("import", states)
    logged = check.query(["logged_hours"], by=["state"])
    minutes = {state: row["logged_hours"]["value"] // 60_000 for (state,), row in logged.items()}
    check.equals("each moment counts for the state that began last", minutes, {"wait": 105, "talk": 15, "pause": 30})
    check.holds("and the answer says so", "0:45:00 h (of all agents, whoever is asked about), which counts once" in check.tried("query", "logged_hours"))

    said = check.tried("reconcile", "logged_hours/states", "logged_hours/without_pauses")
    check.holds("the difference of two figures over them adds up", "error" not in said and "pause" in said, said)
    (whole,) = check.query(["logged_hours"]).values()
    check.equals("a record counts once, however often it is interrupted", whole["logged_hours"]["n"], 4)

    silent(check)


def silent(check):
    """Sixty calls an hour on working days of seven weeks, and nothing after."""
    day, end, rows = date(2026, 7, 6), date(2026, 8, 22), []
    while day < end:
        if day.weekday() < 5:
            for minute in range(8 * 60):
                rows.append(f"e{len(rows)},{datetime.combine(day, datetime.min.time()) + timedelta(hours=9, minutes=minute):{ISO}}")
        day += timedelta(days=1)
    ahead = "ahead,2099-01-01T09:00:00"
    (check.work / "in" / "export.csv").write_text("id,at\n" + "\n".join([*rows, ahead]) + "\n")
    check.run("import", check.work / "in" / "export.csv")
    (check.work / "lake").rename(check.work / "lake-of-all")
    check.run("import", check.work / "in" / "export.csv")
    said = check.run("coverage", "--source", "exports")
    check.holds("the last hour is counted", f"exports (calls): {len(rows):,} records" in said, said.splitlines()[:1])
    check.holds("a record of the future is said and ends no hour", "; 1 more is dated into hours" in said, said.splitlines()[:1])
    said = check.tried("coverage", "--source", "exports", "--from", "2026-08-24", "--to", "2026-08-29")
    check.holds("a week of which nothing came is missing", "missing in 40 hours" in said, said)
    said = check.tried("query", "dials", "--from", "2026-08-24", "--to", "2026-08-29")
    check.holds("and a figure over it says so", "40 hours of the days after it, which usually bring some, lack them" in said, said)
