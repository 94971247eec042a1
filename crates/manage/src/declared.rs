//! What a project promises, read against its catalogue.

use dialmark_govern::contract::{self, Contract, Known};
use dialmark_govern::{Against, Governed};
use dialmark_metrics::{Catalogue, MetricRef};
use dialmark_model::declared::{Document, Problem, Problems};
use dialmark_project::Project;
use jiff::civil::Date;

use crate::version::version;

/// What the project promises, and everything that is wrong with its declarations of it. `today` decides who has left and
/// which targets are stale.
pub fn governed(project: &Project, catalogue: &Catalogue, today: Date) -> (Governed, Vec<Problem>) {
    let problems = Problems::new();
    let files: Vec<(String, String)> =
        project.govern_files.iter().map(|file| (file.path.clone(), file.text.clone())).collect();
    let mark = |metric: &MetricRef| {
        let resolved = catalogue.resolve(metric).ok()?;
        Some(version(catalogue, &resolved, &project.dispositions))
    };
    let governed = Governed::read(&files, &Against { catalogue, today, mark: &mark }, &problems);
    crate::alerts::check_declared(project, &governed, &problems);
    (governed, problems.into_vec())
}

/// A contract as the text of its file declared it, when everything that it names is still known.
pub fn contract_of(text: &str, name: &str, catalogue: &Catalogue, governed: &Governed) -> Option<Contract> {
    let problems = Problems::new();
    let document = Document::parse("contract", text, &problems)?;
    let root = document.root(&problems);
    let (_, section) = root.named_sections("contract").into_iter().find(|(found, _)| found == name)?;
    contract::read(&section, name, &Known { catalogue, kpis: &governed.kpi_figures() })
}
