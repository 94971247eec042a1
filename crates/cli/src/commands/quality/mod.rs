//! `dialmark quality`: which conversations are evaluated, evaluations and what becomes of them, calibration.

mod answers;
mod calibrate;
mod shown;

use clap::Subcommand;
use dialmark_govern::quality::{Evaluated, Sampling, call_key};
use dialmark_manage::own_records::From as SendFrom;
use dialmark_manage::quality::{self, Drawn, Wanted};
use jiff::Timestamp;
use jiff::civil::Date;

use self::answers::AnswerArgs;
use crate::failure::Failure;
use crate::managed::{self, Managed};
use crate::options::Shared;
use crate::out::{self, Style, TextOrJson};
use crate::{columns, seat};

const SAMPLE_EXAMPLES: &str = "\
Examples:
  dialmark quality sample
  dialmark quality sample weekly --on 2026-07-06
  dialmark quality sample weekly --format json

Shows the sample of the last week or month that is over, or of the one that a day lies in: who is to be
evaluated, what is done, what is lacking. The choice follows from the plan's seed; nobody makes it.";

const EVALUATE_EXAMPLES: &str = "\
Examples:
  dialmark quality evaluate dialler/4711 --form sales --by eve --answer greeting=1 --answer price=2 \\
      --answer objection=- --comment price='named the old one'
  dialmark quality evaluate dialler/4711 --form sales --by eve --answers 4711.toml

A file has what options would say, in TOML or JSON:
  remark = \"friendly, but in a hurry\"
  [answers]
  greeting  = 1
  objection = \"left out\"
  [comments]
  greeting = \"by name\"

The evaluation is kept and becomes a record of the source `dialmark_evaluations`, so that all metrics
of quality count it. A conversation is evaluated once by a form.";

const LIST_EXAMPLES: &str = "\
Examples:
  dialmark quality list --open
  dialmark quality list --agent ann --format json";

const SHOW_EXAMPLES: &str = "\
Examples:
  dialmark quality show 3f9a2c81d0b4e6a7";

const ACKNOWLEDGE_EXAMPLES: &str = "\
Examples:
  dialmark quality acknowledge 3f9a2c81d0b4e6a7 --by ann

Only the agent acknowledges, under the name that the records have for them.";

const APPEAL_EXAMPLES: &str = "\
Examples:
  dialmark quality appeal 3f9a2c81d0b4e6a7 --by ann --why 'the price was right: it changed on Monday'";

const DECIDE_EXAMPLES: &str = "\
Examples:
  dialmark quality decide 3f9a2c81d0b4e6a7 --by mia --uphold --says 'the old price was named'
  dialmark quality decide 3f9a2c81d0b4e6a7 --by mia --says 'the price was right' --answers better.toml

With answers another evaluation counts instead: all of the form is answered anew. Its record takes the
place of the first one. Neither who evaluated nor who was evaluated decides.";

const SEND_EXAMPLES: &str = "\
Examples:
  dialmark quality send
  dialmark quality send --again

What is decided becomes a record at once; this is for what was interrupted, and `dialmark serve` does it
by itself. With --again everything is sent once more: what is there already changes nothing.";

/// What to do about quality.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show which conversations a plan chooses, and which are still to be evaluated
    #[command(after_help = SAMPLE_EXAMPLES)]
    Sample(SampleArgs),
    /// Evaluate a conversation by a form
    #[command(after_help = EVALUATE_EXAMPLES)]
    Evaluate(Box<EvaluateArgs>),
    /// List evaluations
    #[command(after_help = LIST_EXAMPLES)]
    List(ListArgs),
    /// Show one evaluation with its history
    #[command(after_help = SHOW_EXAMPLES)]
    Show(ShowArgs),
    /// Accept an evaluation, as its agent
    #[command(after_help = ACKNOWLEDGE_EXAMPLES)]
    Acknowledge(AcknowledgeArgs),
    /// Appeal against an evaluation, as its agent
    #[command(after_help = APPEAL_EXAMPLES)]
    Appeal(AppealArgs),
    /// Decide on an appeal
    #[command(after_help = DECIDE_EXAMPLES)]
    Decide(Box<DecideArgs>),
    /// Let several evaluators score the same conversations, and compare them
    #[command(subcommand)]
    Calibrate(calibrate::Command),
    /// Make records of what was decided, where that was interrupted
    #[command(after_help = SEND_EXAMPLES)]
    Send(SendArgs),
}

