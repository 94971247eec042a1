"""Outbound calls, the dialler and the floor: catalogue/outbound.toml, dialer.toml and floor.toml, from what they say."""


def read(what, table, condition="true"):
    """One figure of one table, of the records that the question is about."""
    return f"(SELECT {what} FROM (SELECT * FROM {table} WHERE {{where}}) WHERE {condition})"


def calls(condition, what="count(*)"):
    return read(what, "calls", condition)


def over(numerator, denominator):
    return f"SELECT {numerator} AS numerator, {denominator} AS denominator"


def plain(figure):
    return over(figure, 1)


# --- calls made and what picked up

MADE = "direction = 'outbound' AND is_call"
SPOKEN = "direction = 'outbound' AND contact"
LIVE = "direction = 'outbound' AND live_answer"
RIGHT = "direction = 'outbound' AND right_party"
PICKED_UP = f"{MADE} AND answered_at IS NOT NULL"
SOLD = "direction = 'outbound' AND outcome = 'sale'"
MET = "direction = 'outbound' AND outcome = 'appointment'"
SUCCEEDED = "direction = 'outbound' AND success"
LOST = "direction = 'outbound' AND outcome IN ('abandoned', 'dropped')"
RANG_OUT = "direction = 'outbound' AND outcome = 'no_answer'"
HUNG_UP = "direction = 'outbound' AND outcome = 'abandoned'"
DROPPED = "direction = 'outbound' AND outcome = 'dropped'"
WORKING_NUMBER = f"{MADE} AND outcome <> 'invalid'"
BY_HAND = "dial_mode IN ('manual', 'preview')"

dials, contacts, live_answers, right_party = calls(MADE), calls(SPOKEN), calls(LIVE), calls(RIGHT)
answered, sales, appointments, successes = calls(PICKED_UP), calls(SOLD), calls(MET), calls(SUCCEEDED)
leads_called = calls(MADE, "count(DISTINCT lead_id)")
leads_reached = calls(SPOKEN, "count(DISTINCT lead_id)")
agent_dials = calls(f"{MADE} AND agent_id IS NOT NULL")
first_closures = calls(f"{SUCCEEDED} AND attempt_no = 1")
picked_up_as_disposed = calls("direction = 'outbound' AND (live_answer OR outcome = 'machine')")
machines = calls("direction = 'outbound' AND outcome = 'machine'")
rang_out = calls(RANG_OUT)

# --- calls on which an agent talked: a talk of no length is one only for a caller

TALKED = (
    "is_call AND agent_id IS NOT NULL AND coalesce(direction, '') <> 'internal'"
    " AND (talk_ms > 0 OR (talk_ms = 0 AND direction = 'inbound'))"
)
HANDLED = f"{TALKED} AND hold_ms IS NOT NULL AND wrap_ms IS NOT NULL"
HANDLE = "talk_ms + hold_ms + wrap_ms"
# What an outbound call adds before the answer; whether a call of unknown direction does, is not known.
BEFORE = "CASE WHEN direction = 'outbound' THEN {0} WHEN direction IS NOT NULL THEN 0 END"
RINGING = BEFORE.format("ring_ms")
DIALLING = BEFORE.format("date_diff('millisecond', started_at, answered_at)")


def average_of(what, condition):
    """An average over the calls for which what is averaged is known."""
    return over(calls(condition, f"sum({what})"), calls(f"{condition} AND ({what}) IS NOT NULL"))


# --- the agent and the clock

DELAY = "date_diff('millisecond', answered_at, connected_at)"
NEVER = "outcome IN ('abandoned', 'dropped')"
LATE = f"({NEVER} OR {DELAY} > 2000)"
UNTIMED = f"(live_answer AND NOT {NEVER} AND {DELAY} IS NULL)"
TAKEN_FOR_PERSON = f"{MADE} AND answered_by = 'person'"
# Nobody came, or it is known when somebody did: a conversation without times tells neither.
NOBODY_CAME = f"({NEVER} OR (connected_at IS NULL AND agent_id IS NULL AND NOT contact))"
CLOCKED = f"({NOBODY_CAME} OR {DELAY} IS NOT NULL)"
PUT_THROUGH = "direction = 'outbound' AND (contact OR (outcome = 'machine' AND agent_id IS NOT NULL))"
MACHINE_MET = "direction = 'outbound' AND outcome = 'machine' AND agent_id IS NOT NULL"

