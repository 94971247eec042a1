//! The reference of a catalogue: pages in Markdown, one a theme, and the metric tree as a picture.

mod page;
mod tree;

use std::collections::BTreeMap;

use dialmark_metrics::Catalogue;

/// One file of the reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferenceFile {
    /// Name relative to the reference's folder.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// All files of the reference: `README.md` first, a page a theme, `symptoms.md`, `tree.svg`.
pub fn files(catalogue: &Catalogue) -> Vec<ReferenceFile> {
    let mut themes: BTreeMap<&str, Vec<&dialmark_metrics::Metric>> = BTreeMap::new();
    for metric in catalogue.metrics.values() {
        themes.entry(page::theme(&metric.declared_in)).or_default().push(metric);
    }
    let file = |name: &str, text: String| ReferenceFile { name: name.to_owned(), text };
    let mut all = vec![file("README.md", page::index(catalogue, &themes))];
    for (theme, metrics) in &themes {
        all.push(file(&format!("{theme}.md"), page::theme_page(catalogue, theme, metrics)));
    }
    all.push(file("symptoms.md", page::symptoms(catalogue)));
    all.push(file("dimensions.md", page::dimensions(catalogue)));
    all.push(file("tree.svg", tree::svg(catalogue)));
    all
}
