//! The lines of a statement on the terminal, to a client or to an agent.

use dialmark_govern::Money;

use crate::columns;
use crate::failure::Failure;
use crate::out::{self, Style};

/// The lines of a statement, each with its name, its amount and how it comes about; above them what cannot be said yet.
pub fn say<'l>(
    incomplete: &[String],
    lines: impl Iterator<Item = (&'l String, Option<&'l Money>, &'l String)>,
) -> Result<(), Failure> {
    let style = Style::of_stdout();
    for sentence in incomplete {
        out::line(&style.bad(&format!("incomplete: {sentence}")))?;
    }
    let row = |(id, amount, says): (&String, Option<&Money>, &String)| {
        vec![id.clone(), amount.map_or_else(|| "-".to_owned(), ToString::to_string), says.clone()]
    };
    let rows: Vec<Vec<String>> = lines.map(row).collect();
    columns::aligned(&["line", "amount", "how it comes about"], &rows)
        .iter()
        .try_for_each(|one| out::line(one))
}
