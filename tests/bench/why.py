"""Why a figure moved, over a million calls: eight dimensions, and all of them.

    python why.py --program target/release/dialmark --work /tmp/bench [--calls 1000000] [--runs 5]

Simulates a centre once and keeps it. Times are of whole processes, best and median, and of pages of a server that has been asked
before; memory is the largest resident set.
"""

import argparse
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from datetime import date, timedelta
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("--program", type=Path, required=True)
parser.add_argument("--work", type=Path, required=True)
parser.add_argument("--calls", type=int, default=1_000_000)
parser.add_argument("--runs", type=int, default=5)
arguments = parser.parse_args()
DAYS = 90
program, folder = arguments.program.resolve(), arguments.work.resolve() / f"why-{arguments.calls}"


def served():
    """The demo's server, made when it is not there yet, and its address."""
    command = [str(program), "demo", "--no-browser", "--port", "0", "--dir", str(folder), "--days", str(DAYS), "--seed", "6"]
    command += ["--calls-per-day", str(-(-arguments.calls // DAYS))]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    said = []
    for line in running.stdout:
        said.append(line)
        if address := re.search(r"http://127\.0\.0\.1:\d+", line):
            return running, address[0]
    sys.exit("".join(said))


def row(what, times, memory=None):
    shown = f"{memory:.0f} MiB" if memory else ""
    print(f"| {what} | {min(times):.2f} / {statistics.median(times):.2f} s | {shown} |", flush=True)


def process(what, *question):
    times, most = [], 0
    for _ in range(arguments.runs):
        started = time.monotonic()
        asked = subprocess.Popen([str(program), *question, "--dir", str(folder), "--format", "json"], stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(asked.pid, 0)
        times.append(time.monotonic() - started)
        most = max(most, usage.ru_maxrss / 1024)
        if status:
            sys.exit(f"{what} failed")
    row(what, times, most)


running, address = served()
truth = json.loads((folder / "truth.json").read_text())
end = date.fromisoformat(truth["plan"]["end"]) + timedelta(days=1)
half = (end - timedelta(days=DAYS // 2)).isoformat()
first, end = truth["plan"]["first_day"], end.isoformat()
calls = json.loads(subprocess.run([str(program), "query", "dials", "--dir", str(folder), "--format", "json"], capture_output=True).stdout)
print(f"{calls[0]['dials']['value']} dials\n\n| what | time (best / median) | peak memory |\n|---|---|---|")
FIGURE = "conversion_rate/success_per_dial"
sides = ("--from", half, "--to", end, "--against", f"{first}..{half}")
process("start, one figure", "query", FIGURE, "--from", half, "--to", end)
process("why, by one dimension", "why", FIGURE, *sides, "--by", "list_id")
process("why, all dimensions and pairs", "why", FIGURE, *sides)
query = urllib.parse.urlencode({"metric": FIGURE, "from": half, "to": end, "against": f"{first}..{half}"})
times = []
for _ in range(arguments.runs + 1):
    started = time.monotonic()
    with urllib.request.urlopen(f"{address}/api/v1/why?{query}") as answer:
        found = json.loads(answer.read())
    times.append(time.monotonic() - started)
row("why, all dimensions and pairs, asked of a server", times[1:])
looked = [one for one in found["looked"] if len(one["by"]) == 1]
print(f"\n{len(looked)} dimensions looked at, {sum('tells' in one for one in looked)} of them taken apart; {len(found['looked']) - len(looked)} pairs.")
running.send_signal(signal.SIGINT)
running.communicate(timeout=60)
