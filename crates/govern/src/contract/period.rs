//! Periods that are settled: calendar months and quarters, and runs of civil days within them.

use std::fmt;

use dialmark_metrics::{Exact, Ratio};
use dialmark_model::civil::{FiscalStart, Grain};
use dialmark_model::validity::Days;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// How often a contract is settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Billing {
    /// By calendar month.
    Month,
    /// By three calendar months, from January.
    Quarter,
}

impl Billing {
    /// Both, with their words.
    pub const ALL: [(&'static str, Billing); 2] = [("month", Billing::Month), ("quarter", Billing::Quarter)];

    /// The word in a declaration.
    pub const fn word(self) -> &'static str {
        match self {
            Billing::Month => "month",
            Billing::Quarter => "quarter",
        }
    }

    const fn months(self) -> i32 {
        match self {
            Billing::Month => 1,
            Billing::Quarter => 3,
        }
    }
}

/// Civil days one after another, `from <= day < until`; at least one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CivilDays {
    from: Date,
    until: Date,
}

impl CivilDays {
    /// The days from `from` to the one before `until`; `None` when there is no such day.
    pub fn new(from: Date, until: Date) -> Option<CivilDays> {
        (from < until).then_some(CivilDays { from, until })
    }

    /// First day.
    pub const fn from(&self) -> Date {
        self.from
    }

    /// First day that does not belong to them.
    pub const fn until(&self) -> Date {
        self.until
    }

    /// Last day.
    pub fn last(&self) -> Date {
        // There is a day before `until`: `from` is one.
        self.until.yesterday().unwrap_or(self.from)
    }

    /// How many days.
    pub fn count(&self) -> i64 {
        (self.until - self.from).get_days().into()
    }

    /// The days that both have.
    pub fn within(&self, days: &Days) -> Option<CivilDays> {
        let from = days.from.map_or(self.from, |from| from.max(self.from));
        let until = days.until.map_or(self.until, |until| until.min(self.until));
        CivilDays::new(from, until)
    }

    /// The same days, for comparing with open ones.
    pub const fn days(&self) -> Days {
        Days { from: Some(self.from), until: Some(self.until) }
    }
}

impl fmt::Display for CivilDays {
    /// First and last day, such as `2026-11-01 to 2026-11-30`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} to {}", self.from, self.last())
    }
}

/// The days on which both hold.
pub(crate) fn both(a: Days, b: Days) -> Days {
    let from = a.from.into_iter().chain(b.from).max();
    let until = a.until.into_iter().chain(b.until).min();
    Days { from, until }
}

/// One month or quarter that is settled, written `2026-11` or `2026-Q4`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BillingPeriod {
    days: CivilDays,
    billing: Billing,
}

impl BillingPeriod {
    /// The period that a day belongs to; `None` at the very end of the calendar.
    pub fn of(billing: Billing, day: Date) -> Option<BillingPeriod> {
        let grain = match billing {
            Billing::Month => Grain::Month,
            Billing::Quarter => Grain::Quarter,
        };
        let first = grain.first_day(day, FiscalStart::JANUARY);
        let days = CivilDays::new(first, months_after(first, billing.months())?)?;
        Some(BillingPeriod { days, billing })
    }

    /// Reads `2026-11` or `2026-Q4`.
    pub fn parse(text: &str) -> Option<BillingPeriod> {
        let (year, part) = text.split_once('-')?;
        let is_number = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if year.len() != 4 || !is_number(year) {
            return None;
        }
        let (billing, month) = match part.strip_prefix('Q') {
            Some(quarter) if quarter.len() == 1 && is_number(quarter) => {
                let quarter: i8 = quarter.parse().ok().filter(|q| (1..=4).contains(q))?;
                (Billing::Quarter, quarter * 3 - 2)
            }
            None if part.len() == 2 && is_number(part) => (Billing::Month, part.parse().ok()?),
            _ => return None,
        };
        BillingPeriod::of(billing, Date::new(year.parse().ok()?, month, 1).ok()?)
    }

    /// Month or quarter.
    pub const fn billing(&self) -> Billing {
        self.billing
    }

