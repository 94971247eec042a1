//! Quality: which conversations are to be evaluated, which of them are, and what came of it.

pub mod calibration;
pub mod evaluate;
pub mod evaluation;

use std::collections::BTreeMap;

use axum::response::Response;
use dialmark_govern::Right;
use dialmark_govern::dispute::CallId;
use dialmark_govern::quality::{Coverage, Evaluated, Every, Form, Sampling, Standing};
use dialmark_manage::NotDone;
use dialmark_manage::quality::{self, Drawn, Wanted};
use dialmark_view::called::Called;
use dialmark_view::link::Link;
use dialmark_view::pages::evaluations::{self, EvaluationLine, EvaluationsPage};
use dialmark_view::pages::overview::Choice;
use dialmark_view::shell::Place;
use dialmark_view::{parts, when};
use jiff::civil::Date;
use maud::Markup;

use crate::agents::called;
use crate::answer;
use crate::app::{App, Seen};
use crate::problem::Problem;
use crate::visit::Visit;

const PATH: &str = "/quality";
/// Weeks or months to choose from.
const PERIODS: usize = 8;
/// Conversations and evaluations that a list shows.
const MOST: usize = 200;

/// `GET /quality`
pub async fn handle(Seen(app): Seen, visit: Visit) -> Response {
    let outcome = page(&app, &visit).await;
    answer::page_or_problem(&app, &visit, outcome)
}

async fn page(app: &App, visit: &Visit) -> Result<Markup, Problem> {
    let (_, own) = visit.asked(&["plan", "on"])?;
    let asked = |name: &str| own.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str());
    let plans = &app.promises.governed.samplings;
    let plan = match asked("plan") {
        None => plans.values().next(),
        Some(name) => {
            Some(plans.get(name).ok_or_else(|| Problem::missing(format!("There is no plan `{name}`.")))?)
        }
    };
    let on = match asked("on") {
        None => None,
        Some(text) => Some(text.parse::<Date>().map_err(|_| {
            Problem::bad(format!("`{text}` is no day.")).helped("Write one such as `2026-11-16`.")
        })?),
    };
    let _turn = app.turn().await?;
    let look = match plan {
        Some(plan) => Some(Look::at(app, plan, on).await?),
        None => None,
    };
    let calendar = app.engine.calendar();
    let all = quality::evaluations(&app.desk(), &Wanted::default()).await?;
    let is_appealed = |done: &&Evaluated| matches!(done.standing(), Standing::Appealed { .. });
    let may_decide = app.visitor.may(Right::DecideAppeals);
    let appeals = all.iter().filter(is_appealed).filter(|_| may_decide).map(|done| line(app, done)).collect();
    let is_of_period = |done: &&Evaluated| {
        look.as_ref().is_none_or(|look| {
            let day = calendar.day_of(done.of().at);
            look.first_day <= day && day < look.until
        })
    };
    let done: Vec<&Evaluated> = all.iter().rev().filter(is_of_period).collect();
    let mut drawn = look.as_ref().map(|look| look.says(app)).unwrap_or_default();
    let own = app.visitor.access.agent_id();
    let lacking = look.as_ref().and_then(Look::coverage).map(|c| lacking(c, own)).unwrap_or_default();
    for (count, what) in [(lacking.len(), "conversations wait"), (done.len(), "evaluations are done")] {
        if count > MOST {
            drawn.push(format!("{count} {what}; {MOST} of them are shown."));
        }
    }
    let lacking = lacking.get(..MOST).unwrap_or(&lacking);
    let mut found = called::some(app, lacking).await?;
    let form = plan.map(|plan| plan.form.as_str());
    Ok(evaluations::render(&EvaluationsPage {
        head: visit.plain_head(app, "Quality", Place::Quality),
        zone: app.centre.time_zone().clone(),
        plans: plans
            .values()
            .map(|one| Choice {
                says: one.label.clone(),
                href: Link::to(PATH).with("plan", &one.name),
                is_current: plan.is_some_and(|plan| plan.name == one.name),
            })
            .collect(),
        periods: plan.zip(look.as_ref()).map(|(plan, look)| look.periods(plan)).unwrap_or_default(),
        drawn,
        names: look
            .as_ref()
            .and_then(Look::coverage)
            .map(|coverage| coverage.agents.keys().map(|agent| (agent.clone(), app.name_of(agent))).collect())
            .unwrap_or_default(),
        waiting: lacking
            .iter()
            .filter_map(|id| Some((found.remove(id)?, evaluate::link(id).with_some("form", form))))
            .collect(),
        coverage: look.as_ref().and_then(Look::coverage).cloned(),
        done: done.into_iter().take(MOST).map(|done| line(app, done)).collect(),
        appeals,
    }))
}

