"""Alerts reach a real receiver over HTTP: signed, each message once, over a change of clocks, a downtime, a receiver that is busy and a
program that is killed. When something is told is worked out here a second time, from the records that were written.
"""

import base64
import hashlib
import hmac
import json
import os
import queue
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from checks import Check, send, wait_until_ready  # noqa: E402

check = Check()
LONDON = ZoneInfo("Europe/London")
SECRET = "whsec_" + base64.b64encode(b"between us and the pager only").decode()
SOURCES = """
[source.export]
table   = "calls"
files   = ["export/*.csv"]
id      = "id"
columns = { started_at = "at", campaign_id = "campaign", direction = { const = "outbound" } }

[source.dialler]
table  = "calls"
format = "jsonl"
id     = "id"
[source.dialler.columns]
started_at  = "at"
campaign_id = "campaign"
direction   = { const = "outbound" }
"""
CHANNELS = """
[channel.pager]
kind       = "hook"
url_env    = "PAGER_URL"
secret_env = "PAGER_SECRET"
pages_at   = "https://figures.example.org"

[channel.slack]
kind    = "slack"
url_env = "SLACK_URL"

[channel.teams]
kind     = "teams"
url_file = "teams.txt"
"""
# The name would like to be a call to everybody and a mark.
HOSTILE = "<!channel> & *home*"
BUSY = """
[alert.busy]
on           = "live"
metric       = "dials"
by           = "campaign"
window       = "last 10 min"
above        = 300
clears_at    = 150
minimum_n    = 1
for          = "5 min"
hours        = "09:00-18:00"
days         = ["monday-friday"]
remind_after = "2h"
to           = ["pager"]
"""


class Receiver:
    """Keeps what is posted, and answers as it is told."""

    def __init__(self):
        self.posts, self.answers, self.hang = [], queue.Queue(), threading.Event()
        self.hanging = False
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                length = int(self.headers["content-length"])
                body = self.rfile.read(length)
                if len(body) < length:
                    # Whoever posted it was killed.
                    return
                status = 200 if receiver.answers.empty() else receiver.answers.get()
                receiver.posts.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body, status))
                if receiver.hanging:
                    receiver.hang.wait(60)
                    return
                self.send_response(status)
                self.send_header("content-length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def of(self, path, status=None):
        return [post for post in list(self.posts) if post[0] == path and status in (None, post[3])]


receiver = Receiver()
os.environ.update(PAGER_URL=f"{receiver.address}/pager", PAGER_SECRET=SECRET, SLACK_URL=f"{receiver.address}/slack/secret")


def is_ours(headers, body):
    """As the documentation has it."""
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    signed = b".".join([headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body])
    made = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return hmac.compare_digest(made, headers["webhook-signature"]) and abs(int(headers["webhook-timestamp"]) - time.time()) < 60


def project(alerts):
    shutil.rmtree(check.work, ignore_errors=True)
    for folder in ("sources", "channels", "alerts", "export"):
        (check.work / folder).mkdir(parents=True)
    (check.work / "dialmark.toml").write_text(
        '[centre]\nname = "Alerts"\nzone = "Europe/London"\n[store]\nfolder = "lake"\n'
    )
    (check.work / "sources" / "s.toml").write_text(SOURCES)
    (check.work / "channels" / "c.toml").write_text(CHANNELS)
    (check.work / "alerts" / "a.toml").write_text(alerts)
    (check.work / "teams.txt").write_text(f"{receiver.address}/teams/secret\n")


def written(at):
    return at.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


# --- Moved clocks: what is told is what the rule says of the records, on the wall of the centre.
project(BUSY)
days = [datetime(2026, 10, day, tzinfo=LONDON) for day in (22, 23, 24, 26, 27)]
BURSTS = {23: (8.5, 9.75), 24: (11, 13), 26: (8.5, 9.75), 27: (10, 15)}
calls = []
for day in days:
    first, last = BURSTS.get(day.day, (0, 0))
    for minute in range(8 * 60, 18 * 60):
        # On the wall: nine is nine before and after the clocks went back on the 25th.
        at = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=LONDON).astimezone(timezone.utc)
        count = 60 if first * 60 <= minute < last * 60 else 10
        calls += [at + timedelta(seconds=60 * number / count) for number in range(count)]
calls = sorted(at.replace(microsecond=0) for at in calls)
(check.work / "export" / "calls.csv").write_text(
    "id,at,campaign\n" + "".join(f'{n},{written(at)},"{HOSTILE}"\n' for n, at in enumerate(calls))
)
check.run("import")
check.equals("the project is sound", check.run("check", "--format", "json") != "", True)


