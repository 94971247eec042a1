"""Reports go to a real mail server with TLS and a password, are read back there, and compared with what the program says of the
same instant; over a change of clocks, a downtime, a server that is away and a program that is killed.
"""

import asyncio
import email
import email.policy
import io
import json
import re
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import threading
import time
from datetime import datetime, timedelta, timezone
from fractions import Fraction
from pathlib import Path

import openpyxl
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from checks import Check, number  # noqa: E402

check = Check()
PASSWORD = "between us and the mail server"
CLIENT = "brightwatt"
REPORTS = """
[report.morning]
label      = "Morning sheet"
kind       = "morning"
to         = ["head@example.org", "durban@example.org"]
at         = "07:45"
hold_until = "07:45"

[report.week]
label     = "The week"
kind      = "client_pack"
client    = "brightwatt"
scorecard = "client"
contract  = "brightwatt"
to        = ["client@example.org"]
at        = "09:00"
hold_until = "09:00"

[report.back]
label      = "What became of calls"
kind       = "return_file"
client     = "brightwatt"
to         = ["leads@example.org"]
at         = "06:30"
hold_until = "06:30"
"""
PEOPLE = """
[person."durban@example.org"]
name = "Floor manager, Durban"
zone = "Africa/Johannesburg"
"""
CARD = """
[scorecard.client]
label      = "The client"
owner      = "operations@aire.example"
place      = { client = "brightwatt" }
kpis       = { consumer_conversion = 60, abandonment = 40 }
"""


class Server:
    """A mail server that keeps what it takes."""

    def __init__(self, folder):
        self.letters, self.refusing, self.busy, self.hanging = [], set(), False, threading.Event()
        self.received, self.hanging_on = threading.Event(), False
        certificate, key = certificates(folder)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.controller = Controller(
            self, hostname="127.0.0.1", port=free_port(), tls_context=context, require_starttls=True,
            auth_required=True, authenticator=self.known,
        )

    def known(self, server, session, envelope, mechanism, data):
        login, password = getattr(data, "login", b""), getattr(data, "password", b"")
        return AuthResult(success=(login, password) == (b"dialmark", PASSWORD.encode()), handled=False)

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.refusing:
            return "550 5.1.1 nobody of this name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.busy:
            return "451 4.3.2 come back later"
        self.letters.append((envelope.mail_from, tuple(envelope.rcpt_tos), envelope.content))
        self.received.set()
        if self.hanging_on:
            while not self.hanging.is_set():
                await asyncio.sleep(0.05)
        return "250 2.0.0 taken"

    def taken(self):
        """Letters that came since the last look, as they are read."""
        letters, self.letters = self.letters, []
        read = [email.message_from_bytes(content, policy=email.policy.default) for _, _, content in letters]
        for (sender, to, _), letter in zip(letters, read):
            check.equals("envelope and letter name the same recipient", to, (letter["To"],))
            check.equals("and the same sender", sender, "dialmark@aire.example")
        return sorted(read, key=lambda letter: letter["To"])


def free_port():
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def certificates(folder):
    """An authority of our own, and a certificate that it gave to 127.0.0.1."""
    now = datetime.now(timezone.utc)
    day = timedelta(days=1)

    def made(name, key, issuer, signing, is_authority):
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - day)
            .not_valid_after(now + day)
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        )
        if not is_authority:
            names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
            usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
            builder = builder.add_extension(names, critical=False).add_extension(usage, critical=False)
        return builder.sign(signing, hashes.SHA256())

    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = made("Authority of the check", authority_key, "Authority of the check", authority_key, True)
    leaf = made("localhost", key, "Authority of the check", authority_key, False)
    pem = serialization.Encoding.PEM
    (folder / "authority.pem").write_bytes(authority.public_bytes(pem))
    (folder / "mail.pem").write_bytes(leaf.public_bytes(pem))
    plain = serialization.NoEncryption()
    (folder / "mail.key").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    return folder / "mail.pem", folder / "mail.key"


