"""The metrics of the queue, of service and quality, of the workforce and of the centre's inner life, a second time: SQL
written by hand from what each definition says in words.

A record whose needed value is not known counts on neither side. `{where}` stands for the condition of a question and
`{until}` for the instant at which the data is complete.
"""


def ratio(numerator, denominator):
    return f"select ({numerator}) as numerator, ({denominator}) as denominator"


def plain(number):
    return f"select ({number}) as numerator, 1 as denominator"


def share(base, over, of):
    """Records of a base for which `of` holds, over those for which `over` holds."""
    return f"select count(*) filter ({of}) as numerator, count(*) filter ({over}) as denominator from {base}"


# --- calls that came in

# Whatever came of it, even if no map knows: a call, and no test record. Its result must be known to be offered.
A_CALL = "(outcome is null or outcome <> 'not_a_call')"
INBOUND = f"(select * from calls where {{where}} and direction = 'inbound' and {A_CALL})"
OFFERED = f"(select * from {INBOUND} where outcome is not null)"
TAKEN = f"(select * from {INBOUND} where contact)"
HUNG_UP = f"(select * from {INBOUND} where outcome = 'abandoned')"
TAKEN_OR_HUNG_UP = f"(select * from {INBOUND} where contact or outcome = 'abandoned')"
MADE = f"(select * from calls where {{where}} and direction = 'outbound' and {A_CALL})"
IN_OR_OUT = f"(select * from calls where {{where}} and direction in ('inbound', 'outbound') and {A_CALL})"


def count(base):
    return f"select count(*) from {base}"


def middle(values):
    """The median of a column `v`: between the two in the middle, where their number is even."""
    return f"""
        select sum(v) / 2.0 as value from (
            select v, row_number() over (order by v) as place, count(*) over () as many from ({values})
        ) as ranked
        cross join (values (0), (1)) as half(side)
        where place = (many + 1 + side) // 2"""


def ninth_tenth(values):
    """The smallest value of a column `v` that nine in ten do not exceed."""
    return f"""
        select min(v) as value from (
            select v, row_number() over (order by v) as place, count(*) over () as many from ({values})
        ) as ranked
        where 10 * place >= 9 * many"""


def ninth_tenth_between(values):
    """Nine tenths of the way from the first value to the last, between two values where it falls there."""
    return f"""
        select sum(v * case when place - 1 = 9 * (many - 1) // 10
                            then 10 - 9 * (many - 1) % 10 else 9 * (many - 1) % 10 end) / 10.0 as value
        from (
            select v, row_number() over (order by v) as place, count(*) over () as many from ({values})
        ) as ranked
        where place - 1 in (9 * (many - 1) // 10, 9 * (many - 1) // 10 + 1)"""


# A call taken after an unknown wait may have been in time or not.
def within_of_offered(seconds):
    return share(
        OFFERED,
        over="where not contact or queue_ms is not null",
        of=f"where contact and queue_ms <= {seconds}000",
    )


def within_beyond_short(seconds):
    return share(
        OFFERED,
        over=f"""where case when contact then queue_ms is not null
                            when outcome = 'abandoned' then queue_ms > {seconds}000 else true end""",
        of=f"where contact and queue_ms <= {seconds}000",
    )


# Whoever was taken did not hang up, whatever the wait.
def without_short(seconds):
    return f" where outcome <> 'abandoned' or queue_ms >= {seconds}000"


def abandoned_not_short(seconds):
    return share(
        OFFERED, over=without_short(seconds), of=f"where outcome = 'abandoned' and queue_ms >= {seconds}000"
    )


def abandoned_after(seconds):
    return share(
        OFFERED,
        over=f"where outcome <> 'abandoned' or queue_ms > {seconds}000",
        of=f"where outcome = 'abandoned' and queue_ms > {seconds}000",
    )


WAITS_TAKEN = f"select queue_ms as v from {TAKEN} where queue_ms is not null"
WAITS_TAKEN_OR_HUNG_UP = f"select queue_ms as v from {TAKEN_OR_HUNG_UP} where queue_ms is not null"


def busiest_hour(base):
    return f"select max(n) from (select count(*) as n from {base} as c group by date_trunc('hour', c.at))"


def less_over(actual, forecast, over):
    return f"""
        select (actual - forecast)::double / nullif({over}, 0) as value
        from (select ({actual}) as actual, ({forecast}) as forecast)"""


