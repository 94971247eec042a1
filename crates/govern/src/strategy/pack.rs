//! The KPI pack: every KPI with the thirteen attributes of its record, as a table for people without the program.

use dialmark_metrics::Catalogue;
use dialmark_metrics::metric::Perspective;

use super::KpiFacts;

/// Headings of a pack's columns: name, metric and label of a KPI, then the thirteen attributes in the order of
/// [`PackRow::values`].
pub const COLUMNS: [&str; 16] = [
    "kpi",
    "metric",
    "label",
    "definition",
    "insights",
    "measurement",
    "formula",
    "trends",
    "questions",
    "tips",
    "charts",
    "risks",
    "tools",
    "integrations",
    "impact",
    "perspective",
];

/// One KPI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackRow {
    /// Name of the KPI.
    pub kpi: String,
    /// Its metric and variant, as a question names them.
    pub metric: String,
    /// Name to show.
    pub label: String,
    /// What the figure means: the metric's sentence, and the variant's where there are rivals.
    pub definition: String,
    /// What it can tell the business.
    pub insights: String,
    /// How it is measured, from which records.
    pub measurement: String,
    /// The formula over measures or metrics.
    pub formula: String,
    /// How to read its movement.
    pub trends: String,
    /// Questions to ask when it moves, a line each.
    pub questions: String,
    /// What to do, a line each.
    pub tips: String,
    /// How to show it.
    pub charts: String,
    /// How it misleads.
    pub risks: String,
    /// Systems that give its records.
    pub tools: String,
    /// What it should be joined with.
    pub integrations: String,
    /// How a change in it moves other figures.
    pub impact: String,
    /// View of a balanced scorecard.
    pub perspective: String,
}

impl PackRow {
    /// Values in the order of [`COLUMNS`].
    pub fn values(&self) -> [&str; 16] {
        [
            &self.kpi,
            &self.metric,
            &self.label,
            &self.definition,
            &self.insights,
            &self.measurement,
            &self.formula,
            &self.trends,
            &self.questions,
            &self.tips,
            &self.charts,
            &self.risks,
            &self.tools,
            &self.integrations,
            &self.impact,
            &self.perspective,
        ]
    }
}

/// The pack of these KPIs, in their order. What nobody has written is empty; an error says which metric is not known.
pub fn pack<'k>(
    catalogue: &Catalogue,
    kpis: impl IntoIterator<Item = &'k KpiFacts>,
) -> Result<Vec<PackRow>, String> {
    kpis.into_iter().map(|kpi| row(catalogue, kpi)).collect()
}

fn row(catalogue: &Catalogue, kpi: &KpiFacts) -> Result<PackRow, String> {
    let resolved = catalogue.resolve(&kpi.metric)?;
    let (metric, variant) = (resolved.metric, resolved.variant);
    let guide = metric.guide.clone().unwrap_or_default();
    let sentences = [metric.about.as_str(), variant.about.as_str()];
    // With one variant only, its sentence is the metric's.
    let mut definition: Vec<&str> = sentences.into_iter().filter(|sentence| !sentence.is_empty()).collect();
    definition.dedup();
    let view = kpi.perspective.or(metric.perspective);
    let perspective = Perspective::ALL.iter().find(|(_, known)| Some(*known) == view);
    Ok(PackRow {
        kpi: kpi.name.clone(),
        metric: kpi.metric.to_string(),
        label: kpi.label.clone(),
        definition: definition.join(" "),
        insights: guide.insights,
        measurement: guide.measurement,
        formula: variant.formula.to_string(),
        trends: guide.trends,
        questions: guide.questions.join("\n"),
        tips: guide.tips.join("\n"),
        charts: guide.charts,
        risks: guide.risks,
        tools: guide.tools,
        integrations: guide.integrations,
        impact: guide.impact,
        perspective: perspective.map(|(word, _)| (*word).to_owned()).unwrap_or_default(),
    })
}
