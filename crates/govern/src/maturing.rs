//! Figures that are not ripe yet: what has happened so far, and what it will come to.

use dialmark_metrics::metric::Unit;
use dialmark_stats::maturity::Ripe;

use crate::why::Words;

/// How far a figure over outcomes that come late has ripened.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Maturing {
    /// Days after which nothing more counts.
    pub window_days: i64,
    /// Of how many the window has passed: the figure counts these alone.
    pub mature: u64,
    /// All of them, with those whose window has not passed.
    pub all: u64,
    /// What all of them will come to; `None` where older ones do not tell yet how they ripen.
    pub ripe: Option<Ripe>,
}

impl Maturing {
    /// Whether so much is still to come that the figure is provisional: less than four fifths of what will come.
    pub fn is_provisional(&self) -> bool {
        self.mature < self.all && self.ripe.is_none_or(|ripe| !ripe.is_ripe())
    }

    /// What the reader should know, in a sentence.
    pub fn says(&self, unit: Unit) -> String {
        let words = Words(unit);
        let young = self.all.saturating_sub(self.mature);
        let waits = format!(
            "{young} of {} are younger than {} days and do not count yet",
            self.all, self.window_days
        );
        match self.ripe {
            Some(ripe) => format!(
                "{}{waits}; with them it will come to {} ({} to {}), as older ones ripened: {:.0} % of what will come has come.",
                if self.is_provisional() { "Provisional: " } else { "" },
                words.figure(ripe.estimate()),
                words.figure(ripe.interval.low()),
                words.figure(ripe.interval.high()),
                ripe.ripeness() * 100.0
            ),
            None => format!("Provisional: {waits}, and too few older ones tell how they ripen."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dialmark_stats::Confidence;
    use dialmark_stats::maturity::{Cohort, Ripening};

    #[test]
    fn young_records_make_a_figure_provisional_and_are_estimated() {
        let old = Cohort { n: 100.0, by_age: vec![40.0, 10.0, 10.0] };
        let young = Cohort { n: 100.0, by_age: vec![30.0] };
        let ripening = Ripening::of(&[old.clone(), young.clone()], 3).unwrap();
        let ripe = ripening.estimate(&[old, young], Confidence::P95);
        let maturing = Maturing { window_days: 30, mature: 100, all: 200, ripe };
        let says = maturing.says(Unit::Share);
        assert!(says.contains("100 of 200 are younger than 30 days"), "{says}");
        assert!(
            says.contains("it will come to 54.00 %") && says.contains("83 % of what will come"),
            "{says}"
        );
        assert!(!maturing.is_provisional(), "five sixths have come");
        let unknown = Maturing { ripe: None, ..maturing };
        assert!(unknown.is_provisional() && unknown.says(Unit::Share).starts_with("Provisional: "));
        assert!(!Maturing { mature: 200, ripe: None, ..maturing }.is_provisional());
    }
}
