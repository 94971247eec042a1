//! Today: what happened yesterday, why, how it goes, and what waits; as it was found, without a word of how it is shown.
//!
//! One answer for the page, the command and JSON. Each panel is either what was found or a sentence that says why nothing can
//! be said: a panel without records is not a panel of zeros.

pub mod left;
pub mod pace;
pub mod quiet;

use dialmark_metrics::{Cell, Expr, Key, MetricRef, Ratio};
use dialmark_model::civil::Period;
use dialmark_stats::decompose::Effect;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::calling::Ledger;
use crate::place::Place;
use crate::standing::Standing;
use crate::why::Why;
use left::Left;
use pace::Needed;
use quiet::Quiet;

/// What was found, or why nothing can be said.
pub type Panel<T> = Result<T, String>;

/// The whole answer.
#[derive(Debug, Clone)]
pub struct Today {
    /// The clock of whoever asked.
    pub asked_at: Timestamp,
    /// Up to when the records reach, and so up to when everything here is told.
    pub at: Timestamp,
    /// Start of the last call.
    pub data_to: Timestamp,
    /// The business day of `at`.
    pub day: Date,
    /// Start of that day.
    pub day_from: Timestamp,
    /// End of that day.
    pub day_to: Timestamp,
    /// The last day before it on which anybody was called.
    pub yesterday: Option<Date>,
    /// Zone of days and hours.
    pub zone: String,
    /// Whose records.
    pub place: Place,
    /// KPIs of yesterday.
    pub figures: Panel<Vec<Was>>,
    /// What is needed for the rest of the day.
    pub pace: Panel<Pace>,
    /// What moved, and what did it.
    pub moved: Panel<Moved>,
    /// How long the lists last.
    pub lists: Panel<Lists>,
    /// Callbacks that were promised.
    pub callbacks: Panel<Callbacks>,
    /// What is out of the ordinary on the floor; `None` for who may not look at agents.
    pub floor: Option<Panel<Vec<Exceptions>>>,
    /// How calls stand against limits of abandoned calls; `None` for who may not see records.
    pub calling: Option<Panel<Ledger>>,
    /// Where records are missing.
    pub gaps: Gaps,
    /// Open cases, what is due first in front; `None` for who may not see cases.
    pub cases: Option<Vec<Due>>,
    /// How many are reached, by weekday and hour.
    pub hours: Panel<Hours>,
}

/// The records behind a figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Records {
    /// What of.
    pub of: Of,
    /// Which of them; `None` for all.
    pub condition: Option<Expr>,
    /// Of which time.
    pub period: Period,
}

/// What records are of.
#[derive(Debug, Clone, PartialEq)]
pub enum Of {
    /// Those that a metric counts, or divides.
    Numerator(MetricRef),
    /// Those that it divides by.
    Denominator(MetricRef),
    /// All of a table.
    Table(&'static str),
}

/// How a KPI stood at the end of yesterday.
#[derive(Debug, Clone)]
pub struct Was {
    /// Its standing: of the day alone where it is judged by a day or a week, else of its own window up to then.
    pub standing: Standing,
    /// Whether it is of the day alone.
    pub is_of_day: bool,
    /// What it is compared with.
    pub like: Option<Like>,
    /// One value a day of the four weeks up to yesterday.
    pub course: Vec<(Date, Option<Ratio>)>,
    /// What it is divided by.
    pub records: Records,
}

/// A figure that another is compared with.
#[derive(Debug, Clone, PartialEq)]
pub struct Like {
    /// The figure: sums of the days added up, then divided.
    pub value: Ratio,
    /// What it is of: `4 Wednesdays before`.
    pub of: String,
}

/// What is needed for the rest of the day.
#[derive(Debug, Clone)]
pub struct Pace {
    /// Where the hours that are left come from.
    pub hours: HoursLeft,
    /// One a target of the day, in the order of KPIs.
    pub aims: Vec<PaceAim>,
}

/// Where the hours that are left come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HoursLeft {
    /// From schedules.
    Planned,
    /// As many as were logged after the same time on so many of the same weekdays before, on average, because there is no plan.
    Typical(usize),
    /// Nobody knows.
    Unknown(String),
}

