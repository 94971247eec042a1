//! Everything that is promised, read from a project's declarations and checked against its catalogue.

use std::collections::BTreeMap;

use dialmark_metrics::{Catalogue, MetricRef};
use dialmark_model::declared::{Document, Problems, Section};
use jiff::civil::Date;

use crate::alert::{self, Alert, Channel};
use crate::benchmark::Library;
use crate::calling::Calling;
use crate::contract::{self, Contract, Known, KpiFigure};
use crate::costing::{self, Allocation};
use crate::incentive::Plan;
use crate::kpi::{self, Kpi};
use crate::person::People;
use crate::place::is_dimension;
use crate::quality::{Form, Sampling};
use crate::recovery::Recovery;
use crate::report::{self, Report};
use crate::rules;
use crate::scorecard::{self, Scorecard};
use crate::statement::ExchangeRate;
use crate::strategy::{self, KpiFacts, Strategy};

/// What a centre has promised to itself and to its clients.
#[derive(Debug, Clone, Default)]
pub struct Governed {
    /// Who answers for things.
    pub people: People,
    /// KPIs by name.
    pub kpis: BTreeMap<String, Kpi>,
    /// Scorecards by name.
    pub scorecards: BTreeMap<String, Scorecard>,
    /// Contracts by name.
    pub contracts: BTreeMap<String, Contract>,
    /// Forms by which conversations are evaluated, by name.
    pub forms: BTreeMap<String, Form>,
    /// Plans of which conversations are evaluated, by name.
    pub samplings: BTreeMap<String, Sampling>,
    /// Answers after which somebody is called back, by name.
    pub recoveries: BTreeMap<String, Recovery>,
    /// What agents are paid beside their wages, by name.
    pub incentives: BTreeMap<String, Plan>,
    /// How costs of the centre are shared out to campaigns, by name.
    pub allocations: BTreeMap<String, Allocation>,
    /// What currencies were worth in others, by currencies and day.
    pub rates: Vec<ExchangeRate>,
    /// Which calling rules hold.
    pub calling: Calling,
    /// What others reach, and of what kind the centre's work is.
    pub library: Library,
    /// Reports that are sent, by name.
    pub reports: BTreeMap<String, Report>,
    /// Goals and objectives, and the KPIs that belong to them.
    pub strategy: Strategy,
    /// Where messages go, by name.
    pub channels: BTreeMap<String, Channel>,
    /// What is watched, by name.
    pub alerts: BTreeMap<String, Alert>,
}

/// Folders of a project whose files are read here.
pub const FOLDERS: [&str; 13] = [
    "alerts",
    "benchmarks",
    "channels",
    "contracts",
    "costs",
    "incentives",
    "kpis",
    "people",
    "quality",
    "reports",
    "rules",
    "scorecards",
    "strategy",
];

/// The one whose files hold what others reach.
const BENCHMARKS: &str = "benchmarks/";
/// The one whose files say what it is all for.
const STRATEGY: &str = "strategy/";

/// What declarations are judged against.
pub struct Against<'a> {
    /// What can be measured.
    pub catalogue: &'a Catalogue,
    /// Decides who has left and which targets are stale.
    pub today: Date,
    /// By which mark a metric's present definition is known.
    pub mark: &'a dyn Fn(&MetricRef) -> Option<String>,
}

impl Governed {
    /// Reads `files` (path and text) of [`FOLDERS`]. What is wrong with them is reported, all of it.
    pub fn read(files: &[(String, String)], against: &Against<'_>, problems: &Problems) -> Governed {
        let catalogue = against.catalogue;
        let is_dimension = |name: &str| is_dimension(catalogue, name);
        let (benchmarks, files): (Vec<_>, Vec<_>) =
            files.iter().cloned().partition(|(path, _)| path.starts_with(BENCHMARKS));
        let (strategy, files): (Vec<_>, Vec<_>) =
            files.into_iter().partition(|(path, _)| path.starts_with(STRATEGY));
        let documents: Vec<Document> =
            files.iter().filter_map(|(path, text)| Document::parse(path, text, problems)).collect();
        let roots: Vec<Section<'_>> = documents.iter().map(|document| document.root(problems)).collect();
        let mut governed = Governed {
            people: People::new(against.today),
            library: Library::read(&benchmarks, catalogue, &is_dimension, problems),
            ..Governed::default()
        };
        for (id, section) in roots.iter().flat_map(|root| root.named_sections("person")) {
            governed.people.read(&id, &section);
        }
        let broken = governed.read_kpis(&roots, against, &is_dimension);
        for (name, section) in roots.iter().flat_map(|root| root.named_sections("scorecard")) {
            let reading = scorecard::Reading {
                catalogue,
                kpis: &governed.kpis,
                people: &governed.people,
                broken: &broken,
                is_dimension: &is_dimension,
            };
            let read = scorecard::read(&name, &section, &reading);
            let first = governed.scorecards.get(&name).map(|card| (card.declared_in.as_str(), card.line));
            if is_first("scorecard", &name, &section, first)
                && let Some(card) = read
            {
                governed.scorecards.insert(name, card);
            }
        }
        governed.read_contracts(&roots, catalogue, problems);
        governed.forms = each(&roots, "form", Form::read);
        let forms: Vec<&str> = governed.forms.keys().map(String::as_str).collect();
        governed.samplings =
            each(&roots, "sampling", |section, name| Sampling::read(section, name, catalogue, &forms));
        governed.recoveries = each(&roots, "recovery", |section, name| {
            Recovery::read(section, name, catalogue, &governed.people)
        });
        governed.incentives = each(&roots, "incentive", |section, name| Plan::read(section, name, catalogue));
        governed.allocations = each(&roots, "allocation", Allocation::read);
        governed.rates = costing::read_rates(&roots);
        governed.calling = Calling::read(&roots, catalogue);
        let known = report::Reading {
            scorecards: &governed.scorecards,
            contracts: &governed.contracts,
            is_dimension: &is_dimension,
        };
        governed.reports = each(&roots, "report", |section, name| Report::read(section, name, &known));
        governed.read_alerts(&roots, catalogue, &broken);
        roots.iter().for_each(|root| root.finish());
        let facts = governed.kpi_facts(catalogue);
        let reading = strategy::Reading { catalogue, kpis: &facts, people: &governed.people };
        governed.strategy = Strategy::read(&strategy, &reading, problems);
        governed
    }

