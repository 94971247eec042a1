"""One flipped bit in a file of the store, and a last write that was torn."""

import json
import os
import re
import shutil
import sqlite3
import struct

from filled import written
from store import Promises, Store, answer, at, kill
from trials import Wrong, must, tried

SOURCES = """
[source.known]
table = "calls"
files = ["known/*.csv"]
id    = "n"
[source.known.columns]
started_at  = "at"
direction   = { const = "outbound" }
campaign_id = "campaign"
agent_id    = "agent"
talk_ms     = { from = "talk", as = "s" }

[source.whole]
table = "calls"
files = ["whole/*.csv"]
mode  = "replace"
[source.whole.columns]
started_at  = "at"
direction   = { const = "outbound" }
campaign_id = "campaign"
agent_id    = "agent"
talk_ms     = { from = "talk", as = "s" }
"""
FLIPS = 3
TEARS = 5
QUESTIONS = [
    ["query", "dials,aht/talk", "--by", "campaign_id,agent_id", "--format", "json"],
    ["query", "dials,aht/talk", "--grain", "hour", "--from", "2026-11-17", "--to", "2026-11-19", "--format", "json"],
]
UNNOTICED, BADLY = "WRONG and unnoticed", "named by a panic or not at all"
MOVED = "moved a figure, named by `verify` alone"
BAD = (UNNOTICED, BADLY)
FRAME, WAL_HEADER = 24, 32
# From so many on SQLite moves them into the database by itself.
FRAMES_AT_MOST = 1000


def flipped(program, folder, chance, notes):
    """Bits of files that nobody writes, then bits of the database's log."""
    store = Store(program, folder / "project", sources=SOURCES)
    for source in ("known", "whole"):
        (store.folder / source).mkdir()
        write(store, source, "first", range(3000), 60)
        store.run("import", "--source", source, store.folder / source / "first.csv")
    # Some corrections wait beside the files.
    write(store, "known", "second", range(0, 3000, 40), 61)
    store.run("import", store.folder / "known" / "second.csv")
    # The same records once more, in a file that looks different.
    again = write(store, "known", "again", range(2999, -1, -1), 60, only=lambda n: n % 40)
    store.run("verify", "--deep")
    right = [ask(store, question) for question in QUESTIONS]
    must(all(code == 0 for code, _ in right), f"{right}")
    whole = folder / "whole"
    shutil.copytree(store.lake, whole)
    by_source = files_by_source(store)
    targets = {
        "data known by its key file": by_source["known"],
        "data without a key file": by_source["whole"],
        "keys": sorted((store.lake / "keys").glob("*/*.keys")),
        "catalogue": [store.lake / "catalog.db"],
    }
    wrong = []
    for what, paths in targets.items():
        for number in range(FLIPS):
            put_back(store, whole)
            path = chance.choice(paths)
            # Most of the catalogue is room; every other bit is one of what it says of files.
            place = flip(path, chance, within(path, chance) if what == "catalogue" and number % 2 else None)
            try:
                came, words = outcome(store, right, again)
            except Wrong as error:
                came, words = BADLY, str(error)
            notes[f"{what}: {came}"] += 1
            if came in BAD or (came == MOVED and what != "catalogue"):
                wrong.append(f"{what}: {came}: {place}: {words}")
    wal = Logged(program, folder / "logged", chance)
    for _ in range(FLIPS):
        wal.put_back()
        place = flip(wal.log, chance)
        was_named, commits = wal.opened()
        if was_named:
            notes["log: named"] += 1
        elif commits == len(wal.added):
            notes["log: harmless"] += 1
        elif commits == len(wal.added) - 1:
            # What is behind the last flush looks like a write that a power cut tore.
            notes["log: the last commit is gone"] += 1
        else:
            wrong.append(f"log: {place}: {len(wal.added) - commits} commits are gone without a word")
    if wrong:
        raise Wrong("\n    ".join([f"{len(wrong)} flipped bits", *wrong]))
    return 0, 0


def outcome(store, right, again):
    """What became of a flipped bit, and the words that tell."""
    names_it = moved = ""
    for question, (_, expected) in zip(QUESTIONS, right):
        code, said = ask(store, question)
        if code != 0:
            names_it = names_it or sentence(said)
        elif said != expected:
            moved = moved or f"{' '.join(question)} answered {difference(expected, said)}"
    code, said = tried(store, "verify", "--deep")
    checked = sentence(said) if code != 0 else ""
    if moved and not checked:
        return UNNOTICED, moved
    if moved:
        return MOVED, moved
    if names_it:
        return "named by a question", names_it
    # Nothing was asked of it that it could not answer; an import must not be misled either.
    code, said = tried(store, "import", again)
    if code != 0:
        return "named by an import" if not checked else "named by `verify`", sentence(said)
    for question, (_, expected) in zip(QUESTIONS, right):
        code, said = ask(store, question)
        if code == 0 and said != expected:
            words = f"after an import, {' '.join(question)} answered {difference(expected, said)}"
            return (MOVED if checked else UNNOTICED), words
    return ("named by `verify`", checked) if checked else ("harmless", "")


def sentence(said):
    if "panicked" in said:
        raise Wrong(next(line for line in reversed(said.splitlines()) if "panicked" in line))
    must(len(said.strip()) > 20, f"nothing was said but {said!r}")
    return said.strip()[-300:]


def ask(store, question):
    return tried(store, *question)


