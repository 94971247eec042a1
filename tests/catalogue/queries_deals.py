"""What sales, pipeline and collections should come to, in SQL written from the sentences of the catalogue.

Every query yields one row: `numerator` and `denominator`, or `value`. `{where}` is the condition of the question and
stands at the records that are counted, never at those that are only looked for after them; `{until}` is the instant up
to which the data is complete. A day of a window is 24 hours.
"""

AT = '"at"'  # when a record counts; without the quotes it is a word of SQL's own
OUTBOUND = "direction = 'outbound' and is_call"
SOLD = "direction = 'outbound' and outcome = 'sale'"
WARM = "direction = 'outbound' and outcome in ('interested', 'callback') and lead_id is not null"
REFUSED = "outcome in ('not_interested', 'do_not_call')"
SALE = "outcome = 'sale'"
STANDS = "outcome = 'sale' and rejected_at is null and cancelled_at is null"
UPHELD = "outcome = 'sale' and verified_at is not null and (rejected_at is null or verified_at > rejected_at)"
TURNED_DOWN = "outcome = 'sale' and rejected_at is not null and (verified_at is null or verified_at <= rejected_at)"
IS_WON = "stage = 'won'"
IS_CANCELLED = "stage = 'cancelled'"
CLOSES = "stage in ('won', 'lost', 'cancelled')"

# London's day of the data's end: the first day of which not everything is known.
UNTIL_DAY = "cast({until} at time zone 'Europe/London' as date)"


def of(table, condition="true"):
    """Records that the question is about."""
    return f"(select * from {table} where ({{where}}) and ({condition}))"


def all_of(table, condition="true"):
    """Records that are looked for whatever the question's condition says."""
    return f"(select * from {table} where {condition})"


def days(count):
    return f"interval '{24 * count} hours'"


def passed(at, count):
    """The window of so many days after an instant has passed."""
    return f"({at} + {days(count)} <= {{until}})"


def within(later, earlier, count):
    """From the earlier instant on, for so many days."""
    return f"({later} >= {earlier} and {later} <= {earlier} + {days(count)})"


def after_within(later, earlier, count):
    """After the earlier instant, for so many days."""
    return f"({later} > {earlier} and {later} <= {earlier} + {days(count)})"


def count(table, condition="true"):
    return f"(select count(*) from {of(table, condition)})"


def different(column, table, condition="true"):
    return f"(select count(distinct {column}) from {of(table, condition)})"


def total(expression, table, condition="true"):
    return f"(select coalesce(sum({expression}), 0) from {of(table, condition)})"


def booked(expression, table, condition="true"):
    """A sum that is unknown, and not zero, when nothing was booked."""
    return f"(select sum({expression}) from {of(table, condition)})"


def over(numerator, denominator):
    return f"select {numerator} as numerator, {denominator} as denominator"


def plain(number):
    return over(number, "1")


def share(condition, records):
    """Of these records those for which the condition holds."""
    return f"select count(*) filter (where {condition}) as numerator, count(*) as denominator from {records}"


# ---- Leads and sales -----------------------------------------------------------------------------------------------

LOGGED = total("duration_ms", "agent_states")


def leads_with_sale(leads, when):
    """Loaded leads, and whether an outbound call sold to them then or later."""
    return f"""(
        select l.*, exists (
            select 1 from {all_of("calls", SOLD)} s where s.lead_id = l.id and {when}
        ) as sold
        from {leads} l
    )"""


def first_of(entity, table, condition, *columns):
    """The first record of each entity, if the question is about it: whoever was first called for another campaign
    counts there."""
    return f"""(
        select {", ".join((f"{entity} as lead_id", AT, *columns))}
        from (
            select *, row_number() over (partition by {entity} order by {AT}, rowid) as nth
            from {table}
            where ({condition}) and {entity} is not null
        )
        where nth = 1 and ({{where}})
    )"""


FIRST_CALLS = first_of("lead_id", "calls", OUTBOUND, "outcome")

