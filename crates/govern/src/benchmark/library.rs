//! All benchmarks of a project: those that come with the program and its own, with the words and profiles they need.

use std::collections::BTreeMap;

use dialmark_metrics::{Catalogue, MetricRef};
use dialmark_model::declared::{Document, Problems};

use super::profile::Profiles;
use super::reading::Names;
use super::vocabulary::Vocabulary;
use super::{Benchmark, read};

/// Name and text of each file that comes with the program, in the order of reading.
pub const FILES: &[(&str, &str)] = &[
    ("catalogue/benchmarks/words.toml", include_str!("../../catalogue/benchmarks/words.toml")),
    ("catalogue/benchmarks/outbound.toml", include_str!("../../catalogue/benchmarks/outbound.toml")),
    ("catalogue/benchmarks/conversion.toml", include_str!("../../catalogue/benchmarks/conversion.toml")),
    ("catalogue/benchmarks/service.toml", include_str!("../../catalogue/benchmarks/service.toml")),
    ("catalogue/benchmarks/sectors.toml", include_str!("../../catalogue/benchmarks/sectors.toml")),
    ("catalogue/benchmarks/people.toml", include_str!("../../catalogue/benchmarks/people.toml")),
];

/// Benchmarks by name, and what is needed to compare with them.
#[derive(Debug, Clone, Default)]
pub struct Library {
    /// By name.
    pub benchmarks: BTreeMap<String, Benchmark>,
    /// The words of comparisons.
    pub vocabulary: Vocabulary,
    /// What the centre says of itself.
    pub profiles: Profiles,
}

impl Library {
    /// Reads what comes with the program and then `files` (name and text) of `benchmarks/`. Words may stand in any file;
    /// they are read before the benchmarks that use them. A project's record may take the name of one that comes without
    /// a value: that is how the value is filled in.
    pub fn read(
        files: &[(String, String)],
        catalogue: &Catalogue,
        is_dimension: &dyn Fn(&str) -> bool,
        problems: &Problems,
    ) -> Library {
        let mut library = Library::default();
        let mut names = Names::default();
        let shipped: Vec<Document> =
            FILES.iter().filter_map(|(file, text)| Document::parse(file, text, problems)).collect();
        let own: Vec<Document> =
            files.iter().filter_map(|(file, text)| Document::parse(file, text, problems)).collect();
        let shipped: Vec<_> = shipped.iter().map(|document| document.root(problems)).collect();
        let own: Vec<_> = own.iter().map(|document| document.root(problems)).collect();
        for root in shipped.iter().chain(&own) {
            library.vocabulary.read(root, catalogue, &mut names);
        }
        for root in shipped.iter().chain(&own) {
            library.profiles.read(root, &library.vocabulary, is_dimension, &mut names);
        }
        for root in &shipped {
            for (name, section) in root.named_sections("benchmark") {
                let benchmark = read::read(&section, &name, catalogue, &library.vocabulary);
                // A record without a value leaves its name to whoever fills it in.
                let is_open = benchmark.as_ref().is_some_and(|benchmark| benchmark.value.is_none());
                if (is_open || names.note(&section, "benchmark", &name))
                    && let Some(benchmark) = benchmark
                {
                    library.benchmarks.insert(name, benchmark);
                }
            }
        }
        for root in &own {
            for (name, section) in root.named_sections("benchmark") {
                let benchmark = read::read(&section, &name, catalogue, &library.vocabulary);
                if names.note(&section, "benchmark", &name)
                    && let Some(benchmark) = benchmark
                {
                    library.benchmarks.insert(name, benchmark);
                }
            }
        }
        shipped.iter().chain(&own).for_each(|root| root.finish());
        library
    }

    /// Benchmarks of a metric, by name.
    pub fn of<'l>(&'l self, metric: &'l MetricRef) -> impl Iterator<Item = &'l Benchmark> {
        self.benchmarks.values().filter(|benchmark| benchmark.metric.metric == metric.metric)
    }
}
