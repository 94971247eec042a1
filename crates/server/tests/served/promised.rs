//! What is promised to one client, another client never sees: KPIs, scorecards, cases; and whoever may not see records or costs
//! sees none on any page.

use std::path::Path;

use axum::Router;
use axum::http::StatusCode;
use dialmark_govern::case::{Entry, Event, Opening};
use dialmark_govern::{Place, Role};
use dialmark_metrics::Catalogue;
use dialmark_project::{Project, ProjectFile};
use dialmark_server::Promises;
use dialmark_state::{Judgement, State};
use jiff::Timestamp;
use jiff::civil::date;

use super::signed_in::{account, cookie, seen};
use super::{Record, calls, served_with};

const CENTRE: &str = "[centre]\nname = \"Northgate\"\nzone = \"Europe/London\"\n";
const KPIS: &str = r#"
[kpi.north]
label  = "Conversion for Acme"
metric = "conversion_rate/success_per_dial"
place  = { campaign = "north" }
owner  = "lead@example.org"
window = "day"
target = { at_least = "5 %" }
[kpi.south]
label  = "Conversion for Birch"
metric = "conversion_rate/success_per_dial"
place  = { campaign = "south" }
owner  = "other.lead@example.org"
window = "day"
target = { at_least = "7 %" }
[kpi.all]
label  = "Conversion of all"
metric = "conversion_rate/success_per_dial"
owner  = "head@example.org"
window = "day"
target = { at_least = "6 %" }
[kpi.cost]
label  = "Cost for Acme"
metric = "cpa/campaign_per_sale"
place  = { campaign = "north" }
owner  = "head@example.org"
window = "day"
target = { at_most = "40" }
"#;
const CARDS: &str = r#"
[scorecard.acme]
label = "Card of Acme"
owner = "lead@example.org"
place = { campaign = "north" }
kpis  = { north = 100 }
[scorecard.birch]
label = "Card of Birch"
owner = "other.lead@example.org"
place = { campaign = "south" }
kpis  = { south = 100 }
"#;

fn promises() -> Promises {
    let files = [
        ProjectFile::new("dialmark.toml", CENTRE),
        ProjectFile::new("kpis/all.toml", KPIS),
        ProjectFile::new("scorecards/all.toml", CARDS),
    ];
    let project = Project::from_files(Path::new("/nowhere"), &files).unwrap();
    let (catalogue, _) = Catalogue::builtin();
    let (governed, _) = dialmark_manage::governed(&project, &catalogue, date(2026, 11, 19));
    assert_eq!((governed.kpis.len(), governed.scorecards.len()), (4, 2));
    Promises { governed, ..Promises::default() }
}

/// The calls of two campaigns; only their records say whose they are.
fn of_two_clients() -> Vec<Record> {
    let mut all = calls();
    for (at, record) in all.iter_mut().enumerate() {
        let (campaign, client) = if at % 2 == 0 { ("north", "acme") } else { ("south", "birch") };
        record.retain(|(column, _)| *column != "campaign_id");
        record.push(("campaign_id", campaign.to_owned()));
        record.push(("client_id", client.to_owned()));
    }
    all
}

struct Centre {
    router: Router,
    folder: tempfile::TempDir,
}

impl Centre {
    async fn new() -> Centre {
        let folder = tempfile::tempdir().unwrap();
        let router = served_with(folder.path(), &of_two_clients(), promises()).await;
        account(folder.path(), "root", Role::Admin, &[]).await;
        Centre { router, folder }
    }

    async fn cookie(&self, name: &str, role: Role, confined: &[(&str, &str)]) -> String {
        let password = account(self.folder.path(), name, role, confined).await;
        cookie(&self.router, name, &password).await
    }

    async fn text(&self, who: &str, address: &str) -> String {
        let answer = seen(&self.router, address, who).await;
        assert_eq!(answer.status, StatusCode::OK, "{address}: {}", answer.text);
        answer.text
    }

