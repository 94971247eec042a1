"""What must come out over data/*.csv, worked out from the files alone: Python's csv module and exact fractions.

    python3 check.py | diff - expected.toml

Nothing here knows Dialmark or the definitions under metrics/; each figure is written out once more, by hand.
"""

import csv
from collections import defaultdict
from datetime import date, datetime, time, timedelta, timezone
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

DATA = Path(__file__).parent / "data"
LONDON = ZoneInfo("Europe/London")
FIRST, LAST = date(2026, 1, 1), date(2026, 6, 30)  # the half-year; both days belong to it
MONTHS = [date(2026, m, 1) for m in range(1, 7)]
NO_DATA, NOT_MATURED, EXCEEDS = "null: no_data", "null: not_matured", "null: window_exceeds_data"


# ---- reading


def rows(name):
    with open(DATA / f"{name}.csv", newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def uk(text):
    return datetime.strptime(text, "%d/%m/%Y").date() if text else None


def iso(text):
    return date.fromisoformat(text) if text else None


def utc(text):
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc) if text else None


def local(text, pattern):
    """A time on the wall in London, as an instant."""
    return datetime.strptime(text, pattern).replace(tzinfo=LONDON).astimezone(timezone.utc) if text else None


def number(text):
    return Fraction(text) if text else None


def day_of(instant):
    return instant.astimezone(LONDON).date()


