"""Attaches a settled store with DuckDB, read-only, and prints what an analyst would count, as JSON.

    python duckdb_attach.py FOLDER

Needs `duckdb==1.4.4 duckdb-ext-ducklake==1.4.4.20260205 duckdb-ext-sqlite==1.4.4.20260205 pytz`; loads the
extensions from these packages, never from the network. For each table: `rows`, `files`, and for each column
`count` (not null), and `sum` (whole numbers and decimals), `min` and `max` (days and instants, the latter in
microseconds since 1970), as strings. `pruned` checks that the statistics of the files agree with their contents: the same
counts through a filter at every file boundary.
"""

import glob
import json
import os
import sys

import duckdb
import duckdb_ext


def connect(folder):
    con = duckdb.connect()
    con.execute("SET autoinstall_known_extensions=false")
    con.execute("SET autoload_known_extensions=false")
    con.execute("SET TimeZone='UTC'")
    root = os.path.dirname(duckdb_ext.__file__) if getattr(duckdb_ext, "__file__", None) else list(duckdb_ext.__path__)[0]
    for name in ("sqlite_scanner", "ducklake"):
        found = glob.glob(os.path.join(root, "extensions", "*", "*", name + ".duckdb_extension"))
        con.execute(f"LOAD '{found[0]}'")
    catalogue = os.path.join(os.path.abspath(folder), "catalog.db")
    con.execute(f"ATTACH 'ducklake:sqlite:{catalogue}' AS lake (READ_ONLY)")
    return con


def one(con, sql):
    return con.execute(sql).fetchone()


def table(con, name):
    answer = {"rows": one(con, f"SELECT count(*) FROM lake.{name}")[0], "columns": {}}
    described = con.execute(f"DESCRIBE lake.{name}").fetchall()
    for column, kind, *_ in described:
        summary = {"type": kind, "count": one(con, f'SELECT count("{column}") FROM lake.{name}')[0]}
        if kind == "BIGINT" or kind.startswith("DECIMAL"):
            summary["sum"] = str(one(con, f'SELECT sum("{column}") FROM lake.{name}')[0])
        if kind == "TIMESTAMP WITH TIME ZONE":
            least, most = one(con, f'SELECT epoch_us(min("{column}")), epoch_us(max("{column}")) FROM lake.{name}')
            summary.update(min=str(least), max=str(most))
        if kind == "DATE":
            least, most = one(con, f'SELECT min("{column}"), max("{column}") FROM lake.{name}')
            summary.update(min=str(least), max=str(most))
        answer["columns"][column] = summary
    answer["pruned"] = pruned(con, name, described)
    return answer


def pruned(con, name, described):
    """Whether filters that prune files give what the same filters give over a copy without statistics."""
    con.execute(f"CREATE OR REPLACE TEMP TABLE plain AS SELECT * FROM lake.{name}")
    for column, kind, *_ in described:
        for bound in ("min", "max", "median"):
            value = f'(SELECT {bound}("{column}") FROM plain)' if bound != "median" else f'(SELECT quantile_disc("{column}", 0.5) FROM plain)'
            literal = one(con, f"SELECT {value}::VARCHAR")[0]
            if literal is None:
                continue
            literal = "'" + literal.replace("'", "''") + f"'::{kind}"
            for op in ("<", "<=", "=", ">=", ">"):
                where = f'"{column}" {op} {literal}'
                if one(con, f"SELECT count(*) FROM lake.{name} WHERE {where}") != one(con, f"SELECT count(*) FROM plain WHERE {where}"):
                    return f"differs where {where}"
        if one(con, f'SELECT count(*) FROM lake.{name} WHERE "{column}" IS NULL') != one(con, f'SELECT count(*) FROM plain WHERE "{column}" IS NULL'):
            return f"differs where {column} is null"
    return "agrees"


def main(folder):
    con = connect(folder)
    names = [row[0] for row in con.execute("SELECT table_name FROM duckdb_tables() WHERE database_name = 'lake' ORDER BY 1").fetchall()]
    print(json.dumps({name: table(con, name) for name in names}, indent=1))


if __name__ == "__main__":
    main(sys.argv[1])
