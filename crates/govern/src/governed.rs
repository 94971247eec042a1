//! Everything that is promised, read from a project's declarations and checked against its catalogue.

use std::collections::BTreeMap;

use dialmark_metrics::Catalogue;
use dialmark_model::declared::{Document, Problems};
use jiff::civil::Date;

use crate::kpi::{self, Kpi};
use crate::person::People;
use crate::rules;
use crate::scorecard::{self, Scorecard};

/// What a centre has promised to itself and to its clients.
#[derive(Debug, Clone, Default)]
pub struct Governed {
    /// Who answers for things.
    pub people: People,
    /// KPIs by name.
    pub kpis: BTreeMap<String, Kpi>,
    /// Scorecards by name.
    pub scorecards: BTreeMap<String, Scorecard>,
}

/// Folders of a project whose files are read here.
pub const FOLDERS: [&str; 3] = ["kpis", "people", "scorecards"];

impl Governed {
    /// Reads `files` (path and text) of [`FOLDERS`]. What is wrong with them is reported, all of it; `today` decides who
    /// has left and which targets are stale; `mark` says by which mark a metric's present definition is known.
    pub fn read(
        files: &[(String, String)],
        catalogue: &Catalogue,
        today: Date,
        mark: &dyn Fn(&dialmark_metrics::MetricRef) -> Option<String>,
        problems: &Problems,
    ) -> Governed {
        let documents: Vec<Document> =
            files.iter().filter_map(|(path, text)| Document::parse(path, text, problems)).collect();
        let is_dimension = |name: &str| {
            catalogue.dimensions.contains_key(name)
                || catalogue.lookups.contains_key(name)
                || catalogue.tables.values().any(|table| table.column(name).is_some())
        };
        let mut governed = Governed { people: People::new(today), ..Governed::default() };
        for document in &documents {
            for (id, section) in document.root(problems).named_sections("person") {
                governed.people.read(&id, &section);
            }
        }
        let mut broken = Vec::new();
        for document in &documents {
            let root = document.root(problems);
            for (name, section) in root.named_sections("kpi") {
                let reading =
                    kpi::Reading { catalogue, people: &governed.people, is_dimension: &is_dimension };
                let read = kpi::read(&name, &section, &reading);
                if let Some(first) = governed.kpis.get(&name) {
                    let place = format!("{}:{}", first.declared_in, first.line);
                    section.error(
                        "",
                        format!("the KPI `{name}` is declared twice: here and in {place}."),
                        Some("Remove or rename one of them.".to_owned()),
                    );
                    continue;
                }
                let Some(kpi) = read else {
                    broken.push(name);
                    continue;
                };
                rules::kpi(&kpi, &section, catalogue, today, mark);
                governed.kpis.insert(name, kpi);
            }
        }
        for document in &documents {
            let root = document.root(problems);
            for (name, section) in root.named_sections("scorecard") {
                let reading = scorecard::Reading {
                    catalogue,
                    kpis: &governed.kpis,
                    broken: &broken,
                    is_dimension: &is_dimension,
                };
                let read = scorecard::read(&name, &section, &reading);
                if let Some(first) = governed.scorecards.get(&name) {
                    let place = format!("{}:{}", first.declared_in, first.line);
                    section.error(
                        "",
                        format!("the scorecard `{name}` is declared twice: here and in {place}."),
                        Some("Remove or rename one of them.".to_owned()),
                    );
                } else if let Some(card) = read {
                    governed.scorecards.insert(name, card);
                }
            }
            // Read above, each by its own reader.
            for known in ["person", "kpi"] {
                root.node(known);
            }
            root.finish();
        }
        governed
    }
}

#[cfg(test)]
mod tests;
