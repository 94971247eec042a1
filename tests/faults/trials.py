"""What the trials of `disk.py` share: being wrong, ending processes, sending and noting every answer."""

import os
import random
import signal
import subprocess
import threading
import time

from store import answer

# Of a program that said something of its own before it ended.
SHORTEST_SENTENCE = 20
# Longer fields are set aside.
LONGEST_PADDING = 500_000


class Wrong(Exception):
    """Something was answered that should not have been, or not said that should."""


def must(true, otherwise):
    if not true:
        raise Wrong(otherwise)


def named(returncode, said, *words):
    """A failure has an exit code of a problem and a sentence with one of these words."""
    must(returncode == 1, f"exit code {returncode}: {said[-500:]}")
    must("panicked" not in said, said[-500:])
    must(len(said.strip()) > SHORTEST_SENTENCE, f"nothing was said but {said!r}")
    must(not words or any(word in said for word in words), f"none of {words} is in: {said[-500:]}")


def tried(store, *arguments, under=(), patience=120):
    """Exit code and everything that a command says; one that hangs is wrong."""
    command = [*under, *store.command(*arguments)]
    running = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )
    try:
        said, _ = running.communicate(timeout=patience)
    except subprocess.TimeoutExpired:
        end(running)
        raise Wrong(f"{' '.join(map(str, arguments))} did not end within {patience} s") from None
    return running.returncode, said


def end(process, how=signal.SIGKILL):
    """Ends a process that began a session of its own, with what it began."""
    if process.poll() is None:
        os.killpg(process.pid, how)
    try:
        return process.wait(timeout=60)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise Wrong(f"the program did not end within 60 s of signal {how}") from None


class Senders:
    """Threads that send until they are told to stop, and everything that they were answered."""

    def __init__(self, port, store, promises, chance, count, padding=0, pause=0):
        self.port, self.store, self.promises = port, store, promises
        # Bytes that a delivery should have, and seconds between two of one sender.
        self.padding, self.pause = padding, pause
        self.stop = threading.Event()
        self.lock = threading.Lock()
        # (began, ended, status, text, Retry-After), in the order of the answers.
        self.answers = []
        seeds = [chance.getrandbits(64) for _ in range(count)]
        self.threads = [threading.Thread(target=self.run, args=(seed,)) for seed in seeds]
        for thread in self.threads:
            thread.start()

    def run(self, seed):
        chance = random.Random(seed)
        while not self.stop.is_set():
            stream, key, records = self.promises.delivery(chance)
            # A repetition under its key has to be the same, so its padding is as long.
            padding = "x" * min(self.padding // len(records), LONGEST_PADDING)
            began = time.monotonic()
            status, text, after = answer(self.port, self.store.token, stream, key, records, 90, padding)
            with self.lock:
                self.answers.append((began, time.monotonic(), status, text, after))
            if status in (200, 202):
                self.promises.acknowledged(stream, records)
                self.stop.wait(self.pause)
                continue
            with self.promises.lock:
                self.promises.open.append((stream, key, records))
            if status == 0:
                return
            self.stop.wait(0.02)

    def seen(self, *statuses):
        with self.lock:
            return [one for one in self.answers if one[2] in statuses]

    def until(self, found, seconds):
        """Waits for something among the answers; whether it came."""
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            if found():
                return True
            time.sleep(0.02)
        return False

    def join(self):
        """Stops; refusals have to say when to come back, and there is no other answer."""
        self.stop.set()
        for thread in self.threads:
            thread.join()
        for _, _, status, text, after in self.answers:
            must(status in (0, 200, 202, 429, 503), f"an answer was {status}: {text}")
            must(status not in (429, 503) or after, f"no Retry-After with {status}: {text}")
