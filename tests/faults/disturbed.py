"""Disks that fail and that are slow, several programs at once, clocks that jump."""

import itertools
import json
import os
import signal
import threading
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

from filled import written
from store import SOURCES, Promises, Store, answer, at
from trials import Senders, end, must, named, tried

# As the system words it, and as SQLite does.
IO_ERROR = ["Input/output error", "disk I/O error"]
NO_SPACE = "No space left on device"
# Records are made every two seconds.
UNTIL_TOLD = 8
UNTRUSTED = "cannot be trusted"
SLOW_SECONDS = 5
# What may be under way is bounded at 128 MiB; the rest is the program, the inbox's reader and what it makes.
MEMORY_MIB = 900

# The newest delivery of a call wins, whatever the clock says.
ORDERED = SOURCES + """
[source.ordered]
table   = "calls"
files   = ["ordered/*.csv"]
id      = "n"
columns = { started_at = "at", talk_ms = { from = "v", as = "ms" }, direction = { const = "outbound" } }
"""
HOUR, YEAR = 3600, 365 * 24 * 3600
SAME, NEW = 200, 50


def traced(injection, calls="fsync,fdatasync"):
    """What a program runs under whose flushes or writes are to fail or to take long."""
    quiet = ["-f", "--seccomp-bpf", "-qqq", "-o", os.devnull, "-e", "signal=none", "-e", f"trace={calls}"]
    return ["strace", *quiet, "-e", f"inject={calls}:{injection}"]


def failures(chance, most):
    """One flush that fails, or all from one on; counted in every thread of the program by itself."""
    return f"error=EIO:when={chance.randint(1, most)}{chance.choice(['', '+'])}"


def failing_import(program, folder, chance, notes):
    store, promises = Store(program, folder / "project"), Promises()
    for _ in range(8):
        name = written(store, promises, chance.randint(1, 3000))
        path = store.folder / "filed" / name
        code, said = tried(store, "import", path, under=traced(failures(chance, 25)))
        if code == 0:
            notes["imports acknowledged"] += 1
            promises.filed_acked.add(name)
            continue
        notes["imports that failed"] += 1
        named(code, said, *IO_ERROR)
        lost, doubled = store.survived(promises, False)
        if lost or doubled:
            return lost, doubled
        # Whether or not it took effect, once more makes it certain.
        if chance.random() < 0.7:
            store.run("import", path)
            promises.filed_acked.add(name)
    return store.survived(promises, True)


def failing_serve(program, folder, chance, notes):
    store, promises = Store(program, folder / "project"), Promises()
    for _ in range(2):
        said = folder / "serve.txt"
        with said.open("w") as stderr:
            server = store.begin("serve", "--port", "0", under=traced(failures(chance, 15)), stderr=stderr)
        try:
            line = server.stdout.readline()
            if "http://127.0.0.1:" not in line:
                server.wait(timeout=60)
                named(server.returncode, said.read_text(), *IO_ERROR)
                notes["servers that did not begin"] += 1
                continue
            port = int(line.split("http://127.0.0.1:")[1].split("/")[0])
            senders = Senders(port, store, promises, chance, 3)
            ended = senders.until(lambda: server.poll() is not None, 3)
            if senders.seen(503) and not ended:
                ended = senders.until(lambda: server.poll() is not None, 10)
            senders.join()
            notes["acknowledged deliveries"] += len(senders.seen(200, 202))
            failed = [one for one in senders.seen(503) if UNTRUSTED in one[3]]
            if failed:
                first = min(one[1] for one in failed)
                late = [one for one in senders.seen(202) if one[0] > first]
                must(not late, f"{len(late)} deliveries were acknowledged after one could not be kept")
                must(ended, "the server went on though it could not be trusted")
            if ended:
                named(server.returncode, said.read_text(), *(["The program ends"] if failed else IO_ERROR))
                notes["servers that ended"] += 1
            else:
                # Only work beside the acknowledgements failed, or nothing did.
                end(server, signal.SIGINT)
                notes["servers that went on"] += 1
                must("panicked" not in said.read_text(), said.read_text()[-500:])
        finally:
            end(server)
        lost, doubled = store.survived(promises, False)
        if lost or doubled:
            return lost, doubled
    return store.survived(promises, True)


