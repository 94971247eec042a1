//! What exactly a definition is, as a text that changes with whatever would change its figures.

use std::fmt::Write;

use dialmark_model::DispositionMap;

use super::{Catalogue, MOST_PARTS_DEEP, Resolved};
use crate::expr::Expr;
use crate::virtuals;

impl Catalogue {
    /// The formula, every reading, parameter and look-up that it rests on, and the meanings of codes where it asks for
    /// them. Equal texts compute equal figures from equal records. Readings on all tables are part of it, since which of
    /// them is used depends on the records that there are.
    pub fn definition(&self, resolved: &Resolved<'_>, dispositions: &DispositionMap) -> String {
        let mut text = String::new();
        self.write_definition(resolved, dispositions, &mut text, 0);
        text
    }

    fn write_definition(
        &self,
        resolved: &Resolved<'_>,
        dispositions: &DispositionMap,
        text: &mut String,
        depth: usize,
    ) {
        let formula = &resolved.variant.formula;
        let mut line = |line: String| {
            // Writing to a text does not fail.
            let _ = writeln!(text, "{line}");
        };
        line(formula.to_string());
        for (name, value) in &resolved.params.0 {
            line(format!("${name} = {value}"));
        }
        line(resolved.count_at.map_or("as its measures say", |at| at.word()).to_owned());
        let mut asks_for_codes = false;
        for measure in formula.measures().into_iter().filter_map(|name| self.measures.get(name)) {
            for bound in &measure.bindings {
                line(bound.to_string());
                for column in bound.record_expressions().into_iter().flat_map(Expr::columns) {
                    asks_for_codes |= virtuals::named(column).is_some();
                    if let Some(lookup) = self.lookup(&bound.table, column) {
                        let stretch = [&lookup.since, &lookup.until].map(|day| day.as_deref().unwrap_or("-"));
                        let (from, key, by) = (&lookup.from, &lookup.key, &lookup.by);
                        line(format!("{from} {key} {by} {} {}", lookup.column, stretch.join(" ")));
                    }
                }
            }
        }
        if asks_for_codes {
            for (days, codes) in dispositions.parts() {
                for (code, d) in codes {
                    line(format!(
                        "{days} {code} {} contact {} right party {} live answer {} success {}",
                        d.outcome.word(),
                        d.contact,
                        d.right_party,
                        d.live_answer,
                        d.success
                    ));
                }
            }
        }
        for part in formula.others().into_iter().filter(|_| depth < MOST_PARTS_DEEP) {
            if let Ok(part) = self.resolve_part(part, &resolved.params) {
                self.write_definition(&part, dispositions, text, depth + 1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::MetricRef;
    use dialmark_model::Disposition;

    fn definition(text: &str, codes: &DispositionMap) -> String {
        let (catalogue, _) = Catalogue::builtin();
        let resolved = catalogue.resolve(&MetricRef::parse(text).unwrap()).unwrap();
        catalogue.definition(&resolved, codes)
    }

    #[test]
    fn a_definition_changes_with_whatever_changes_its_figures() {
        let none = DispositionMap::default();
        let mut some = DispositionMap::default();
        some.codes.insert("SALE".to_owned(), Disposition::of(dialmark_model::Outcome::Sale));
        let sales = "conversion_rate/sales_per_dial";
        assert_eq!(definition(sales, &none), definition(sales, &none));
        assert_ne!(definition(sales, &none), definition(sales, &some));
        assert_ne!(definition(sales, &none), definition("conversion_rate/sales_per_contact", &none));
        let service = "service_level/offered";
        assert_ne!(definition(service, &none), definition("service_level/offered{threshold=10s}", &none));
        // Codes of calls mean nothing to evaluations.
        assert_eq!(definition("qa_score", &none), definition("qa_score", &some));
    }
}
