//! Telephone numbers in the store, and people who are erased from it: nothing of them stays, no figure moves, and they do
//! not come back.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests are tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use arrow::array::{Array, AsArray, RecordBatch};
use dialmark_ingest::{
    Country, DIGITS, ImportOptions, Imported, IngestError, KeyError, PeopleKey, Unwatched, hear, import_file,
    people_key,
};
use dialmark_lake::{Lake, Person, VerifyOptions};
use dialmark_model::source::{Field, Format, From, Identity, Read, Revision, Source};
use dialmark_model::{Kind, facts};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use tempfile::TempDir;

struct Place {
    folder: TempDir,
    lake: Lake,
}

impl Place {
    async fn new() -> Place {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::open(&folder.path().join("lake")).await.unwrap();
        Place { folder, lake }
    }

    async fn import(&self, source: &Source, name: &str, text: &str) -> Result<Imported, IngestError> {
        let file = self.folder.path().join(name);
        fs::write(&file, text).unwrap();
        import_file(&self.lake, source, &file, &ImportOptions::default(), &Unwatched).await
    }

    fn store(&self) -> PathBuf {
        self.folder.path().join("lake")
    }

    /// The live records of a table, by identifier: column and value as text.
    async fn records(&self, table: &str) -> BTreeMap<String, BTreeMap<String, String>> {
        let snapshot = self.lake.snapshot().await.unwrap();
        let Some(live) = snapshot.tables.get(table) else { return BTreeMap::new() };
        let mut records = BTreeMap::new();
        let hidden: BTreeSet<&String> = live.hidden.iter().map(|(_, id)| id).collect();
        for file in &live.files {
            for batch in batches(&file.path) {
                for (id, record) in rows(&batch) {
                    if !hidden.contains(&id) {
                        assert!(records.insert(id.clone(), record).is_none(), "{id} is there twice");
                    }
                }
            }
        }
        for batch in &live.tail {
            for (id, record) in rows(batch) {
                assert!(records.insert(id.clone(), record).is_none(), "{id} is there twice");
            }
        }
        records
    }
}

fn batches(path: &Path) -> Vec<RecordBatch> {
    let reader =
        ParquetRecordBatchReaderBuilder::try_new(fs::File::open(path).unwrap()).unwrap().build().unwrap();
    reader.map(Result::unwrap).collect()
}

fn rows(batch: &RecordBatch) -> Vec<(String, BTreeMap<String, String>)> {
    let id = batch.column_by_name("source_id").unwrap().as_string::<i32>();
    let texts: Vec<(&String, _)> = batch
        .schema_ref()
        .fields()
        .iter()
        .filter_map(|field| Some((field.name(), batch.column_by_name(field.name())?.as_string_opt::<i32>()?)))
        .collect();
    let one = |row: usize| {
        let known = texts.iter().filter(|(_, column)| column.is_valid(row));
        known.map(|(name, column)| ((*name).clone(), column.value(row).to_owned())).collect()
    };
    (0..batch.num_rows()).map(|row| (id.value(row).to_owned(), one(row))).collect()
}

/// Every file of the store as bytes, Parquet files decompressed as well.
fn contents(folder: &Path, all: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            contents(&path, all);
            continue;
        }
        all.push((path.clone(), String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned()));
        if path.extension().is_some_and(|extension| extension == "parquet") {
            let text: String = batches(&path).iter().map(|batch| format!("{:?}", rows(batch))).collect();
            all.push((path, text));
        }
    }
}

fn places_of(folder: &Path, text: &str) -> BTreeSet<PathBuf> {
    let mut all = Vec::new();
    contents(folder, &mut all);
    all.into_iter().filter(|(_, content)| content.contains(text)).map(|(path, _)| path).collect()
}