# Leads whose first call did not sell, with the next sale.
NURTURED = f"""(
    select f.lead_id, epoch_ms(min(s.at)) - epoch_ms(f.at) as took
    from {FIRST_CALLS} f
    join {all_of("calls", SOLD)} s on s.lead_id = f.lead_id and s.at > f.at
    where f.outcome is distinct from 'sale'
    group by f.lead_id, f.at
)"""

RECORDED = f"""(
    select f.lead_id, epoch_ms(min(o.at)) - epoch_ms(f.at) as took
    from {FIRST_CALLS} f
    join {all_of("outcomes", SALE)} o on o.lead_id = f.lead_id and o.at >= f.at
    group by f.lead_id, f.at
)"""

FIRST_PUSHES = first_of("lead_id", "calls", WARM)

# First pushes with a conversation in the 30 days after, and whether one of those was a refusal.
PUSHED_AND_SPOKEN = f"""(
    select p.lead_id, bool_or({REFUSED}) as refused
    from {FIRST_PUSHES} p
    join {all_of("calls", "contact")} c on c.lead_id = p.lead_id and {after_within("c.at", "p.at", 30)}
    where {passed("p.at", 30)}
    group by p.lead_id
)"""

# All conversations with a lead that was pushed in the period and spoken to again after the first push.
LAST_WORDS = f"""(
    select s.lead_id, bool_or(c.at = s.last_at and {REFUSED}) as refused_at_last,
        bool_or(c.success and c.at >= s.pushed_at) as succeeded
    from (
        select lead_id, min({AT}) filter (where {WARM}) as pushed_at, max({AT}) as last_at
        from {of("calls", "contact and lead_id is not null")}
        group by lead_id
    ) s
    join {of("calls", "contact")} c on c.lead_id = s.lead_id
    where s.last_at > s.pushed_at
    group by s.lead_id
)"""

# Every push with the conversation that came next, where it came within 30 days.
NEXT_WORDS = f"""(
    select *
    from (
        select (
            select {REFUSED}
            from (select *, rowid as line from calls where contact) c
            where c.lead_id = p.lead_id and {after_within("c.at", "p.at", 30)}
            order by c.at, c.line
            limit 1
        ) as refused
        from (select lead_id, {AT} from {of("calls", WARM)}) p
        where {passed("p.at", 30)}
    )
    where refused is not null
)"""

PUSHES = f"""(
    select p.*, exists (
        select 1 from {all_of("calls", OUTBOUND)} c
        where c.lead_id = p.lead_id and {after_within("c.at", "p.at", 7)}
    ) as called_again
    from {of("calls", WARM)} p
    where {passed("p.at", 7)}
)"""

