//! Whether a file is what a known system writes: then its pack reads it, and nothing need be guessed.

use std::io::Read;

use dialmark_packs::{Input, Pack, Stream};

use super::line::{Line, comment, written};
use super::{Proposal, ProposeOptions, write};
use crate::pinned::Pinned;
use crate::records::{Next, Packed, Record, Records};
use crate::source_file::text_of;

/// Records that are looked at.
const LOOK: usize = 300;
/// One record in so many may be none of the system's: a header, or what was cut off.
const ODD: usize = 3;
/// Texts that a record of a system has at least. An identifier alone is anybody's.
const TEXTS: usize = 4;
/// Bytes of a file that are looked at, at most: a system that writes one document writes it as large as this.
const BYTES: u64 = 64 << 20;

/// A pack that reads a file.
pub(super) struct Recognised {
    pack: &'static Pack,
    records: usize,
    /// Texts of the records that are not empty.
    texts: usize,
}

/// The pack that reads most of a file; `None` when none does.
pub(super) fn recognised(pinned: &Pinned) -> Option<Recognised> {
    let mut best: Option<Recognised> = None;
    for pack in dialmark_packs::ALL {
        // What is pulled from a database is no file.
        for stream in pack.streams.iter().filter(|stream| stream.pull.is_none()) {
            let found = tried(pinned, pack, stream);
            if found.as_ref().is_some_and(|found| best.as_ref().is_none_or(|best| found.texts > best.texts)) {
                best = found;
            }
        }
    }
    best
}

fn tried(pinned: &Pinned, pack: &'static Pack, stream: &'static Stream) -> Option<Recognised> {
    // What cannot be opened as text is no pack's file; what is wrong with it is said by whoever reads it in earnest.
    let text = text_of(pinned, None).ok()?.take(BYTES);
    let mut packed = Packed::open(text, pack.input, stream).ok()?;
    let mut record = Record::default();
    let mut found = Recognised { pack, records: 0, texts: 0 };
    let mut refused = 0;
    while found.records + refused < LOOK {
        match packed.next(&mut record).ok()? {
            Next::Record if !is_telling(pack, stream, &record) => refused += 1,
            Next::Record => {
                found.records += 1;
                found.texts += record
                    .row()
                    .map_or(0, |row| (0..row.count()).filter(|at| !row.field(*at).is_empty()).count());
            }
            Next::Refused(_) => refused += 1,
            Next::End => break,
        }
    }
    let is_such = refused * ODD <= found.records + refused && found.texts >= TEXTS * found.records;
    (found.records > 0 && is_such).then_some(found)
}

/// Whether the values of a record are the system's. Rows without a header are anybody's by their number of fields alone.
fn is_telling(pack: &Pack, stream: &Stream, record: &Record) -> bool {
    let Some(row) = record.row() else { return false };
    let text =
        |name: &str| stream.columns.iter().position(|column| *column == name).map_or("", |at| row.field(at));
    let is_uuid =
        |text: &str| text.len() == 36 && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    match pack.input {
        Input::Rows if pack.id == "asterisk_cdr" => {
            ["ANSWERED", "NO ANSWER", "BUSY", "FAILED", "CONGESTION", "UNKNOWN"]
                .contains(&text("disposition"))
        }
        Input::Rows => is_uuid(text("uuid")),
        Input::Lines | Input::Json { .. } => true,
    }
}

/// A source that a pack reads.
pub(super) fn proposal(found: &Recognised, options: &ProposeOptions, file: &str) -> Proposal {
    let Recognised { pack, records, .. } = found;
    let source = options.source_name(file);
    let mut lines = vec![
        Line::from(comment(&format!("{}, by its first {records} records.", pack.label))),
        Line::from(comment(&format!("`dialmark packs show {}` says how each field is known.", pack.id))),
        Line::from(""),
        Line::from(format!("[source.{source}]")),
        Line::from(format!("pack  = {}", write::quoted(pack.id))),
        Line::from(format!("files = [{}]", write::quoted(options.pattern(file)))),
    ];
    if let Some(zone) = &options.zone {
        lines.push(Line::from(format!("zone  = {}", write::quoted(zone))));
    }
    for stream in pack.streams.iter().filter(|stream| !stream.cannot.is_empty()) {
        lines.push(Line::from(""));
        lines.push(Line::from(comment(&format!("What these records cannot give for `{}`:", stream.table()))));
        let cannot = stream.cannot.iter().map(|(column, why)| comment(&format!("- {column}: {why}")));
        lines.extend(cannot.map(Line::from));
    }
    let tables: Vec<&str> = pack.streams.iter().map(Stream::table).collect();
    let (toml, remarks) = written(lines);
    Proposal {
        toml,
        remarks,
        dispositions: None,
        source,
        table: tables.join(", "),
        canonical: true,
        guesses: Vec::new(),
        unused: Vec::new(),
        missing: Vec::new(),
        warnings: pack.traps.iter().map(|trap| (*trap).to_owned()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::*;

    fn pack_of(path: &Path) -> Option<&'static str> {
        recognised(&Pinned::look(path).unwrap()).map(|found| found.pack.id)
    }

    #[test]
    fn every_pack_knows_its_own_file_and_no_other_does() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../packs/fixtures");
        let expected = [
            ("amazon_connect_agents.json", "amazon_connect_agents"),
            ("amazon_connect_contacts.json", "amazon_connect_contacts"),
            ("asterisk_cdr.by_account.csv", "asterisk_cdr"),
            ("asterisk_cdr.by_caller.csv", "asterisk_cdr"),
            ("asterisk_queue_log.log", "asterisk_queue_log"),
            ("freeswitch_csv.csv", "freeswitch_csv"),
            ("freeswitch_json.json", "freeswitch_json"),
            ("genesys_conversations.json", "genesys_conversations"),
            ("twilio_calls.json", "twilio_calls"),
            ("twilio_status.json", "twilio_status"),
        ];
        let found = expected.map(|(file, _)| (file, pack_of(&folder.join(file)).unwrap_or_default()));
        assert_eq!(found, expected);
    }

    #[test]
    fn an_export_of_no_known_system_is_left_to_guessing() {
        let folder = tempfile::tempdir().unwrap();
        // As many fields as FreeSWITCH writes, and days where Asterisk has the start of a call.
        let header = "a,b,c,d,e,f,g,h,started,answered,k,l,m,n,o";
        let row = "1,2,3,4,5,6,7,8,2026-01-05,2026-01-05 10:00:00,30,25,SALE,3,4";
        for (name, text) in [
            (
                "calls.csv",
                "call_id,start,phone\n1,2026-01-05 10:00:00,+447700900123\n2,2026-01-05 10:01:00,+447700900124\n",
            ),
            ("calls.jsonl", "{\"id\":\"1\",\"start\":\"2026-01-05T10:00:00Z\",\"duration\":30}\n"),
            ("fifteen.csv", &format!("{header}\n{row}\n{row}\n{row}\n")),
            ("without_header.csv", &format!("{row}\n{row}\n{row}\n")),
            ("one.csv", "a,b\n1,2\n"),
            ("words.txt", "nothing that a machine wrote\n"),
            ("list.json", "[1, 2, 3]"),
        ] {
            let path: PathBuf = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            assert_eq!(pack_of(&path), None, "{name}");
        }
    }
}
