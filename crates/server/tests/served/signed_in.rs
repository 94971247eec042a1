//! What those see and do who sign in.

use std::path::Path;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use dialmark_govern::access::Confined;
use dialmark_govern::{Access, Role};
use dialmark_state::{Change, NewAccount, State};

use super::{Answer, ask, calls, get, plain, served};

const HOST: &str = "127.0.0.1:7777";

/// Signs in and chooses a password; the cookie.
pub(super) async fn cookie(router: &Router, name: &str, one_time: &str) -> String {
    let answer =
        post(router, "/sign-in", "", &[("name", name), ("password", one_time), ("form", "login")]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let set = answer.headers.get(header::SET_COOKIE).unwrap().to_str().unwrap();
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Strict"), "{set}");
    let cookie = set.split(';').next().unwrap().to_owned();
    let chosen = "a password of my own";
    let fields = [("form", "change_password"), ("before", one_time), ("new", chosen), ("again", chosen)];
    let answer = post(router, "/password", &cookie, &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    cookie
}

pub(super) async fn post(router: &Router, address: &str, cookie: &str, fields: &[(&str, &str)]) -> Answer {
    let pairs: Vec<String> = fields
        .iter()
        .map(|(name, value)| {
            let encode = |text: &str| dialmark_view::link::encode(text);
            format!("{}={}", encode(name), encode(value))
        })
        .collect();
    let request = Request::post(address)
        .header(header::HOST, HOST)
        .header(header::ORIGIN, format!("http://{HOST}"))
        .header(header::COOKIE, cookie)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(pairs.join("&")))
        .unwrap();
    ask(router, request).await
}

pub(super) async fn seen(router: &Router, address: &str, cookie: &str) -> Answer {
    let request = Request::get(address)
        .header(header::HOST, HOST)
        .header(header::COOKIE, cookie)
        .body(Body::empty())
        .unwrap();
    ask(router, request).await
}

pub(super) async fn account(folder: &Path, name: &str, role: Role, confined: &[(&str, &str)]) -> String {
    let state = State::open(folder).await.unwrap();
    let confined: Confined =
        confined.iter().map(|(d, value)| ((*d).to_owned(), vec![(*value).to_owned()])).collect();
    let agent_id = confined.get("agent_id").map(|values| values[0].clone());
    let access = Access::new(role, confined, agent_id).unwrap();
    let new = NewAccount { name: name.to_owned(), label: String::new(), access };
    state.make_account(&new, "local").await.unwrap().0
}

#[tokio::test]
async fn from_the_first_account_on_everybody_signs_in() {
    let folder = tempfile::tempdir().unwrap();
    let router = served(folder.path(), &calls()).await;
    assert_eq!(get(&router, "/kpis").await.status, StatusCode::OK);
    let password = account(folder.path(), "ann", Role::Admin, &[]).await;

    let answer = get(&router, "/metric/dials?from=2026-11-18").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let to = answer.headers.get(header::LOCATION).unwrap().to_str().unwrap();
    assert_eq!(to, "/sign-in?next=%2Fmetric%2Fdials%3Ffrom%3D2026-11-18");
    let page = get(&router, to).await;
    assert!(page.text.contains("name=\"next\" value=\"/metric/dials?from=2026-11-18\""), "{}", page.text);
    assert!(!page.text.contains("href=\"/data\""), "the menu is for those who signed in");
    let program = get(&router, "/api/v1/query?metric=dials").await;
    assert_eq!(program.status, StatusCode::UNAUTHORIZED);
    assert!(program.text.starts_with("{\"error\":"), "{}", program.text);

    let wrong =
        post(&router, "/sign-in", "", &[("name", "ann"), ("password", "guess"), ("form", "login")]).await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    assert!(wrong.text.contains("do not belong together"), "{}", wrong.text);

    // With a password for one use there is nothing else than choosing one's own.
    let answer =
        post(&router, "/sign-in", "", &[("name", "ann"), ("password", &password), ("form", "login")]).await;
    let first = answer
        .headers
        .get(header::SET_COOKIE)
        .unwrap()
        .to_str()
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let answer = seen(&router, "/", &first).await;
    assert_eq!(answer.headers.get(header::LOCATION).unwrap(), "/password");

    let cookie = cookie(&router, "ann", &password).await;
    let text = seen(&router, "/", &cookie).await.text;
    assert!(text.contains("administrator") && text.contains("Sign out"), "{text}");
    assert_eq!(seen(&router, "/trail", &cookie).await.status, StatusCode::OK);
    assert_eq!(seen(&router, "/", &first).await.status, StatusCode::SEE_OTHER, "another session ended");
    post(&router, "/sign-out", &cookie, &[]).await;
    assert_eq!(seen(&router, "/", &cookie).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_form_of_another_site_and_a_name_that_is_not_ours_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let router = served(folder.path(), &calls()).await;
    for origin in [None, Some("http://evil.example"), Some("null")] {
        let mut request = Request::post("/accounts").header(header::HOST, HOST);
        if let Some(origin) = origin {
            request = request.header(header::ORIGIN, origin);
        }
        let answer = ask(&router, request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{origin:?}");
    }
    for (host, status) in
        [("figures.example.org", StatusCode::OK), ("other.example.org", StatusCode::MISDIRECTED_REQUEST)]
    {
        let request = Request::get("/catalogue").header(header::HOST, host).body(Body::empty()).unwrap();
        assert_eq!(ask(&router, request).await.status, status, "{host}");
    }
    // Over the network a session goes through TLS or not at all.
    let password = account(folder.path(), "ann", Role::Admin, &[]).await;
    let request = Request::post("/sign-in")
        .header(header::HOST, "figures.example.org")
        .header(header::ORIGIN, "https://figures.example.org")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(format!("name=ann&password={password}&next=//evil.example")))
        .unwrap();
    let answer = ask(&router, request).await;
    assert!(answer.headers.get(header::SET_COOKIE).unwrap().to_str().unwrap().ends_with("; Secure"));
    assert_eq!(answer.headers.get(header::LOCATION).unwrap(), "/", "nobody is led elsewhere");
}

/// Every address that is there to be read, and a role's right to it.
#[tokio::test]
async fn a_role_sees_what_it_may_and_its_menu_says_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let router = served(folder.path(), &calls()).await;
    account(folder.path(), "ann", Role::Admin, &[]).await;
    let pages = [
        "/",
        "/today",
        "/kpis",
        "/calls?table=calls",
        "/cases",
        "/data",
        "/accounts",
        "/trail",
        "/kpi",
        "/kpi-presets",
    ];
    for (role, confined, allowed) in [
        (
            Role::Operations,
            vec![],
            vec!["/", "/today", "/kpis", "/calls?table=calls", "/cases", "/data", "/kpi", "/kpi-presets"],
        ),
        (
            Role::TeamLead,
            vec![("team_id", "a")],
            vec!["/", "/today", "/kpis", "/calls?table=calls", "/cases"],
        ),
        (Role::Agent, vec![("agent_id", "7")], vec!["/", "/kpis", "/calls?table=calls"]),
        (
            Role::Compliance,
            vec![],
            vec!["/", "/today", "/kpis", "/calls?table=calls", "/cases", "/data", "/trail"],
        ),
        (Role::Finance, vec![], vec!["/", "/kpis"]),
        (Role::Client, vec![("client_id", "acme")], vec!["/", "/kpis", "/cases"]),
    ] {
        let name = role.word();
        let password = account(folder.path(), name, role, &confined).await;
        let cookie = cookie(&router, name, &password).await;
        for page in pages {
            let answer = seen(&router, page, &cookie).await;
            let expected = if allowed.contains(&page) { StatusCode::OK } else { StatusCode::FORBIDDEN };
            assert_eq!(answer.status, expected, "{name} {page}: {}", answer.text);
        }
        let text = seen(&router, "/kpis", &cookie).await.text;
        for (page, entry) in
            [("/cases", "href=\"/cases\""), ("/data", "href=\"/data\""), ("/accounts", "href=\"/accounts\"")]
        {
            assert_eq!(text.contains(entry), allowed.contains(&page), "{name} {page}");
        }
    }
}

#[tokio::test]
async fn whoever_sees_a_part_sees_its_figures_and_records_wherever_they_ask() {
    let folder = tempfile::tempdir().unwrap();
    let router = served(folder.path(), &calls()).await;
    account(folder.path(), "ann", Role::Admin, &[]).await;
    let password = account(folder.path(), "north", Role::Client, &[("campaign_id", "north")]).await;
    let north = cookie(&router, "north", &password).await;
    let period = "from=2026-11-16&to=2026-11-20";
    // Half of the forty calls, and six of the ten sales.
    let text = seen(&router, &format!("/api/v1/query?metric=dials,sales&{period}"), &north).await.text;
    let rows: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&rows[0]["dials"]["value"], &rows[0]["sales"]["value"]), (&20.into(), &6.into()), "{text}");
    // A condition cannot reach beyond.
    let other = "where=campaign_id%20%3C%3E%20%27north%27";
    let text = seen(&router, &format!("/api/v1/query?metric=dials&{period}&{other}"), &north).await.text;
    let rows: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(rows[0]["dials"]["n"], 0, "{text}");
    let text = seen(&router, &format!("/metric/conversion_rate?{period}&by=campaign_id"), &north).await.text;
    assert!(plain(&text).contains("30.0") && !text.contains("Neil"), "{text}");
    assert!(!seen(&router, "/", &north).await.text.contains("Records read"), "the ledger is of the whole");
    assert_eq!(seen(&router, "/calls?table=calls", &north).await.status, StatusCode::FORBIDDEN);

    // Taken away, it is gone with the next page.
    let state = State::open(folder.path()).await.unwrap();
    let nothing =
        Access::new(Role::Client, [("campaign_id".to_owned(), vec!["none".to_owned()])].into(), None);
    state.change_account("north", &Change::Access(nothing.unwrap()), "ann", "moved").await.unwrap();
    let text = seen(&router, &format!("/api/v1/query?metric=dials&{period}"), &north).await.text;
    assert!(!text.contains("20"), "{text}");
}