def due(at, *options):
    """Makes and hands over what is due at an instant."""
    command = [str(check.program), "send", "--due", "--at", at, "--dir", str(check.work), *options]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def part(letter, kind):
    found = [one for one in letter.walk() if one.get_content_type() == kind]
    return found[0].get_content() if found else None


def attached(letter):
    return {one.get_filename(): one.get_content() for one in letter.iter_attachments()}


def words(text):
    return re.sub(r"\s+", " ", text.replace("\u202f", ",").replace("\u00a0", " ").replace("\u2212", "-"))


def state():
    return sqlite3.connect(check.work / "lake" / "state.db", timeout=30)


with check.demo(days=45, calls_per_day=600, seed=7):
    pass
(check.work / "reports").mkdir()
(check.work / "reports" / "reports.toml").write_text(REPORTS)
(check.work / "people" / "floor.toml").write_text(PEOPLE)
(check.work / "scorecards" / "client.toml").write_text(CARD)
(check.work / "mail-password").write_text(PASSWORD + "\n")
server = Server(check.work)
server.controller.start()
port = server.controller.port
with (check.work / "dialmark.toml").open("a") as project:
    project.write(
        f'\n[mail]\nhost = "localhost"\nport = {port}\nsecurity = "starttls"\nuser = "dialmark"\n'
        'password_file = "mail-password"\ntrusted = "authority.pem"\nfrom = "Aire & Umgeni <dialmark@aire.example>"\n'
    )
listed = json.loads(check.run("reports", "list", "--format", "json"))
check.equals("four letters are listed, each by the clock of its recipient", sorted({one["zone"] for one in listed}), ["Africa/Johannesburg", "Europe/London"])

# Whoever is new gets nothing of the past.
code, said = due("2026-10-22T09:30:00Z")
check.equals("nothing is due when reports are declared", (code, server.taken()), (0, []))

# Friday before, and Monday after clocks go back in London, and not in Durban.
code, said = due("2026-10-23T06:44:00Z")
first = server.taken()
check.equals("a quarter to eight in Durban comes first", [one["To"] for one in first], ["durban@example.org", "leads@example.org"])
due("2026-10-23T06:45:00Z")
second = server.taken()
check.equals("then comes London, in summer", [one["To"] for one in second], ["head@example.org"])
due("2026-10-23T23:00:00Z")
check.equals("each is sent once", server.taken(), [])
due("2026-10-26T07:44:00Z")
monday = [one["To"] for one in server.taken()]
check.equals("in winter London waits an hour longer; returned are three days, a file each", sorted(monday), ["durban@example.org"] + ["leads@example.org"] * 3)
due("2026-10-26T07:45:00Z")
check.equals("and is due then", [one["To"] for one in server.taken()], ["head@example.org"])

# The pack, of the week before.
due("2026-10-26T09:00:00Z")
packs = server.taken()
check.equals("the pack comes on Monday at nine", [one["To"] for one in packs], ["client@example.org"])
pack = packs[0]
text = words(part(pack, "text/plain"))
for wanted in ("The week of 19 to 25 Oct 2026, for brightwatt.", "Scorecard The client", "Week by week", "Statement so far", "Who left, by tenure"):
    check.holds(f"the pack says: {wanted}", wanted in text, text[:400])
(book,) = (openpyxl.load_workbook(io.BytesIO(content)) for name, content in attached(pack).items() if name.endswith(".xlsx"))
check.equals("its workbook has a sheet for each part", book.sheetnames, ["Scorecard", "Week by week", "Who left", "Statement so far"])
statement = json.loads(check.run("statement", "brightwatt", "--period", "2026-10", "--format", "json"))
sheet = book["Statement so far"]
amounts = [row[1].value for row in sheet.iter_rows(min_row=2) if row[0].value != "Due" and row[1].value is not None]
formula = [row[1].value for row in sheet.iter_rows(min_row=2) if row[0].value == "Due"]
check.holds("what is due is a sum that adds up itself", formula and formula[0].startswith("=SUM(B2:B"), formula)
check.equals("with the lines of the statement", len(amounts), len([one for one in statement["lines"] if one["amount"]]))

