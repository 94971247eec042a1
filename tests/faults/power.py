"""Power cuts: the store lies on a loop-mounted file system that is shut down while records come in.

    power.py --program DIALMARK --work DIR --trials N [--seed S]

What was not flushed to the disk when the file system stops is gone; its journal replays at the next mount. In every
trial a control writes lines without flushing and must lose some, or the trial proves nothing.

Shutting a file system down takes milliseconds, and in them ext4 and XFS let a flush succeed of what they then drop. A second
control shows it: it flushes every line, and loses lines that were flushed in these milliseconds, none from before. So a
promise is what was acknowledged before the cut began, as when the power goes everywhere at once.

Needs root, xfsprogs (`xfs_io`) and e2fsprogs. The last line is `trials N lost L doubled D unopened U`.
"""

import os
import shutil
import sys
import threading
import time
from pathlib import Path

from mounted import Disk
from store import Promises, Store, asked, keep_sending, keep_working, kill

# Sparse; the program keeps half a gigabyte free.
IMAGE_BYTES = 3 << 30
TRIALS_AN_IMAGE = 20
SYSTEMS = ["ext4", "xfs"]


def control(path, stop, written):
    """Writes lines without flushing them to the disk, and says each one written all the same."""
    try:
        with path.open("w", buffering=1) as file:
            while not stop.is_set():
                file.write(f"{len(written)}\n")
                written.append(len(written))
                time.sleep(0.001)
    except OSError:
        # The disk is gone, as it should be.
        pass


BLOCK_BYTES = 4096


def block(number):
    return f"{number:8}".encode() * (BLOCK_BYTES // 8)


def flushing_control(path, stop, flushed):
    """Writes blocks, flushes each one, and says when that was."""
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        try:
            while not stop.is_set():
                os.pwrite(file, block(len(flushed)), len(flushed) * BLOCK_BYTES)
                os.fdatasync(file)
                flushed.append(time.monotonic())
                time.sleep(0.001)
        finally:
            os.close(file)
    except OSError:
        # The disk is gone, as it should be.
        pass


def missing(path, flushed, cut_at):
    """Blocks that are not there though they were flushed: before the cut, and while it was made."""
    found = path.read_bytes() if path.exists() else b""
    gone = [
        at >= cut_at
        for number, at in enumerate(flushed)
        if found[number * BLOCK_BYTES : (number + 1) * BLOCK_BYTES] != block(number)
    ]
    return gone.count(False), gone.count(True)


def trial(disk, store, promises, chance):
    """One life of the disk. Returns how many lines the control lost, and how many blocks that were flushed during the cut."""
    server, port = store.serve()
    stop, running, written, flushed = threading.Event(), [], [], []
    promises.cut_at = None
    unflushed, flushing = disk.folder / "control", disk.folder / "flushing-control"
    seeds = [chance.getrandbits(64) for _ in range(3)]
    workers = [
        threading.Thread(target=keep_sending, args=(port, store.token, promises, seed, stop))
        for seed in seeds[:2]
    ]
    workers.append(threading.Thread(target=keep_working, args=(store, promises, seeds[2], stop, running)))
    workers.append(threading.Thread(target=control, args=(unflushed, stop, written)))
    workers.append(threading.Thread(target=flushing_control, args=(flushing, stop, flushed)))
    for worker in workers:
        worker.start()
    time.sleep(chance.uniform(0.3, 1.5))
    promises.cut_at = time.monotonic()
    disk.cut()
    stop.set()
    kill(server)
    for process in list(running):
        kill(process)
    for worker in workers:
        worker.join()
    disk.unmount()
    disk.mount()
    kept = len(unflushed.read_text().splitlines()) if unflushed.exists() else 0
    before, during = missing(flushing, flushed, promises.cut_at)
    if before:
        raise SystemExit(f"the disk lost {before} blocks that were flushed before it was cut, so the trials prove nothing")
    return len(written) - kept, during


def main():
    arguments, chance = asked()
    work = Path(arguments.work)
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    lost = doubled = unopened = idle = acknowledged = control_lost = flushed_lost = 0
    disk = store = promises = None
    for number in range(1, arguments.trials + 1):
        if disk is None or number % TRIALS_AN_IMAGE == 1:
            if disk:
                disk.unmount()
                acknowledged += len(promises.sent_acked) + len(promises.known_acked)
            system = SYSTEMS[number // TRIALS_AN_IMAGE % len(SYSTEMS)]
            disk = Disk(work, system, IMAGE_BYTES)
            store, promises = Store(arguments.program, work / "project", disk.folder / "lake"), Promises()
        gone, gone_in_cut = trial(disk, store, promises, chance)
        control_lost += gone
        flushed_lost += gone_in_cut
        idle += gone == 0
        try:
            deep = number % 10 == 0 or number == arguments.trials
            now_lost, now_doubled = store.survived(promises, deep)
        except RuntimeError as error:
            unopened += 1
            print(f"trial {number}: {error}", flush=True)
            disk.unmount()
            disk = None
            continue
        lost, doubled = lost + now_lost, doubled + now_doubled
        if now_lost or now_doubled:
            print(f"trial {number} on {system}: lost {now_lost} doubled {now_doubled}", flush=True)
    if disk:
        disk.unmount()
        acknowledged += len(promises.sent_acked) + len(promises.known_acked)
    print(f"acknowledged {acknowledged} records; the control without flushing lost {control_lost} lines")
    print(f"the control that flushes lost {flushed_lost} blocks of the moments in which the disk was shut down, none from before")
    if idle:
        print(f"in {idle} trials the control lost nothing, so they prove nothing")
    print(f"trials {arguments.trials} lost {lost} doubled {doubled} unopened {unopened}")
    if acknowledged == 0:
        raise SystemExit("nothing was acknowledged, so nothing is proven")
    sys.exit(1 if lost or doubled or unopened or idle > arguments.trials // 10 else 0)


main()