    async fn status(&self, who: &str, address: &str) -> StatusCode {
        seen(&self.router, address, who).await.status
    }
}

#[tokio::test]
async fn what_is_promised_to_others_is_none_of_a_clients_business() {
    let centre = Centre::new().await;
    let acme = centre.cookie("acme", Role::Client, &[("client_id", "acme")]).await;
    let lead = centre.cookie("lead", Role::TeamLead, &[("client_id", "acme")]).await;
    let head = centre.cookie("head", Role::Finance, &[]).await;
    for (who, shown) in [
        (&acme, vec!["Conversion for Acme", "Card of Acme"]),
        // Who works for a client is measured by what is asked of all as well.
        (&lead, vec!["Conversion for Acme", "Conversion of all", "Card of Acme"]),
        (
            &head,
            vec![
                "Conversion for Acme",
                "Conversion for Birch",
                "Conversion of all",
                "Cost for Acme",
                "Card of Acme",
                "Card of Birch",
            ],
        ),
    ] {
        let text = centre.text(who, "/kpis").await;
        for label in [
            "Conversion for Acme",
            "Conversion for Birch",
            "Conversion of all",
            "Cost for Acme",
            "Card of Acme",
            "Card of Birch",
        ] {
            assert_eq!(text.contains(label), shown.contains(&label), "{label}: {shown:?}");
        }
    }
    assert_eq!(centre.status(&acme, "/scorecard/acme").await, StatusCode::OK);
    assert_eq!(centre.status(&acme, "/scorecard/birch").await, StatusCode::NOT_FOUND);
    assert_eq!(centre.status(&head, "/scorecard/birch").await, StatusCode::OK);
}

#[tokio::test]
async fn a_case_is_shown_to_whoever_sees_all_of_its_place_by_name_or_by_its_calls() {
    let centre = Centre::new().await;
    let state = State::open(centre.folder.path()).await.unwrap();
    for campaign in ["north", "south"] {
        let opening = Opening {
            kpi: campaign.to_owned(),
            place: Place::of("campaign_id", campaign),
            from: date(2026, 11, 18),
            until: date(2026, 11, 19),
            below_since: date(2026, 11, 18),
            opened_at: Timestamp::now(),
            owner: "lead@example.org".to_owned(),
            value: "1/50".to_owned(),
            shown: "2 %".to_owned(),
            target: "at least 5 %".to_owned(),
            causes: Vec::new(),
        };
        let place = opening.place.clone();
        let event = Event::Note { says: "nothing".to_owned() };
        let again = Entry { at: Timestamp::now(), by: "dialmark".to_owned(), event };
        let judgement = Judgement::Missed { opening, again };
        state.judge(campaign, &place, date(2026, 11, 19), &judgement).await.unwrap();
    }
    let acme = centre.cookie("acme", Role::Client, &[("client_id", "acme")]).await;
    let nobody = centre.cookie("nobody", Role::Client, &[("client_id", "cedar")]).await;
    let text = centre.text(&acme, "/cases").await;
    assert!(text.contains("/case/1\"") && !text.contains("/case/2\""), "{text}");
    assert_eq!(centre.status(&acme, "/case/1").await, StatusCode::OK);
    assert_eq!(centre.status(&acme, "/case/2").await, StatusCode::NOT_FOUND);
    let text = centre.text(&nobody, "/cases").await;
    assert!(text.contains("all of whose records are yours to see"), "{text}");
}

#[tokio::test]
async fn a_single_record_is_shown_on_no_page_to_whoever_may_see_none() {
    let centre = Centre::new().await;
    let planner = centre.cookie("planner", Role::Planner, &[]).await;
    let operations = centre.cookie("operations", Role::Operations, &[]).await;
    let address = "/dispute?source=dialler&source_id=16-0";
    assert_eq!(centre.status(&operations, address).await, StatusCode::OK);
    assert_eq!(centre.status(&planner, address).await, StatusCode::FORBIDDEN);
}