# A downtime from Monday on.
code, said = due("2026-10-30T12:00:00Z")
friday = server.taken()
check.equals(
    "after a downtime the sheets of the day come, and every return file",
    [one["To"] for one in friday], ["durban@example.org", "head@example.org"] + ["leads@example.org"] * 4,
)
runs = json.loads(check.run("reports", "runs", "--last", "500", "--format", "json"))
missed = [one["day"] for one in runs["runs"] if one["came_to"] == "missed" and "head@" in one["id"]]
check.equals("sheets of earlier days are noted as missed", sorted(missed), ["2026-10-27", "2026-10-28", "2026-10-29"])

# The sheet says what the page says of the same instant.
(sheet_letter,) = (one for one in friday if one["To"] == "head@example.org")
page = json.loads(check.run("today", "--at", "2026-10-30T07:45:00Z", "--format", "json"))
text, html = words(part(sheet_letter, "text/plain")), words(re.sub(r"<[^>]*>", " ", part(sheet_letter, "text/html")))
check.holds("it is a letter of a program", sheet_letter["Auto-Submitted"] == "auto-generated", sheet_letter.keys())
(book,) = (openpyxl.load_workbook(io.BytesIO(content)) for name, content in attached(sheet_letter).items() if name.endswith(".xlsx"))
cells = {row[0].value: row for row in book["KPIs"].iter_rows(min_row=4)}
check.equals("the workbook has the KPIs of the page", sorted(cells), sorted(one["label"] for one in page["yesterday_kpis"]))
for kpi in page["yesterday_kpis"]:
    row = cells[kpi["label"]]
    top, bottom, times, formula = (row[at].value for at in (4, 5, 6, 7))
    if kpi["value"] is None:
        check.equals(f"{kpi['label']} has no value", formula, "no value")
        continue
    value = number(kpi["value"])
    if bottom is not None:
        at = row[0].row
        check.equals(f"{kpi['label']} is a formula", formula, f'=IF(F{at}=0,"",E{at}/F{at}*G{at})')
        formula = Fraction(top) / Fraction(bottom) * Fraction(times)
    check.holds(f"{kpi['label']} comes out as on the page", abs(Fraction(formula) - value) <= abs(value) / 10**9, (formula, kpi["value"]))
    check.holds(f"{kpi['label']} is in text and HTML", kpi["label"] in text and kpi["label"] in html, kpi["label"])
pictures = re.findall(r'src="cid:([^"]+)"', part(sheet_letter, "text/html"))
inside = {one["Content-ID"].strip("<>") for one in sheet_letter.walk() if one["Content-ID"]}
check.equals("each picture of the HTML is in the letter", set(pictures), inside)
check.holds("nothing is fetched from elsewhere", not re.search(r"https?:|<script|url\(", part(sheet_letter, "text/html")), "")

# A test is what was sent.
check.run("send", "morning", "--to", "me@example.org", "--test", "--for", "head@example.org", "--at", "2026-10-30T12:00:00Z")
(test,) = server.taken()
check.equals("the subject of a test says so", test["Subject"], f"[Test] {sheet_letter['Subject']}")
for kind in ("text/plain", "text/html"):
    check.equals(f"its {kind} is that of what was sent", part(test, kind), part(sheet_letter, kind))
check.equals("and so are its files, byte for byte", attached(test), attached(sheet_letter))

# Each call is returned once, and the files together are all calls of the client.
files = [one for one in first + friday if one["To"] == "leads@example.org"]
due("2026-11-05T07:00:00Z")
files += [one for one in server.taken() if one["To"] == "leads@example.org"]
lines = []
for letter in files:
    for content in attached(letter).values():
        rows = (content if isinstance(content, str) else content.decode()).splitlines()
        lines += [row.split(",") for row in rows[1:]]
db = check.attached()
(mine,) = db.execute(
    "SELECT count(*) FROM lake.calls WHERE client_id = ? AND started_at >= TIMESTAMPTZ '2026-10-20 23:00:00+00' AND started_at < TIMESTAMPTZ '2026-11-05 06:30:00+00'",
    [CLIENT],
).fetchone()
returned = [row[1] for row in lines]
# Files of the weekend were read above and counted there.
check.equals("no call is returned twice", len(returned), len(set(returned)))
(known,) = state().execute("SELECT count(*) FROM report_returned").fetchone()
check.equals("all calls of the client are returned, each once", known, mine)

