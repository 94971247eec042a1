//! Why the records of a set contribute as they do, in a sentence; and a condition that finds them.

use dialmark_metrics::Expr;
use dialmark_metrics::expr::{BinaryOp, Call};

use super::Key;
use super::marks::{Mark, Marked};

/// How a part of a figure sees the records of a set.
enum Seen<'m> {
    Counted(&'m Mark),
    /// The step that fails, and whether it cannot be said rather than fails.
    Left(&'m Mark, usize, bool),
}

/// The sentence and the condition of a set.
pub(super) fn of(marked: &Marked, key: &Key, is_ratio: bool) -> (String, Option<Expr>) {
    let seen: Vec<Seen<'_>> = marked
        .marks
        .iter()
        .zip(key)
        .map(|(mark, code)| match usize::try_from(*code) {
            Err(_) => Seen::Counted(mark),
            Ok(code) => Seen::Left(mark, code / 2, code % 2 == 1),
        })
        .collect();
    let mut sentences: Vec<String> = Vec::new();
    for part in 0..2 {
        let name = match (is_ratio, part) {
            (false, _) => "the figure",
            (true, 0) => "the numerator",
            (true, _) => "the denominator",
        };
        let counts =
            |side: usize| seen.iter().any(|s| matches!(s, Seen::Counted(mark) if mark.part == side + part));
        let sentence = match (counts(0), counts(2)) {
            (true, true) => {
                let adds = |side: usize| {
                    seen.iter().find_map(|s| match s {
                        Seen::Counted(mark) if mark.part == side + part => Some(mark.adds.as_str()),
                        _ => None,
                    })
                };
                match (adds(0), adds(2)) {
                    (Some(a), Some(b)) if a != b => {
                        Some(format!("in {name} of both, but A adds `{a}` and B adds `{b}`"))
                    }
                    _ => None,
                }
            }
            (true, false) => Some(format!("in {name} of A only{}", because(&seen, 2 + part))),
            (false, true) => Some(format!("in {name} of B only{}", because(&seen, part))),
            (false, false) => None,
        };
        sentences.extend(sentence);
    }
    if sentences.is_empty() {
        sentences.push("in both, with different amounts".to_owned());
    }
    let mut text = sentences.join("; ");
    if let Some(first) = text.get(..1).map(str::to_uppercase) {
        text.replace_range(..1, &first);
    }
    (text, condition(&seen))
}

/// Why the side that leaves them out does so.
fn because(seen: &[Seen<'_>], part: usize) -> String {
    let side = if part < 2 { "A" } else { "B" };
    let why = seen.iter().find_map(|s| match s {
        Seen::Left(mark, at, unsaid) if mark.part == part => {
            let step = mark.steps.get(*at)?;
            Some(match (unsaid, &step.expr) {
                (true, Some(expr)) => format!("it cannot be said whether `{expr}`"),
                _ => step.says.clone(),
            })
        }
        _ => None,
    });
    match why {
        Some(why) => format!(": for {side}, {why}"),
        None => format!(": {side} does not read these records"),
    }
}

/// A condition that finds the records, when every step of it can be written.
fn condition(seen: &[Seen<'_>]) -> Option<Expr> {
    let mut parts: Vec<Expr> = Vec::new();
    let mut note = |expr: Expr| {
        if !parts.contains(&expr) {
            parts.push(expr);
        }
    };
    for one in seen {
        match one {
            Seen::Counted(mark) => {
                for step in &mark.steps {
                    note(step.expr.clone()?);
                }
            }
            Seen::Left(mark, at, unsaid) => {
                for step in mark.steps.iter().take(*at) {
                    note(step.expr.clone()?);
                }
                let failing = mark.steps.get(*at)?.expr.clone()?;
                note(match unsaid {
                    true => Expr::IsNull(Box::new(failing), false),
                    false => Expr::Not(Box::new(Expr::Call(Call::Coalesce, vec![failing, Expr::Bool(true)]))),
                });
            }
        }
    }
    parts.into_iter().reduce(|a, b| Expr::Binary(BinaryOp::And, Box::new(a), Box::new(b)))
}
