"""A person in the store of a whole program: hidden, found, erased, and not back with the next export.

What must be gone is looked for in every byte of the store and in every value of its Parquet files; the figures are asked for
before and after, of today and of an earlier day.
"""

import json
import os
import shutil
import subprocess
import time
from datetime import datetime, timedelta, timezone

SOURCES = """
[source.dialler]
table    = "calls"
files    = ["calls-*.csv"]
id       = "id"
[source.dialler.columns]
started_at    = "at"
direction     = { const = "outbound" }
called_number = "to"
caller_number = "from"
lead_id       = "lead"
recording_ref = "recording"
disposition   = "result"

[source.stop]
table = "dnc_events"
files = ["stop-*.csv"]
id    = "id"
columns = { number = "number", occurred_at = "at", action = { const = "added" } }
"""
COUNTRY_CODE, PERSON = "44", "7700900123"
WAYS = ["07700900123", "+447700900123", "07700 900123", "+44 (0)7700 900-123", "00447700900123"]
HEADER = "id,at,to,from,lead,recording,result"
FIGURES = "dials,attempts_per_lead"


def calls(count):
    """Calls of sixty people over ten days; every twelfth is to the person."""
    lines = []
    start = datetime(2026, 9, 1, 9)
    for number in range(count):
        hers = number % 12 == 0
        to = WAYS[number // 12 % len(WAYS)] if hers else f"07700901{number % 60:03d}"
        digits = COUNTRY_CODE + PERSON if hers else f"447700901{number % 60:03d}"
        at = start + timedelta(minutes=7 * number)
        lead = "lead-ann-77" if hers else f"lead-{number % 60}"
        lines.append(f"c{number},{at:%Y-%m-%dT%H:%M:%S},{to},02079460000,{lead},rec-{digits}-{number}.wav,NA")
    return lines


def run(check):
    folder = check.work.parent / f"{check.work.name}-people"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "sources").mkdir(parents=True)
    (folder / "dialmark.toml").write_text('[centre]\nname = "People"\nzone = "Europe/London"\ncountry = "GB"\n')
    (folder / "sources" / "s.toml").write_text(SOURCES)
    lines = calls(600)
    # One that cannot be placed is set aside with its text.
    broken = f"c900,never,{WAYS[3]},02079460000,lead-ann-77,,NA"
    (folder / "calls-1.csv").write_text("\n".join([HEADER, *lines, broken]) + "\n")
    (folder / "stop-1.csv").write_text(f"id,number,at\n1,{WAYS[2]},2026-09-11T09:00:00\n")

    def program(*arguments, fails=False):
        command = [str(check.program), *map(str, arguments), "--dir", str(folder)]
        done = subprocess.run(command, capture_output=True, text=True)
        check.holds(f"{' '.join(map(str, arguments[:2]))} {'fails' if fails else 'succeeds'}",
                    (done.returncode != 0) == fails, done.stdout + done.stderr)
        return done.stderr if fails else done.stdout

    def figures(*more):
        return json.loads(program("query", FIGURES, "--grain", "day", "--format", "json", *more))

    program("import")
    mode = (folder / "lake.key").stat().st_mode & 0o777
    check.holds("the key is beside the store and its owner's alone", mode == 0o600, oct(mode))
    time.sleep(1.1)
    then = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    time.sleep(1.1)
    corrected = [line.replace(",NA", ",SALE") for line in lines[:48]]
    (folder / "calls-2.csv").write_text("\n".join([HEADER, *corrected]) + "\n")
    program("import")
    before, before_then = figures(), figures("--as-of", then)
    distinct = people(check, folder)

    check.holds("a do-not-call entry meets the calls to its number, however either was written", stopped(check, folder) == 50)

    found = json.loads(program("erase", "--phone", WAYS[1], "--format", "json"))
    check.holds("all her calls are found", found["found"]["records"] == {"calls": 50}, found)
    keys = [(key["column"], key["value"]) for key in found["found"]["keys"]]
    check.holds("and the key that is hers alone", keys == [("lead_id", "lead-ann-77")] and not found["found"]["shared"], found)
    check.holds("finding changes nothing", found["erased"] is None and people(check, folder) == distinct)
    check.holds("and names what was set aside", found["found"]["set_aside"] == 1, found["found"])
    hidden = found["number"]
    check.holds("of her number the last digits are shown", hidden.startswith(f"*{PERSON[-4:]}:"), hidden)
    refused = program("query", "dials", "--where", f"called_number = '{WAYS[0]}'", fails=True)
    check.holds("a written number is no condition", "hidden" in refused, refused)

    erased = json.loads(program("erase", "--phone", WAYS[4], "--yes", "--format", "json"))["erased"]
    check.holds("files and set-aside records are cleared", erased["files"] > 0 and erased["quarantined"] == 1, erased)
    stays = places(folder / "lake", hidden.split(":")[1])
    check.holds("only her do-not-call entry stays, hidden", bool(stays) and all(is_of_the_list(s) for s in stays), stays)
    for text in [PERSON, "7700 900123", "7700 900-123", "lead-ann-77"]:
        stays = places(folder / "lake", text)
        check.holds(f"`{text}` is nowhere in the store", not stays, stays)
    check.holds("no figure moves", figures() == before)
    check.holds("none of an earlier day", figures("--as-of", then) == before_then)
    check.holds("she is still one person", people(check, folder) == distinct, people(check, folder))
    verified = json.loads(program("verify", "--deep", "--format", "json"))
    check.holds("the store is whole", verified["problems"] == [], verified)

    (folder / "calls-3.csv").write_text("\n".join([HEADER, *corrected, *lines[48:]]) + "\n")
    again = json.loads(program("import", "--format", "json"))
    report = next(one for one in flat(again) if one.get("file_name", "").endswith("calls-3.csv"))
    check.holds("her records come again and change nothing",
                (report["unchanged"], report["new"], report["corrected"]) == (600, 0, 0), report)
    stays = [s for s in places(folder / "lake", hidden.split(":")[1]) if not is_of_the_list(s)]
    check.holds("and she is not back", not stays and not places(folder / "lake", PERSON), stays)
    check.same("nor does a figure move", dict(enumerate(figures())), dict(enumerate(before)))

    os.rename(folder / "lake.key", folder / "lost.key")
    (folder / "calls-4.csv").write_text(f"{HEADER}\nc700,2026-10-01T09:00:00,{WAYS[0]},02079460000,lead-x,,NA\n")
    said = program("import", fails=True)
    check.holds("without its key nothing is imported, and it says what to do", "lake.key" in said and "copy" in said, said)


