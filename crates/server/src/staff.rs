//! `GET /staff`: how many agents a load of calls needs.

use axum::response::Response;
use dialmark_govern::staffing::{Asked, staffed};
use dialmark_view::pages::staff::{self, StaffPage};
use dialmark_view::shell::Place;
use maud::Markup;

use crate::answer;
use crate::app::{App, Seen};
use crate::problem::Problem;
use crate::visit::Visit;

const FIELDS: [&str; 8] =
    ["calls", "interval", "handle", "target", "occupancy", "patience", "shrinkage", "compounding"];

/// `GET /staff`
pub async fn handle(Seen(app): Seen, visit: Visit) -> Response {
    let outcome = page(&app, &visit);
    answer::page_or_problem(&app, &visit, outcome)
}

fn page(app: &App, visit: &Visit) -> Result<Markup, Problem> {
    let (_, own) = visit.asked(&FIELDS)?;
    let value = |name: &str, usual: &str| {
        let found = own.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        // Whoever has asked nothing yet sees an example.
        found.unwrap_or(if own.is_empty() { usual } else { "" }).to_owned()
    };
    let asked = Asked {
        calls: value("calls", "120"),
        interval: value("interval", "30min"),
        handle: value("handle", "5min"),
        target: value("target", "80/20"),
        occupancy: value("occupancy", "85%"),
        patience: value("patience", ""),
        shrinkage: value("shrinkage", "30%"),
        compounding: !value("compounding", "").is_empty(),
    };
    let head = visit.plain_head(app, "Staffing", Place::People);
    Ok(staff::render(&StaffPage { head, found: staffed(&asked), asked }))
}