SALES = {
    "lead_conversion_rate/per_lead_loaded": share("sold", leads_with_sale(of("leads"), "s.at >= l.at")),
    "lead_conversion_rate/matured": share(
        "sold", leads_with_sale(of("leads", passed(AT, 30)), within("s.at", "l.at", 30))
    ),
    "lead_conversion_rate/per_usable_lead": share(
        "sold", leads_with_sale(of("leads", "invalid is distinct from true"), "s.at >= l.at")
    ),
    "lead_conversion_rate/per_lead_called": over(
        different("lead_id", "calls", SOLD), different("lead_id", "calls", OUTBOUND)
    ),
    "lead_conversion_rate/per_lead_contacted": over(
        different("lead_id", "calls", SOLD), different("lead_id", "calls", "direction = 'outbound' and contact")
    ),
    "lead_conversion_rate/sales_per_lead_loaded": over(
        count("calls", f"{SOLD} and lead_id is not null"), count("leads")
    ),
    "touches_to_sale/standard": f"""
        select sum(attempt_no) as numerator, count(attempt_no) as denominator from {of("calls", SOLD)}
    """,
    "median_touches_to_sale/standard": f"select median(attempt_no) as value from {of('calls', SOLD)}",
    "nurtured_sale_rate/standard": share("attempt_no > 1", of("calls", f"{SOLD} and attempt_no is not null")),
    "time_to_sale/nurtured": f"select sum(took) as numerator, count(*) as denominator from {NURTURED}",
    "time_to_sale/recorded": f"select sum(took) as numerator, count(*) as denominator from {RECORDED}",
    "median_time_to_sale/standard": f"select median(took) as value from {NURTURED}",
    "lost_after_push_rate/refused_later": share("refused", PUSHED_AND_SPOKEN),
    "lost_after_push_rate/last_word": share("refused_at_last and not succeeded", LAST_WORDS),
    "lost_after_push_rate/next_conversation": share("refused", NEXT_WORDS),
    "lost_by_neglect_rate/no_call": share("not called_again", PUSHES),
    "lost_by_neglect_rate/callbacks": share(
        f"kept_at is null or kept_at > due_at + {days(7)}", of("callbacks", passed("due_at", 7))
    ),
    "gross_sales/standard": plain(count("outcomes", SALE)),
    "verified_sales/by_sale_day": plain(count("outcomes", f"{SALE} and verified_at is not null")),
    "verified_sales/by_verification_day": plain(count("outcomes", f"{SALE} and verified_at is not null")),
    "net_sales/standing": plain(count("outcomes", STANDS)),
    "net_sales/after_cooling_off": plain(count("outcomes", f"""
        {SALE} and {passed(AT, 14)} and rejected_at is null
        and (cancelled_at is null or cancelled_at > {AT} + {days(14)})
    """)),
    "net_sales/verified": plain(count("outcomes", f"{STANDS} and verified_at is not null")),
    "net_sales/after_clawback": plain(count("outcomes", f"{STANDS} and clawed_back_at is null")),
    "verification_rate/decided": over(
        count("outcomes", UPHELD),
        count("outcomes", f"{SALE} and (verified_at is not null or rejected_at is not null)"),
    ),
    "verification_rate/of_sales": over(count("outcomes", UPHELD), count("outcomes", SALE)),
    "verification_rate/in_time": share(
        f"verified_at <= {AT} + {days(7)} and (rejected_at is null or verified_at > rejected_at)",
        of("outcomes", f"{SALE} and {passed(AT, 7)}"),
    ),
    "rejection_rate/decided": over(
        count("outcomes", TURNED_DOWN),
        count("outcomes", f"{SALE} and (verified_at is not null or rejected_at is not null)"),
    ),
    "rejection_rate/of_sales": over(count("outcomes", TURNED_DOWN), count("outcomes", SALE)),
    "cancellation_rate/matured": share(
        f"cancelled_at <= {AT} + {days(30)}", of("outcomes", f"{SALE} and {passed(AT, 30)}")
    ),
    "cancellation_rate/of_accepted": share(
        f"cancelled_at <= {AT} + {days(30)}",
        of("outcomes", f"{SALE} and rejected_at is null and {passed(AT, 30)}"),
    ),
    "cancellation_rate/all_so_far": share("cancelled_at is not null", of("outcomes", SALE)),
    "clawbacks/standard": plain(count("outcomes", f"{SALE} and clawed_back_at is not null")),
    "clawback_rate/matured": share(
        f"clawed_back_at <= {AT} + {days(90)}", of("outcomes", f"{SALE} and {passed(AT, 90)}")
    ),
    "clawback_rate/by_value": f"""
        select coalesce(sum(value_amount) filter (where clawed_back_at <= {AT} + {days(90)}), 0) as numerator,
            coalesce(sum(value_amount), 0) as denominator
        from {of("outcomes", f"{SALE} and {passed(AT, 90)}")}
    """,
    "clawback_rate/all_so_far": share("clawed_back_at is not null", of("outcomes", SALE)),
    "sales_revenue/gross": plain(total("value_amount", "outcomes", SALE)),
    "sales_revenue/verified": plain(total("value_amount", "outcomes", f"{SALE} and verified_at is not null")),
    "sales_revenue/net": plain(total("value_amount", "outcomes", STANDS)),
    "sales_revenue/booked": plain(booked("revenue_amount", "revenues", "category = 'sales'")),
    "average_sale_value/gross": over(
        total("value_amount", "outcomes", SALE), count("outcomes", f"{SALE} and value_amount is not null")
    ),
    "average_sale_value/net": over(
        total("value_amount", "outcomes", STANDS), count("outcomes", f"{STANDS} and value_amount is not null")
    ),
    "revenue_per_call/billed": over(booked("revenue_amount", "revenues"), count("calls", OUTBOUND)),
    "revenue_per_call/sold": over(total("value_amount", "outcomes", SALE), count("calls", OUTBOUND)),
    "revenue_per_call/sold_net": over(total("value_amount", "outcomes", STANDS), count("calls", OUTBOUND)),
    "revenue_per_logged_hour/billed": over(booked("revenue_amount", "revenues"), LOGGED),
    "revenue_per_logged_hour/sold": over(total("value_amount", "outcomes", SALE), LOGGED),
    "revenue_per_logged_hour/sold_net": over(total("value_amount", "outcomes", STANDS), LOGGED),
}


