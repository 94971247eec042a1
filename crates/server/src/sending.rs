//! Reports from their declaration to a sealed letter that waits to be handed over: what is due is made once, a test is made like it.

use std::collections::BTreeMap;

use async_recursion::async_recursion as compiled_here;
use dialmark_engine::Engine;
use dialmark_govern::report::{Content, Due, Kind, Lacking, Report, Verdict, plan, verdict};
use dialmark_govern::{Access, Governed};
use dialmark_manage::report::{Made, Making, lacking_for, make};
use dialmark_model::civil;
use dialmark_post::{Attached, Letter, Picture, Sealed};
use dialmark_project::Centre;
use dialmark_state::{CameTo, Channel, NewPiece, ReportRun, Returned, State, StateError};
use dialmark_view::report::{Rendered, lacking_says, render};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::app::App;
use crate::leaving::{Ways, mail_content};

const PNG: &str = "image/png";

/// What reports are made from.
#[derive(Clone, Copy)]
pub struct Sender<'a> {
    /// Records and figures, all of them.
    pub engine: &'a Engine,
    /// Who the centre is.
    pub centre: &'a Centre,
    /// What is promised, reports among it.
    pub governed: &'a Governed,
    /// The texts that it was read from, by path.
    pub files: &'a BTreeMap<String, String>,
    /// What was decided and sent.
    pub state: &'a State,
    /// By which ways something leaves.
    pub ways: &'a Ways,
}

/// A report for one recipient, before it is sealed.
#[derive(Debug, Clone)]
pub struct Drawn {
    /// For when it is due.
    pub due: Due,
    /// Records that are missing.
    pub lacking: Vec<Lacking>,
    /// The letter.
    pub rendered: Rendered,
    returned: Vec<Returned>,
}

/// What became of what was due.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Round {
    /// Reports that were written down to be handed over.
    pub sent: Vec<String>,
    /// Reports that wait, and for what.
    pub held: Vec<(String, String)>,
    /// Reports that are not sent, and why.
    pub left_out: Vec<(String, String)>,
}

impl App {
    /// What reports are made from: all records, since each recipient is confined apart.
    pub(crate) fn sender(&self) -> Sender<'_> {
        Sender {
            engine: self.whole(),
            centre: &self.centre,
            governed: &self.promises.governed,
            files: &self.promises.files,
            state: &self.state,
            ways: &self.ways,
        }
    }
}

/// Makes everything that is due at an instant and was not made yet. What fails waits and says why; the others are made all the
/// same.
#[compiled_here]
pub async fn make_due(sender: &Sender<'_>, now: Timestamp) -> Result<Round, StateError> {
    let mut round = Round::default();
    for report in sender.governed.reports.values() {
        for to in &report.to {
            let zone = zone_of(sender, report, to);
            let series = report.series(to);
            let since = sender.state.report_since(&series, now).await?;
            let after = sender.state.report_ended(&series).await?;
            let due = report.schedule.due(&report.hold, after, (since, now), &zone);
            let planned = plan(report.kind.word(), due, now, &zone);
            for missed in planned.missed {
                let says = "Nobody was there to send it on its day.".to_owned();
                let run = run(report, to, &missed, (CameTo::Missed, says), now);
                if sender.state.end_report(&run, &[], &[]).await? {
                    tracing::warn!(
                        report = run.id,
                        "a report was missed: the program did not run when it was due"
                    );
                    round.left_out.push((run.id, run.says));
                }
            }
            for due in planned.wanted {
                if !one(sender, (report, to), &due, now, &mut round).await? {
                    // What is due later waits for what is due before it.
                    break;
                }
            }
        }
    }
    Ok(round)
}

/// Makes one report, if it is time. Says whether it ended.
async fn one(
    sender: &Sender<'_>,
    (report, to): (&Report, &str),
    due: &Due,
    now: Timestamp,
    round: &mut Round,
) -> Result<bool, StateError> {
    // Nothing is worked out that could not leave.
    if let Err(why) = sender.ways.declared_mail() {
        return hold(sender, run(report, to, due, (CameTo::Held, why), now), round).await;
    }
    let lacking = match lacking_for(sender.engine, report, due, now).await {
        Ok(lacking) => lacking,
        Err(error) => {
            return hold(sender, run(report, to, due, (CameTo::Held, error.to_string()), now), round).await;
        }
    };
    let zone = zone_of(sender, report, to);
    let missing = || lacking.iter().map(|one| lacking_says(one, &zone)).collect::<Vec<_>>().join(" ");
    match verdict(&report.hold, due, now, !lacking.is_empty()) {
        Verdict::Wait => {
            return hold(sender, run(report, to, due, (CameTo::Held, missing()), now), round).await;
        }
        Verdict::Skip => {
            let run = run(report, to, due, (CameTo::Skipped, missing()), now);
            if sender.state.end_report(&run, &[], &[]).await? {
                tracing::warn!(report = run.id, why = run.says, "a report is not sent");
                round.left_out.push((run.id, run.says));
            }
            return Ok(true);
        }
        Verdict::Send | Verdict::SendLacking => {}
    }
    let says = missing();
    let sealed = async {
        let drawn = draw(sender, report, to, (due, lacking), false).await?;
        let sealed = seal(sender, &report.piece(to, due.day), to, &drawn.rendered, now)?;
        Ok::<_, String>((drawn, sealed))
    };
    let (drawn, sealed) = match sealed.await {
        Ok(made) => made,
        Err(why) => return hold(sender, run(report, to, due, (CameTo::Held, why), now), round).await,
    };
    let run = run(report, to, due, (CameTo::Sent, says), now);
    let piece = piece(&run.id, &drawn.rendered, &sealed);
    if sender.state.end_report(&run, &[piece], &drawn.returned).await? {
        tracing::info!(report = run.id, "a report was made");
        round.sent.push(run.id);
    }
    Ok(true)
}