FORECAST = "select sum(calls) from (select * from forecasts where {where})"

# What is known of a call before its window is looked at. A call whose start is not known has no window.
IDENTIFIED = "direction = 'inbound' and contact and customer_id is not null and started_at is not null"

ANY = "true"
CALLED_IN = "f.direction = 'inbound'"
AGAIN = "where again"
QUIET = "where not again"


def return_rate(base, returned, of, matured=True, days=7):
    """Share of the calls of a base; `again` holds when a call for which `returned` holds began within the window."""
    window = f"interval {24 * days} hours"
    passed = f"and started_at + {window} <= {{until}}" if matured else ""
    return f"""
        select count(*) filter ({of}) as numerator, count(*) as denominator
        from (
            select b.*, exists (
                select 1 from calls as f
                where f.customer_id = b.customer_id and (f.outcome is null or f.outcome <> 'not_a_call') and {returned}
                  and f.at > b.started_at and f.at <= b.started_at + {window}
            ) as again
            from (select * from calls where {{where}}) as b
            where {base} {passed}
        )"""


QUEUE = {
    "calls_offered/all_calls": plain(count(OFFERED)),
    "calls_offered/queued": plain(count(OFFERED) + " where queue is not null"),
    "calls_offered/taken_or_abandoned": plain(count(TAKEN_OR_HUNG_UP)),
    "calls_offered/without_short_abandons": plain(count(OFFERED) + without_short(5)),
    "calls_offered/without_short_abandons{threshold=30s}": plain(count(OFFERED) + without_short(30)),
    "calls_taken": plain(count(TAKEN)),
    "inbound_answer_rate": ratio(count(TAKEN), count(OFFERED)),
    "asa/all_taken": f"select sum(queue_ms) as numerator, count(queue_ms) as denominator from {TAKEN}",
    "asa/queued_only": f"""
        select sum(queue_ms) as numerator, count(*) as denominator from {TAKEN} where queue_ms > 0""",
    "asa/from_arrival": f"""
        select sum(epoch_ms(connected_at) - epoch_ms(started_at)) as numerator, count(*) as denominator
        from {TAKEN} where connected_at is not null and started_at is not null""",
    "wait_before_abandoning": f"select sum(queue_ms) as numerator, count(queue_ms) as denominator from {HUNG_UP}",
    "longest_wait/offered": plain(f"select max(queue_ms) from {OFFERED}"),
    "longest_wait/taken": plain(f"select max(queue_ms) from {TAKEN}"),
    "longest_wait/abandoned": plain(f"select max(queue_ms) from {HUNG_UP}"),
    "median_wait/taken": middle(WAITS_TAKEN),
    "median_wait/offered": middle(WAITS_TAKEN_OR_HUNG_UP),
    "wait_p90/taken": ninth_tenth(WAITS_TAKEN),
    "wait_p90/taken_linear": ninth_tenth_between(WAITS_TAKEN),
    "wait_p90/offered": ninth_tenth(WAITS_TAKEN_OR_HUNG_UP),
    "queued_share": share(TAKEN_OR_HUNG_UP, over="where queue_ms is not null", of="where queue_ms > 0"),
    "menu_time": f"select sum(ivr_ms) as numerator, count(ivr_ms) as denominator from {INBOUND}",
    "service_level/offered": within_of_offered(20),
    "service_level/offered{threshold=5s}": within_of_offered(5),
    "service_level/answered_only": share(TAKEN, over="where queue_ms is not null", of="where queue_ms <= 20000"),
    "service_level/excluding_short_abandons": within_beyond_short(20),
    "service_level/excluding_short_abandons{threshold=1 min}": within_beyond_short(60),
    "service_level/abandons_count_as_met": share(
        OFFERED,
        over="where queue_ms is not null or not (contact or outcome = 'abandoned')",
        of="where (contact or outcome = 'abandoned') and queue_ms <= 20000",
    ),
    "service_level/missed_count_as_met": share(
        OFFERED,
        over="where queue_ms is not null or not (contact or outcome = 'no_answer')",
        of="where (contact or outcome = 'no_answer') and queue_ms <= 20000",
    ),
    "service_level/answered_of_taken_or_missed": share(
        OFFERED, over="where contact or outcome in ('abandoned', 'no_answer')", of="where contact"
    ),
    "queue_abandonment_rate/callers": ratio(count(HUNG_UP), count(OFFERED)),
    "queue_abandonment_rate/excluding_short": abandoned_not_short(5),
    "queue_abandonment_rate/excluding_short{threshold=30s}": abandoned_not_short(30),
    "queue_abandonment_rate/excluding_within": abandoned_after(5),
    "queue_abandonment_rate/excluding_within{threshold=30s}": abandoned_after(30),
    "queue_abandonment_rate/handled_plus_abandoned": ratio(count(HUNG_UP), count(TAKEN_OR_HUNG_UP)),
    "queue_abandonment_rate/with_missed": share(
        OFFERED, over="where true", of="where outcome in ('abandoned', 'no_answer')"
    ),
    "blocking_rate/failed_or_technical": share(
        OFFERED,
        over="where true",
        of="where outcome = 'failed' or (end_reason = 'technical' and answered_at is null)",
    ),
    "blocking_rate/failed": share(OFFERED, over="where true", of="where outcome = 'failed'"),
    "blocking_rate/failed_or_busy": share(OFFERED, over="where true", of="where outcome in ('failed', 'busy')"),
    "peak_hour_calls/offered": plain(busiest_hour(OFFERED)),
    "peak_hour_calls/dials": plain(busiest_hour(MADE)),
    "peak_hour_calls/both": plain(busiest_hour(IN_OR_OUT)),
    "peak_hour_share/offered": ratio(busiest_hour(OFFERED), count(OFFERED)),
    "peak_hour_share/dials": ratio(busiest_hour(MADE), count(MADE)),
    "forecast_calls": plain(FORECAST),
    "forecast_error/over_forecast": less_over(count(OFFERED), FORECAST, over="forecast"),
    "forecast_error/over_actual": less_over(count(OFFERED), FORECAST, over="actual"),
    "forecast_error/dials_over_forecast": less_over(count(MADE), FORECAST, over="forecast"),
    "forecast_error/dials_over_actual": less_over(count(MADE), FORECAST, over="actual"),
    "fcr/matured": return_rate(IDENTIFIED, ANY, of=QUIET),
    "fcr/matured{window=24h}": return_rate(IDENTIFIED, ANY, of=QUIET, days=1),
    "fcr/all_taken": return_rate(IDENTIFIED, ANY, of=QUIET, matured=False),
    "fcr/inbound_returns": return_rate(IDENTIFIED, CALLED_IN, of=QUIET),
    "fcr/gross": return_rate(IDENTIFIED + " and transfers is not null", ANY, of=QUIET + " and transfers = 0"),
    "fcr/net": return_rate(IDENTIFIED + " and transfers = 0", ANY, of=QUIET),
    "repeat_call_rate/matured": return_rate(IDENTIFIED, ANY, of=AGAIN),
    "repeat_call_rate/all_taken": return_rate(IDENTIFIED, ANY, of=AGAIN, matured=False),
    "repeat_call_rate/inbound_returns": return_rate(IDENTIFIED, CALLED_IN, of=AGAIN),
    "repeat_call_rate/inbound_returns{window=30 days}": return_rate(IDENTIFIED, CALLED_IN, of=AGAIN, days=30),
    "repeat_call_rate/outbound_returned": return_rate(
        "direction = 'outbound' and contact and customer_id is not null and started_at is not null",
        CALLED_IN,
        of=AGAIN,
    ),
}