# ---- The pipeline after the appointment ----------------------------------------------------------------------------

def stage(name):
    return f"stage = '{name}' and lead_id is not null"


def reached(entries, then, count_of_days):
    """Entries of leads into the pipeline, and whether the lead reached another stage within the window after each."""
    when = within("t.at", "e.at", count_of_days)
    return f"""(
        select e.*, exists (
            select 1 from {all_of("lead_stages", then)} t where t.lead_id = e.lead_id and {when}
        ) as reached
        from {entries} e
        where {passed("e.at", count_of_days)}
    )"""


def won_after_first(count_of_days):
    """First opportunities of leads that were won: the time until the first win since."""
    window = f"and {within('w.at', 'o.at', count_of_days)}" if count_of_days else "and w.at >= o.at"
    old_enough = passed("o.at", count_of_days) if count_of_days else "true"
    return f"""(
        select o.lead_id, epoch_ms(min(w.at)) - epoch_ms(o.at) as took
        from {first_of("lead_id", "lead_stages", "stage = 'opportunity'")} o
        join {all_of("lead_stages", "stage = 'won'")} w on w.lead_id = o.lead_id {window}
        where {old_enough}
        group by o.lead_id, o.at
    )"""


OPEN_ENTRIES = f"""(
    select o.*
    from {of("lead_stages", stage("opportunity"))} o
    where not exists (
        select 1 from {all_of("lead_stages", CLOSES)} c where c.lead_id = o.lead_id and c.at >= o.at
    )
)"""

LATEST_OPEN = f"""(
    select o.*
    from {OPEN_ENTRIES} o
    where o.at = (
        select max(a.at) from {all_of("lead_stages", "stage = 'opportunity'")} a where a.lead_id = o.lead_id
    )
)"""

STANDING_WINS = f"""(
    select w.*
    from {of("lead_stages", stage("won"))} w
    where not exists (
        select 1 from {all_of("lead_stages", "stage = 'cancelled'")} c where c.lead_id = w.lead_id and c.at >= w.at
    )
)"""

WON_WITH_VALUE = count("lead_stages", "stage = 'won' and value_amount is not null")


def velocity(number):
    """Opportunities times average deal times win rate over the cycle in days."""
    cycle = f"(select avg(took) from {won_after_first(180)})"
    return f"""
        select cast({number} as double)
            * cast({total("value_amount", "lead_stages", "stage = 'won'")} as double) / nullif({WON_WITH_VALUE}, 0)
            * {count("lead_stages", "stage = 'won'")} / nullif({count("lead_stages", "stage in ('won', 'lost')")}, 0)
            / nullif({cycle}, 0) * 86400000 as value
    """


