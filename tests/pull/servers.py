"""MariaDB and PostgreSQL for tests: unprivileged, in a folder of their own, on a socket and a port of the loopback; nothing
of the system's own servers is touched, and nothing is left."""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def found(program, *folders):
    """Path of a program that Debian may keep outside the PATH."""
    for folder in (*os.environ["PATH"].split(":"), "/usr/sbin", "/usr/local/sbin", *folders):
        if (path := Path(folder) / program).is_file():
            return str(path)
    return None


def postgres_folder():
    """The programs of the newest PostgreSQL that is installed."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    return next((str(folder) for folder in reversed(folders) if (folder / "initdb").is_file()), None)


def installed():
    """Installs what is missing where that is allowed; says what is missing otherwise."""
    missing = []
    if not (found("mariadbd") and found("mariadb")):
        # The programs alone: the full package would start a service.
        missing += ["mariadb-server-core", "mariadb-client-core"]
    if not postgres_folder():
        missing += ["postgresql"]
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], check=False, env=environment)
        command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing]
        subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
        missing = []
    if missing:
        sys.exit(f"These checks need MariaDB and PostgreSQL. On Debian or Ubuntu:\n\n    sudo apt-get install -y {' '.join(missing)}\n")


def user():
    """Who runs the servers: PostgreSQL refuses to run as root."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def folder():
    """A folder that the servers' user owns, with a short path: that of a socket has room for a hundred characters."""
    path = Path(tempfile.mkdtemp(prefix="dm-"))
    try:
        os.chown(path, user().pw_uid, user().pw_gid)
        path.chmod(0o755)
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def as_user(command, **more):
    if os.geteuid() == 0:
        more |= {"user": user().pw_uid, "group": user().pw_gid, "extra_groups": []}
    return subprocess.Popen(command, **more)


def ended(process, how):
    if process.poll() is None:
        process.send_signal(how)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait(ready, process, log):
    until = time.monotonic() + 60
    while not ready():
        if process.poll() is not None or time.monotonic() > until:
            sys.exit(f"A server did not start:\n{log.read_text(errors='replace')[-3000:]}")
        time.sleep(0.1)


