"""Tables and queries of a centre's own, pulled from both systems and held against what the server says itself."""

import json
import subprocess
import time
from datetime import datetime
from zoneinfo import ZoneInfo

PASSWORD = "sëcret pass"


def address(server, **more):
    parameters = "".join(f"&{key}={value}" for key, value in more.items()).replace("&", "?", 1)
    return f"{server.scheme}://reader@127.0.0.1:{server.port}/centre{parameters}"


def source(server, name, table, pull, columns, more=""):
    """`[source.NAME]` over a table of the project's own."""
    lines = [f"[source.{name}]", f'table = "{table}"', more, f"[source.{name}.pull]", f'database = "{address(server)}"']
    lines += ['password_env = "CENTRE_PASSWORD"', 'pause = "0ms"', pull, f"[source.{name}.columns]", columns]
    return "\n".join(lines) + "\n"


def check_types(check, servers, project):
    """Every type as the text that the server would write, exactly."""
    mariadb, postgres = servers
    mariadb.sql(
        """create table kinds (id int primary key, grows bigint unsigned, price decimal(20,6), at datetime(6), stamp timestamp(3) null,
             day date, spent time(1), word enum('a','b c'), words set('x','y','z'), bits bit(9), small tinyint(1), y year, f float, d double,
             raw blob, said text, doc json) engine=MyISAM;
           set time_zone = '+02:00';
           insert into kinds values
             (1, 18446744073709551615, -12345678901234.000001, '2026-01-05 10:00:00.5', '2026-01-05 10:00:00.25', '2026-02-28', '-26:03:04.5',
              'b c', 'x,z', b'100000001', 7, 2026, 0.1, 1e300, x'636166c3a9', 'line\\nend "q" \\\\ \U0001f4de', '{"k": [1, 2]}'),
             (2, 0, null, null, null, null, null, null, '', null, null, null, null, null, null, '', null),
             (3, 1, 0, '0000-00-00 00:00:00', null, '0000-00-00', '00:00:00', 'a', 'y', b'0', 0, 1999, -1.5, 0, 'x', 'y', '{}'),
             (4, 2, 0, '2026-00-00 00:00:00', null, '2026-05-00', '838:59:59', 'a', 'y', b'0', 0, 1999, -1.5, 0, x'fffe', 'y', '{}');"""
    )
    postgres.sql(
        """create type word as enum ('a', 'b c');
           create table kinds (id int primary key, grows bigint, price numeric, at timestamp, stamp timestamptz, day date, spent interval, word word,
             small boolean, f real, d double precision, raw bytea, said text, doc jsonb, docs json, code uuid, list int[]);
           set timezone = 'Europe/Berlin';
           insert into kinds values
             (1, 9223372036854775807, -12345678901234567890.000001, '2026-01-05 10:00:00.5', '2026-01-05 10:00:00.25', '2026-02-28', '-26:03:04.5',
              'b c', true, 0.1, 1e300, '\\xfffe', E'line\\nend "q" \\\\ \U0001f4de', '{"k": [1, 2]}', E'{\\n "inner":\\n 5}', '00000000-0000-0000-0000-000000000001', '{1,2}'),
             (2, 0, null, null, null, null, null, null, null, null, null, null, '', null, null, null, null),
             (3, 1, 'NaN', 'infinity', '-infinity', 'infinity', '0', 'a', false, 'NaN', 0, '', 'y', 'null', '1', null, '{}');"""
    )
    columns = {
        mariadb: "price at stamp day spent word words bits small y f d raw said doc".split(),
        postgres: "price at stamp day spent word small f d raw said doc docs docs.inner code list".split(),
    }
    declared = ""
    for server, names in columns.items():
        name = f"kinds_{server.scheme}"
        kinds = "\n".join(f'"{n}" = "text"' for n in names if "." not in n) + '\ninner = "text"\ngrows = "text"'
        fields = "\n".join(f'"{n}" = "{n}"' for n in names if "." not in n) + '\ngrows = "grows"'
        if server is postgres:
            fields += '\ninner = "docs.inner"'
        declared += f'[table.{name}]\nabout = "Kinds."\nplaced_by = []\n[table.{name}.columns]\n{kinds}\n'
        declared += source(server, name, name, 'from = "kinds"\ncursor = "grows"', fields, 'id = "id"')
    project(declared)
    told = {line["source"]: line for line in json.loads(check.run("pull", "--format", "json"))}
    mysql = told["kinds_mysql"]["imported"]
    check.holds("a record with bytes that are no text is set aside", mysql["quarantined"] == {"encoding": 1}, mysql)
    check.holds("and all others are read", (mysql["accepted"], told["kinds_postgres"]["imported"]["accepted"]) == (3, 3), told)
    db = check.attached()
    rows = lambda table, names: {r[0]: r[1:] for r in db.execute(f"select source_id, {names} from lake.{table}").fetchall()}
    names = ", ".join(f'"{n}"' for n in ("grows", *columns[mariadb]))
    check.same(
        "types of MariaDB",
        rows("kinds_mysql", names),
        {
            "1": ("18446744073709551615", "-12345678901234.000001", "2026-01-05 10:00:00.500000", "2026-01-05 08:00:00.250000+00:00", "2026-02-28",
                  "-26:03:04.500000", "b c", "x,z", "257", "7", "2026", "0.1", "1" + "0" * 300, "café", 'line\nend "q" \\ \U0001f4de', '{"k": [1, 2]}'),
            "2": ("0",) + (None,) * 15,
            "3": ("1", "0.000000", None, None, None, "00:00:00", "a", "y", "0", "0", "1999", "-1.5", "0", "x", "y", "{}"),
        },
    )
    names = ", ".join(f'"{n}"' for n in ("grows", *[n for n in columns[postgres] if "." not in n], "inner"))
    check.same(
        "types of PostgreSQL",
        rows("kinds_postgres", names),
        {
            "1": ("9223372036854775807", "-12345678901234567890.000001", "2026-01-05T10:00:00.5", "2026-01-05T09:00:00.25+00:00", "2026-02-28", "-26:03:04.5",
                  "b c", "true", "0.1", "1e+300", "\\xfffe", 'line\nend "q" \\ \U0001f4de', '{"k": [1, 2]}', '{  "inner":  5}', "00000000-0000-0000-0000-000000000001", "[1,2]", "5"),
            "2": ("0",) + (None,) * 16,
            "3": ("1", "NaN", "infinity", "-infinity", "infinity", "00:00:00", "a", "false", "NaN", "0", "\\x", "y", None, "1", None, "[]", None),
        },
    )