PIPELINE = {
    "appointments/booked": plain(count("lead_stages", "stage = 'appointment'")),
    "appointments/leads": plain(different("lead_id", "lead_stages", "stage = 'appointment'")),
    "appointments/from_calls": plain(count("calls", "direction = 'outbound' and outcome = 'appointment'")),
    "appointments/from_outcomes": plain(count("outcomes", "outcome = 'appointment'")),
    "appointments_held/held": plain(count("lead_stages", "stage = 'held'")),
    "appointments_held/leads": plain(different("lead_id", "lead_stages", "stage = 'held'")),
    "appointment_held_rate/matured": share(
        "reached", reached(of("lead_stages", stage("appointment")), "stage = 'held'", 30)
    ),
    "appointment_held_rate/same_period": over(
        count("lead_stages", "stage = 'held'"), count("lead_stages", "stage = 'appointment'")
    ),
    "qualified_lead_rate/per_appointment": share(
        "reached", reached(first_of("lead_id", "lead_stages", "stage = 'appointment'"), "stage = 'qualified'", 30)
    ),
    "qualified_lead_rate/per_appointment_entered": share(
        "reached", reached(of("lead_stages", stage("appointment")), "stage = 'qualified'", 30)
    ),
    "qualified_lead_rate/per_held": share(
        "reached", reached(first_of("lead_id", "lead_stages", "stage = 'held'"), "stage = 'qualified'", 30)
    ),
    "lead_to_opportunity_rate/per_lead_loaded": share(
        "reached", reached(first_of("id", "leads", "true"), "stage = 'opportunity'", 90)
    ),
    "lead_to_opportunity_rate/per_lead_contacted": share(
        "reached",
        reached(first_of("lead_id", "calls", "direction = 'outbound' and contact"), "stage = 'opportunity'", 90),
    ),
    "lead_to_opportunity_rate/per_qualified": share(
        "reached", reached(first_of("lead_id", "lead_stages", "stage = 'qualified'"), "stage = 'opportunity'", 90)
    ),
    "opportunities/entered": plain(count("lead_stages", "stage = 'opportunity'")),
    "opportunities/leads": plain(different("lead_id", "lead_stages", "stage = 'opportunity'")),
    "opportunities/open": plain(f"(select count(*) from {OPEN_ENTRIES})"),
    "opportunity_win_rate/decided": share("stage = 'won'", of("lead_stages", "stage in ('won', 'lost')")),
    "opportunity_win_rate/matured": share(
        "reached", reached(of("lead_stages", stage("opportunity")), "stage = 'won'", 45)
    ),
    "opportunity_win_rate/by_amount": over(
        total("value_amount", "lead_stages", "stage = 'won'"),
        total("value_amount", "lead_stages", "stage in ('won', 'lost')"),
    ),
    "appointment_win_rate/standard": share(
        "reached", reached(first_of("lead_id", "lead_stages", "stage = 'appointment'"), "stage = 'won'", 45)
    ),
    "open_pipeline_amount/every_entry": plain(f"(select coalesce(sum(value_amount), 0) from {OPEN_ENTRIES})"),
    "open_pipeline_amount/latest_entry": plain(f"(select coalesce(sum(value_amount), 0) from {LATEST_OPEN})"),
    "open_pipeline_amount/weighted": plain(
        f"(select coalesce(sum(value_amount * probability), 0) from {OPEN_ENTRIES})"
    ),
    "pipeline_coverage/of_target": f"select sum(value_amount) / 1000 as value from {OPEN_ENTRIES}",
    "pipeline_coverage/weighted_of_target": f"""
        select sum(value_amount * probability) / 1000 as value from {OPEN_ENTRIES}
    """,
    "pipeline_coverage/of_won": f"""
        select cast(sum(value_amount) as double)
            / nullif({total("value_amount", "lead_stages", "stage = 'won'")}, 0) as value
        from {OPEN_ENTRIES}
    """,
    "sales_cycle/within_window": f"select sum(took) as numerator, count(*) as denominator from {won_after_first(45)}",
    "sales_cycle/so_far": f"select sum(took) as numerator, count(*) as denominator from {won_after_first(None)}",
    "median_sales_cycle/standard": f"select median(took) as value from {won_after_first(45)}",
    "won_amount/standard": plain(total("value_amount", "lead_stages", "stage = 'won'")),
    "average_deal_amount/won": over(total("value_amount", "lead_stages", "stage = 'won'"), WON_WITH_VALUE),
    "average_deal_amount/of_opportunities": over(
        total("value_amount", "lead_stages", "stage = 'opportunity'"),
        count("lead_stages", "stage = 'opportunity' and value_amount is not null"),
    ),
    "pipeline_velocity/entered": velocity(count("lead_stages", "stage = 'opportunity'")),
    "pipeline_velocity/open": velocity(f"(select count(*) from {OPEN_ENTRIES})"),
    "annual_recurring_revenue/won": plain(total("recurring_amount", "lead_stages", "stage = 'won'")),
    "annual_recurring_revenue/standing": plain(
        f"(select coalesce(sum(recurring_amount), 0) from {STANDING_WINS})"
    ),
    "annual_recurring_revenue/net_new": plain(
        f"({total('recurring_amount', 'lead_stages', IS_WON)}"
        f" - {total('recurring_amount', 'lead_stages', IS_CANCELLED)})"
    ),
    "customer_acquisition_cost/all_costs": over(
        booked("cost_amount", "costs", "kind in ('campaign', 'operating')"),
        different("lead_id", "lead_stages", "stage = 'won'"),
    ),
    "customer_acquisition_cost/campaign_costs": over(
        booked("cost_amount", "costs", "kind = 'campaign'"), different("lead_id", "lead_stages", "stage = 'won'")
    ),
    "customer_acquisition_cost/per_standing_sale": over(
        booked("cost_amount", "costs", "kind in ('campaign', 'operating')"), count("outcomes", STANDS)
    ),
    "customer_churn_rate/customers": share(
        "reached", reached(of("lead_stages", stage("won")), "stage = 'cancelled'", 30)
    ),
    "customer_churn_rate/revenue": f"""
        select coalesce(sum(recurring_amount) filter (where reached), 0) as numerator,
            coalesce(sum(recurring_amount), 0) as denominator
        from {reached(of("lead_stages", stage("won")), "stage = 'cancelled'", 30)}
    """,
    "customer_retention_rate/customers": share(
        "not reached", reached(of("lead_stages", stage("won")), "stage = 'cancelled'", 30)
    ),
    "customer_retention_rate/revenue": f"""
        select coalesce(sum(recurring_amount) filter (where not reached), 0) as numerator,
            coalesce(sum(recurring_amount), 0) as denominator
        from {reached(of("lead_stages", stage("won")), "stage = 'cancelled'", 30)}
    """,
}


