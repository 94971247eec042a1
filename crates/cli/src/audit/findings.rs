//! Which groups differ from the rest by more than chance would make them.

use std::collections::BTreeMap;

use dialmark_metrics::{Exact, Key, MetricTable, Ratio};
use dialmark_stats::Confidence;
use dialmark_view::when;

/// A report looks at some hundred groups; at 95 % a handful would stand out by chance alone.
const SURE: Confidence = Confidence::P99;

/// Fewer records than this say nothing that one should act on.
const LEAST: u64 = 50;

/// Groups of one dimension that are listed, at most, so that forty agents do not hide the list behind them.
pub const MOST_OF_A_DIMENSION: usize = 3;

/// A group that stands out from all others of its dimension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outlier {
    /// The work within which groups are compared: a campaign. `None` when all do the same.
    pub within: Option<String>,
    /// Dimension and value; several when they name the same records.
    pub groups: Vec<(String, String)>,
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

/// The outliers of a table with one metric and one dimension, or two when groups are compared within the values of
/// the first; the heaviest come first. Empty when the metric is no share of records, so that Wilson's interval says
/// nothing about it. Records without a value of the dimension are no group: that a call without an agent sells
/// nothing is no finding.
pub fn outliers(table: &MetricTable) -> Vec<Outlier> {
    let Some(dimension) = table.dimensions.last() else { return Vec::new() };
    let mut works: BTreeMap<Option<&Key>, Vec<(String, Share)>> = BTreeMap::new();
    for row in &table.rows {
        let (within, group) = match row.keys.as_slice() {
            [group] => (None, group),
            [within, group] => (Some(within), group),
            _ => return Vec::new(),
        };
        let Some(cell) = row.cells.first().filter(|_| *group != Key::None) else { continue };
        let (Some(numerator), Some(denominator)) = (cell.numerator, cell.denominator) else { continue };
        let Some(share) = share(numerator, denominator) else { return Vec::new() };
        works.entry(within).or_default().push((when::key_text(group), share));
    }
    let mut found = Vec::new();
    for (within, groups) in works {
        found.extend(outliers_of(within, dimension, groups));
    }
    found.sort_by_key(|outlier| std::cmp::Reverse(outlier.excess.unsigned_abs()));
    found
}

/// Outliers that name the same records become one: a list that is the only one of its source, for instance.
pub fn merged(outliers: Vec<Outlier>) -> Vec<Outlier> {
    let mut merged: Vec<Outlier> = Vec::new();
    for outlier in outliers {
        let same =
            |o: &&mut Outlier| (&o.within, o.own, o.rest) == (&outlier.within, outlier.own, outlier.rest);
        match merged.iter_mut().find(same) {
            Some(before) => before.groups.extend(outlier.groups),
            None => merged.push(outlier),
        }
    }
    merged
}

fn outliers_of(within: Option<&Key>, dimension: &str, groups: Vec<(String, Share)>) -> Vec<Outlier> {
    let whole = groups.iter().fold(Share { hits: 0, of: 0 }, |sum, (_, share)| Share {
        hits: sum.hits.saturating_add(share.hits),
        of: sum.of.saturating_add(share.of),
    });
    groups
        .into_iter()
        .filter_map(|(group, own)| {
            let (rest, excess) = compared(own, whole)?;
            let groups = vec![(dimension.to_owned(), group)];
            Some(Outlier { within: within.map(when::key_text), groups, own, rest, excess })
        })
        .collect()
}

/// Hits and records, when the parts are whole numbers and no more hits than records.
fn share(numerator: Exact, denominator: Exact) -> Option<Share> {
    let whole = |part: Exact| part.as_integer().and_then(|n| u64::try_from(n).ok());
    let (hits, of) = (whole(numerator)?, whole(denominator)?);
    (hits <= of).then_some(Share { hits, of })
}

/// The rest, and how many hits the group has more than at the rest's share; `None` when chance may explain it.
fn compared(own: Share, whole: Share) -> Option<(Share, i128)> {
    let rest = Share { hits: whole.hits - own.hits, of: whole.of - own.of };
    if own.of < LEAST || rest.of < LEAST {
        return None;
    }
    let interval = |share: Share| Some(dialmark_stats::Share::new(share.hits, share.of)?.wilson(SURE));
    let (here, there) = (interval(own)?, interval(rest)?);
    if here.low() <= there.high() && there.low() <= here.high() {
        return None;
    }
    let (hits, of) = (i128::from(own.hits), i128::from(own.of));
    let (rest_hits, rest_of) = (i128::from(rest.hits), i128::from(rest.of));
    let excess = (hits * rest_of - of * rest_hits) / rest_of;
    Some((rest, excess))
}

#[cfg(test)]
mod tests {
    use super::*;
    use dialmark_metrics::answer::{Cell, MetricHeader, Row, Sum};
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
        assert_eq!(first.groups, [("list_id".to_owned(), "cold".to_owned())]);
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
    fn different_work_is_never_compared() {
        let mut table = table(&[("a", 300, 5_000), ("b", 310, 5_000), ("c", 20, 5_000), ("d", 25, 5_000)]);
        assert_eq!(outliers(&table).len(), 4, "all four stand out when two campaigns are mixed");
        table.dimensions.insert(0, "campaign_id".to_owned());
        for (row, campaign) in table.rows.iter_mut().zip(["x", "x", "y", "y"]) {
            row.keys.insert(0, Key::Text(campaign.to_owned()));
        }
        assert_eq!(outliers(&table), []);
    }

    #[test]
    fn records_without_a_value_are_no_group_and_no_part_of_the_rest() {
        let mut table = table(&[("?", 0, 90_000), ("ann", 300, 5_000), ("bob", 310, 5_000)]);
        table.rows[0].keys = vec![Key::None];
        assert_eq!(outliers(&table), []);
    }

    #[test]
    fn two_names_of_the_same_records_are_one_finding() {
        let found = outliers(&table(&[("warm", 300, 5_000), ("cold", 50, 10_000), ("partner", 125, 5_000)]));
        let mut twice = found.clone();
        for outlier in &mut twice {
            outlier.groups[0].0 = "lead_source".to_owned();
        }
        let both = merged([found.clone(), twice].concat());
        assert_eq!(both.len(), found.len());
        assert_eq!(both[0].groups.len(), 2);
    }

    #[test]
    fn what_is_no_share_of_records_is_left_alone() {
        assert_eq!(outliers(&table(&[("a", 9_000, 1_000), ("b", 100, 1_000)])), []);
    }
}
