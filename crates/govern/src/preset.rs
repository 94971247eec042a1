//! Presets: KPIs of a role as a file that somebody can put into `kpis/` and change, so that nobody starts from nothing.
//!
//! Which KPIs a role looks at is what the documents behind the catalogue name for it (`docs/sources.md`). A target stands
//! in a preset only where a benchmark of `catalogue/benchmarks/` supports it, and names it; elsewhere it is left to be set.

/// KPIs of one role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preset {
    /// Name, also of its file.
    pub name: &'static str,
    /// Whose figures they are.
    pub role: &'static str,
    /// Name to show.
    pub label: &'static str,
    /// What it is for, in a sentence.
    pub says: &'static str,
    /// The file, as it would stand in `kpis/`.
    pub text: &'static str,
}

/// All presets.
pub const ALL: [Preset; 7] = [
    Preset {
        name: "outbound_agents",
        role: "outbound agents",
        label: "Outbound agents",
        says: "Whether calls get through to people, and what comes of the conversations.",
        text: include_str!("../catalogue/presets/outbound_agents.toml"),
    },
    Preset {
        name: "sales_professional",
        role: "sales professional",
        label: "Sales professional",
        says: "Calls made, sales closed on them, and what a sale costs.",
        text: include_str!("../catalogue/presets/sales_professional.toml"),
    },
    Preset {
        name: "centre",
        role: "centre",
        label: "The centre",
        says: "Satisfaction, success and nuisance of the centre as a whole.",
        text: include_str!("../catalogue/presets/centre.toml"),
    },
    Preset {
        name: "client_experience",
        role: "client",
        label: "Client, experience first",
        says: "Satisfaction and resolution at the first contact, with what holds them up.",
        text: include_str!("../catalogue/presets/client_experience.toml"),
    },
    Preset {
        name: "client_cost",
        role: "client",
        label: "Client, cost first",
        says: "What a contact costs, and whether paid time is used without wearing people out.",
        text: include_str!("../catalogue/presets/client_cost.toml"),
    },
    Preset {
        name: "sales_development",
        role: "sales development",
        label: "Sales development",
        says: "Appointments that qualify and are won, with conversion below them.",
        text: include_str!("../catalogue/presets/sales_development.toml"),
    },
    Preset {
        name: "collections",
        role: "collections",
        label: "Collections",
        says: "Debtors reached, promises made and kept, and the money that came in.",
        text: include_str!("../catalogue/presets/collections.toml"),
    },
];

