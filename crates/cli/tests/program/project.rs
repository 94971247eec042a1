//! A project in a temporary folder, and the built program run on it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// What the program said and how it ended.
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Said {
    /// The answer as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {} {}", self.out, self.err))
    }

    /// Asserts the exit code.
    #[track_caller]
    pub fn ends_with(self, code: i32) -> Said {
        assert_eq!(self.code, code, "stdout: {}\nstderr: {}", self.out, self.err);
        self
    }
}

/// Runs the program in `folder`.
pub fn dialmark_in(folder: &Path, args: &[&str]) -> Said {
    let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_dialmark"))
        .args(args)
        .current_dir(folder)
        .env_remove("NO_COLOR")
        .output()
        .unwrap();
    Said {
        code: status.code().unwrap_or(-1),
        out: String::from_utf8(stdout).unwrap(),
        err: String::from_utf8(stderr).unwrap(),
    }
}

/// A project that is removed when it goes out of scope.
pub struct Project {
    folder: tempfile::TempDir,
}

impl Project {
    /// A centre in London without sources.
    pub fn new() -> Project {
        let folder = tempfile::tempdir().unwrap();
        let project = Project { folder };
        project.write(
            "dialmark.toml",
            "[centre]\nname = \"Test centre\"\nzone = \"Europe/London\"\ncurrency = \"GBP\"\n",
        );
        project
    }

    /// A centre whose dialler exports are mapped.
    pub fn with_dialler() -> Project {
        let project = Project::new();
        project.write("sources/dialler.toml", DIALLER);
        project.write("dispositions/codes.toml", DISPOSITIONS);
        project
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub fn run(&self, args: &[&str]) -> Said {
        dialmark_in(self.folder(), args)
    }
}

pub const DIALLER: &str = "\
[source.dialler]
table    = \"calls\"
files    = [\"dialler/*.csv\"]
id       = \"call\"
revision = { from = \"updated\" }
[source.dialler.columns]
direction    = { const = \"outbound\" }
campaign_id  = \"campaign\"
agent_id     = \"agent\"
started_at   = \"start\"
answered_at  = \"answer\"
talk_ms      = { from = \"talk\", as = \"s\" }
disposition  = \"status\"
";

pub const DISPOSITIONS: &str = "\
[disposition]
SALE = \"sale\"
NI   = \"not_interested\"
NA   = \"no_answer\"
AM   = \"machine\"
";

/// Ten calls of two campaigns: 2 sales, 3 declined, 1 machine, 4 unanswered.
pub const CALLS: &str = "\
call,campaign,agent,start,answer,talk,status,updated
1,north,ann,2026-01-05 09:00:00,2026-01-05 09:00:08,120,SALE,2026-01-05T10:00:00Z
2,north,ann,2026-01-05 09:10:00,2026-01-05 09:10:08,30.5,NI,2026-01-05T10:00:00Z
3,north,ann,2026-01-05 09:20:00,,,NA,2026-01-05T10:00:00Z
4,north,bob,2026-01-05 09:30:00,,,NA,2026-01-05T10:00:00Z
5,north,bob,2026-01-06 09:00:00,2026-01-06 09:00:03,0,AM,2026-01-06T10:00:00Z
6,south,bob,2026-01-06 09:10:00,2026-01-06 09:10:09,240,SALE,2026-01-06T10:00:00Z
7,south,bob,2026-01-06 09:20:00,2026-01-06 09:20:09,15,NI,2026-01-06T10:00:00Z
8,south,bob,2026-01-06 09:30:00,2026-01-06 09:30:09,20,NI,2026-01-06T10:00:00Z
9,south,cyd,2026-01-06 09:40:00,,,NA,2026-01-06T10:00:00Z
10,south,cyd,2026-01-06 09:50:00,,,NA,2026-01-06T10:00:00Z
";