unserved = calls(LOST)
delays = f"(SELECT {DELAY} AS v FROM (SELECT * FROM calls WHERE {{where}}) WHERE {SPOKEN} AND {DELAY} >= 0)"
handle_times = f"(SELECT {HANDLE} AS v FROM (SELECT * FROM calls WHERE {{where}}) WHERE {HANDLED})"


def smallest(values, num, den):
    """The smallest value that a share of num/den of all values does not exceed."""
    return f"""
        WITH x AS {values}
        SELECT min(v) AS value FROM x
        WHERE (SELECT count(*) FROM x AS y WHERE y.v <= x.v) * {den} >= {num} * (SELECT count(*) FROM x)
    """


def between(values, num, den):
    """The value at num/den of the way from the first to the last, on the line between its two neighbours."""
    return f"""
        WITH x AS (SELECT v, row_number() OVER (ORDER BY v) - 1 AS nth FROM {values}),
        place AS (SELECT (count(*) - 1) * {num} AS parts FROM x)
        SELECT (lower.v * ({den} - parts % {den}) + coalesce(upper.v, 0) * (parts % {den})) / {den} AS value
        FROM place
        LEFT JOIN x AS lower ON lower.nth = parts // {den}
        LEFT JOIN x AS upper ON upper.nth = parts // {den} + 1
    """


# --- agents' time, each moment in one state: a stretch of which nobody knows when it began lies in no interval


def time_in(condition="true"):
    return read("sum(duration_ms)", "agent_states", f"coalesce(started_at, ended_at) IS NOT NULL AND ({condition})")


logged = time_in()
login = read("sum(logged_ms)", "shifts")


def in_states(*states):
    return time_in(f"state IN ({', '.join(repr(state) for state in states)})")


working = in_states("talk", "hold", "wrap")
talking = in_states("talk")
no_pause = time_in("state <> 'pause'")
BUSY = "state IN ('talk', 'hold', 'wrap', 'ring', 'dial', 'preview') OR (state IN ('pause', 'other') AND paid)"


def stretches(state, longer_than):
    return plain(read("count(*)", "agent_spans", f"state = '{state}' AND duration_ms > {longer_than}"))


def conversations_over(length):
    return over(calls(f"{SPOKEN} AND talk_ms > {length}"), calls(f"{MADE} AND NOT (contact AND talk_ms IS NULL)"))


def short_talks(length):
    return over(calls(f"{SPOKEN} AND talk_ms < {length}"), calls(f"{SPOKEN} AND talk_ms IS NOT NULL"))


def short_rings(length):
    return over(calls(f"{RANG_OUT} AND ring_ms < {length}"), calls(f"{RANG_OUT} AND ring_ms IS NOT NULL"))


def late_of_live(length):
    late = f"{LIVE} AND ({NEVER} OR {DELAY} > {length})"
    return over(calls(late), calls(f"{LIVE} AND ({NEVER} OR {DELAY} IS NOT NULL)"))


# --- callbacks


def due(grace, condition="true"):
    """Callbacks whose time and grace have passed."""
    return read("count(*)", "callbacks", f"due_at + INTERVAL '{grace}' <= {{until}} AND {condition}")


# --- leads


def leads(condition, what="count(*)"):
    return f"(SELECT {what} FROM (SELECT * FROM leads WHERE {{where}}) AS l WHERE {condition})"


def called(since, condition=MADE, within=None):
    """A call to the lead at or after an instant of the lead's, in any campaign."""
    ends = f"AND f.at <= l.{since} + INTERVAL '{within}'" if within else ""
    return f"EXISTS (SELECT 1 FROM calls AS f WHERE f.lead_id = l.id AND f.at >= l.{since} {ends} AND {condition})"


def called_in_time(since, within):
    ripe = f"l.{since} + INTERVAL '{within}' <= {{until}}"
    return over(leads(f"{ripe} AND {called(since, within=within)}"), leads(ripe))


