"""Disks that fill up while files are imported and while records come in."""

import random
import signal
import sqlite3
import threading
import time

from mounted import Disk
from store import Promises, Store, at
from trials import Senders, Wrong, end, must, named, tried

MIB = 1 << 20
IMPORT_DISK = 160 * MIB
ROWS = 20_000
# The program keeps half a gigabyte free.
SERVE_DISK = 1024 * MIB
KEPT_FREE = 512 * MIB
# As the system words it, and as SQLite does.
NO_ROOM = ["No space left on device", "disk is full"]
# Root may not write where others may not.
OPTIONS = ["-m", "0"]
# Not in the short form.
PATIENT_TRIAL = 2
# Seconds within which records are taken again.
SOON = 10
# How long the program lets a source be after it failed, and some.
AFTER_FAILURE = 50


def importing(program, folder, chance, notes):
    """A file that does not fit is refused and leaves nothing; when there is room it is taken."""
    disk = Disk(folder, "ext4", IMPORT_DISK, OPTIONS)
    try:
        store, promises = Store(program, folder / "project", disk.folder / "lake"), Promises()
        add(store, promises, 1000)
        for _ in range(5):
            name = written(store, promises, ROWS)
            before = sorted(store.rows())
            # From hardly anything to more than it takes.
            disk.leave(int(chance.uniform(0, 9) * MIB))
            code, said = tried(store, "import", store.folder / "filed" / name)
            refused = code != 0
            if refused:
                named(code, said, *NO_ROOM)
                code, answered = tried(store, "query", "dials")
                notes["questions answered on a full disk" if code == 0 else "questions refused on a full disk"] += 1
                if code != 0:
                    named(code, answered, *NO_ROOM)
            disk.leave(KEPT_FREE)
            if refused:
                must(sorted(store.rows()) == before, "an import that failed changed what is there")
                left = [path.name for path in (store.lake / "staging").iterdir()]
                must(not left, f"an import that failed left {left} behind")
                # Only when a commit fails it is not known whether it named them.
                must(nameless(store) == 0 or "commit the change" in said, f"data files are left behind after: {said}")
                store.run("verify", "--deep")
                store.run("import", store.folder / "filed" / name)
            notes["imports refused" if refused else "imports that fitted"] += 1
            promises.filed_acked.add(name)
        return store.survived(promises, True)
    finally:
        disk.unmount()


def serving(program, folder, chance, notes):
    """Records are refused before the disk is full, and taken again when there is room, without a restart."""
    disk = Disk(folder, "ext4", SERVE_DISK, OPTIONS)
    server = None
    try:
        store, promises = Store(program, folder / "project", disk.folder / "lake"), Promises()
        said = folder / "serve.txt"
        with said.open("w") as stderr:
            # `nice` changes nothing here; it gives the program a session of its own.
            server, port = store.serve(under=["nice", "-n", "0"], stderr=stderr)
        disk.leave(KEPT_FREE + int(chance.uniform(0, 6) * MIB))
        senders = Senders(port, store, promises, chance, 3, padding=100_000)
        kept = lambda: [one for one in senders.seen(503) if "kept free" in one[3]]
        came = senders.until(kept, 30)
        must(came, f"nothing was refused with {disk.free_bytes()} bytes left")
        recovered(disk, senders, server, said)
        # And now it fills up while records are on their way, again and again.
        stop = threading.Event()
        filling = threading.Thread(target=fill_and_free, args=(disk, stop, chance.getrandbits(64)))
        filling.start()
        time.sleep(4)
        stop.set()
        filling.join()
        # Long enough for records to be made of what waits, which cannot be written.
        disk.leave(0)
        time.sleep(3)
        there_is_room = recovered(disk, senders, server, said)
        senders.join()
        notes["acknowledged deliveries"] += len(senders.seen(200, 202))
        notes["refused deliveries"] += len(senders.seen(429, 503))
        must(server.poll() is None, f"the server ended with {server.returncode}: {said.read_text()[-500:]}")
        if notes["trials"] == PATIENT_TRIAL:
            # Without a restart, what waits becomes records by itself. That takes half a minute.
            inbox_empties(store, there_is_room + AFTER_FAILURE)
            notes["inboxes that emptied by themselves"] += 1
        code = end(server, signal.SIGINT)
        must(code == 0, f"the server ended with {code}: {said.read_text()[-500:]}")
        return store.survived(promises, True)
    finally:
        if server:
            end(server)
        disk.unmount()


def recovered(disk, senders, server, said):
    """Makes room and waits for the next delivery that is taken; when there was room."""
    disk.leave(KEPT_FREE + 300 * MIB)
    free = time.monotonic()
    if not senders.until(lambda: [one for one in senders.seen(202) if one[0] > free], SOON):
        ended = f"the server ended with {server.returncode}" if server.poll() is not None else "the server runs"
        words = [one[3] for one in senders.seen(503) if "kept free" not in one[3]]
        raise Wrong(f"nothing was taken for {SOON} s after there was room; {ended}: {said.read_text()[-600:]} {words[-1:]}")
    return free


def fill_and_free(disk, stop, seed):
    chance = random.Random(seed)
    while not stop.is_set():
        disk.leave(0)
        stop.wait(chance.uniform(0.05, 0.4))
        disk.leave(KEPT_FREE + 200 * MIB)
        stop.wait(chance.uniform(0.02, 0.3))


def inbox_empties(store, limit):
    while time.monotonic() < limit:
        db = sqlite3.connect(f"file:{store.lake / 'catalog.db'}?mode=ro", uri=True)
        (waiting,) = db.execute("SELECT count(*) FROM dialmark_inbox").fetchone()
        db.close()
        if waiting == 0:
            return
        time.sleep(0.5)
    raise Wrong(f"{waiting} deliveries wait still")


def written(store, promises, rows):
    """A file of new records that is to be imported; its name."""
    numbers = promises.numbers(rows)
    name = f"{numbers[0]}.csv"
    (store.folder / "filed" / name).write_text("n,at\n" + "".join(f"{n},{at(n)}\n" for n in numbers))
    promises.filed[name] = numbers
    return name


def add(store, promises, rows):
    name = written(store, promises, rows)
    store.run("import", store.folder / "filed" / name)
    promises.filed_acked.add(name)


def nameless(store):
    """Data files that the catalogue does not name."""
    db = sqlite3.connect(f"file:{store.lake / 'catalog.db'}?mode=ro", uri=True)
    names = {name for (name,) in db.execute("SELECT path FROM ducklake_data_file")}
    db.close()
    return sum(path.name not in names for path in (store.lake / "data").glob("*/*.parquet"))
