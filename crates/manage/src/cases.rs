//! What follows from misses: each window that is over is judged once, and a miss opens a case.

use async_recursion::async_recursion as compiled_here;
use dialmark_engine::{Engine, EngineError};
use dialmark_govern::benchmark::shown;
use dialmark_govern::case::{Case, Entry, Event, Opening};
use dialmark_govern::{Aim, Governed, Kpi, Place, Standing, Status, Stretch};
use dialmark_metrics::{Ratio, Scope};
use dialmark_state::{Judgement, State, StateError};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use crate::causes;
use crate::desk::Desk;
use crate::error::NotDone;
use crate::instant::Reach;
use crate::standing::{Asked, standings};

/// Who writes down what follows from figures.
const SELF: &str = "dialmark";
/// Windows that are caught up after a pause, the newest; what lies further back has passed without anybody looking.
const MOST_WINDOWS: usize = 12;
/// Windows that are looked back upon to say since when a KPI is below target.
const MOST_LOOKED_BACK: usize = 12;

/// What judging has come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Judged {
    /// Windows that were judged.
    pub windows: u64,
    /// Numbers of the cases that were opened.
    pub opened: Vec<i64>,
}

/// Why nothing was judged.
#[derive(Debug)]
pub enum JudgeError {
    /// Figures could not be had.
    Engine(EngineError),
    /// Cases could not be written.
    State(StateError),
}

impl From<EngineError> for JudgeError {
    fn from(error: EngineError) -> JudgeError {
        JudgeError::Engine(error)
    }
}

impl From<StateError> for JudgeError {
    fn from(error: StateError) -> JudgeError {
        JudgeError::State(error)
    }
}

impl std::fmt::Display for JudgeError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            JudgeError::Engine(error) => write!(out, "{error}"),
            JudgeError::State(error) => write!(out, "{error}"),
        }
    }
}

impl std::error::Error for JudgeError {}

/// Judges every window that is over and was not judged yet. The first time, that is the last one of each KPI.
#[compiled_here]
pub async fn judge(
    engine: &Engine,
    governed: &Governed,
    state: &State,
    reach: Reach,
    now: Timestamp,
) -> Result<Judged, JudgeError> {
    let mut judged = Judged::default();
    for kpi in governed.kpis.values() {
        for stretch in due(engine, kpi, state, reach).await? {
            let Some(standing) = at_end_of(engine, kpi, &stretch, reach).await? else { continue };
            let judgement = judgement(engine, kpi, &standing, reach, now).await?;
            let opened = state.judge(&kpi.name, &kpi.place, stretch.until, &judgement).await?;
            judged.windows += 1;
            judged.opened.extend(opened);
        }
    }
    Ok(judged)
}

/// Writes something into a case: what people do about a miss.
#[compiled_here]
pub async fn write_into_case(desk: &Desk<'_>, id: i64, entry: &Entry) -> Result<Case, NotDone> {
    let today = desk.engine.calendar().day_of(entry.at);
    if let Some(says) = entry.event.refusal(today, &desk.governed.people) {
        return Err(NotDone::Refused(says));
    }
    Ok(desk.state.add_to_case(id, entry).await?)
}

/// Windows that are over and were not judged, oldest first.
async fn due(engine: &Engine, kpi: &Kpi, state: &State, reach: Reach) -> Result<Vec<Stretch>, JudgeError> {
    let calendar = engine.calendar();
    let judged_until = state.judged_until(&kpi.name, &kpi.place).await?;
    let mut stretches = Vec::new();
    let mut stretch = kpi.window.holding(reach.day, calendar);
    while stretches.len() < MOST_WINDOWS {
        let is_over = calendar.day_start(stretch.until).is_some_and(|end| end <= reach.until);
        if judged_until.is_some_and(|judged| stretch.until <= judged) {
            break;
        }
        let is_kpi = kpi.days.hold(stretch.from);
        if is_over && is_kpi {
            stretches.push(stretch);
            if judged_until.is_none() {
                break;
            }
        }
        let earlier = day_before(stretch.from);
        if earlier >= stretch.from || !is_kpi && kpi.days.from.is_some_and(|from| stretch.from < from) {
            break;
        }
        stretch = kpi.window.holding(earlier, calendar);
    }
    stretches.reverse();
    Ok(stretches)
}

fn day_before(day: Date) -> Date {
    day.checked_sub(1.day()).unwrap_or(day)
}

/// How the KPI stood at its own place when a window ended.
async fn at_end_of(
    engine: &Engine,
    kpi: &Kpi,
    stretch: &Stretch,
    reach: Reach,
) -> Result<Option<Standing>, EngineError> {
    let Some(reach) = reach.on(day_before(stretch.until), engine.calendar()) else { return Ok(None) };
    let asked = Asked { within: &Place::centre(), by: &[], reach, scope: &Scope::Everything, whole: engine };
    Ok(standings(engine, &[kpi], &asked).await?.into_iter().next())
}

async fn judgement(
    engine: &Engine,
    kpi: &Kpi,
    standing: &Standing,
    reach: Reach,
    now: Timestamp,
) -> Result<Judgement, EngineError> {
    let Ok(exact) = standing.cell.value else { return Ok(Judgement::Nothing) };
    let (from, until) = (standing.stretch.from, standing.stretch.until);
    let value = shown_of(standing, exact);
    let entry = |event| Entry { at: now, by: SELF.to_owned(), event };
    Ok(match standing.status {
        Status::Met | Status::Close => Judgement::Met(entry(Event::Met { from, until, value })),
        Status::NotEnough(_) => Judgement::Nothing,
        Status::Missed => Judgement::Missed {
            opening: Opening {
                kpi: kpi.name.clone(),
                place: kpi.place.clone(),
                from,
                until,
                below_since: below_since(engine, kpi, standing, reach).await?,
                opened_at: now,
                owner: kpi.owner.clone(),
                value: exact.to_string(),
                shown: value.clone(),
                target: target_in_words(standing),
                causes: causes::of(engine, standing).await?,
            },
            again: entry(Event::MissedAgain { from, until, value }),
        },
    })
}

/// First day of the windows that were missed one after another up to this one.
async fn below_since(
    engine: &Engine,
    kpi: &Kpi,
    standing: &Standing,
    reach: Reach,
) -> Result<Date, EngineError> {
    let mut since = standing.stretch.from;
    for _ in 0..MOST_LOOKED_BACK {
        let earlier = kpi.window.holding(day_before(since), engine.calendar());
        // What was no KPI yet was not below its target.
        if earlier.from >= since || !kpi.days.hold(earlier.from) {
            break;
        }
        match at_end_of(engine, kpi, &earlier, reach).await? {
            Some(standing) if standing.status == Status::Missed => since = earlier.from,
            _ => break,
        }
    }
    Ok(since)
}

/// A value of the KPI in words.
pub(crate) fn shown_of(standing: &Standing, value: Ratio) -> String {
    shown(value, standing.kpi.unit, standing.cell.currency.as_deref())
}

/// The target of a standing in words: `at least 2.40 %`.
pub(crate) fn target_in_words(standing: &Standing) -> String {
    match &standing.goal {
        Ok(goal) => match goal.aim {
            Aim::AtLeast(edge) => format!("at least {}", shown_of(standing, edge)),
            Aim::AtMost(edge) => format!("at most {}", shown_of(standing, edge)),
            Aim::Within(from, to) => format!("{} to {}", shown_of(standing, from), shown_of(standing, to)),
        },
        Err(none) => none.to_string(),
    }
}
