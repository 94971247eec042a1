//! How long leads last.

use dialmark_metrics::{Cell, Ratio};

/// Dialling days until no lead is left that was never called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// So many.
    Days(Ratio),
    /// None is left: what is dialled is dialled again.
    Empty,
    /// None was called for the first time in those days, so that there is no pace.
    NoPace,
    /// It is not known how many are left.
    Unknown,
}

impl Left {
    /// Uncalled leads over leads called for the first time a day.
    pub fn of(uncalled: &Cell, fresh_a_day: &Cell) -> Left {
        let Ok(uncalled) = uncalled.value else { return Left::Unknown };
        if uncalled <= Ratio::ZERO {
            return Left::Empty;
        }
        match fresh_a_day.value {
            Ok(pace) if pace > Ratio::ZERO => uncalled.over(pace).map_or(Left::Unknown, Left::Days),
            _ => Left::NoPace,
        }
    }

    /// For sorting: what ends first in front, what is not known last.
    pub fn order(self) -> (u8, Option<Ratio>) {
        match self {
            Left::Empty => (0, None),
            Left::Days(days) => (1, Some(days)),
            Left::NoPace => (2, None),
            Left::Unknown => (3, None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dialmark_metrics::answer::Reason;

    fn cell(value: Result<&str, Reason>) -> Cell {
        Cell { value: value.map(|text| Ratio::parse(text).unwrap()), ..Cell::empty() }
    }

    #[test]
    fn leads_last_as_many_days_as_the_pace_of_first_calls_goes_into_them() {
        let left = |uncalled, pace| Left::of(&cell(Ok(uncalled)), &cell(pace));
        assert_eq!(left("4830", Ok("1610")), Left::Days(Ratio::parse("3").unwrap()));
        assert_eq!(left("0", Ok("1610")), Left::Empty);
        assert_eq!(left("4830", Ok("0")), Left::NoPace);
        assert_eq!(left("4830", Err(Reason::NoData)), Left::NoPace);
        assert_eq!(Left::of(&cell(Err(Reason::NoData)), &cell(Ok("5"))), Left::Unknown);
    }
}