    /// Its days.
    pub const fn days(&self) -> CivilDays {
        self.days
    }

    /// The period so many later, or earlier for a negative number.
    pub fn following(&self, periods: i32) -> Option<BillingPeriod> {
        let months = periods.checked_mul(self.billing.months())?;
        BillingPeriod::of(self.billing, months_after(self.days.from, months)?)
    }

    /// Its months, one or three.
    pub fn months(&self) -> Vec<CivilDays> {
        let firsts = (0..self.billing.months()).map(|n| months_after(self.days.from, n));
        firsts.filter_map(|first| CivilDays::new(first?, months_after(first?, 1)?)).collect()
    }

    /// Which part of each of its months some days are; months that they do not touch are left out.
    pub fn parts_of_months(&self, days: &CivilDays) -> Vec<MonthPart> {
        let parts = self.months().into_iter().map(|month| (month, month.within(&days.days())));
        parts
            .filter_map(|(month, part)| {
                Some(MonthPart { first: month.from, days: part?.count(), of: month.count() })
            })
            .collect()
    }
}

/// Some days of a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MonthPart {
    /// First day of the month.
    pub first: Date,
    /// How many of its days.
    pub days: i64,
    /// How many days it has.
    pub of: i64,
}

impl MonthPart {
    /// The days over the days of the month.
    pub fn share(&self) -> Option<Ratio> {
        Ratio::of(Exact::integer(i128::from(self.days)), Exact::integer(i128::from(self.of)))
    }
}

fn months_after(day: Date, months: i32) -> Option<Date> {
    day.checked_add(jiff::Span::new().try_months(months).ok()?).ok()
}

impl fmt::Display for BillingPeriod {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.days.from;
        match self.billing {
            Billing::Month => write!(out, "{:04}-{:02}", first.year(), first.month()),
            Billing::Quarter => write!(out, "{:04}-Q{}", first.year(), (first.month() + 2) / 3),
        }
    }
}

impl From<BillingPeriod> for String {
    fn from(period: BillingPeriod) -> String {
        period.to_string()
    }
}

impl TryFrom<String> for BillingPeriod {
    type Error = String;

    fn try_from(text: String) -> Result<BillingPeriod, String> {
        BillingPeriod::parse(&text)
            .ok_or_else(|| format!("`{text}` is no period, such as `2026-11` or `2026-Q4`."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn periods_are_read_and_written() {
        for text in ["2026-11", "2026-Q4", "2026-01", "2026-Q1"] {
            assert_eq!(BillingPeriod::parse(text).unwrap().to_string(), text);
        }
        for bad in
            ["2026", "2026-13", "2026-Q5", "2026-Q0", "26-01", "2026-1", "2026-11-01", "-026-01", "2026-Q+1"]
        {
            assert_eq!(BillingPeriod::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_quarter_is_three_months_and_the_next_follows_over_the_year() {
        let quarter = BillingPeriod::parse("2026-Q4").unwrap();
        assert_eq!(quarter.days(), CivilDays::new(date(2026, 10, 1), date(2027, 1, 1)).unwrap());
        assert_eq!(quarter.months().len(), 3);
        assert_eq!(quarter.following(1).unwrap().to_string(), "2027-Q1");
        assert_eq!(quarter.following(-4).unwrap().to_string(), "2025-Q4");
        assert_eq!(quarter.days().count(), 92);
    }

    #[test]
    fn each_month_is_divided_by_its_own_days() {
        let quarter = BillingPeriod::parse("2026-Q1").unwrap();
        let days = CivilDays::new(date(2026, 1, 17), date(2026, 3, 1)).unwrap();
        // 15 of 31 days of January and the whole of February.
        let parts = quarter.parts_of_months(&days);
        let january = MonthPart { first: date(2026, 1, 1), days: 15, of: 31 };
        let february = MonthPart { first: date(2026, 2, 1), days: 28, of: 28 };
        assert_eq!(parts, [january, february]);
        assert_eq!(january.share(), Ratio::parse("15/31"));
    }
}