/// Options of `quality sample`.
#[derive(Debug, clap::Args)]
pub struct SampleArgs {
    /// The plan [default: the only one]
    plan: Option<String>,
    /// A day of the week or month [default: the last one that is over]
    #[arg(long, value_name = "DAY")]
    on: Option<Date>,
    #[command(flatten)]
    shared: Shared,
}

/// Options of `quality evaluate`.
#[derive(Debug, clap::Args)]
pub struct EvaluateArgs {
    /// The call: its source and identifier, such as `dialler/4711`
    call: String,
    /// The form
    #[arg(long, value_name = "NAME")]
    form: String,
    /// Who evaluates
    #[arg(long, value_name = "PERSON")]
    by: String,
    #[command(flatten)]
    given: AnswerArgs,
    #[command(flatten)]
    shared: Shared,
}

/// Options of `quality list`.
#[derive(Debug, clap::Args)]
pub struct ListArgs {
    /// Only of this agent
    #[arg(long, value_name = "AGENT")]
    agent: Option<String>,
    /// Only by this form
    #[arg(long, value_name = "NAME")]
    form: Option<String>,
    /// Only those that wait for the agent or for a decision
    #[arg(long)]
    open: bool,
    #[command(flatten)]
    shared: Shared,
}

/// Options of `quality show`.
#[derive(Debug, clap::Args)]
pub struct ShowArgs {
    /// The evaluation
    id: String,
    #[command(flatten)]
    shared: Shared,
}

/// Options of `quality acknowledge`.
#[derive(Debug, clap::Args)]
pub struct AcknowledgeArgs {
    /// The evaluation
    id: String,
    /// The agent
    #[arg(long, value_name = "AGENT")]
    by: String,
    #[command(flatten)]
    shared: Shared,
}

/// Options of `quality appeal`.
#[derive(Debug, clap::Args)]
pub struct AppealArgs {
    /// The evaluation
    id: String,
    /// The agent
    #[arg(long, value_name = "AGENT")]
    by: String,
    /// What the evaluation gets wrong
    #[arg(long, value_name = "TEXT")]
    why: String,
    #[command(flatten)]
    shared: Shared,
}

/// Options of `quality decide`.
#[derive(Debug, clap::Args)]
pub struct DecideArgs {
    /// The evaluation
    id: String,
    /// Who decides
    #[arg(long, value_name = "PERSON")]
    by: String,
    /// The reason
    #[arg(long, value_name = "TEXT")]
    says: String,
    /// The evaluation stays
    #[arg(long, conflicts_with_all = ["answer", "comment", "remark", "answers"])]
    uphold: bool,
    #[command(flatten)]
    given: AnswerArgs,
    #[command(flatten)]
    shared: Shared,
}

/// Options of `quality send`.
#[derive(Debug, clap::Args)]
pub struct SendArgs {
    /// Everything that was ever decided
    #[arg(long)]
    again: bool,
    #[command(flatten)]
    shared: Shared,
}

/// Runs the command.
pub fn run(command: &Command) -> Result<(), Failure> {
    match command {
        Command::Sample(args) => sample(args),
        Command::Evaluate(args) => evaluate(args),
        Command::List(args) => list(args),
        Command::Show(args) => show(args),
        Command::Acknowledge(args) => {
            let by = seat::person(&args.by)?;
            step(&args.shared, async |desk| quality::acknowledge(&desk, &args.id, by, Timestamp::now()).await)
        }
        Command::Appeal(args) => {
            let by = seat::person(&args.by)?;
            step(&args.shared, async |desk| {
                quality::appeal(&desk, &args.id, by, Timestamp::now(), &args.why).await
            })
        }
        Command::Decide(args) => decide(args),
        Command::Calibrate(command) => calibrate::run(command),
        Command::Send(args) => send(args),
    }
}