fn source(name: &str, table: &str, columns: &[(&str, &str)]) -> Source {
    let table = facts::table(table).unwrap().clone();
    let field = |(column, from): &(&str, &str)| Field {
        column: (*column).to_owned(),
        kind: table.column(column).unwrap().kind,
        from: From::Column((*from).to_owned()),
        read: Read::Plain,
        null: Vec::new(),
        values: Vec::new(),
        after: None,
        lasting: None,
    };
    Source {
        name: name.to_owned(),
        fields: columns.iter().map(field).collect(),
        table,
        files: Vec::new(),
        pull: None,
        webhook: None,
        format: Format::Csv { delimiter: None, quote: None, encoding: None, header: true },
        zone: "Europe/London".to_owned(),
        country: Some("GB".to_owned()),
        identity: Identity::Id {
            columns: vec!["id".to_owned()],
            was: Vec::new(),
            revision: Revision::Arrival,
            look_back_days: None,
        },
        declared_in: "sources/test.toml".to_owned(),
    }
}

fn calls() -> Source {
    source(
        "dialler",
        "calls",
        &[
            ("started_at", "start"),
            ("direction", "way"),
            ("called_number", "to"),
            ("caller_number", "from"),
            ("lead_id", "lead"),
            ("account_id", "account"),
            ("recording_ref", "recording"),
            ("disposition", "result"),
        ],
    )
}

const HEADER: &str = "id,start,way,to,from,lead,account,recording,result\n";
/// Ann is called at 07700 900123, twice; she shares an account with Bo. She calls back once.
const CALLS: &str = "\
c1,2026-01-05 10:00,outbound,07700 900123,02079460000,lead-ann,shared,rec-447700900123.wav,NA
c2,2026-01-05 11:00,outbound,+44 7700 900123,02079460000,lead-ann,,,SALE
c3,2026-01-05 12:00,inbound,02079460000,00447700900123,,,,INFO
c9,2026-01-05 12:30,inbound,02079460000,anonymous,lead-ann,,rec 07700 900123,INFO
c4,2026-01-05 13:00,outbound,07700900456,02079460000,lead-bo,shared,rec-447700900456.wav,NA
c5,2026-01-05 14:00,inbound,02079460000,anonymous,,,,INFO
c6,2026-01-05 15:00,internal,1001,1002,,,,
,2026-01-05 16:00,outbound,(07700) 900 123,,lead-ann,,,it has no identifier
,2026-01-05 16:00,outbound,07700900456,,lead-bo,,,nor has this
";

/// Ways in which Ann's number is written.
const WRITTEN: [&str; 3] = ["7700900123", "7700 900123", "07700) 900 123"];

async fn filled() -> Place {
    let place = Place::new().await;
    let first = place.import(&calls(), "calls.csv", &format!("{HEADER}{CALLS}")).await.unwrap();
    assert_eq!((first.report.read, first.report.accepted), (9, 7));
    place
}

async fn ann(place: &Place) -> (Person, PeopleKey) {
    let key = people_key(&place.lake).await.unwrap();
    let number = key.hidden(&hear("07700900123", Country::from_code("GB"))).unwrap();
    let person = Person {
        numbers: BTreeSet::from([number]),
        keys: BTreeMap::new(),
        digits: BTreeSet::from(["7700900123".to_owned()]),
    };
    (person, key)
}

/// Ann with the keys that are hers alone, and the prints of all of it.
async fn whole_ann(place: &Place) -> (Person, Vec<[u8; 16]>) {
    let (mut person, key) = ann(place).await;
    let found = place.lake.find_person(person.clone()).await.unwrap();
    person = person.whole(&found);
    let digits = person.digits.iter().map(|digits| (DIGITS, digits.as_str()));
    let prints = person.values().chain(digits).map(|(class, value)| key.print_of(class, value)).collect();
    (person, prints)
}

