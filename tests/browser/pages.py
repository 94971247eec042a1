"""Every page in a real browser: that it stands without scripts, loads nothing from elsewhere, fits a phone, can be read by
everybody (WCAG 2.2 AA as far as a program can tell), and says the figures that the program says on the command line.

Pictures of every page are left in `WORK-pictures`, to be looked at.
"""

import json
import re
import shutil
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from fractions import Fraction
from pathlib import Path

import axe_playwright_python
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from checks import Check, number  # noqa: E402

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
# Chromium calls home unless told not to; nothing here may leave the machine.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PAGES = {
    "today": "/today?at=2026-11-19T10:40:00Z",
    "today-of-a-campaign": "/today?campaign=home_switch&at=2026-11-19T10:40:00Z",
    "today-wrong": "/today?from=2026-11-02",
    "overview": "/overview",
    "overview-two-weeks": "/?from=2026-11-02&to=2026-11-16",
    "ratio": "/metric/conversion_rate",
    "breakdown": "/metric/conversion_rate?by=lead_source",
    "two-definitions": "/metric/outbound_abandonment_rate?variant=live_answers&by=campaign_id",
    "duration": "/metric/aht?by=agent_id",
    "money": "/metric/cpa",
    "no-data": "/metric/cost_per_call?by=campaign_id",
    "out-of-reach": "/metric/service_level",
    "records": "/calls?metric=conversion_rate",
    "records-denominator": "/calls?metric=aht&part=denominator",
    "catalogue": "/catalogue",
    "data": "/data",
    "why": "/why/conversion_rate?from=2026-11-02&to=2026-11-16",
    "why-by": "/why/connection_rate?by=campaign_id",
    "why-refused": "/why/dials",
    "ranking": "/ranking/conversion_rate?variant=success_per_contact",
    "ranking-of-campaigns": "/ranking/connection_rate?by=campaign_id",
    "staffing": "/staff",
    "staffing-wrong": "/staff?calls=many&handle=5m",
    "kpis": "/kpis",
    "calling-rules": "/compliance",
    "one-rule": "/compliance?rule=arrears_attempts&campaign=early_arrears",
    "kpi": "/kpi/consumer_conversion",
    "new-kpi": "/kpi",
    "sets-of-kpis": "/kpi-presets",
    "scorecard": "/scorecard/centre",
    "cases": "/cases",
    "codes": "/dispositions",
    "people": "/agents",
    "disputes": "/disputes",
    "call-backs": "/recovery",
    "incentives": "/incentives",
    "contracts": "/contracts",
    "accounts": "/accounts",
    "trail": "/trail",
    "unknown-metric": "/metric/conversoin_rate",
    "unknown-page": "/nowhere",
    "wrong-dimension": "/metric/dials?by=nonsense",
}
EXPECTED_STATUS = {"today-wrong": 400, "why-refused": 400, "unknown-metric": 404, "unknown-page": 404, "wrong-dimension": 400}

check = Check()
pictures = check.work.with_name(f"{check.work.name}-pictures")
shutil.rmtree(pictures, ignore_errors=True)
pictures.mkdir(parents=True)


def text_of(page):
    """Words of the main part, white space made even."""
    return re.sub(r"\s+", " ", page.locator("main").inner_text()).strip()


def look(browser, address, name, path, size, theme, scripts):
    """Opens one page and returns its text; whatever is wrong with it is reported."""
    where = f"{name}, {'phone' if size is PHONE else 'desktop'}, {theme}"
    context = browser.new_context(viewport=size, color_scheme=theme, java_script_enabled=scripts)
    page = context.new_page()
    # The first look at a page works out what later ones remember; the server itself gives up after a minute.
    page.set_default_timeout(90_000)
    elsewhere, complaints = [], []
    page.on("request", lambda r: None if r.url.startswith(address) else elsewhere.append(r.url))
    page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda r: complaints.append(f"{r.url} failed"))
    status = page.goto(address + path).status
    expected = EXPECTED_STATUS.get(name, 200)
    check.holds(f"{where}: status {expected}", status == expected, status)
    text = text_of(page)
    if scripts:
        # A page that is refused is announced on the console by the browser itself.
        complaints = [c for c in complaints if not (status >= 400 and "the server responded with a status" in c)]
        check.holds(f"{where}: nothing from elsewhere, no complaint", not elsewhere + complaints, elsewhere + complaints)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        check.holds(f"{where}: fits the screen", wide <= 0, f"{wide} pixels too wide")
        page.evaluate(AXE)
        found = page.evaluate(
            "rules => axe.run(document, { runOnly: { type: 'tag', values: rules } })", RULES
        )["violations"]
        said = [f"{v['id']}: {v['help']} ({v['nodes'][0]['html'][:160]})" for v in found]
        check.holds(f"{where}: accessible", not said, "\n    ".join(said))
        page.screenshot(path=pictures / f"{name}-{'phone' if size is PHONE else 'desktop'}-{theme}.png", full_page=True)
    context.close()
    return text