# ---- Collections ---------------------------------------------------------------------------------------------------

def placed_accounts(calls, count_of_days=None):
    """Accounts by their first placement ever, where the question is about that, and whether such a call was made since."""
    when = within("c.at", "a.placed_at", count_of_days) if count_of_days else "c.at >= a.placed_at"
    return f"""(
        select a.*, exists (
            select 1 from {all_of("calls", calls)} c where c.account_id = a.account_id and {when}
        ) as called
        from (
            select *, row_number() over (partition by account_id order by placed_at, rowid) as nth
            from accounts
            where account_id is not null and placed_at is not null
        ) a
        where nth = 1 and ({{where}}) and {passed("a.placed_at", count_of_days) if count_of_days else "true"}
    )"""


DEBT_CALL = f"{OUTBOUND} and account_id is not null"
DEBT_TALK = "direction = 'outbound' and contact and account_id is not null"
DEBTOR = "direction = 'outbound' and right_party and account_id is not null"
PROMISED = "direction = 'outbound' and outcome = 'promise' and account_id is not null"

# A promise of the 12th with three days of grace can be kept until the 15th is over.
DUE = f"due_on + 3 < {UNTIL_DAY} and kept is not null"

ON_BATCHES = f"""(
    select p.*, b.placed_at, b.fee_rate
    from {of("payments")} p
    join (select placement_id, placed_at, fee_rate from placements) b on b.placement_id = p.placement_id
)"""