fn plan<'m>(managed: &'m Managed, name: Option<&str>) -> Result<&'m Sampling, Failure> {
    let plans = &managed.governed.samplings;
    let known = || plans.keys().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    match (name, plans.values().collect::<Vec<_>>().as_slice()) {
        (Some(name), _) => plans.get(name).ok_or_else(|| {
            Failure::usage(match plans.is_empty() {
                true => format!("There is no plan `{name}`: no `[sampling.NAME]` is declared in `quality/`."),
                false => format!("There is no plan `{name}`. There are {}.", known()),
            })
        }),
        (None, [one]) => Ok(one),
        (None, []) => {
            Err(Failure::usage("No plan is declared. Add `[sampling.NAME]` to a file in `quality/`."))
        }
        (None, _) => Err(Failure::usage(format!("Which plan? There are {}.", known()))),
    }
}

fn sample(args: &SampleArgs) -> Result<(), Failure> {
    let managed = managed::open(args.shared.dir.as_deref())?;
    let plan = plan(&managed, args.plan.as_deref())?;
    let now = Timestamp::now();
    let drawn = seat::look(&managed, async |desk| {
        let reach = dialmark_manage::reach(desk.engine, now).await?;
        let today = desk.engine.calendar().day_of(now);
        let last = reach.map(|reach| quality::last_over(plan.every, reach, desk.engine.calendar()));
        quality::draw(&desk, plan, args.on.or(last).unwrap_or(today), reach).await
    })?;
    match args.shared.format {
        TextOrJson::Json => out::json(&shown::sample(&drawn)),
        TextOrJson::Text => say_sample(plan, &drawn),
    }
}

fn say_sample(plan: &Sampling, drawn: &Drawn) -> Result<(), Failure> {
    let style = Style::of_stdout();
    let last = drawn.until.yesterday().unwrap_or(drawn.until);
    out::line(&style.strong(&format!("{}: {} to {last}", plan.label, drawn.sample.first_day)))?;
    if !drawn.is_over {
        out::line("  It is not over: calls to come change the choice.")?;
    }
    let head = ["agent", "of", "planned", "done", "besides", "lacking"];
    let total = &drawn.coverage.total;
    let row = |name: &str, of: u64, row: &dialmark_govern::quality::AgentCoverage| {
        let lacking = match name {
            "" => row.lacking.len().to_string(),
            _ => row.lacking.join(", "),
        };
        let counts = [of, row.planned, row.done, row.besides].map(|count| count.to_string());
        [vec![name.to_owned()], counts.to_vec(), vec![lacking]].concat()
    };
    let mut rows: Vec<Vec<String>> = drawn
        .coverage
        .agents
        .iter()
        .map(|(agent, one)| row(agent, drawn.sample.agents.get(agent).map_or(0, |chosen| chosen.of), one))
        .collect();
    rows.push(row("", drawn.sample.agents.values().map(|chosen| chosen.of).sum(), total));
    for line in columns::aligned(&head, &rows) {
        out::line(&format!("  {line}"))?;
    }
    for (count, what) in [
        (drawn.sample.too_short, "too short to be chosen"),
        (drawn.sample.talk_unknown, "of unknown length"),
        (drawn.without_id, "without an identifier by which they could be evaluated"),
    ] {
        if count > 0 {
            let calls = out::counted(count, "conversation is", "conversations are");
            out::line(&format!("  {calls} {what}."))?;
        }
    }
    out::line(&style.faint(&format!("  {}", drawn.says)))
}

fn evaluate(args: &EvaluateArgs) -> Result<(), Failure> {
    let by = seat::person(&args.by)?;
    let given = args.given.read()?;
    step(&args.shared, async |desk| {
        quality::evaluate(&desk, &args.call, &args.form, given, by, Timestamp::now()).await
    })
}

