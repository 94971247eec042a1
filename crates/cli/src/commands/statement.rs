//! `dialmark statement`: what is due under a contract for a month or quarter.

use std::path::PathBuf;

use clap::ValueEnum;
use dialmark_govern::contract::{BillingPeriod, Contract};
use dialmark_govern::statement::Statement;
use dialmark_manage::statement::{self as stating, Stated, Terms};
use dialmark_model::declared::nearest;
use dialmark_view::link::Link;
use dialmark_view::pages::statement::{self, StatementPage};
use dialmark_view::shell::{Head, Place, Theme};
use jiff::Timestamp;

use crate::failure::Failure;
use crate::managed::{self, Managed};
use crate::out::{self, Style};
use crate::{runtime, statement_lines};

const EXAMPLES: &str = "\
Examples:
  dialmark statement acme --period 2026-10
  dialmark statement acme --period 2026-10 --format html > acme-2026-10.html
  dialmark statement acme --period 2026-10 --freeze --by finance@example.org

Until it is frozen a statement is a draft that changes with the records. Frozen, it is kept with all that
it was computed from, computed anew whenever it is shown, and must come out the same, byte for byte. What later
records change goes onto the next statement as a line of its own.";

/// Options of `dialmark statement`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Name of the contract
    contract: String,
    /// Month or quarter, such as `2026-10` or `2026-Q4`
    #[arg(long, value_name = "PERIOD")]
    period: String,
    /// Keep it as it is now, for good
    #[arg(long, requires = "by")]
    freeze: bool,
    /// Who freezes it
    #[arg(long, value_name = "PERSON", requires = "freeze")]
    by: Option<String>,
    /// Folder of the project [default: the current one, or the nearest above that is one]
    #[arg(long, value_name = "PROJECT")]
    dir: Option<PathBuf>,
    /// How to answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// How a statement is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
    /// For the other side: one file that needs nothing else.
    Html,
}

/// Draws the statement up, or shows the frozen one.
pub fn run(args: &Args) -> Result<(), Failure> {
    let managed = managed::open(args.dir.as_deref())?;
    let contract = chosen(&managed, &args.contract)?;
    let period = BillingPeriod::parse(&args.period).filter(|period| period.billing() == contract.billing);
    let period = period.ok_or_else(|| {
        let example = match contract.billing.word() {
            "quarter" => "2026-Q4",
            _ => "2026-10",
        };
        Failure::usage(format!(
            "`--period {}` is no {} of this contract; write one such as `{example}`.",
            args.period,
            contract.billing.word()
        ))
    })?;
    let Stated { statement, json, frozen } = runtime::wait_for(async {
        let state = managed.opened.state().await?;
        let engine = managed.opened.engine(managed.opened.lake_with_records().await?);
        let text = managed.text_of(&contract.declared_in).unwrap_or_default();
        let governed = &managed.governed;
        let terms = Terms { contract, text, rates: &governed.rates, now: Timestamp::now() };
        let stated = match args.by.as_ref().filter(|_| args.freeze) {
            Some(by) => stating::freeze(&engine, &state, &terms, period, None, by).await,
            None => stating::stated(&engine, &state, &terms, governed, period).await,
        };
        stated.map_err(|error| Failure::problem(error.to_string()))
    })?;
    let frozen = frozen.map(|(at, by)| format!("on {at} by {by}"));
    match args.format {
        Format::Json => out::line(&json),
        Format::Text => say(&statement, frozen.as_deref()),
        Format::Html => {
            let title = format!("Statement {}", statement.period);
            let centre = managed.opened.project.centre.name();
            let head = Head::plain(centre, &title, Place::Elsewhere, Theme::Auto, Link::to("/"));
            out::line(&statement::standalone(&StatementPage { head, statement, frozen }).into_string())
        }
    }
}

fn chosen<'m>(managed: &'m Managed, name: &str) -> Result<&'m Contract, Failure> {
    let contracts = &managed.governed.contracts;
    contracts.get(name).ok_or_else(|| {
        let names = contracts.keys().map(String::as_str);
        let help = match nearest(name, names.clone()) {
            Some(near) => format!("Did you mean `{near}`?"),
            None if contracts.is_empty() => {
                "The project declares none; `docs/management.md` shows how.".to_owned()
            }
            None => format!("There are {}.", names.collect::<Vec<_>>().join(", ")),
        };
        Failure::usage(format!("There is no contract `{name}`. {help}"))
    })
}

fn say(statement: &Statement, frozen: Option<&str>) -> Result<(), Failure> {
    let style = Style::of_stdout();
    let title = format!("{}, {}: {} due", statement.label, statement.period, statement.due);
    out::line(&style.strong(&title))?;
    out::line(&match frozen {
        Some(frozen) => format!("frozen {frozen}"),
        None => "a draft: it changes with the records until it is frozen".to_owned(),
    })?;
    let lines = statement.lines.iter().map(|line| (&line.id, line.amount.as_ref(), &line.says));
    statement_lines::say(&statement.incomplete, lines)?;
    let notes = statement.phases.iter().chain(statement.exclusions.iter().map(|one| &one.says));
    for note in notes.chain(statement.disputes.iter().map(|one| &one.says)) {
        out::line(&style.faint(note))?;
    }
    for one in &statement.definitions {
        out::line(&style.faint(&format!("{}: {}", one.metric, one.says)))?;
    }
    Ok(())
}
