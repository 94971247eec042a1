"""Bulk import against DuckDB's reading of the same CSV into Parquet, in turns; and the memory that a big file takes.

    imports.py --program DIALMARK --work DIR [--rows 2000000] [--runs 3] [--gigabytes 1]

The export is made by arithmetic alone, so it is the same in every run: eighteen columns as a dialler writes them, sixty
thousand calls a day. Both read every column into the same type. DuckDB has two threads and writes zstd; Dialmark also
knows every record again, writes its keys, sorts by day and flushes to disk. Times are of whole processes. The package
`duckdb` must be there. Exit code 1 when rows are missing or when the big file took more memory than it may.
`--gigabytes 0` leaves that out.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

CALLS_A_DAY = 60_000
# A file of any size is staged on disk; a day of it is sorted in memory.
MEMORY_MIB = 600
FIRST_DAY = date(2025, 1, 1)
RESULTS = ["NI", "NA", "BUSY", "SALE", "CALLBK", "AM", "DNC", "WRONG"]

SOURCE = """
[source.dialler]
table = "calls"
id    = "call_id"
[source.dialler.columns]
started_at    = { from = "start", as = "%Y-%m-%d %H:%M:%S" }
answered_at   = { from = "answer", as = "%Y-%m-%d %H:%M:%S" }
ended_at      = { from = "end", as = "%Y-%m-%d %H:%M:%S" }
direction     = "direction"
campaign_id   = "campaign"
list_id       = "list"
lead_id       = "lead"
called_number = "phone"
agent_id      = "agent"
team_id       = "team"
disposition   = "status"
attempt_no    = { from = "attempt", as = "integer" }
ring_ms       = { from = "ring", as = "s" }
talk_ms       = { from = "talk", as = "s" }
hold_ms       = { from = "hold", as = "s" }
wrap_ms       = { from = "wrap", as = "s" }
trunk         = "trunk"
"""

# Of the file, in its order.
COLUMNS = {
    "call_id": "VARCHAR", "start": "TIMESTAMP", "answer": "TIMESTAMP", "end": "TIMESTAMP", "direction": "VARCHAR",
    "campaign": "VARCHAR", "list": "VARCHAR", "lead": "VARCHAR", "phone": "VARCHAR", "agent": "VARCHAR",
    "team": "VARCHAR", "status": "VARCHAR", "attempt": "BIGINT", "ring": "BIGINT", "talk": "BIGINT", "hold": "BIGINT",
    "wrap": "BIGINT", "trunk": "VARCHAR",
}  # fmt: skip

DUCKDB = """
import duckdb
db = duckdb.connect()
db.execute("SET threads = 2")
rows = "SELECT * FROM read_csv({file!r}, header = true, columns = {columns!r})"
db.execute(f"COPY ({{rows}}) TO {target!r} (FORMAT parquet, COMPRESSION zstd)")
"""
COUNT = """
import duckdb
print(duckdb.sql("SELECT count(*) FROM {target!r}").fetchone()[0])
"""


def lines(first):
    """Calls from a number on, without end. Multiplying by a large odd number stands for chance."""
    number = first
    while True:
        mixed = number * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF
        day = FIRST_DAY + timedelta(days=number // CALLS_A_DAY)
        second = 8 * 3600 + number % CALLS_A_DAY * 36_000 // CALLS_A_DAY
        ring, talk = mixed >> 60, (mixed >> 40) % 600
        answered = mixed & 3 == 0
        clock = lambda s: f"{day} {s // 3600:02}:{s // 60 % 60:02}:{s % 60:02}"
        agent = mixed >> 20 & 127
        yield (
            f"20{number:012}.{mixed & 0xFFFF:05},{clock(second)},{clock(second + ring) if answered else ''},"
            f"{clock(second + ring + (talk if answered else 0))},"
            f"outbound,CAMP{mixed >> 8 & 15:02},{1000 + (mixed >> 12 & 63)},"
            f"L{mixed >> 24 & 0xFFFFF},+4420{mixed >> 30 & 0x3FFFFFF:08},{f'agent{agent:03}' if answered else ''},"
            f"{f'team{agent % 9}' if answered else ''},{RESULTS[mixed >> 16 & 7]},{1 + (mixed >> 50 & 3)},{ring},"
            f"{talk if answered else 0},{talk // 10 if mixed & 31 == 0 else 0},{mixed >> 56 & 63 if answered else 0},"
            f"SIP/trunk{mixed >> 4 & 3}\n"
        )
        number += 1


def make(path, rows=None, size=None):
    """Writes an export of so many rows or of so many bytes; how many rows it has."""
    count, written = 0, 0
    with path.open("w", buffering=1 << 20) as file:
        file.write(",".join(COLUMNS) + "\n")
        for line in lines(0):
            if count == rows or (size and written >= size):
                break
            file.write(line)
            count, written = count + 1, written + len(line)
    return count


def measured(command):
    """Output, seconds and largest resident MiB of a process."""
    began = time.monotonic()
    process = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - began
    if status != 0:
        sys.exit(f"{' '.join(map(str, command))} failed: {said[-2000:]}")
    return said, seconds, usage.ru_maxrss // 1024


def import_fresh(program, project, file, rows):
    """Imports a file into an empty store; seconds, MiB and the size of the store."""
    shutil.rmtree(project, ignore_errors=True)
    (project / "sources").mkdir(parents=True)
    (project / "dialmark.toml").write_text('[centre]\nname = "Imports"\nzone = "UTC"\n[store]\nfolder = "lake"\n')
    (project / "sources" / "dialler.toml").write_text(SOURCE)
    _, seconds, memory = measured([program, "import", "--source", "dialler", file, "--dir", project])
    said, _, _ = measured([program, "query", "dials", "--format", "json", "--dir", project])
    found = json.loads(said[said.index("[") :])[0]["dials"]["value"]
    if found != rows:
        sys.exit(f"{rows} rows were written and {found} are in the store")
    size = sum(path.stat().st_size for path in (project / "lake").rglob("*") if path.is_file())
    return seconds, memory, size


def copy_by_duckdb(file, target, rows):
    code = DUCKDB.format(file=str(file), target=str(target), columns=COLUMNS)
    _, seconds, memory = measured([sys.executable, "-c", code])
    said, _, _ = measured([sys.executable, "-c", COUNT.format(target=str(target))])
    if int(said) != rows:
        sys.exit(f"{rows} rows were written and DuckDB copied {said}")
    return seconds, memory, target.stat().st_size


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--gigabytes", type=float, default=1)
    asked = parser.parse_args()
    work = asked.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    file, project, target = work / "calls.csv", work / "project", work / "peer.parquet"
    try:
        rows = make(file, rows=asked.rows)
        size = file.stat().st_size
        ours, theirs = [], []
        # In turns, so that whatever else the machine does meets both.
        for _ in range(asked.runs):
            ours.append(import_fresh(asked.program, project, file, rows))
            theirs.append(copy_by_duckdb(file, target, rows))
        print(f"\n{rows:,} calls, {len(COLUMNS)} columns, {size / 1e6:,.0f} MB of CSV, {asked.runs} runs in turns\n")
        print("| what | rows/s (best / median) | seconds (best / median) | peak memory | on disk |\n|---|---|---|---|---|")
        for name, runs in (("Dialmark: `import`", ours), ("DuckDB: CSV to Parquet", theirs)):
            best, median = min(run[0] for run in runs), statistics.median(run[0] for run in runs)
            print(
                f"| {name} | {rows / best:,.0f} / {rows / median:,.0f} | {best:.2f} / {median:.2f} |"
                f" {max(run[1] for run in runs)} MiB | {runs[-1][2] / 1e6:,.0f} MB |"
            )
        share = lambda of: of(run[0] for run in theirs) / of(run[0] for run in ours)
        print(f"\nDialmark's rate is {share(min):.2f} of DuckDB's at best, {share(statistics.median):.2f} at the median")
        file.unlink()
        shutil.rmtree(project)
        target.unlink()
        if asked.gigabytes > 0:
            rows = make(file, size=int(asked.gigabytes * 1e9))
            seconds, memory, _ = import_fresh(asked.program, project, file, rows)
            rate = f"{rows:,} calls in {seconds:.0f} s, {rows / seconds:,.0f} rows/s"
            print(f"{asked.gigabytes:g} GB: {rate}, at most {memory} MiB of memory")
            if memory > MEMORY_MIB:
                sys.exit(f"that is more than {MEMORY_MIB} MiB")
    finally:
        shutil.rmtree(project, ignore_errors=True)
        file.unlink(missing_ok=True)
        target.unlink(missing_ok=True)


main()