on_file = leads("true")
uncalled = leads(f"NOT {called('loaded_at')}")
WAITS = f"""(
    SELECT date_diff('millisecond', l.requested_at, min(f.at)) AS v
    FROM (SELECT * FROM leads WHERE {{where}}) AS l
    JOIN calls AS f ON f.lead_id = l.id AND f.at >= l.requested_at
    WHERE f.direction = 'outbound' AND f.is_call
    GROUP BY l.id, l.requested_at
)"""
first_attempts = calls(f"{MADE} AND attempt_no = 1")
calling_days = calls(MADE, "count(DISTINCT day)")
qualified = read("count(DISTINCT lead_id)", "lead_stages", "stage = 'qualified'")
first_contacts = f"""(
    SELECT min(attempt_no) AS attempt FROM (SELECT * FROM calls WHERE {{where}})
    WHERE {SPOKEN} AND lead_id IS NOT NULL AND attempt_no IS NOT NULL GROUP BY lead_id
)"""

# --- money


def costs(condition="true"):
    return read("sum(cost_amount)", "costs", condition)


campaign_costs, operating_costs = costs("kind = 'campaign'"), costs("kind = 'operating'")
LAST_30_DAYS = "day BETWEEN DATE '2026-06-01' AND DATE '2026-06-30'"


def rolling(numerator, denominator):
    return (
        f"SELECT n / nullif(d, 0) AS value FROM (SELECT {calls(f'{LAST_30_DAYS} AND {numerator}')} AS n, "
        f"{calls(f'{LAST_30_DAYS} AND {denominator}')} AS d)"
    )


