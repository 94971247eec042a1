"""A small project whose store is to survive what happens to it, those who write to it, and an independent reader.

What a sender was promised is kept here, outside the program; what the store holds is read from its Parquet files with the
catalogue's own SQL, not through the program.
"""

import argparse
import http.client
import json
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import threading
import time
import uuid
from collections import Counter
from pathlib import Path

import pyarrow.parquet as parquet

SOURCES = """
# Known by nothing: a record that came twice would be there twice.
[source.sent]
table   = "calls"
format  = "jsonl"
mode    = "append"
columns = { started_at = "at", talk_ms = { from = "n", as = "ms" } }

# Known by an identifier, and corrected now and then.
[source.known]
table    = "calls"
format   = "jsonl"
id       = "n"
revision = { from = "r", as = "integer" }
columns  = { started_at = "at", talk_ms = { from = "n", as = "ms" } }

[source.filed]
table   = "calls"
files   = ["filed/*.csv"]
id      = "n"
columns = { started_at = "at", talk_ms = { from = "n", as = "ms" } }
"""


def asked(kinds=()):
    """What a script is called with; the seed is said, so that a run can be had again."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--trials", type=int, required=True)
    if kinds:
        parser.add_argument("--kind", choices=kinds, help="trials of this kind alone")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().getrandbits(32))
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    return arguments, random.Random(arguments.seed)


class Store:
    """A project in a folder, its store perhaps elsewhere."""

    def __init__(self, program, folder, lake=None, sources=SOURCES):
        self.program, self.folder = Path(program), Path(folder)
        self.lake = Path(lake) if lake else self.folder / "lake"
        shutil.rmtree(self.folder, ignore_errors=True)
        (self.folder / "sources").mkdir(parents=True)
        (self.folder / "filed").mkdir()
        (self.folder / "dialmark.toml").write_text(
            '[centre]\nname = "Faults"\nzone = "UTC"\n[store]\nfolder = ' + json.dumps(str(self.lake)) + "\n"
        )
        (self.folder / "sources" / "s.toml").write_text(sources)
        self.token = self.run("token", "new", "faults").strip()

    def command(self, *arguments):
        return [str(self.program), *map(str, arguments), "--dir", str(self.folder)]

    def run(self, *arguments):
        """Output of a command that must succeed."""
        done = subprocess.run(self.command(*arguments), capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(map(str, arguments))}: {done.stderr.strip() or done.stdout.strip()}")
        return done.stdout

    def begin(self, *arguments, under=(), stderr=subprocess.DEVNULL):
        """A command that goes on by itself, perhaps under another program."""
        return subprocess.Popen(
            [*under, *self.command(*arguments)],
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            # What runs under another program is ended together with it.
            start_new_session=bool(under),
        )

    def serve(self, **how):
        """The program with its address."""
        server = self.begin("serve", "--port", "0", **how)
        line = server.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)/", line)
        if not found:
            server.kill()
            server.wait()
            raise RuntimeError(f"serve said: {line!r}")
        return server, int(found[1])

    def survived(self, promises, deep):
        """How many records are lost and doubled after the store was opened again; an error when it was not."""
        self.run("lake", "settle")
        rows = self.rows()
        if not counts(promises, rows):
            raise SystemExit("what is lost or doubled is not counted, so the trials prove nothing")
        if deep:
            self.run("verify", "--deep")
        return promises.broken(rows)

    def rows(self):
        """(source, source id, revision, talk) of every live record, after `lake settle` left nothing beside the files."""
        db = sqlite3.connect(f"file:{self.lake / 'catalog.db'}?mode=ro", uri=True)
        files = [
            self.lake / "data" / table / path
            for table, path in db.execute(
                "SELECT t.name, f.path FROM ducklake_data_file f JOIN dialmark_table t USING (table_id)"
                " WHERE f.end_snapshot IS NULL"
            )
        ]
        (waiting,) = db.execute("SELECT count(*) FROM dialmark_tail WHERE end_snapshot IS NULL").fetchone()
        (inbox,) = db.execute("SELECT count(*) FROM dialmark_inbox").fetchone()
        db.close()
        if waiting or inbox:
            raise RuntimeError(f"{waiting} corrections and {inbox} deliveries wait after settling")
        found = []
        for file in files:
            columns = ["source", "source_id", "revision", "talk_ms"]
            table = parquet.read_table(file, columns=columns)
            found.extend(zip(*(table[name].to_pylist() for name in columns)))
        return found


class Promises:
    """What was sent, and what of it was acknowledged."""

    def __init__(self):
        self.lock = threading.Lock()
        self.next = 1
        self.open = []  # deliveries without an answer: (stream, key, records)
        self.sent, self.sent_acked = set(), set()
        self.known, self.known_acked = {}, {}
        self.filed, self.filed_acked = {}, set()
        self.cut_at = None  # from here on an acknowledgement is no promise, by a clock that only runs forward

    def numbers(self, count):
        with self.lock:
            first = self.next
            self.next += count
        return list(range(first, first + count))

    def delivery(self, chance):
        """A new delivery, or one that nobody answered yet."""
        with self.lock:
            if self.open and chance.random() < 0.5:
                return self.open.pop(chance.randrange(len(self.open)))
        key = str(uuid.UUID(int=chance.getrandbits(128)))
        if chance.random() < 0.5:
            records = [(n, 1) for n in self.numbers(chance.randint(1, 40))]
            with self.lock:
                self.sent.update(n for n, _ in records)
            return "sent", key, records
        records = [(n, 1) for n in self.numbers(chance.randint(1, 20))]
        with self.lock:
            for n in chance.sample(sorted(self.known), min(len(self.known), 5)):
                records.append((n, self.known[n] + 1))
            self.known.update(records)
        return "known", key, records

    def holds(self):
        """Whether what is acknowledged now is a promise: the disk was there when the answer was read."""
        return self.cut_at is None or time.monotonic() < self.cut_at

    def acknowledged(self, stream, records):
        with self.lock:
            if stream == "sent":
                self.sent_acked.update(n for n, _ in records)
            else:
                for n, revision in records:
                    self.known_acked[n] = max(self.known_acked.get(n, 0), revision)

    def broken(self, rows):
        """How many acknowledged records are missing, and how many stand twice or were never sent."""
        count = Counter((source, sid if source != "sent" else talk) for source, sid, _, talk in rows)
        lost = sum(count[("sent", n)] == 0 for n in self.sent_acked)
        doubled = sum(times - 1 for times in count.values() if times > 1)
        strange = sum(1 for source, _, _, talk in rows if source == "sent" and talk not in self.sent)
        live = {int(sid): revision for source, sid, revision, _ in rows if source == "known"}
        lost += sum(live.get(n, 0) < revision for n, revision in self.known_acked.items())
        strange += sum(revision > self.known.get(n, 0) for n, revision in live.items())
        filed = {int(sid) for source, sid, _, _ in rows if source == "filed"}
        for name, numbers in self.filed.items():
            there = sum(n in filed for n in numbers)
            if there not in (0, len(numbers)):
                # A part of a file is as bad as none of it.
                lost += len(numbers) - there
            elif there == 0 and name in self.filed_acked:
                lost += len(numbers)
        return lost, doubled + strange


def counts(promises, rows):
    """Whether a record that is taken away and one that is put in twice would be noticed."""
    lost, doubled = promises.broken(rows)
    taken = next((row for row in rows if row[0] == "sent" and row[3] in promises.sent_acked), None)
    if taken is None:
        return True
    without = [row for row in rows if row is not taken]
    return promises.broken(without) == (lost + 1, doubled) and promises.broken([*rows, taken]) == (lost, doubled + 1)


def at(n):
    """A time for a record: over four days, so that a delivery touches several files."""
    return f"2026-11-{16 + n % 4}T{n // 60 % 24:02}:{n % 60:02}:00Z"


def send(port, token, stream, key, records, timeout=20):
    """Sends a delivery; the status of the answer, or 0 when none came."""
    return answer(port, token, stream, key, records, timeout)[0]


def answer(port, token, stream, key, records, timeout=20, padding=""):
    """Sends a delivery; status, text and `Retry-After` of the answer, or 0 and nothing when none came."""
    padded = {"padding": padding} if padding else {}
    lines = "".join(json.dumps({"n": n, "r": r, "at": at(n), **padded}) + "\n" for n, r in records)
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/x-ndjson",
        "Idempotency-Key": key,
    }
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        try:
            connection.request("POST", f"/api/v1/ingest/{stream}", lines, headers)
        except (BrokenPipeError, ConnectionResetError):
            # Refused before all of it was sent; the answer may be there, unless the line was closed altogether.
            if connection.sock is None:
                return 0, "", None
        response = connection.getresponse()
        return response.status, response.read().decode(), response.headers["Retry-After"]
    except (OSError, http.client.HTTPException):
        return 0, "", None
    finally:
        connection.close()


def keep_sending(port, token, promises, seed, stop):
    """Sends until told to stop or until nobody answers."""
    chance = random.Random(seed)
    while not stop.is_set():
        stream, key, records = promises.delivery(chance)
        status = send(port, token, stream, key, records)
        if status in (200, 202) and promises.holds():
            promises.acknowledged(stream, records)
        else:
            with promises.lock:
                promises.open.append((stream, key, records))
            if status == 0:
                return
            time.sleep(0.01)


def keep_working(store, promises, seed, stop, running):
    """Imports files, folds and joins beside the server, one after the other, until told to stop."""
    chance = random.Random(seed)
    while not stop.is_set():
        task = chance.choice(["import", "import", "settle", "compact"])
        if task == "import":
            numbers = promises.numbers(chance.randint(1, 300))
            name = f"{numbers[0]}.csv"
            text = "n,at\n" + "".join(f"{n},{at(n)}\n" for n in numbers)
            (store.folder / "filed" / name).write_text(text)
            with promises.lock:
                promises.filed[name] = numbers
            process = store.begin("import", store.folder / "filed" / name)
        else:
            process = store.begin("lake", task)
        running.append(process)
        process.communicate()
        if task == "import" and process.returncode == 0 and promises.holds():
            promises.filed_acked.add(name)


def kill(process):
    """Ends a process that this program started, at once."""
    if process.poll() is None:
        process.send_signal(signal.SIGKILL)
    process.wait()