# --- what customers and evaluators say, what the work costs and earns

def answers(survey):
    """Answers to a survey on a scale of which both ends are known."""
    return (
        f"(select * from surveys where {{where}} and lower(survey) = '{survey}' and score is not null"
        " and scale_min < scale_max)"
    )


def recommendations(survey):
    """Answers on a scale that ends at 10."""
    return (
        f"(select * from surveys where {{where}} and lower(survey) = '{survey}' and score is not null"
        " and scale_max = 10)"
    )


SATISFIED = "where score - scale_min >= (scale_max - scale_min) * 0.75"


def promoters_less_detractors(survey):
    return f"""
        select (count(*) filter (where score >= 9) - count(*) filter (where score <= 6))::double
               / nullif(count(*), 0) as value
        from {recommendations(survey)}"""


def surveyed(of, over, what):
    return f"""
        select count({what}) filter ({of}) as numerator, count({what}) filter ({over}) as denominator
        from (select * from surveys where {{where}}) where sent_at is not null"""


def surveyed_and_ripe(days):
    window = f"interval {24 * days} hours"
    return surveyed(
        of=f"where sent_at + {window} <= {{until}} and answered_at <= sent_at + {window}",
        over=f"where sent_at + {window} <= {{until}}",
        what="distinct call_id",
    )


