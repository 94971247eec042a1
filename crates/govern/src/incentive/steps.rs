//! Levels of a figure, each with what it brings.

use dialmark_metrics::metric::Unit;
use dialmark_metrics::{Direction, Ratio};
use dialmark_model::declared::Section;

use crate::reading::{self, missing};
use crate::statement::says;

/// Levels from the easiest to the hardest; the hardest that is reached counts alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Steps {
    /// When a level is reached.
    pub way: Way,
    /// Never empty; harder steps never bring less.
    pub steps: Vec<Step>,
}

/// A level and what it brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// In the metric's unit.
    pub level: Ratio,
    /// An amount, or a factor.
    pub brings: Ratio,
}

/// When a level is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// By figures that are not lower.
    AtLeast,
    /// By figures that are not higher.
    AtMost,
}

impl Steps {
    /// The hardest step that a figure reaches.
    pub fn reached(&self, figure: Ratio) -> Option<&Step> {
        self.steps.iter().rev().find(|step| match self.way {
            Way::AtLeast => figure >= step.level,
            Way::AtMost => figure <= step.level,
        })
    }

    /// A figure against the steps, such as `6.25 % reaches 6 %` or `4 % is below 5 %`.
    pub(super) fn says(&self, figure: Ratio, unit: Unit, currency: &str) -> String {
        let limits: Vec<Ratio> = self.steps.iter().map(|step| step.level).collect();
        let shown = |value: Ratio| says::figure(value, unit, currency, &limits);
        match (self.reached(figure), self.steps.first(), self.way) {
            (Some(step), _, Way::AtLeast) => format!("{} reaches {}", shown(figure), shown(step.level)),
            (Some(step), _, Way::AtMost) => format!("{} is at most {}", shown(figure), shown(step.level)),
            (None, Some(first), Way::AtLeast) => format!("{} is below {}", shown(figure), shown(first.level)),
            (None, Some(first), Way::AtMost) => format!("{} is above {}", shown(figure), shown(first.level)),
            (None, None, _) => shown(figure),
        }
    }

    /// Reads `steps = [{ at_least = ..., KEY = ... }]`, each bringing what `brings` reads under KEY.
    pub(super) fn read(
        section: &Section<'_>,
        unit: Unit,
        direction: Direction,
        brings: &dyn Fn(&Section<'_>) -> Option<Ratio>,
    ) -> Option<Steps> {
        let inner = section.sections("steps");
        if inner.is_empty() {
            missing(section, "steps", "levels of the figure, such as `[{ at_least = ..., ... }]`");
            return None;
        }
        let read: Vec<Option<(Way, Step)>> = inner
            .iter()
            .map(|step| {
                let level = level(step, unit, direction);
                let brings = brings(step);
                step.finish();
                let (way, level) = level?;
                Some((way, Step { level, brings: brings? }))
            })
            .collect();
        let read: Vec<(Way, Step)> = read.into_iter().collect::<Option<_>>()?;
        let way = read.first()?.0;
        if read.iter().any(|(other, _)| *other != way) {
            section.error(
                "steps",
                "these steps mix `at_least` and `at_most`.",
                Some("Use one of them.".to_owned()),
            );
            return None;
        }
        let steps: Vec<Step> = read.into_iter().map(|(_, step)| step).collect();
        in_order(section, way, &steps).then_some(Steps { way, steps })
    }
}

/// The level under `at_least` or `at_most`, one of which must be there.
pub(super) fn level(section: &Section<'_>, unit: Unit, direction: Direction) -> Option<(Way, Ratio)> {
    let (least, most) = (section.has("at_least"), section.has("at_most"));
    let read = [
        reading::level(section, "at_least", unit).map(|level| (Way::AtLeast, level)),
        reading::level(section, "at_most", unit).map(|level| (Way::AtMost, level)),
    ];
    match (least, most) {
        (true, true) => {
            section.error(
                "at_most",
                "a level is `at_least` or `at_most`, not both.",
                Some("Remove one.".to_owned()),
            );
            None
        }
        (false, false) => {
            missing(section, "at_least", "the level to reach, or `at_most` where less is better");
            None
        }
        (true, false) | (false, true) => {
            let (key, wrong) = if least { ("at_least", Direction::Down) } else { ("at_most", Direction::Up) };
            if direction == wrong {
                let (better, other) = if least { ("less", "at_most") } else { ("more", "at_least") };
                section.warn(
                    key,
                    format!("{better} is better here, so `{key}` pays for getting worse."),
                    Some(format!("Write `{other}` unless that is meant.")),
                );
            }
            read.into_iter().flatten().next()
        }
    }
}

fn in_order(section: &Section<'_>, way: Way, steps: &[Step]) -> bool {
    for (easier, harder) in steps.iter().zip(steps.iter().skip(1)) {
        let is_harder = match way {
            Way::AtLeast => harder.level > easier.level,
            Way::AtMost => harder.level < easier.level,
        };
        if !is_harder {
            let order = if way == Way::AtLeast { "ascending" } else { "descending" };
            section.error(
                "steps",
                format!("the level {} comes after {}.", harder.level, easier.level),
                Some(format!("Write levels in {order} order, each once.")),
            );
            return false;
        }
        if harder.brings < easier.brings {
            section.error(
                "steps",
                format!("the harder level {} brings less than {}.", harder.level, easier.level),
                Some("Let harder levels bring at least as much.".to_owned()),
            );
            return false;
        }
    }
    true
}
