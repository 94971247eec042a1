//! Statements: the figures that a contract needs, asked of the engine, and what late records change of earlier ones.

use async_recursion::async_recursion as compiled_here;
use dialmark_engine::{Engine, EngineError};
use dialmark_govern::contract::{BillingPeriod, Contract, Need};
use dialmark_govern::statement::{self, Declared, ExchangeRate, Figure, Inputs, Line, Statement};
use dialmark_govern::{Governed, Money};
use dialmark_metrics::{Catalogue, Cell, Exact, MetricQuery, Ratio};
use dialmark_model::civil::Period;
use dialmark_state::{Frozen, State, StateError};
use jiff::Timestamp;

use crate::declared::contract_of;
use crate::figures::times;
use crate::nothing::or_zero;
use crate::version::version;

/// Earlier statements that are looked at again for late data.
const MOST_EARLIER: usize = 24;

/// A statement that was not frozen yet.
#[derive(Debug, Clone)]
pub struct Draft {
    /// What it was computed from.
    pub inputs: Inputs,
    /// The statement.
    pub statement: Statement,
}

/// Why there is no statement.
#[derive(Debug)]
pub enum StatementError {
    /// Figures could not be had.
    Engine(EngineError),
    /// Earlier statements could not be read, or this one not be kept.
    State(StateError),
    /// It cannot be: an earlier one cannot be compared with what it would be now, the period runs still. The sentence says.
    Refused(String),
}

impl From<EngineError> for StatementError {
    fn from(error: EngineError) -> StatementError {
        StatementError::Engine(error)
    }
}

impl From<StateError> for StatementError {
    fn from(error: StateError) -> StatementError {
        StatementError::State(error)
    }
}

impl std::fmt::Display for StatementError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            StatementError::Engine(error) => write!(out, "{error}"),
            StatementError::State(error) => write!(out, "{error}"),
            StatementError::Refused(sentence) => write!(out, "{sentence}"),
        }
    }
}

impl std::error::Error for StatementError {}

/// What a statement is drawn up from, besides records.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// The contract.
    pub contract: &'a Contract,
    /// The file that declares it.
    pub text: &'a str,
    /// Rates of exchange.
    pub rates: &'a [ExchangeRate],
    /// When it is drawn up.
    pub now: Timestamp,
}

/// What is due for a period as the records are now, with what late records change of the periods that were stated before.
#[compiled_here]
pub async fn draft(
    engine: &Engine,
    state: &State,
    terms: &Terms<'_>,
    period: BillingPeriod,
) -> Result<Draft, StatementError> {
    let mut stated = state.statements(&terms.contract.name).await?;
    stated.retain(|frozen| frozen.statement.period < period);
    let (adjustments, before) = late(engine, terms, &stated).await?;
    let inputs = inputs(engine, terms, period, statement::earlier(&before), adjustments).await?;
    let statement = statement::of(terms.contract, &inputs);
    Ok(Draft { inputs, statement })
}

/// A statement to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stated {
    /// The statement.
    pub statement: Statement,
    /// Its JSON; of a frozen one byte for byte as it was sent.
    pub json: String,
    /// When and by whom it was frozen; `None` for a draft.
    pub frozen: Option<(Timestamp, String)>,
}

/// The frozen statement, computed anew and compared; or the draft as the records are now.
#[compiled_here]
pub async fn stated(
    engine: &Engine,
    state: &State,
    terms: &Terms<'_>,
    governed: &Governed,
    period: BillingPeriod,
) -> Result<Stated, StatementError> {
    if let Some(frozen) = state.statement(&terms.contract.name, period).await? {
        same(&frozen, engine.catalogue(), governed)?;
        let by = (frozen.frozen_at, frozen.frozen_by);
        return Ok(Stated { statement: frozen.statement, json: frozen.json, frozen: Some(by) });
    }
    let statement = draft(engine, state, terms, period).await?.statement;
    Ok(Stated { json: json(&statement)?, statement, frozen: None })
}

/// Keeps a statement as it is now, for good, once its period is over. Where `due` is given, it must be what is due still.
#[compiled_here]
pub async fn freeze(
    engine: &Engine,
    state: &State,
    terms: &Terms<'_>,
    period: BillingPeriod,
    due: Option<&Money>,
    by: &str,
) -> Result<Stated, StatementError> {
    if let Some(before) = state.statement(&terms.contract.name, period).await? {
        return Err(StatementError::Refused(format!(
            "The statement of `{}` for {period} was frozen on {} by {}. What changes later goes onto the next one.",
            terms.contract.name, before.frozen_at, before.frozen_by
        )));
    }
    if let Some(wait) = wait(engine, terms, period) {
        return Err(StatementError::Refused(wait));
    }
    let Draft { inputs, statement } = draft(engine, state, terms, period).await?;
    if let Some(due) = due.filter(|due| **due != statement.due) {
        return Err(StatementError::Refused(format!(
            "Records have come in between: {} is due now, not {due}. Look at it again.",
            statement.due
        )));
    }
    let json = json(&statement)?;
    let frozen = Frozen { inputs, statement, json, frozen_at: terms.now, frozen_by: by.to_owned() };
    state.freeze(&frozen).await?;
    let Frozen { statement, json, frozen_at, frozen_by, .. } = frozen;
    Ok(Stated { statement, json, frozen: Some((frozen_at, frozen_by)) })
}

