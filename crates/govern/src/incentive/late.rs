//! What became known of an earlier period after its statement was frozen. The old statement stays; the next one pays the
//! difference.

use super::statement::{Line, LineKind, Statement, sum};
use crate::Money;

/// What is still due of an earlier statement: its parts and its cap as they would be now (`anew`), less what it stated, less
/// what statements since then (`later`) adjusted. `None` when that is nothing; a sentence when it cannot be said.
pub fn late(stated: &Statement, anew: &Statement, later: &[&Statement]) -> Result<Option<Line>, String> {
    let (period, currency) = (stated.period, stated.currency.as_str());
    let open = |line: &&Line| is_earned(line) && line.amount.is_none();
    if let Some(line) = anew.lines.iter().find(open) {
        return Err(format!(
            "{} of {period} cannot be computed with the records of now: {}",
            line.label, line.says
        ));
    }
    let id = format!("late.{period}");
    let made: Vec<Line> =
        later.iter().flat_map(|one| &one.lines).filter(|line| line.id == id).cloned().collect();
    let too_large = || format!("The amounts of {period} are too large to be compared.");
    let (was, is) = (earned(stated).ok_or_else(too_large)?, earned(anew).ok_or_else(too_large)?);
    let made = sum(currency, &made).ok_or_else(too_large)?;
    let paid = was.plus(&made).ok_or_else(too_large)?;
    let amount = is.minus(&paid).ok_or_else(too_large)?;
    if amount.is_zero() {
        return Ok(None);
    }
    let adjusted = if made.is_zero() { String::new() } else { format!(", adjusted by {made} since") };
    let moved = anew.lines.iter().filter(|line| is_earned(line)).filter_map(|line| {
        let before = stated.line(&line.id).map(|line| line.says.as_str());
        (before != Some(line.says.as_str())).then(|| format!(" {}: {}", line.label, line.says))
    });
    Ok(Some(Line {
        id,
        kind: LineKind::Late,
        label: format!("Came later, {period}"),
        before_gates: None,
        amount: Some(amount),
        says: format!(
            "{period} was stated with {was}{adjusted}; with the sales that are known of it now it is {is}.{}",
            moved.collect::<String>()
        ),
    }))
}

fn is_earned(line: &Line) -> bool {
    matches!(line.kind, LineKind::Part | LineKind::Cap)
}

fn earned(statement: &Statement) -> Option<Money> {
    let lines: Vec<Line> = statement.lines.iter().filter(|line| is_earned(line)).cloned().collect();
    sum(&statement.currency, &lines)
}
