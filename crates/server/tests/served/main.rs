//! The pages over a small store whose figures can be added up by hand.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on says where"
)]

mod promised;
mod quality;
mod signed_in;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray, new_null_array};
use arrow::compute::cast;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use dialmark_engine::Engine;
use dialmark_lake::schema::stored_schema;
use dialmark_lake::{Consumes, ImportIdentity, ImportSpec, Lake, QuarantinedRow};
use dialmark_metrics::Catalogue;
use dialmark_metrics::catalogue::Filled;
use dialmark_model::declared::Problem;
use dialmark_model::{Disposition, DispositionMap, Outcome, facts};
use dialmark_project::Centre;
use dialmark_server::{Declarations, Declared, Intake, Keep, Promises, Served, TourStep};
use dialmark_state::State;
use tower::ServiceExt;

/// Column and value of one record, as text.
type Record = Vec<(&'static str, String)>;

/// 16 November to 19 November 2026, ten calls a day at nine o'clock; two, three, four and one of them sales.
fn calls() -> Vec<Record> {
    let mut all = Vec::new();
    for (day, sales) in [(16, 2), (17, 3), (18, 4), (19, 1)] {
        for number in 0..10 {
            let code = if number < sales { "SALE" } else { "NA" };
            let campaign = if number % 2 == 0 { "north" } else { "O'Neil & <b>co</b>" };
            all.push(vec![
                ("direction", "outbound".to_owned()),
                ("campaign_id", campaign.to_owned()),
                ("disposition", code.to_owned()),
                ("started_at", format!("2026-11-{day}T09:{number:02}:00Z")),
                ("source_id", format!("{day}-{number}")),
            ]);
        }
    }
    all[39][2].1 = "WHAT?".to_owned();
    all
}

fn batch(records: &[Record]) -> RecordBatch {
    let schema = stored_schema(facts::table("calls").unwrap());
    let columns: Vec<ArrayRef> = schema
        .fields()
        .iter()
        .map(|field| {
            let texts: Vec<Option<String>> = records
                .iter()
                .enumerate()
                .map(|(at, record)| match field.name().as_str() {
                    "source" => Some("dialler".to_owned()),
                    "source_zone" => Some("Europe/London".to_owned()),
                    "revision" | "line" => Some((at + 1).to_string()),
                    "import_id" => Some("1".to_owned()),
                    name => record.iter().find(|(n, _)| *n == name).map(|(_, v)| v.clone()),
                })
                .collect();
            match texts.iter().all(Option::is_none) {
                true => new_null_array(field.data_type(), records.len()),
                false => cast(&StringArray::from(texts), field.data_type()).unwrap(),
            }
        })
        .collect();
    RecordBatch::try_new(schema, columns).unwrap()
}

async fn served(folder: &Path, records: &[Record]) -> Router {
    served_with(folder, records, Promises::default()).await
}

async fn served_with(folder: &Path, records: &[Record], promises: Promises) -> Router {
    let lake = Lake::open(folder).await.unwrap();
    if !records.is_empty() {
        let spec = ImportSpec {
            table: facts::table("calls").unwrap().clone(),
            source: "dialler".to_owned(),
            file_name: "november.csv".to_owned(),
            file_hash: "0".repeat(64),
            zone: "Europe/London".to_owned(),
            reading: String::new(),
            known_by: None,
            identity: ImportIdentity::Id { declared_revision: true, look_back_days: None },
            consumes: Consumes::Nothing,
        };
        let mut import = lake.begin_import(spec).await.unwrap();
        import.push(batch(records)).unwrap();
        import
            .quarantine(QuarantinedRow {
                line: 41,
                reason: "no_id".to_owned(),
                detail: "The record has no identifier.".to_owned(),
                text: ";<script>;".to_owned(),
            })
            .unwrap();
        import.commit(BTreeMap::from([("talk_ms:negative".to_owned(), 2)])).await.unwrap();
    }
    let mut map = DispositionMap::default();
    map.codes.insert("SALE".to_owned(), Disposition::of(Outcome::Sale));
    map.codes.insert("NA".to_owned(), Disposition::of(Outcome::NoAnswer));
    let centre = Centre::new("Northgate & Sons", "Europe/London", Some("GBP")).unwrap();
    let (catalogue, _) = Catalogue::builtin();
    let engine = Engine::new(lake.clone(), Arc::new(catalogue), Arc::new(map), Filled::default())
        .in_calendar(centre.calendar());
    let keep = Keep { states_days: 7, records_days: BTreeMap::new() };
    let intake = Intake { sources: Vec::new(), keep };
    let ways = dialmark_server::Ways::default();
    let declared = Declared { engine, centre, promises, intake, ways };
    let tour = vec![TourStep {
        title: "The list, not the team".to_owned(),
        sentence: "Conversion fell.".to_owned(),
        href: "/metric/conversion_rate?by=list_id".to_owned(),
    }];
    let state = State::open(folder).await.unwrap();
    let declarations = Arc::new(Nowhere(folder.to_owned()));
    let hosts = vec!["figures.example.org".to_owned()];
    dialmark_server::router(Served { declared, declarations, lake, tour, state, receiver: None, hosts }).0
}

/// No files: what is served here is declared in the test.
struct Nowhere(PathBuf);

impl Declarations for Nowhere {
    fn read(&self) -> Result<Declared, Vec<String>> {
        Err(vec!["There are no files.".to_owned()])
    }

    fn stamp(&self) -> u64 {
        0
    }

    fn mistakes_with(&self, _: &[(String, String)]) -> Vec<Problem> {
        Vec::new()
    }

    fn dispositions_with(&self, _: &[(String, String)]) -> Option<DispositionMap> {
        None
    }

    fn folder(&self) -> &Path {
        &self.0
    }
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

async fn ask(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap();
    Answer { status: parts.status, headers: parts.headers, text: String::from_utf8(bytes.to_vec()).unwrap() }
}

async fn get(router: &Router, address: &str) -> Answer {
    let request = Request::get(address).header(header::HOST, "127.0.0.1:7777").body(Body::empty()).unwrap();
    ask(router, request).await
}

/// The text of a page with its typographic blanks made plain.
fn plain(text: &str) -> String {
    text.replace(['\u{a0}', '\u{202f}'], " ")
}

#[tokio::test]
async fn the_overview_shows_the_figures_of_the_period() {
    let folder = tempfile::tempdir().unwrap();
    let router = served(folder.path(), &calls()).await;
    let answer = get(&router, "/?from=2026-11-18&to=2026-11-19").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let text = plain(&answer.text);
    // 4 sales among 10 calls, 3 among 10 the day before.
    assert!(text.contains("10 dials") && text.contains("4 sales"), "{text}");
    assert!(text.contains("<b>40.0</b>") && text.contains("10.00 points, better"), "{text}");
    assert!(text.contains("the day before") && text.contains("Wed 18 Nov 2026"), "{text}");
    assert!(text.contains("Northgate &amp; Sons") && text.contains("The list, not the team"));
    assert!(text.contains("Records read<span>41</span>"), "{text}");
    assert!(text.contains("1 code on 1 call"), "{text}");
}

#[tokio::test]
async fn a_period_that_reaches_the_end_is_compared_with_the_same_elapsed_part() {
    let folder = tempfile::tempdir().unwrap();
    // On the 19th only what was dialled until 09:04 is in.
    let records: Vec<Record> = calls().into_iter().take(35).collect();
    let router = served(folder.path(), &records).await;
    let text = plain(&get(&router, "/metric/dials?from=2026-11-19").await.text);
    // Five calls against the five until 09:04 the day before, not against ten.
    assert!(text.contains("<b>5</b>") && text.contains("unchanged"), "{text}");
    assert!(
        text.contains("the day before, to 09:04") && text.contains("data to Thu 19 Nov 2026, 09:04"),
        "{text}"
    );
}

#[tokio::test]
async fn a_metric_is_broken_down_and_every_row_leads_to_its_records() {
    let folder = tempfile::tempdir().unwrap();
    let router = served(folder.path(), &calls()).await;
    let answer = get(&router, "/metric/conversion_rate?from=2026-11-16&by=campaign_id").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    // North: numbers 0, 2, 4, ...: one, two, two and one sales of twenty calls.
    assert!(answer.text.contains("O'Neil &amp; &lt;b&gt;co&lt;/b&gt;") && !answer.text.contains("<b>co</b>"));
    let text = plain(&answer.text);
    assert!(text.contains("30.0 %") && text.contains("20.0 %"), "{text}");
    let link = answer
        .text
        .split('"')
        .filter(|part| {
            part.starts_with("/calls?") && part.contains("part=numerator") && part.contains("Neil")
        })
        .find(|part| part.contains("where"))
        .unwrap()
        .replace("&amp;", "&");
    let records = get(&router, &link).await;
    assert_eq!(records.status, StatusCode::OK, "{}", records.text);
    assert!(plain(&records.text).contains("4 records of calls behind"), "{}", records.text);
}

#[tokio::test]
async fn records_are_paged_without_a_loss_and_the_download_has_all() {
    let folder = tempfile::tempdir().unwrap();
    let mut many = Vec::new();
    for number in 0..120 {
        let mut record = calls()[0].clone();
        record[3].1 = format!("2026-11-19T09:{:02}:{:02}Z", number / 60, number % 60);
        record[4].1 = format!("id-{number:03}");
        many.push(record);
    }
    let router = served(folder.path(), &many).await;
    let mut seen = Vec::new();
    for page in 1..=3 {
        let text = get(&router, &format!("/calls?metric=dials&page={page}")).await.text;
        seen.extend(text.match_indices("<td>id-").map(|(at, _)| text[at + 4..at + 10].to_owned()));
        assert!(text.contains("of 120"), "{text}");
    }
    seen.sort();
    let wanted: Vec<String> = (0..120).map(|number| format!("id-{number:03}")).collect();
    assert_eq!(seen, wanted);
    let file = get(&router, "/calls.csv?metric=dials").await;
    assert_eq!(file.headers[header::CONTENT_TYPE], "text/csv; charset=utf-8; header=present");
    assert_eq!(file.text.lines().count(), 121);
    assert!(get(&router, "/calls?metric=dials&page=0").await.status == StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_data_page_shows_ledger_quarantine_flags_and_unmapped_codes() {
    let folder = tempfile::tempdir().unwrap();
    let router = served(folder.path(), &calls()).await;
    let text = get(&router, "/data").await.text;
    for wanted in ["november.csv", "no id", "line 41", ";&lt;script&gt;;", "talk_ms:negative", "WHAT?"] {
        assert!(text.contains(wanted), "{wanted} not in {text}");
    }
}

#[tokio::test]
async fn the_catalogue_says_what_is_out_of_reach_and_its_page_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let router = served(folder.path(), &calls()).await;
    let text = get(&router, "/catalogue").await.text;
    assert!(text.contains("✓ yes") && text.contains("needs agent_spans"), "{text}");
    let text = get(&router, "/metric/occupancy").await.text;
    assert!(text.contains("not computable") && text.contains("agent_spans"), "{text}");
}

#[tokio::test]
async fn the_api_answers_as_the_command_line_does_and_errors_are_sentences() {
    let folder = tempfile::tempdir().unwrap();
    let router = served(folder.path(), &calls()).await;
    let answer = get(
        &router,
        "/api/v1/query?metric=conversion_rate,dials&by=campaign_id&where=campaign_id%3D%27north%27",
    )
    .await;
    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/json");
    let rows: serde_json::Value = serde_json::from_str(&answer.text).unwrap();
    assert_eq!(rows[0]["campaign_id"], "north");
    assert_eq!(rows[0]["conversion_rate"]["value"], "0.3");
    assert_eq!(rows[0]["conversion_rate"]["numerator"], 6);
    assert_eq!(rows[0]["dials"]["value"], 20);
    for address in [
        "/api/v1/query",
        "/api/v1/query?metric=nonsense",
        "/api/v1/query?metric=dials&where=)",
        "/api/v1/query?metric=dials&form=x",
    ] {
        let answer = get(&router, address).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{address}");
        let error: serde_json::Value = serde_json::from_str(&answer.text).unwrap();
        assert!(error["error"].as_str().unwrap().ends_with('.'), "{error}");
    }
}

#[tokio::test]
async fn what_cannot_be_answered_is_a_page_with_a_sentence_and_its_status() {
    let folder = tempfile::tempdir().unwrap();
    let router = served(folder.path(), &calls()).await;
    for (address, status) in [
        ("/nowhere", 404),
        ("/metric/nonsense", 404),
        ("/metric/dials?where=campaign_id%20%3D", 400),
        ("/metric/dials?where=no_such_column%20%3D%201", 400),
        ("/metric/dials?from=soon", 400),
        ("/metric/dials?form=2026-11-01", 400),
        ("/metric/aht?variant=nonsense", 400),
        ("/metric/dials?by=no_such_column", 400),
        ("/calls", 400),
        ("/calls?metric=dials&part=both", 400),
        ("/calls?table=nonsense", 404),
    ] {
        let answer = get(&router, address).await;
        assert_eq!(answer.status.as_u16(), status, "{address}: {}", answer.text);
        assert!(answer.text.contains("role=\"alert\""), "{address}: {}", answer.text);
    }
    let post =
        Request::post("/").header(header::HOST, "localhost").header(header::ORIGIN, "http://localhost");
    let answer = ask(&router, post.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(answer.text.contains("role=\"alert\""), "{}", answer.text);
}

#[tokio::test]
async fn an_empty_store_says_what_to_do_on_every_page() {
    let folder = tempfile::tempdir().unwrap();
    let router = served(folder.path(), &[]).await;
    assert!(get(&router, "/").await.text.contains("dialmark import"));
    for address in ["/data", "/catalogue", "/metric/conversion_rate", "/calls?metric=dials"] {
        let answer = get(&router, address).await;
        assert_eq!(answer.status, StatusCode::OK, "{address}: {}", answer.text);
    }
}

#[tokio::test]
async fn only_this_machine_is_answered_and_browsers_are_told_to_load_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let router = served(folder.path(), &[]).await;
    let foreign = Request::get("/").header(header::HOST, "evil.example.org").body(Body::empty()).unwrap();
    assert_eq!(ask(&router, foreign).await.status, StatusCode::MISDIRECTED_REQUEST);
    let health = get(&router, "/healthz").await;
    assert_eq!((health.status, health.text.as_str()), (StatusCode::OK, "ok"));
    let answer = get(&router, "/?theme=dark").await;
    let policy = answer.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'self'") && !policy.contains("unsafe"));
    assert!(answer.text.contains("data-theme=\"dark\""));
    assert!(answer.headers[header::SET_COOKIE].to_str().unwrap().starts_with("dialmark_theme=dark;"));
    let style = get(&router, "/assets/dialmark.css").await;
    assert_eq!(style.headers[header::CONTENT_TYPE], "text/css; charset=utf-8");
    let head = Request::head("/").header(header::HOST, "localhost").body(Body::empty()).unwrap();
    let answer = ask(&router, head).await;
    assert_eq!((answer.status, answer.text.as_str()), (StatusCode::OK, ""));
    let long = get(&router, &format!("/?where={}", "x".repeat(20_000))).await;
    assert_eq!(long.status, StatusCode::URI_TOO_LONG);
}
