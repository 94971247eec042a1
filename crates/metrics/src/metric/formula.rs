//! How a value comes from measures, or from other metrics.

use crate::arithmetic::Arithmetic;
use crate::exact::Exact;
use crate::metric::MetricRef;
use dialmark_model::civil::Grain;

/// How a value comes about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Formula {
    /// The measure itself.
    Simple {
        /// The measure.
        measure: String,
    },
    /// One measure over another.
    Ratio {
        /// What is divided.
        numerator: String,
        /// What it is divided by.
        denominator: String,
        /// Factor of the last division, such as 3,600,000 for "per hour" over milliseconds.
        times: i64,
    },
    /// A formula over other metrics.
    Derived(Arithmetic),
    /// Another metric over a window that ends with each bucket.
    Cumulative {
        /// The metric.
        of: MetricRef,
        /// The window.
        window: Window,
    },
    /// The share of base events that another event followed in time, of those whose window has passed.
    Conversion {
        /// Base events whose window has passed.
        base: String,
        /// Those among them that were converted.
        converted: String,
        /// Base events whose window has not passed: neither converted nor failed.
        pending: String,
    },
    /// One value of a distribution.
    Distribution {
        /// A measure of values.
        measure: String,
        /// Which value.
        statistic: Statistic,
        /// Width of the bars of its histogram, in the unit of the values.
        width: Option<Exact>,
    },
}

/// The days over which a cumulative metric adds up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// So many days, the last one included.
    Rolling(u32),
    /// From the first day of the week, month, quarter or year.
    ToDate(Grain),
}

/// What is read off a distribution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Statistic {
    /// A value that a share of all values does not exceed.
    Percentile {
        /// The share, 0 to 1; one half for the median.
        share: Exact,
        /// How a share that falls between two values is met.
        method: Method,
    },
    /// The standard deviation of a sample: the root of the squared distances from the mean over n - 1.
    Deviation,
}

/// How a share that falls between two values is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// The smallest value that at least the share of all values does not exceed.
    NearestRank,
    /// On the straight line between the two values at whose ranks `share * (n - 1)` lies.
    Linear,
}

impl Method {
    /// Both, with their words.
    pub const ALL: [(&'static str, Method); 2] =
        [("nearest_rank", Method::NearestRank), ("linear", Method::Linear)];

    /// The word in the catalogue.
    pub const fn word(self) -> &'static str {
        match self {
            Method::NearestRank => "nearest_rank",
            Method::Linear => "linear",
        }
    }
}

impl Formula {
    /// Measures that it reads itself.
    pub fn measures(&self) -> Vec<&str> {
        match self {
            Formula::Simple { measure } | Formula::Distribution { measure, .. } => vec![measure],
            Formula::Ratio { numerator, denominator, .. } => vec![numerator, denominator],
            Formula::Conversion { base, converted, pending } => vec![converted, base, pending],
            Formula::Derived(_) | Formula::Cumulative { .. } => Vec::new(),
        }
    }

    /// Metrics that it is made of.
    pub fn others(&self) -> Vec<&MetricRef> {
        match self {
            Formula::Derived(arithmetic) => arithmetic.metrics(),
            Formula::Cumulative { of, .. } => vec![of],
            _ => Vec::new(),
        }
    }

    /// Its kind in the catalogue.
    pub const fn kind(&self) -> &'static str {
        match self {
            Formula::Simple { .. } => "simple",
            Formula::Ratio { .. } => "ratio",
            Formula::Derived(_) => "derived",
            Formula::Cumulative { .. } => "cumulative",
            Formula::Conversion { .. } => "conversion",
            Formula::Distribution { .. } => "distribution",
        }
    }
}

impl std::fmt::Display for Formula {
    /// `sales / dials`, `dials / logged_ms x 3600000`, `median of talk_times`.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Formula::Simple { measure } => write!(out, "{measure}"),
            Formula::Ratio { numerator, denominator, times: 1 } => write!(out, "{numerator} / {denominator}"),
            Formula::Ratio { numerator, denominator, times } => {
                write!(out, "{numerator} / {denominator} x {times}")
            }
            Formula::Derived(arithmetic) => write!(out, "{arithmetic}"),
            Formula::Cumulative { of, window } => match window {
                Window::Rolling(days) => write!(out, "{of} over the last {days} days"),
                Window::ToDate(grain) => {
                    write!(out, "{of} since the {} began", grain.word().replace('_', " "))
                }
            },
            Formula::Conversion { .. } => {
                write!(out, "converted / base, of those whose window has passed")
            }
            Formula::Distribution { measure, statistic, .. } => {
                let Statistic::Percentile { share, method } = statistic else {
                    return write!(out, "standard deviation of {measure}");
                };
                match Some(*share) == Exact::new(5, 1) {
                    true => write!(out, "median of {measure}")?,
                    false => write!(out, "value of {measure} that a share of {share} does not exceed")?,
                }
                write!(out, " ({})", method.word().replace('_', " "))
            }
        }
    }
}