#[tokio::test]
async fn numbers_are_hidden_equal_ones_alike_and_withheld_ones_are_none() {
    let place = filled().await;
    let records = place.records("calls").await;
    let of = |id: &str, column: &str| records[id].get(column).cloned();
    let hidden = of("c1", "called_number").unwrap();
    assert!(hidden.starts_with("*0123:"), "{hidden}");
    assert_eq!(of("c2", "called_number"), Some(hidden.clone()));
    assert_eq!(of("c3", "caller_number"), Some(hidden));
    assert_ne!(of("c4", "called_number"), of("c1", "called_number"));
    assert_eq!(of("c1", "caller_number"), of("c3", "called_number"), "the centre's own number");
    assert_eq!(of("c5", "caller_number"), None);
    assert_eq!(of("c5", "flags").as_deref(), Some("caller_number:withheld"));
    assert_eq!(of("c6", "called_number").as_deref(), Some("1001"), "an extension is nobody's own");
    let data = place.store().join("data");
    let written = places_of(&data, "900456").len() + places_of(&data, "2079460000").len();
    assert_eq!(written, 1, "only in the name of a recording");
}

#[tokio::test]
async fn without_its_key_or_with_another_nothing_is_imported() {
    let place = filled().await;
    let key = place.folder.path().join("lake.key");
    let kept = fs::read(&key).unwrap();
    assert!(
        places_of(&place.store(), std::str::from_utf8(&kept).unwrap().lines().last().unwrap()).is_empty()
    );
    fs::remove_file(&key).unwrap();
    let error = place.import(&calls(), "more.csv", &format!("{HEADER}{CALLS}")).await.unwrap_err();
    assert!(matches!(error, IngestError::Key(KeyError::Lost { .. })), "{error}");
    PeopleKey::create(&key).unwrap();
    let error = place.import(&calls(), "more.csv", &format!("{HEADER}{CALLS}")).await.unwrap_err();
    assert!(matches!(error, IngestError::Key(KeyError::Other { .. })), "{error}");
    fs::write(&key, kept).unwrap();
    assert_eq!(
        place.import(&calls(), "more.csv", &format!("{HEADER}{CALLS}")).await.unwrap().report.unchanged,
        7
    );
}

#[tokio::test]
async fn what_is_found_of_a_person_names_the_keys_that_others_share() {
    let place = filled().await;
    let (person, _) = ann(&place).await;
    let found = place.lake.find_person(person).await.unwrap();
    assert_eq!(found.records, BTreeMap::from([("calls".to_owned(), 4)]));
    let keys: Vec<(&str, &str, u64)> =
        found.keys.iter().map(|k| (k.column.as_str(), k.value.as_str(), k.records)).collect();
    assert_eq!(keys, [("lead_id", "lead-ann", 3)]);
    assert_eq!(found.shared.len(), 1);
    assert_eq!((found.shared[0].value.as_str(), found.shared[0].other_numbers.len()), ("shared", 1));
}