# Statements follow each other by their days; one whose day nobody wrote down stands where it was placed.
IN_BUCKET = "bucket is not null and account_id is not null"


def ordinal(bucket):
    """Buckets in their order: current is zero, of others the first number counts; other words have no place in it."""
    return (
        f"case when lower({bucket}) = 'current' then 0"
        f" else cast(nullif(regexp_extract({bucket}, '[0-9]+'), '') as bigint) end"
    )


# Statements with the next one that has a bucket, where the order of the two is known.
ROLLS = f"""(
    select *
    from (
        select e.*, {ordinal("e.bucket")} as before, (
            select {ordinal("n.bucket")}
            from (select *, rowid as line from accounts where {IN_BUCKET}) n
            where n.account_id = e.account_id and n.day > e.day
            order by n.day, n.line
            limit 1
        ) as after
        from {of("accounts", IN_BUCKET)} e
    )
    where before is not null and after is not null
)"""

IS_CURRENT = "lower(bucket) in ('0', 'current')"

# Statements in arrears, and what the other statements of the 45 days after say.
ARREARS = f"""(
    select e.*, n.statements, n.cured, n.paid
    from (
        select *
        from {of("accounts", f"account_id is not null and not ({IS_CURRENT}) and coalesce(balance_amount, 1) > 0")}
    ) e,
    lateral (
        select count(*) as statements,
            count(*) filter (where {IS_CURRENT} or balance_amount <= 0) as cured,
            count(*) filter (where balance_amount <= 0) as paid
        from (select account_id, bucket, balance_amount, day from accounts) s
        where s.account_id = e.account_id and s.day > e.day and s.day <= e.day + 45
    ) n
    where e.day + 45 < {UNTIL_DAY}
)"""

FOLLOWED = f"(select * from {ARREARS} where statements > 0)"