DISSATISFIED = (
    "lower(survey) = 'csat' and score is not null and scale_min < scale_max"
    " and score < scale_min + (scale_max - scale_min) * 0.5"
)
DETRACTOR = "lower(survey) = 'nps' and scale_max = 10 and score <= 6"


def first_conversations(negative, hours):
    """Negative answers of known customers with the instant of our first conversation within so many hours after."""
    return f"""(
        select s.answered_at, (
            select min(c.at) from calls as c
            where c.customer_id = s.customer_id and c.direction = 'outbound' and c.contact
              and c.at > s.answered_at and c.at <= s.answered_at + interval {hours} hours
        ) as spoken_at
        from (select * from surveys where {{where}}) as s
        where {negative} and s.answered_at is not null and s.customer_id is not null
    )"""


def followed_up(negative, hours=48):
    return f"""
        select count(spoken_at) as numerator, count(*) as denominator
        from {first_conversations(negative, hours)} where answered_at + interval {hours} hours <= {{until}}"""


def follow_up_time(negative):
    return middle(
        f"select epoch_ms(spoken_at) - epoch_ms(answered_at) as v"
        f" from {first_conversations(negative, 14 * 24)} where spoken_at is not null"
    )


# An evaluation that does not say so is no calibration.
EVALUATED = "(select * from evaluations where {where} and calibration is not true)"
SCORED = "(select * from evaluations where {where} and score is not null and max_score > 0)"


def acknowledged(days):
    window = f"interval {24 * days} hours"
    return share(
        "coaching",
        over=f"where held_at + {window} <= {{until}}",
        of=f"where held_at + {window} <= {{until}} and acknowledged_at <= held_at + {window}",
    )


# A dialler writes a talk time of nought where nobody picked up; an inbound call that names its agent ended at once.
TALKED = f"""(
    select * from calls
    where {{where}} and {A_CALL} and agent_id is not null
      and (talk_ms > 0 or (talk_ms = 0 and direction = 'inbound'))
      and coalesce(direction, '') <> 'internal'
)"""
TALKED_IN_OR_OUT = TALKED
COSTS = "(select * from costs where {where} and kind = 'operating')"
REVENUE = "select sum(revenue_amount) from (select * from revenues where {where})"
SPOKEN = "(select * from calls where {where} and direction = 'outbound' and contact)"
SPEECH = f"""(
    select * from calls
    where {{where}} and {A_CALL} and agent_speech_ms is not null and customer_speech_ms is not null
)"""


def money(condition):
    return f"select sum(cost_amount) from {COSTS} where {condition}"


HANDLED_ELSEWHERE = f"""
    select count(*) from (select * from contacts where {{where}}) where agent_id is not null and {A_CALL}"""


def over(dividend, divisor):
    return f"select ({dividend})::double / nullif(({divisor}), 0) as value"


# --- lengths of time on the floor, planned and paid

WORK = "('talk', 'hold', 'wrap', 'wait', 'ring', 'dial', 'preview')"


def floor(condition):
    """Time in states; a stretch of which only the end was written began its length before it."""
    return f"""
        select sum(duration_ms) from (select * from agent_states where {{where}})
        where coalesce(started_at, ended_at) is not null and {condition}"""


def planned(condition, table="schedules"):
    return f"""
        select sum(epoch_ms(ends_at) - epoch_ms(starts_at)) from (select * from {table} where {{where}})
        where starts_at is not null and ends_at is not null and {condition}"""


AVAILABLE = floor(f"state in {WORK}")
SHIFTS = "select sum(paid_ms) from (select * from shifts where {where}) where started_at is not null"

