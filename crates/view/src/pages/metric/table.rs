//! The figures of a course or a breakdown as a table, sorted as asked, each leading to its records.

use std::cmp::Ordering;

use dialmark_metrics::{Cell, Key};
use maud::{Markup, html};

use super::{MeasureLine, MetricPage, Point, words};
use crate::asked::{Asked, Sort, SortBy};
use crate::link::Link;
use crate::{format, parts};

/// Rows as they were asked for. Without a value sorts last either way, so that a dash never looks like an extreme.
pub(super) fn sorted(rows: &[Point], sort: Option<Sort>) -> Vec<Point> {
    let mut rows = rows.to_vec();
    let Some(sort) = sort else { return rows };
    let directed = |order: Ordering| if sort.falling { order.reverse() } else { order };
    rows.sort_by(|a, b| match sort.by {
        SortBy::Key => directed(a.key.cmp(&b.key)),
        SortBy::N => directed(a.cell.n.cmp(&b.cell.n)),
        SortBy::Value => known_first(a.cell.value.as_ref().ok(), b.cell.value.as_ref().ok(), directed),
        SortBy::Numerator => known_first(a.cell.numerator.as_ref(), b.cell.numerator.as_ref(), directed),
        SortBy::Denominator => {
            known_first(a.cell.denominator.as_ref(), b.cell.denominator.as_ref(), directed)
        }
    });
    rows
}

fn known_first<T: Ord>(a: Option<&T>, b: Option<&T>, directed: impl Fn(Ordering) -> Ordering) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => directed(a.cmp(b)),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    }
}

pub(super) fn figures_table(
    model: &MetricPage,
    key_title: &str,
    rows: &[Point],
    key_text: &dyn Fn(&Key) -> String,
    is_sortable: bool,
) -> Markup {
    let numerator = &model.formula.numerator;
    let denominator = model.formula.denominator.as_ref();
    let title = |by: SortBy, name: &str| {
        if is_sortable {
            sort_title(model, by, name)
        } else {
            html! { (name) }
        }
    };
    let sum = |sum, line: &MeasureLine, cell: &Cell, calls: &Option<Link>| {
        let shown = match sum {
            Some(sum) => format::quantity(sum, &line.unit, cell.currency.as_deref()).to_string(),
            None => format::DASH.to_owned(),
        };
        html! { @match calls { Some(link) => a href=(link) { (shown) }, None => (shown) } }
    };
    html! {
        div.scroll {
            table.figures {
                thead {
                    tr {
                        th scope="col" { (title(SortBy::Key, key_title)) }
                        th.num scope="col" { (title(SortBy::Value, "value")) }
                        @if let Some(denominator) = denominator {
                            th.num scope="col" { (title(SortBy::Numerator, &words(&numerator.id))) }
                            th.num scope="col" { (title(SortBy::Denominator, &words(&denominator.id))) }
                        }
                        th.num scope="col" { (title(SortBy::N, "n")) }
                    }
                }
                tbody {
                    @for row in rows {
                        tr {
                            th scope="row" {
                                @match &row.href { Some(link) => a href=(link) { (key_text(&row.key)) }, None => (key_text(&row.key)) }
                            }
                            @match denominator {
                                Some(denominator) => {
                                    td.num { (parts::value(&row.cell, model.unit)) }
                                    td.num { (sum(row.cell.numerator, numerator, &row.cell, &row.numerator_calls)) }
                                    td.num { (sum(row.cell.denominator, denominator, &row.cell, &row.denominator_calls)) }
                                }
                                None => {
                                    td.num {
                                        @match &row.numerator_calls {
                                            Some(link) => a href=(link) { (parts::value(&row.cell, model.unit)) },
                                            None => (parts::value(&row.cell, model.unit)),
                                        }
                                    }
                                }
                            }
                            td.num { (format::count(row.cell.n)) }
                        }
                    }
                }
            }
        }
    }
}

/// A column's title that sorts by it; again, the other way round.
fn sort_title(model: &MetricPage, by: SortBy, name: &str) -> Markup {
    let current = model.asked.sort.filter(|s| s.by == by);
    let falling = match current {
        Some(sort) => !sort.falling,
        None => by != SortBy::Key,
    };
    let asked = Asked { sort: Some(Sort { by, falling }), ..model.asked.clone() };
    let arrow = match current {
        Some(Sort { falling: true, .. }) => " ↓",
        Some(Sort { falling: false, .. }) => " ↑",
        None => "",
    };
    html! {
        a href=(asked.whole(Link::below("/metric", &model.metric))) aria-current=[current.map(|_| "true")] {
            (name) (arrow)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use dialmark_metrics::Reason;

    #[test]
    fn a_dash_sorts_last_whichever_way() {
        let mut rows = sample::metric().breakdown.unwrap().rows;
        rows[0].cell.value = Err(Reason::ZeroDenominator);
        for falling in [true, false] {
            let sorted = sorted(&rows, Some(Sort { by: SortBy::Value, falling }));
            assert!(sorted.last().unwrap().cell.value.is_err());
            let values: Vec<f64> =
                sorted.iter().filter_map(|r| r.cell.value.as_ref().ok()).map(|v| v.to_f64()).collect();
            assert!(values.is_sorted_by(|a, b| if falling { a >= b } else { a <= b }));
        }
    }
}