def cards_say_what_the_program_says(browser, address):
    page = browser.new_page(viewport=DESKTOP)
    page.goto(f"{address}/overview")
    cards = page.locator("article.card")
    check.holds("the overview has cards", cards.count() >= 8, cards.count())
    links = [
        (card.locator("h3 a").get_attribute("href"), card.locator("header > a"), card.locator(".figure b").inner_text())
        for card in cards.all()
    ]
    links = [(href, n.get_attribute("href"), n.inner_text(), figure) for href, n, figure in links]
    for href, calls, n, figure in links:
        metric = urllib.parse.urlparse(href).path.rsplit("/", 1)[-1]
        count = int(re.sub(r"\D", "", n))
        # The figure on the card is the figure on the metric's own page ...
        page.goto(address + href)
        own = page.locator(".figure.big b").first.inner_text()
        check.holds(f"{metric}: card and page agree", own == figure, f"{figure} and {own}")
        # ... and the records behind it are as many as it says.
        page.goto(address + calls)
        said = re.search(r"([\d\s]+)\srecords?", page.locator("p.lead").inner_text())
        if metric == "calls_per_agent":
            continue  # its n are agents' days; the page lists the calls that they are made of
        listed = int(re.sub(r"\D", "", said[1])) if said else page.locator("p.lead").inner_text()
        check.holds(f"{metric}: n on the card and the records behind it", listed == count, f"{count} and {listed}")
    # The same figures on the command line.
    page.goto(f"{address}/metric/conversion_rate?by=campaign_id&from=2026-11-02&to=2026-11-16")
    table = page.locator("table.figures").last
    rows = [[c.inner_text() for c in row.locator("th, td").all()] for row in table.locator("tbody tr").all()]
    answer = check.query(["conversion_rate"], ("campaign_id",), from_="2026-11-02", to="2026-11-16")
    exact = {key[0]: row["conversion_rate"] for key, row in answer.items()}
    seen = {row[0]: row[1:] for row in rows}
    check.holds("the breakdown lists what the query lists", set(seen) == set(exact), f"{set(seen)} and {set(exact)}")
    for campaign, cell in exact.items():
        rounded = f"{float(round(100 * Fraction(number(cell['numerator'])) / number(cell['denominator']), 2)):.2f}"
        line = " ".join(seen.get(campaign, []))
        check.holds(f"{campaign}: the page shows {rounded} %", rounded in line, line)
    page.close()


def keys_alone_are_enough(browser, address):
    page = browser.new_page(viewport=DESKTOP)
    page.goto(address)
    page.keyboard.press("Tab")
    check.holds("the first key leads past the menu", page.evaluate("document.activeElement.className") == "skip")
    page.keyboard.press("Enter")
    check.holds("to the figures", page.url.endswith("#main"), page.url)
    reached = set()
    for _ in range(400):
        page.keyboard.press("Tab")
        href = page.evaluate("document.activeElement.getAttribute && document.activeElement.getAttribute('href')")
        if href is None:
            break
        reached.add(href)
    links = {a.get_attribute("href") for a in page.locator("main a").all()}
    check.holds("every link of the page can be reached by keys", links <= reached, sorted(links - reached)[:5])
    page.close()


def themes_are_kept(browser, address):
    context = browser.new_context(color_scheme="light")
    page = context.new_page()
    page.goto(f"{address}/?theme=dark")
    page.goto(f"{address}/catalogue")
    check.holds("a theme once chosen is kept", page.locator("html").get_attribute("data-theme") == "dark")
    context.close()


def paper(browser, address):
    """What comes out of the printer: the figures, not the menu."""
    page = browser.new_page()
    page.goto(f"{address}/overview")
    page.emulate_media(media="print")
    check.holds("the menu is not printed", not page.locator(".side").is_visible())
    check.holds("the cards are", page.locator("article.card").first.is_visible())
    page.pdf(path=pictures / "overview.pdf", format="A4", print_background=False)
    page.close()


def audit_report(browser):
    """The report of an audit: one file, opened from the disk."""
    file = pictures / "audit.html"
    export = sorted(check.work.glob("dialler/calls-*.csv"))[0]
    command = [str(check.program), "audit", str(export), "--out", str(file), "--zone", "Europe/London"]
    done = subprocess.run(command, capture_output=True, text=True)
    check.holds("an audit of one export ends well", done.returncode == 0, done.stderr)
    for size in (DESKTOP, PHONE):
        look(browser, "", "audit", file.as_uri(), size, "light", True)


def sign_in(page, address, name, password, chosen):
    page.goto(f"{address}/sign-in")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()
    if page.url.endswith("/password"):
        page.get_by_label("Password so far").fill(password)
        page.get_by_label("New password", exact=True).fill(chosen)
        page.get_by_label("New password again").fill(chosen)
        page.get_by_role("button", name="Change it").click()