SERVICE = {
    "csat/satisfied": share(answers("csat"), over="where true", of=SATISFIED),
    "csat/top_two_box": share(answers("csat"), over="where true", of="where score >= scale_max - 1"),
    "csat/top_box": share(answers("csat"), over="where true", of="where score >= scale_max"),
    "csat/mean_score": f"""
        select sum(score - scale_min) as numerator, sum(scale_max - scale_min) as denominator
        from {answers("csat")}""",
    "promoters_rate": share(recommendations("nps"), over="where true", of="where score >= 9"),
    "detractors_rate": share(recommendations("nps"), over="where true", of="where score <= 6"),
    "nps": promoters_less_detractors("nps"),
    "survey_response_rate/matured": surveyed_and_ripe(7),
    "survey_response_rate/matured{window=24h}": surveyed_and_ripe(1),
    "survey_response_rate/all_calls": surveyed(
        of="where answered_at is not null", over="where true", what="distinct call_id"
    ),
    "survey_response_rate/answers": surveyed(of="where answered_at is not null", over="where true", what="*"),
    "survey_fcr": share(
        answers("fcr"), over="where true", of="where score > scale_min + (scale_max - scale_min) * 0.5"
    ),
    "negative_survey_followup_rate/dissatisfied": followed_up(DISSATISFIED),
    "negative_survey_followup_rate/detractors": followed_up(DETRACTOR),
    "negative_survey_followup_rate/detractors{window=14 days}": followed_up(DETRACTOR, hours=14 * 24),
    "negative_survey_followup_time/dissatisfied": follow_up_time(DISSATISFIED),
    "negative_survey_followup_time/detractors": follow_up_time(DETRACTOR),
    "evaluations/made": plain(count(EVALUATED)),
    "evaluations/with_calibration": plain("select count(*) from (select * from evaluations where {where})"),
    "qa_score/points": f"""
        select sum(score) as numerator, sum(max_score) as denominator from {SCORED}
        where calibration is not true""",
    "qa_score/critical_error_zero": f"""
        select sum(case when critical_error then 0 else score end) as numerator, sum(max_score) as denominator
        from {SCORED} where calibration is not true and critical_error is not null""",
    "qa_score/all_evaluations": f"select sum(score) as numerator, sum(max_score) as denominator from {SCORED}",
    "critical_error_rate": share(EVALUATED, over="where critical_error is not null", of="where critical_error"),
    "qa_coverage/all_samples": ratio(
        f"select count(distinct call_id) from {EVALUATED}", count(TALKED_IN_OR_OUT)
    ),
    "qa_coverage/random_only": ratio(
        f"select count(distinct call_id) from {EVALUATED} where sample = 'random'", count(TALKED_IN_OR_OUT)
    ),
    "criterion_score": """
        select sum(score) as numerator, sum(max_score) as denominator from evaluation_items
        where score is not null and max_score is not null""",
    "coaching_sessions": plain("select count(*) from coaching"),
    "coaching_acknowledged_rate/matured": acknowledged(7),
    "coaching_acknowledged_rate/matured{window=24h}": acknowledged(1),
    "coaching_acknowledged_rate/all_held": share(
        "coaching", over="where true", of="where acknowledged_at is not null"
    ),
    "first_tier_resolution_rate/resolved": return_rate(
        IDENTIFIED + " and transfers is not null", ANY, of=QUIET + " and transfers = 0"
    ),
    "first_tier_resolution_rate/not_transferred": share(
        TAKEN, over="where transfers is not null", of="where transfers = 0"
    ),
    "utilization/shift_paid": ratio(floor("state in ('talk', 'wrap')"), SHIFTS),
    "utilization/shift_paid_with_hold": ratio(floor("state in ('talk', 'hold', 'wrap')"), SHIFTS),
    "utilization/span_paid": ratio(floor("paid and state in ('talk', 'wrap')"), floor("paid")),
    "utilization/span_paid_with_hold": ratio(floor("paid and state in ('talk', 'hold', 'wrap')"), floor("paid")),
    "utilization/with_idle": ratio(AVAILABLE, SHIFTS),
    "operating_cost/all": plain(money("true")),
    "operating_cost/voice": plain(money("channel = 'voice'")),
    "operating_cost/other_channels": plain(money("channel <> 'voice'")),
    "booked_revenue": plain(REVENUE),
    "contacts_handled/calls": plain(count(TALKED_IN_OR_OUT)),
    "contacts_handled/other_channels": plain(HANDLED_ELSEWHERE),
    "cost_per_contact/calls_only": over(money("true"), count(TALKED_IN_OR_OUT)),
    "cost_per_contact/voice": over(money("channel = 'voice'"), count(TALKED_IN_OR_OUT)),
    "cost_per_contact/other_channels": over(money("channel <> 'voice'"), HANDLED_ELSEWHERE),
    "cost_per_contact/all_channels": over(
        money("true"), f"({count(TALKED_IN_OR_OUT)}) + ({HANDLED_ELSEWHERE})"
    ),
    # Both are divided by the calls made, so these must exist and then fall out.
    "cost_to_revenue/per_call": f"""
        select case when ({count(MADE)}) > 0
                    then ({money("true")})::double / nullif(({REVENUE}), 0) end as value""",
    "cost_to_revenue/amounts": over(money("true"), REVENUE),
    "revenue_per_contact/conversation": ratio(REVENUE, count(SPOKEN)),
    "revenue_per_contact/handled_call": ratio(REVENUE, count(TALKED_IN_OR_OUT)),
    "average_sentiment": f"""
        select sum(sentiment) as numerator, count(sentiment) as denominator
        from (select * from calls where {{where}}) where {A_CALL}""",
    "talk_listen_ratio/talk_to_listen": f"""
        select sum(agent_speech_ms) as numerator, sum(customer_speech_ms) as denominator from {SPEECH}""",
    "talk_listen_ratio/listen_to_talk": f"""
        select sum(customer_speech_ms) as numerator, sum(agent_speech_ms) as denominator from {SPEECH}""",
}


