//! What contracts need and sources cannot give: a metric whose columns nobody fills, money in a currency without rate.

use dialmark_govern::Governed;
use dialmark_govern::contract::{Contract, Measured, PriceKind, Seats};
use dialmark_metrics::Catalogue;
use dialmark_metrics::catalogue::{Computable, Filled};
use dialmark_metrics::metric::Unit;
use dialmark_model::declared::{Document, Problem, Problems, Section};
use dialmark_model::source::{From, Source};
use dialmark_project::Project;

/// The column that holds the currency of a table's money.
const CURRENCY: &str = "currency";

/// Every metric of a contract that no source of the project can give, or gives in a currency that cannot be converted
/// into the contract's. `filled` are the columns that sources fill. Nothing is said of a project without sources.
pub fn beyond_sources(
    project: &Project,
    catalogue: &Catalogue,
    governed: &Governed,
    filled: &Filled,
) -> Vec<Problem> {
    let problems = Problems::new();
    if project.sources.is_empty() || governed.contracts.is_empty() {
        return Vec::new();
    }
    let sources = Sources { project, catalogue, governed, computable: catalogue.computable(filled) };
    for contract in governed.contracts.values() {
        let file = project.govern_files.iter().find(|file| file.path == contract.declared_in);
        // What was read from it has no mistakes that would keep it from being read once more; those were reported.
        let known = Problems::new();
        let Some(document) = file.and_then(|file| Document::parse(&file.path, &file.text, &known)) else {
            continue;
        };
        let root = document.root(&problems);
        for (_, section) in root.named_sections("contract").iter().filter(|(name, _)| *name == contract.name)
        {
            sources.look_at(contract, section);
        }
    }
    problems.into_vec()
}

/// What there is.
struct Sources<'a> {
    project: &'a Project,
    catalogue: &'a Catalogue,
    governed: &'a Governed,
    computable: Vec<Computable>,
}

impl Sources<'_> {
    /// A contract is returned only when all of its parts were read, so parts and sections go side by side.
    fn look_at(&self, contract: &Contract, section: &Section<'_>) {
        for (price, part) in contract.prices.iter().zip(section.sections("price")) {
            let Some(of) = price.kind.measured() else { continue };
            match (&price.kind, part.section("seats")) {
                (PriceKind::PerSeat { seats: Seats::Measured(_), .. }, Some(seats)) => {
                    self.check(contract, of, &seats, "metric");
                }
                _ => self.check(contract, of, &part, "metric"),
            }
        }
        for (clawback, part) in contract.clawbacks.iter().zip(section.sections("clawback")) {
            self.check(contract, &clawback.of, &part, "metric");
        }
        for (level, part) in contract.service_levels.iter().zip(section.sections("service_level")) {
            let key = if part.has("kpi") { "kpi" } else { "metric" };
            self.check(contract, &level.of, &part, key);
        }
    }

    fn check(&self, contract: &Contract, of: &Measured, part: &Section<'_>, key: &str) {
        let Ok(resolved) = self.catalogue.resolve(&of.metric) else { return };
        let (metric, variant) = (&resolved.metric.id, &resolved.variant.id);
        let found = self.computable.iter().find(|one| one.metric == *metric && one.variant == *variant);
        let Some(found) = found else { return };
        if !found.missing.is_empty() {
            let missing: Vec<String> = found.missing.iter().map(|what| format!("`{what}`")).collect();
            part.error(
                key,
                format!("no source gives what `{}` is computed from: {} is missing.", of.metric, missing.join(", ")),
                Some(
                    "Fill it in a mapping of `sources/`, bind the measure to a table of your own, or name another metric."
                        .to_owned(),
                ),
            );
            return;
        }
        if of.unit == Unit::Money {
            self.check_currency(contract, of, &found.tables, part, key);
        }
    }

    /// Sources that say one currency for all of their records; what others say is in their records.
    fn check_currency(
        &self,
        contract: &Contract,
        of: &Measured,
        tables: &[String],
        part: &Section<'_>,
        key: &str,
    ) {
        let own = contract.currency.as_str();
        let reads = |source: &&Source| tables.iter().any(|table| *table == source.table.name);
        for source in self.project.sources.iter().filter(reads) {
            let field = source.fields.iter().find(|field| field.column == CURRENCY);
            let Some(From::Constant(currency)) = field.map(|field| &field.from) else { continue };
            let has_rate = self.governed.rates.iter().any(|rate| rate.from == *currency && rate.to == own);
            if currency != own && !has_rate {
                part.error(
                    key,
                    format!(
                        "`{}` is money in {currency} (source `{}`), and no rate from {currency} to {own} is declared.",
                        of.metric, source.name
                    ),
                    Some(format!(
                        "Declare it under `[rate.NAME]` in `costs/` for the last day of each period, or settle in {currency}."
                    )),
                );
            }
        }
    }
}