/// A sample as it is looked at.
struct Look {
    first_day: Date,
    until: Date,
    /// The week or month that runs now.
    running: Date,
    /// What was drawn, or why nothing was.
    drawn: Result<Drawn, String>,
}

impl Look {
    async fn at(app: &App, plan: &Sampling, on: Option<Date>) -> Result<Look, Problem> {
        let desk = app.desk();
        let calendar = desk.engine.calendar();
        let reach = dialmark_manage::reach(desk.engine, desk.now).await?;
        let today = reach.map_or_else(|| calendar.day_of(desk.now), |reach| reach.day);
        let last = reach.map(|reach| quality::last_over(plan.every, reach, calendar));
        let day = on.or(last).unwrap_or(today);
        let first_day = plan.every.first_day(day);
        let drawn = match quality::draw(&desk, plan, day, reach).await {
            Ok(drawn) => Ok(drawn),
            Err(NotDone::Refused(says)) => Err(says),
            Err(other) => return Err(other.into()),
        };
        let (until, running) = (quality::end(plan.every, first_day), plan.every.first_day(today));
        Ok(Look { first_day, until, running, drawn })
    }

    fn coverage(&self) -> Option<&Coverage> {
        self.drawn.as_ref().ok().map(|drawn| &drawn.coverage)
    }

    /// How it was drawn, in sentences.
    fn says(&self, app: &App) -> Vec<String> {
        let drawn = match &self.drawn {
            Ok(drawn) => drawn,
            Err(says) => return vec![says.clone()],
        };
        let of: u64 = drawn.sample.agents.values().map(|chosen| chosen.of).sum();
        let mut says = vec![format!("{} of {} were drawn.", drawn.coverage.total.planned, counted(of))];
        if !drawn.is_over {
            says.push("The period is not over: calls to come change the choice.".to_owned());
        }
        // These are counted over the whole centre, and so for those who see it.
        if app.visitor.access.is_whole() {
            for (count, what) in [
                (drawn.sample.too_short, "too short to be chosen"),
                (drawn.sample.talk_unknown, "of unknown length"),
                (drawn.without_id, "without an identifier by which they could be evaluated"),
            ] {
                if count > 0 {
                    says.push(format!("Left out for being {what}: {}.", counted(count)));
                }
            }
        }
        says.push(drawn.says.clone());
        says
    }

    /// The last weeks or months, and the one that is looked at.
    fn periods(&self, plan: &Sampling) -> Vec<Choice> {
        let mut first_days = first_days(plan.every, self.running);
        if !first_days.contains(&self.first_day) {
            first_days.push(self.first_day);
        }
        let choice = |first_day: Date| {
            let end = quality::end(plan.every, first_day);
            Choice {
                says: when::days(first_day, end.yesterday().unwrap_or(end)),
                href: Link::to(PATH).with("plan", &plan.name).with("on", first_day),
                is_current: first_day == self.first_day,
            }
        };
        first_days.into_iter().map(choice).collect()
    }
}

fn counted(conversations: u64) -> String {
    parts::counted(conversations, "conversation", "conversations")
}

/// First days of the last weeks or months, the running one in front.
fn first_days(every: Every, running: Date) -> Vec<Date> {
    let before = |first_day: &Date| first_day.yesterday().ok().map(|day| every.first_day(day));
    std::iter::successors(Some(running), before).take(PERIODS).collect()
}

/// Calls that were chosen and are not evaluated yet, by agent. Nobody evaluates their own.
fn lacking(coverage: &Coverage, own: Option<&str>) -> Vec<CallId> {
    let others = coverage.agents.iter().filter(|(agent, _)| own != Some(agent.as_str()));
    others.flat_map(|(_, row)| &row.lacking).filter_map(|key| read_call_key(key)).collect()
}

