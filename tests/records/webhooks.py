"""Webhooks: what senders without a token sign, and what others sign in their name; FreeSWITCH's posts beside them.

Signatures are made here with Python's own hmac, and what must come of the messages is counted here.
"""

import base64
import hashlib
import hmac
import json
import os
import random
import shutil
import time
import urllib.error
import urllib.parse
import urllib.request
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

from checks import END_OF, Served

ADDRESS = "https://calls.example.com/hooks/twilio"
TOKEN = "a token of an account"
SECRET = "between the CRM and us"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}
SOURCES = f"""
[source.twilio]
pack = "twilio_status"
[source.twilio.webhook]
signed      = "twilio"
secret_file = "../webhooks-secret"
url         = "{ADDRESS}"

[source.crm]
table    = "calls"
format   = "jsonl"
id       = "id"
revision = {{ from = "rev", as = "integer" }}
[source.crm.columns]
started_at  = "at"
disposition = "result"
[source.crm.webhook]
signed           = "hmac"
secret_env       = "CRM_SECRET"
header           = "X-Signature"
prefix           = "v1="
timestamp_header = "X-Sent-At"
tolerance        = "2min"

[source.switch]
pack = "freeswitch_json"
"""


def post(address, path, body, headers):
    """Status and answer."""
    request = urllib.request.Request(address + path, body, method="POST", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as refused:
        return refused.code, json.loads(refused.read() or b"{}")


def of_twilio(form, token=TOKEN, query=""):
    signed = ADDRESS + query + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()).decode()