def is_of_the_list(path):
    """Whether a place is the do-not-call list, or the catalogue, which has the least and greatest value of its column."""
    return "dnc_events" in path or path == "catalog.db"


def flat(answer):
    """The reports in an answer of `import`, however they are nested."""
    if isinstance(answer, dict):
        yield answer
        answer = list(answer.values())
    if isinstance(answer, list):
        for one in answer:
            yield from flat(one)


def people(check, folder):
    """How many calls each number with its lead has."""
    return asked(check, folder, "SELECT count(*) FROM lake.calls GROUP BY called_number, lead_id ORDER BY 1")


def stopped(check, folder):
    """How many calls went to a number that asked not to be called."""
    ((calls,),) = asked(check, folder, "SELECT count(*) FROM lake.calls c JOIN lake.dnc_events d ON d.number = c.called_number")
    return calls


def asked(check, folder, sql):
    """Rows of DuckDB over the attached store."""
    work, check.work = check.work, folder
    db = check.attached()
    check.work = work
    rows = db.execute(sql).fetchall()
    db.close()
    return rows


def places(store, text):
    """Files in which a text stands: their bytes, and the values of Parquet files."""
    import duckdb

    found = []
    for path in sorted(p for p in store.rglob("*") if p.is_file()):
        if text.encode() in path.read_bytes():
            found.append(str(path.relative_to(store)))
        elif path.suffix == ".parquet":
            rows = duckdb.sql(f"SELECT to_json(t)::VARCHAR FROM read_parquet('{path}') t").fetchall()
            if any(text in row for (row,) in rows):
                found.append(str(path.relative_to(store)))
    return found
