//! The words in which benchmarks are compared: what a metric counts and what it divides by, industries, motions.
//!
//! `catalogue/benchmarks/words.toml` holds those that come with the program; a project adds its own beside its
//! benchmarks. Two figures are comparable when their words agree, so every measure has exactly one.

use std::collections::BTreeMap;

use dialmark_metrics::metric::Formula;
use dialmark_metrics::{Catalogue, Metric, MetricRef, Variant};
use dialmark_model::declared::{Section, nearest};

use super::reading::{Names, known, spaced};
use crate::reading::choice;

/// The industry of a source that speaks of all of them.
pub const ANY_INDUSTRY: &str = "any";

/// A word with what it is called in sentences and what it is a part of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Word {
    /// As it is declared, such as `b2b_cold_calls`.
    pub name: String,
    /// As sentences say it, such as `business-to-business cold calls`.
    pub label: String,
    /// Names of the words that it is a kind of, the nearest first.
    pub within: Vec<String>,
}

impl Word {
    /// Whether whatever is said of `self` is said of `other` as well.
    pub fn covers(&self, other: &Word) -> bool {
        self.name == other.name || other.within.contains(&self.name)
    }

    fn plain(name: &str) -> Word {
        Word { name: name.to_owned(), label: spaced(name), within: Vec::new() }
    }
}

/// What a change of something is worth at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worth {
    /// It is money that comes in.
    Earned,
    /// It is money that goes out.
    Spent,
    /// It is time for which agents are paid.
    AgentsTime,
}

impl Worth {
    const ALL: [(&'static str, Worth); 3] =
        [("earned", Worth::Earned), ("spent", Worth::Spent), ("agents_time", Worth::AgentsTime)];
}

/// All words of a project.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    counted: BTreeMap<String, Word>,
    by_measure: BTreeMap<String, String>,
    /// What would have been there instead of a loss, by the loss.
    instead_of: BTreeMap<String, String>,
    worth: BTreeMap<String, Worth>,
    /// Outcome and denominator of variants whose formula does not name them as two measures.
    formulas: BTreeMap<(String, String), (String, String)>,
    industries: BTreeMap<String, Word>,
    motions: BTreeMap<String, Word>,
}

/// Words that stand in a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tree {
    Industry,
    Motion,
}

impl Tree {
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Tree::Industry => "industry",
            Tree::Motion => "motion",
        }
    }
}

impl Vocabulary {
    /// Reads the sections `[counted.X]`, `[formula.METRIC.VARIANT]`, `[industry.X]` and `[motion.X]` of a file.
    pub(crate) fn read(&mut self, root: &Section<'_>, catalogue: &Catalogue, names: &mut Names) {
        for (name, section) in root.named_sections("counted") {
            let label = section.text("label").unwrap_or_else(|| spaced(&name));
            let measures = section.texts("measures");
            let instead_of = section.text("instead_of");
            let worth = choice(&section, "worth", &Worth::ALL);
            section.finish();
            if !names.note(&section, "word", &name) {
                continue;
            }
            for measure in measures {
                if !catalogue.measures.contains_key(&measure) {
                    let help = nearest(&measure, catalogue.measures.keys().map(String::as_str));
                    let help = help.map(|near| format!("Did you mean `{near}`?"));
                    section.error("measures", format!("there is no measure `{measure}`."), help);
                }
                if let Some(first) = self.by_measure.insert(measure.clone(), name.clone()) {
                    section.error("measures", format!("`{measure}` is counted as `{first}` already."), None);
                }
            }
            if let Some(worth) = worth {
                self.worth.insert(name.clone(), worth);
            }
            if let Some(wanted) = instead_of {
                self.require_counted(&section, "instead_of", &wanted);
                self.instead_of.insert(name.clone(), wanted);
            }
            self.counted.insert(name.clone(), Word { name, label, within: Vec::new() });
        }
        for (metric, variants) in root.named_sections("formula") {
            for (variant, section) in variants.children() {
                self.read_formula(&section, &metric, variant, catalogue);
            }
        }
        self.read_tree(root, Tree::Industry, names);
        self.read_tree(root, Tree::Motion, names);
    }

    fn read_formula(&mut self, section: &Section<'_>, metric: &str, variant: String, catalogue: &Catalogue) {
        let outcome = section.required_text("outcome", "what the figure counts");
        let denominator = section.required_text("denominator", "what it is divided by");
        section.finish();
        if let Err(sentence) = catalogue.resolve(&MetricRef::of(metric, &variant)) {
            section.error("", sentence, None);
        }
        for (key, word) in [("outcome", &outcome), ("denominator", &denominator)] {
            if let Some(word) = word {
                self.require_counted(section, key, word);
            }
        }
        if let (Some(outcome), Some(denominator)) = (outcome, denominator) {
            self.formulas.insert((metric.to_owned(), variant), (outcome, denominator));
        }
    }

    fn require_counted(&self, section: &Section<'_>, key: &str, word: &str) {
        if !self.counted.contains_key(word) {
            let help = known(word, self.counted.keys().map(String::as_str));
            section.error(key, format!("no word `{word}` is declared above."), help);
        }
    }

