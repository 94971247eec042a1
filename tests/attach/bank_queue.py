"""DuckDB attaches a settled store read-only, and finds in it what the original file holds."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from checks import Check, exact, parts  # noqa: E402

check = Check()
file = check.data / "bank_queue" / "data_anonymous_bank_february.txt"
check.project("bank_queue")
check.run("import", "--source", "calls", file)
db = check.attached()
original = f"read_csv('{file}', delim = '\t', header = true, all_varchar = true)"


def sql(text):
    return exact(db.execute(text).fetchall())


stored = "SELECT {keys}, count(*), sum({column}) FROM lake.calls GROUP BY ALL"
written = "SELECT {keys}, count(*), 1000 * sum({column}::BIGINT) FROM {original} GROUP BY ALL"
for ours, theirs in (("queue_ms", "q_time"), ("talk_ms", "ser_time")):
    check.same(
        f"{ours} by type and code",
        sql(stored.format(keys="call_type, disposition", column=ours)),
        sql(written.format(keys="type, outcome", column=theirs, original=original)),
    )
check.same(
    "instants: first second of February 1999 in Jerusalem is 22:00 UTC, and the month's calls lie behind it",
    sql("SELECT 'calls', count(*), count(*) FILTER (started_at >= TIMESTAMPTZ '1999-01-31 22:00:00+00') FROM lake.calls"),
    sql(f"SELECT 'calls', count(*), count(*) FROM {original}"),
)
check.same(
    "the program's own answer",
    parts(check.query(["queue_abandonment_rate"], ("call_type",)), "queue_abandonment_rate"),
    sql(
        """SELECT call_type, count(*) FILTER (disposition = 'HANG'), count(*) FROM lake.calls
           WHERE disposition <> 'PHANTOM' GROUP BY ALL"""
    ),
)
check.close()