/// Why a statement cannot be frozen yet; `None` when it can.
pub fn wait(engine: &Engine, terms: &Terms<'_>, period: BillingPeriod) -> Option<String> {
    let end = engine.calendar().day_start(period.days().until());
    end.is_none_or(|end| terms.now < end)
        .then(|| format!("{period} is not over yet, so it cannot be frozen."))
}

fn json(statement: &Statement) -> Result<String, StatementError> {
    serde_json::to_string_pretty(statement).map_err(|error| {
        StatementError::Refused(format!("The statement cannot be written as JSON: {error}."))
    })
}

/// Computes a frozen statement anew from what it was computed from. It must come out the same.
fn same(frozen: &Frozen, catalogue: &Catalogue, governed: &Governed) -> Result<(), StatementError> {
    let (name, period) = (&frozen.statement.contract, frozen.statement.period);
    let Some(contract) = contract_of(&frozen.inputs.contract.text, name, catalogue, governed) else {
        return Err(StatementError::Refused(format!(
            "The contract `{name}` as it was when the statement for {period} was frozen names metrics that are not known any \
             more, so it cannot be computed anew. Put their definitions back."
        )));
    };
    match json(&statement::of(&contract, &frozen.inputs))? == frozen.json {
        true => Ok(()),
        false => Err(StatementError::Refused(format!(
            "The statement of `{name}` for {period} was frozen on {} and does not come out the same today, so one of the two \
             is wrong. Show it to whoever looks after the program.",
            frozen.frozen_at
        ))),
    }
}

/// What is still to be adjusted of earlier statements, and those statements as they would be now.
async fn late(
    engine: &Engine,
    terms: &Terms<'_>,
    stated: &[Frozen],
) -> Result<(Vec<Line>, Vec<Statement>), StatementError> {
    let all: Vec<Statement> = stated.iter().map(|frozen| frozen.statement.clone()).collect();
    let first = all.len().saturating_sub(MOST_EARLIER);
    let mut adjustments = Vec::new();
    let mut before: Vec<Statement> = all.iter().take(first).cloned().collect();
    for (at, frozen) in stated.iter().enumerate().skip(first) {
        let period = frozen.statement.period;
        let carried = frozen.inputs.adjustments.clone();
        let now = inputs(engine, terms, period, statement::earlier(&before), carried).await?;
        let later: Vec<Statement> = all.iter().skip(at + 1).cloned().collect();
        let found = statement::adjustments(terms.contract, &frozen.statement, &later, &now)
            .map_err(|not| StatementError::Refused(not.to_string()))?;
        // Computed anew even when nothing is left to adjust: what was adjusted already is in it then, too.
        before.push(statement::of(terms.contract, &now));
        adjustments.extend(found);
    }
    Ok((adjustments, before))
}

async fn inputs(
    engine: &Engine,
    terms: &Terms<'_>,
    period: BillingPeriod,
    earlier: Vec<statement::Earlier>,
    adjustments: Vec<Line>,
) -> Result<Inputs, StatementError> {
    let today = engine.calendar().day_of(terms.now);
    let mut figures = Vec::new();
    for need in terms.contract.needs(period, today) {
        figures.push(figure(engine, need).await?);
    }
    Ok(Inputs {
        contract: Declared { text: terms.text.to_owned(), hash: hash(terms.text) },
        period,
        as_of: terms.now,
        today,
        figures,
        // Others convert nothing here, and what is frozen need not know of them.
        rates: terms.rates.iter().filter(|rate| rate.to == terms.contract.currency).cloned().collect(),
        earlier,
        adjustments,
    })
}

/// The hash by which a declaration is known.
fn hash(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex().to_string()
}