# --- the people who do the work

AGENT_SPANS = "(select * from agent_spans where {where} and agent_id is not null)"

# Stretches of work of each agent as islands: stretches over each other are one.
ISLANDS = f"""(
    select agent_id, min(s) as s, max(e) as e
    from (
        select *, count(*) filter (where begins) over (partition by agent_id order by s, e) as island
        from (
            select *, coalesce(s > max(e) over (
                partition by agent_id order by s, e rows between unbounded preceding and 1 preceding
            ), true) as begins
            from (
                select agent_id, coalesce(epoch_ms(started_at), epoch_ms(ended_at) - duration_ms) as s, s + duration_ms as e
                from agent_states
                where state in {WORK} and duration_ms > 0
            )
        )
    )
    group by agent_id, island
)"""


def adherence(condition):
    """Planned time of agents with any state, up to the end of the data, and the part of it that went as planned."""
    return f"""
        select sum(case when activity = 'work' then worked else whole - worked end) as numerator, sum(whole) as denominator
        from (
            select p.*, greatest(0, e - s) as whole, coalesce((
                select sum(least(i.e, p.e) - greatest(i.s, p.s)) from {ISLANDS} as i
                where i.agent_id = p.agent_id and i.e > p.s and i.s < p.e
            ), 0) as worked
            from (
                select *, epoch_ms(starts_at) as s,
                    case when ends_at is not null then least(epoch_ms(ends_at), epoch_ms({{until}})) end as e
                from schedules where {{where}} and {condition}
            ) as p
            where agent_id in (select agent_id from agent_spans)
        )"""


def starts(minutes):
    """Planned starts whose grace is over."""
    return f"""(
        select * from schedules
        where {{where}} and activity = 'work' and agent_id is not null
          and starts_at + interval {minutes} minutes <= {{until}}
    )"""


def starts_without(state, minutes=5):
    return f"""
        select count(*) from {starts(minutes)} as p
        where not exists (
            select 1 from agent_spans as s
            where s.agent_id = p.agent_id and {state}
              and s.started_at >= p.starts_at and s.started_at <= p.starts_at + interval {minutes} minutes
        )"""


ANY_STATE = "true"
STATE_OF_WORK = f"s.state in {WORK}"
OFF_CALLS = floor("state in ('pause', 'other')")
PAID_OFF_WORK = planned("paid and activity <> 'work'")
ABSENT = planned("true", "absences")


def less_than_whole(part, whole):
    return f"select 1 - ({part})::double / nullif(({whole}), 0) as value"


def agent_days(table):
    return f"select count(*) from (select distinct agent_id, day from {table} where agent_id is not null)"


# The first day on which the data is not complete.
END = "(timezone('Europe/London', {until})::date)"


def employed(condition, days=None):
    """Days from the first to the last of each person, both counted, of the last days before the end of the data."""
    first = f"greatest(hired_on, {END} - {days})" if days else "hired_on"
    last = f"least(coalesce(left_on, {END} - 1), {END} - 1)"
    return f"select sum(greatest({last} - {first} + 1, 0)) from agents where {condition}"


AGENT = "(role = 'agent' or role is null)"


def leavers(condition):
    """Who left: whose last day is over."""
    return f"select count(*) from agents where left_on < {END} and {condition}"


# Who left on the last day of the window left within it, so that day must be over.
def lost_early(days):
    return f"""
        select count(*) filter (where left_on - hired_on <= {days}) as numerator, count(*) as denominator
        from agents where {AGENT} and hired_on + {days} < {END}"""


