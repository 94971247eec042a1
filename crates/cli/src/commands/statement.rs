//! `dialmark statement`: what is due under a contract for a month or quarter.

use std::path::PathBuf;

use clap::ValueEnum;
use dialmark_govern::contract::{BillingPeriod, Contract};
use dialmark_govern::statement::Statement;
use dialmark_manage::Terms;
use dialmark_model::declared::nearest;
use dialmark_state::Frozen;
use dialmark_view::link::Link;
use dialmark_view::pages::statement::{self, StatementPage};
use dialmark_view::shell::{Head, Place, Theme};
use jiff::Timestamp;

use crate::failure::Failure;
use crate::managed::{self, Managed};
use crate::out::{self, Style};
use crate::{columns, runtime};

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
    let (statement, json, frozen) = runtime::wait_for(async {
        let state = managed.opened.state().await?;
        if let Some(frozen) = state.statement(&contract.name, period).await? {
            if args.freeze {
                return Err(Failure::problem(format!(
                    "The statement of `{}` for {period} was frozen on {} by {}. What changes later goes onto the next one.",
                    contract.name, frozen.frozen_at, frozen.frozen_by
                )));
            }
            same(&managed, &frozen)?;
            let by = format!("on {} by {}", frozen.frozen_at, frozen.frozen_by);
            return Ok((frozen.statement, frozen.json, Some(by)));
        }
        let engine = managed.opened.engine(managed.opened.lake_with_records().await?);
        let text = managed.text_of(&contract.declared_in).unwrap_or_default();
        let now = Timestamp::now();
        let terms = Terms { contract, text, rates: &managed.governed.rates, now };
        let drawn = dialmark_manage::draft(&engine, &state, &terms, period).await;
        let drawn = drawn.map_err(|error| Failure::problem(error.to_string()))?;
        let json = json(&drawn.statement)?;
        let Some(by) = args.by.as_ref().filter(|_| args.freeze) else {
            return Ok((drawn.statement, json, None));
        };
        let end = engine.calendar().day_start(period.days().until());
        if end.is_none_or(|end| now < end) {
            return Err(Failure::problem(format!("{period} is not over yet, so it cannot be frozen.")));
        }
        let statement = drawn.statement.clone();
        let frozen = Frozen {
            inputs: drawn.inputs,
            statement: drawn.statement,
            json: json.clone(),
            frozen_at: now,
            frozen_by: by.clone(),
        };
        state.freeze(&frozen).await?;
        Ok((statement, json, Some(format!("on {now} by {by}"))))
    })?;
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

fn json(statement: &Statement) -> Result<String, Failure> {
    serde_json::to_string_pretty(statement)
        .map_err(|error| Failure::problem(format!("The statement cannot be written as JSON: {error}.")))
}

/// Computes a frozen statement anew from what it was computed from. It must come out the same.
fn same(managed: &Managed, frozen: &Frozen) -> Result<(), Failure> {
    let name = &frozen.statement.contract;
    let period = frozen.statement.period;
    let (text, catalogue) = (&frozen.inputs.contract.text, &managed.opened.catalogue);
    let contract = dialmark_manage::contract_of(text, name, catalogue, &managed.governed);
    let Some(contract) = contract else {
        return Err(Failure::problem(format!(
            "The contract `{name}` as it was when the statement for {period} was frozen names metrics that are not known any \
             more, so it cannot be computed anew. Put their definitions back."
        )));
    };
    let anew = dialmark_govern::statement::of(&contract, &frozen.inputs);
    match json(&anew)? == frozen.json {
        true => Ok(()),
        false => Err(Failure::problem(format!(
            "The statement of `{name}` for {period} was frozen on {} and does not come out the same today, so one of the two \
             is wrong. Show it to whoever looks after the program.",
            frozen.frozen_at
        ))),
    }
}

fn say(statement: &Statement, frozen: Option<&str>) -> Result<(), Failure> {
    let style = Style::of_stdout();
    let title = format!("{}, {}: {} due", statement.label, statement.period, statement.due);
    out::line(&style.strong(&title))?;
    out::line(&match frozen {
        Some(frozen) => format!("frozen {frozen}"),
        None => "a draft: it changes with the records until it is frozen".to_owned(),
    })?;
    for sentence in &statement.incomplete {
        out::line(&style.bad(&format!("incomplete: {sentence}")))?;
    }
    let rows: Vec<Vec<String>> = statement
        .lines
        .iter()
        .map(|line| {
            let amount = line.amount.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string);
            vec![line.id.clone(), amount, line.says.clone()]
        })
        .collect();
    for line in columns::aligned(&["line", "amount", "how it comes about"], &rows) {
        out::line(&line)?;
    }
    let notes = statement.phases.iter().chain(statement.exclusions.iter().map(|one| &one.says));
    for note in notes.chain(statement.disputes.iter().map(|one| &one.says)) {
        out::line(&style.faint(note))?;
    }
    for one in &statement.definitions {
        out::line(&style.faint(&format!("{}: {}", one.metric, one.says)))?;
    }
    Ok(())
}