#[tokio::test]
async fn accounts_are_kept_on_a_page_and_every_deed_is_in_the_trail() {
    let folder = tempfile::tempdir().unwrap();
    let router = served(folder.path(), &calls()).await;
    let password = account(folder.path(), "ann", Role::Admin, &[]).await;
    let ann = cookie(&router, "ann", &password).await;
    let make = |role: &'static str, scope: &'static str| {
        [
            ("form", "make_account"),
            ("name", "Lee@Example.org"),
            ("label", "Lee"),
            ("role", role),
            ("scope.team_id", scope),
        ]
    };
    let answer = post(&router, "/accounts", &ann, &make("team_lead", "")).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        answer.text.contains("needs a scope") && answer.text.contains("value=\"Lee\""),
        "{}",
        answer.text
    );
    let answer = post(&router, "/accounts", &ann, &make("team_lead", "a\r\nb")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let one_time =
        answer.text.split("class=\"secret\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    cookie(&router, "lee@example.org", &one_time).await;
    assert!(!get_trail(&router, &ann).await.contains(&one_time));

    let end = |why: &'static str| [("form", "disable_account"), ("item", "lee@example.org"), ("why", why)];
    assert!(post(&router, "/accounts", &ann, &end("")).await.text.contains("Say why"));
    assert_eq!(post(&router, "/accounts", &ann, &end("left us")).await.status, StatusCode::OK);
    let text = get_trail(&router, &ann).await;
    for says in ["account made", "account ended", "left us", "session begun", "lee@example.org", "sound"] {
        assert!(text.contains(says), "{says} not in {text}");
    }
}

async fn get_trail(router: &Router, cookie: &str) -> String {
    seen(router, "/trail", cookie).await.text
}
