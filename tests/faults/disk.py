"""Disks that are full, fail, are slow or forget a bit; clocks that jump; several programs on one store.

    disk.py --program DIALMARK --work DIR --trials N [--seed S] [--kind KIND]

The kinds of trials take turns. Whatever happens, nothing acknowledged is lost, nothing is there twice, the store opens by
itself, and the failure is named: by an exit code and a sentence, or by an answer that says when to come back. Disks of their
own need root, failing and slow ones `strace`, jumping clocks `libfaketime`; without them the trials of that kind are skipped
and said to be. The last line is `trials N lost L doubled D unopened U`.
"""

import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import damaged
import disturbed
import filled
from store import asked
from trials import Wrong

# In the order of their turns: what it is called, what it does, and what it needs.
KINDS = {
    "full-import": (filled.importing, "root"),
    "full-serve": (filled.serving, "root"),
    "full-write": (disturbed.refused_write, "strace"),
    "unmade": (disturbed.unmade, "strace"),
    "failing-import": (disturbed.failing_import, "strace"),
    "failing-serve": (disturbed.failing_serve, "strace"),
    "slow": (disturbed.slow, "strace"),
    "together": (disturbed.together, None),
    "clock": (disturbed.clock, "libfaketime"),
    "bit": (damaged.flipped, None),
    "torn": (damaged.torn, None),
}


def missing(need):
    """Why trials with a need cannot be made on this machine; nothing when they can."""
    if need == "root" and os.geteuid() != 0:
        return "a disk of its own needs root"
    if need == "root" and not Path("/dev/loop-control").exists():
        return "this machine has no loop devices"
    if need == "strace":
        probe = shutil.which("strace") and subprocess.run(["strace", "-o", os.devnull, "true"], capture_output=True)
        if not probe or probe.returncode != 0:
            return "strace is not there or may not trace"
    if need == "libfaketime" and disturbed.faketime() is None:
        return "libfaketime is not there"
    return None


def main():
    arguments, chance = asked(list(KINDS))
    # Traced programs and mounts are known by absolute paths.
    work = Path(arguments.work).resolve()
    kinds = []
    for kind in [arguments.kind] if arguments.kind else KINDS:
        if why := missing(KINDS[kind][1]):
            print(f"skipped: {kind}, since {why}")
        else:
            kinds.append(kind)
    if not kinds:
        return
    lost = doubled = unopened = wrong = 0
    notes = {kind: Counter() for kind in kinds}
    for number in range(1, arguments.trials + 1):
        kind = kinds[(number - 1) % len(kinds)]
        folder = work / kind
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        began = time.monotonic()
        notes[kind]["trials"] += 1
        try:
            now_lost, now_doubled = KINDS[kind][0](arguments.program, folder, chance, notes[kind])
        except RuntimeError as error:
            unopened += 1
            print(f"trial {number}, {kind}: {error}", flush=True)
            continue
        except Wrong as error:
            wrong += 1
            print(f"trial {number}, {kind}: {error}", flush=True)
            continue
        finally:
            notes[kind]["seconds"] += round(time.monotonic() - began)
        lost, doubled = lost + now_lost, doubled + now_doubled
        if now_lost or now_doubled:
            print(f"trial {number}, {kind}: lost {now_lost} doubled {now_doubled}", flush=True)
    for kind, counted in notes.items():
        print(f"{kind}: " + ", ".join(f"{count} {what}" for what, count in counted.items()))
    if wrong:
        print(f"in {wrong} trials the program did not say what it should have said")
    print(f"trials {arguments.trials} lost {lost} doubled {doubled} unopened {unopened}")
    sys.exit(1 if lost or doubled or unopened or wrong else 0)


main()
