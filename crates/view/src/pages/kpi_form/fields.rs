//! The fields of a KPI, their names and the words that they take: those of its declaration.

use dialmark_govern::kpi::{Evidence, Level, Rhythm};
use dialmark_govern::window::Window;
use dialmark_metrics::metric::{Perspective, Process};
use maud::{Markup, html};

use super::KpiForm;
use crate::form::{Choice, Field, Form, group};

/// The form.
pub const KPI: &str = "kpi";
/// What the button asks for: [`PREVIEW`] or [`SAVE`].
pub const STEP: &str = "step";
/// To see what would be written.
pub const PREVIEW: &str = "preview";
/// To write it.
pub const SAVE: &str = "save";
/// Name, as in `[kpi.NAME]`.
pub const NAME: &str = "name";
/// Name to show; empty for the metric's.
pub const LABEL: &str = "label";
/// `metric/variant`: one of [`KpiForm::metrics`].
pub const METRIC: &str = "metric";
/// A value of a dimension of its place; the field is called `place.` and the dimension. Empty for all.
pub const PLACE: &str = "place.";
/// What is to be reached: [`AT_LEAST`], [`AT_MOST`], [`BAND`], or [`KEPT`].
pub const TARGET: &str = "target";
/// [`VALUE`] or more.
pub const AT_LEAST: &str = "at_least";
/// [`VALUE`] or less.
pub const AT_MOST: &str = "at_most";
/// Between [`BAND_FROM`] and [`BAND_TO`].
pub const BAND: &str = "band";
/// The target stays as it stands in the file; only offered where the form cannot say it.
pub const KEPT: &str = "kept";
/// The level in [`KpiForm::unit`]: `5.2` beside `%`; as declarations write it where there is none: `4min 30s`, `12.5`. A unit
/// that is typed along means the same.
pub const VALUE: &str = "value";
/// Lower edge of the band.
pub const BAND_FROM: &str = "band_from";
/// Upper edge of the band.
pub const BAND_TO: &str = "band_to";
/// How far it may be missed and still be close; empty for not at all.
pub const TOLERANCE: &str = "tolerance";
/// First day of an easier beginning, as `2026-11-19`; empty for none.
pub const RAMP_STARTS: &str = "ramp_starts";
/// Days after which the whole target holds.
pub const RAMP_DAYS: &str = "ramp_days";
/// By how much it is easier at first, in per cent of the target: `10 %`.
pub const RAMP_EASED_BY: &str = "ramp_eased_by";
/// Time window: a word of [`Window::WORDS`], or days such as `28 days`.
pub const WINDOW: &str = "window";
/// Rhythm: a word of [`Rhythm::ALL`]; empty for that of the level.
pub const REVIEW: &str = "review";
/// Level: a word of [`Level::ALL`].
pub const LEVEL: &str = "level";
/// Owner: one of [`KpiForm::people`].
pub const OWNER: &str = "owner";
/// Perspective: a word of [`Perspective::ALL`]; empty for the metric's.
pub const PERSPECTIVE: &str = "perspective";
/// `leading` or `lagging`; empty for the metric's.
pub const SIGNAL: &str = "signal";
/// Where in the work it is measured: a word of [`Process::ALL`]; empty for the metric's.
pub const PROCESS: &str = "process";
/// Metrics that must not get worse, `metric/variant`; comes several times. Empty for the metric's own.
pub const GUARD: &str = "guard";
/// `estimated` or `counted`; empty for what fits the metric's unit.
pub const EVIDENCE: &str = "evidence";
/// First day on which it is a KPI; empty for always.
pub const FROM: &str = "from";
/// First day on which it is none any more; empty for never.
pub const UNTIL: &str = "until";
/// Why it is made or changed; kept with the change.
pub const WHY: &str = "why";

/// How many guard rails can be chosen.
pub const GUARDS: usize = 3;

/// Windows of days that are offered besides those of the calendar.
const DAYS: [u16; 4] = [7, 28, 30, 90];

/// Name of the field of one dimension of the place.
pub fn place_field(dimension: &str) -> String {
    format!("{PLACE}{dimension}")
}

/// What stands in the fields, each as its declaration writes it; empty for what it leaves out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KpiFields {
    /// [`NAME`].
    pub name: String,
    /// [`LABEL`].
    pub label: String,
    /// [`METRIC`].
    pub metric: String,
    /// [`PLACE`]: values by dimension.
    pub place: Vec<(String, String)>,
    /// [`TARGET`].
    pub target: String,
    /// [`VALUE`].
    pub value: String,
    /// [`BAND_FROM`] and [`BAND_TO`].
    pub band: (String, String),
    /// [`TOLERANCE`].
    pub tolerance: String,
    /// [`RAMP_STARTS`], [`RAMP_DAYS`] and [`RAMP_EASED_BY`].
    pub ramp: (String, String, String),
    /// [`WINDOW`].
    pub window: String,
    /// [`REVIEW`].
    pub review: String,
    /// [`LEVEL`].
    pub level: String,
    /// [`OWNER`].
    pub owner: String,
    /// [`PERSPECTIVE`].
    pub perspective: String,
    /// [`SIGNAL`].
    pub signal: String,
    /// [`PROCESS`].
    pub process: String,
    /// [`GUARD`].
    pub guards: Vec<String>,
    /// [`EVIDENCE`].
    pub evidence: String,
    /// [`FROM`].
    pub from: String,
    /// [`UNTIL`].
    pub until: String,
}

/// Words of a declaration as choices.
fn words<'w>(all: impl IntoIterator<Item = &'w str>) -> Vec<Choice> {
    all.into_iter().map(|word| Choice::new(word, word.replace('_', " "))).collect()
}

