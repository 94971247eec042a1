//! What we measure: measures, bindings, metrics and their variants, as data; and what a question and its
//! answer look like.
//!
//! This crate divides; it never adds up records. It knows nothing of files, SQL engines or the network.
//! See `catalogue/` for the built-in definitions and `CONTRIBUTING.md` for how to add one.

pub mod answer;
pub mod arithmetic;
pub mod builtin;
pub mod catalogue;
pub mod coverage;
pub mod exact;
pub mod expr;
pub mod measure;
pub mod metric;
pub mod query;
mod reader;
pub mod sql;
pub mod virtuals;

pub use answer::{Cell, Key, MetricTable, Reason, Row, Spread, Sum};
pub use arithmetic::Arithmetic;
pub use catalogue::Catalogue;
pub use exact::{Exact, Ratio};
pub use expr::Expr;
pub use measure::{
    Aggregate, Binding, Covered, Followed, FollowedValue, Function, Hit, Level, Matured, Measure, NoMatch,
    Shape, Share, Split,
};
pub use metric::{CountAt, Direction, Formula, Metric, MetricRef, Params, Variant};
pub use query::{MetricQuery, Scope};
