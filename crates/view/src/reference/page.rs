//! Pages of the reference in Markdown.

use std::collections::BTreeMap;
use std::fmt::Write;

use dialmark_metrics::metric::{Direction, Guide, Level, Metric, Perspective, Process, Signal};
use dialmark_metrics::{Catalogue, Formula, Variant};

/// Theme of a metric: the name of the file that declares it.
pub fn theme(declared_in: &str) -> &str {
    let file = declared_in.rsplit(['/', '\\']).next().unwrap_or(declared_in);
    file.strip_suffix(".toml").unwrap_or(file)
}

const GENERATED: &str =
    "<!-- Written by `cargo xtask codegen` from the catalogue; change that, not this page. -->\n";

/// The page that leads to all others.
pub fn index(catalogue: &Catalogue, themes: &BTreeMap<&str, Vec<&Metric>>) -> String {
    let variants: usize = catalogue.metrics.values().map(|m| m.variants.len()).sum();
    let mut text = format!(
        "{GENERATED}# Reference of the metrics\n\n{} metrics in {variants} definitions over {} measures. Letters name the documents that a definition was read in ([sources](../sources.md)); [the language](../language.md) in which they are declared is open to every project. What moves what is in the [metric tree](tree.svg), what to suspect when a figure looks wrong in [symptoms](symptoms.md), what to break figures out by in [dimensions](dimensions.md).\n",
        catalogue.metrics.len(),
        catalogue.measures.len(),
    );
    for (theme, metrics) in themes {
        let _ = write!(text, "\n## [{}]({theme}.md)\n\n", sentence_case(theme));
        text.push_str("| metric | what it says | better | definitions |\n|---|---|---|---|\n");
        for metric in metrics {
            let _ = writeln!(
                text,
                "| [{}]({theme}.md#{}) | {} | {} | {} |",
                metric.label,
                metric.id,
                cell(&metric.about),
                metric.direction.word(),
                metric.variants.len()
            );
        }
    }
    text
}

/// All metrics of a theme.
pub fn theme_page(catalogue: &Catalogue, theme: &str, metrics: &[&Metric]) -> String {
    let mut text = format!("{GENERATED}# {}\n\n[All metrics](README.md)\n", sentence_case(theme));
    for metric in metrics {
        metric_section(&mut text, catalogue, metric);
    }
    text
}

fn metric_section(text: &mut String, catalogue: &Catalogue, metric: &Metric) {
    let _ = write!(
        text,
        "\n<a id=\"{}\"></a>\n\n## {}\n\n`{}`. {}\n\n",
        metric.id, metric.label, metric.id, metric.about
    );
    let better = match metric.direction {
        Direction::Up => "more is better",
        Direction::Down => "less is better",
        Direction::Neither => "neither more nor less is better by itself",
    };
    let mut facts = vec![format!("shown as {}", metric.unit.word().replace('_', " ")), better.to_owned()];
    facts.extend(metric.signal.map(|s| match s {
        Signal::Leading => "leading".to_owned(),
        Signal::Lagging => "lagging".to_owned(),
    }));
    facts.extend(metric.process.map(|p| word_of(&Process::ALL, p).to_owned() + " measure"));
    facts.extend(metric.perspective.map(|p| word_of(&Perspective::ALL, p).to_owned() + " perspective"));
    let _ = writeln!(text, "{}.\n", sentence_case(&facts.join("; ")));
    let linked = |ids: &[String]| {
        let links: Vec<String> = ids.iter().map(|id| link(catalogue, id)).collect();
        links.join(", ")
    };
    let list = [("Moved by", &metric.drivers), ("Guarded by", &metric.guards)];
    for (word, ids) in list.into_iter().filter(|(_, ids)| !ids.is_empty()) {
        let _ = writeln!(text, "- {word}: {}", linked(ids));
    }
    if !metric.groups.is_empty() {
        let _ = writeln!(text, "- Looked at in: {}", metric.groups.join(", ").replace('_', " "));
    }
    for (name, value) in &metric.params.0 {
        let _ = writeln!(text, "- Parameter `{name}` = {}", in_words(*value));
    }
    if let Some(guide) = &metric.guide {
        let _ = write!(text, "\n**When to use.** {}\n", guide.when_to_use);
    }
    definitions(text, catalogue, metric);
    if let Some(guide) = &metric.guide {
        advice(text, guide);
    }
    for symptom in catalogue.symptoms.values().filter(|s| s.metric == metric.id) {
        let when = if symptom.when == Level::Low { "low" } else { "high" };
        let _ = write!(text, "\n**When it is {when}, suspect** {}.\n", symptom.suspects.join("; "));
    }
}