/// The pace towards one target.
#[derive(Debug, Clone)]
pub struct PaceAim {
    /// The KPI.
    pub kpi: String,
    /// What is counted: `sales`.
    pub counted: String,
    /// Who answers for it.
    pub owner: String,
    /// The target: so many in the day, or so many an hour that is logged.
    pub target: PaceTarget,
    /// By place; a campaign before its teams.
    pub rows: Vec<PaceRow>,
}

/// What is to be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaceTarget {
    /// So many in the day.
    Day(Ratio),
    /// So many an hour that is logged.
    Hour(Ratio),
}

/// The pace of a campaign or a team.
#[derive(Debug, Clone)]
pub struct PaceRow {
    /// Where.
    pub place: Place,
    /// Whether it is a part of a row above.
    pub is_part: bool,
    /// Made so far today.
    pub made: Ratio,
    /// What is to be made in the whole day; `None` for a part of a target that is the whole's.
    pub goal: Option<Ratio>,
    /// Time that was logged so far, in milliseconds.
    pub logged_ms: Ratio,
    /// Time that is left, in milliseconds.
    pub left_ms: Option<Ratio>,
    /// What is made an hour now; `None` where nothing was logged yet.
    pub now: Option<Ratio>,
    /// What each hour that is left must bring.
    pub needed: Needed,
    /// What the day ends on at the pace of now.
    pub ends_on: Option<Ratio>,
    /// What was made.
    pub records: Records,
}

/// What moved, and what did it.
#[derive(Debug, Clone)]
pub struct Moved {
    /// KPIs that were looked at, what is furthest from its target first.
    pub looked: Vec<Looked>,
    /// The largest causes, beside their figures.
    pub causes: Vec<Cause>,
    /// KPIs that were not looked at although they were missed or got worse, and why.
    pub passed_over: Vec<(String, String)>,
}

/// A KPI whose change was taken apart.
#[derive(Debug, Clone)]
pub struct Looked {
    /// The KPI.
    pub kpi: String,
    /// Its name to show.
    pub label: String,
    /// What is measured.
    pub metric: MetricRef,
    /// The change with everything that was found; both of its sides say their days.
    pub why: Why,
    /// Records of now.
    pub records: Records,
    /// Values without which yesterday's figure would be nearer to its target, what weighs most first.
    pub weighs: Vec<Weight>,
    /// How many values are named among the causes, how many are not, and what those come to together.
    pub rest: (usize, usize, f64),
}

/// A value without which a figure would be nearer to its target.
#[derive(Debug, Clone)]
pub struct Weight {
    /// The dimension.
    pub by: String,
    /// The value.
    pub key: Key,
    /// Its share, its own figure, and what the figure would be without it.
    pub says: String,
    /// Records of the dimension's values, yesterday; the value narrows them.
    pub records: Records,
}

/// One cause.
#[derive(Debug, Clone)]
pub struct Cause {
    /// Which of the KPIs that were looked at.
    pub at: usize,
    /// Along which dimensions.
    pub by: Vec<String>,
    /// What it did.
    pub effect: Effect<Vec<Key>>,
    /// Whether it is known to be more than chance.
    pub is_sure: bool,
    /// The same in a sentence.
    pub says: String,
}

/// How long the lists last.
#[derive(Debug, Clone)]
pub struct Lists {
    /// First and last of the days whose pace is taken, and how many of them were dialling days.
    pub pace_of: (Date, Date, usize),
    /// By list, what ends first in front.
    pub rows: Vec<ListLeft>,
    /// What the reader should know.
    pub notes: Vec<String>,
}