def refused_write(program, folder, chance, notes):
    """The disk is full for one write of the catalogue: what was sent then is refused, the next is taken."""
    store, promises = Store(program, folder / "project"), Promises()
    said = folder / "serve.txt"
    full = traced(f"error=ENOSPC:when={chance.randint(12, 60)}", "pwrite64")
    with said.open("w") as stderr:
        server, port = store.serve(under=full, stderr=stderr)
    try:
        senders = Senders(port, store, promises, chance, 2)
        met = senders.until(lambda: senders.seen(503), 10)
        last = senders.seen(503)[-1:]
        goes_on = met and senders.until(lambda: [one for one in senders.seen(202) if one[0] > last[0][1]], 5)
        senders.join()
        notes["acknowledged deliveries"] += len(senders.seen(200, 202))
        notes["refused deliveries"] += len(senders.seen(503))
        # A write that only made records failed then; they wait.
        must(goes_on or not met, f"nothing was taken after a write was refused: {said.read_text()[-500:]}")
        must(all("disk" in one[3] for one in senders.seen(503)), f"the disk is not named: {last}")
        code = end(server, signal.SIGINT)
        must(code == 0, f"the server ended with {code}: {said.read_text()[-500:]}")
    finally:
        end(server)
        lost, doubled = store.survived(promises, True)
    return lost, doubled


def unmade(program, folder, chance, notes):
    """What was acknowledged cannot be made records, since there is no room: that is said, and it waits."""
    store, promises = Store(program, folder / "project"), Promises()
    said = folder / "serve.txt"
    # Every folder is made that is made once; from now on a folder is made for each import alone.
    server, _ = store.serve(under=["nice", "-n", "0"])
    end(server, signal.SIGINT)
    full = traced("error=ENOSPC:when=1+", "mkdir,mkdirat")
    with said.open("w") as stderr:
        server, port = store.serve(under=full, stderr=stderr)
    try:
        senders = Senders(port, store, promises, chance, 1, pause=0.1)
        told = senders.until(lambda: NO_SPACE in said.read_text(), UNTIL_TOLD)
        senders.join()
        taken = senders.seen(202)
        notes["acknowledged deliveries"] += len(taken)
        must(told, f"of {len(taken)} deliveries no records can be made, and all that is said is {said.read_text()!r}")
    finally:
        end(server, signal.SIGINT)
    return store.survived(promises, True)


def slow(program, folder, chance, notes):
    """Every flush takes a fifth of a second: what comes too fast is refused, and memory does not grow."""
    store, promises = Store(program, folder / "project"), Promises()
    server, port = store.serve(under=traced("delay_exit=200000"))
    try:
        senders = Senders(port, store, promises, chance, 24, padding=6 << 20)
        time.sleep(SLOW_SECONDS)
        senders.join()
        memory = most_memory_mib(server.pid)
        code = end(server, signal.SIGINT)
    finally:
        end(server)
    must(code == 0, f"the server ended with {code}")
    refused = senders.seen(429, 503)
    notes["acknowledged deliveries"] += len(senders.seen(200, 202))
    notes["refused deliveries"] += len(refused)
    notes["MiB at most"] = max(notes["MiB at most"], memory)
    notes["deliveries cut off"] += len(senders.seen(0))
    must(refused, "nothing was refused at overload")
    must(memory < MEMORY_MIB, f"the server took {memory} MiB")
    must(not senders.seen(0), "a delivery was not answered")
    return store.survived(promises, True)


def most_memory_mib(tracer):
    """The largest resident set so far of the program that runs under a tracer."""
    (child,) = Path(f"/proc/{tracer}/task/{tracer}/children").read_text().split()
    (line,) = (one for one in Path(f"/proc/{child}/status").read_text().splitlines() if one.startswith("VmHWM"))
    return int(line.split()[1]) // 1024


def together(program, folder, chance, notes):
    """Two programs import, files of their own and the same ones, while a third takes records and makes them."""
    store, promises = Store(program, folder / "project"), Promises()
    own = [[written(store, promises, chance.randint(1, 2000)) for _ in range(4)] for _ in range(2)]
    both = [written(store, promises, chance.randint(1, 2000)) for _ in range(2)]
    failed = []

    def import_all(names):
        for name in names:
            code, said = tried(store, "import", store.folder / "filed" / name)
            if code == 0:
                promises.filed_acked.add(name)
            else:
                failed.append(said)

    orders = [chance.sample(names + both, len(names) + len(both)) for names in own]
    server, port = store.serve(under=["nice", "-n", "0"])
    try:
        senders = Senders(port, store, promises, chance, 2, pause=0.02)
        importers = [threading.Thread(target=import_all, args=(names,)) for names in orders]
        for thread in importers:
            thread.start()
        for thread in importers:
            thread.join()
        senders.join()
        code = end(server, signal.SIGINT)
    finally:
        end(server)
    must(code == 0, f"the server ended with {code}")
    must(not failed, f"an import failed: {failed}")
    notes["imports"] += sum(map(len, orders))
    notes["acknowledged deliveries"] += len(senders.seen(200, 202))
    lost, doubled = store.survived(promises, True)
    if not lost and not doubled:
        # Nothing was cut off, so the store holds what was acknowledged and nothing else.
        found = len(store.rows())
        sent = len(promises.sent_acked) + len(promises.known_acked) + sum(map(len, promises.filed.values()))
        must(found == sent, f"{sent} records were acknowledged and the store holds {found}")
    return lost, doubled


