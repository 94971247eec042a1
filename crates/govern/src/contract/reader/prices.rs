//! `[[contract.NAME.price]]` and `[[contract.NAME.clawback]]`.

use dialmark_metrics::metric::Unit;
use dialmark_metrics::{Exact, Ratio};
use dialmark_model::declared::{Section, Value};
use dialmark_model::validity::Days;

use super::measured::{self, Fits};
use super::tiers;
use super::words::{self, Names};
use super::{Terms, phases};
use crate::contract::price::{Clawback, Price, PriceKind, Seats};

/// What a declaration may call the kind of a price.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    PerSeat,
    PerTransaction,
    PerHour,
    Fixed,
    PerOutcome,
    ShareOf,
}

const KINDS: [(&str, Kind); 6] = [
    ("per_seat", Kind::PerSeat),
    ("per_transaction", Kind::PerTransaction),
    ("per_hour", Kind::PerHour),
    ("fixed", Kind::Fixed),
    ("per_outcome", Kind::PerOutcome),
    ("share_of", Kind::ShareOf),
];

const COUNTED: &[Unit] = &[Unit::Count];

/// Reads one price.
pub(super) fn price(section: &Section<'_>, terms: &Terms<'_>, names: &mut Names) -> Option<Price> {
    let name = words::name(section, names, "price");
    let days = phases::days(section, terms, terms.phases.days());
    warn_of_idle_days(section, terms);
    let kind = words::required_choice(section, "kind", &KINDS)?;
    let kind = match kind {
        Kind::PerSeat => per_seat(section, terms),
        Kind::Fixed => amount(section).map(|amount| PriceKind::Fixed { amount }),
        Kind::PerTransaction => {
            let fits = Fits { noun: "a price per transaction", units: COUNTED, is_sum: true };
            let (of, rate) =
                (measured::metric(section, terms, &fits), tiers::rate(section, Unit::Money, true));
            of.zip(rate).map(|(of, rate)| PriceKind::PerTransaction { of, rate })
        }
        Kind::PerOutcome => {
            let fits = Fits { noun: "a price per outcome", units: COUNTED, is_sum: true };
            let (of, rate) =
                (measured::metric(section, terms, &fits), tiers::rate(section, Unit::Money, true));
            of.zip(rate).map(|(of, rate)| PriceKind::PerOutcome { of, rate })
        }
        Kind::PerHour => {
            let fits = Fits { noun: "a price per hour", units: &[Unit::Duration], is_sum: true };
            let (of, rate) =
                (measured::metric(section, terms, &fits), tiers::rate(section, Unit::Money, false));
            of.zip(rate).map(|(of, rate)| PriceKind::PerHour { of, rate })
        }
        Kind::ShareOf => {
            let fits = Fits { noun: "a share of money", units: &[Unit::Money], is_sum: true };
            let (of, rate) =
                (measured::metric(section, terms, &fits), tiers::rate(section, Unit::Share, false));
            of.zip(rate).map(|(of, rate)| PriceKind::ShareOf { of, rate })
        }
    };
    section.finish();
    Some(Price { name: name?, days: days?, kind: kind? })
}

/// Whoever names neither day nor phase is paid from the signature on, which is seldom meant when the work begins later.
fn warn_of_idle_days(section: &Section<'_>, terms: &Terms<'_>) {
    let work_begins = terms.phases.transition.map(|t| t.from()).or(terms.phases.go_live_on);
    if let (Some(signed), Some(begins)) = (terms.phases.signed_on, work_begins)
        && signed < begins
        && !section.has("from")
        && !section.has("phases")
    {
        section.warn(
            "",
            format!("this is paid from the signature on {signed}, though the work begins on {begins}."),
            Some(format!("Write `from = {begins}`, or `from = {signed}` if that is meant.")),
        );
    }
}

fn per_seat(section: &Section<'_>, terms: &Terms<'_>) -> Option<PriceKind> {
    let seats = seats(section, terms);
    let rate = tiers::rate(section, Unit::Money, true);
    Some(PriceKind::PerSeat { seats: seats?, rate: rate? })
}

fn seats(section: &Section<'_>, terms: &Terms<'_>) -> Option<Seats> {
    match section.node("seats").map(|node| &node.value) {
        Some(Value::Integer(number)) if *number > 0 => {
            Ratio::exact(Exact::integer(i128::from(*number))).map(Seats::Agreed)
        }
        Some(Value::Table(_)) => {
            let inner = section.section("seats")?;
            // Seats may well be an average: agents a day, for example.
            let fits = Fits { noun: "a number of seats", units: COUNTED, is_sum: false };
            let measured = measured::metric(&inner, terms, &fits);
            inner.finish();
            measured.map(Seats::Measured)
        }
        found => {
            let (key, message) = match found {
                None => ("", "`seats` is missing."),
                Some(_) => ("seats", "the number of seats is a whole number above zero, or a metric."),
            };
            let help = "Write `seats = 34` or `seats = { metric = \"headcount\" }`.";
            section.error(key, message, Some(help.to_owned()));
            None
        }
    }
}

fn amount(section: &Section<'_>) -> Option<Ratio> {
    let amount = words::required_number(section, "amount", Unit::Money, "5000.00")?;
    words::in_range(
        section,
        "amount",
        amount >= Ratio::ZERO,
        "a price is not below zero.",
        "What is taken off is a penalty (`service_level`) or a `clawback`.",
    )
    .then_some(amount)
}

/// Reads one clawback.
pub(super) fn clawback(section: &Section<'_>, terms: &Terms<'_>, names: &mut Names) -> Option<Clawback> {
    let name = words::name(section, names, "clawback");
    // Cancellations go on after the contract has ended.
    let from_beginning = Days { from: terms.phases.days().from, until: None };
    let days = phases::days(section, terms, from_beginning);
    let fits = Fits { noun: "a clawback", units: COUNTED, is_sum: true };
    let of = measured::metric(section, terms, &fits);
    let rate = tiers::one_rate(section, Unit::Money);
    let has_rate = rate.is_none_or(|rate| {
        words::in_range(
            section,
            "rate",
            !rate.is_zero(),
            "a clawback of nothing takes nothing back.",
            "Write what is taken back for one, such as `rate = 35.00`.",
        )
    });
    section.finish();
    let clawback = Clawback { name: name?, days: days?, of: of?, rate: rate? };
    has_rate.then_some(clawback)
}
