"""Records that are sent at a steady rate: how long until they are acknowledged, and what memory it takes.

    push.py --program DIALMARK --work DIR [--events 10000] [--each 100] [--seconds 600] [--senders 8]

`--events` a second in deliveries of `--each`, over connections that stay open. A delivery that is late is sent at once, and
its time counts from when it was due, so that a stalled server cannot hide behind senders that wait for it. At the end
every record has to be in the store once.
"""

import argparse
import http.client
import json
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

SOURCES = """
[source.calls]
table  = "calls"
format = "jsonl"
id     = "id"
[source.calls.columns]
started_at  = "at"
direction   = { const = "outbound" }
campaign_id = "campaign"
agent_id    = "agent"
disposition = "result"
talk_ms     = { from = "talk", as = "s" }
"""
RESULTS = ["NI", "NA", "BUSY", "SALE", "CALLBK"]


def body(first, each, day):
    """Records from this number on: two hundred bytes each, spread over a day."""
    lines = []
    for n in range(first, first + each):
        second = n % 36_000
        lines.append(
            json.dumps(
                {
                    "id": f"call-{n:010}",
                    "at": f"{day}T{8 + second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}Z",
                    "campaign": f"campaign-{n % 12}",
                    "agent": f"agent-{n % 60}",
                    "result": RESULTS[n % len(RESULTS)],
                    "talk": n % 300,
                }
            )
        )
    return ("\n".join(lines) + "\n").encode()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--each", type=int, default=100)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--senders", type=int, default=8)
    asked = parser.parse_args()
    shutil.rmtree(asked.work, ignore_errors=True)
    (asked.work / "sources").mkdir(parents=True)
    (asked.work / "dialmark.toml").write_text('[centre]\nname = "Push"\nzone = "UTC"\n')
    (asked.work / "sources" / "s.toml").write_text(SOURCES)
    command = [asked.program, "token", "new", "bench", "--dir", str(asked.work)]
    token = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    server = subprocess.Popen(
        [asked.program, "serve", "--port", "0", "--dir", str(asked.work)], stdout=subprocess.PIPE, text=True
    )
    port = int(re.search(r":(\d+)/", server.stdout.readline())[1])

    deliveries = asked.events * asked.seconds // asked.each
    prepared = [body(n * asked.each, asked.each, "2026-11-20") for n in range(min(deliveries, 2000))]
    lock, times, refused = threading.Lock(), [], []
    state = {"next": 0, "memory": 0}
    began = time.monotonic() + 0.5

    def sender():
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson"}
        while True:
            with lock:
                number = state["next"]
                state["next"] += 1
            if number >= deliveries:
                return
            due = began + number * asked.each / asked.events
            # Records of later rounds are others: only their identifiers differ.
            text = prepared[number % len(prepared)]
            if number >= len(prepared):
                text = text.replace(b'"call-', b'"call-%d-' % (number // len(prepared)))
            time.sleep(max(0, due - time.monotonic()))
            connection.request("POST", "/api/v1/ingest/calls", text, headers)
            answer = connection.getresponse()
            answer.read()
            took = time.monotonic() - due
            with lock:
                times.append(took)
                if answer.status != 202:
                    refused.append(answer.status)

    def watcher():
        while server.poll() is None:
            found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{server.pid}/status").read_text())
            state["memory"] = max(state["memory"], int(found[1]) if found else 0)
            time.sleep(0.5)

    threading.Thread(target=watcher, daemon=True).start()
    senders = [threading.Thread(target=sender) for _ in range(asked.senders)]
    for one in senders:
        one.start()
    for one in senders:
        one.join()
    elapsed = time.monotonic() - began
    server.send_signal(signal.SIGTERM)
    server.wait()
    command = [asked.program, "lake", "settle", "--dir", str(asked.work)]
    subprocess.run(command, check=True, capture_output=True)
    command = [asked.program, "query", "dials", "--format", "json", "--dir", str(asked.work)]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)[0]["dials"]["value"]
    times.sort()
    share = lambda part: times[min(len(times) - 1, int(len(times) * part))] * 1000
    sent = deliveries * asked.each
    print(f"{sent} records in {elapsed:.0f} s: {sent / elapsed:.0f} a second, {len(refused)} deliveries refused")
    print(f"acknowledged after: median {share(0.5):.1f} ms, p99 {share(0.99):.1f} ms, longest {times[-1] * 1000:.0f} ms")
    print(f"memory of the server at most {state['memory'] // 1024} MiB")
    print(f"in the store {found}, lost {sent - len(refused) * asked.each - found}")
    sys.exit(0 if found == sent - len(refused) * asked.each else 1)


main()
