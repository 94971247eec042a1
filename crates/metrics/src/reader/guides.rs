//! What a manager should know, and what is suspected when a metric looks wrong.

use dialmark_model::declared::Section;

use super::{choice, name_is_fine};
use crate::catalogue::Catalogue;
use crate::metric::{Guide, Level, Symptom};

pub(super) fn read_guide(id: &str, section: &Section<'_>, catalogue: &mut Catalogue) {
    let text = |key: &str| section.text(key).unwrap_or_default();
    let guide = Guide {
        when_to_use: text("when_to_use"),
        insights: text("insights"),
        measurement: text("measurement"),
        trends: text("trends"),
        questions: section.texts("questions"),
        tips: section.texts("tips"),
        charts: text("charts"),
        risks: text("risks"),
        tools: text("tools"),
        integrations: text("integrations"),
        impact: text("impact"),
    };
    section.finish();
    if catalogue.guides.insert(id.to_owned(), (guide, section.file().to_owned(), section.line())).is_some() {
        section.error("", format!("`{id}` has a guide already."), None);
    }
}

pub(super) fn read_symptom(id: &str, section: &Section<'_>, catalogue: &mut Catalogue) {
    let metric = section.required_text("metric", "the metric that is off");
    let when = choice(section, "when", &[("low", Level::Low), ("high", Level::High)]);
    if !section.has("when") {
        section.error(
            "",
            "`when` is missing.",
            Some("Add `when = \"low\"` or `when = \"high\"`.".to_owned()),
        );
    }
    let suspects = section.texts("suspects");
    section.finish();
    if !name_is_fine(id, section) {
        return;
    }
    if suspects.is_empty() {
        section.error("suspects", "a symptom without a suspect helps nobody.", None);
        return;
    }
    let (Some(metric), Some(when)) = (metric, when) else { return };
    let (declared_in, line) = (section.file().to_owned(), section.line());
    let symptom = Symptom { id: id.to_owned(), metric, when, suspects, declared_in, line };
    if catalogue.symptoms.insert(id.to_owned(), symptom).is_some() {
        section.error("", format!("the symptom `{id}` is declared already."), None);
    }
}
