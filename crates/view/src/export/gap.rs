//! What is missing or overdue, in sentences that the page and the command share.

use dialmark_govern::today::{Callbacks, Gaps, SiteGap, SourceGap, Today};
use dialmark_metrics::{Exact, Ratio};
use jiff::Timestamp;

use crate::{format, today, when};

/// That nothing is missing, and since when.
pub fn none(gaps: &Gaps) -> String {
    match gaps.since {
        Some(day) => format!("No hour lacks records since {}.", when::day(day)),
        None => "There are no days before to judge by.".to_owned(),
    }
}

/// `Site leeds was logged in for 2.2 of its usual 24.1 hours on Mon 16 Nov 2026, 10:00 to 11:00.`
pub fn site(all: &Today, gap: &SiteGap) -> String {
    let hours = |ms: i128| Ratio::exact(Exact::integer(ms)).map_or_else(String::new, today::hours);
    format!(
        "Site {} was logged in for {} of its usual {} hours on {}.",
        gap.site,
        hours(gap.quiet.logged_ms),
        hours(gap.quiet.usual_ms),
        stretch(all, gap.quiet.from, gap.quiet.to)
    )
}

/// `dialler brought 31 of its usual 900 records of calls on Mon 16 Nov 2026, 10:00 to 11:00.`
pub fn source(all: &Today, gap: &SourceGap) -> String {
    format!(
        "{} brought {} of its usual {} records of {} on {}.",
        gap.source,
        format::count(gap.received),
        format::count(gap.usual),
        gap.table,
        stretch(all, gap.from, gap.to)
    )
}

/// What overdue means.
pub fn overdue(callbacks: &Callbacks) -> String {
    let grace =
        callbacks.grace_ms.map_or_else(String::new, |ms| format!("more than {} ago, ", today::length(ms)));
    format!("Overdue: promised for {grace}within the last {} days, and not made.", callbacks.days_back)
}

fn stretch(all: &Today, from: Timestamp, to: Timestamp) -> String {
    let zone = today::zone(all);
    format!("{} to {}", when::instant(from, &zone), today::clock(to, &zone))
}