# A server that asks for patience, and one that refuses.
server.busy = True
code, said = due("2026-11-06T06:40:00Z")
check.holds("what is not taken is said, and the exit code with it", code == 1 and "to be tried again" in said, said)
server.busy = False
check.equals("nothing arrived", server.taken(), [])
waiting = [one for one in json.loads(check.run("reports", "runs", "--format", "json"))["letters"] if one["leaving"] == "waiting"]
check.holds("it waits with what the server said", waiting and all("451" in one["said"] for one in waiting), waiting)
database = state()
database.execute("UPDATE piece SET next_try_at = written_at WHERE leaving = 'waiting'")
database.commit()
due("2026-11-06T06:41:00Z")
check.equals("and arrives later, once", len(server.taken()), len(waiting))
server.refusing.add("durban@example.org")
code, said = due("2026-11-09T05:50:00Z")
server.taken()
letters = json.loads(check.run("reports", "runs", "--format", "json"))["letters"]
refused = [one for one in letters if one["leaving"] == "refused"]
check.holds("a refusal is final and says why", len(refused) == 1 and "550" in refused[0]["said"] and code == 1, (refused, said))
server.refusing.clear()

# Killed after the server took the letter and before that was noted: once more, under the same name.
server.received.clear()
server.hanging_on = True
command = [str(check.program), "send", "--due", "--at", "2026-11-10T05:50:00Z", "--dir", str(check.work)]
running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
check.holds("a letter is on its way", server.received.wait(120))
running.send_signal(signal.SIGKILL)
running.wait()
server.hanging.set()
server.hanging_on = False
time.sleep(0.5)
before = server.taken()
due("2026-11-10T05:51:00Z")
between = server.taken()
names = {one["Message-ID"] for one in before}
check.holds("while it may be on its way nobody sends it again", names.isdisjoint({one["Message-ID"] for one in between}), between)
database = state()
database.execute("UPDATE piece SET claimed_at = '2000-01-01T00:00:00.000000Z' WHERE leaving = 'waiting'")
database.commit()
due("2026-11-10T05:52:00Z")
again = server.taken()
check.equals("then it goes out once more, under the same Message-ID", [one["Message-ID"] for one in again], [one["Message-ID"] for one in before])
due("2026-11-10T05:53:00Z")
check.equals("and then never again", server.taken(), [])

# What lacks records waits, and is left out when its time is over: after the last day of the centre there is nothing more.
with (check.work / "reports" / "reports.toml").open("a") as file:
    file.write(
        '\n[report.held]\nkind = "morning"\nto = ["held@example.org"]\nat = "07:45"\nhold_until = "10:00"\notherwise = "skip"\n'
    )
end = datetime.fromisoformat(json.loads((check.work / "truth.json").read_text())["plan"]["end"]).date()
day = end + timedelta(days=7)
while day.weekday() not in (1, 2, 3, 4):
    day += timedelta(days=1)
due(f"{day - timedelta(days=1)}T23:00:00Z")
server.taken()
code, said = due(f"{day}T08:00:00Z")
check.holds("it waits, and says for what", f"held report/held/held@example.org/{day}: Records are missing" in said, said)
check.holds("and is not sent", "held@example.org" not in [one["To"] for one in server.taken()])
code, said = due(f"{day}T10:00:00Z")
check.holds("when its time is over it is left out", f"not sent report/held/held@example.org/{day}" in said, said)
check.holds("and nobody gets it", "held@example.org" not in [one["To"] for one in server.taken()])

# A password that is wrong is nobody's end: it waits and says so.
(check.work / "mail-password").write_text("another\n")
done = check.tried("send", "morning", "--to", "me@example.org", "--test", "--at", "2026-11-10T09:00:00Z")
check.holds("a wrong password is said", "535" in done or "5.7.8" in done, done)
server.controller.stop()
check.close()
