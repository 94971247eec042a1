"""`kill -9` at random moments of taking records, reading them in, importing files, folding and joining.

    kill.py --program DIALMARK --work DIR --trials N [--seed S]

The last line is `trials N lost L doubled D unopened U`; exit code 1 unless all but the first are zero.
"""

import sys
import threading
import time

from store import Promises, Store, asked, keep_sending, keep_working, kill

# A store that many trials have filled takes longer to read than to break.
TRIALS_A_STORE = 40


def trial(store, promises, chance):
    """One life of the program, from its start to its end without warning."""
    server, port = store.serve()
    stop, running = threading.Event(), []
    seeds = [chance.getrandbits(64) for _ in range(3)]
    workers = [
        threading.Thread(target=keep_sending, args=(port, store.token, promises, seed, stop))
        for seed in seeds[:2]
    ]
    workers.append(threading.Thread(target=keep_working, args=(store, promises, seeds[2], stop, running)))
    for worker in workers:
        worker.start()
    time.sleep(chance.uniform(0.02, 1.2))
    stop.set()
    kill(server)
    for process in list(running):
        kill(process)
    for worker in workers:
        worker.join()


def main():
    arguments, chance = asked()
    store = promises = None
    lost = doubled = unopened = acknowledged = 0
    began = time.monotonic()
    for number in range(1, arguments.trials + 1):
        if store is None or number % TRIALS_A_STORE == 1:
            acknowledged += len(promises.sent_acked) + len(promises.known_acked) if promises else 0
            store, promises = Store(arguments.program, arguments.work), Promises()
        try:
            trial(store, promises, chance)
            deep = number % 10 == 0 or number == arguments.trials
            now_lost, now_doubled = store.survived(promises, deep)
        except RuntimeError as error:
            unopened += 1
            print(f"trial {number}: {error}", flush=True)
            store = None
            continue
        lost, doubled = lost + now_lost, doubled + now_doubled
        if now_lost or now_doubled:
            print(f"trial {number}: lost {now_lost} doubled {now_doubled}", flush=True)
            store = None
        elif number % 50 == 0:
            print(f"{number} trials, {(time.monotonic() - began) / number:.1f} s each", flush=True)
    if promises:
        acknowledged += len(promises.sent_acked) + len(promises.known_acked)
    print(f"acknowledged {acknowledged} records")
    print(f"trials {arguments.trials} lost {lost} doubled {doubled} unopened {unopened}")
    if acknowledged == 0:
        raise SystemExit("nothing was acknowledged, so nothing is proven")
    sys.exit(1 if lost or doubled or unopened else 0)


main()
