//! Benchmarks: figures of others, each with what decides whether anything may be compared with it.
//!
//! A benchmark is never a goal: what a team sets for itself is a target of a KPI, another type. A comparison is made only
//! where metric, unit, outcome, denominator, industry and motion agree ([`compare`]); the same word with another
//! denominator is another figure.

mod asked;
mod compare;
mod library;
mod profile;
mod read;
pub(crate) mod reading;
mod shown;
mod vocabulary;

#[cfg(test)]
mod tests;

use dialmark_metrics::metric::Unit;
use dialmark_metrics::{MetricRef, Ratio};

pub use asked::Asked;
pub use compare::{Comparison, Differs, Made, Mismatch, Standing, comparable, compare};
pub use library::{FILES, Library};
pub use profile::{Profile, Profiles, Side};
pub use read::read;
pub use shown::shown;
pub use vocabulary::{ANY_INDUSTRY, Vocabulary, Word, Worth};

/// A figure that somebody published, as its record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Benchmark {
    /// Name, as in `[benchmark.NAME]`.
    pub name: String,
    /// Name to show.
    pub label: String,
    /// What it is a figure of; with a variant and parameters only where the source states them.
    pub metric: MetricRef,
    /// What the metric is called.
    pub metric_label: String,
    /// The figure, in `unit` (milliseconds for durations); `None` when it is not public and nobody has filled it in.
    pub value: Option<Stated>,
    /// Factor of the metric's last division: a yearly rate is none of thirty days.
    pub times: i64,
    /// How the value is to be read.
    pub unit: Unit,
    /// ISO 4217 code, for money.
    pub currency: Option<String>,
    /// What kind of figure it is.
    pub kind: Kind,
    /// Size of the companies, as the source says it.
    pub company_size: Option<String>,
    /// When it was measured or published.
    pub period: Option<String>,
    /// Of whom or what it speaks, such as `centres that record all calls`.
    pub population: Option<String>,
    /// Industry; `None` when the source names none, [`ANY_INDUSTRY`] when it speaks of all.
    pub industry: Option<Word>,
    /// Country or region.
    pub geography: Option<String>,
    /// How many were asked or measured, as the source says it.
    pub sample: Option<String>,
    /// Where the figure was read.
    pub source: String,
    /// The source's own words, where they may be kept.
    pub excerpt: Option<String>,
    /// What else is to be known.
    pub comments: Option<String>,
    /// What is counted; `None` when the source does not say.
    pub outcome: Option<Word>,
    /// What it is divided by; `None` when the source does not say.
    pub denominator: Option<Word>,
    /// Who is called, or calls, and for what; `None` when the source does not say.
    pub motion: Option<Word>,
    /// How well it is known.
    pub confidence: Confidence,
    /// File in which it is declared.
    pub declared_in: String,
    /// Line of the declaration.
    pub line: usize,
}

impl Benchmark {
    /// The figure as its source states it, in the metric's unit; `None` where it is not public.
    pub fn stated(&self) -> Option<String> {
        self.value.map(|value| shown::stated(value, self.unit, self.currency.as_deref()))
    }
}

/// A figure as sources state it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stated {
    /// One value.
    Exactly(Ratio),
    /// A range, both ends in it.
    Between(Ratio, Ratio),
    /// This or more.
    AtLeast(Ratio),
    /// This or less.
    AtMost(Ratio),
    /// More than this.
    Above(Ratio),
    /// Less than this.
    Below(Ratio),
}

/// Where a value lies beside a stated figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Beside {
    /// Lower than its lower end, which is this.
    Under(Ratio),
    /// In it.
    In,
    /// Higher than its upper end, which is this.
    Over(Ratio),
}

impl Stated {
    pub(crate) fn beside(self, value: Ratio) -> Beside {
        let (lowest, highest) = match self {
            Stated::Exactly(value) => (Some(value), Some(value)),
            Stated::Between(from, to) => (Some(from), Some(to)),
            Stated::AtLeast(edge) | Stated::Above(edge) => (Some(edge), None),
            Stated::AtMost(edge) | Stated::Below(edge) => (None, Some(edge)),
        };
        // An open edge is not part of the figure.
        let on_low = matches!(self, Stated::Above(edge) if edge == value);
        let on_high = matches!(self, Stated::Below(edge) if edge == value);
        match (lowest, highest) {
            (Some(low), _) if value < low || on_low => Beside::Under(low),
            (_, Some(high)) if value > high || on_high => Beside::Over(high),
            _ => Beside::In,
        }
    }
}

/// What kind of figure a benchmark is, in the words of the sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The mean of those measured.
    Average,
    /// Half of those measured are below it.
    Median,
    /// A quarter of those measured are better, or the median of that quarter where comments say so.
    TopQuartile,
    /// A quarter of those measured are worse.
    BottomQuartile,
    /// So many to one.
    Ratio,
    /// What is usual, without a statistic.
    Typical,
    /// What contracts usually agree.
    Usual,
    /// What dearer contracts agree.
    Premium,
    /// The least that is bearable.
    Floor,
    /// The most that is bearable.
    Ceiling,
    /// What a source calls good or strong.
    Good,
    /// What a source calls excellent.
    Excellent,
    /// What the best reach.
    Best,
    /// What a source calls world class.
    WorldClass,
    /// Where harm begins.
    Danger,
}

impl Kind {
    /// All, with their words.
    pub const ALL: [(&'static str, Kind); 15] = [
        ("average", Kind::Average),
        ("median", Kind::Median),
        ("top_quartile", Kind::TopQuartile),
        ("bottom_quartile", Kind::BottomQuartile),
        ("ratio", Kind::Ratio),
        ("typical", Kind::Typical),
        ("usual", Kind::Usual),
        ("premium", Kind::Premium),
        ("floor", Kind::Floor),
        ("ceiling", Kind::Ceiling),
        ("good", Kind::Good),
        ("excellent", Kind::Excellent),
        ("best", Kind::Best),
        ("world_class", Kind::WorldClass),
        ("danger", Kind::Danger),
    ];

    /// The word in declarations.
    pub fn word(self) -> &'static str {
        Kind::ALL.iter().find(|(_, kind)| *kind == self).map_or("", |(word, _)| word)
    }

    /// Whether to lie within is no good sign.
    pub const fn is_warning(self) -> bool {
        matches!(self, Kind::Danger | Kind::BottomQuartile)
    }

    /// Whether it says where the middle or the best quarter of others lies, so that reaching it is worth naming.
    pub const fn is_to_be_reached(self) -> bool {
        matches!(self, Kind::Average | Kind::Median | Kind::TopQuartile)
    }
}

/// How well a figure is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// Read where `source` says.
    #[default]
    Read,
    /// A rule that practitioners go by; nobody measured it.
    RuleOfThumb,
    /// Several sources, none of them careful, or with different definitions.
    Weak,
    /// Written down from memory and not checked.
    FromMemory,
}

impl Confidence {
    /// All, with their words.
    pub const ALL: [(&'static str, Confidence); 4] = [
        ("read", Confidence::Read),
        ("rule_of_thumb", Confidence::RuleOfThumb),
        ("weak", Confidence::Weak),
        ("from_memory", Confidence::FromMemory),
    ];

    /// What a reader of a comparison should bear in mind.
    pub(crate) const fn said(self) -> Option<&'static str> {
        match self {
            Confidence::Read => None,
            Confidence::RuleOfThumb => Some("It is a rule of thumb; nobody measured it."),
            Confidence::Weak => Some("Its sources are weak."),
            Confidence::FromMemory => Some("It was written down from memory and not checked."),
        }
    }
}
