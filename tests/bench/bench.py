"""Import speed, query speed and memory against DuckDB, on the same records, in one run.

    python bench.py --program target/release/dialmark --work /tmp/bench --calls 1000000

Prints a table in Markdown. Times are of whole processes (best and median of the runs); DuckDB runs in a Python process of
its own, whose start is measured and subtracted. Memory is the largest resident set of the process.
"""

import argparse
import glob
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

METRICS = ",".join(
    [
        "dials", "contacts", "sales", "asr", "connection_rate", "connection_rate/live_answer", "conversion_rate",
        "conversion_rate/success_per_contact", "conversion_rate/sales_per_contact", "fcc", "fcc/per_first_attempt",
        "outbound_abandonment_rate", "outbound_abandonment_rate/live_answers", "drop_rate/no_agent_free", "aht",
        "aht/talk", "aht/customer_elapsed", "call_to_sale", "promise_rate",
    ]
)

# The same sums by hand: every numerator and denominator of METRICS, over raw codes. {map} is the disposition map.
SQL = """
SELECT {group}
  count(*) FILTER (direction = 'outbound') AS dials,
  count(*) FILTER (direction = 'outbound' AND disposition IN ({contact})) AS contacts,
  count(*) FILTER (disposition IN ({sale})) AS sales,
  count(*) FILTER (direction = 'outbound' AND answered_at IS NOT NULL) AS answered,
  count(*) FILTER (direction = 'outbound' AND disposition IN ({live})) AS live_answers,
  count(*) FILTER (direction = 'outbound' AND disposition IN ({success})) AS successes,
  count(*) FILTER (direction = 'outbound' AND disposition IN ({success}) AND attempt_no = 1) AS first_successes,
  count(*) FILTER (direction = 'outbound' AND attempt_no = 1) AS first_attempts,
  count(*) FILTER (direction = 'outbound' AND disposition IN ({abandoned})) AS abandoned,
  count(*) FILTER (direction = 'outbound' AND disposition IN ({dropped})) AS dropped,
  count(*) FILTER (direction = 'outbound' AND disposition IN ({right})) AS right_party,
  count(*) FILTER (disposition IN ({promise})) AS promises,
  count(*) FILTER (agent_id IS NOT NULL) AS agent_calls,
  sum(talk_ms + hold_ms + wrap_ms) FILTER (agent_id IS NOT NULL) AS handle_ms,
  sum(talk_ms) FILTER (agent_id IS NOT NULL) AS talk_ms,
  sum(epoch_ms(ended_at) - epoch_ms(started_at)) FILTER (agent_id IS NOT NULL) AS elapsed_ms
FROM read_parquet({files}, union_by_name = true) {by}
"""


def measured(command, **options):
    """Wall seconds and peak resident MiB of one process."""
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **options)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - started
    if status != 0:
        sys.exit(f"{' '.join(map(str, command))} failed: {process.stderr.read().decode()}")
    return wall, usage.ru_maxrss / 1024


def repeat(runs, command):
    rows = [measured(command) for _ in range(runs)]
    return min(r[0] for r in rows), statistics.median(r[0] for r in rows), max(r[1] for r in rows)