    fn read_tree(&mut self, root: &Section<'_>, tree: Tree, names: &mut Names) {
        for (name, section) in root.named_sections(tree.key()) {
            let label = section.text("label").unwrap_or_else(|| spaced(&name));
            let within = section.text("within");
            section.finish();
            if !names.note(&section, tree.key(), &name) {
                continue;
            }
            // What it is a kind of must be declared before it, so a circle cannot be written.
            let above = match within.as_deref().map(|wider| (wider, self.tree(tree).get(wider))) {
                Some((wider, None)) => {
                    let help = known(wider, self.tree(tree).keys().map(String::as_str));
                    section.error("within", format!("no {} `{wider}` is declared above.", tree.key()), help);
                    Vec::new()
                }
                Some((_, Some(wider))) => {
                    [std::slice::from_ref(&wider.name), wider.within.as_slice()].concat()
                }
                None if tree == Tree::Industry && name != ANY_INDUSTRY => vec![ANY_INDUSTRY.to_owned()],
                None => Vec::new(),
            };
            let word = Word { name: name.clone(), label, within: above };
            match tree {
                Tree::Industry => self.industries.insert(name, word),
                Tree::Motion => self.motions.insert(name, word),
            };
        }
    }

    const fn tree(&self, tree: Tree) -> &BTreeMap<String, Word> {
        match tree {
            Tree::Industry => &self.industries,
            Tree::Motion => &self.motions,
        }
    }

    /// The industry or motion under the key of that name, if present; an unknown one is reported.
    pub(crate) fn of_tree(&self, section: &Section<'_>, tree: Tree) -> Option<Word> {
        let key = tree.key();
        let written = section.text(key)?;
        let found = self.tree(tree).get(&written).cloned();
        if found.is_none() {
            let near = nearest(&written, self.tree(tree).keys().map(String::as_str));
            let help = match near {
                Some(near) => format!("Did you mean `{near}`?"),
                None => format!("Declare it: `[{key}.{}]` with a `label`.", written.replace([' ', '-'], "_")),
            };
            section.error(key, format!("there is no {key} `{written}`."), Some(help));
        }
        found
    }

    /// What is counted, under `key`, if present: a word, or a measure that has none; anything else is reported.
    pub(crate) fn counted(&self, section: &Section<'_>, key: &str, catalogue: &Catalogue) -> Option<Word> {
        let written = section.text(key)?;
        if let Some(word) = self.counted.get(&written) {
            return Some(word.clone());
        }
        match self.by_measure.get(&written) {
            Some(word) => {
                section.error(
                    key,
                    format!("`{written}` is a measure; what it counts is called `{word}`."),
                    Some(format!("Write `{key} = \"{word}\"`.")),
                );
                None
            }
            None if catalogue.measures.contains_key(&written) => Some(Word::plain(&written)),
            None => {
                let names = self.counted.keys().chain(catalogue.measures.keys()).map(String::as_str);
                let help = match nearest(&written, names) {
                    Some(near) => format!("Did you mean `{near}`?"),
                    None => {
                        format!(
                            "Declare it: `[counted.{}]` with a `label`.",
                            written.replace([' ', '-'], "_")
                        )
                    }
                };
                section.error(key, format!("nothing is counted by the name `{written}`."), Some(help));
                None
            }
        }
    }

    /// What a measure counts: its word, or else the measure itself.
    pub fn of_measure(&self, measure: &str) -> Word {
        let word = self.by_measure.get(measure).and_then(|name| self.counted.get(name));
        word.cloned().unwrap_or_else(|| Word::plain(measure))
    }

    /// What a definition counts and what it divides by; `None` for a plain sum, and for a formula that is not declared
    /// here.
    pub fn of_variant(&self, metric: &Metric, variant: &Variant) -> Option<(Word, Word)> {
        if let Some((outcome, denominator)) = self.formulas.get(&(metric.id.clone(), variant.id.clone())) {
            let word = |name: &String| self.counted.get(name).cloned().unwrap_or_else(|| Word::plain(name));
            return Some((word(outcome), word(denominator)));
        }
        match &variant.formula {
            Formula::Ratio { numerator, denominator, .. } => {
                Some((self.of_measure(numerator), self.of_measure(denominator)))
            }
            Formula::Conversion { base, converted, .. } => {
                Some((self.of_measure(converted), self.of_measure(base)))
            }
            Formula::Simple { .. }
            | Formula::Derived(_)
            | Formula::Cumulative { .. }
            | Formula::Distribution { .. } => None,
        }
    }

    /// What each one of a loss would have been, such as a conversation for a dropped call; `None` for what is no loss.
    pub fn instead_of(&self, word: &Word) -> Option<&Word> {
        self.instead_of.get(&word.name).and_then(|wanted| self.counted.get(wanted))
    }

    /// What a change of it is worth at once; `None` when nothing says so.
    pub fn worth(&self, word: &Word) -> Option<Worth> {
        self.worth.get(&word.name).copied()
    }

    /// Whether a measure has a word of its own, which is not its own name.
    pub fn has_word(&self, measure: &str) -> bool {
        self.by_measure.contains_key(measure)
    }

    /// An industry.
    pub fn industry(&self, name: &str) -> Option<&Word> {
        self.industries.get(name)
    }

    /// A motion.
    pub fn motion(&self, name: &str) -> Option<&Word> {
        self.motions.get(name)
    }

    /// All industries, by name.
    pub fn industries(&self) -> impl Iterator<Item = &Word> {
        self.industries.values()
    }

    /// All motions, by name.
    pub fn motions(&self) -> impl Iterator<Item = &Word> {
        self.motions.values()
    }
}