#[tokio::test]
async fn an_erased_person_is_nowhere_and_no_count_moves() {
    let place = filled().await;
    // Something of hers in every corner: a correction that waits, one that was folded, an outcome without a number.
    let outcomes =
        source("crm", "outcomes", &[("occurred_at", "at"), ("lead_id", "lead"), ("outcome", "kind")]);
    let sold = "id,at,lead,kind\no1,2026-01-06 09:00,lead-ann,sale\no2,2026-01-06 09:00,lead-bo,sale\n";
    place.import(&outcomes, "crm.csv", sold).await.unwrap();
    place
        .import(
            &calls(),
            "fix1.csv",
            &format!("{HEADER}{}\n", CALLS.lines().next().unwrap().replace("NA", "CB")),
        )
        .await
        .unwrap();
    place.lake.settle().await.unwrap();
    place
        .import(
            &calls(),
            "fix2.csv",
            &format!("{HEADER}{}\n", CALLS.lines().nth(1).unwrap().replace("SALE", "WON")),
        )
        .await
        .unwrap();
    let leads = source("list", "leads", &[("number", "phone"), ("loaded_at", "at")]);
    let listed = "id,phone,at\nlead-ann,07700900123,2026-01-01 10:00\nlead-bo,07700900456,2026-01-01 10:00\n";
    place.import(&leads, "leads.csv", listed).await.unwrap();
    let stop = source("stop", "dnc_events", &[("number", "phone"), ("occurred_at", "at")]);
    place.import(&stop, "stop.csv", "id,phone,at\ns1,07700900123,2026-01-07 10:00\n").await.unwrap();
    let before = place.records("calls").await;
    let (person, prints) = whole_ann(&place).await;
    let hidden = person.numbers.first().unwrap().clone();
    assert!(
        !places_of(&place.store(), &hidden).is_empty() && !places_of(&place.store(), "lead-ann").is_empty()
    );

    let report = place.lake.erase(person.clone(), prints).await.unwrap();
    assert!(report.files >= 2 && report.journal_entries == 2, "{report:?}");
    assert_eq!(report.quarantined, 1);

    for text in WRITTEN.into_iter().chain(["lead-ann"]) {
        assert_eq!(places_of(&place.store(), text), BTreeSet::new(), "{text}");
    }
    let stays = places_of(&place.store(), &hidden);
    let of_stops =
        |path: &PathBuf| path.to_string_lossy().contains("dnc_events") || path.ends_with("catalog.db");
    assert!(!stays.is_empty() && stays.iter().all(of_stops), "{stays:?}");
    let after = place.records("calls").await;
    let hers = |records: &BTreeMap<String, BTreeMap<String, String>>, id: &str, column: &str| {
        records[id].get(column).cloned()
    };
    let one = hers(&after, "c1", "called_number").unwrap();
    assert!(one.starts_with("erased:"));
    assert_eq!(hers(&after, "c2", "called_number"), Some(one.clone()), "still one person");
    assert_eq!(hers(&after, "c3", "caller_number"), Some(one));
    let lead = hers(&after, "c1", "lead_id");
    assert_eq!(hers(&after, "c2", "lead_id"), lead);
    assert_eq!(place.records("outcomes").await["o1"].get("lead_id"), lead.as_ref(), "joins hold");
    let list = place.records("leads").await;
    assert!(list.contains_key(lead.as_ref().unwrap()) && list.contains_key("lead-bo"), "{list:?}");
    // The list comes again, as it was and changed: the one who was erased is set aside without a word of them.
    let again = place.import(&leads, "leads2.csv", &listed.replace("01-01", "01-02")).await.unwrap();
    assert_eq!((again.report.corrected, again.report.quarantined["erased"]), (1, 1));
    assert_eq!(places_of(&place.store(), "lead-ann"), BTreeSet::new());
    place.lake.settle().await.unwrap();
    place.lake.compact_wholly().await.unwrap();
    assert_eq!(place.records("leads").await.len(), 2);
    // So does the do-not-call list, which is kept.
    place.import(&stop, "stop2.csv", "id,phone,at\ns1,07700900123,2026-01-07 11:00\n").await.unwrap();
    assert_eq!(place.records("dnc_events").await["s1"]["number"], hidden);
    assert_eq!(hers(&after, "c1", "recording_ref"), None);
    assert_eq!(hers(&after, "c2", "disposition").as_deref(), Some("WON"));
    for id in ["c4", "c5", "c6"] {
        assert_eq!(after[id], before[id], "others are as they were");
    }
    assert_eq!(after.len(), before.len());
    let verified = place.lake.verify(VerifyOptions::default()).await.unwrap();
    assert_eq!(verified.problems, Vec::<String>::new());
    // The one who shared the line of the quarantine stays there.
    assert!(!places_of(&place.store(), "nor has this").is_empty());
}