/// The preset of this name.
pub fn named(name: &str) -> Option<&'static Preset> {
    ALL.iter().find(|preset| preset.name == name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::LazyLock;

    use super::*;
    use crate::benchmark::{Library, Stated};
    use crate::governed::{Against, Governed};
    use crate::lint::NO_TARGET;
    use crate::value;
    use dialmark_metrics::{Catalogue, MetricRef, Ratio};
    use dialmark_model::declared::{Document, Problem, Problems, Section};
    use jiff::civil::date;

    static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::builtin().0);

    /// Calls `look` with each KPI of a preset: its name, its section, its metric.
    fn each_kpi(preset: &Preset, mut look: impl FnMut(&str, &Section<'_>, &MetricRef)) {
        let problems = Problems::new();
        let document = Document::parse(preset.name, preset.text, &problems).expect("valid TOML");
        let root = document.root(&problems);
        for (name, section) in root.named_sections("kpi") {
            let metric = MetricRef::parse(&section.text("metric").expect("a metric")).expect("a reference");
            look(&name, &section, &metric);
        }
        root.finish();
        let found: Vec<String> = problems.into_vec().iter().map(ToString::to_string).collect();
        assert!(found.is_empty(), "{}", found.join("\n"));
    }

    fn metrics(name: &str) -> Vec<String> {
        let mut all = Vec::new();
        each_kpi(named(name).unwrap(), |_, _, metric| all.push(metric.metric.clone()));
        all
    }

    #[test]
    fn each_role_has_the_kpis_that_the_documents_name_for_it() {
        assert_eq!(metrics("outbound_agents"), ["asr", "conversion_rate", "fcc", "aht", "connection_rate"]);
        assert_eq!(
            metrics("sales_professional"),
            ["conversion_rate", "calls_per_agent", "fcc", "cpa", "connection_rate"]
        );
        assert_eq!(metrics("centre"), ["csat", "conversion_rate", "fcc", "outbound_abandonment_rate", "aht"]);
        assert_eq!(
            metrics("client_experience"),
            ["csat", "fcr", "asa", "service_level", "queue_abandonment_rate", "qa_score"]
        );
        assert_eq!(metrics("client_cost"), ["cost_per_contact", "utilization"]);
        assert_eq!(
            metrics("sales_development"),
            ["appointments", "qualified_lead_rate", "opportunity_win_rate", "conversion_rate"]
        );
        assert_eq!(
            metrics("collections"),
            [
                "right_party_contact_rate",
                "promise_rate",
                "kept_promise_rate",
                "cash_per_agent_hour",
                "recovery_rate"
            ]
        );
    }

    #[test]
    fn every_kpi_names_a_variant_that_exists_and_has_one_owner_a_window_and_a_rhythm() {
        let windows = ["day", "week", "month", "quarter", "year", "28 days"];
        let rhythms = ["daily", "weekly", "monthly", "quarterly"];
        let mut names = BTreeSet::new();
        for preset in &ALL {
            each_kpi(preset, |name, section, metric| {
                assert!(names.insert(name.to_owned()), "{name} stands in two presets");
                assert!(metric.variant.is_some(), "{name} leaves its variant open");
                CATALOGUE.resolve(metric).expect("a known metric");
                assert!(section.text("owner").is_some_and(|owner| owner.ends_with("@example.org")));
                assert!(windows.contains(&section.text("window").unwrap().as_str()), "{name}");
                assert!(rhythms.contains(&section.text("review").unwrap().as_str()), "{name}");
                for guard in section.texts("guards") {
                    assert!(CATALOGUE.metrics.contains_key(&guard), "{name}: {guard}");
                }
                section.node("target");
                section.finish();
            });
        }
    }

    #[test]
    fn a_preset_is_read_as_kpis_are_and_lacks_only_the_targets_that_are_to_be_set() {
        let against = Against { catalogue: &CATALOGUE, today: date(2026, 11, 19), mark: &|_| None };
        let files: Vec<(String, String)> =
            ALL.iter().map(|preset| (format!("kpis/{}.toml", preset.name), preset.text.to_owned())).collect();
        let problems = Problems::new();
        Governed::read(&files, &against, &problems);
        let (untargeted, others): (Vec<Problem>, Vec<Problem>) =
            problems.into_vec().into_iter().partition(|problem| problem.code == Some(NO_TARGET.code));
        let others: Vec<String> = others.iter().map(ToString::to_string).collect();
        assert!(others.is_empty(), "{}", others.join("\n"));
        let to_be_set: usize =
            ALL.iter().map(|preset| preset.text.matches("# target = \"to be set\"").count()).sum();
        assert_eq!(untargeted.len(), to_be_set);
    }

    #[test]
    fn a_target_is_an_end_of_the_benchmark_that_it_names_and_the_others_are_to_be_set() {
        let library = Library::read(&[], &CATALOGUE, &|_| false, &Problems::new());
        let end = |section: &Section<'_>, key: &str, metric: &MetricRef| -> Ratio {
            value::of_unit(section, key, CATALOGUE.metrics[&metric.metric].unit).expect("a value")
        };
        for preset in &ALL {
            each_kpi(preset, |name, section, metric| {
                let lines: Vec<&str> = preset.text.lines().skip(section.line() - 1).collect();
                let block: Vec<&str> = lines.into_iter().take_while(|line| !line.is_empty()).collect();
                let cited = block.iter().find_map(|line| line.strip_prefix("# From the benchmark `"));
                let Some(target) = section.section("target") else {
                    assert_eq!(block.last(), Some(&"# target = \"to be set\""), "{name}");
                    assert_eq!(cited, None, "{name}");
                    return;
                };
                let cited = cited.and_then(|rest| rest.split('`').next()).expect("a benchmark is named");
                let benchmark = &library.benchmarks[cited];
                assert_eq!(benchmark.metric.metric, metric.metric, "{name}");
                let ends = match benchmark.value.expect("a value") {
                    Stated::Between(low, high) => vec![low, high],
                    Stated::Exactly(value)
                    | Stated::AtLeast(value)
                    | Stated::AtMost(value)
                    | Stated::Above(value)
                    | Stated::Below(value) => vec![value],
                };
                for key in ["at_least", "at_most"] {
                    if target.has(key) {
                        assert!(ends.contains(&end(&target, key, metric)), "{name}");
                    }
                }
                if let Some(band) = target.section("band") {
                    assert_eq!(ends, ["from", "to"].map(|key| end(&band, key, metric)), "{name}");
                }
            });
        }
    }
}
