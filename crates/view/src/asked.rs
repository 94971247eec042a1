//! What a page was asked for: the part of a URL that all pages share, read and written in one place.

use dialmark_metrics::MetricRef;
use dialmark_model::civil::{Calendar, Grain, Period};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::link::Link;

/// Longest text that a parameter may hold.
pub const LONGEST: usize = 4_000;

/// One end of a period: the start of a civil day, or an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// The instant at which the day begins.
    Day(Date),
    /// An instant.
    At(Timestamp),
}

impl Bound {
    /// Reads `2026-11-19` or `2026-11-19T10:00:00Z`.
    pub fn parse(text: &str) -> Option<Bound> {
        match text.len() {
            10 => text.parse().ok().map(Bound::Day),
            _ => text.parse().ok().map(Bound::At),
        }
    }

    /// The instant, where days begin as the calendar says.
    pub fn instant(self, calendar: &Calendar) -> Option<Timestamp> {
        match self {
            Bound::Day(day) => calendar.day_start(day),
            Bound::At(at) => Some(at),
        }
    }
}

impl std::fmt::Display for Bound {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Bound::Day(day) => write!(out, "{day}"),
            Bound::At(at) => write!(out, "{at}"),
        }
    }
}

/// By what a table is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortBy {
    /// The dimension.
    Key,
    /// The figure.
    Value,
    /// Its numerator.
    Numerator,
    /// Its denominator.
    Denominator,
    /// Records behind it.
    N,
}

impl SortBy {
    const ALL: [(SortBy, &str); 5] = [
        (SortBy::Key, "key"),
        (SortBy::Value, "value"),
        (SortBy::Numerator, "numerator"),
        (SortBy::Denominator, "denominator"),
        (SortBy::N, "n"),
    ];

    const fn word(self) -> &'static str {
        match self {
            SortBy::Key => "key",
            SortBy::Value => "value",
            SortBy::Numerator => "numerator",
            SortBy::Denominator => "denominator",
            SortBy::N => "n",
        }
    }
}

/// An order: by what, and whether the largest comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// By what.
    pub by: SortBy,
    /// Largest first.
    pub falling: bool,
}

impl Sort {
    fn parse(text: &str) -> Option<Sort> {
        let (word, falling) = match text.strip_prefix('-') {
            Some(rest) => (rest, true),
            None => (text, false),
        };
        let by = SortBy::ALL.into_iter().find(|(_, w)| *w == word).map(|(by, _)| by)?;
        Some(Sort { by, falling })
    }
}

impl std::fmt::Display for Sort {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}{}", if self.falling { "-" } else { "" }, self.by.word())
    }
}

/// What the pages have in common.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// First instant that belongs to the period.
    pub from: Option<Bound>,
    /// First instant that does not.
    pub to: Option<Bound>,
    /// Condition on records, as an expression.
    pub filter: Option<String>,
    /// Dimension of the breakdown.
    pub by: Option<String>,
    /// Length of the buckets over time.
    pub grain: Option<Grain>,
    /// Variant of the metric.
    pub variant: Option<String>,
    /// Parameters of the metric, as `name=value,...`.
    pub params: Option<String>,
    /// Order of the breakdown.
    pub sort: Option<Sort>,
}

