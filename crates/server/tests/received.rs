//! Records that are sent over HTTP: who may, what is answered, and what becomes of them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on says where"
)]

use std::io::Write;
use std::path::Path;
use std::time::SystemTime;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use dialmark_ingest::take_pushed;
use dialmark_lake::{Lake, Limits};
use dialmark_project::{Project, ProjectFile};
use dialmark_server::{Receiver, receiving_router};
use dialmark_state::{Scope, State};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha1::Sha1;
use sha2::Sha256;
use tower::ServiceExt;

const SOURCES: &str = "\
[source.dialler]
table = \"calls\"
format = \"jsonl\"
id = \"id\"
columns = { started_at = \"at\", talk_ms = { from = \"talk\", as = \"s\" } }
[source.events]
table = \"calls\"
format = \"jsonl\"
id = \"ce.id\"
columns = { started_at = \"at\" }
[source.export]
table = \"calls\"
files = [\"*.csv\"]
id = \"id\"
columns = { started_at = \"at\" }
[source.superseding]
table = \"calls\"
format = \"jsonl\"
columns = { started_at = \"at\" }
[source.switch]
pack = \"twilio_calls\"
[source.legs]
pack = \"freeswitch_json\"
[source.callbacks]
pack = \"twilio_status\"
[source.callbacks.webhook]
signed = \"twilio\"
secret_env = \"TWILIO\"
url = \"https://calls.example.com/hooks/callbacks\"
[source.crm]
table = \"calls\"
format = \"jsonl\"
id = \"id\"
columns = { started_at = \"at\" }
[source.crm.webhook]
signed = \"hmac\"
secret_env = \"CRM\"
header = \"X-Signature\"
prefix = \"sha256=\"
[source.timed]
table = \"calls\"
format = \"jsonl\"
id = \"id\"
columns = { started_at = \"at\" }
[source.timed.webhook]
signed = \"hmac\"
secret_env = \"CRM\"
header = \"X-Signature\"
timestamp_header = \"X-Sent\"
[source.secretless]
table = \"calls\"
format = \"jsonl\"
id = \"id\"
columns = { started_at = \"at\" }
[source.secretless.webhook]
signed = \"hmac\"
secret_env = \"NOWHERE\"
header = \"X-Signature\"
";
const SECRETS: [(&str, &str); 3] = [("callbacks", "12345"), ("crm", "crm"), ("timed", "crm")];

struct Station {
    folder: tempfile::TempDir,
    project: Project,
    lake: Lake,
    state: State,
    router: Router,
    token: String,
}

async fn station(limits: Limits) -> Station {
    let folder = tempfile::tempdir().unwrap();
    let files = [
        ProjectFile::new("dialmark.toml", "[centre]\nname = \"N\"\nzone = \"Europe/London\"\n"),
        ProjectFile::new("sources/s.toml", SOURCES),
    ];
    let project = Project::from_files(Path::new("/nowhere"), &files).unwrap();
    let lake = Lake::open(&folder.path().join("lake")).await.unwrap();
    let state = State::open(folder.path()).await.unwrap();
    let token = state.make_token("test", &[Scope::IngestAll], None).await.unwrap().text;
    let inbox = lake.inbox(limits).await.unwrap();
    let secrets = SECRETS.map(|(source, secret)| (source.to_owned(), secret.to_owned())).into();
    let router = receiving_router(Receiver::new(inbox, state.clone(), &project.sources, &secrets));
    Station { folder, project, lake, state, router, token }
}

impl Station {
    async fn send(
        &self,
        stream: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> (StatusCode, Value) {
        let bearer = format!("Bearer {}", self.token);
        self.send_as(&bearer, stream, headers, body).await
    }

    async fn send_as(
        &self,
        authorization: &str,
        stream: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> (StatusCode, Value) {
        let with_token = [&[("authorization", authorization)], headers].concat();
        self.post(&format!("/api/v1/ingest/{stream}"), &with_token, body).await
    }

    async fn post(
        &self,
        address: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> (StatusCode, Value) {
        let mut request = Request::post(address);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.router.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        (parts.status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    /// Read, new and quarantined records of all that waits for a source.
    async fn taken(&self, source: &str) -> (u64, u64, u64) {
        let source = self.project.source(source).unwrap();
        let mut sums = (0, 0, 0);
        while let Some(imported) = take_pushed(&self.lake, source).await.unwrap() {
            sums.0 += imported.report.read;
            sums.1 += imported.report.new;
            sums.2 += imported.report.quarantined_total();
        }
        sums
    }
}

const TWO: &str = "{\"id\":1,\"at\":\"2026-11-20T09:00:00Z\",\"talk\":30}\n{\"id\":2,\"at\":\"2026-11-20T09:05:00Z\",\"talk\":5}\n";

#[tokio::test]
async fn what_is_answered_for_is_on_disk_and_becomes_records_once() {
    let station = station(Limits::default()).await;
    let (status, said) = station.send("dialler", &[("content-type", "application/x-ndjson")], TWO).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    assert_eq!(said, json!({ "stream": "dialler", "accepted": 2, "repeated": false }));
    // Another handle on the same folder sees it: it is not in this process alone.
    let other = Lake::open(&station.folder.path().join("lake")).await.unwrap();
    assert_eq!(other.waiting().await.unwrap()[0].records, 2);
    assert_eq!(station.taken("dialler").await, (2, 2, 0));
    // As curl calls any body.
    station.send("dialler", &[("content-type", "application/x-www-form-urlencoded")], TWO).await;
    assert_eq!(station.taken("dialler").await, (2, 0, 0), "the same records again are known");
}

#[tokio::test]
async fn a_key_is_answered_as_before_and_stands_for_one_delivery() {
    let station = station(Limits::default()).await;
    let key = [("idempotency-key", "batch-17")];
    assert_eq!(station.send("dialler", &key, TWO).await.0, StatusCode::ACCEPTED);
    let (status, said) = station.send("dialler", &key, TWO).await;
    assert_eq!((status, &said["repeated"], &said["accepted"]), (StatusCode::OK, &json!(true), &json!(2)));
    let (status, said) = station.send("dialler", &key, "{\"id\":9}").await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(said["error"].as_str().unwrap().contains("24 hours"), "{said}");
    assert_eq!(station.lake.waiting().await.unwrap()[0].bodies, 1);
}

#[tokio::test]
async fn only_a_token_with_the_right_scope_may_send() {
    let station = station(Limits::default()).await;
    for wrong in ["", "Bearer", "Bearer dialmark_a_b", "Basic eA=="] {
        let (status, said) = station.send_as(wrong, "dialler", &[], TWO).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{wrong}");
        assert!(said["error"].as_str().unwrap().len() > 20);
    }
    let scope = Scope::Ingest("events".to_owned());
    let narrow = station.state.make_token("crm", &[scope], None).await.unwrap();
    let bearer = format!("Bearer {}", narrow.text);
    assert_eq!(station.send_as(&bearer, "dialler", &[], TWO).await.0, StatusCode::FORBIDDEN);
    // What it may not know, it is not told.
    assert_eq!(station.send_as(&bearer, "nothing", &[], TWO).await.0, StatusCode::FORBIDDEN);
    assert!(station.lake.waiting().await.unwrap().is_empty());
}

#[tokio::test]
async fn compressed_deliveries_are_unpacked_and_bombs_are_not() {
    let station = station(Limits::default()).await;
    let gzip = |bytes: &[u8]| {
        let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        writer.write_all(bytes).unwrap();
        writer.finish().unwrap()
    };
    let (status, _) = station.send("dialler", &[("content-encoding", "gzip")], gzip(TWO.as_bytes())).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    let packed = zstd::encode_all(TWO.as_bytes(), 3).unwrap();
    assert_eq!(
        station.send("dialler", &[("content-encoding", "zstd")], packed).await.0,
        StatusCode::ACCEPTED
    );
    assert_eq!(station.taken("dialler").await, (4, 2, 0));
    let bomb = gzip(&vec![b' '; 40 << 20]);
    let (status, said) = station.send("dialler", &[("content-encoding", "gzip")], bomb).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE, "{said}");
    assert_eq!(
        station.send("dialler", &[("content-encoding", "gzip")], TWO).await.0,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(
        station.send("dialler", &[("content-encoding", "br")], TWO).await.0,
        StatusCode::UNSUPPORTED_MEDIA_TYPE
    );
    let (status, _) = station.send("dialler", &[], vec![b'{'; (16 << 20) + 1]).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn what_is_wrong_with_a_line_goes_to_quarantine_and_nothing_is_lost() {
    let station = station(Limits::default()).await;
    let body = "{\"id\":1,\"at\":\"2026-11-20T09:00:00Z\"}\n{\"id\":2,\nnonsense\n{\"at\":\"2026-11-20T09:00:00Z\"}\n";
    let (status, said) = station.send("dialler", &[], body).await;
    assert_eq!((status, &said["accepted"]), (StatusCode::ACCEPTED, &json!(4)));
    assert_eq!(station.taken("dialler").await, (4, 1, 3));
    let import = station.lake.imports().await.unwrap().remove(0).report.import_id;
    let aside = station.lake.quarantined(import, 9).await.unwrap();
    assert_eq!(aside.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 3, 4]);
}

#[tokio::test]
async fn events_bring_their_own_key() {
    let station = station(Limits::default()).await;
    let event = |id: u32| {
        json!({ "specversion": "1.0", "id": id.to_string(), "source": "/crm", "type": "call",
                                  "data": { "at": "2026-11-20T09:00:00Z" } })
    };
    let batch = [("content-type", "application/cloudevents-batch+json")];
    let (status, said) = station.send("events", &batch, json!([event(1), event(2)]).to_string()).await;
    assert_eq!((status, &said["accepted"]), (StatusCode::ACCEPTED, &json!(2)), "{said}");
    let one = [("content-type", "application/cloudevents+json")];
    let (status, said) = station.send("events", &one, event(2).to_string()).await;
    assert_eq!((status, &said["repeated"]), (StatusCode::OK, &json!(true)), "{said}");
    assert_eq!(station.taken("events").await, (2, 2, 0));
}

#[tokio::test]
async fn what_a_pack_reads_is_sent_as_its_system_writes_it() {
    let station = station(Limits::default()).await;
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../packs/fixtures/twilio_calls.json");
    let (status, said) = station.send("switch", &[], std::fs::read(fixture).unwrap()).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{said}");
    let (read, new, aside) = station.taken("switch").await;
    // One of them is not known by anything, and one comes a second time, with its price.
    assert_eq!((read, new, aside), (4, 2, 1));
}

#[tokio::test]
async fn sources_that_cannot_be_sent_to_are_said() {
    let station = station(Limits::default()).await;
    for stream in ["export", "superseding", "none"] {
        let (status, said) = station.send(stream, &[], TWO).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        assert!(said["error"].as_str().unwrap().contains("`dialler`"), "{said}");
    }
}

#[tokio::test]
async fn at_overload_a_sender_is_told_when_to_come_back() {
    let station = station(Limits { waiting_bytes: 150, free_bytes: 0 }).await;
    assert_eq!(station.send("dialler", &[], TWO).await.0, StatusCode::ACCEPTED);
    let (status, said) = station.send("dialler", &[], TWO).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS, "{said}");
    let full = self::station(Limits { waiting_bytes: 1 << 20, free_bytes: u64::MAX }).await;
    let (status, said) = full.send("dialler", &[], TWO).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(said["error"].as_str().unwrap().contains("bytes left"), "{said}");
    assert!(full.lake.waiting().await.unwrap().is_empty());
}

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const HOOK: &str = "/api/v1/webhooks/callbacks";
const RINGING: &str =
    "CallSid=CA1&CallStatus=ringing&Timestamp=Mon%2C+05+Jan+2026+09%3A00%3A10+%2B0000&SequenceNumber=1";
const OVER: &str = "CallSid=CA1&CallStatus=completed&Timestamp=Mon%2C+05+Jan+2026+09%3A01%3A05+%2B0000&SequenceNumber=3&CallDuration=49";

/// What Twilio would sign a form with whose names stand in their order already, but for `Timestamp` at the end.
fn of_twilio(query: &str, form: &str) -> String {
    let plain = form.replace('+', " ").replace("%2C", ",").replace("%3A", ":").replace("%2B", "+");
    let mut pairs: Vec<&str> = plain.split('&').collect();
    pairs.sort_unstable();
    let signed =
        format!("https://calls.example.com/hooks/callbacks{query}{}", pairs.concat().replace('=', ""));
    let mac = <Hmac<Sha1> as KeyInit>::new_from_slice(b"12345").unwrap().chain_update(signed);
    BASE64_STANDARD.encode(mac.finalize().into_bytes())
}

fn of_crm(signed: &str) -> String {
    let mac = <Hmac<Sha256> as KeyInit>::new_from_slice(b"crm").unwrap().chain_update(signed);
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn a_signed_webhook_needs_no_token_and_becomes_a_record() {
    let station = station(Limits::default()).await;
    for form in [RINGING, OVER] {
        let signature = of_twilio("", form);
        let headers = [FORM, ("x-twilio-signature", signature.as_str())];
        let (status, said) = station.post(HOOK, &headers, form).await;
        assert_eq!((status, &said["accepted"]), (StatusCode::ACCEPTED, &json!(1)), "{said}");
        // Twilio did not hear the answer, and sends it again.
        let (status, said) = station.post(HOOK, &headers, form).await;
        assert_eq!((status, &said["repeated"]), (StatusCode::OK, &json!(true)), "{said}");
    }
    let signature = of_twilio("?campaign=north", OVER);
    let (status, _) = station
        .post(&format!("{HOOK}?campaign=north"), &[FORM, ("x-twilio-signature", &signature)], OVER)
        .await;
    assert_eq!(status, StatusCode::ACCEPTED, "the query is part of the address");
    assert_eq!(station.taken("callbacks").await, (2, 1, 0));
}

#[tokio::test]
async fn a_webhook_is_known_by_the_key_that_twilio_gives_it() {
    let station = station(Limits::default()).await;
    let send = async |form: &str, key: &str| {
        let signature = of_twilio("", form);
        let headers = [FORM, ("x-twilio-signature", signature.as_str()), ("i-twilio-idempotency-token", key)];
        station.post(HOOK, &headers, form.to_owned()).await.0
    };
    assert_eq!(send(RINGING, "one").await, StatusCode::ACCEPTED);
    assert_eq!(send(RINGING, "one").await, StatusCode::OK);
    assert_eq!(send(OVER, "one").await, StatusCode::CONFLICT);
    assert_eq!(send(OVER, "two").await, StatusCode::ACCEPTED);
}

#[tokio::test]
async fn what_is_not_signed_is_refused_and_nothing_of_it_is_kept() {
    let station = station(Limits::default()).await;
    let (good, other) = (of_twilio("", OVER), of_twilio("", RINGING));
    let json = ("content-type", "application/json");
    for (address, headers, body) in [
        (HOOK, vec![FORM], OVER),
        (HOOK, vec![FORM, ("x-twilio-signature", other.as_str())], OVER),
        (HOOK, vec![FORM, ("x-twilio-signature", "nonsense")], OVER),
        (HOOK, vec![FORM, ("x-twilio-signature", good.as_str())], RINGING),
        ("/api/v1/webhooks/callbacks?more=1", vec![FORM, ("x-twilio-signature", good.as_str())], OVER),
        // The signature of the address says nothing of a body that is no form.
        (HOOK, vec![json, ("x-twilio-signature", of_twilio("", "").leak())], "{\"CallSid\":\"CA9\"}"),
        ("/api/v1/webhooks/crm", vec![json, ("x-signature", of_crm("{}").leak())], "{}"),
    ] {
        let (status, said) = station.post(address, &headers, body).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{headers:?}: {said}");
        assert!(said["error"].as_str().unwrap().len() > 20, "{said}");
    }
    for unknown in ["dialler", "secretless", "nothing"] {
        let (status, said) = station.post(&format!("/api/v1/webhooks/{unknown}"), &[json], "{}").await;
        assert_eq!(
            (status, said),
            (StatusCode::NOT_FOUND, json!({ "error": "No webhooks are taken here." }))
        );
    }
    let large = vec![b'x'; (1 << 20) + 1];
    assert_eq!(station.post(HOOK, &[FORM], large).await.0, StatusCode::PAYLOAD_TOO_LARGE);
    for unsigned in [("content-encoding", "gzip"), ("ce-specversion", "1.0")] {
        let (status, said) = station.post(HOOK, &[FORM, unsigned], OVER).await;
        assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{said}");
    }
    assert!(station.lake.waiting().await.unwrap().is_empty());
    // A token is no signature, and the other way round.
    assert_eq!(station.send("crm", &[json], "{\"id\":1}").await.0, StatusCode::ACCEPTED);
}

#[tokio::test]
async fn a_body_that_is_signed_may_come_twice_and_one_with_its_time_may_not() {
    let station = station(Limits::default()).await;
    let one = "{\"id\":1,\"at\":\"2026-11-20T09:00:00Z\"}";
    let json = ("content-type", "application/json");
    let signature = format!("sha256={}", of_crm(one));
    let plain = [json, ("x-signature", signature.as_str())];
    // Open, closed, open: alike and yet two messages.
    for _ in 0..2 {
        assert_eq!(station.post("/api/v1/webhooks/crm", &plain, one).await.0, StatusCode::ACCEPTED);
    }
    assert_eq!(station.taken("crm").await, (2, 1, 0));
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    for (at, first, second) in [
        (now, StatusCode::ACCEPTED, StatusCode::OK),
        (now - 1000, StatusCode::FORBIDDEN, StatusCode::FORBIDDEN),
    ] {
        let (at, signature) = (at.to_string(), of_crm(&format!("{at}.{one}")));
        let timed = [json, ("x-sent", at.as_str()), ("x-signature", signature.as_str())];
        assert_eq!(station.post("/api/v1/webhooks/timed", &timed, one).await.0, first);
        let large = signature.to_uppercase();
        let timed = [json, ("x-sent", at.as_str()), ("x-signature", large.as_str())];
        assert_eq!(station.post("/api/v1/webhooks/timed", &timed, one).await.0, second);
    }
}

#[tokio::test]
async fn a_webhook_waits_at_overload_as_any_delivery_does() {
    let station = station(Limits { waiting_bytes: 150, free_bytes: 0 }).await;
    let signature = of_twilio("", OVER);
    let headers = [FORM, ("x-twilio-signature", signature.as_str())];
    assert_eq!(station.post(HOOK, &headers, OVER).await.0, StatusCode::ACCEPTED);
    let signature = of_twilio("", RINGING);
    let headers = [FORM, ("x-twilio-signature", signature.as_str())];
    assert_eq!(station.post(HOOK, &headers, RINGING).await.0, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn freeswitch_posts_its_records_as_it_is_set_up() {
    let station = station(Limits::default()).await;
    let basic = format!("Basic {}", BASE64_STANDARD.encode(format!("switch:{}", station.token)));
    let document = |uuid: &str| {
        format!(
            "{{\"variables\":{{\"uuid\":\"{uuid}\",\"start_uepoch\":\"1767603600000000\",\"direction\":\"outbound\"}}}}"
        )
    };
    let encoded =
        document("u2").replace('{', "%7B").replace('}', "%7D").replace('"', "%22").replace(':', "%3A");
    let in_base64 = ("content-type", "application/x-www-form-base64-encoded");
    for (headers, body) in [
        (vec![("content-type", "application/json")], document("u1")),
        (vec![FORM], format!("cdr={encoded}")),
        (vec![in_base64], format!("cdr={}", BASE64_STANDARD.encode(document("u3")))),
        // Told not to wait for a `100 Continue`, it forgets the type.
        (vec![FORM], format!("cdr={}", BASE64_STANDARD.encode(document("u4")))),
        (vec![FORM], document("u5")),
    ] {
        let (status, said) = station.send_as(&basic, "legs?uuid=u", &headers, body).await;
        assert_eq!((status, &said["accepted"]), (StatusCode::ACCEPTED, &json!(1)), "{headers:?}: {said}");
    }
    let (status, said) =
        station.send_as(&basic, "legs", &[FORM], "cdr=%7B%22name%22:%22%22Bob%22%22%7D").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(said["error"].as_str().unwrap().contains("encode-values"), "{said}");
    assert_eq!(station.taken("legs").await, (5, 5, 0));
}