WORKFORCE = {
    "agents_active/logged_in": plain(f"select count(distinct agent_id) from {AGENT_SPANS}"),
    "agents_active/talking": plain(f"select count(distinct agent_id) from {TALKED}"),
    "agents_per_day": ratio(
        f"select count(*) from (select distinct agent_id, day from {AGENT_SPANS})",
        f"select count(distinct day) from {AGENT_SPANS}",
    ),
    "idle_share/of_logged": ratio(floor("state = 'wait'"), floor("true")),
    "idle_share/of_available": ratio(floor("state = 'wait'"), AVAILABLE),
    "conformance/work": ratio(AVAILABLE, planned("activity = 'work'")),
    "conformance/logged": ratio(floor("true"), planned("true")),
    "adherence/all": adherence("true"),
    "adherence/work": adherence("activity = 'work'"),
    "late_logins/logged_in": plain(starts_without(ANY_STATE)),
    "late_logins/ready": plain(starts_without(STATE_OF_WORK)),
    "late_login_rate/logged_in": ratio(starts_without(ANY_STATE), count(starts(5))),
    "late_login_rate/ready": ratio(starts_without(STATE_OF_WORK), count(starts(5))),
    "late_login_rate/ready{grace=48h}": ratio(starts_without(STATE_OF_WORK, 2880), count(starts(2880))),
    "absence_rate/time": ratio(ABSENT, planned("true")),
    "absence_rate/unplanned": ratio(planned("planned = false", "absences"), planned("true")),
    "absence_rate/agent_days": ratio(agent_days("absences"), agent_days("schedules")),
    "shrinkage_rate/floor": ratio(OFF_CALLS, floor("true")),
    "shrinkage_rate/planned": ratio(PAID_OFF_WORK, planned("paid")),
    "shrinkage_time/floor": plain(OFF_CALLS),
    "shrinkage_time/absence": plain(ABSENT),
    "shrinkage_time/planned": plain(PAID_OFF_WORK),
    "available_share/of_planned_paid": ratio(AVAILABLE, planned("paid")),
    "available_share/of_shift_paid": ratio(AVAILABLE, SHIFTS),
    "total_shrinkage_rate/of_planned_paid": less_than_whole(AVAILABLE, planned("paid")),
    "total_shrinkage_rate/of_shift_paid": less_than_whole(AVAILABLE, SHIFTS),
    "total_shrinkage_rate/added": f"""
        select ({ABSENT})::double / nullif(({planned("true")}), 0)
             + ({OFF_CALLS})::double / nullif(({floor("true")}), 0) as value""",
    "total_shrinkage_rate/multiplied": f"""
        select 1 - (1 - ({ABSENT})::double / nullif(({planned("true")}), 0))
                 * (1 - ({OFF_CALLS})::double / nullif(({floor("true")}), 0)) as value""",
    "paid_hours/shifts": plain(SHIFTS),
    "paid_hours/spans": plain(floor("paid")),
    "paid_hours/planned": plain(planned("paid")),
    "employed_days/agents": plain(employed(AGENT)),
    "employed_days/everybody": plain(employed("true")),
    "headcount": f"select ({employed(AGENT, days=1)}) as value",
    "employed_days_30d": f"select ({employed(AGENT, days=30)}) as value",
    "average_headcount_30d": f"select ({employed(AGENT, days=30)}) / 30.0 as value",
    "attrition_rate/yearly": ratio(leavers(AGENT), employed(AGENT)),
    "attrition_rate/voluntary": ratio(leavers(f"leave_reason = 'voluntary' and {AGENT}"), employed(AGENT)),
    "attrition_rate/per_30_days": ratio(leavers(AGENT), employed(AGENT)),
    "early_attrition_rate": lost_early(90),
    "early_attrition_rate{window=30 days}": lost_early(30),
    "employee_turnover/all": ratio(leavers("true"), employed("true")),
    "employee_turnover/voluntary": ratio(leavers("leave_reason = 'voluntary'"), employed("true")),
    "training_hours_per_agent/per_active_agent": ratio(
        "select sum(duration_ms) from training", "select count(distinct agent_id) from agent_spans"
    ),
    "training_hours_per_agent/per_trained_agent": """
        select sum(duration_ms) as numerator, count(distinct agent_id) as denominator from training""",
    "training_pass_rate": share("training", over="where passed is not null", of="where passed"),
}


