//! Which of day and month comes first, where the first records leave it open.
//!
//! Exports are mostly sorted by time, so the first records may all be of the first twelve days of a month. The rest
//! of the file is asked, and the first dates that can be read in one order only decide.

use super::sample::Seen;
use super::shape::Shape;
use crate::records::{Next, Record, Records};
use crate::values::Pattern;

/// Dates of one order that decide; more than one, because any file has mistakes.
const ENOUGH: usize = 20;

/// Records that are asked at most: a file that is silent so long is proposed with its doubt.
const MOST_RECORDS: usize = 5_000_000;

/// A column whose order is open.
struct Doubt {
    /// Position of the column in the file.
    at: usize,
    guess: Pattern,
    other: Pattern,
    other_text: String,
    for_guess: usize,
    for_other: usize,
}

impl Doubt {
    fn of(column: &Seen) -> Option<Doubt> {
        let Shape::Moment(style) = &column.shape else { return None };
        let guess = style.read_as.as_deref().filter(|_| style.doubtful)?;
        let other_text = reversed(guess)?;
        Some(Doubt {
            at: column.at,
            guess: Pattern::new(guess).ok()?,
            other: Pattern::new(&other_text).ok()?,
            other_text,
            for_guess: 0,
            for_other: 0,
        })
    }

    fn ask(&mut self, text: &str) {
        match (self.guess.read(text), self.other.read(text)) {
            (Some(_), None) => self.for_guess += 1,
            (None, Some(_)) => self.for_other += 1,
            _ => {}
        }
    }

    fn is_settled(&self) -> bool {
        self.for_guess + self.for_other >= ENOUGH
    }

    /// Writes the answer into the column's style. Dates of both orders leave the doubt.
    fn answer(self, column: &mut Seen) {
        let Shape::Moment(style) = &mut column.shape else { return };
        style.doubtful = (self.for_guess == 0) == (self.for_other == 0);
        if self.for_other > self.for_guess {
            style.read_as = Some(self.other_text);
        }
    }
}

/// Day and month the other way round.
fn reversed(pattern: &str) -> Option<String> {
    for (first, second) in [("%d", "%m"), ("%m", "%d")] {
        let Some(rest) = pattern.strip_prefix(first) else { continue };
        let (between, behind) = rest.split_once(second)?;
        return Some(format!("{second}{between}{first}{behind}"));
    }
    None
}

/// Settles the order of day and month of columns that the first records leave open, from all of them and
/// those that follow.
pub fn settle(columns: &mut [Seen], first: &[Vec<String>], following: &mut dyn Records) {
    let mut doubts: Vec<Doubt> = columns.iter().filter_map(Doubt::of).collect();
    for doubt in &mut doubts {
        let at = doubt.at;
        first.iter().filter_map(|row| row.get(at)).for_each(|text| doubt.ask(text));
    }
    ask_all(&mut doubts, following);
    for doubt in doubts {
        if let Some(column) = columns.iter_mut().find(|column| column.at == doubt.at) {
            doubt.answer(column);
        }
    }
}

fn ask_all(doubts: &mut [Doubt], records: &mut dyn Records) {
    let mut record = Record::default();
    for _ in 0..MOST_RECORDS {
        if doubts.iter().all(Doubt::is_settled) {
            break;
        }
        match records.next(&mut record) {
            Ok(Next::Record) => {}
            Ok(Next::Refused(_)) => continue,
            // What is wrong with the file is for its import to say.
            Ok(Next::End) | Err(_) => break,
        }
        let Some(row) = record.row() else { continue };
        doubts.iter_mut().for_each(|doubt| doubt.ask(row.field(doubt.at)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn day_and_month_change_places_and_nothing_else() {
        for (pattern, wanted) in
            [("%d/%m/%Y %H:%M", Some("%m/%d/%Y %H:%M")), ("%m-%d-%Y", Some("%d-%m-%Y")), ("%Y-%m-%d", None)]
        {
            assert_eq!(reversed(pattern).as_deref(), wanted, "{pattern}");
        }
    }
}