def difference(expected, said):
    try:
        old, new = json.loads(expected[expected.index("[") :]), json.loads(said[said.index("[") :])
    except ValueError:
        return said[:200]
    if len(old) != len(new):
        return f"{len(new)} rows instead of {len(old)}"
    was, now = next((a, b) for a, b in zip(old, new) if a != b)
    return f"{now} instead of {was}"


def write(store, source, name, numbers, talk, only=lambda n: True):
    path = store.folder / source / f"{name}.csv"
    lines = (
        f"c{n},{at(n)},campaign-{n % 7},agent-{n % 41},{talk + n % 90}\n" for n in numbers if only(n)
    )
    path.write_text("n,at,campaign,agent,talk\n" + "".join(lines))
    return path


def files_by_source(store):
    db = sqlite3.connect(f"file:{store.lake / 'catalog.db'}?mode=ro", uri=True)
    found = {}
    for source, path in db.execute(
        "SELECT d.source, f.path FROM ducklake_data_file f JOIN dialmark_data_file d USING (data_file_id)"
        " WHERE f.end_snapshot IS NULL ORDER BY f.path"
    ):
        found.setdefault(source, []).append(store.lake / "data" / "calls" / path)
    db.close()
    return found


def put_back(store, whole):
    shutil.rmtree(store.lake)
    shutil.copytree(whole, store.lake)


def within(path, chance):
    """Where a text stands that the catalogue holds of a data file or of a table."""
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    texts = [text for (text,) in db.execute(
        "SELECT instant_ranges FROM dialmark_data_file UNION ALL SELECT hours FROM dialmark_data_file"
        " UNION ALL SELECT key_file FROM dialmark_data_file WHERE key_file IS NOT NULL"
        " UNION ALL SELECT path FROM ducklake_data_file UNION ALL SELECT definition FROM dialmark_table"
        " UNION ALL SELECT report FROM dialmark_import"
    )]
    db.close()
    bytes_ = path.read_bytes()
    # A long text goes on in pages of its own, so its beginning is looked for.
    text = chance.choice(texts).encode()[:200]
    at_ = bytes_.find(text)
    return (at_, at_ + len(text)) if at_ >= 0 else None


def flip(path, chance, span=None):
    """Turns one bit round, anywhere or within a part; says which."""
    bytes_ = bytearray(path.read_bytes())
    place, bit = chance.randrange(*(span or (0, len(bytes_)))), chance.randrange(8)
    bytes_[place] ^= 1 << bit
    path.write_bytes(bytes_)
    return f"bit {bit} of byte {place} of {len(bytes_)} in {path.name}"


class Logged:
    """A store that ended without warning while its last commits were in SQLite's log alone, one after the other."""

    def __init__(self, program, folder, chance):
        self.store, self.chance, promises = Store(program, folder / "project"), chance, Promises()
        self.log = self.store.lake / "catalog.db-wal"
        # What each commit added, in their order.
        self.added = []
        server, port = self.store.serve()
        try:
            for number in range(12):
                if number % 3 == 0:
                    name = written(self.store, promises, 40)
                    self.store.run("import", self.store.folder / "filed" / name)
                    self.added.append({("filed", n) for n in promises.filed[name]})
                else:
                    numbers = promises.numbers(7)
                    status, text, _ = answer(port, self.store.token, "sent", f"k{number}", [(n, 1) for n in numbers])
                    must(status == 202, text)
                    self.added.append({("sent", n) for n in numbers})
        finally:
            kill(server)
        self.whole = folder / "whole"
        shutil.copytree(self.store.lake, self.whole)
        bytes_ = (self.whole / "catalog.db-wal").read_bytes()
        (page,) = struct.unpack(">I", bytes_[8:12])
        frames = (len(bytes_) - WAL_HEADER) // (page + FRAME)
        must(10 < frames < FRAMES_AT_MOST, f"{frames} frames are in the log, so that a cut is no torn write")

    def put_back(self):
        put_back(self.store, self.whole)

    def opened(self):
        """Whether the damage was named, and how many commits were there, after the log was ended where the sentence says
        if it was. A store that is as it was after no commit is wrong."""
        code, said = tried(self.store, "lake", "settle")
        told = re.search(r"truncate -s (\d+) ", said) if code != 0 else None
        if told:
            os.truncate(self.log, int(told[1]))
            self.store.run("lake", "settle")
        elif code != 0:
            raise Wrong(sentence(said))
        found = {(source, int(sid) if source == "filed" else talk) for source, sid, _, talk in self.store.rows()}
        self.store.run("verify", "--deep")
        so_far, states = set(), [set()]
        for added in self.added:
            so_far = so_far | added
            states.append(so_far)
        must(found in states, f"{len(found)} records are there, which is the state after no commit")
        return bool(told), states.index(found)


def torn(program, folder, chance, notes):
    """The log ends too early, or with something else than was written."""
    logged = Logged(program, folder, chance)
    for _ in range(TEARS):
        logged.put_back()
        bytes_ = bytearray(logged.log.read_bytes())
        place = chance.randrange(len(bytes_))
        if chance.random() < 0.5:
            del bytes_[place:]
        else:
            rest = len(bytes_) - place
            bytes_[place:] = chance.randbytes(rest) if chance.random() < 0.5 else bytes(rest)
        logged.log.write_bytes(bytes_)
        was_named, commits = logged.opened()
        must(not was_named, "a torn write was called damage")
        notes["all there" if commits == len(logged.added) else "back to an earlier commit"] += 1
    return 0, 0