impl Asked {
    /// Takes one part of a query. `Ok(false)` when it is none of these; an error is a sentence.
    pub fn take(&mut self, name: &str, value: &str) -> Result<bool, String> {
        if value.len() > LONGEST {
            return Err(format!("`{name}` is longer than {LONGEST} characters."));
        }
        // An empty field of a form is a field that was not filled in.
        let value = value.trim();
        let text = || (!value.is_empty()).then(|| value.to_owned());
        match name {
            "from" => self.from = bound(name, value)?,
            "to" => self.to = bound(name, value)?,
            "where" => self.filter = text(),
            "by" => self.by = text(),
            "variant" => self.variant = text(),
            "params" => self.params = text(),
            "grain" => {
                self.grain = match value {
                    "" => None,
                    word => Some(Grain::from_word(word).ok_or_else(|| {
                        let all: Vec<&str> = Grain::ALL.into_iter().map(Grain::word).collect();
                        format!("`{word}` is not a grain; it is one of {}.", all.join(", "))
                    })?),
                }
            }
            "sort" => {
                self.sort = match value {
                    "" => None,
                    word => Some(Sort::parse(word).ok_or_else(|| {
                        format!("`{word}` is not an order; it is `key`, `value`, `numerator`, `denominator` or `n`, with `-` in front for the largest first.")
                    })?),
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The period, where days begin as the calendar says; an end before the start is an error.
    pub fn period(&self, calendar: &Calendar) -> Result<Period, String> {
        let at = |bound: Option<Bound>, name: &str| match bound {
            None => Ok(None),
            Some(bound) => bound
                .instant(calendar)
                .map(Some)
                .ok_or_else(|| format!("`{name}={bound}` is outside of the calendar.")),
        };
        let period = Period { from: at(self.from, "from")?, to: at(self.to, "to")? };
        match (period.from, period.to) {
            (Some(from), Some(to)) if to <= from => {
                Err("The period ends before it begins. `to` is the first day that no longer belongs to it."
                    .to_owned())
            }
            _ => Ok(period),
        }
    }

    /// The metric of this name with the variant and parameters that were asked for.
    pub fn metric(&self, name: &str) -> Result<MetricRef, String> {
        let mut text = name.to_owned();
        if let Some(variant) = &self.variant {
            text.push_str(&format!("/{variant}"));
        }
        if let Some(params) = &self.params {
            text.push_str(&format!("{{{params}}}"));
        }
        MetricRef::parse(&text)
    }

    /// A link with period and condition, which stay when one walks from page to page.
    pub fn place(&self, link: Link) -> Link {
        link.with_some("from", self.from).with_some("to", self.to).with_some("where", self.filter.as_deref())
    }

    /// A link with everything.
    pub fn whole(&self, link: Link) -> Link {
        self.place(link)
            .with_some("variant", self.variant.as_deref())
            .with_some("params", self.params.as_deref())
            .with_some("by", self.by.as_deref())
            .with_some("grain", self.grain.map(Grain::word))
            .with_some("sort", self.sort)
    }
}

fn bound(name: &str, value: &str) -> Result<Option<Bound>, String> {
    if value.is_empty() {
        return Ok(None);
    }
    Bound::parse(value).map(Some).ok_or_else(|| {
        format!("`{name}={value}` is neither a day such as `2026-11-19` nor an instant such as `2026-11-19T10:00:00Z`.")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Asked, String> {
        let mut asked = Asked::default();
        for (name, value) in pairs {
            asked.take(name, value)?;
        }
        Ok(asked)
    }

    #[test]
    fn what_is_written_is_read_back() {
        let pairs = [
            ("from", "2026-11-01"),
            ("to", "2026-11-19T10:00:00Z"),
            ("where", "campaign_id = 'a&b'"),
            ("variant", "handle"),
            ("params", "threshold=20s"),
            ("by", "team_id"),
            ("grain", "week"),
            ("sort", "-value"),
        ];
        let asked = read(&pairs).unwrap();
        let link = asked.whole(Link::to("/"));
        let written: Vec<(&str, &str)> = link.pairs().iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(written, pairs);
    }

    #[test]
    fn what_cannot_be_read_is_said_in_a_sentence() {
        for (name, value) in
            [("from", "yesterday"), ("to", "2026-13-01"), ("grain", "decade"), ("sort", "beauty")]
        {
            let sentence = read(&[(name, value)]).unwrap_err();
            assert!(sentence.contains(value) && sentence.ends_with('.'), "{sentence}");
        }
        assert!(read(&[("where", &"x".repeat(LONGEST + 1))]).is_err());
    }

    #[test]
    fn an_empty_field_is_a_field_that_was_not_filled_in() {
        assert_eq!(read(&[("from", ""), ("where", "  "), ("grain", ""), ("sort", "")]), Ok(Asked::default()));
    }

    #[test]
    fn days_begin_in_the_zone_and_a_period_has_a_length() {
        let calendar = Calendar::plain(dialmark_model::civil::zone("Europe/Berlin").unwrap());
        let asked = read(&[("from", "2026-11-01"), ("to", "2026-11-02")]).unwrap();
        let period = asked.period(&calendar).unwrap();
        assert_eq!(period.from.unwrap().to_string(), "2026-10-31T23:00:00Z");
        let turned = read(&[("from", "2026-11-02"), ("to", "2026-11-02")]).unwrap();
        assert!(turned.period(&calendar).unwrap_err().contains("ends before it begins"));
    }

    #[test]
    fn variant_and_parameters_join_the_metric() {
        let asked = read(&[("variant", "offered"), ("params", "threshold=20s")]).unwrap();
        assert_eq!(
            asked.metric("service_level").unwrap().to_string(),
            "service_level/offered{threshold=20000}"
        );
        assert!(asked.metric("service level").is_err());
    }
}
