//! A figure of the last minutes, or of today. It ends where the records end and not where the clock stands: minutes of which
//! no record has come yet are not minutes without sales.

use dialmark_govern::Place;
use dialmark_govern::alert::{Edge, Found, LiveWindow, Opens, Reading, Subject, Verdict, Watch};
use dialmark_govern::benchmark::shown;
use dialmark_metrics::metric::Unit;
use dialmark_metrics::{Cell, MetricQuery};
use dialmark_model::civil::Period;
use jiff::{SignedDuration, Timestamp};

use crate::desk::Desk;
use crate::error::NotDone;
use crate::standing::place_of;

/// The last record lies inside of the time that is looked at.
const A_LITTLE: SignedDuration = SignedDuration::from_micros(1);

/// One reading a place that has records; where it is not broken out, always one.
pub(super) async fn readings(desk: &Desk<'_>, watch: &Watch) -> Result<Vec<Reading>, NotDone> {
    let Watch::Live { metric, unit, place, by, window, edge, stale_after_ms } = watch else {
        return Ok(Vec::new());
    };
    let Some((_, last)) = desk.engine.extent().await? else { return Ok(Vec::new()) };
    let at = last.min(desk.now);
    let Some(period) = period(desk, *window, at) else { return Ok(Vec::new()) };
    let named = desk.engine.catalogue().resolve(metric).map_err(NotDone::refused)?;
    let look = Look {
        label: named.metric.label.clone(),
        unit: *unit,
        edge,
        at,
        opens: |place: &Place| Opens::Records {
            metric: metric.to_string(),
            condition: place.condition().map(|condition| condition.to_string()),
            from: period.0,
            to: period.1,
        },
    };
    let stale_after = SignedDuration::from_millis(i64::try_from(*stale_after_ms).unwrap_or(i64::MAX));
    if desk.now.duration_since(at) > stale_after {
        // Of places that stood before nothing is known either.
        let why = "the newest record is too old to say anything of now";
        return Ok(if by.is_none() { vec![look.nothing(place, why)] } else { Vec::new() });
    }
    let by: Vec<String> = by.iter().cloned().collect();
    let question = MetricQuery {
        metrics: vec![metric.clone()],
        by: by.clone(),
        filter: place.condition(),
        period: Period { from: Some(period.0), to: Some(period.1) },
        scope: desk.scope.clone(),
        complete_until: Some(at),
        ..MetricQuery::default()
    };
    let table = desk.engine.query(&question).await?;
    let rows = table.rows.iter().filter_map(|row| {
        let place = place_of(place, &by, &row.keys);
        Some(look.reading(&place, row.cells.first()?, &table.notes))
    });
    let found: Vec<Reading> = rows.collect();
    match found.is_empty() && by.is_empty() {
        true => Ok(vec![look.reading(place, &Cell::empty(), &table.notes)]),
        false => Ok(found),
    }
}

/// From when to when; the end does not belong to it.
fn period(desk: &Desk<'_>, window: LiveWindow, at: Timestamp) -> Option<(Timestamp, Timestamp)> {
    let calendar = desk.engine.calendar();
    let from = match window {
        LiveWindow::Last(ms) => at.checked_sub(SignedDuration::from_millis(i64::try_from(ms).ok()?)).ok()?,
        LiveWindow::Today => calendar.day_start(calendar.day_of(at))?,
    };
    Some((from, at.checked_add(A_LITTLE).ok()?))
}

/// What is the same for all places.
struct Look<'a, F: Fn(&Place) -> Opens> {
    label: String,
    unit: Unit,
    edge: &'a Edge,
    at: Timestamp,
    opens: F,
}

impl<F: Fn(&Place) -> Opens> Look<'_, F> {
    fn reading(&self, place: &Place, cell: &Cell, notes: &[String]) -> Reading {
        let currency = cell.currency.as_deref();
        let (verdict, words) = match &cell.value {
            Ok(value) => (self.edge.verdict(*value, cell.n), shown(*value, self.unit, currency)),
            Err(reason) => (Verdict::Unknown, reason.to_string()),
        };
        let too_few = (cell.value.is_ok() && cell.n < self.edge.minimum_n()).then(|| {
            format!("{} records are fewer than the {} that say something.", cell.n, self.edge.minimum_n())
        });
        Reading {
            subject: self.subject(place),
            verdict,
            found: Found {
                at: self.at,
                value: cell.value.as_ref().ok().map(ToString::to_string),
                shown: words,
                limit: self.limit(currency),
                n: Some(cell.n),
                notes: too_few.into_iter().chain(notes.iter().cloned()).collect(),
                opens: (self.opens)(place),
            },
        }
    }

    /// A look that says nothing.
    fn nothing(&self, place: &Place, why: &str) -> Reading {
        Reading {
            subject: self.subject(place),
            verdict: Verdict::Unknown,
            found: Found {
                at: self.at,
                value: None,
                shown: why.to_owned(),
                limit: self.limit(None),
                n: None,
                notes: Vec::new(),
                opens: (self.opens)(place),
            },
        }
    }

    fn subject(&self, place: &Place) -> Subject {
        Subject {
            key: place.to_string(),
            label: match place.is_centre() {
                true => self.label.clone(),
                false => format!("{}, {place}", self.label),
            },
            place: place.clone(),
        }
    }

    fn limit(&self, currency: Option<&str>) -> String {
        let (raises, clears) = (self.edge.raises_at(), self.edge.clears_at());
        let words = format!("{} {}", self.edge.side().word(), shown(raises, self.unit, currency));
        match raises == clears {
            true => words,
            false => format!("{words}, over at {}", shown(clears, self.unit, currency)),
        }
    }
}