def people_decide(browser, address):
    """Signs in, changes a KPI and a code by form, disputes a call and decides that; without scripts."""
    agent = max(json.loads(check.run("query", "dials", "--by", "agent_id", "--format", "json")),
                key=lambda row: int(row["dials"]["value"] or 0) if row["agent_id"] else -1)["agent_id"]
    passwords = {}
    for name, *role in (["ann", "--role", "admin"], ["mia", "--role", "agent", "--agent", agent],
                        ["clara", "--role", "client", "--scope", "client_id=brightwatt"]):
        passwords[name] = check.run("accounts", "add", name, *role).strip().splitlines()[-1]
    pages = {}
    for name, password in passwords.items():
        pages[name] = browser.new_context(viewport=DESKTOP, java_script_enabled=False).new_page()
        sign_in(pages[name], address, name, password, "we walk along the river")
        check.holds(f"{name} is signed in", pages[name].locator(".reader").inner_text().startswith(name))
    ann, mia, clara = pages["ann"], pages["mia"], pages["clara"]

    # A KPI gets another target, with a reason; its file says so, and so does the trail.
    ann.goto(f"{address}/kpi/consumer_conversion")
    ann.locator("input[name='value']").fill("2.45")
    ann.locator("input[name='why']").fill("The new list is better.")
    ann.get_by_role("button", name="See what is written").click()
    check.holds("what would be written is shown", 'at_least = "2.45 %"' in text_of(ann), text_of(ann)[:600])
    check.holds("and not written yet", "2.45" not in (check.work / "kpis" / "centre.toml").read_text())
    ann.get_by_role("button", name="Save", exact=True).click()
    file = (check.work / "kpis" / "centre.toml").read_text()
    check.holds("a KPI is changed in its file", 'at_least = "2.45 %", tolerance = "0.10 %"' in file, file[:500])
    ann.goto(f"{address}/kpis")
    check.holds("and judged by it at once", "2.45" in text_of(ann), text_of(ann)[:800])
    ann.goto(f"{address}/trail?did=kpi.")
    check.holds("the trail says why", "The new list is better." in text_of(ann), text_of(ann)[:400])

    # A code gets a meaning from a day on.
    ann.goto(f"{address}/dispositions")
    unknown = ann.locator("tr", has_text="no meaning").first
    code = unknown.locator("code").first.inner_text()
    unknown.locator("select").first.select_option("callback")
    ann.locator("input[name='why']").fill("The dialler's maker says so.")
    ann.get_by_role("button", name="Save", exact=True).click()
    listed = [json.loads(line) for line in [check.run("query", "dials", "--where", f"disposition = '{code}'", "--format", "json")]]
    check.holds(f"the code {code} is in a file", f"{code} = " in (check.work / "dispositions" / "by_form.toml").read_text(), listed)
    check.holds("and known", code not in check.tried("check"))

    # An agent disputes a call, and somebody else decides.
    mia.goto(f"{address}/me")
    check.holds("an agent sees no other figures", agent not in ("", None) and "Not for you" not in text_of(mia), text_of(mia)[:300])
    mia.screenshot(path=pictures / "own-page.png", full_page=True)
    mia.locator("a[href^='/dispute?']").first.click()
    mia.locator("select[name='should_be']").select_option(index=1)
    mia.locator("textarea[name='why']").fill("She said yes at the end.")
    mia.get_by_role("button", name="Send the dispute").click()
    check.holds("a dispute is raised", "She said yes" in text_of(mia), text_of(mia)[:600])
    check.holds("and not the agent's to decide", mia.goto(f"{address}/disputes").status == 403)
    ann.goto(f"{address}/disputes")
    ann.locator("input[name='verdict'][value='rejected']").check()
    ann.locator("textarea[name='says']").fill("She asked for time.")
    ann.get_by_role("button", name="Decide").click()
    mia.goto(f"{address}/me")
    check.holds("the agent reads the decision", "She asked for time." in text_of(mia), text_of(mia)[-900:])

    # A client sees its own.
    clara.goto(f"{address}/metric/dials?by=client_id")
    check.holds("a client sees its figures alone", "brightwatt" in text_of(clara) and "harbour_bank" not in text_of(clara))
    check.holds("and no single records", clara.goto(f"{address}/calls?table=calls").status == 403)
    clara.goto(f"{address}/contracts")
    check.holds("and its contract", "brightwatt" in text_of(clara).lower(), text_of(clara)[:300])
    check.holds("which it cannot freeze", clara.locator("button", has_text="Freeze").count() == 0)
    for page in pages.values():
        page.context.close()


with check.demo(days=40, calls_per_day=1000, seed=11) as address, sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
    # The server judges windows that are over as soon as it runs; a case that opens between two looks is no difference of words.
    check.run("cases", "judge")
    # Nor is one that looked before guards had been.
    for _ in range(120):
        if "is being looked at" not in urllib.request.urlopen(f"{address}/kpis").read().decode():
            break
        time.sleep(1)
    for name, path in PAGES.items():
        texts = [
            look(browser, address, name, path, DESKTOP, "light", True),
            look(browser, address, name, path, PHONE, "dark", True),
            look(browser, address, name, path, DESKTOP, "light", False),
        ]
        check.holds(f"{name}: the same words without scripts", texts[0] == texts[2])
    cards_say_what_the_program_says(browser, address)
    keys_alone_are_enough(browser, address)
    themes_are_kept(browser, address)
    paper(browser, address)
    audit_report(browser)
    people_decide(browser, address)
    browser.close()
check.close()