#[tokio::test]
async fn who_was_erased_does_not_come_back_with_the_next_export() {
    let place = filled().await;
    let (person, prints) = whole_ann(&place).await;
    let hidden = person.numbers.first().unwrap().clone();
    place.lake.erase(person, prints).await.unwrap();

    // The very file again, though something of it was corrected since.
    let fixed = CALLS.lines().nth(3).unwrap().replace("INFO", "SALE");
    place.import(&calls(), "fix.csv", &format!("{HEADER}{fixed}\n")).await.unwrap();
    let very = place.import(&calls(), "calls.csv", &format!("{HEADER}{CALLS}")).await.unwrap();
    assert_eq!((very.report.unchanged, very.report.corrected), (7, 0));
    assert_eq!(place.records("calls").await["c9"]["disposition"], "SALE");
    let back = CALLS.lines().nth(3).unwrap();
    place.import(&calls(), "back.csv", &format!("{HEADER}{back}\n")).await.unwrap();
    let erased = place.records("calls").await;

    // The same records in another file, and a fuller one.
    let again = place.import(&calls(), "again.csv", &format!("{HEADER}{CALLS}")).await.unwrap();
    assert_eq!((again.report.unchanged, again.report.corrected, again.report.new), (7, 0, 0));
    let late = "c7,2026-01-04 10:00,outbound,07700900123,02079460000,lead-ann,,,NA\n";
    let more = place.import(&calls(), "late.csv", &format!("{HEADER}{late}")).await.unwrap();
    assert_eq!(more.report.new, 1);
    let mut after = place.records("calls").await;
    let seventh = after.remove("c7").unwrap();
    assert_eq!((seventh.get("called_number"), seventh.get("lead_id")), (None, None));
    assert_eq!(seventh["flags"], "lead_id:erased called_number:erased");
    assert_eq!(after, erased);
    assert_eq!(places_of(&place.store(), &hidden), BTreeSet::new());

    // Under another mapping the very file is read anew, for everybody else in it.
    let mut renamed = calls();
    for field in &mut renamed.fields {
        if field.column == "disposition" {
            field.values = vec![("INFO".to_owned(), "TOLD".to_owned())];
        }
    }
    let mapped = place.import(&renamed, "again.csv", &format!("{HEADER}{CALLS}")).await.unwrap();
    assert!(mapped.report.corrected > 0, "{:?}", mapped.report);
    let records = place.records("calls").await;
    assert_eq!(records["c5"]["disposition"], "TOLD");
    assert!(
        records["c1"]["called_number"].starts_with("erased:") || !records["c1"].contains_key("called_number")
    );
    assert_eq!(places_of(&place.store(), &hidden), BTreeSet::new());

    // What she does after that is hers anew.
    let next = "c8,2031-01-04 10:00,inbound,02079460000,07700900123,,,,INFO\n";
    place.import(&calls(), "next.csv", &format!("{HEADER}{next}")).await.unwrap();
    assert_eq!(place.records("calls").await["c8"]["caller_number"], hidden);
}

#[tokio::test]
async fn earlier_states_forget_as_well() {
    let place = filled().await;
    let then = jiff::Timestamp::now();
    place
        .import(
            &calls(),
            "fix.csv",
            &format!("{HEADER}{}\n", CALLS.lines().next().unwrap().replace("NA", "CB")),
        )
        .await
        .unwrap();
    place.lake.settle().await.unwrap();
    let (person, prints) = whole_ann(&place).await;
    place.lake.erase(person, prints).await.unwrap();
    let past = place.lake.as_of(then).await.unwrap().snapshot().await.unwrap();
    let live = &past.tables["calls"];
    let files: Vec<_> =
        live.files.iter().flat_map(|file| batches(&file.path)).flat_map(|b| rows(&b)).collect();
    let first = files.iter().find(|(id, _)| id == "c1").unwrap();
    assert_eq!(first.1["disposition"], "NA", "the state of then");
    assert!(first.1["called_number"].starts_with("erased:"));
}

#[tokio::test]
async fn a_list_that_is_known_by_its_numbers_keeps_none_in_plain() {
    let place = Place::new().await;
    let mut list = source("list", "leads", &[("number", "phone"), ("loaded_at", "at")]);
    list.identity = Identity::Id {
        columns: vec!["phone".to_owned()],
        was: Vec::new(),
        revision: Revision::Arrival,
        look_back_days: None,
    };
    let text = "phone,at\n07700 900123,2026-01-01 10:00\n+447700900123,2026-01-01 10:00\n";
    let imported = place.import(&list, "list.csv", text).await.unwrap();
    assert_eq!((imported.report.new, imported.report.unchanged), (1, 1), "one number, one lead");
    for written in WRITTEN {
        assert_eq!(places_of(&place.store(), written), BTreeSet::new());
    }
    assert_eq!(facts::table("leads").unwrap().column("number").unwrap().kind, Kind::Phone);
}