# --- the centre's inner life

# A message that came back never arrived; one of which nobody knows whether it was opened counts nowhere.
EMAILS = f"""(
    select * from contacts
    where {{where}} and channel = 'email' and direction = 'outbound' and opened is not null and {A_CALL}
)"""


def offered_since(days, before=0):
    """Inbound calls offered on so many days that end with the last complete one, or some days before it."""
    return f"{count(OFFERED)} where day >= {END} - {days} and day < {END} - {before}"


INTERNAL = {
    "email_open_rate/delivered": share(
        EMAILS,
        over="where outcome is null or outcome not in ('invalid', 'failed')",
        of="where opened and (outcome is null or outcome not in ('invalid', 'failed'))",
    ),
    "email_open_rate/sent": share(EMAILS, over="where true", of="where opened"),
    "employee_feedback_score/share_of_scale": f"""
        select sum(score - scale_min) as numerator, sum(scale_max - scale_min) as denominator
        from {answers("employee")}""",
    "employee_feedback_score/favourable": share(answers("employee"), over="where true", of=SATISFIED),
    "employee_promoters_rate": share(recommendations("enps"), over="where true", of="where score >= 9"),
    "employee_detractors_rate": share(recommendations("enps"), over="where true", of="where score <= 6"),
    "employee_nps": promoters_less_detractors("enps"),
    "calls_offered_30d": f"select ({offered_since(30)}) as value",
    "calls_offered_60d": f"select ({offered_since(60)}) as value",
    "traffic_variation/calls": f"""
        select (last - before)::double / nullif(before, 0) as value
        from (select ({offered_since(30)}) as last, ({offered_since(60, before=30)}) as before)""",
}

QUERIES = QUEUE | SERVICE | WORKFORCE | INTERNAL

UNBOUND = "the measure has no table until a project binds it"
WITHOUT_CAMPAIGN = {"where": False}
OPTIONS = {
    "technology_adoption_rate": {"skip": UNBOUND},
    "device_usage_rate": {"skip": UNBOUND},
    "knowledge_base_use_rate": {"skip": UNBOUND},
    "fraud_flag_rate": {"skip": UNBOUND},
    "portal_visits": {"skip": UNBOUND},
    "portal_visits_30d": {"skip": UNBOUND},
    "portal_visits_60d": {"skip": UNBOUND},
    "traffic_variation/portal": {"skip": UNBOUND},
    "criterion_score": WITHOUT_CAMPAIGN,
    "coaching_sessions": WITHOUT_CAMPAIGN,
    "coaching_acknowledged_rate/matured": WITHOUT_CAMPAIGN,
    "coaching_acknowledged_rate/all_held": WITHOUT_CAMPAIGN,
    "coaching_acknowledged_rate/matured{window=24h}": WITHOUT_CAMPAIGN,
    "absence_rate/time": WITHOUT_CAMPAIGN,
    "absence_rate/unplanned": WITHOUT_CAMPAIGN,
    "absence_rate/agent_days": WITHOUT_CAMPAIGN,
    "shrinkage_time/absence": WITHOUT_CAMPAIGN,
    "total_shrinkage_rate/added": WITHOUT_CAMPAIGN,
    "total_shrinkage_rate/multiplied": WITHOUT_CAMPAIGN,
    "employed_days/agents": WITHOUT_CAMPAIGN,
    "employed_days/everybody": WITHOUT_CAMPAIGN,
    "headcount": WITHOUT_CAMPAIGN,
    "employed_days_30d": WITHOUT_CAMPAIGN,
    "average_headcount_30d": WITHOUT_CAMPAIGN,
    "attrition_rate/yearly": WITHOUT_CAMPAIGN,
    "attrition_rate/voluntary": WITHOUT_CAMPAIGN,
    "attrition_rate/per_30_days": WITHOUT_CAMPAIGN,
    "early_attrition_rate": WITHOUT_CAMPAIGN,
    "early_attrition_rate{window=30 days}": WITHOUT_CAMPAIGN,
    "employee_turnover/all": WITHOUT_CAMPAIGN,
    "employee_turnover/voluntary": WITHOUT_CAMPAIGN,
    "training_hours_per_agent/per_active_agent": WITHOUT_CAMPAIGN,
    "training_hours_per_agent/per_trained_agent": WITHOUT_CAMPAIGN,
    "training_pass_rate": WITHOUT_CAMPAIGN,
}