fn decide(args: &DecideArgs) -> Result<(), Failure> {
    let by = seat::person(&args.by)?;
    if !args.uphold && args.given.is_empty() {
        return Err(Failure::usage(
            "Say whether it stays, with `--uphold`, or what counts instead, with `--answer` or `--answers`.",
        ));
    }
    let given = args.given.read()?;
    let now = Timestamp::now();
    step(&args.shared, async |desk| match args.uphold {
        true => quality::uphold(&desk, &args.id, by, now, &args.says).await,
        false => quality::change(&desk, &args.id, by, now, &args.says, given).await,
    })
}

/// Does something to an evaluation and shows it.
fn step(
    shared: &Shared,
    step: impl AsyncFnOnce(dialmark_manage::Desk<'_>) -> Result<Evaluated, dialmark_manage::NotDone>,
) -> Result<(), Failure> {
    let managed = managed::open(shared.dir.as_deref())?;
    let done = seat::decide(&managed, step)?;
    match shared.format {
        TextOrJson::Json => out::json(&shown::evaluation(&done)),
        TextOrJson::Text => shown::lines(&done).iter().try_for_each(|line| out::line(line)),
    }
}

fn list(args: &ListArgs) -> Result<(), Failure> {
    let managed = managed::open(args.shared.dir.as_deref())?;
    let wanted = Wanted { agent: args.agent.as_deref(), form: args.form.as_deref(), open: args.open };
    let all = seat::look(&managed, async |desk| quality::evaluations(&desk, &wanted).await)?;
    if args.shared.format == TextOrJson::Json {
        return out::json(&all.iter().map(shown::evaluation).collect::<Vec<_>>());
    }
    if all.is_empty() {
        return out::line("There is no such evaluation.");
    }
    let calendar = managed.opened.project.centre.calendar();
    let head = ["evaluation", "made on", "call", "agent", "form", "by", "score", "how it stands"];
    let row = |done: &Evaluated| {
        let version = done.counts();
        vec![
            done.id().to_owned(),
            calendar.day_of(done.made_at()).to_string(),
            call_key(&done.of().call),
            done.of().agent_id.clone(),
            version.scored.form.clone(),
            version.evaluation.evaluator().to_owned(),
            shown::score(version.scored.score),
            shown::standing(done.standing()),
        ]
    };
    let rows: Vec<Vec<String>> = all.iter().map(row).collect();
    columns::aligned(&head, &rows).iter().try_for_each(|line| out::line(line))
}

fn show(args: &ShowArgs) -> Result<(), Failure> {
    let managed = managed::open(args.shared.dir.as_deref())?;
    let steps = seat::look(&managed, async |desk| quality::steps(&desk, &args.id).await)?;
    let Some(last) = steps.last() else { return Ok(()) };
    if args.shared.format == TextOrJson::Json {
        let history: Vec<serde_json::Value> = steps
            .iter()
            .map(|step| {
                serde_json::json!({ "at": step.at, "by": step.by, "is": step.value.standing(),
                    "revision": step.value.revision(), "score": step.value.counts().scored.score.to_string() })
            })
            .collect();
        let mut shown = shown::evaluation(&last.value);
        if let Some(map) = shown.as_object_mut() {
            map.insert("history".to_owned(), history.into());
        }
        return out::json(&shown);
    }
    shown::lines(&last.value).iter().try_for_each(|line| out::line(line))?;
    let style = Style::of_stdout();
    for step in &steps {
        let what = step.value.standing().word();
        out::line(&style.faint(&format!("  {}  {}  {what}", step.at, step.by)))?;
    }
    Ok(())
}

fn send(args: &SendArgs) -> Result<(), Failure> {
    let managed = managed::open(args.shared.dir.as_deref())?;
    let from = if args.again { SendFrom::Start } else { SendFrom::LastTime };
    let sent = seat::send(&managed, from)?;
    match args.shared.format {
        TextOrJson::Json => out::json(&sent),
        TextOrJson::Text => out::line(&format!(
            "{} new, {} corrected, {} there already",
            sent.new, sent.corrected, sent.unchanged
        )),
    }
}