def simulate(program, folder, calls):
    """Lets the demo write and load its exports, then stops it."""
    command = [program, "demo", "--dir", folder, "--no-browser", "--port", "0", "--calls-per-day", str(-(-calls // 90))]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    for line in process.stdout:
        if "http://" in line:
            address = line[line.index("http://"):].split()[0]
            urllib.request.urlopen(address + "healthz").read()
            break
    process.send_signal(signal.SIGINT)
    process.wait()


def meanings(program, folder):
    """Codes by meaning, from the project's own map."""
    import tomllib

    groups = {}
    for file in glob.glob(str(folder / "dispositions" / "*.toml")):
        for code, meaning in tomllib.loads(Path(file).read_text())["disposition"].items():
            groups.setdefault(meaning if isinstance(meaning, str) else meaning["means"], []).append(code)
    some = lambda *words: ", ".join(f"'{c}'" for w in words for c in groups.get(w, [])) or "''"
    contact = ("sale", "appointment", "promise", "interested", "callback", "not_interested", "wrong_person", "do_not_call", "handled")
    return {
        "contact": some(*contact), "sale": some("sale"), "live": some(*contact, "abandoned", "dropped"),
        "success": some("sale", "appointment", "promise"), "abandoned": some("abandoned"), "dropped": some("dropped"),
        "right": some(*[w for w in contact if w != "wrong_person"]), "promise": some("promise"),
    }


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--program", type=Path, required=True)
    arguments.add_argument("--work", type=Path, required=True)
    arguments.add_argument("--calls", type=int, default=1_000_000)
    arguments.add_argument("--runs", type=int, default=5)
    given = arguments.parse_args()
    program, folder = given.program.resolve(), (given.work / f"{given.calls}").resolve()
    if not (folder / "dialmark.toml").exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        simulate(program, folder, given.calls)
    shutil.rmtree(folder / "lake", ignore_errors=True)
    rows = []
    wall, memory = measured([program, "import", "--dir", folder, "--format", "json"])
    # Corrections into the files: DuckDB reads those alone.
    settling, settled_memory = measured([program, "lake", "settle", "--dir", folder])
    done = json.loads(subprocess.run([program, "query", "dials", "--dir", folder, "--format", "json"], capture_output=True, text=True, check=True).stdout)
    dials = done[0]["dials"]["value"]
    read = sum(1 for f in glob.glob(str(folder / "**" / "*.*"), recursive=True) if f.endswith((".csv", ".jsonl")) for _ in open(f, "rb"))
    rows.append(("import of all streams", f"{read / wall:,.0f} rows/s", f"{wall:.1f} s", f"{memory:.0f} MiB", ""))
    rows.append(("settling of all corrections", "", f"{settling:.1f} s", f"{settled_memory:.0f} MiB", ""))
    csvs = sorted(p for p in glob.glob(str(folder / "**" / "*.csv"), recursive=True) if "dialler" in p and "calls" in Path(p).name)
    start = "import duckdb; con = duckdb.connect(); con.execute('SET threads = 2'); "
    base, _, _ = repeat(3, [sys.executable, "-c", start])
    if csvs:
        target = folder.parent / "peer.parquet"
        code = start + f"con.execute(\"COPY (SELECT * FROM read_csv({csvs!r}, all_varchar = true, ignore_errors = true)) TO '{target}' (FORMAT parquet, COMPRESSION zstd)\")"
        best, _, peer_memory = repeat(1, [sys.executable, "-c", code])
        rows.append(("DuckDB: the calls' CSV to Parquet, untyped, no keys", "", f"{best - base:.1f} s", f"{peer_memory:.0f} MiB", ""))
        target.unlink()
    files = sorted(glob.glob(str(folder / "lake" / "data" / "calls" / "**" / "*.parquet"), recursive=True))
    for name, by, group in [("scorecard, one row", [], ""), ("scorecard by campaign", ["--by", "campaign_id"], "campaign_id, ")]:
        best, median, memory = repeat(given.runs, [program, "query", METRICS, *by, "--dir", folder, "--format", "json"])
        sql = SQL.format(group=group, by=f"GROUP BY {group.strip(', ')}" if group else "", files=files, **meanings(program, folder))
        code = start + f"con.execute({sql!r}).fetchall()"
        peer_best, peer_median, peer_memory = repeat(given.runs, [sys.executable, "-c", code])
        peer_best, peer_median = peer_best - base, peer_median - base
        rows.append((f"{name}: Dialmark", "", f"{best:.2f} / {median:.2f} s", f"{memory:.0f} MiB", f"{median / peer_median:.2f}"))
        rows.append((f"{name}: DuckDB", "", f"{peer_best:.2f} / {peer_median:.2f} s", f"{peer_memory:.0f} MiB", "1"))
    print(f"\n{dials:,} live dials, {read:,} records read, {len(files)} files of calls\n")
    print("| what | rate | time (best / median) | peak memory | ratio |\n|---|---|---|---|---|")
    for row in rows:
        print("| " + " | ".join(row) + " |")


if __name__ == "__main__":
    main()