def at(day, hour, minute=0):
    return datetime(2026, 10, day, hour, minute, tzinfo=LONDON).astimezone(timezone.utc)


def every(minutes, first, last):
    now = first
    while now < last:
        yield now
        now += timedelta(minutes=minutes)


def worked_out(looks):
    """When what is told, by the rule as the documentation says it."""
    told, since, raised, told_at = [], None, False, None
    for now in looks:
        wall = now.astimezone(LONDON)
        if wall.weekday() > 4 or not 9 <= wall.hour < 18:
            since = since if raised else None
            continue
        # The records go on after all of these looks, so they reach up to each.
        reach = now
        count = sum(reach - timedelta(minutes=10) <= call <= reach for call in calls)
        if raised:
            if count <= 150:
                raised, since, told_at = False, None, now
                told.append((written(now), "alert.cleared"))
            elif now - told_at >= timedelta(hours=2):
                told_at = now
                told.append((written(now), "alert.reminder"))
        elif count > 300:
            since = since or reach
            if reach - since >= timedelta(minutes=5):
                raised, told_at = True, now
                told.append((written(now), "alert.raised"))
        else:
            since = None
    return told


looks = [
    *every(5, at(23, 8), at(23, 10, 30)),
    *every(60, at(24, 9), at(24, 14)),
    *every(5, at(26, 8), at(26, 10, 30)),
    # The machine is down from half past ten to two.
    *every(5, at(27, 9, 30), at(27, 10, 30)),
    *every(5, at(27, 14), at(27, 16)),
]
for now in looks:
    check.run("alerts", "run", "--at", written(now), "--format", "json")
posts = receiver.of("/pager")
told = [(json.loads(body)["timestamp"], json.loads(body)["type"]) for _, _, body, _ in posts]
expected = worked_out(looks)
check.equals("what is told, and when, is what the rule says of the records", told, expected)
raised = [when for when, kind in told if kind == "alert.raised"]
check.equals(
    "five past nine and a little is the same on the wall on both sides of the change of clocks",
    [datetime.fromisoformat(when).astimezone(LONDON).strftime("%H:%M") for when in raised[:2]],
    ["09:05", "09:05"],
)
check.equals("and an hour apart in UTC", [when[11:16] for when in raised[:2]], ["08:05", "09:05"])
check.equals("a Saturday tells nothing", [when for when, _ in told if when.startswith("2026-10-24")], [])
of_tuesday = [kind for when, kind in told if when.startswith("2026-10-27")]
check.equals("over a downtime it is raised once, told again, and cleared once", of_tuesday, ["alert.raised", "alert.reminder", "alert.cleared"])
check.holds("each message is signed", all(is_ours(headers, body) for _, headers, body, _ in posts))
check.holds("a body that somebody changed does not pass", not is_ours(posts[0][1], posts[0][2].replace(b"raised", b"raisad")))
ids = [headers["webhook-id"] for _, headers, _, _ in posts]
check.equals("each message has an identifier of its own", len(set(ids)), len(ids))
thing = json.loads(posts[0][2])["data"]["things"][0]
reach = datetime.fromisoformat(raised[0])
count = sum(reach - timedelta(minutes=10) <= call <= reach for call in calls)
check.equals("the value is that of the records", (thing["value"], thing["n"], thing["records_to"]), (str(count), count, written(reach)))
check.equals("and of the place that it names", thing["place"], {"campaign_id": HOSTILE})
check.holds("it says where to look", thing["page"].startswith("https://figures.example.org/calls?metric=dials"), thing["page"])
replayed = json.loads(
    check.run(
        *("alerts", "replay", "busy", "--from", written(at(22, 0)), "--to", written(at(27, 0))),
        *("--every", "5 min", "--format", "json"),
    )
)
wanted = worked_out(list(every(5, at(22, 0), at(27, 0))))
check.equals("a replay of the past tells the same", [(m["timestamp"], m["type"]) for m in replayed["messages"]], wanted)
stands = json.loads(check.run("alerts", "list", "--format", "json"))
check.equals("nothing stands", stands[0]["stands"], [])
history = json.loads(check.run("alerts", "history", "--format", "json"))
check.equals("the history has each raise and each clear", [line["happened"]["event"] for line in history["happened"]][::-1], ["raised", "cleared"] * 3)
check.equals("and every message was taken", {piece["leaving"] for piece in history["messages"]}, {"sent"})

# --- Slack and Teams get their forms, at addresses that nobody is shown.
for channel in ("slack", "teams"):
    said = check.tried("alerts", "test", channel)
    check.holds(f"{channel} took a test", "took the message" in said, said)
    check.holds("and its address is not shown", "secret" not in said, said)