STAMPS = {"mysql": "datetime", "postgres": "timestamp"}


def check_edges(check, servers, project):
    """Rows of one cursor at the edge of a batch, again and again: none lost, none read for ever."""
    for server in servers:
        engine = " engine=MyISAM" if server.scheme == "mysql" else ""
        server.sql(f"create table ticks (id int primary key, at {STAMPS[server.scheme]}, note varchar(20)){engine}; create index on_at on ticks (at);")
        # Groups of 1 to 40 rows of one second, so that every batch of 7 ends within one.
        values, number = [], 0
        for second in range(1, 41):
            for _ in range(second):
                number += 1
                values.append(f"({number}, '2026-01-05 10:00:{second:02}', 'first')")
        server.sql(f"insert into ticks values {', '.join(values)}")
    tables = '[table.ticks]\nabout = "Ticks."\nplaced_by = ["ticked_at"]\n[table.ticks.columns]\nticked_at = "instant"\nnote = "text"\n'
    pull = 'from = "ticks"\ncursor = "at"\nlook_back = "5s"\nbatch = 7'
    columns = 'ticked_at = "at"\nnote = "note"'
    project(tables + "".join(source(s, f"ticks_{s.scheme}", "ticks", pull, columns, 'id = "id"') for s in servers))

    def held():
        db = check.attached()
        found = db.execute("select source, source_id, note from lake.ticks").fetchall()
        return {(source, int(id)): note for source, id, note in found}

    def wanted():
        return {(f"ticks_{s.scheme}", int(id)): note for s in servers for id, note in s.sql("select id, note from ticks where at is not null")}

    told = json.loads(check.run("pull", "--format", "json"))
    check.same("equal cursors at the edges of batches", held(), wanted())
    for line in told:
        check.holds(f"{line['source']}: as many queries as it takes", line["queries"] <= 2 * 820 // 7 + 3 and line["imported"]["new"] == 820, line)
    told = json.loads(check.run("pull", "--format", "json"))
    for line in told:
        known = line["imported"]["unchanged"] == line["rows"] == 40 + 39 + 38 + 37 + 36 + 35
        check.holds(f"{line['source']}: only what lies within the look-back is read again, and changes nothing", known and line["imported"]["new"] == 0, line)
    for server in servers:
        # In the very second that was read last; a row within the look-back that is filled in later; one beyond it.
        server.sql("insert into ticks values (9001, '2026-01-05 10:00:40', 'late'); update ticks set note = 'filled in' where id = 820; update ticks set note = 'too late' where id = 1;")
    told = json.loads(check.run("pull", "--format", "json"))
    beyond = {key: "first" for key in wanted() if key[1] == 1}
    check.same("rows of the last second that came later, and rows that were filled in", held(), wanted() | beyond)
    for line in told:
        check.holds(f"{line['source']}: one new, one corrected", (line["imported"]["new"], line["imported"]["corrected"]) == (1, 1), line)
    told = json.loads(check.run("pull", "--all", "--format", "json"))
    check.same("everything read again finds what lay beyond the look-back", held(), wanted())

    for server in servers:
        server.sql("insert into ticks values (9002, '2096-01-01 00:00:00', 'to come'), (9003, '2026-01-05 10:00:41', 'now'), (9004, null, 'never')")
    check.run("pull", "--format", "json")
    now = datetime.now(ZoneInfo("Europe/London")).strftime("%Y-%m-%d %H:%M:%S")
    for server in servers:
        server.sql(f"insert into ticks values (9005, '{now}', 'after')")
    check.run("pull", "--format", "json")
    found = {key: note for key, note in held().items() if key[1] == 9005}
    check.same("a row dated into the future does not end all reading", found, {(f"ticks_{s.scheme}", 9005): "after" for s in servers})
    told = json.loads(check.run("pull", "--all", "--format", "json"))
    check.same("and everything else is there, too", held(), wanted())
    check.holds("rows without a cursor are spoken of", all("null" in " ".join(line["remarks"]) for line in told), told)


def check_days_zero(check, servers, project):
    """Rows of the day zero, more than a batch of them, on a server that would not let it be written today."""
    mariadb, _ = servers
    mariadb.sql("create table zeros (id int primary key, at datetime, note varchar(20)); create index on_at on zeros (at);")
    values = [f"({n}, '{'0000-00-00 00:00:00' if n <= 20 else f'2026-01-05 10:00:{n:02}'}', 'n{n}')" for n in range(1, 41)]
    mariadb.sql(f"insert into zeros values {', '.join(values)}; set global sql_mode = 'TRADITIONAL';")
    tables = '[table.zeros]\nabout = "Zeros."\nplaced_by = []\n[table.zeros.columns]\nstarted_at = "instant"\nnote = "text"\n'
    pull = 'from = "zeros"\ncursor = "at"\nbatch = 7'
    project(tables + source(mariadb, "zeros", "zeros", pull, 'started_at = "at"\nnote = "note"', 'id = "id"'))
    (told,) = json.loads(check.run("pull", "--format", "json"))
    mariadb.sql("set global sql_mode = '';")
    (found,) = check.attached().execute("select count(*), count(started_at), count(distinct note) from lake.zeros").fetchall()
    check.holds("rows of the day zero come, each once, with no time", found == (40, 20, 40), (found, told))
    check.holds("and the place is the last real time", told["cursor"] == "2026-01-05 10:00:40", told)


def check_encrypted(check, servers, project, environment, program):
    """Through TLS, with an authority that is trusted and with one that is not."""
    _, postgres = servers
    if not postgres.encrypt():
        print("skipped: there is no `openssl` to make a certificate with")
        return
    tables = '[table.big]\nabout = "Big."\nplaced_by = []\n[table.big.columns]\nnote = "text"\n'

    def tried(parameters):
        text = source(postgres, "s", "big", "query = \"select id, note from big where id <= 3\"", 'note = "note"', 'id = "id"')
        project(tables + text.replace("/centre", f"/centre?{parameters}").replace("127.0.0.1", "localhost"))
        done = subprocess.run([str(program), "pull", "--format", "json", "--dir", str(check.work)], capture_output=True, text=True, env=environment)
        return done.stdout + done.stderr

    authority = postgres.authority
    for parameters in ("tls=require", f"tls=verify-ca&tls_ca={authority}", f"tls=verify-full&tls_ca={authority}"):
        said = tried(parameters)
        check.holds(f"encrypted: {parameters.split('&')[0]}", json.loads(said)[0]["imported"]["new"] == 3 if said.startswith("[") else False, said)
    said = tried("tls=verify-full")
    check.holds("an authority that nobody trusts is refused", "encrypted connection" in said and "tls_ca" in said, said)
    said = tried("tls=disable")
    check.holds("and a server that asks for encryption says so", "no encryption" in said or "encrypt" in said, said)


def check_interrupted(check, servers, project, program):
    """A pull that is killed anywhere, done again, gives what one pull gives."""
    for server in servers:
        rows = "(with recursive n(i) as (select 1 union all select i + 1 from n where i < 60000) select * from n) n" if server.scheme == "mysql" else "generate_series(1, 60000) n(i)"
        cast = "concat('n', i)" if server.scheme == "mysql" else "'n' || i"
        setup = "set max_recursive_iterations = 100000; " if server.scheme == "mysql" else ""
        server.sql(f"{setup}create table big (id bigint primary key, note varchar(20)); insert into big select i, {cast} from {rows};")
    tables = '[table.big]\nabout = "Big."\nplaced_by = []\n[table.big.columns]\nnote = "text"\n'
    pull = 'from = "big"\ncursor = "id"\nlook_back = 50\nbatch = 500\npause = "2ms"'.replace('\npause = "2ms"', "")
    project(tables + "".join(source(s, f"big_{s.scheme}", "big", pull, 'note = "note"', 'id = "id"') for s in servers))
    command = [str(program), "pull", "--format", "json", "--portion-rows", "5000", "--dir", str(check.work)]
    killed = 0
    for milliseconds in (60, 250, 500, 900, 1400):
        running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(milliseconds / 1000)
        killed += running.poll() is None
        running.kill()
        running.wait()
    check.holds("pulls were killed while they ran", killed >= 2, killed)
    check.run("pull", "--format", "json")
    db = check.attached()
    found = db.execute("select source, count(*), count(distinct source_id), sum(cast(source_id as bigint)), count(distinct note) from lake.big group by 1").fetchall()
    wanted = {f"big_{s.scheme}": tuple(int(n) for n in s.sql("select count(*), count(distinct id), sum(id), count(distinct note) from big")[0]) for s in servers}
    check.same("killed and repeated pulls give each row once", {row[0]: tuple(map(int, row[1:])) for row in found}, wanted)


def check_replaced(check, servers, project):
    """Without a cursor everything is read each time; without an identifier it replaces what was read before."""
    for server in servers:
        server.sql("create table words (code varchar(10), meaning varchar(20)); insert into words values ('A', 'one'), ('B', 'two'), ('B', 'two');")
    tables = '[table.words]\nabout = "Words."\nplaced_by = []\n[table.words.columns]\ncode = "text"\nmeaning = "text"\n'
    pull = 'query = """select code, upper(meaning) as meaning from words -- as they are\n;"""'
    columns = 'code = "code"\nmeaning = "meaning"'
    project(tables + "".join(source(s, f"words_{s.scheme}", "words", pull, columns) for s in servers))
    told = json.loads(check.run("pull", "--format", "json"))
    check.holds("a query without a cursor is read as a whole", all(line["imported"]["new"] == 3 for line in told), told)
    for server in servers:
        server.sql("delete from words where code = 'B'; insert into words values ('C', 'three')")
    check.run("pull", "--format", "json")
    found = check.attached().execute("select source, code, meaning from lake.words order by 1, 2").fetchall()
    wanted = [(f"words_{s.scheme}", code, word) for s in servers for code, word in (("A", "ONE"), ("C", "THREE"))]
    check.holds("and replaces what was read before", found == wanted, found)
    for server in servers:
        server.sql("delete from words")
    told = json.loads(check.run("pull", "--format", "json"))
    left = check.attached().execute("select count(*) from lake.words").fetchall()
    said = all("no rows" in " ".join(line["remarks"]) for line in told)
    check.holds("a table that is empty for a moment takes nothing away, and that is said", left == [(4,)] and said, (left, told))


def check_refusals(check, servers, project, program, environment):
    """What a database refuses, in sentences, with nothing imported and no password said."""
    mariadb, postgres = servers
    tables = '[table.big]\nabout = "Big."\nplaced_by = []\n[table.big.columns]\nnote = "text"\n'
    slow = {"mysql": "select id, note from big where sleep(2) = 0", "postgres": "select id, note from big where pg_sleep(2) is not null"}
    for server in servers:
        server.sql("create table hidden (id int, note text); create table one (id int, note text);")
        if server.scheme == "mysql":
            server.sql("revoke select on centre.* from reader@'127.0.0.1'; grant select on centre.big to reader@'127.0.0.1'; grant select on centre.one to reader@'127.0.0.1'")
        else:
            server.sql("revoke pg_read_all_data from reader; grant select on big, one to reader; create sequence counter; grant all on counter to reader;")

    def tried(server, pull, more_environment=(), swap=None):
        text = source(server, "s", "big", pull, 'note = "note"', 'id = "id"')
        project(tables + (swap(text) if swap else text))
        done = subprocess.run([str(program), "pull", "--dir", str(check.work)], capture_output=True, text=True, env=environment | dict(more_environment))
        said = done.stdout + done.stderr
        check.holds(f"{server.scheme}: no password is said", PASSWORD not in said and "wrong pass" not in said, said)
        return said if done.returncode else f"it succeeded: {said}"

    for server in servers:
        name = server.scheme
        said = tried(server, 'from = "big"\ncursor = "id"', {"CENTRE_PASSWORD": "wrong pass"}.items())
        check.holds(f"{name}: a wrong password", "password" in said and "reader" in said, said)
        said = tried(server, 'from = "big"\ncursor = "id"', swap=lambda text: text.replace("CENTRE_PASSWORD", "NOT_SET_ANYWHERE"))
        check.holds(f"{name}: a variable that is not set", "NOT_SET_ANYWHERE" in said and "not set" in said, said)
        said = tried(server, 'from = "big"\ncursor = "id"', swap=lambda text: text.replace(f":{server.port}/", ":1/"))
        check.holds(f"{name}: nobody answers", "refused" in said, said)
        said = tried(server, 'from = "big"\ncursor = "id"', swap=lambda text: text.replace("/centre", "/center"))
        check.holds(f"{name}: no such database", "center" in said, said)
        said = tried(server, 'from = "bigg"\ncursor = "id"')
        check.holds(f"{name}: no such table", "there is no table `bigg`" in said, said)
        said = tried(server, 'from = "hidden"\ncursor = "id"')
        check.holds(f"{name}: a table that may not be read", "hidden" in said and "SELECT" in said, said)
        said = tried(server, 'from = "big"\ncursor = "idd"')
        check.holds(f"{name}: no such cursor", "no column `idd`" in said and "`id`" in said, said)
        said = tried(server, 'query = "select id, note as notes from big"\ncursor = "id"')
        check.holds(f"{name}: a column that the query does not give", "no column `note`" in said and "`notes`" in said, said)
        said = tried(server, 'query = "selekt 1"')
        check.holds(f"{name}: a query that is none", "select" in said, said)
        said = tried(server, 'from = "big"\ncursor = "id"\nlook_back = "2h"')
        check.holds(f"{name}: a look-back that does not fit", "look_back" in said and "number" in said, said)
        said = tried(server, f'query = "{slow[name]}"\ntimeout = "500ms"')
        check.holds(f"{name}: the server ends what takes too long", "longer than 0.5 s" in said and "replica" in said, said)
        said = tried(server, 'from = "big"\ncursor = "id"', swap=lambda text: text.replace("reader@", f"reader:{PASSWORD.split()[1]}@"))
        check.holds(f"{name}: a password in the address", "does not belong here" in said, said)
        said = tried(server, 'from = "big"\ncursor = "id"', swap=lambda text: text.replace("/centre", "/centre?tls=require"))
        check.holds(f"{name}: encryption that the server does not have", "encrypt" in said.lower() or "tls" in said.lower(), said)
    said = tried(postgres, "query = \"select nextval('counter') as id, 'x' as note\"")
    check.holds("a query that writes is refused", "read-only" in said, said)
    db_rows = check.tried("lake", "settle")
    check.holds("nothing came of any of it", "error" not in db_rows, db_rows)
    mariadb.sql("grant select on centre.* to reader@'127.0.0.1'")
    postgres.sql("grant pg_read_all_data to reader")


def check_gentle(check, servers, project):
    """What the server heard: a session that may only read, limits, and no query without a bound."""
    mariadb, _ = servers
    log = mariadb.folder_of_log()
    mariadb.sql(f"set global general_log_file = '{log}'; set global general_log = 1;")
    tables = '[table.big]\nabout = "Big."\nplaced_by = []\n[table.big.columns]\nnote = "text"\n'
    project(tables + source(mariadb, "s", "big", 'from = "big"\ncursor = "id"\nbatch = 20000\ntimeout = "7s"', 'note = "note"', 'id = "id"'))
    check.run("pull", "--format", "json")
    mariadb.sql("set global general_log = 0;")
    heard = [line.lower() for line in log.read_text(errors="replace").splitlines()]
    check.holds("the session may only read", any("set session transaction read only" in line for line in heard), heard)
    check.holds("the server ends long queries", any("max_statement_time = 7" in line for line in heard), heard)
    asked = [line for line in heard if "from `big`" in line and "execute" in line]
    check.holds("every query has a limit or asks for one cursor", asked and all("limit" in line or "a.`id` = " in line for line in asked), asked)
    # Left to itself MariaDB would read and sort the whole table for each batch.
    plan = mariadb.sql("explain select a.id, a.note from big a force index (`PRIMARY`) where a.id is not null order by a.id limit 20000")
    check.holds("and goes by the cursor's index", all("force index (`primary`)" in line for line in asked if "limit 20000" in line) and plan[0][3] in ("index", "range"), (asked, plan))
    check.holds("nothing is locked and no transaction is begun", not any(word in line for line in heard for word in ("lock table", "for update", "begin", "start transaction")), heard)
