//! The demo: served within its folder, reused, and equal to what the simulator counted, to the digit.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::project::dialmark_in;
use serde_json::Value;

/// A running demo; it is told to end, and must end well.
struct Demo {
    child: Child,
    address: String,
}

impl Demo {
    fn start(folder: &Path, more: &[&str]) -> Demo {
        let mut child = Command::new(env!("CARGO_BIN_EXE_dialmark"))
            .args(["demo", "--port", "0", "--no-browser", "--dir"])
            .arg(folder)
            .args(["--days", "40", "--calls-per-day", "400", "--seed", "11"])
            .args(more)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address =
            line.split("http://").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or_default();
        if address.is_empty() {
            let mut said = String::new();
            child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
            panic!("the demo did not begin: {line}{said}");
        }
        let address = address.to_owned();
        Demo { child, address }
    }

    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Tells it to end; returns what it said on standard error.
    fn end(mut self) -> String {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{status}");
        let mut said = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        said
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn query(folder: &Path, args: &[&str]) -> Vec<Value> {
    let mut all = vec!["query"];
    all.extend(args);
    all.extend(["--format", "json", "--dir", folder.to_str().unwrap()]);
    match dialmark_in(folder, &all).ends_with(0).json() {
        Value::Array(rows) => rows,
        other => panic!("{other}"),
    }
}

fn number(value: &Value) -> u64 {
    value.as_u64().or_else(|| value.as_str()?.parse().ok()).unwrap_or_else(|| panic!("{value} is no number"))
}

#[test]
fn the_demo_is_served_reused_and_equal_to_what_the_simulator_counted() {
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("centre");
    let demo = Demo::start(&folder, &[]);
    assert!(demo.get("/healthz").starts_with("HTTP/1.1 200"));
    let overview = demo.get("/");
    assert!(overview.starts_with("HTTP/1.1 200") && overview.contains("/metric/"), "{overview}");
    equal_to_the_truth(&folder);
    demo.end();

    dialmark_in(&folder, &["verify", "--deep"]).ends_with(0);
    let again = Demo::start(&folder, &[]);
    assert!(again.get("/healthz").starts_with("HTTP/1.1 200"));
    assert!(again.end().contains("Using the demo"));
    let other = dialmark_in(
        outer.path(),
        &["demo", "--port", "0", "--no-browser", "--dir", "centre", "--seed", "12"],
    );
    assert!(other.code == 1 && other.err.contains("another plan"), "{}", other.err);
}

/// Every day, campaign and list: dials, answers, live answers, contacts, successes, drops, talk.
fn equal_to_the_truth(folder: &Path) {
    let truth: Value =
        serde_json::from_str(&std::fs::read_to_string(folder.join("truth.json")).unwrap()).unwrap();
    let mut wanted = BTreeMap::new();
    for row in truth["tallies"]["calls"].as_array().unwrap() {
        let key = (row["day"].to_string(), row["campaign"].to_string(), row["list"].to_string());
        wanted.insert(key, row.clone());
    }
    let found = query(
        folder,
        &[
            "dials,contacts,asr,conversion_rate/success_per_dial,drop_rate/no_agent_free,\
             outbound_abandonment_rate/live_answers,aht/talk",
            "--by",
            "campaign_id,list_id",
            "--grain",
            "day",
        ],
    );
    assert_eq!(found.len(), wanted.len());
    for row in &found {
        let key = (row["day"].to_string(), row["campaign_id"].to_string(), row["list_id"].to_string());
        let tally = wanted.get(&key).unwrap_or_else(|| panic!("{key:?} was not simulated"));
        for (name, part, wanted) in [
            ("dials", "value", number(&tally["dials"])),
            ("contacts", "value", number(&tally["contacts"])),
            ("asr", "numerator", number(&tally["answers"])),
            ("conversion_rate/success_per_dial", "numerator", number(&tally["successes"])),
            ("drop_rate/no_agent_free", "numerator", number(&tally["drops"])),
            ("outbound_abandonment_rate/live_answers", "denominator", number(&tally["live_answers"])),
            ("aht/talk", "numerator", number(&tally["talk_ms"])),
        ] {
            let cell = &row[name][part];
            let found = if cell.is_null() { 0 } else { number(cell) };
            assert_eq!(found, wanted, "{name} {part} of {key:?}: {row}");
        }
    }
    let check = dialmark_in(folder, &["check", "--format", "json"]).ends_with(0).json();
    let unmapped: u64 = check["unmapped"].as_array().unwrap().iter().map(|code| number(&code["calls"])).sum();
    assert_eq!(unmapped, number(&truth["tallies"]["total"]["unmapped"]));
}
