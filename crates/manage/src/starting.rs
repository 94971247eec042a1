//! KPIs of a role as a file to start from: with an owner, and with targets at the centre's own figures where no others may be
//! compared with them.

use std::collections::BTreeMap;

use async_recursion::async_recursion as compiled_here;
use dialmark_engine::{Engine, EngineError};
use dialmark_metrics::metric::Unit;
use dialmark_metrics::{Direction, MetricQuery, MetricRef, Ratio};
use dialmark_model::civil::Period;
use jiff::SignedDuration;

/// Stands where a preset leaves the target to its user.
const TO_BE_SET: &str = "# target = \"to be set\"";
/// Stands where a preset leaves the owner to its user.
const EXAMPLE_OWNER: &str = "@example.org\"";
/// Days whose figure is a target to start from.
const DAYS: i64 = 90;

/// The metrics of KPIs whose target is to be set, by name.
fn without_target(text: &str) -> BTreeMap<String, MetricRef> {
    let mut found = BTreeMap::new();
    let (mut name, mut metric) = (None, None);
    for line in text.lines() {
        if let Some(header) = line.strip_prefix("[kpi.").and_then(|rest| rest.strip_suffix(']')) {
            (name, metric) = (Some(header.to_owned()), None);
        } else if let Some(value) = line.strip_prefix("metric") {
            let value = value.trim_start_matches([' ', '=']).trim().trim_matches('"');
            metric = MetricRef::parse(value).ok();
        } else if line == TO_BE_SET
            && let Some((name, metric)) = name.clone().zip(metric.clone())
        {
            found.insert(name, metric);
        }
    }
    found
}

/// Figures of the last ninety days that have records, by KPI; those that cannot be had are left out.
#[compiled_here]
pub async fn own_figures(engine: &Engine, text: &str) -> Result<BTreeMap<String, String>, EngineError> {
    let mut targets = BTreeMap::new();
    let Some((_, last)) = engine.extent().await? else { return Ok(targets) };
    let from = last.checked_sub(SignedDuration::from_hours(24 * DAYS)).unwrap_or(last);
    for (kpi, metric) in without_target(text) {
        let question = MetricQuery {
            metrics: vec![metric],
            period: Period { from: Some(from), to: None },
            ..MetricQuery::default()
        };
        let table = match engine.query(&question).await {
            Ok(table) => table,
            Err(EngineError::Question(_)) => continue,
            Err(other) => return Err(other),
        };
        let cell = table.rows.first().and_then(|row| row.cells.first());
        if let (Some(header), Some(Ok(value))) = (table.metrics.first(), cell.map(|cell| cell.value.clone()))
            && let Some(target) = target(value, header.unit, header.direction)
        {
            targets.insert(kpi, target);
        }
    }
    Ok(targets)
}

/// The figure itself as a target, rounded to what one would write by hand.
fn target(value: Ratio, unit: Unit, direction: Direction) -> Option<String> {
    let places = match unit {
        Unit::Share => 4,
        Unit::Duration => 0,
        _ => 2,
    };
    let written = |value: Ratio| value.decimal(places);
    let part = |text: &str| Ratio::parse(text).and_then(|part| value.times(part)).map(written);
    Some(match direction {
        Direction::Up => format!("{{ at_least = {}, tolerance = {} }}", written(value), part("0.05")?),
        Direction::Down => format!("{{ at_most = {}, tolerance = {} }}", written(value), part("0.05")?),
        Direction::Neither if value.is_zero() => return None,
        Direction::Neither => {
            let (from, to) = (part("0.9")?, part("1.1")?);
            format!("{{ band = {{ from = {from}, to = {to} }}, tolerance = {} }}", part("0.02")?)
        }
    })
}

/// The file with the owner and these targets in place. A KPI whose target nobody knows yet is none: it is left as a comment.
pub fn filled_in(text: &str, owner: Option<&str>, targets: &BTreeMap<String, String>) -> String {
    let mut blocks: Vec<Vec<String>> = vec![Vec::new()];
    let mut name = "";
    for line in text.lines() {
        if let Some(header) = line.strip_prefix("[kpi.").and_then(|rest| rest.strip_suffix(']')) {
            name = header;
            blocks.push(Vec::new());
        }
        let line = match (line, targets.get(name), owner) {
            (TO_BE_SET, Some(target), _) => {
                format!("# The centre's own figure of the last {DAYS} days, to be raised.\ntarget = {target}")
            }
            (line, _, Some(owner)) if line.starts_with("owner") && line.ends_with(EXAMPLE_OWNER) => {
                format!("owner  = {}", toml_text(owner))
            }
            (line, ..) => line.to_owned(),
        };
        blocks.last_mut().into_iter().for_each(|block| block.push(line.clone()));
    }
    let lines = blocks.into_iter().flat_map(|block| match block.iter().any(|line| line == TO_BE_SET) {
        true => commented(&block),
        false => block,
    });
    lines.collect::<Vec<String>>().join("\n") + "\n"
}

fn commented(block: &[String]) -> Vec<String> {
    let why = "# There is no figure of your own to start from yet. Set a target and remove the signs to use this one.";
    let line = |line: &String| match line.as_str() {
        "" => String::new(),
        line if line.starts_with('#') => line.to_owned(),
        line => format!("#{line}"),
    };
    std::iter::once(why.to_owned()).chain(block.iter().map(line)).collect()
}

/// A text as TOML writes it.
fn toml_text(text: &str) -> String {
    let plain = |c: char| match c {
        '"' | '\\' => format!("\\{c}"),
        c if c.is_control() => format!("\\u{:04x}", u32::from(c)),
        c => c.to_string(),
    };
    format!("\"{}\"", text.chars().map(plain).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "[kpi.a]\nmetric = \"aht/handle\"\nowner  = \"lead@example.org\"\n# target = \"to be set\"\n\n[kpi.b]\nmetric = \"asr/seizure\"\nowner  = \"lead@example.org\"\ntarget = { at_least = 0.5 }\n";

    #[test]
    fn owner_and_targets_are_put_in_place() {
        assert_eq!(
            without_target(TEXT).into_iter().map(|(n, m)| (n, m.to_string())).collect::<Vec<_>>(),
            [("a".to_owned(), "aht/handle".to_owned())]
        );
        let targets = BTreeMap::from([(
            "a".to_owned(),
            target(Ratio::parse("250000.4").unwrap(), Unit::Duration, Direction::Neither).unwrap(),
        )]);
        let text = filled_in(TEXT, Some("ops@north.example"), &targets);
        assert!(
            text.contains("target = { band = { from = 225000, to = 275000 }, tolerance = 5000 }"),
            "{text}"
        );
        assert_eq!(text.matches("owner  = \"ops@north.example\"").count(), 2);
        assert!(text.contains("target = { at_least = 0.5 }"));
        // A KPI of which nothing is known stays a comment; one that needs nothing stays as it is.
        let unknown = filled_in(TEXT, None, &BTreeMap::new());
        assert!(unknown.contains("\n#[kpi.a]\n#metric = \"aht/handle\"\n"), "{unknown}");
        assert!(unknown.ends_with(&TEXT[TEXT.find("[kpi.b]").unwrap()..]), "{unknown}");
    }

    #[test]
    fn every_preset_leaves_its_targets_in_the_words_that_are_looked_for() {
        for preset in &dialmark_govern::preset::ALL {
            let open = preset.text.lines().filter(|line| line.contains("to be set")).count();
            assert_eq!(without_target(preset.text).len(), open, "{}", preset.name);
        }
    }
}
