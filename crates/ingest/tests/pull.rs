//! Records pulled from a MariaDB and a PostgreSQL that run for the test alone: in a folder of their own, on a socket, by
//! an unprivileged user. Where a system is not installed its tests say so and pass; `tests/pull` installs both.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may fail")]
#![allow(clippy::print_stderr, reason = "a test that skips says so")]

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use dialmark_ingest::{IngestError, PullOptions, Pulled, Unwatched, pull};
use dialmark_lake::Lake;
use dialmark_project::{Project, ProjectFile};
use tempfile::TempDir;

/// `nobody`, who owns nothing; PostgreSQL does not run as root.
const NOBODY: u32 = 65_534;

struct Server {
    process: Child,
    folder: TempDir,
    /// `mysql` or `postgres`.
    scheme: &'static str,
    client: Vec<String>,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|out| out.stdout.trim_ascii() == b"0")
}

fn program(name: &str) -> Option<PathBuf> {
    let mut folders: Vec<PathBuf> = ["/usr/bin", "/usr/sbin", "/usr/local/bin"].map(PathBuf::from).to_vec();
    if let Ok(versions) = fs::read_dir("/usr/lib/postgresql") {
        folders.extend(versions.filter_map(|entry| Some(entry.ok()?.path().join("bin"))));
    }
    folders.into_iter().map(|folder| folder.join(name)).find(|path| path.is_file())
}

fn as_nobody(program: &Path) -> Command {
    let mut command = Command::new(program);
    if is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command.stdout(Stdio::null()).stderr(Stdio::null()).stdin(Stdio::null());
    command
}

/// A folder with a short path, for that of a socket has room for a hundred characters.
fn folder() -> TempDir {
    let folder = tempfile::Builder::new().prefix("dm-").tempdir_in("/tmp").unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    if is_root() {
        chown(folder.path(), Some(NOBODY), Some(NOBODY)).unwrap();
    }
    folder
}

impl Server {
    fn mariadb() -> Option<Server> {
        let (server, client, install) =
            (program("mariadbd")?, program("mariadb")?, program("mariadb-install-db")?);
        let folder = folder();
        let data = format!("--datadir={}", folder.path().join("data").display());
        let socket = folder.path().join("m.sock");
        let done = as_nobody(&install)
            .args(["--no-defaults", &data, "--skip-test-db", "--auth-root-authentication-method=normal"])
            .current_dir(folder.path())
            .status()
            .unwrap();
        assert!(done.success(), "MariaDB could not be set up");
        let process = as_nobody(&server)
            .args(["--no-defaults", &data, "--skip-networking", &format!("--socket={}", socket.display())])
            .spawn()
            .unwrap();
        let client = [
            client.to_string_lossy().as_ref(),
            "--no-defaults",
            "-uroot",
            &format!("--socket={}", socket.display()),
            "-e",
        ]
        .map(str::to_owned)
        .to_vec();
        let server = Server { process, folder, scheme: "mysql", client };
        server.wait();
        server.sql("create database centre; create user reader@localhost; grant select on centre.* to reader@localhost");
        Some(server)
    }

    fn postgres() -> Option<Server> {
        let (server, client, install) = (program("postgres")?, program("psql")?, program("initdb")?);
        let folder = folder();
        let data = folder.path().join("data").display().to_string();
        let home = folder.path().display().to_string();
        let done = as_nobody(&install)
            .args(["-D", &data, "-U", "root", "-A", "trust", "--no-sync"])
            .current_dir(folder.path())
            .status()
            .unwrap();
        assert!(done.success(), "PostgreSQL could not be set up");
        let process = as_nobody(&server)
            .args(["-D", &data, "-k", &home, "-c", "listen_addresses=", "-c", "fsync=off"])
            .current_dir(folder.path())
            .spawn()
            .unwrap();
        let client = [
            client.to_string_lossy().as_ref(),
            "-X",
            "-q",
            "-U",
            "root",
            "-h",
            &home,
            "-d",
            "postgres",
            "-c",
        ]
        .map(str::to_owned)
        .to_vec();
        let server = Server { process, folder, scheme: "postgres", client };
        server.wait();
        server.sql("create role reader login; grant pg_read_all_data to reader");
        Some(server)
    }

