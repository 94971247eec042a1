//! Which groups differ from the rest by more than chance would make them.

use dialmark_metrics::{Exact, MetricTable, Ratio};
use dialmark_view::when;

use super::wilson;

/// Fewer records than this say nothing that one should act on.
const LEAST: u64 = 50;

/// Groups of one dimension that are listed, at most, so that forty agents do not hide the list behind them.
pub const MOST_OF_A_DIMENSION: usize = 3;

/// A group that stands out from all others of its dimension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outlier {
    /// The dimension.
    pub dimension: String,
    /// The value of the dimension.
    pub group: String,
    /// Hits and records of the group.
    pub own: Share,
    /// Hits and records of all other groups together.
    pub rest: Share,
    /// Hits more (or, negative, fewer) than at the rest's share, rounded towards zero.
    pub excess: i128,
}

/// So many of so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// Hits.
    pub hits: u64,
    /// Records.
    pub of: u64,
}

impl Share {
    /// The share as an exact fraction; `None` of no records.
    pub fn ratio(self) -> Option<Ratio> {
        Ratio::of(Exact::integer(i128::from(self.hits)), Exact::integer(i128::from(self.of)))
    }
}

/// The outliers of a table with one dimension and one metric, the heaviest first. Empty when the metric is no
/// share of records, so that Wilson's interval says nothing about it.
pub fn outliers(table: &MetricTable) -> Vec<Outlier> {
    let [dimension] = table.dimensions.as_slice() else { return Vec::new() };
    let mut groups = Vec::new();
    for row in &table.rows {
        let Some(share) = row.cells.first().and_then(|cell| share(cell.numerator?, cell.denominator?)) else {
            return Vec::new();
        };
        groups.push((row.keys.first().map(when::key_text).unwrap_or_default(), share));
    }
    let whole = groups.iter().fold(Share { hits: 0, of: 0 }, |sum, (_, share)| Share {
        hits: sum.hits.saturating_add(share.hits),
        of: sum.of.saturating_add(share.of),
    });
    let mut found: Vec<Outlier> =
        groups.into_iter().filter_map(|(group, own)| outlier(dimension, group, own, whole)).collect();
    found.sort_by_key(|outlier| std::cmp::Reverse(outlier.excess.unsigned_abs()));
    found
}

/// Hits and records, when the parts are whole numbers and no more hits than records.
fn share(numerator: Exact, denominator: Exact) -> Option<Share> {
    let whole = |part: Exact| part.as_integer().and_then(|n| u64::try_from(n).ok());
    let (hits, of) = (whole(numerator)?, whole(denominator)?);
    (hits <= of).then_some(Share { hits, of })
}

fn outlier(dimension: &str, group: String, own: Share, whole: Share) -> Option<Outlier> {
    let rest = Share { hits: whole.hits - own.hits, of: whole.of - own.of };
    if own.of < LEAST || rest.of < LEAST {
        return None;
    }
    let (low, high) = wilson::interval(own.hits, own.of);
    let (rest_low, rest_high) = wilson::interval(rest.hits, rest.of);
    if low <= rest_high && rest_low <= high {
        return None;
    }
    let (hits, of) = (i128::from(own.hits), i128::from(own.of));
    let (rest_hits, rest_of) = (i128::from(rest.hits), i128::from(rest.of));
    let excess = (hits * rest_of - of * rest_hits) / rest_of;
    Some(Outlier { dimension: dimension.to_owned(), group, own, rest, excess })
}

#[cfg(test)]
mod tests {
    use super::*;
    use dialmark_metrics::answer::{Cell, Key, MetricHeader, Row, Sum};
    use dialmark_metrics::metric::{Direction, Unit};
    use dialmark_model::civil::Period;

    fn table(groups: &[(&str, i128, i128)]) -> MetricTable {
        let sum = |n: i128| Sum { total: Some(Exact::integer(n)), n: 1, ..Sum::default() };
        MetricTable {
            dimensions: vec!["list_id".to_owned()],
            metrics: vec![MetricHeader {
                asked: "conversion_rate".to_owned(),
                metric: "conversion_rate".to_owned(),
                variant: "success_per_dial".to_owned(),
                label: "Conversion rate".to_owned(),
                unit: Unit::Share,
                direction: Direction::Up,
                kind: "ratio",
                table: "calls".to_owned(),
            }],
            rows: groups
                .iter()
                .map(|(name, hits, of)| Row {
                    keys: vec![Key::Text((*name).to_owned())],
                    cells: vec![Cell::ratio(Some(&sum(*hits)), Some(&sum(*of)), 1)],
                })
                .collect(),
            period: Period::ALL,
            grain: None,
            zone: None,
            seen: None,
            notes: Vec::new(),
        }
    }

    #[test]
    fn a_large_difference_is_found_with_what_it_cost() {
        let found = outliers(&table(&[("warm", 300, 5_000), ("cold", 50, 10_000), ("partner", 125, 5_000)]));
        let first = &found[0];
        assert_eq!(first.group, "cold");
        assert_eq!(
            (first.own, first.rest),
            (Share { hits: 50, of: 10_000 }, Share { hits: 425, of: 10_000 })
        );
        assert_eq!(first.excess, -375);
    }

    #[test]
    fn noise_and_small_groups_are_no_findings() {
        assert_eq!(outliers(&table(&[("a", 30, 1_000), ("b", 36, 1_000), ("c", 33, 1_000)])), []);
        assert_eq!(outliers(&table(&[("a", 20, 20), ("b", 36, 1_000)])), [], "twenty records say little");
        assert_eq!(outliers(&table(&[("a", 10, 1_000)])), [], "a single group has no rest");
    }

    #[test]
    fn what_is_no_share_of_records_is_left_alone() {
        assert_eq!(outliers(&table(&[("a", 9_000, 1_000), ("b", 100, 1_000)])), []);
    }
}
