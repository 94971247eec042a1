"""The way of a record through the program as a user has it: sent, asked for, corrected, set aside, read again, backed up.

A figure is never taken from the program alone: what was sent is counted here.
"""

import gzip
import json
import shutil
import subprocess
import sys
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))
import people  # noqa: E402
import readings  # noqa: E402
import webhooks  # noqa: E402
from checks import Check, Served, send  # noqa: E402

check = Check()
SOURCES = """
[source.dialler]
table    = "calls"
format   = "jsonl"
id       = "id"
revision = {{ from = "rev", as = "integer" }}
[source.dialler.columns]
started_at  = {{ from = "at", as = "{pattern}" }}
disposition = "result"
direction   = {{ const = "outbound" }}

[source.export]
table = "calls"
files = ["export/*.csv"]
id    = "id"
columns = {{ started_at = "at" }}
"""
ISO, SLASHED = "%Y-%m-%dT%H:%M:%S", "%d/%m/%Y %H:%M"


def project(pattern):
    (check.work / "sources").mkdir(parents=True, exist_ok=True)
    (check.work / "dialmark.toml").write_text(
        '[centre]\nname = "Records"\nzone = "Europe/London"\n[store]\nfolder = "lake"\n'
    )
    (check.work / "sources" / "s.toml").write_text(SOURCES.format(pattern=pattern))


def lines(records):
    return "".join(json.dumps(record) + "\n" for record in records).encode()


def call(number, at, result="NI", revision=1):
    return {"id": f"c{number}", "rev": revision, "at": at.strftime(ISO), "result": result}


def dials(as_of=None):
    return check.query(["dials"], **({"as-of": as_of} if as_of else {}))[()]["dials"]["value"]


shutil.rmtree(check.work, ignore_errors=True)
project(ISO)
(check.work / "dispositions").mkdir()
token = check.run("token", "new", "a dialler", "--stream", "dialler").strip()
check.holds("a token is shown once and listed without its secret", token not in check.run("token", "list"))
check.holds("a token for files is refused", "only JSON can be pushed" in check.tried("token", "new", "x", "--stream", "export"))

# Five weeks of hours with forty calls each, Monday to Friday, nine to five; then a morning with a silent hour.
monday = datetime(2026, 9, 7, 9)  # in London, as the dialler writes it
hours = [
    monday + timedelta(weeks=week, days=day, hours=hour) for week in range(5) for day in range(5) for hour in range(8)
]
silent = hours[4 * 40 + 3]
calls = [
    call(f"{hour:%m%d%H}-{number}", hour + timedelta(minutes=number))
    for hour in hours
    for number in range(40)
    if hour != silent
]
with Served(check) as served:
    half = len(calls) // 2
    status, said = send(served.pages, token, "dialler", lines(calls[:half]), Idempotency_Key="first")
    check.holds("a delivery is taken", (status, said["accepted"]) == (202, half), said)
    status, said = send(served.receiving, token, "dialler", gzip.compress(lines(calls[half:])), Content_Encoding="gzip")
    check.holds("another, compressed, at the address for senders", (status, said["accepted"]) == (202, len(calls) - half), said)
    status, said = send(served.pages, token, "dialler", lines(calls[:half]), Idempotency_Key="first")
    check.holds("the first again is known by its key", (status, said["repeated"]) == (200, True), said)
    check.holds("without a token nothing is taken", send(served.pages, "dialmark_a_b", "dialler", b"{}")[0] == 401)
    check.holds("another source needs another token", send(served.pages, token, "export", b"{}")[0] == 403)
    check.until("the records are in the figures by themselves", lambda: dials() == len(calls))

    before = datetime.now(timezone.utc).isoformat().replace("+00:00", "Z")
    time.sleep(1.1)
    more = [call(f"late-{number}", hours[0] + timedelta(minutes=number)) for number in range(7)]
    send(served.pages, token, "dialler", lines([*more, call("unread", hours[0]) | {"at": "07/09/2026 09:30"}]))
    check.until("what comes late restates the period", lambda: dials() == len(calls) + 7)
    check.holds("and as it was known before, it is as before", dials(as_of=before) == len(calls), dials(as_of=before))

    backup = check.work.parent / f"{check.work.name}-backup"
    shutil.rmtree(backup, ignore_errors=True)
    check.run("backup", str(backup))
    send(served.pages, token, "dialler", lines([call("after", hours[1])]))
    check.until("a record after the backup", lambda: dials() == len(calls) + 8)

coverage = subprocess.run(
    [str(check.program), "coverage", "--format", "json", "--dir", str(check.work)], capture_output=True, text=True
)
gaps = [hour["starts_at"] for one in json.loads(coverage.stdout) for hour in one["hours"] if hour["is_gap"]]
summer = timedelta(hours=1)
check.holds("the silent hour is the only gap", gaps == [f"{silent - summer:%Y-%m-%dT%H:%M:%SZ}"], gaps)
check.holds("and is said by the exit code", coverage.returncode == 1, coverage.returncode)
noted = check.run("query", "dials", "--from", "2026-10-05")
check.holds("a figure over it says so", "Records are missing: in 1 hour" in noted, noted)
noted = check.run("query", "dials", "--from", "2026-09-07", "--to", "2026-10-03")
check.holds("a figure over other weeks does not", "Records are missing" not in noted, noted)

(line,) = json.loads(check.run("quarantine", "list", "--format", "json"))
check.holds("one record is set aside", (line["quarantined"], line["in_reach"]) == ({"no_time": 1}, 1), line)
check.holds("and shown as it came", "07/09/2026 09:30" in check.run("quarantine", "show", line["import_id"]))
project(SLASHED)
check.run("quarantine", "replay")
check.holds("under a mended mapping it is read", dials() == len(calls) + 9, dials())
check.run("quarantine", "replay")
check.holds("once", dials() == len(calls) + 9 and json.loads(check.run("quarantine", "list", "--format", "json")) == [])

check.run("lake", "compact")
check.holds("joining files moves nothing", dials() == len(calls) + 9)
check.holds("the store is whole", json.loads(check.run("verify", "--deep", "--format", "json"))["problems"] == [])
back = check.work.parent / f"{check.work.name}-back"
shutil.rmtree(back, ignore_errors=True)
check.run_anywhere("restore", backup, "--to", back)
shutil.rmtree(check.work / "lake")
shutil.move(back, check.work / "lake")
check.holds("the backup holds what was there when it was made", dials() == len(calls) + 7, dials())
db = check.attached()
(attached,) = db.execute("SELECT count(*) FROM lake.calls").fetchone()
check.holds("DuckDB counts as many in what was put back", attached == len(calls) + 7, attached)
db.close()

webhooks.run(check)
people.run(check)
readings.run(check)
check.close()
