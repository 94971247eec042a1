"""Figures of a bank's campaign, a second time: SQL by hand over the original file, in DuckDB, against the program."""

import sys
from pathlib import Path

import duckdb

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from checks import Check, exact, parts  # noqa: E402

check = Check()
file = check.data / "bank_campaign" / "bank-additional-full.csv"
check.project("bank_campaign")
check.run("import", "--source", "clients", file)

db = duckdb.connect()
db.execute(
    f"CREATE TABLE clients AS SELECT * FROM read_csv('{file}', delim = ';', header = true, all_varchar = true)"
)


def sql(text):
    return exact(db.execute(text).fetchall())


yes, dials = "y = 'yes'", "campaign::BIGINT"
wanted = {
    "conversion_rate/success_per_lead": (f"count(*) FILTER ({yes})", "count(*)"),
    "conversion_rate/success_per_dial": (f"count(*) FILTER ({yes})", f"sum({dials})"),
    "conversion_rate/sales_per_dial": (f"count(*) FILTER ({yes})", f"sum({dials})"),
    "attempts_per_lead": (f"sum({dials})", "count(*)"),
    "call_to_sale": (f"sum({dials})", f"count(*) FILTER ({yes})"),
    "fcc/per_dial": (f"count(*) FILTER ({yes} AND {dials} = 1)", f"sum({dials})"),
    "fcc/per_first_attempt": (f"count(*) FILTER ({yes} AND {dials} = 1)", "count(*)"),
    "fcc/of_successes": (f"count(*) FILTER ({yes} AND {dials} = 1)", f"count(*) FILTER ({yes})"),
    "last_call_talk": ("1000 * sum(duration::BIGINT)", "count(*)"),
}
for by, columns in (((), ()), (("job",), ("job",)), (("education", "loan"), ("education", "loan"))):
    answer = check.query(list(wanted), by, on="clients")
    for metric, (numerator, denominator) in wanted.items():
        keys = "".join(f"{column}, " for column in columns)
        check.same(
            f"{metric} by {', '.join(by) or 'nothing'}",
            parts(answer, metric),
            sql(f"SELECT {keys}{numerator}, {denominator} FROM clients GROUP BY ALL"),
        )

# A condition over a column that no figure above uses.
answer = check.query(["conversion_rate/success_per_lead"], ("marital",), on="clients", where="age >= 60")
check.same(
    "conversion of the elder, by marital status",
    parts(answer, "conversion_rate/success_per_lead"),
    sql(f"SELECT marital, count(*) FILTER ({yes}), count(*) FROM clients WHERE age::INT >= 60 GROUP BY ALL"),
)
check.close()