async fn hold(sender: &Sender<'_>, run: ReportRun, round: &mut Round) -> Result<bool, StateError> {
    if sender.state.hold_report(&run).await? {
        tracing::warn!(report = run.id, why = run.says, "a report waits");
    }
    round.held.push((run.id, run.says));
    Ok(false)
}

fn run(report: &Report, to: &str, due: &Due, (came_to, says): (CameTo, String), now: Timestamp) -> ReportRun {
    ReportRun {
        id: report.piece(to, due.day),
        series: report.series(to),
        day: due.day,
        due_at: due.at,
        came_to,
        says,
        noted_at: now,
    }
}

/// The report as a recipient would get it now: of when it was due last; what calls came to, of this instant, since that is
/// returned once.
#[compiled_here]
pub async fn preview(
    sender: &Sender<'_>,
    report: &Report,
    to: &str,
    now: Timestamp,
    is_test: bool,
) -> Result<Drawn, String> {
    let last = report.schedule.last(&report.hold, now, &zone_of(sender, report, to));
    let mut due = last.ok_or("It was never due in the last two weeks.")?;
    if matches!(report.kind, Kind::ReturnFile { .. }) {
        due.at = now;
    }
    let lacking = lacking_for(sender.engine, report, &due, now).await.map_err(|error| error.to_string())?;
    draw(sender, report, to, (&due, lacking), is_test).await
}

/// Writes a test down to be handed over: what `of` would get, sent to somebody else. It is known by the instant, so each is sent.
#[compiled_here]
pub async fn send_test(
    sender: &Sender<'_>,
    report: &Report,
    (of, to): (&str, &str),
    now: Timestamp,
) -> Result<String, String> {
    let to = dialmark_govern::report::address(to)?;
    let drawn = preview(sender, report, of, now, true).await?;
    let id = format!("test/{}/{to}/{now}", report.name);
    let sealed = seal(sender, &id, &to, &drawn.rendered, now)?;
    let written = sender.state.write_pieces(&[piece(&id, &drawn.rendered, &sealed)], now).await;
    written.map_err(|error| error.to_string())?;
    Ok(id)
}

/// By whose clock a recipient's report is due and told: the report's own, the recipient's, the centre's.
pub fn zone_of(sender: &Sender<'_>, report: &Report, to: &str) -> TimeZone {
    let of_person = || sender.governed.people.get(to).and_then(|person| person.zone.as_deref());
    let named = report.zone.as_deref().or_else(of_person);
    named.and_then(|name| civil::zone(name).ok()).unwrap_or_else(|| sender.centre.time_zone().clone())
}

async fn draw(
    sender: &Sender<'_>,
    report: &Report,
    to: &str,
    (due, lacking): (&Due, Vec<Lacking>),
    is_test: bool,
) -> Result<Drawn, String> {
    let access = access_of(sender.state, to).await?;
    let making = Making {
        whole: sender.engine,
        governed: sender.governed,
        files: sender.files,
        state: sender.state,
        access: access.as_ref(),
    };
    let made = make(&making, report, due, &report.series(to)).await;
    let Made { told, returned } = made.map_err(|error| error.to_string())?;
    let zone = zone_of(sender, report, to);
    let content = Content {
        centre: sender.centre.name().to_owned(),
        label: report.label.clone(),
        day: due.day,
        at: due.at,
        zone: zone.iana_name().unwrap_or("UTC").to_owned(),
        lacking,
        told,
    };
    let rendered = render(&content, is_test)?;
    Ok(Drawn { due: *due, lacking: content.lacking, rendered, returned })
}

/// What a recipient may see; `None` for somebody without an account. Nobody is told anything whose account has ended.
async fn access_of(state: &State, to: &str) -> Result<Option<Access>, String> {
    let account = state.account(to).await.map_err(|error| error.to_string())?;
    match account {
        None => Ok(None),
        Some(account) if account.ended_at.is_some() => {
            Err(format!("The account of {to} has ended. Take them out of `to`, or resume the account."))
        }
        Some(account) => Ok(Some(account.access)),
    }
}

fn seal(
    sender: &Sender<'_>,
    id: &str,
    to: &str,
    rendered: &Rendered,
    now: Timestamp,
) -> Result<Sealed, String> {
    let letter = Letter {
        id: id.to_owned(),
        from: sender.ways.declared_mail()?.from.clone(),
        to: to.to_owned(),
        subject: rendered.subject.clone(),
        text: rendered.text.clone(),
        html: Some(rendered.html.clone()),
        pictures: rendered
            .pictures
            .iter()
            .map(|(name, bytes)| Picture {
                name: name.clone(),
                media_type: PNG.to_owned(),
                bytes: bytes.clone(),
            })
            .collect(),
        attached: rendered
            .files
            .iter()
            .map(|file| Attached {
                name: file.name.clone(),
                media_type: file.media_type.to_owned(),
                bytes: file.bytes.clone(),
            })
            .collect(),
    };
    letter.seal(now.into())
}

fn piece(id: &str, rendered: &Rendered, sealed: &Sealed) -> NewPiece {
    NewPiece {
        id: id.to_owned(),
        channel: Channel::Mail,
        to: sealed.to.clone(),
        subject: rendered.subject.clone(),
        content: mail_content(sealed),
    }
}
