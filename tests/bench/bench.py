"""Import speed, query speed and memory against DuckDB and Polars, on the same records, in one run.

    python bench.py --program target/release/dialmark --work /tmp/bench --calls 1000000

Prints a table in Markdown. Times are of whole processes (best and median of the runs); DuckDB and Polars run in Python
processes of their own, whose start is measured and subtracted. Memory is the largest resident set of the process. The
packages `duckdb`, `polars` and `pyarrow` must be there.
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
DAY = "CAST(timezone('Europe/London', started_at) AS DATE)"
DISTINCT = """
SELECT {group} count(DISTINCT lead_id) FILTER (direction = 'outbound') AS leads
FROM read_parquet({files}, union_by_name = true) {by}
"""

# The same for Polars, which has no SQL of its own for filters in aggregates.
POLARS = """
import polars as pl
pl.Config.set_engine_affinity("streaming")
rows = pl.scan_parquet({files!r}, missing_columns="insert", extra_columns="ignore")
c, out = pl.col, pl.col("direction") == "outbound"
code = lambda words: c("disposition").is_in([w.strip("'") for w in words.split(", ")])
counted = lambda condition: condition.fill_null(False).sum()
agent = c("agent_id").is_not_null()
elapsed = c("ended_at").dt.epoch("ms") - c("started_at").dt.epoch("ms")
sums = dict(
    dials=counted(out), contacts=counted(out & code({contact!r})), sales=counted(code({sale!r})),
    answered=counted(out & c("answered_at").is_not_null()), live_answers=counted(out & code({live!r})),
    successes=counted(out & code({success!r})), first_successes=counted(out & code({success!r}) & (c("attempt_no") == 1)),
    first_attempts=counted(out & (c("attempt_no") == 1)), abandoned=counted(out & code({abandoned!r})),
    dropped=counted(out & code({dropped!r})), right_party=counted(out & code({right!r})), promises=counted(code({promise!r})),
    agent_calls=counted(agent), handle_ms=(c("talk_ms") + c("hold_ms") + c("wrap_ms")).filter(agent).sum(),
    talk_ms=c("talk_ms").filter(agent).sum(), elapsed_ms=elapsed.filter(agent).sum(),
)
distinct = dict(leads=c("lead_id").filter(out).drop_nulls().n_unique())
day = c("started_at").dt.convert_time_zone("Europe/London").dt.date().alias("day")
"""
POLARS_ASKS = {
    "": "rows.select(**{what}).collect()",
    "campaign_id": "rows.group_by('campaign_id').agg(**{what}).collect()",
    "campaign_id,day": "rows.with_columns(day).group_by('campaign_id', 'day').agg(**{what}).collect()",
}


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


def peer(runs, code, base):
    best, median, memory = repeat(runs, [sys.executable, "-c", code])
    return best - base, median - base, memory


def margin(program, folder, runs):
    """What the twentieth additive metric costs over columns that are read already, as a share of the first."""
    twenty = [
        "dials", "contacts", "sales", "successes_counted", "connection_rate/right_party", "connection_rate/live_answer",
        "conversion_rate/success_per_dial", "conversion_rate/success_per_contact", "conversion_rate/sales_per_dial",
        "conversion_rate/sales_per_contact", "outbound_abandonment_rate/all_calls", "outbound_abandonment_rate/live_answers",
        "drop_rate/no_agent_free", "drop_rate/no_agent_free_of_live", "invalid_number_rate/per_dial", "busy_rate",
        "no_answer_rate/of_dials", "machine_rate/of_dials", "not_reached_rate/no_person", "call_to_sale/dials",
    ]
    twenty.remove("successes_counted")
    twenty.append("call_to_sale/contacts")
    ask = lambda metrics: repeat(max(runs, 7), [program, "query", ",".join(metrics), "--by", "campaign_id", "--dir", folder, "--format", "json"])[1]
    # A question that reads nothing tells what the process and the store's opening cost.
    empty = repeat(max(runs, 7), [program, "query", "dials", "--from", "1990-01-01", "--to", "1990-01-02", "--dir", folder, "--format", "json"])[1]
    one, nineteen, all_of_them = ask(twenty[:1]), ask(twenty[:19]), ask(twenty)
    each = (all_of_them - one) / 19
    return [
        ("one additive metric", "", f"{one:.2f} s, {one - empty:.2f} s of it computing", "", ""),
        ("nineteen / twenty", "", f"{nineteen:.2f} / {all_of_them:.2f} s", "", f"each further one {each / (one - empty):.3f} of the first"),
    ]


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
    known = meanings(program, folder)
    polars_base, _, _ = repeat(3, [sys.executable, "-c", "import polars"])
    asks = [("one row", "", ""), ("by campaign", "campaign_id", "campaign_id"), ("by campaign and day", "campaign_id,day", f"campaign_id, {DAY}")]
    for what, metrics, template, peer_part in [("scorecard", METRICS, SQL, "sums"), ("distinct leads", "attempts_per_lead", DISTINCT, "distinct")]:
        for name, by, group in asks:
            options = ["--by", by] if by else []
            best, median, memory = repeat(given.runs, [program, "query", metrics, *options, "--dir", folder, "--format", "json"])
            grouped = f"GROUP BY {group}" if group else ""
            sql = template.format(group=f"{group}, " if group else "", by=grouped, files=files, **known)
            code = start + f"con.execute({sql!r}).fetchall()"
            duck = peer(given.runs, code, base)
            polars = peer(given.runs, POLARS.format(files=files, **known) + POLARS_ASKS[by].format(what=peer_part), polars_base)
            rows.append((f"{what}, {name}: Dialmark", "", f"{best:.2f} / {median:.2f} s", f"{memory:.0f} MiB", f"{median / duck[1]:.2f} / {median / polars[1]:.2f}"))
            rows.append((f"{what}, {name}: DuckDB", "", f"{duck[0]:.2f} / {duck[1]:.2f} s", f"{duck[2]:.0f} MiB", "1"))
            rows.append((f"{what}, {name}: Polars", "", f"{polars[0]:.2f} / {polars[1]:.2f} s", f"{polars[2]:.0f} MiB", "1"))
    rows.extend(margin(program, folder, given.runs))
    print(f"\n{dials:,} live dials, {read:,} records read, {len(files)} files of calls\n")
    print("| what | rate | time (best / median) | peak memory | ratio |\n|---|---|---|---|---|")
    for row in rows:
        print("| " + " | ".join(row) + " |")


if __name__ == "__main__":
    main()
