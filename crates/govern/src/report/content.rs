//! What a report tells, as it was found, without a word of how it is shown.

use dialmark_metrics::metric::Unit;
use dialmark_metrics::{Cell, Ratio};
use jiff::Timestamp;
use jiff::civil::Date;

use super::plan::Lacking;
use crate::standing::{CardRow, Standing};
use crate::statement::Statement;
use crate::today::{Panel, Today};
use crate::window::Stretch;

/// What one recipient is told.
#[derive(Debug, Clone)]
pub struct Content {
    /// Name of the centre.
    pub centre: String,
    /// Name of the report.
    pub label: String,
    /// The day for which it is due.
    pub day: Date,
    /// Up to when it tells: when it was due.
    pub at: Timestamp,
    /// IANA name of the zone of its times.
    pub zone: String,
    /// Records that are missing; it was sent all the same.
    pub lacking: Vec<Lacking>,
    /// What it tells.
    pub told: Told,
}

/// What a report tells.
#[derive(Debug, Clone)]
pub enum Told {
    /// A morning sheet.
    Morning(Box<Today>),
    /// A week of a client's work.
    Pack(Box<Pack>),
    /// What became of calls.
    Returned(Returning),
}

/// A week of a client's work.
#[derive(Debug, Clone)]
pub struct Pack {
    /// The client.
    pub client: String,
    /// The week.
    pub week: Stretch,
    /// Name of the scorecard.
    pub card_label: String,
    /// The scorecard at the end of the week, its own place first.
    pub rows: Vec<CardRow>,
    /// KPIs week by week, in the order of the scorecard.
    pub courses: Vec<Course>,
    /// What moved KPIs in the week.
    pub comments: Vec<Comment>,
    /// How many left of those who called for the client.
    pub attrition: Panel<Attrition>,
    /// The statement so far; `None` where no contract is named.
    pub statement: Option<Panel<Statement>>,
}

impl Pack {
    /// KPIs of the client as a whole, those that count first.
    pub fn standings(&self) -> impl Iterator<Item = (Option<Ratio>, &Standing)> {
        self.rows.first().into_iter().flat_map(|row| {
            let counted = row.kpis.iter().map(|(weight, one)| (Some(*weight), one));
            counted.chain(row.supporting.iter().map(|one| (None, one)))
        })
    }
}

/// A KPI week by week.
#[derive(Debug, Clone)]
pub struct Course {
    /// Name of the KPI.
    pub kpi: String,
    /// Its name to show.
    pub label: String,
    /// How its values are to be read.
    pub unit: Unit,
    /// The first day of each week and its figure.
    pub weeks: Vec<(Date, Cell)>,
}

/// What moved a KPI, in sentences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// Name of the KPI to show.
    pub label: String,
    /// What is known.
    pub says: Vec<String>,
}

/// How many left, by how long they had been there.
#[derive(Debug, Clone)]
pub struct Attrition {
    /// Of which days.
    pub days: Stretch,
    /// How many called for the client in this time.
    pub agents: usize,
    /// The yearly rate, by tenure: its numerator is leavers, its denominator the days they were employed.
    pub rows: Vec<(String, Cell)>,
}

/// What became of calls since the last file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Returning {
    /// The client.
    pub client: String,
    /// Records from here on were looked at.
    pub from: Timestamp,
    /// Calls that began before this are in it.
    pub to: Timestamp,
    /// One a call that was not returned yet, or that changed since; in the order of time.
    pub rows: Vec<ReturnRow>,
}

/// A call as it is returned to the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnRow {
    /// The client's own identifier of the lead; `None` where the record has none.
    pub lead_id: Option<String>,
    /// The identifier of the call.
    pub call_id: String,
    /// The campaign.
    pub campaign: Option<String>,
    /// Number of the attempt, as the record states it.
    pub attempt: Option<String>,
    /// When the call began, in UTC.
    pub started_at: Timestamp,
    /// What the code means, such as `sale`; `None` where no map knows it.
    pub outcome: Option<&'static str>,
    /// The code of the result.
    pub code: Option<String>,
    /// Whether the person asked not to be called again.
    pub is_do_not_call: bool,
    /// Whether it was returned before and has changed since.
    pub is_changed: bool,
}
