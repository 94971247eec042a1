//! From sums to cells: the only place where figures are put together, by the rules of the metric layer.

use std::collections::{BTreeMap, BTreeSet};

use dialmark_metrics::answer::{Reason, Sum};
use dialmark_metrics::metric::Window;
use dialmark_metrics::{Cell, Exact, Key, MetricRef, NoMatch};

use crate::plan::{Figure, Sums, Use};

/// Everything that was added up for a question.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// In the question's own places.
    pub own: BTreeMap<Use, Sums>,
    /// Over windows that end with the question's buckets.
    pub windows: Vec<(Window, Windowed)>,
}

/// Sums over one kind of window.
#[derive(Debug, Default)]
pub(crate) struct Windowed {
    pub sums: BTreeMap<Use, Sums>,
    /// Buckets whose window begins before the data does; `None` stands for the whole when there is no grain.
    pub short: BTreeSet<Option<Key>>,
}

impl Found {
    /// All combinations of dimensions that have anything.
    pub(crate) fn places(&self) -> Vec<Vec<Key>> {
        let all = self.own.values().chain(self.windows.iter().flat_map(|(_, w)| w.sums.values()));
        crate::answer::all_keys(all.filter_map(|s| match s {
            Sums::Groups(groups) => Some(groups),
            Sums::Blocked(_) => None,
        }))
    }

    fn windowed(&self, window: Window) -> Option<&Windowed> {
        self.windows.iter().find(|(known, _)| *known == window).map(|(_, sums)| sums)
    }
}

/// The cell of a figure in one place.
pub(crate) fn cell(figure: &Figure, found: &Found, keys: &[Key], has_grain: bool) -> Cell {
    work_out(figure, &|one| found.own.get(one).and_then(|s| s.at(keys)), &|of, window| {
        let Some(sums) = found.windowed(window) else { return Cell::empty() };
        let bucket = has_grain.then(|| keys.first().cloned()).flatten();
        if sums.short.contains(&bucket) {
            return Cell::null(Reason::WindowExceedsData);
        }
        let within = |one: &Use| sums.sums.get(one).and_then(|s| s.at(keys));
        work_out(of, &within, &|_, _| Cell::empty())
    })
}

fn work_out<'s>(
    figure: &Figure,
    sum: &dyn Fn(&Use) -> Option<&'s Sum>,
    over_window: &dyn Fn(&Figure, Window) -> Cell,
) -> Cell {
    match figure {
        Figure::Simple(one) => Cell::simple(sum(one)),
        Figure::Ratio(top, bottom, times) => {
            let below = sum(bottom);
            // Both are read from one table, by clocks of their own: the table has records in this place, none of which
            // counts above. Nobody who left in a month is zero leavers; no delivery of a table is not.
            let none = Sum { total: Some(Exact::ZERO), ..Sum::default() };
            let above = match sum(top) {
                None if top.table == bottom.table
                    && top.no_match == NoMatch::Zero
                    && below.is_some_and(|b| b.n > 0) =>
                {
                    Some(&none)
                }
                found => found,
            };
            Cell::ratio(above, below, *times)
        }
        Figure::Conversion(converted, base, pending) => {
            Cell::conversion(sum(converted), sum(base), sum(pending))
        }
        Figure::Distribution(one, statistic, width) => Cell::distribution(sum(one), statistic, *width),
        Figure::Derived { arithmetic, parts, params } => {
            let cells: Vec<(&MetricRef, Cell)> =
                parts.iter().map(|(metric, part)| (metric, work_out(part, sum, over_window))).collect();
            let of = |wanted: &MetricRef| cells.iter().find(|(m, _)| *m == wanted).map(|(_, cell)| cell);
            Cell::derived(arithmetic, &of, params)
        }
        Figure::Cumulative(of, window) => over_window(of, *window),
        Figure::Meant(all) => meant(all, sum, over_window),
    }
}

/// One definition after another: what each counted on its own days is added up where both can be.
fn meant<'s>(
    all: &[Figure],
    sum: &dyn Fn(&Use) -> Option<&'s Sum>,
    over_window: &dyn Fn(&Figure, Window) -> Cell,
) -> Cell {
    let has_any = |figure: &Figure| {
        let (mut own, mut windows) = (Vec::new(), Vec::new());
        figure.collect(&mut own, &mut windows);
        // Nothing of a definition's own days lies in this place when none of its measures matched or missed a record.
        !windows.is_empty() || own.iter().any(|one| sum(one).is_some_and(|s| s.n > 0 || s.undecided > 0))
    };
    let speaking: Vec<&Figure> = all.iter().filter(|figure| has_any(figure)).collect();
    match speaking.as_slice() {
        [] => all.last().map_or_else(Cell::empty, |last| work_out(last, sum, over_window)),
        [one] => work_out(one, sum, over_window),
        several => {
            let added = |uses: &[&Use]| -> Option<Sum> {
                let mut total: Option<Sum> = None;
                for found in uses.iter().filter_map(|one| sum(one)) {
                    match &mut total {
                        None => total = Some(found.clone()),
                        Some(total) => total.add(found),
                    }
                }
                total
            };
            let simple: Option<Vec<&Use>> = several
                .iter()
                .map(|f| match f {
                    Figure::Simple(one) => Some(one),
                    _ => None,
                })
                .collect();
            let ratios: Option<Vec<(&Use, &Use, i64)>> = several
                .iter()
                .map(|f| match f {
                    Figure::Ratio(top, bottom, times) => Some((top, bottom, *times)),
                    _ => None,
                })
                .collect();
            match (simple, ratios) {
                (Some(uses), _) => Cell::simple(added(&uses).as_ref()),
                (_, Some(ratios)) if ratios.windows(2).all(|p| p[0].2 == p[1].2) => {
                    let tops: Vec<&Use> = ratios.iter().map(|(top, ..)| *top).collect();
                    let bottoms: Vec<&Use> = ratios.iter().map(|(_, bottom, _)| *bottom).collect();
                    let times = ratios.first().map_or(1, |(.., times)| *times);
                    Cell::ratio(added(&tops).as_ref(), added(&bottoms).as_ref(), times)
                }
                _ => Cell::null(Reason::DefinitionChanged),
            }
        }
    }
}