QUERIES = {
    # outbound.toml
    "dials/all_legs": plain(dials),
    "dials/first_legs": plain(calls(f"{MADE} AND parent_call_id IS NULL")),
    "contacts": plain(contacts),
    "sales": plain(sales),
    "total_connects/person": plain(contacts),
    "total_connects/right_party": plain(right_party),
    "total_connects/live_answer": plain(live_answers),
    "missed_calls/no_conversation": plain(calls(f"{MADE} AND NOT contact")),
    "missed_calls/no_person": plain(calls(f"{MADE} AND NOT live_answer")),
    "not_reached_rate/no_conversation": over(calls(f"{MADE} AND NOT contact"), dials),
    "not_reached_rate/no_person": over(calls(f"{MADE} AND NOT live_answer"), dials),
    "asr/seizure": over(answered, dials),
    "asr/person_answer": over(live_answers, dials),
    "asr/excluding_invalid": over(calls(f"{WORKING_NUMBER} AND answered_at IS NOT NULL"), calls(WORKING_NUMBER)),
    "calls_per_agent/per_agent_day": over(
        agent_dials, calls(f"{MADE} AND agent_id IS NOT NULL", "count(DISTINCT agent_id || ' ' || day)")
    ),
    "calls_per_agent/per_logged_hour": over(dials, logged),
    "calls_per_agent/per_shift_hour": over(agent_dials, login),
    "aht/handle": average_of(HANDLE, HANDLED),
    "aht/talk": average_of("talk_ms", TALKED),
    "aht/customer_elapsed": average_of("date_diff('millisecond', started_at, ended_at)", TALKED),
    "aht/with_ring": average_of(f"{HANDLE} + {RINGING}", HANDLED),
    "aht/with_dialling": average_of(f"{HANDLE} + {DIALLING}", HANDLED),
    "aht/with_queue": average_of(f"{HANDLE} + queue_ms", HANDLED),
    "aht/agent_states": over(working, calls(TALKED)),
    "median_handle_time/nearest_rank": smallest(handle_times, 1, 2),
    "median_handle_time/linear": between(handle_times, 1, 2),
    "handle_time_p90/nearest_rank": smallest(handle_times, 9, 10),
    "handle_time_p90/linear": between(handle_times, 9, 10),
    "talk_time/at_start": plain(calls(TALKED, "sum(talk_ms)")),
    "talk_time/at_end": plain(calls(f"{TALKED} AND ended_at IS NOT NULL", "sum(talk_ms)")),
    "talk_time/split": plain(calls(f"{TALKED} AND connected_at IS NOT NULL", "sum(talk_ms)")),
    "occupancy/working_time": over(working, logged),
    "occupancy/available_time": over(working, in_states("talk", "hold", "wrap", "wait", "ring", "dial", "preview")),
    "occupancy/on_contact_or_idle": over(working, in_states("talk", "hold", "wrap", "wait")),
    "occupancy/without_pauses": over(working, no_pause),
    "occupancy/call_time_of_login": over(calls(TALKED, "sum(talk_ms)"), login),
    "occupancy/icmi_2012": over(time_in(BUSY), time_in(f"{BUSY} OR state = 'wait'")),
    "connection_rate/person": over(contacts, dials),
    "connection_rate/live_answer": over(live_answers, dials),
    "connection_rate/right_party": over(right_party, dials),
    "connection_rate/answered_any": over(picked_up_as_disposed, dials),
    "connection_rate/conversation_over": conversations_over(60_000),
    "connection_rate/conversation_over{threshold=30s}": conversations_over(30_000),
    "connection_rate/contacts_per_lead": over(contacts, leads_called),
    "connection_rate/leads_reached": over(leads_reached, leads_called),
    "connection_rate/leads_on_list": over(leads_reached, on_file),
    "conversion_rate/success_per_dial": over(successes, dials),
    "conversion_rate/success_per_answered": over(successes, answered),
    "conversion_rate/success_per_contact": over(successes, contacts),
    "conversion_rate/success_per_right_party": over(successes, right_party),
    "conversion_rate/success_per_lead": over(successes, leads_called),
    "conversion_rate/successful_leads": over(calls(SUCCEEDED, "count(DISTINCT lead_id)"), leads_called),
    "conversion_rate/success_of_decided": over(
        successes, calls("direction = 'outbound' AND (success OR outcome IN ('not_interested', 'do_not_call'))")
    ),
    "conversion_rate/success_without_machines": over(successes, calls(f"{MADE} AND outcome <> 'machine'")),
    "conversion_rate/success_without_wrong_numbers": over(
        successes, calls(f"{MADE} AND outcome <> 'wrong_person' AND outcome <> 'invalid'")
    ),
    "conversion_rate/success_by_hand": over(calls(f"{SUCCEEDED} AND {BY_HAND}"), calls(f"{MADE} AND {BY_HAND}")),
    "conversion_rate/sales_per_dial": over(sales, dials),
    "conversion_rate/sales_per_answered": over(sales, answered),
    "conversion_rate/sales_per_contact": over(sales, contacts),
    "conversion_rate/sales_per_right_party": over(sales, right_party),
    "conversion_rate/sales_per_lead": over(sales, leads_called),
    "conversion_rate/sales_per_agent_call": over(calls(f"{SOLD} AND agent_id IS NOT NULL"), agent_dials),
    "conversion_rate/appointments_per_dial": over(appointments, dials),
    "conversion_rate/appointments_per_answered": over(appointments, answered),
    "conversion_rate/appointments_per_contact": over(appointments, contacts),
    "conversion_rate/appointments_per_lead": over(appointments, leads_called),
    "conversion_rate/qualified_per_dial": over(qualified, dials),
    "conversion_rate/qualified_per_answered": over(qualified, answered),
    "conversion_rate/qualified_per_contact": over(qualified, contacts),
    "conversion_rate/qualified_per_lead": over(qualified, leads_called),
    "conversion_rate/conversations_per_dial": over(contacts, dials),
    "conversion_rate/conversations_per_answered": over(contacts, answered),
    "conversion_rate/conversations_per_lead": over(leads_reached, leads_called),
    "conversion_rate/live_connects_per_dial": over(live_answers, dials),
    "conversion_rate/live_connects_per_answered": over(live_answers, answered),
    "conversion_rate/live_connects_per_lead": over(calls(LIVE, "count(DISTINCT lead_id)"), leads_called),
    "cpa/campaign_per_sale": over(campaign_costs, sales),
    "cpa/campaign_per_customer": over(campaign_costs, calls(SOLD, "count(DISTINCT customer_id)")),
    "cpa/campaign_per_success": over(campaign_costs, successes),
    "cpa/all_costs_per_sale": over(costs(), sales),
    "cost_per_call/operating": over(operating_costs, dials),
    "cost_per_call/all_costs": over(costs(), dials),
    "cost_per_call/carrier": average_of("cost_amount", MADE),
    "fcc/per_dial": over(first_closures, dials),
    "fcc/per_first_attempt": over(first_closures, first_attempts),
    "fcc/of_successes": over(first_closures, successes),
    "fcc/per_lead": over(first_closures, leads_called),
    "outbound_abandonment_rate/all_calls": over(calls(HUNG_UP), dials),
    "outbound_abandonment_rate/live_answers": over(unserved, live_answers),
    "outbound_abandonment_rate/hung_up_of_live": over(calls(HUNG_UP), live_answers),
    "outbound_abandonment_rate/tsr_two_seconds": late_of_live(2000),
    "outbound_abandonment_rate/tsr_two_seconds{threshold=5s}": late_of_live(5000),
    "outbound_abandonment_rate/amazon_2024": over(
        calls(f"{TAKEN_FOR_PERSON} AND ({NOBODY_CAME} OR {DELAY} > 2000)"),
        calls(f"{TAKEN_FOR_PERSON} AND {CLOCKED}"),
    ),
    "outbound_abandonment_rate/amazon_without_detection": over(
        calls(f"{PICKED_UP} AND ({NOBODY_CAME} OR {DELAY} > 2000)"), calls(f"{PICKED_UP} AND {CLOCKED}")
    ),
    "outbound_abandonment_rate/genesys_all_calls": over(calls(f"{LIVE} AND {LATE}"), calls(f"{MADE} AND NOT {UNTIMED}")),
    "outbound_abandonment_rate/genesys_reached_queue": over(
        calls(f"{LIVE} AND {LATE} AND queued_at IS NOT NULL"),
        calls(f"{MADE} AND queued_at IS NOT NULL AND NOT {UNTIMED}"),
    ),
    "outbound_abandonment_rate/detected_persons": over(calls(f"{TAKEN_FOR_PERSON} AND {NEVER}"), calls(TAKEN_FOR_PERSON)),
    "outbound_abandonment_rate/uk_with_machines": over(unserved, calls(f"({PUT_THROUGH}) OR ({LOST})")),
    "outbound_abandonment_rate/uk_over_answered": over(unserved, calls(PUT_THROUGH)),
    "outbound_abandonment_rate/uk_without_machines": over(unserved, calls(f"({SPOKEN}) OR ({LOST})")),
    "outbound_abandonment_uk": f"""
        WITH told AS (
            SELECT {unserved} AS a, {calls(PUT_THROUGH)} AS put, {calls(MACHINE_MET)} AS met, {contacts} AS people
        ),
        adjusted AS (SELECT people, a * (1 - met / nullif(put, 0)) AS a FROM told)
        SELECT a / nullif(people + a, 0) AS value FROM adjusted
    """,
    "abandonment_30d/live_answers": rolling(LOST, LIVE),
    "abandonment_30d/tsr_two_seconds": rolling(f"{LIVE} AND {LATE}", f"{LIVE} AND ({NEVER} OR {DELAY} IS NOT NULL)"),
    "drop_rate/all_causes": over(
        calls(f"{MADE} AND (outcome = 'dropped' OR (end_reason = 'technical' AND answered_at IS NOT NULL))"), dials
    ),
    "drop_rate/no_agent_free": over(calls(DROPPED), dials),
    "drop_rate/no_agent_free_of_live": over(calls(DROPPED), live_answers),
    "drop_rate/no_agent_free_over_contacts": over(calls(DROPPED), contacts),
    "drop_rate/technical": over(calls(f"{PICKED_UP} AND end_reason = 'technical'"), answered),
    "call_to_sale/dials": over(dials, sales),
    "call_to_sale/contacts": over(contacts, sales),
    "call_to_sale/leads": over(leads_called, sales),
    "attempts_per_lead/per_lead_called": over(dials, leads_called),
    "attempts_per_lead/per_lead_loaded": over(dials, on_file),
    "attempts_per_contact/per_contact": over(dials, contacts),
    "attempts_per_contact/per_right_party": over(dials, right_party),
    "attempts_per_contact/until_first_contact": f"""
        SELECT sum(attempt) AS numerator, count(*) AS denominator FROM {first_contacts}
    """,
    "short_call_rate/of_contacts": short_talks(30_000),
    "short_call_rate/of_contacts{threshold=1 min}": short_talks(60_000),
    "short_call_rate/ended_by_agent": over(
        calls(f"{SPOKEN} AND talk_ms < 30000 AND end_reason = 'agent'"),
        calls(f"{SPOKEN} AND talk_ms IS NOT NULL AND end_reason IS NOT NULL"),
    ),
    "transfer_rate/talked": over(calls(f"{TALKED} AND transfers > 0"), calls(f"{TALKED} AND transfers IS NOT NULL")),
    "transfer_rate/outbound": over(calls(f"{SPOKEN} AND transfers > 0"), calls(f"{SPOKEN} AND transfers IS NOT NULL")),
    "transfer_rate/inbound": over(
        calls("direction = 'inbound' AND contact AND transfers > 0"),
        calls("direction = 'inbound' AND contact AND transfers IS NOT NULL"),
    ),
    "list_penetration/called": over(leads(called("loaded_at")), on_file),
    "list_penetration/called_within": called_in_time("loaded_at", "7 days"),
    "list_penetration/called_within{window=30 days}": called_in_time("loaded_at", "30 days"),
    "list_penetration/to_depth": over(leads(called("loaded_at", f"{MADE} AND attempt_no >= 3")), on_file),
    "list_penetration/to_depth{attempts=2}": over(leads(called("loaded_at", f"{MADE} AND attempt_no >= 2")), on_file),
    "list_penetration/spoken_to": over(leads(called("loaded_at", SPOKEN)), on_file),
    "list_penetration/without_invalid": over(
        leads(f"invalid IS NOT true AND {called('loaded_at')}"), leads("invalid IS NOT true")
    ),
    "list_penetration/of_list_records": over(leads_called, read("sum(records)", "lists")),
    "speed_to_lead": f"SELECT sum(v) AS numerator, count(*) AS denominator FROM {WAITS}",
    "median_speed_to_lead": between(WAITS, 1, 2),
    "speed_to_lead_rate": called_in_time("requested_at", "5 minutes"),
    "speed_to_lead_rate{window=30 min}": called_in_time("requested_at", "30 minutes"),
    "lead_quality/hot": over(leads("temperature = 'hot'"), leads("temperature IS NOT NULL")),
    "lead_quality/hot_or_warm": over(leads("temperature IN ('hot', 'warm')"), leads("temperature IS NOT NULL")),
    "lead_quality/requested": over(leads("requested_at IS NOT NULL"), on_file),
    "lead_quality/called": over(
        calls(f"{MADE} AND lead_temperature = 'hot'", "count(DISTINCT lead_id)"),
        calls(f"{MADE} AND lead_temperature IS NOT NULL", "count(DISTINCT lead_id)"),
    ),
    "invalid_number_rate/per_dial": over(calls("direction = 'outbound' AND outcome = 'invalid'"), dials),
    "invalid_number_rate/per_lead_called": over(
        calls("direction = 'outbound' AND outcome = 'invalid'", "count(DISTINCT lead_id)"), leads_called
    ),
    "invalid_number_rate/per_lead_loaded": over(leads("invalid"), on_file),
    # dialer.toml
    "machine_rate/of_picked_up": over(machines, picked_up_as_disposed),
    "machine_rate/of_dials": over(machines, dials),
    "machine_rate/detected": over(
        calls(f"{MADE} AND answered_by IN ('machine', 'fax')"),
        calls(f"{MADE} AND answered_by IN ('person', 'machine', 'fax')"),
    ),
    "agent_marked_machine_rate": over(calls(MACHINE_MET), calls(PUT_THROUGH)),
    "machine_detection_disagreement_rate/either_way": over(
        calls(f"(({SPOKEN}) AND answered_by = 'machine') OR (({MACHINE_MET}) AND answered_by = 'person')"),
        calls(f"{PUT_THROUGH} AND answered_by IN ('person', 'machine')"),
    ),
    "machine_detection_disagreement_rate/machine_was_person": over(
        calls(f"{SPOKEN} AND answered_by = 'machine'"), calls(f"{PUT_THROUGH} AND answered_by = 'machine'")
    ),
    "machine_detection_disagreement_rate/person_was_machine": over(
        calls(f"{MACHINE_MET} AND answered_by = 'person'"), calls(f"{PUT_THROUGH} AND answered_by = 'person'")
    ),
    "human_detected_as_machine_rate": over(
        calls(f"{SPOKEN} AND answered_by = 'machine'"), calls(f"{SPOKEN} AND answered_by IN ('person', 'machine')")
    ),
    "busy_rate": over(calls("direction = 'outbound' AND outcome = 'busy'"), dials),
    "no_answer_rate/of_dials": over(rang_out, dials),
    "no_answer_rate/of_valid_numbers": over(rang_out, calls(WORKING_NUMBER)),
    "carrier_failure_rate/failed": over(calls("direction = 'outbound' AND outcome = 'failed'"), dials),
    "carrier_failure_rate/faults_before_answer": over(
        calls(f"{MADE} AND end_reason = 'technical' AND answered_at IS NULL AND outcome IS DISTINCT FROM 'invalid'"), dials
    ),
    "unserved_calls": plain(unserved),
    "connect_delay": f"SELECT sum(v) AS numerator, count(*) AS denominator FROM {delays}",
    "connect_delay_p95/nearest_rank": smallest(delays, 19, 20),
    "connect_delay_p95/linear": between(delays, 19, 20),
    "short_ring_rate": short_rings(15_000),
    "short_ring_rate{threshold=30s}": short_rings(30_000),
    # floor.toml
    "logged_hours/states": plain(logged),
    "logged_hours/shifts": plain(login),
    "logged_hours/without_pauses": plain(no_pause),
    "dials_per_logged_hour": over(dials, logged),
    "contacts_per_logged_hour": over(contacts, logged),
    "right_party_contacts_per_logged_hour": over(right_party, logged),
    "sales_per_logged_hour/logged": over(sales, logged),
    "sales_per_logged_hour/non_pause": over(sales, no_pause),
    "sales_per_logged_hour/talk": over(sales, talking),
    "sales_per_logged_hour/login": over(sales, login),
    "sales_needed_per_hour": f"SELECT (20 - {sales}) / 4 AS value",
    "sales_needed_per_hour{target=300,remaining_hours=8}": f"SELECT (300 - {sales}) / 8 AS value",
    "talk_per_logged_hour/of_logged_hour": over(talking, logged),
    "talk_per_logged_hour/with_hold": over(in_states("talk", "hold"), logged),
    "talk_per_logged_hour/of_productive_hour": over(talking, no_pause),
    "wait_per_logged_hour/waiting": over(in_states("wait"), logged),
    "wait_per_logged_hour/between_calls": over(in_states("wait", "preview", "dial", "ring"), logged),
    "wrap_per_logged_hour": over(in_states("wrap"), logged),
    "pause_per_logged_hour/all": over(in_states("pause"), logged),
    "pause_per_logged_hour/unpaid": over(time_in("state = 'pause' AND NOT paid"), logged),
    "long_wraps": stretches("wrap", 120_000),
    "long_wraps{threshold=1 min}": stretches("wrap", 60_000),
    "long_pauses": stretches("pause", 1_200_000),
    "idle_stretches": stretches("wait", 300_000),
    "callbacks_due/all": plain(read("count(*)", "callbacks", "due_at IS NOT NULL")),
    "callbacks_due/owned": plain(read("count(*)", "callbacks", "due_at IS NOT NULL AND agent_id IS NOT NULL")),
    "callbacks_due/open": plain(read("count(*)", "callbacks", "due_at IS NOT NULL AND agent_id IS NULL")),
    "callbacks_kept_rate/ever": over(due("1 day", "kept_at IS NOT NULL"), due("1 day")),
    "callbacks_kept_rate/within_grace": over(due("1 day", "kept_at <= due_at + INTERVAL '1 day'"), due("1 day")),
    "callbacks_kept_rate/with_call": over(due("1 day", "kept_at IS NOT NULL AND kept_call_id IS NOT NULL"), due("1 day")),
    "callbacks_overdue": plain(due("15 minutes", "kept_at IS NULL")),
    "callbacks_overdue{grace=1 day}": plain(due("1 day", "kept_at IS NULL")),
    "follow_up_on_time_rate/not_late": over(
        due("30 minutes", "kept_at <= due_at + INTERVAL '30 minutes'"), due("30 minutes")
    ),
    "follow_up_on_time_rate/either_side": over(
        due("30 minutes", "kept_at BETWEEN due_at - INTERVAL '30 minutes' AND due_at + INTERVAL '30 minutes'"),
        due("30 minutes"),
    ),
    "uncalled_leads": plain(uncalled),
    "new_leads_per_day": over(first_attempts, calling_days),
    "days_of_data_left": f"SELECT {uncalled} * {calling_days} / nullif({first_attempts}, 0) AS value",
}
