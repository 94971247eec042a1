//! All metrics: what each is, in which variants, and whether the data at hand allows it.

use maud::{Markup, html};

use crate::format;
use crate::link::Link;
use crate::shell::{self, Head};

/// What the catalogue shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CataloguePage {
    /// Top of the page.
    pub head: Head,
    /// Metrics by theme: the file in which they are declared.
    pub groups: Vec<(String, Vec<MetricLine>)>,
}

/// One metric.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricLine {
    /// Name in the catalogue.
    pub id: String,
    /// Name to show.
    pub label: String,
    /// What it is, in a sentence.
    pub about: String,
    /// Its own page.
    pub href: Link,
    /// Its definitions.
    pub variants: Vec<VariantLine>,
}

/// One definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariantLine {
    /// Name.
    pub id: String,
    /// What sets it apart; empty for the only one.
    pub says: String,
    /// Whether it is meant when none is named.
    pub is_default: bool,
    /// The metric's page with this definition.
    pub href: Link,
    /// Tables that it is computed from, or what is missing.
    pub state: Result<Vec<String>, Vec<String>>,
}

/// The page.
pub fn render(model: &CataloguePage) -> Markup {
    let metrics: Vec<&MetricLine> = model.groups.iter().flat_map(|(_, lines)| lines).collect();
    let computable = metrics.iter().filter(|m| m.variants.iter().any(|v| v.state.is_ok())).count();
    shell::page(
        &model.head,
        &html! {
            p.lead { (format::count(computable)) " of " (format::count(metrics.len())) " metrics can be computed from what was imported." }
            @for (group, lines) in &model.groups {
                section.panel.gap aria-label=(group) {
                    h2 { (group) }
                    div.scroll {
                        table {
                            thead { tr { th scope="col" { "Metric" } th scope="col" { "Definition" } th scope="col" { "Variant" } th scope="col" { "Computable" } } }
                            tbody {
                                @for line in lines {
                                    @for (at, variant) in line.variants.iter().enumerate() {
                                        tr {
                                            @if at == 0 {
                                                th scope="rowgroup" rowspan=(line.variants.len()) {
                                                    a href=(line.href) { b { (line.label) } } br; code.quiet { (line.id) }
                                                }
                                            }
                                            td { @if at == 0 { (line.about) } @if at == 0 && !variant.says.is_empty() { br; } span.quiet { (variant.says) } }
                                            td {
                                                a href=(variant.href) { (variant.id.replace('_', " ")) }
                                                @if variant.is_default && line.variants.len() > 1 { " " span.quiet { "(default)" } }
                                            }
                                            td {
                                                @match &variant.state {
                                                    Ok(tables) => { span.good { "✓ yes" } " " span.quiet { "from " (tables.join(", ")) } }
                                                    Err(missing) => { span.quiet { "○ no, needs " (missing.join(", ")) } }
                                                }
                                            }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn each_variant_says_whether_and_from_what_it_is_computable() {
        let text = render(&sample::catalogue()).into_string();
        assert!(text.contains("✓ yes") && text.contains("from calls"), "{text}");
        assert!(text.contains("○ no, needs agent_spans"), "{text}");
        assert!(text.contains("1 of 2 metrics can be computed"), "{text}");
    }
}