COLLECTIONS = {
    "accounts_worked_rate/so_far": share("called", placed_accounts(OUTBOUND)),
    "accounts_worked_rate/within_window": share("called", placed_accounts(OUTBOUND, 7)),
    "accounts_worked_rate/of_batches": over(
        different("account_id", "calls", OUTBOUND), total("accounts", "placements")
    ),
    "right_party_contact_rate/per_attempt": over(count("calls", DEBTOR), count("calls", DEBT_CALL)),
    "right_party_contact_rate/per_account": over(
        different("account_id", "calls", DEBTOR), different("account_id", "calls", DEBT_CALL)
    ),
    "right_party_contact_rate/per_account_placed": share(
        "called", placed_accounts("direction = 'outbound' and right_party")
    ),
    "right_party_contact_rate/per_contact": over(count("calls", DEBTOR), count("calls", DEBT_TALK)),
    "promise_rate/standard": over(count("calls", PROMISED), count("calls", DEBTOR)),
    "promise_rate/per_contact": over(count("calls", PROMISED), count("calls", DEBT_TALK)),
    "promise_rate/per_account_worked": over(
        different("account_id", "calls", PROMISED), different("account_id", "calls", DEBT_CALL)
    ),
    "promise_rate/recorded": over(count("promises"), count("calls", DEBTOR)),
    "promise_amount/made": plain(total("promised_amount", "promises")),
    "promise_amount/due": plain(total("promised_amount", "promises", "due_on is not null")),
    "average_promise_amount/standard": over(
        total("promised_amount", "promises"), count("promises", "promised_amount is not null")
    ),
    "kept_promise_rate/due": share("kept", of("promises", DUE)),
    "kept_promise_rate/decided": share("kept", of("promises", "kept is not null")),
    "kept_promise_rate/by_amount": f"""
        select coalesce(sum(least(paid_amount, promised_amount)), 0) as numerator,
            coalesce(sum(promised_amount), 0) as denominator
        from {of("promises", f"{DUE} and promised_amount is not null and paid_amount is not null")}
    """,
    "kept_promise_rate/partial": share(
        "kept or paid_amount > 0", of("promises", f"{DUE} and (kept or paid_amount is not null)")
    ),
    "kept_promises_per_contact/standard": f"""
        select cast({count("calls", PROMISED)} as double) / nullif({count("calls", DEBTOR)}, 0)
            * {count("promises", f"{DUE} and kept")} / nullif({count("promises", DUE)}, 0) as value
    """,
    "average_days_to_pay/from_promise": f"""
        select sum(date_diff('day', day, kept_on)) as numerator, count(*) as denominator
        from {of("promises", "kept_on is not null")}
    """,
    "average_days_to_pay/from_due": f"""
        select sum(date_diff('day', due_on, kept_on)) as numerator, count(*) as denominator
        from {of("promises", "kept_on is not null and due_on is not null")}
    """,
    "amount_collected/net": plain(total("paid_amount", "payments")),
    "amount_collected/gross": plain(total("paid_amount", "payments", "paid_amount > 0")),
    "amount_collected/on_promises": plain(total("paid_amount", "payments", "promise_id is not null")),
    "amount_collected/by_agents": plain(total("paid_amount", "payments", "agent_id is not null")),
    "recovery_rate/by_batch": over(
        f"(select coalesce(sum(paid_amount), 0) from {ON_BATCHES})", total("placed_amount", "placements")
    ),
    "recovery_rate/within_age": over(
        f"""(
            select coalesce(sum(paid_amount), 0) from {ON_BATCHES}
            where {passed("placed_at", 90)} and {within("paid_at", "placed_at", 90)}
        )""",
        total("placed_amount", "placements", passed("placed_at", 90)),
    ),
    "recovery_rate/same_period": over(total("paid_amount", "payments"), total("placed_amount", "placements")),
    "cash_per_agent_hour/net": over(total("paid_amount", "payments"), LOGGED),
    "cash_per_agent_hour/by_agents": over(total("paid_amount", "payments", "agent_id is not null"), LOGGED),
    "cash_per_call/per_attempt": over(total("paid_amount", "payments"), count("calls", DEBT_CALL)),
    "cash_per_call/per_right_party_contact": over(total("paid_amount", "payments"), count("calls", DEBTOR)),
    "contingency_fee/earned": plain(f"(select coalesce(sum(paid_amount * fee_rate), 0) from {ON_BATCHES})"),
    "contingency_fee/booked": plain(booked("revenue_amount", "revenues", "category = 'fees'")),
    "roll_rate/accounts": share("after > before", ROLLS),
    "roll_rate/balance": f"""
        select coalesce(sum(balance_amount) filter (where after > before), 0) as numerator,
            coalesce(sum(balance_amount), 0) as denominator
        from {ROLLS}
    """,
    "cure_rate/accounts": share("cured > 0", FOLLOWED),
    "cure_rate/balance": f"""
        select coalesce(sum(balance_amount) filter (where cured > 0), 0) as numerator,
            coalesce(sum(balance_amount), 0) as denominator
        from {FOLLOWED}
    """,
    "cure_rate/paid_off": share("paid > 0", FOLLOWED),
}

QUERIES = {**SALES, **PIPELINE, **COLLECTIONS}

# The generated records span 120 days, so the long windows of deals are asked for with shorter ones.
OPTIONS = {
    "opportunity_win_rate/matured": {"params": "{window=45days}"},
    "appointment_win_rate/standard": {"params": "{window=45days}"},
    "sales_cycle/within_window": {"params": "{window=45days}"},
    "median_sales_cycle/standard": {"params": "{window=45days}"},
    "pipeline_coverage/of_target": {"params": "{target=1000}"},
    "pipeline_coverage/weighted_of_target": {"params": "{target=1000}"},
    "customer_churn_rate/customers": {"params": "{window=30days}"},
    "customer_churn_rate/revenue": {"params": "{window=30days}"},
    "customer_retention_rate/customers": {"params": "{window=30days}"},
    "customer_retention_rate/revenue": {"params": "{window=30days}"},
}