def faketime():
    """The library that puts a program's clock forward or back."""
    found = itertools.chain(*(Path(root).glob("**/libfaketimeMT.so.1") for root in ("/usr/lib", "/usr/local/lib")))
    return next(found, None)


def clock_off(seconds):
    """What a program runs under whose clock is off by so much; waiting is not changed."""
    settings = [f"LD_PRELOAD={faketime()}", f"FAKETIME={seconds:+d}", "DONT_FAKE_MONOTONIC=1", "NO_FAKE_STAT=1"]
    return ["env", *settings, "FAKETIME_DONT_FAKE_MONOTONIC=1"]


def clock(program, folder, chance, notes):
    """The clock jumps between imports and between deliveries: the last that came is what counts."""
    store, promises = Store(program, folder / "project", sources=ORDERED), Promises()
    (store.folder / "ordered").mkdir()
    asked, states = [], {0}
    for number in range(1, 6):
        off = chance.choice([0, -HOUR, HOUR, -YEAR, YEAR])
        last = SAME + NEW * number
        lines = [f"{n},{at(n)},{number}\n" for n in [*range(SAME), *range(last - NEW, last)]]
        path = store.folder / "ordered" / f"{number}.csv"
        path.write_text("n,at,v\n" + "".join(lines))
        code, said = tried(store, "import", path, under=clock_off(off))
        must(code == 0, f"with a clock that is off by {off} s: {said}")
        now = datetime.now(timezone.utc) + timedelta(seconds=off)
        states.add(last)
        must(dials(store) == last, f"{dials(store)} records instead of {last}")
        instant = f"{now + timedelta(milliseconds=1):%Y-%m-%dT%H:%M:%S.%fZ}"
        asked.append((instant, dials(store, instant)))
        if chance.random() < 0.3:
            code, said = tried(store, "lake", "settle", under=clock_off(chance.choice([-YEAR, YEAR])))
            must(code == 0, said)
        repeated(store, promises, off, number, notes)
    for instant, before in asked:
        after = dials(store, instant)
        must(after in states, f"as of {instant} there were {after} records, which there never were")
        notes["figures of an earlier time had again"] += before == after
        # The last state that the clock dated so early: one that came later may be dated before it.
        notes["figures of an earlier time that a clock put back changed"] += before != after
    lost, doubled = store.survived(promises, True)
    ordered = {int(sid): talk for source, sid, _, talk in store.rows() if source == "ordered"}
    must(len(ordered) == SAME + NEW * 5, f"{len(ordered)} calls")
    old = sum(ordered[n] != 5 for n in range(SAME))
    must(old == 0, f"of {old} calls an older delivery counts")
    return lost, doubled


def repeated(store, promises, off, number, notes):
    """A delivery that is repeated when the clock has jumped is known by its key, however far it jumped."""
    records = [(n, 1) for n in promises.numbers(5)]
    stream = "sent" if number % 2 else "known"
    for clock in (0, off):
        server, port = store.serve(under=clock_off(clock))
        try:
            status, text, _ = answer(port, store.token, stream, f"repeated-{number}", records)
            must(status in (200, 202), f"{status}: {text}")
        finally:
            end(server, signal.SIGINT)
        if stream == "sent":
            promises.sent.update(n for n, _ in records)
        else:
            promises.known.update(records)
        promises.acknowledged(stream, records)
    again = json.loads(text)["repeated"]
    notes["repetitions known by their key"] += 1
    must(again, f"with a clock that is off by {off} s a repetition was taken as new: {text}")


def dials(store, as_of=None):
    """How many calls there are, now or as it was known."""
    code, said = tried(store, "query", "dials", "--format", "json", *(["--as-of", as_of] if as_of else []))
    if as_of and code == 1 and "is not kept" in said:
        return 0
    must(code == 0, said)
    return json.loads(said[said.index("[") :])[0]["dials"]["value"] or 0
