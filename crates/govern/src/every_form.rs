//! What the readers of promises ask for: read from files that use every form, it is the schema of all such files.

use dialmark_metrics::Catalogue;
use dialmark_model::declared::{AskedFor, Problem, Problems};
use jiff::civil::date;

use crate::governed::{Against, Governed};

/// Files that use every form. The contract is the one whose reading is tested.
const FILES: [(&str, &str); 4] = [
    ("kpis/every_form.toml", include_str!("every_form/promises.toml")),
    ("contracts/every_form.toml", include_str!("../tests/contracts/golden/every_form.toml")),
    ("benchmarks/every_form.toml", include_str!("every_form/benchmarks.toml")),
    ("strategy/every_form.toml", include_str!("every_form/strategy.toml")),
];

/// What is asked for at the top of a file of `benchmarks/`, and of `strategy/`; all else may stand in any other folder.
const BENCHMARKS: [&str; 6] = ["benchmark", "counted", "formula", "industry", "motion", "profile"];
const STRATEGY: [&str; 2] = ["goal", "objective"];

/// What readers ask for, by kind of file: `promises` (any folder but the two others), `benchmarks`, `strategy`.
pub fn asked_for() -> Vec<(&'static str, AskedFor)> {
    let (asked, _) = read();
    let mut kinds =
        [("promises", AskedFor::new()), ("benchmarks", AskedFor::new()), ("strategy", AskedFor::new())];
    for ((place, key), wanted) in asked {
        let root = place.split('.').next().filter(|root| !root.is_empty()).unwrap_or(&key);
        let kind = match root {
            root if BENCHMARKS.contains(&root) => 1,
            root if STRATEGY.contains(&root) => 2,
            _ => 0,
        };
        if let Some((_, of_kind)) = kinds.get_mut(kind) {
            of_kind.insert((place, key), wanted);
        }
    }
    kinds.into()
}

fn read() -> (AskedFor, Vec<Problem>) {
    let (catalogue, _) = Catalogue::builtin();
    let files: Vec<(String, String)> =
        FILES.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    let problems = Problems::new();
    let against = Against { catalogue: &catalogue, today: date(2026, 1, 1), mark: &|_| None };
    Governed::read(&files, &against, &problems);
    (problems.asked_for(), problems.into_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::governed::FOLDERS;

    #[test]
    fn the_forms_are_read_to_their_end() {
        let (asked, problems) = read();
        // The contract names metrics of a project of its own; unknown keys would be mistakes of these files.
        let unknown: Vec<String> = problems
            .iter()
            .map(ToString::to_string)
            .filter(|says| says.contains("nothing is known"))
            .collect();
        assert_eq!(unknown, Vec::<String>::new());
        let own: Vec<&Problem> = problems.iter().filter(|p| !p.file.starts_with("contracts/")).collect();
        assert_eq!(own, Vec::<&Problem>::new());
        for (place, key) in [
            ("kpi.*.target.ramp", "eased_by"),
            ("kpi.*.target.season", "times"),
            ("kpi.*.target.beyond", "says"),
            ("contract.*.service_level.linear", "per"),
            ("contract.*.price.tiers", "rate"),
            ("incentive.*.part.times.steps", "times"),
            ("form.*.criterion", "auto_fail"),
            ("rate.*.by_day", "*"),
            ("report.*", "hold_until"),
            ("benchmark.*.value", "above"),
            ("objective.*.key_results", "quality"),
        ] {
            assert!(asked.contains_key(&(place.to_owned(), key.to_owned())), "{place} {key}");
        }
    }

    #[test]
    fn every_folder_has_its_schema() {
        let kinds = asked_for();
        let of = |kind: &str| &kinds.iter().find(|(name, _)| *name == kind).unwrap().1;
        let at_top = |kind: &str| of(kind).keys().filter(|(place, _)| place.is_empty()).count();
        assert_eq!((at_top("benchmarks"), at_top("strategy")), (6, 2));
        // One or more kinds of section for each of the other folders.
        assert!(at_top("promises") >= FOLDERS.len() - 2, "{:?}", of("promises").keys());
    }
}
