//! Bindings in words.

use std::fmt;

use super::{Binding, Covered, Split};

impl fmt::Display for Binding {
    /// `calls: count where outcome = 'sale'`, with what else the binding asks for.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.table, self.shape)?;
        match &self.split {
            None => {}
            Some(Split::Length { from }) => write!(out, ", split over intervals from {from}")?,
            Some(Split::Days { from, until, so_far }) => {
                write!(out, ", each day from {from} to {until} by itself")?;
                out.write_str(if *so_far { " as far as it has passed" } else { "" })?;
            }
        }
        if let Some(share) = &self.share {
            write!(
                out,
                ", what has no {} shared out within each {} by {}",
                share.column,
                share.per.join(", "),
                share.by
            )?;
        }
        if let Some(covered) = &self.covered {
            write!(
                out,
                ", where `{}` is the part of {} that records of {} with the same {} where {} cover, and `{}` the rest",
                Covered::COVERED,
                covered.length,
                covered.table,
                covered.same_there,
                covered.filter,
                Covered::UNCOVERED
            )?;
        }
        if let Some(matured) = &self.matured {
            let word = if matured.has_passed { "once" } else { "as long as not yet" };
            write!(out, ", {word} {} have passed", matured.window)?;
        }
        if let Some(at) = &self.at {
            write!(out, ", placed at {at}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::Catalogue;

    #[test]
    fn every_binding_of_the_catalogue_can_be_said_in_words() {
        let (catalogue, _) = Catalogue::builtin();
        for bound in catalogue.measures.values().flat_map(|measure| &measure.bindings) {
            let text = bound.to_string();
            assert!(text.starts_with(&format!("{}: ", bound.table)) && text.len() > 10, "{text}");
        }
        let fcr = catalogue.binding("resolved_calls_matured", "calls").unwrap().to_string();
        assert!(fcr.contains("not followed within $window by a record with the same customer_id"), "{fcr}");
        let sales = catalogue.binding("sales", "calls").unwrap().to_string();
        assert!(sales.contains("count where"), "{sales}");
    }
}