(slack,), (teams,) = receiver.of("/slack/secret"), receiver.of("/teams/secret")
blocks, card = json.loads(slack[2]), json.loads(teams[2])
check.holds("Slack gets blocks", blocks["blocks"][0]["type"] == "section" and "[test]" in blocks["text"], blocks)
content = card["attachments"][0]
check.holds("Teams gets a card", content["contentType"].endswith("card.adaptive") and content["content"]["type"] == "AdaptiveCard", card)
check.holds("and neither is signed", "webhook-signature" not in slack[1] and "webhook-signature" not in teams[1])
check.holds("a channel that is not there is refused", "There is no channel `flor`" in check.tried("alerts", "test", "flor"))
receiver.answers.put(404)
check.holds("a refusal is said", "was refused" in check.tried("alerts", "test", "pager"))

# --- The program serves, the clock is the machine's, and it is killed.
project(BUSY.replace("last 10 min", "last 2 min").replace("above        = 300", "above        = 100").replace("clears_at    = 150", "clears_at    = 50")
        .replace('for          = "5 min"\nhours        = "09:00-18:00"\ndays         = ["monday-friday"]\n', ""))
token = check.run("token", "new", "a dialler", "--stream", "dialler").strip().splitlines()[-1]
receiver.posts.clear()


class Program:
    """The program while it serves."""

    def start(self):
        command = [str(check.program), "serve", "--port", "0", "--dir", str(check.work)]
        self.running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for line in self.running.stdout:
            if "http://127.0.0.1:" in line:
                self.address = line[line.index("http://") :].split("/ ")[0].strip().rstrip("/")
                break
        wait_until_ready(self.address)
        threading.Thread(target=lambda: [None for _ in self.running.stdout], daemon=True).start()

    def kill(self):
        self.running.send_signal(signal.SIGKILL)
        self.running.wait(timeout=30)


program, numbers = Program(), iter(range(10**9))


def push(count):
    now = datetime.now(timezone.utc)
    records = [
        {"id": f"p{next(numbers)}", "at": written(now - timedelta(seconds=number % 30)), "campaign": "home"} for number in range(count)
    ]
    status, answer = send(program.address, token, "dialler", "".join(json.dumps(r) + "\n" for r in records).encode())
    check.equals("records are taken", status, 202)


def by_id():
    seen = {}
    for _, headers, body, status in receiver.of("/pager"):
        seen.setdefault(headers["webhook-id"], []).append((json.loads(body)["type"], body, status))
    return seen


receiver.answers.put(503)
program.start()
push(200)
check.until("a burst is told, and the receiver is busy", lambda: receiver.of("/pager", 503), 150)
program.kill()
waiting = json.loads(check.run("alerts", "history", "--format", "json"))["messages"]
check.equals("after the kill the message waits", [(one["leaving"], one["tries"]) for one in waiting], [("waiting", 1)])
program.start()
check.until("it is tried again, by the program that was started anew", lambda: receiver.of("/pager", 200), 150)
((first, second),) = by_id().values()
check.equals("it is the same message", (first[1], second[2]), (second[1], 200))
check.holds("signed anew", all(is_ours(headers, body) for _, headers, body, _ in receiver.of("/pager")[-1:]))

# What is over is told once: two quiet minutes later.
time.sleep(130)
push(1)
check.until("that it is over is told", lambda: any(p[0][0] == "alert.cleared" for p in by_id().values()), 150)

# Killed again and again, at whatever moment: nothing is lost, nothing is told twice.
push(200)
random.seed(7)
for _ in range(6):
    program.kill()
    program.start()
    time.sleep(random.uniform(0.1, 4))
push(120)
check.until("the next burst is told", lambda: sum(p[0][0] == "alert.raised" for p in by_id().values()) == 2, 150)
taken = {name: sum(status == 200 for *_, status in tries) for name, tries in by_id().items()}
check.holds("each message was taken once", set(taken.values()) == {1}, taken)
noted = json.loads(check.run("alerts", "history", "--format", "json"))["messages"]
check.equals("and each that was written down was taken", {one["id"] for one in noted}, set(taken))

# Killed after the receiver took it and before it was noted: it comes once more, under the same identifier.
time.sleep(130)
receiver.hanging = True
push(1)
check.until("the receiver takes a message and does not answer", lambda: len(by_id()) == 4, 150)
program.kill()
receiver.hanging = False
receiver.hang.set()
later = written(datetime.now(timezone.utc) + timedelta(minutes=11))
check.run("alerts", "run", "--at", later)
twice = {name: [one[0] for one in tries] for name, tries in by_id().items() if len(tries) == 2 and tries[0][2] == 200}
check.equals("it comes once more, and is known by its identifier", list(twice.values()), [["alert.cleared"] * 2])
check.close()