def of_crm(body, at, secret=SECRET):
    signed = f"{at}.".encode() + body
    return {**JSON, "X-Sent-At": str(at), "X-Signature": "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}


def callbacks(number):
    """What Twilio sends of one call, and the record that must come of it: status, answer, end, length, cause."""
    began = datetime(2026, 9, 7, 8, tzinfo=timezone.utc) + timedelta(minutes=7 * number)
    lasted = number * 13 % 90
    status, cause = [("completed", "200"), ("no-answer", "487"), ("busy", "486"), ("completed", "200")][number % 4]
    answered = began + timedelta(seconds=8)
    steps = [("initiated", began), ("ringing", began + timedelta(seconds=2))]
    ended = answered
    if status == "completed":
        steps.append(("in-progress", answered))
        ended = answered + timedelta(seconds=lasted)
    steps.append((status, ended))
    forms = [
        {
            "CallSid": f"CA{number:032d}",
            "AccountSid": "AC1",
            "From": "+442015550100",
            "To": f"+4420155{number:05d}",
            "Direction": "outbound-api",
            "CallStatus": step,
            "Timestamp": format_datetime(at),
            "SequenceNumber": str(place),
            "CallbackSource": "call-progress-events",
            "ToCity": "S\u00e3o Paulo & more",
            "ToZip": "",
        }
        for place, (step, at) in enumerate(steps)
    ]
    length = lasted if status == "completed" else 0
    forms[-1] |= {"CallDuration": str(length), "Duration": str(-(-length // 60)), "SipResponseCode": cause}
    answer = answered.timestamp() if status == "completed" else None
    return forms, (status, answer, ended.timestamp(), length * 1000, cause)


def twilio(check, served):
    """Callbacks in any order, at both addresses, some twice; then what is not Twilio's. The records that must be there."""
    calls = [callbacks(number) for number in range(40)]
    forms = [form for made, _ in calls for form in made]
    random.Random(7).shuffle(forms)
    addresses = [served.pages, served.receiving]
    path = "/api/v1/webhooks/twilio"
    answers = []
    for number, form in enumerate(forms):
        body = urllib.parse.urlencode(form).encode()
        headers = {**FORM, "X-Twilio-Signature": of_twilio(form)}
        answers.append(post(addresses[number % 2], path, body, headers)[0])
        if number % 5 == 0:
            # As when the answer was lost.
            answers.append(post(addresses[number % 2], path, body, headers)[0])
    again = len(range(0, len(forms), 5))
    check.holds(
        "signed callbacks are taken, and those that come again are known",
        (answers.count(202), answers.count(200), len(answers)) == (len(forms), again, len(forms) + again),
        answers,
    )
    form = callbacks(40)[0][-1]
    body, right = urllib.parse.urlencode(form).encode(), of_twilio(form)
    forged = [
        (path, body, {}),
        (path, body, {"X-Twilio-Signature": of_twilio(form, token="a guess")}),
        (path, body, {"X-Twilio-Signature": right[:-4] + "AAA="}),
        (path, body.replace(b"CallDuration=", b"CallDuration=9"), {"X-Twilio-Signature": right}),
        (f"{path}?more=1", body, {"X-Twilio-Signature": right}),
        (path, b"", {"X-Twilio-Signature": of_twilio({})}),
    ]
    answers = [post(served.receiving, where, what, {**FORM, **more}) for where, what, more in forged]
    statuses = [status for status, _ in answers]
    check.holds("what is not Twilio's is refused with a sentence", statuses == [403] * 5 + [400] and all(len(said["error"]) > 20 for _, said in answers[:5]), answers)
    as_json = json.dumps(form).encode()
    unsigned = post(served.receiving, path, as_json, {**JSON, "X-Twilio-Signature": of_twilio({})})
    check.holds("the signature of an address says nothing of its body", unsigned[0] == 403, unsigned)
    query = f"?bodySHA256={hashlib.sha256(as_json).hexdigest()}"
    signed = {**JSON, "X-Twilio-Signature": of_twilio({}, query=query)}
    check.holds("with the hash of the body in it, it does", post(served.receiving, path + query, as_json, signed)[0] == 202)
    check.holds("and of that body alone", post(served.receiving, path + query, as_json + b" ", signed)[0] == 403)
    key = {**FORM, "X-Twilio-Signature": right, "I-Twilio-Idempotency-Token": "one"}
    answers = [post(served.receiving, path, body, key) for _ in range(2)]
    check.holds("Twilio's own key is one", [(status, said["repeated"]) for status, said in answers] == [(202, False), (200, True)], answers)
    check.holds("no token, no other way in", post(served.receiving, "/api/v1/ingest/twilio", body, key)[0] == 401)
    return {f"CA{number:032d}": record for number, (_, record) in enumerate([*calls, callbacks(40)])}


def crm(check, served):
    """Messages that are signed with their time."""
    path, now = "/api/v1/webhooks/crm", int(time.time())

    def message(revision, result):
        return json.dumps({"id": 1, "rev": revision, "at": "2026-09-08T09:00:00Z", "result": result}).encode()

    newer, older = message(2, "SALE"), message(1, "NI")
    sent = [post(served.receiving, path, body, of_crm(body, now)) for body in (newer, older, newer)]
    check.holds("what comes again under its signature is known", [status for status, _ in sent] == [202, 202, 200], sent)
    late, early = (post(served.receiving, path, older, of_crm(older, now + off))[0] for off in (-600, 600))
    check.holds("what was kept and is sent later is refused", (late, early) == (403, 403), (late, early))
    retimed = of_crm(older, now - 600) | {"X-Sent-At": str(now)}
    check.holds("another time is another signature", post(served.receiving, path, older, retimed)[0] == 403)
    forged = [post(served.pages, path, message(3, "FRAUD"), headers)[0] for headers in (of_crm(newer, now), of_crm(message(3, "FRAUD"), now, "guess"))]
    check.holds("and so is another body, and another secret", forged == [403, 403], forged)
    return {"1": ("SALE",)}


def switch(check, served, token):
    """FreeSWITCH, however it is told to encode: with a token as password."""
    login = base64.b64encode(f"switch:{token}".encode()).decode()
    variables = {"direction": "outbound", "start_uepoch": "1788771600000000", "hangup_cause": "NO_ANSWER", "caller_id_number": "%2B442015550100"}

    def document(uuid):
        return json.dumps({"variables": {"uuid": uuid, **variables}}).encode()

    posts = {
        "json": (JSON, document("json")),
        "url": (FORM, b"cdr=" + urllib.parse.quote(document("url")).encode()),
        "base64": ({"Content-Type": "application/x-www-form-base64-encoded"}, b"cdr=" + base64.b64encode(document("base64"))),
        "untyped": (FORM, document("untyped")),
    }
    answers = {
        uuid: post(served.receiving, f"/api/v1/ingest/switch?uuid={uuid}", body, {**kind, "Authorization": f"Basic {login}"})
        for uuid, (kind, body) in posts.items()
    }
    check.holds("FreeSWITCH's posts are taken in every encoding", all(status == 202 for status, _ in answers.values()), answers)
    wanted = {uuid: ("NO_ANSWER", "0100") for uuid in posts}
    check.holds("not without its password", post(served.receiving, "/api/v1/ingest/switch", document("x"), JSON)[0] == 401)
    return wanted


def run(check):
    """Everything about webhooks, in a project of its own."""
    shutil.rmtree(check.work, ignore_errors=True)
    (check.work / "sources").mkdir(parents=True)
    (check.work / "dialmark.toml").write_text('[centre]\nname = "Webhooks"\nzone = "Europe/London"\n[store]\nfolder = "lake"\n')
    (check.work / "sources" / "s.toml").write_text(SOURCES)
    secret = check.work.parent / "webhooks-secret"
    secret.unlink(missing_ok=True)
    os.environ["CRM_SECRET"] = SECRET
    said = check.tried("serve", "--port", "0")
    check.holds("a secret that is not there is said at once", "`twilio`" in said and "`secret_file`" in said, said)
    secret.write_text(f"{TOKEN}\n")
    token = check.run("token", "new", "a switch", "--stream", "switch").strip()
    with Served(check) as served:
        calls, sales, legs = twilio(check, served), crm(check, served), switch(check, served, token)
        dials = len(calls) + len(legs)
        check.until("what was signed is in the figures", lambda: check.query(["dials"])[()]["dials"]["value"] == dials)
    db = check.attached()
    db.execute("SET TimeZone = 'UTC'")

    def rows(source, columns):
        found = db.execute(f"SELECT source_id, {columns} FROM lake.calls WHERE source = '{source}'").fetchall()
        return {row[0]: row[1:] for row in found}

    at = "epoch_ms({}) / 1000".format
    check.same(
        "a call is what its last callback says, whatever came first",
        rows("twilio", f"disposition, {at('answered_at')}, {at('ended_at')}, duration_ms, carrier_cause"),
        calls,
    )
    check.same("the newest message counts, and no forged one", rows("crm", "disposition"), sales)
    check.same("each leg once", rows("switch", f"disposition, {END_OF.format('caller_number')}"), legs)
    check.holds("nothing was set aside", json.loads(check.run("quarantine", "list", "--format", "json")) == [])