/// A call from [`dialmark_govern::quality::call_key`].
fn read_call_key(key: &str) -> Option<CallId> {
    let (source, source_id) = key.split_once('/')?;
    Some(CallId { source: source.to_owned(), source_id: source_id.to_owned() })
}

/// Evaluations of an agent, the latest first.
pub async fn lines_of(app: &App, agent: &str) -> Result<Vec<EvaluationLine>, Problem> {
    let wanted = Wanted { agent: Some(agent), ..Wanted::default() };
    let all = quality::evaluations(&app.desk(), &wanted).await?;
    Ok(all.iter().rev().map(|done| line(app, done)).collect())
}

/// An evaluation as lists show it.
fn line(app: &App, done: &Evaluated) -> EvaluationLine {
    let version = done.counts();
    EvaluationLine {
        id: done.id().to_owned(),
        evaluation: version.evaluation.clone(),
        form: form_in_words(app, done.form(), &version.scored.form),
        agent: app.name_of(&done.of().agent_id),
        call: called::noted(app, done.of()),
        score: version.scored.score,
        passed: version.scored.passed,
        has_critical_error: version.scored.has_critical_error(),
        appeal_until: appeal_until(app, done),
        href: evaluation::link(done.id()),
    }
}

/// Last day on which an evaluation may be appealed, while it may.
fn appeal_until(app: &App, done: &Evaluated) -> Option<Date> {
    let calendar = app.engine.calendar();
    let today = calendar.day_of(app.desk().now);
    let last = done.appeal_until(calendar).filter(|last| today <= *last);
    last.filter(|_| *done.standing() == Standing::Made)
}

/// A form as it is declared in the version of this code.
fn sheet<'a>(app: &'a App, form: &str, code: &str) -> Option<&'a Form> {
    app.promises.governed.forms.get(form).filter(|form| form.code() == code)
}

fn form_in_words(app: &App, form: &str, code: &str) -> String {
    sheet(app, form, code).map_or_else(|| code.to_owned(), in_words)
}

fn in_words(form: &Form) -> String {
    format!("{}, version {}", form.label, form.version)
}

/// The call as its record has it, else as it was noted.
async fn call(app: &App, of: &dialmark_govern::quality::Conversation) -> Result<Called, Problem> {
    let found = called::one(app, &of.call).await?;
    Ok(found.unwrap_or_else(|| called::noted(app, of)))
}

/// Names of those who evaluate and coach, by their accounts.
pub async fn names(app: &App) -> Result<BTreeMap<String, String>, Problem> {
    let accounts = app.state.accounts().await?;
    let named = accounts.into_iter().filter(|account| !account.label.is_empty());
    let mut names: BTreeMap<String, String> = named.map(|account| (account.name, account.label)).collect();
    for person in app.promises.governed.people.iter() {
        names.insert(person.id.clone(), person.name.clone());
    }
    Ok(names)
}

/// A refusal to show something is that there is no such thing.
fn or_missing<T>(found: Result<T, NotDone>) -> Result<T, Problem> {
    found.map_err(|error| match error {
        NotDone::Refused(says) => Problem::missing(says),
        other => other.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use dialmark_govern::quality::{AgentCoverage, call_key};
    use jiff::civil::date;

    #[test]
    fn periods_go_back_from_the_running_one() {
        let weeks = first_days(Every::Week, date(2026, 11, 16));
        assert_eq!(weeks.len(), PERIODS);
        assert_eq!(weeks[..2], [date(2026, 11, 16), date(2026, 11, 9)]);
        let months = first_days(Every::Month, date(2026, 1, 1));
        assert_eq!(months[..3], [date(2026, 1, 1), date(2025, 12, 1), date(2025, 11, 1)]);
    }

    #[test]
    fn calls_that_lack_an_evaluation_are_read_from_their_keys() {
        let call = CallId { source: "dialler".to_owned(), source_id: "a/7".to_owned() };
        assert_eq!(read_call_key(&call_key(&call)).as_ref(), Some(&call));
        let row = AgentCoverage { lacking: vec![call_key(&call)], ..AgentCoverage::default() };
        let coverage = Coverage { agents: [("ann".to_owned(), row.clone())].into(), total: row };
        assert_eq!(lacking(&coverage, None), [call]);
        assert!(lacking(&coverage, Some("ann")).is_empty());
    }
}