async fn figure(engine: &Engine, need: Need) -> Result<Figure, StatementError> {
    let catalogue = engine.catalogue();
    let resolved = match catalogue.resolve(&need.metric) {
        Ok(resolved) => resolved,
        Err(sentence) => return Ok(Figure::missing(need, "unknown_metric", &sentence)),
    };
    let definition = version(catalogue, &resolved, engine.dispositions());
    let pieces = pieces(engine, &need);
    let is_plain = matches!(resolved.variant.formula.kind(), "simple" | "ratio");
    if pieces.len() > 1 && !(is_plain && catalogue.adds_up_over_days(&need.metric)) {
        let says = format!("`{}` cannot be computed without a part of its time", need.metric);
        return Ok(Figure::missing(need, "cannot_leave_out", &says));
    }
    let (mut cells, mut header) = (Vec::new(), None);
    for period in pieces {
        let question = MetricQuery {
            metrics: vec![need.metric.clone()],
            filter: need.place.condition(),
            period,
            ..MetricQuery::default()
        };
        let cell = match engine.query(&question).await {
            Ok(table) => {
                header = table.metrics.into_iter().next();
                table.rows.into_iter().next().and_then(|row| row.cells.into_iter().next())
            }
            Err(EngineError::Question(sentence)) => {
                return Ok(Figure::missing(need, "cannot_ask", &sentence));
            }
            Err(other) => return Err(other.into()),
        };
        cells.extend(cell);
    }
    let cell = match cells.as_slice() {
        [] => Cell::empty(),
        [one] => one.clone(),
        several => match together(several) {
            Some(cell) => cell,
            None => return Ok(Figure::missing(need, "too_large", "the sums are too large")),
        },
    };
    let whole = engine.calendar().period(Some(need.from), Some(need.until));
    let cell = match header {
        Some(header) => or_zero(engine, cell, &header, &need.place, whole).await?,
        None => cell,
    };
    Ok(Figure::of_cell(need, &cell, &definition))
}

/// The time of a need without what is left out, as stretches one after another.
fn pieces(engine: &Engine, need: &Need) -> Vec<Period> {
    let whole = engine.calendar().period(Some(need.from), Some(need.until));
    let mut pieces = vec![whole];
    for out in &need.left_out {
        pieces = pieces.into_iter().flat_map(|piece| without(piece, out.from, out.to)).collect();
    }
    pieces
}

fn without(piece: Period, from: Timestamp, to: Timestamp) -> Vec<Period> {
    let before = Period { from: piece.from, to: Some(piece.to.map_or(from, |end| end.min(from))) };
    let after = Period { from: Some(piece.from.map_or(to, |start| start.max(to))), to: piece.to };
    let is_some = |p: &Period| p.from.zip(p.to).is_none_or(|(from, to)| from < to);
    [before, after].into_iter().filter(is_some).collect()
}

/// The figure of several stretches: parts are added, then divided.
fn together(cells: &[Cell]) -> Option<Cell> {
    let sum = |of: fn(&Cell) -> Option<Exact>| -> Option<Option<Exact>> {
        let known: Vec<Exact> = cells.iter().filter_map(of).collect();
        let total = known.iter().try_fold(Exact::ZERO, |sum, part| sum.checked_add(*part))?;
        Some((!known.is_empty()).then_some(total))
    };
    let (top, bottom) = (sum(|c| c.numerator)?, sum(|c| c.denominator)?);
    let first = cells.iter().find(|cell| cell.value.is_ok());
    let currencies: Vec<&String> = cells.iter().filter_map(|cell| cell.currency.as_ref()).collect();
    if currencies.windows(2).any(|pair| pair.first() != pair.last()) {
        return Some(Cell::null(dialmark_metrics::Reason::MixedCurrencies));
    }
    let value = match (top, bottom, first) {
        (Some(top), None, _) => Ratio::exact(top).ok_or(dialmark_metrics::Reason::TooLarge),
        (Some(top), Some(bottom), _) if !bottom.is_zero() => {
            let plain = Ratio::of(top, bottom)?;
            plain.times(factor(cells)).ok_or(dialmark_metrics::Reason::TooLarge)
        }
        (_, Some(_), _) => Err(dialmark_metrics::Reason::ZeroDenominator),
        _ => Err(cells
            .iter()
            .find_map(|cell| cell.value.clone().err())
            .unwrap_or(dialmark_metrics::Reason::NoData)),
    };
    Some(Cell {
        value,
        numerator: top,
        denominator: bottom,
        n: cells.iter().map(|cell| cell.n).sum(),
        missing: cells.iter().map(|cell| cell.missing).sum(),
        undecided: cells.iter().map(|cell| cell.undecided).sum(),
        currency: currencies.first().map(|currency| (*currency).clone()),
        ..Cell::empty()
    })
}

/// The factor of the last division; one where no stretch shows it, for then every numerator is zero.
fn factor(cells: &[Cell]) -> Ratio {
    cells.iter().find_map(times).unwrap_or(Ratio::ONE)
}