/// How long one list lasts.
#[derive(Debug, Clone)]
pub struct ListLeft {
    /// The list; `None` for leads and calls of none.
    pub list: Option<String>,
    /// Leads that were never called.
    pub uncalled: Cell,
    /// Leads called for the first time, a dialling day.
    pub fresh_a_day: Cell,
    /// Dialling days until none is left.
    pub left: Left,
    /// Calls a lead.
    pub attempts: Cell,
    /// Share of calls to numbers that do not exist.
    pub invalid: Cell,
    /// Calls of those days.
    pub records: Records,
}

/// Callbacks that were promised.
#[derive(Debug, Clone)]
pub struct Callbacks {
    /// Time that passes before one is overdue, in milliseconds.
    pub grace_ms: Option<i64>,
    /// How many days back is looked.
    pub days_back: i64,
    /// By campaign; `None` for those of none.
    pub rows: Vec<CallbackRow>,
}

/// Callbacks of a campaign.
#[derive(Debug, Clone)]
pub struct CallbackRow {
    /// The campaign.
    pub campaign: Option<String>,
    /// Due in the rest of the day.
    pub due: u64,
    /// Overdue and not made.
    pub overdue: u64,
    /// Those that are due.
    pub due_records: Records,
    /// Those that are overdue.
    pub overdue_records: Records,
}

/// One kind of exception of today.
#[derive(Debug, Clone)]
pub struct Exceptions {
    /// What: `Long wraps`.
    pub label: String,
    /// From which length on, in milliseconds.
    pub threshold_ms: Option<i64>,
    /// How many, or why that cannot be said.
    pub count: Panel<u64>,
    /// Agents with the most, and how many each.
    pub agents: Vec<(String, u64, Records)>,
    /// All of them.
    pub records: Records,
}

/// Where records are missing.
#[derive(Debug, Clone, Default)]
pub struct Gaps {
    /// First day that is looked at.
    pub since: Option<Date>,
    /// Hours in which a source delivered less than a fifth of the usual.
    pub sources: Vec<SourceGap>,
    /// Hours in which a site was logged in for less than a fifth of the usual time.
    pub sites: Vec<SiteGap>,
    /// Why sites cannot be looked at.
    pub without_sites: Option<String>,
}

/// A stretch of hours in which a source delivered too little.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceGap {
    /// The source.
    pub source: String,
    /// The table.
    pub table: String,
    /// Start of the first hour.
    pub from: Timestamp,
    /// End of the last.
    pub to: Timestamp,
    /// Records that came.
    pub received: u64,
    /// Records that usually come.
    pub usual: u64,
}

/// An hour in which a site was quiet.
#[derive(Debug, Clone)]
pub struct SiteGap {
    /// The site.
    pub site: String,
    /// The hour.
    pub quiet: Quiet,
    /// What agents did then.
    pub records: Records,
}

/// What is due next of an open case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Number of the case.
    pub id: i64,
    /// Name of the KPI.
    pub label: String,
    /// Where.
    pub place: Place,
    /// What was missed: value and target in words.
    pub missed: String,
    /// Where the miss came from, as it was written down when the case was opened.
    pub causes: Vec<String>,
    /// What is due: `Root cause`; `None` when nothing is.
    pub next: Option<DueNext>,
}

/// What is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueNext {
    /// What.
    pub says: String,
    /// By whom.
    pub owner: String,
    /// When.
    pub due_at: Timestamp,
    /// Whether that has passed.
    pub is_late: bool,
}

/// A share by weekday and hour.
#[derive(Debug, Clone)]
pub struct Hours {
    /// The metric.
    pub metric: MetricRef,
    /// First and last day.
    pub days: (Date, Date),
    /// Hours that have any, in order.
    pub hours: Vec<u8>,
    /// Weekdays that have any, Monday is 0, each with a cell an hour.
    pub rows: Vec<(u8, Vec<Option<Cell>>)>,
    /// All of their records; a cell narrows them.
    pub records: Records,
}