    fn wait(&self) {
        let until = Instant::now() + Duration::from_secs(60);
        while !self.told("select 1") {
            assert!(Instant::now() < until, "the server did not start");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn told(&self, sql: &str) -> bool {
        let (program, arguments) = self.client.split_first().unwrap();
        let mut client = Command::new(program);
        client.args(arguments).arg(sql).stdout(Stdio::null()).stderr(Stdio::null());
        client.status().is_ok_and(|status| status.success())
    }

    fn sql(&self, sql: &str) {
        assert!(self.told(sql), "{sql}");
    }

    /// A table in the database that is pulled from.
    fn table(&self, name: &str) -> String {
        if self.scheme == "mysql" { format!("centre.{name}") } else { name.to_owned() }
    }

    fn project(&self, folder: &Path, pull: &str) -> Project {
        let (database, socket) = match self.scheme {
            "mysql" => ("centre", self.folder.path().join("m.sock")),
            _ => ("postgres", self.folder.path().to_path_buf()),
        };
        let sources = format!(
            "[table.ticks]\nabout = \"Ticks.\"\nplaced_by = [\"ticked_at\"]\n[table.ticks.columns]\nticked_at = \"instant\"\nnote = \"text\"\n\
             [source.ticks]\ntable = \"ticks\"\nid = \"id\"\n[source.ticks.columns]\nticked_at = \"at\"\nnote = \"note\"\n\
             [source.ticks.pull]\ndatabase = \"{}://reader@/{database}?socket={}\"\npause = \"0ms\"\n{pull}\n",
            self.scheme,
            socket.display()
        );
        let centre = "[centre]\nname = \"N\"\nzone = \"Europe/London\"\ncurrency = \"GBP\"\n";
        let files = [ProjectFile::new("dialmark.toml", centre), ProjectFile::new("sources/s.toml", sources)];
        Project::from_files(folder, &files).unwrap()
    }
}

async fn pulled(
    server: &Server,
    lake: &Lake,
    pull_section: &str,
    portion_rows: Option<u64>,
) -> Result<Pulled, IngestError> {
    let folder = lake.folder();
    let project = server.project(folder, pull_section);
    let options = PullOptions { folder, from_start: false, portion_rows };
    pull(lake, project.source("ticks").unwrap(), &options, &Unwatched).await
}

/// New, unchanged and corrected rows.
fn counts(pulled: &Pulled) -> (u64, u64, u64) {
    pulled.imported.as_ref().map_or((0, 0, 0), |imported| {
        (imported.report.new, imported.report.unchanged, imported.report.corrected)
    })
}

async fn every_row_comes_once(server: &Server) {
    let place = tempfile::tempdir().unwrap();
    let lake = Lake::open(&place.path().join("lake")).await.unwrap();
    let table = server.table("ticks");
    let stamp = if server.scheme == "mysql" { "datetime" } else { "timestamp" };
    server.sql(&format!("create table {table} (id int primary key, at {stamp}, note varchar(20))"));
    // Ten rows of each of thirty seconds; a batch is of seven.
    let rows: Vec<String> =
        (0..300).map(|n| format!("({n}, '2026-01-05 10:00:{:02}', 'n{n}')", n / 10)).collect();
    server.sql(&format!("insert into {table} values {}", rows.join(", ")));
    let section = "from = \"ticks\"\ncursor = \"at\"\nlook_back = \"2s\"\nbatch = 7";
    let first = pulled(server, &lake, section, Some(50)).await.unwrap();
    assert_eq!((counts(&first), first.rows), ((300, 0, 0), 300));
    assert_eq!(first.cursor.as_deref(), Some("2026-01-05 10:00:29"));
    assert!(lake.imports().await.unwrap().len() >= 5, "it was imported in portions");
    // What lies within two seconds of the last row is read again.
    let again = pulled(server, &lake, section, None).await.unwrap();
    assert_eq!(counts(&again), (0, 30, 0));
    server.sql(&format!("update {table} set note = 'later' where id in (0, 285)"));
    server.sql(&format!("insert into {table} values (900, '2026-01-05 10:00:29', 'late')"));
    let later = pulled(server, &lake, section, None).await.unwrap();
    assert_eq!(counts(&later), (1, 29, 1));
    // Another column is another cursor: it begins anew, and finds what lay beyond the look-back.
    let other = pulled(server, &lake, "from = \"ticks\"\ncursor = \"id\"\nbatch = 1000", None).await.unwrap();
    assert_eq!(counts(&other), (0, 300, 1));
    assert!(other.remarks.iter().any(|remark| remark.contains("begins anew")), "{:?}", other.remarks);
    assert_eq!(other.cursor.as_deref(), Some("900"));
}

async fn refusals_are_sentences(server: &Server) {
    let place = tempfile::tempdir().unwrap();
    let lake = Lake::open(&place.path().join("lake")).await.unwrap();
    let said = |section: &str| {
        let section = section.to_owned();
        let lake = lake.clone();
        async move { pulled(server, &lake, &section, None).await.unwrap_err().to_string() }
    };
    let sleep = if server.scheme == "mysql" { "sleep(5) = 0" } else { "pg_sleep(5) is not null" };
    let slow =
        said(&format!("query = \"select * from ticks where {sleep}\"\ncursor = \"id\"\ntimeout = \"300ms\""))
            .await;
    assert!(slow.contains("longer than 0.3 s") && slow.contains("replica"), "{slow}");
    let missing = said("from = \"tick\"\ncursor = \"id\"").await;
    assert!(missing.contains("there is no table `tick`"), "{missing}");
    let column = said("query = \"select id, at from ticks\"\ncursor = \"id\"").await;
    assert!(column.contains("no column `note`") && column.contains("[source.ticks]"), "{column}");
    let text = said("from = \"ticks\"\ncursor = \"at\"\nlook_back = 5").await;
    assert!(text.contains("`look_back` is a number"), "{text}");
    assert!(lake.imports().await.unwrap().is_empty());
}

async fn all_of_it(server: Option<Server>, system: &str) {
    let Some(server) = server else {
        eprintln!("skipped: {system} is not installed");
        return;
    };
    every_row_comes_once(&server).await;
    refusals_are_sentences(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_come_from_mariadb() {
    all_of_it(Server::mariadb(), "MariaDB").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_come_from_postgres() {
    all_of_it(Server::postgres(), "PostgreSQL").await;
}
