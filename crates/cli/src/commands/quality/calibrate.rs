//! `dialmark quality calibrate`: rounds in which several score the same conversations.

use clap::Subcommand;
use dialmark_govern::calibration::Round;
use dialmark_manage::quality;
use jiff::Timestamp;

use super::answers::AnswerArgs;
use super::shown;
use crate::failure::Failure;
use crate::managed;
use crate::options::Shared;
use crate::out::{self, TextOrJson};
use crate::seat;

const OPEN_EXAMPLES: &str = "\
Examples:
  dialmark quality calibrate open july --form sales --master mia --call dialler/4711 --call dialler/4712 --by mia
  dialmark quality calibrate open july --form sales --master mia --evaluator eve --call dialler/4711 --by mia";

const SCORE_EXAMPLES: &str = "\
Examples:
  dialmark quality calibrate score july dialler/4711 --by eve --answer greeting=1 --answer price=2 --answer objection=-
  dialmark quality calibrate score july dialler/4711 --by mia --answers 4711.toml

Everyone scores by themselves, in any order, each call once. The scores become records of evaluations
that are marked as calibration: no quality score counts them.";

const SHOW_EXAMPLES: &str = "\
Examples:
  dialmark quality calibrate show july
  dialmark quality calibrate show july --format json

Compares with the master (scores within five points, criterion by criterion) and evaluators among each
other (Krippendorff's alpha).";

/// What to do with rounds.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Open a round over some calls
    #[command(after_help = OPEN_EXAMPLES)]
    Open(OpenArgs),
    /// Score a call of a round
    #[command(after_help = SCORE_EXAMPLES)]
    Score(Box<ScoreArgs>),
    /// Show how far evaluators agree
    #[command(after_help = SHOW_EXAMPLES)]
    Show(ShowArgs),
    /// List rounds
    List(ListArgs),
}

/// Options of `quality calibrate open`.
#[derive(Debug, clap::Args)]
pub struct OpenArgs {
    /// Name of the round
    name: String,
    /// The form
    #[arg(long, value_name = "NAME")]
    form: String,
    /// With whose scores the others are compared
    #[arg(long, value_name = "PERSON")]
    master: String,
    /// Who else scores; may be given several times [default: whoever evaluates]
    #[arg(long = "evaluator", value_name = "PERSON")]
    evaluators: Vec<String>,
    /// A call, such as `dialler/4711`; may be given several times
    #[arg(long = "call", value_name = "CALL", required = true)]
    calls: Vec<String>,
    /// Who opens it
    #[arg(long, value_name = "PERSON")]
    by: String,
    #[command(flatten)]
    shared: Shared,
}

/// Options of `quality calibrate score`.
#[derive(Debug, clap::Args)]
pub struct ScoreArgs {
    /// The round
    name: String,
    /// The call
    call: String,
    /// Who scores
    #[arg(long, value_name = "PERSON")]
    by: String,
    #[command(flatten)]
    given: AnswerArgs,
    #[command(flatten)]
    shared: Shared,
}

/// Options of `quality calibrate show`.
#[derive(Debug, clap::Args)]
pub struct ShowArgs {
    /// The round
    name: String,
    #[command(flatten)]
    shared: Shared,
}

/// Options of `quality calibrate list`.
#[derive(Debug, clap::Args)]
pub struct ListArgs {
    #[command(flatten)]
    shared: Shared,
}

/// Runs the command.
pub fn run(command: &Command) -> Result<(), Failure> {
    let now = Timestamp::now();
    match command {
        Command::Open(args) => {
            let by = seat::person(&args.by)?;
            let managed = managed::open(args.shared.dir.as_deref())?;
            let round = seat::decide(&managed, async |desk| {
                let OpenArgs { name, form, master, evaluators, calls, .. } = args;
                let opening = quality::Opening { name, form, master, evaluators, calls };
                quality::open_round(&desk, &opening, by, now).await
            })?;
            say(&round, args.shared.format)
        }
        Command::Score(args) => {
            let by = seat::person(&args.by)?;
            let given = args.given.read()?;
            let managed = managed::open(args.shared.dir.as_deref())?;
            let round = seat::decide(&managed, async |desk| {
                quality::score_in_round(&desk, &args.name, &args.call, given, by, now).await
            })?;
            match args.shared.format {
                TextOrJson::Json => out::json(&shown::round(&round)),
                TextOrJson::Text => out::line(&format!("scored {} in the round {}", args.call, args.name)),
            }
        }
        Command::Show(args) => {
            let managed = managed::open(args.shared.dir.as_deref())?;
            let round = seat::look(&managed, async |desk| quality::round(&desk, &args.name).await)?;
            say(&round, args.shared.format)
        }
        Command::List(args) => {
            let managed = managed::open(args.shared.dir.as_deref())?;
            let rounds = seat::look(&managed, async |desk| quality::rounds(&desk).await)?;
            match args.shared.format {
                TextOrJson::Json => out::json(&rounds.iter().map(shown::round).collect::<Vec<_>>()),
                TextOrJson::Text if rounds.is_empty() => out::line("There is no calibration round."),
                TextOrJson::Text => rounds.iter().try_for_each(|round| say(round, TextOrJson::Text)),
            }
        }
    }
}

fn say(round: &Round, format: TextOrJson) -> Result<(), Failure> {
    match format {
        TextOrJson::Json => out::json(&shown::round(round)),
        TextOrJson::Text => shown::round_lines(round).iter().try_for_each(|line| out::line(line)),
    }
}