/// All fields and the buttons.
pub(super) fn all(model: &KpiForm, form: &Form<'_>) -> Markup {
    let now = &model.now;
    html! {
        (what(model, form))
        (target(model, form))
        (group("When and who", &html! {
            (form.select(&Field::new(WINDOW, "Time window").value(&now.window), &windows()))
            (form.select(&Field::new(OWNER, "Owner").help("Exactly one.").value(&now.owner), &model.people))
            (form.select(&Field::new(LEVEL, "Level").optional().value(&now.level), &words(Level::ALL.map(|(word, _)| word))))
            (form.select(&Field::new(REVIEW, "Looked at").optional().value(&now.review), &words(Rhythm::ALL.map(|(word, _)| word))))
            (form.date(&Field::new(FROM, "Valid from").optional().value(&now.from)))
            (form.date(&Field::new(UNTIL, "No longer from").optional().value(&now.until)))
        }))
        (group("What it stands for", &html! {
            (form.select(&Field::new(PERSPECTIVE, "Perspective").optional().value(&now.perspective), &words(Perspective::ALL.map(|(word, _)| word))))
            (form.select(&Field::new(SIGNAL, "Leading or lagging").optional().value(&now.signal), &words(["leading", "lagging"])))
            (form.select(&Field::new(PROCESS, "Measured at").optional().value(&now.process), &words(Process::ALL.map(|(word, _)| word))))
            (form.select(&Field::new(EVIDENCE, "Evidence").optional().value(&now.evidence), &evidence()))
            p.note { "Left open, they are the metric's own." }
        }))
        (group("Guard rails: what must not get worse", &html! {
            @for nth in 0..GUARDS {
                @let label = format!("Guard rail {}", nth + 1);
                @let value = now.guards.get(nth).map_or("", String::as_str);
                (form.select_nth(&Field::new(GUARD, &label).optional().value(value), nth, &model.metrics))
            }
        }))
        (form.text(&Field::new(WHY, "Why").help("It is kept with the change, with your name and the time.")))
        div.buttons {
            (form.look_as(STEP, PREVIEW, "See what is written", model.preview.is_none()))
            (form.submit_as(STEP, SAVE, "Save", model.preview.is_some()))
        }
    }
}

fn what(model: &KpiForm, form: &Form<'_>) -> Markup {
    let now = &model.now;
    html! {
        (group("What is judged", &html! {
            @if model.is_declared { div.field { (form.hidden(NAME, &now.name)) span { "Name " code { (now.name) } } } }
            @else { (form.text(&Field::new(NAME, "Name").value(&now.name).help("Small letters, digits and _, such as conversion_north."))) }
            (form.text(&Field::new(LABEL, "Name to show").optional().value(&now.label)))
        }))
        (form.select_of_groups(&Field::new(METRIC, "Metric and definition").value(&now.metric), &model.metrics))
        @if let Some(direction) = &model.direction { p.note { (direction) } }
        (group("Whose records", &html! {
            @for (dimension, word) in &model.dimensions {
                @let name = place_field(dimension);
                @let value = now.place.iter().find(|(id, _)| id == dimension).map_or("", |(_, value)| value);
                (form.text(&Field::new(&name, word).optional().value(value)))
            }
        }))
    }
}

fn target(model: &KpiForm, form: &Form<'_>) -> Markup {
    let now = &model.now;
    let mut kinds = vec![
        Choice::new(AT_LEAST, "At least").saying("a level, where more is better"),
        Choice::new(AT_MOST, "At most").saying("a level, where less is better"),
        Choice::new(BAND, "Within a band").saying("too little and too much are both wrong"),
    ];
    if model.kept.is_some() {
        kinds.push(Choice::new(KEPT, "As it stands in the file").saying("it says more than this form can"));
    }
    let (starts, days, eased_by) = &now.ramp;
    html! {
        (group("Target", &html! {
            (form.radios(&Field::new(TARGET, "What is to be reached").value(&now.target), &kinds))
            div.stack {
                div.when-level { (form.number(&Field::new(VALUE, "Level").optional().value(&now.value).help("Such as 5.2, or 4min 30s for a length of time."), &model.unit)) }
                div.when-band.fields {
                    (form.number(&Field::new(BAND_FROM, "From").optional().value(&now.band.0), &model.unit))
                    (form.number(&Field::new(BAND_TO, "To").optional().value(&now.band.1), &model.unit))
                }
                (form.number(&Field::new(TOLERANCE, "Tolerance").optional().value(&now.tolerance).help("How far it may be missed and still be close."), &model.unit))
            }
        }))
        (group("An easier beginning", &html! {
            (form.date(&Field::new(RAMP_STARTS, "Begins on").optional().value(starts)))
            (form.number(&Field::new(RAMP_DAYS, "Whole target after").optional().value(days), "days"))
            (form.text(&Field::new(RAMP_EASED_BY, "Easier at first by").optional().value(eased_by).help("Part of the target, such as 10 %.")))
        }))
    }
}

fn windows() -> Vec<Choice> {
    let mut windows = words(Window::WORDS);
    windows.extend(DAYS.map(|days| Choice::new(format!("{days} days"), format!("the last {days} days"))));
    windows
}

fn evidence() -> Vec<Choice> {
    let says = |evidence| match evidence {
        Evidence::Estimated => "with other calls it would be a little different",
        Evidence::Counted => "it was agreed to count, and is what it is",
    };
    Evidence::ALL.map(|(word, evidence)| Choice::new(word, word).saying(says(evidence))).to_vec()
}
