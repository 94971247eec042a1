//! Small tables for the tests of this crate.

use dialmark_metrics::answer::MetricHeader;
use dialmark_metrics::metric::{Direction, Unit};
use dialmark_metrics::{Cell, Exact, Key, MetricTable, Ratio, Row};
use dialmark_model::civil::Period;

pub fn table(dimensions: &[&str], metrics: &[MetricHeader], rows: Vec<Row>) -> MetricTable {
    MetricTable {
        dimensions: dimensions.iter().map(|d| (*d).to_owned()).collect(),
        metrics: metrics.to_vec(),
        rows,
        period: Period::ALL,
        grain: None,
        zone: None,
        seen: None,
        notes: Vec::new(),
    }
}

pub fn row(keys: Vec<Key>, cells: Vec<Cell>) -> Row {
    Row { keys, cells }
}

fn header(name: &str, unit: Unit, kind: &'static str) -> MetricHeader {
    MetricHeader {
        asked: name.to_owned(),
        metric: name.to_owned(),
        variant: "standard".to_owned(),
        label: name.replace('_', " "),
        unit,
        direction: Direction::Up,
        kind,
        table: "calls".to_owned(),
    }
}

pub fn ratio_header(name: &str, unit: Unit) -> MetricHeader {
    header(name, unit, "ratio")
}

pub fn simple_header(name: &str, unit: Unit) -> MetricHeader {
    header(name, unit, "simple")
}

pub fn ratio_cell(numerator: i128, denominator: i128) -> Cell {
    Cell {
        value: Ok(Ratio::of(Exact::integer(numerator), Exact::integer(denominator)).unwrap()),
        numerator: Some(Exact::integer(numerator)),
        denominator: Some(Exact::integer(denominator)),
        n: u64::try_from(denominator).unwrap(),
        ..Cell::empty()
    }
}

pub fn exact_cell(value: Exact) -> Cell {
    Cell { value: Ok(Ratio::exact(value).unwrap()), numerator: Some(value), n: 1, ..Cell::empty() }
}

pub fn simple_cell(value: i128) -> Cell {
    Cell { n: u64::try_from(value).unwrap(), ..exact_cell(Exact::integer(value)) }
}