    /// Returns the names of those with mistakes of their own.
    fn read_kpis(
        &mut self,
        roots: &[Section<'_>],
        against: &Against<'_>,
        is_dimension: &dyn Fn(&str) -> bool,
    ) -> Vec<String> {
        let mut broken = Vec::new();
        for (name, section) in roots.iter().flat_map(|root| root.named_sections("kpi")) {
            let reading = kpi::Reading { catalogue: against.catalogue, people: &self.people, is_dimension };
            let read = kpi::read(&name, &section, &reading);
            let first = self.kpis.get(&name).map(|kpi| (kpi.declared_in.as_str(), kpi.line));
            if !is_first("KPI", &name, &section, first) {
                continue;
            }
            match read {
                None => broken.push(name),
                Some(kpi) => {
                    rules::kpi(&kpi, &section, against.catalogue, against.today, against.mark);
                    self.kpis.insert(name, kpi);
                }
            }
        }
        broken
    }

    fn read_contracts(&mut self, roots: &[Section<'_>], catalogue: &Catalogue, problems: &Problems) {
        let kpis = self.kpi_figures();
        for (name, section) in roots.iter().flat_map(|root| root.named_sections("contract")) {
            let read = contract::read(&section, &name, &Known { catalogue, kpis: &kpis });
            let first = self.contracts.get(&name).map(|c| (c.declared_in.as_str(), c.line));
            if is_first("contract", &name, &section, first)
                && let Some(contract) = read
            {
                self.contracts.insert(name, contract);
            }
        }
        let all: Vec<Contract> = self.contracts.values().cloned().collect();
        contract::check_together(&all, problems);
    }

    /// `broken` are KPIs with mistakes of their own.
    fn read_alerts(&mut self, roots: &[Section<'_>], catalogue: &Catalogue, broken: &[String]) {
        // Those with mistakes are declared all the same.
        let channels = each(roots, "channel", |section, name| Some(Channel::read(section, name)));
        let names: Vec<String> = channels.keys().cloned().collect();
        self.channels = channels.into_iter().filter_map(|(name, channel)| Some((name, channel?))).collect();
        let reading = alert::ReadAgainst { catalogue, kpis: &self.kpis, broken, channels: &names };
        self.alerts = each(roots, "alert", |section, name| alert::read(name, section, &reading));
    }

    /// What a strategy needs to know of each KPI.
    pub fn kpi_facts(&self, catalogue: &Catalogue) -> BTreeMap<String, KpiFacts> {
        // A KPI whose metric is not known was refused when it was read.
        let facts = |(name, kpi): (&String, &Kpi)| Some((name.clone(), KpiFacts::of(kpi, catalogue).ok()?));
        self.kpis.iter().filter_map(facts).collect()
    }

    /// What each KPI measures, for contracts that name it.
    pub fn kpi_figures(&self) -> BTreeMap<String, KpiFigure> {
        let figure = |kpi: &Kpi| KpiFigure { metric: kpi.metric.clone(), place: kpi.place.clone() };
        self.kpis.iter().map(|(name, kpi)| (name.clone(), figure(kpi))).collect()
    }
}

/// All declarations of a kind, by name; the second of two of one name is reported with the place of the first.
fn each<T>(
    roots: &[Section<'_>],
    kind: &str,
    read: impl Fn(&Section<'_>, &str) -> Option<T>,
) -> BTreeMap<String, T> {
    let mut places: BTreeMap<String, (String, usize)> = BTreeMap::new();
    let mut found = BTreeMap::new();
    for (name, section) in roots.iter().flat_map(|root| root.named_sections(kind)) {
        let one = read(&section, &name);
        let first = places.get(&name).map(|(file, line)| (file.as_str(), *line));
        if !is_first(kind, &name, &section, first) {
            continue;
        }
        places.insert(name.clone(), (section.file().to_owned(), section.line()));
        if let Some(one) = one {
            found.insert(name, one);
        }
    }
    found
}

const ONE_OF_THEM: &str = "Remove or rename one of them.";

/// Whether a name is declared here for the first time; a second time is reported with both places.
fn is_first(noun: &str, name: &str, section: &Section<'_>, first: Option<(&str, usize)>) -> bool {
    if let Some((file, line)) = first {
        section.error(
            "",
            format!("the {noun} `{name}` is declared twice: here and in {file}:{line}."),
            Some(ONE_OF_THEM.to_owned()),
        );
    }
    first.is_none()
}

#[cfg(test)]
mod tests;
