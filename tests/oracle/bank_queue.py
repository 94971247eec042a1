"""Figures of a bank's queue, a second time: SQL by hand over the original file, in DuckDB, against the program.

The SQL shares nothing with Dialmark but the file: it adds up seconds as they are written.
"""

import sys
from pathlib import Path

import duckdb

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from checks import Check, exact, parts  # noqa: E402

check = Check()
file = check.data / "bank_queue" / "data_anonymous_bank_february.txt"
check.project("bank_queue")
check.run("import", "--source", "calls", file)

db = duckdb.connect()
db.execute(
    f"""
    CREATE TABLE calls AS
    SELECT type, outcome, q_time::BIGINT AS wait_s, ser_time::BIGINT AS talk_s,
           nullif(server, 'NO_SERVER') AS server, nullif(customer_id, '0') AS customer,
           strptime('19' || date || ' ' || vru_entry, '%Y%m%d %H:%M:%S') AS entered
    FROM read_csv('{file}', delim = '\t', header = true, all_varchar = true)
    WHERE outcome <> 'PHANTOM'
    """
)


def sql(text):
    return exact(db.execute(text).fetchall())


# Every metric of the queue, by type and weekday.
by = ("call_type", "weekday")
keys = "type, lower(dayname(entered))"
taken, hung = "outcome = 'AGENT'", "outcome = 'HANG'"
threshold = 25
asked = f"{{threshold={threshold * 1000}}}"
wanted = {
    "asa/all_taken": (f"1000 * sum(wait_s) FILTER ({taken})", f"count(*) FILTER ({taken})"),
    "asa/queued_only": (f"1000 * sum(wait_s) FILTER ({taken})", f"count(*) FILTER ({taken} AND wait_s > 0)"),
    "wait_before_abandoning": (f"1000 * sum(wait_s) FILTER ({hung})", f"count(*) FILTER ({hung})"),
    "queue_abandonment_rate": (f"count(*) FILTER ({hung})", "count(*)"),
    f"service_level/offered{asked}": (f"count(*) FILTER ({taken} AND wait_s <= {threshold})", "count(*)"),
    f"service_level/answered_only{asked}": (
        f"count(*) FILTER ({taken} AND wait_s <= {threshold})",
        f"count(*) FILTER ({taken})",
    ),
    f"service_level/excluding_short_abandons{asked}": (
        f"count(*) FILTER ({taken} AND wait_s <= {threshold})",
        f"count(*) - count(*) FILTER ({hung} AND wait_s <= {threshold})",
    ),
    f"service_level/abandons_count_as_met{asked}": (f"count(*) FILTER (wait_s <= {threshold})", "count(*)"),
    "aht/talk": (
        "1000 * sum(talk_s) FILTER (server IS NOT NULL)",
        "count(*) FILTER (server IS NOT NULL)",
    ),
}


def zero(cells):
    """An empty sum is no sum: where nothing was counted, the parts may be zero or absent alike."""
    return {key: [n or 0 for n in both] for key, both in cells.items()}


answer = check.query(list(wanted), by)
for metric, (numerator, denominator) in wanted.items():
    expected = sql(f"SELECT {keys}, {numerator}, {denominator} FROM calls GROUP BY ALL")
    check.same(f"{metric} by {', '.join(by)}", zero(parts(answer, metric)), zero(expected))

# A period is half open and runs in the centre's zone.
answer = check.query(["queue_abandonment_rate"], ("call_type",), from_="1999-02-07", to="1999-02-14")
check.same(
    "a week, its last day not included",
    parts(answer, "queue_abandonment_rate"),
    sql(
        f"""SELECT type, count(*) FILTER ({hung}), count(*) FROM calls
            WHERE entered >= '1999-02-07' AND entered < '1999-02-14' GROUP BY ALL"""
    ),
)

# A condition on records, and agents.
answer = check.query(["aht/talk"], ("agent_id",), where="call_type = 'PS' and agent_id is not null")
check.same(
    "talk by agent, of one type of call",
    parts(answer, "aht/talk"),
    sql("SELECT server, 1000 * sum(talk_s), count(*) FROM calls WHERE type = 'PS' AND server IS NOT NULL GROUP BY ALL"),
)

# First call resolution over windows that no published figure covers.
for days in (2, 3):
    for variant, matured in (("all_taken", "true"), ("matured", f"c.entered + INTERVAL {days} DAY <= '1999-03-01'")):
        metric = f"fcr/{variant}{{window={days * 86_400_000}}}"
        check.same(
            f"{metric} by type",
            parts(check.query([metric], ("call_type",)), metric),
            sql(
                # A type whose callers are never identified has nothing to resolve: no numerator over zero.
                f"""SELECT type, CASE WHEN count(*) FILTER (counts) > 0 THEN count(*) FILTER (counts AND NOT again) END,
                        count(*) FILTER (counts) FROM (
                        SELECT c.type, coalesce(c.outcome = 'AGENT' AND c.customer IS NOT NULL AND {matured}, false) AS counts,
                            EXISTS (
                                SELECT 1 FROM calls AS n WHERE n.customer = c.customer AND n.entered > c.entered
                                AND n.entered <= c.entered + INTERVAL {days} DAY) AS again
                        FROM calls AS c)
                    GROUP BY ALL"""
            ),
        )
check.close()