class MariaDB:
    """A server; `sql` runs statements as its administrator and returns lines of tab-separated values."""

    scheme = "mysql"

    def __init__(self, home):
        self.home, self.port, self.socket = home / "mariadb", free_port(), home / "m.sock"
        self.home.mkdir()
        os.chown(self.home, user().pw_uid, user().pw_gid)
        self.log = home / "mariadb.log"
        install = [found("mariadb-install-db", "/usr/bin"), "--no-defaults", f"--datadir={self.home}", "--skip-test-db"]
        install += [f"--user={user().pw_name}", "--auth-root-authentication-method=normal"]
        done = subprocess.run(install, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"MariaDB could not be set up:\n{done.stdout}{done.stderr}")
        command = [found("mariadbd"), "--no-defaults", f"--datadir={self.home}", f"--socket={self.socket}"]
        # As VICIdial's servers are: MyISAM, days zero allowed, a zone with summer time.
        command += [f"--port={self.port}", "--bind-address=127.0.0.1", f"--pid-file={home}/m.pid", "--skip-name-resolve"]
        command += ["--innodb-flush-log-at-trx-commit=0", "--sql-mode=", f"--tmpdir={home}"]
        if os.geteuid() == 0:
            command.append(f"--user={user().pw_name}")
        self.process = subprocess.Popen(command, stdout=self.log.open("w"), stderr=subprocess.STDOUT, env=os.environ | {"TZ": "America/New_York"})
        wait(lambda: subprocess.run(self.client("-e", "select 1"), capture_output=True).returncode == 0, self.process, self.log)

    def client(self, *more):
        return [found("mariadb"), "--no-defaults", "-uroot", f"--socket={self.socket}", "-N", "-B", "--default-character-set=utf8mb4", *more]

    def sql(self, text, database="centre"):
        done = subprocess.run(self.client(database), input=text, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return [tuple(None if value == "NULL" else value for value in line.split("\t")) for line in done.stdout.splitlines()]

    def prepare(self):
        self.sql("create database centre character set utf8mb4", "mysql")
        self.sql("create user reader@'127.0.0.1' identified by 'sëcret pass'; grant select on centre.* to reader@'127.0.0.1'", "mysql")

    def folder_of_log(self):
        """A file that the server may write what it hears to."""
        return self.home / "heard.log"

    def stop(self):
        ended(self.process, signal.SIGTERM)


class Postgres:
    """The same for PostgreSQL."""

    scheme = "postgres"

    def __init__(self, home):
        self.home, self.port, self.folder = home / "postgres", free_port(), home
        self.log = home / "postgres.log"
        programs = Path(postgres_folder())
        setup = as_user([str(programs / "initdb"), "-D", str(self.home), "-U", "root", "-A", "trust", "-E", "UTF8", "--no-sync"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=home)
        said, _ = setup.communicate()
        if setup.returncode != 0:
            sys.exit(f"PostgreSQL could not be set up:\n{said.decode()}")
        rules = "local all root trust\nhost all reader 127.0.0.1/32 scram-sha-256\n"
        (self.home / "pg_hba.conf").write_text(rules)
        command = [str(programs / "postgres"), "-D", str(self.home), "-p", str(self.port), "-k", str(home)]
        command += ["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "timezone=America/New_York"]
        self.authority = None
        self.process = as_user(command, stdout=self.log.open("w"), stderr=subprocess.STDOUT, cwd=home)
        wait(lambda: subprocess.run(self.client("-d", "postgres", "-c", "select 1"), capture_output=True).returncode == 0, self.process, self.log)

    def client(self, *more):
        return [str(Path(postgres_folder()) / "psql"), "-X", "-q", "-A", "-t", "-F", "\t", "-P", "null=NULL", "-v", "ON_ERROR_STOP=1", "-U", "root", "-h", str(self.folder), "-p", str(self.port), *more]

    def sql(self, text, database="centre"):
        done = subprocess.run(self.client("-d", database), input=text, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return [tuple(None if value == "NULL" else value for value in line.split("\t")) for line in done.stdout.splitlines() if line]

    def prepare(self):
        self.sql("create database centre", "postgres")
        self.sql("create role reader login password 'sëcret pass'; grant pg_read_all_data to reader", "postgres")

    def encrypt(self):
        """From here on the server asks `reader` for encryption, with a certificate of its own making."""
        openssl = found("openssl")
        if not openssl:
            return False
        self.authority = self.home / "server.crt"
        key = self.home / "server.key"
        command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
        subprocess.run([*command, "-addext", "basicConstraints=critical,CA:FALSE", "-keyout", str(key), "-out", str(self.authority)], check=True, capture_output=True)
        for path in (key, self.authority):
            os.chown(path, user().pw_uid, user().pw_gid)
        key.chmod(0o600)
        # The client looks for the authority as itself.
        trusted = self.folder / "authority.crt"
        shutil.copy(self.authority, trusted)
        self.authority = trusted
        (self.home / "pg_hba.conf").write_text("local all root trust\nhostssl all reader 127.0.0.1/32 scram-sha-256\nhostssl all reader ::1/128 scram-sha-256\n")
        self.sql("alter system set ssl = on", "postgres")
        self.sql("select pg_reload_conf()", "postgres")
        time.sleep(1)
        return True

    def stop(self):
        ended(self.process, signal.SIGINT)


@contextlib.contextmanager
def both():
    """Both servers with an empty database `centre` and the user `reader`, who may only read it."""
    installed()
    with folder() as home, contextlib.ExitStack() as stack:
        servers = []
        for kind in (MariaDB, Postgres):
            server = kind(home)
            stack.callback(server.stop)
            server.prepare()
            servers.append(server)
        yield servers