fn definitions(text: &mut String, catalogue: &Catalogue, metric: &Metric) {
    text.push_str("\n| definition | what sets it apart | formula | by |\n|---|---|---|---|\n");
    for variant in &metric.variants {
        let mark = if variant.id == metric.default { " (default)" } else { "" };
        let _ = writeln!(
            text,
            "| `{}`{mark} | {} | {} | {} |",
            variant.id,
            cell(&says(metric, variant)),
            cell(&formula(catalogue, &variant.formula)),
            cell(variant.source.as_deref().unwrap_or(""))
        );
    }
    let mut told: Vec<&str> = Vec::new();
    for variant in &metric.variants {
        let Some(example) = variant.example.as_ref().filter(|e| !told.contains(&e.says.as_str())) else {
            continue;
        };
        if told.is_empty() {
            text.push_str("\nWorked examples, which are tests:\n\n");
        }
        told.push(&example.says);
        let values: Vec<String> = metric
            .variants
            .iter()
            .filter_map(|v| Some((v, v.example.as_ref().filter(|e| e.says == example.says)?)))
            .map(|(v, e)| {
                let values: Vec<String> = e
                    .values
                    .iter()
                    .map(|(key, value)| {
                        key.as_ref().map_or_else(|| value.to_string(), |k| format!("{k}: {value}"))
                    })
                    .collect();
                format!("`{}` {}", v.id, values.join(", "))
            })
            .collect();
        let _ = writeln!(text, "- {} Gives {}.", example.says, values.join("; "));
    }
    let mut measures: Vec<&str> = Vec::new();
    for measure in metric.variants.iter().flat_map(|v| v.formula.measures()) {
        if !measures.contains(&measure) {
            measures.push(measure);
        }
    }
    if !measures.is_empty() {
        text.push_str("\n<details><summary>How the measures are read</summary>\n\n");
        for measure in measures.into_iter().filter_map(|m| catalogue.measures.get(m)) {
            let _ = writeln!(text, "- `{}` ({}): {}", measure.id, measure.unit, measure.about);
            for binding in &measure.bindings {
                let _ = writeln!(text, "  - {}: `{}`", binding.table, binding.shape);
            }
        }
        text.push_str("\n</details>\n");
    }
}

fn advice(text: &mut String, guide: &Guide) {
    let mut paragraph = |name: &str, words: &str| {
        let _ = write!(text, "\n**{name}.** {words}\n");
    };
    paragraph("What it tells", &guide.insights);
    paragraph("How it is measured", &guide.measurement);
    paragraph("Reading its movement", &guide.trends);
    paragraph("Questions to ask", &guide.questions.join(" "));
    paragraph("What to do", &guide.tips.join(" "));
    paragraph("How to show it", &guide.charts);
    paragraph("How it misleads", &guide.risks);
    paragraph("Where its records come from", &guide.tools);
    paragraph("What to join it with", &guide.integrations);
    paragraph("What it moves", &guide.impact);
}

/// The table from symptom to suspects.
pub fn symptoms(catalogue: &Catalogue) -> String {
    let mut text = format!("{GENERATED}# Symptoms and suspects\n\n[All metrics](README.md)\n\n");
    text.push_str("| when this | is | suspect, likeliest first |\n|---|---|---|\n");
    for symptom in catalogue.symptoms.values() {
        let when = if symptom.when == Level::Low { "low" } else { "high" };
        let metric = link(catalogue, &symptom.metric);
        let _ = writeln!(text, "| {metric} | {when} | {} |", cell(&symptom.suspects.join("; ")));
    }
    text
}

/// Dimensions, look-ups and hierarchies.
pub fn dimensions(catalogue: &Catalogue) -> String {
    let mut text = format!(
        "{GENERATED}# Dimensions\n\n[All metrics](README.md)\n\nEvery column of a table is a dimension, and so are {}. These are computed:\n\n| dimension | what it is | expression |\n|---|---|---|\n",
        dialmark_metrics::catalogue::TIME_WORDS.map(|w| format!("`{w}`")).join(", ")
    );
    for dimension in catalogue.dimensions.values() {
        let exprs: Vec<String> = dimension.exprs.iter().map(|e| format!("`{e}`")).collect();
        let _ = writeln!(
            text,
            "| `{}` | {} | {} |",
            dimension.id,
            cell(&dimension.about),
            cell(&exprs.join(", else "))
        );
    }
    text.push_str(
        "\n## Looked up in other tables\n\n| column | what it is | from | by |\n|---|---|---|---|\n",
    );
    for lookup in catalogue.lookups.values() {
        let dated = lookup.since.as_ref().map_or(String::new(), |_| " of the day".to_owned());
        let _ = writeln!(
            text,
            "| `{}` | {} | `{}.{}`{dated} | `{}` |",
            lookup.id,
            cell(&lookup.about),
            lookup.from,
            lookup.column,
            lookup.by
        );
    }
    text.push_str("\n## Hierarchies\n\n| hierarchy | from coarse to fine |\n|---|---|\n");
    for hierarchy in catalogue.hierarchies.values() {
        let _ = writeln!(text, "| {} | {} |", hierarchy.label, hierarchy.levels.join(" > "));
    }
    text
}

fn says(metric: &Metric, variant: &Variant) -> String {
    match variant.about.is_empty() {
        true => metric.about.clone(),
        false => variant.about.clone(),
    }
}

fn formula(catalogue: &Catalogue, formula: &Formula) -> String {
    let others = formula.others();
    let text = format!("`{formula}`");
    match others.is_empty() {
        true => text,
        false => {
            let links: Vec<String> = others.iter().map(|m| link(catalogue, &m.metric)).collect();
            format!("{text}, from {}", links.join(", "))
        }
    }
}

fn link(catalogue: &Catalogue, id: &str) -> String {
    match catalogue.metrics.get(id) {
        Some(metric) => format!("[{}]({}.md#{id})", metric.label, theme(&metric.declared_in)),
        None => id.to_owned(),
    }
}

fn word_of<T: PartialEq + Copy>(all: &[(&'static str, T)], wanted: T) -> &'static str {
    all.iter().find(|(_, t)| *t == wanted).map_or("", |(word, _)| word)
}

/// A parameter in words: what looks like a length of time reads as one.
fn in_words(value: i64) -> String {
    const DAY: i64 = 86_400_000;
    match value {
        v if v >= DAY && v % DAY == 0 => format!("{} days", v / DAY),
        v if v >= 60_000 && v % 60_000 == 0 => format!("{} min", v / 60_000),
        v if v >= 1_000 && v % 1_000 == 0 => format!("{} s", v / 1_000),
        v => v.to_string(),
    }
}

/// A text for a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

fn sentence_case(text: &str) -> String {
    let spaced = text.replace('_', " ");
    let mut letters = spaced.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}