def ms(start, end):
    return Fraction((end - start) // timedelta(milliseconds=1))


# ---- periods: (first day, last day), both included


HALF_YEAR = (FIRST, LAST)


def month(first):
    after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return (first, after - timedelta(1))


def holds(period, day):
    return day is not None and period[0] <= day <= period[1]


def days(period):
    return (period[1] - period[0]).days + 1


def overlap(period, start, end):
    """Days of the period from `start` to `end`, both included; no end is open."""
    start, end = max(period[0], start), min(period[1], end or period[1])
    return max(0, (end - start).days + 1)


# ---- arithmetic


def total(values):
    return sum((v for v in values if v is not None), Fraction(0))


def over(a, b):
    return NO_DATA if isinstance(a, str) or isinstance(b, str) else Fraction(a) / Fraction(b)


def median(values):
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def nearest_rank(values, share):
    ordered = sorted(values)
    rank = -(-(share.numerator * len(ordered)) // share.denominator)
    return ordered[rank - 1]


# ---- writing


def shown(value):
    if isinstance(value, str):
        return f'"{value}"'
    value = Fraction(value)
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest != 1:
        return f'"{value.numerator}/{value.denominator}"'
    if value.denominator == 1:
        return str(value.numerator)
    places = 0
    while (value * 10**places).denominator != 1:
        places += 1
    digits = str(abs((value * 10**places).numerator)).rjust(places + 1, "0")
    return f"{'-' if value < 0 else ''}{digits[:-places]}.{digits[-places:]}"


def expect(metric, value, period=None, by=None, **more):
    print("\n[[expect]]")
    print(f'metric = "{metric}"')
    if period:
        print(f"from   = {period[0]}")
        print(f"to     = {period[1] + timedelta(1)}")
    for key, what in more.items():
        print(f"{key} = {what}")
    if by is None:
        print(f"value  = {shown(value)}")
    else:
        print(f'by     = "{by}"')
        inner = ", ".join(f'"{key}" = {shown(v)}' for key, v in sorted(value.items(), key=lambda e: str(e[0])))
        print(f"values = {{ {inner} }}")


def half_year_and_months(metric, figure, **more):
    expect(metric, figure(HALF_YEAR), HALF_YEAR, **more)
    expect(metric, {m: figure(month(m)) for m in MONTHS}, HALF_YEAR, by="month", **more)


OPEN_ENDS = {"complete_until": LAST + timedelta(1)}


# ---- the days


CALENDAR = [(iso(r["date"]), r["working_day"] == "yes") for r in rows("calendar")]


def working_days(period):
    return sum(1 for day, works in CALENDAR if works and holds(period, day))


def calendar():
    expect("days_of_period", len(CALENDAR))
    expect("days_of_period", {m: days(month(m)) for m in MONTHS}, by="month")


# ---- finance


def finance():
    ledger = [(uk(r["date"]), r["group"], r["department"], number(r["amount"])) for r in rows("ledger")]
    items = [(uk(r["date"]), r["side"], r["entry"], number(r["amount"])) for r in rows("open_items")]
    bank = [(uk(r["date"]), r["activity"], number(r["amount"])) for r in rows("bank")]
    budget = [(iso(r["month"]), r["group"], r["department"], number(r["amount"])) for r in rows("budget")]
    invoices = [(uk(r["issued"]), uk(r["paid"]), number(r["total"])) for r in rows("invoices")]
    ever = (date(2000, 1, 1), date(2100, 1, 1))

    def booked(period, groups, department=None):
        return total(a for d, g, who, a in ledger if holds(period, d) and g in groups and department in (None, who))

    def planned(period, department=None):
        of = [a for d, g, who, a in budget if holds(period, d) and g in COSTS and department in (None, who)]
        return total(of) if of else NO_DATA

    def moved(period, side, entries):
        return total(a for d, s, e, a in items if holds(period, d) and s == side and e in entries)

    COSTS = ("cost_of_sales", "overhead")
    MOVES = ("invoice", "credit_note", "payment", "write_off")
    SALES = ("invoice", "credit_note")

    def profit(period):
        return booked(period, ["revenue"]) - booked(period, ["cost_of_sales"])

    def margin(period):
        return profit(period) / booked(period, ["revenue"])

    expect("gross_margin/over_revenue", margin(ever))
    half_year_and_months("gross_margin/over_revenue", margin)
    half_year_and_months("gross_margin/over_cost", lambda p: profit(p) / booked(p, ["cost_of_sales"]))

    departments = sorted({who for d, _, who, _ in ledger if holds(HALF_YEAR, d)})
    half_year_and_months("actual_cost", lambda p: booked(p, COSTS))
    expect("actual_cost", {d: booked(HALF_YEAR, COSTS, d) for d in departments}, HALF_YEAR, by="department")
    half_year_and_months("planned_cost", planned)
    for variant in ("over_budget", "over_actual"):

        def variance(period, department=None):
            actual, plan = booked(period, COSTS, department), planned(period, department)
            if plan == NO_DATA:
                return NO_DATA
            return (actual - plan) / (plan if variant == "over_budget" else actual)

        half_year_and_months(f"budget_variance/{variant}", variance)
        by_department = {d: variance(HALF_YEAR, d) for d in departments}
        expect(f"budget_variance/{variant}", by_department, HALF_YEAR, by="department")

    def receipts(period):
        return total(a for d, kind, a in bank if holds(period, d) and kind == "operating" and a > 0)

    def payments(period):
        return total(-a for d, kind, a in bank if holds(period, d) and kind == "operating" and a < 0)

    def result(period):
        return booked(period, ["revenue"]) - booked(period, ["cost_of_sales", "overhead", "depreciation"])

    def books(period):
        increase = moved(period, "payable", MOVES) - moved(period, "receivable", MOVES)
        return result(period) + booked(period, ["depreciation"]) + increase

    expect("operating_receipts", receipts(HALF_YEAR), HALF_YEAR)
    expect("operating_payments", payments(HALF_YEAR), HALF_YEAR)
    half_year_and_months("operating_result", result)
    expect("depreciation_charged", booked(HALF_YEAR, ["depreciation"]), HALF_YEAR)
    half_year_and_months("receivables_increase", lambda p: moved(p, "receivable", MOVES))
    half_year_and_months("payables_increase", lambda p: moved(p, "payable", MOVES))
    half_year_and_months("operating_cash_flow/direct", lambda p: receipts(p) - payments(p))
    half_year_and_months("operating_cash_flow/indirect", books)

    def sales(period):
        return moved(period, "receivable", SALES)

    def sales_90(period):
        first = period[1] - timedelta(89)
        return EXCEEDS if first < FIRST else sales((first, period[1]))

    def closing(period):
        return moved((FIRST, period[1]), "receivable", MOVES + ("opening",))

    def average(period):
        opening = closing(period) - moved(period, "receivable", MOVES)
        return (opening + closing(period)) / 2 / sales(period) * days(period)

    def steady(period):
        recent = sales_90(period)
        return recent if recent == EXCEEDS else closing(period) / recent * 90

    half_year_and_months("credit_sales", sales)
    half_year_and_months("credit_sales_90_days", sales_90)
    half_year_and_months("receivables_movement", lambda p: moved(p, "receivable", MOVES + ("opening",)))
    half_year_and_months("receivables_closing", closing)
    half_year_and_months("days_sales_outstanding/closing_balance", lambda p: closing(p) / sales(p) * days(p))
    half_year_and_months("days_sales_outstanding/last_90_days", steady)
    half_year_and_months("days_sales_outstanding/average_balance", average)

    def paid_in(period):
        return [(paid - issued, a) for issued, paid, a in invoices if holds(period, paid) and a is not None and a > 0]

    def by_amount(period):
        return total(wait.days * a for wait, a in paid_in(period)) / total(a for _, a in paid_in(period))

    half_year_and_months("days_to_pay/by_amount", by_amount)
    half_year_and_months(
        "days_to_pay/by_invoice", lambda p: Fraction(sum(w.days for w, _ in paid_in(p)), len(paid_in(p)))
    )
    expect("open_invoices", total(a for _, paid, a in invoices if paid is None and a is not None and a > 0))


# ---- software delivery


def engineering():
    production = [
        (utc(r["deployed_at"]), r["service"], r["result"])
        for r in rows("deployments")
        if r["environment"] == "production"
    ]
    changes = [
        (utc(r["committed_at"]), utc(r["deployed_at"]), r["service"], r["deployment"])
        for r in rows("changes")
    ]
    pattern = "%d/%m/%Y %H:%M"
    failures = [
        (local(r["failed"], pattern), local(r["recovered"], pattern), r["service"]) for r in rows("failures")
    ]
    end = datetime.combine(LAST + timedelta(1), time(), LONDON).astimezone(timezone.utc)

    def succeeded(period):
        return sum(1 for at, _, result in production if result == "succeeded" and holds(period, day_of(at)))

    half_year_and_months("deployment_frequency/per_day", lambda p: Fraction(succeeded(p), days(p)))
    half_year_and_months("deployment_frequency/per_week", lambda p: Fraction(7 * succeeded(p), days(p)))
    half_year_and_months("deployment_frequency/per_working_day", lambda p: Fraction(succeeded(p), working_days(p)))

    arrived = [c for c in changes if c[1] is not None and c[0] <= c[1]]

    def waits(period, service=None):
        return [ms(a, b) for a, b, s, _ in arrived if holds(period, day_of(b)) and service in (None, s)]

    def oldest(period):
        by_deployment = defaultdict(Fraction)
        for a, b, _, deployment in arrived:
            if holds(period, day_of(b)):
                by_deployment[deployment] = max(by_deployment[deployment], ms(a, b))
        return total(by_deployment.values()) / len(by_deployment)

    def tenth(values):
        return nearest_rank(values, Fraction(9, 10))

    services = sorted({s for _, _, s, _ in arrived})
    half_year_and_months("lead_time_for_changes/median", lambda p: median(waits(p)))
    by_service = {s: median(waits(HALF_YEAR, s)) for s in services}
    expect("lead_time_for_changes/median", by_service, HALF_YEAR, by="service")
    half_year_and_months("lead_time_for_changes/slowest_tenth", lambda p: tenth(waits(p)))
    half_year_and_months("lead_time_for_changes_average/per_change", lambda p: total(waits(p)) / len(waits(p)))
    half_year_and_months("lead_time_for_changes_average/per_deployment", oldest)

    owners = [(r["service"], r["team"], iso(r["from"]), iso(r["until"])) for r in rows("service_owners")]

    def team(service, day):
        of = [t for s, t, first, last in owners if s == service and first <= day and (last is None or day <= last)]
        return of[0] if of else ""

    def bad_share(deployments):
        done = [d for d in deployments if d[2]]
        return Fraction(sum(1 for d in done if d[2] in ("failed", "rolled_back")), len(done))

    teams = defaultdict(list)
    for deployment in production:
        teams[team(deployment[1], day_of(deployment[0]))].append(deployment)
    half_year_and_months(
        "change_failure_rate/by_result", lambda p: bad_share([d for d in production if holds(p, day_of(d[0]))])
    )
    by_team = {name: bad_share(of) for name, of in teams.items()}
    expect("change_failure_rate/by_result", by_team, by="service_team")

    def broke(window):
        old = [(at, s) for at, s, result in production if result and at + window <= end]
        hit = [1 for at, s in old if any(s == t and at < f <= at + window for f, _, t in failures)]
        return Fraction(len(hit), len(old))

    expect("change_failure_rate/failed_within", broke(timedelta(hours=24)))
    expect("change_failure_rate/failed_within{window=4h}", broke(timedelta(hours=4)))
    expect("failures_open", sum(1 for _, b, _ in failures if b is None))

    def repairs(period):
        return [ms(a, b) for a, b, _ in failures if b is not None and holds(period, day_of(a))]

    def redeployed(period):
        found = []
        for at, service, result in production:
            if result in ("failed", "rolled_back") and holds(period, day_of(at)):
                good = [b for b, s, r in production if s == service and r == "succeeded" and b > at]
                found += [ms(at, min(good))] if good else []
        return found

    half_year_and_months("time_to_recovery/median", lambda p: median(repairs(p)))
    expect("time_to_recovery/slowest_tenth", tenth(repairs(HALF_YEAR)), HALF_YEAR)
    expect("time_to_recovery/median_to_next_deployment", median(redeployed(HALF_YEAR)), HALF_YEAR)
    half_year_and_months("time_to_recovery_average/by_failure", lambda p: total(repairs(p)) / len(repairs(p)))
    next_good = redeployed(HALF_YEAR)
    expect("time_to_recovery_average/to_next_deployment", total(next_good) / len(next_good), HALF_YEAR)


# ---- people


def people():
    staff = [
        (r["employee"], r["department"], iso(r["hired"]), iso(r["left"]), r["reason"]) for r in rows("employees")
    ]
    department_of = {who: department for who, department, _, _, _ in staff}

    def employed(period, department=None):
        return sum(overlap(period, a, b) for _, d, a, b, _ in staff if department in (None, d))

    def left(period, reasons=("resigned", "dismissed", "retired")):
        return [(d, a, b) for _, d, a, b, reason in staff if holds(period, b) and reason in reasons]

    half_year_and_months("leavers_hr", lambda p: len(left(p)))
    service = defaultdict(int)
    for _, _, hired, gone, reason in staff:
        if holds(HALF_YEAR, gone):
            key = "first year" if (gone - hired).days < 365 else "one year or longer"
            service[key] += reason != "transferred"
    expect("leavers_hr", service, HALF_YEAR, by="length_of_service")
    half_year_and_months("average_headcount_hr", lambda p: Fraction(employed(p), days(p)), **OPEN_ENDS)
    half_year_and_months(
        "employee_turnover_hr/all_leavers", lambda p: Fraction(365 * len(left(p)), employed(p)), **OPEN_ENDS
    )
    half_year_and_months(
        "employee_turnover_hr/resigned", lambda p: Fraction(365 * len(left(p, ["resigned"])), employed(p)), **OPEN_ENDS
    )
    half_year_and_months(
        "turnover_of_period_hr", lambda p: Fraction(len(left(p)) * days(p), employed(p)), **OPEN_ENDS
    )

    posts = [(r["department"], iso(r["opened"]), iso(r["accepted"]), iso(r["starts"])) for r in rows("vacancies")]
    to_offer = [Fraction((b - a).days) for _, a, b, _ in posts if b]
    to_start = [Fraction((c - a).days) for _, a, _, c in posts if c]
    expect("time_to_fill/to_acceptance", median(to_offer))
    expect("time_to_fill/to_first_day", median(to_start))
    expect("time_to_fill/slowest_tenth", nearest_rank(to_offer, Fraction(9, 10)))
    in_half_year = [Fraction((b - a).days) for _, a, b, _ in posts if holds(HALF_YEAR, b)]
    expect("time_to_fill/to_acceptance", median(in_half_year), HALF_YEAR)
    expect("time_to_fill_average/to_acceptance", total(to_offer) / len(to_offer))
    expect("time_to_fill_average/to_acceptance", total(in_half_year) / len(in_half_year), HALF_YEAR)
    expect("time_to_fill_average/to_first_day", total(to_start) / len(to_start))

    places = [(r["employee"], iso(r["held"]), r["attended"], number(r["fee"])) for r in rows("courses")]
    held = [p for p in places if holds(HALF_YEAR, p[1])]
    fees = total(fee for _, _, _, fee in held)
    expect("training_cost_per_head/per_head_and_year", fees * 365 / employed(HALF_YEAR), HALF_YEAR, **OPEN_ENDS)
    by_home = defaultdict(list)
    for place in held:
        by_home[department_of.get(place[0], "")].append(place)
    values = {}
    for home in set(by_home) | {d for _, d, _, _, _ in staff if employed(HALF_YEAR, d)}:
        cost = total(fee for _, _, _, fee in by_home[home]) if by_home[home] else NO_DATA
        values[home] = over(cost * 365, employed(HALF_YEAR, home)) if home and cost != NO_DATA else NO_DATA
    expect("training_cost_per_head/per_head_and_year", values, HALF_YEAR, by="home_department", **OPEN_ENDS)
    came = {who for who, _, attended, _ in held if attended == "yes"}
    expect("training_cost_per_head/per_participant", fees / len(came), HALF_YEAR)
    billed = [fee for _, _, _, fee in places if fee is not None]
    expect("training_cost_per_head/per_place", total(billed) / len(billed))

    answers = [(r["department"], iso(r["date"]), int(r["score"])) for r in rows("pulse") if r["score"]]
    answers = [a for a in answers if 0 <= a[2] <= 10]  # 99 is "rather not say", 11 a slip

    def share(of, low, high):
        return Fraction(sum(1 for a in of if low <= a[2] <= high), len(of))

    def nps(of):
        return share(of, 9, 10) - share(of, 0, 6)

    expect("employee_promoters_rate_hr", share(answers, 9, 10))
    expect("employee_detractors_rate_hr", share(answers, 0, 6))
    expect("employee_nps_hr", nps(answers))
    by_department, by_quarter = defaultdict(list), defaultdict(list)
    for a in answers:
        by_department[a[0]].append(a)
        by_quarter[date(a[1].year, (a[1].month - 1) // 3 * 3 + 1, 1)].append(a)
    expect("employee_nps_hr", {k: nps(v) for k, v in by_department.items()}, by="department")
    expect("employee_nps_hr", {k: nps(v) for k, v in by_quarter.items()}, by="quarter")


# ---- internal communication


def communication():
    visits = [(iso(r["date"]), r["device"], number(r["visits"])) for r in rows("intranet")]

    def seen(period, device=None):
        return total(v for d, kind, v in visits if holds(period, d) and device in (None, kind))

    def last(period, stretch):
        first = period[1] - timedelta(stretch - 1)
        return EXCEEDS if first < FIRST else seen((first, period[1]))

    def variation(period, stretch):
        recent, both = last(period, stretch), last(period, 2 * stretch)
        return EXCEEDS if both == EXCEEDS else recent / (both - recent) - 1

    half_year_and_months("portal_visits", seen)
    half_year_and_months("portal_visits_per_day/per_day", lambda p: seen(p) / days(p))
    half_year_and_months("portal_visits_per_day/per_working_day", lambda p: seen(p) / working_days(p))
    half_year_and_months("portal_mobile_rate", lambda p: seen(p, "mobile") / seen(p))
    half_year_and_months("portal_visits_28_days", lambda p: last(p, 28))
    half_year_and_months("portal_visits_56_days", lambda p: last(p, 56))
    half_year_and_months("traffic_variation/portal_four_weeks", lambda p: variation(p, 28))
    half_year_and_months("traffic_variation/portal", lambda p: variation(p, 30))

    accounts = [(iso(r["month"]), r["tool"], r["employee"], number(r["sign_ins"])) for r in rows("tools")]

    def adoption(period, tool=None):
        of = [(who, n) for d, t, who, n in accounts if holds(period, d) and tool in (None, t) and n is not None]
        return Fraction(len({who for who, n in of if n > 0}), len({who for who, _ in of}))

    def regular(period, often=4):
        of = [n for d, _, _, n in accounts if holds(period, d) and n is not None]
        return Fraction(sum(1 for n in of if n >= often), len(of))

    half_year_and_months("technology_adoption_rate/standard", adoption)
    by_tool = {tool: adoption(HALF_YEAR, tool) for tool in ("chat", "wiki")}
    expect("technology_adoption_rate/standard", by_tool, HALF_YEAR, by="tool")
    half_year_and_months("technology_adoption_rate/regular", regular)
    expect("technology_adoption_rate/regular{often=8}", regular(HALF_YEAR, 8), HALF_YEAR)

    devices = [(iso(r["month"]), r["device"], number(r["hours"])) for r in rows("devices")]

    def reported(period):
        return [(device, hours) for d, device, hours in devices if holds(period, d) and hours is not None]

    def in_use(period):
        used = {device for device, hours in reported(period) if hours > 0}
        return Fraction(len(used), len({device for device, _ in reported(period)}))

    def used_months(period):
        return Fraction(sum(1 for _, hours in reported(period) if hours > 0), len(reported(period)))

    half_year_and_months("device_usage_rate/standard", in_use)
    half_year_and_months("device_usage_rate/device_months", used_months)

    # A notice is pending while its three days are not over.
    end = datetime.combine(LAST + timedelta(1), time(), LONDON).astimezone(timezone.utc)
    window = timedelta(days=3)
    sent, read = {}, defaultdict(list)
    for r in rows("notices"):
        at = local(r["at"], "%Y-%m-%d %H:%M")
        if r["event"] == "delivered":
            sent[r["message"]] = (r["notice"], at)
        else:
            read[r["message"]].append(at)

    def in_time(notice=None):
        of = [(m, at) for m, (name, at) in sent.items() if notice in (None, name)]
        old = [(m, at) for m, at in of if at + window <= end]
        good = [m for m, at in old if any(at <= r <= at + window for r in read[m])]
        return Fraction(len(good), len(old)) if old else NOT_MATURED

    pending = sum(1 for _, at in sent.values() if at + window > end)
    expect("notice_read_rate", in_time(), pending=pending)
    expect("notice_read_rate", {n: in_time(n) for n in {name for name, _ in sent.values()}}, by="notice")


if __name__ == "__main__":
    print("# What must come out over data/*.csv, as `python3 check.py` prints it. One [[expect]] is one question:")
    print("# `from` and `to` are those of `dialmark query` (`to` is the first day that does not count), and so are `by`")
    print("# and `complete_until`. Durations are milliseconds, shares 0 to 1; a value that does not end is a fraction.")
    calendar()
    finance()
    engineering()
    people()
    communication()
