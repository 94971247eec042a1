//! What the readers of declarations here have in common: words, names, days, amounts, metrics and levels of metrics.

use dialmark_metrics::metric::Unit;
use dialmark_metrics::{Catalogue, MetricRef, Ratio};
use dialmark_model::declared::{Section, nearest};
use dialmark_model::duration_text;
use dialmark_model::validity::Days;

use crate::place::{Place, is_dimension};
use crate::value::{self, Written};

/// Longest name; PostgreSQL cuts identifiers at this length without a word.
const MAX_BYTES: usize = 63;

/// Names in back quotes, separated by commas, for messages.
pub(crate) fn quoted<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// What to do about a word that is not known: the nearest one, or all of them.
pub(crate) fn near_or_all<'n>(word: &str, known: impl Iterator<Item = &'n str> + Clone) -> String {
    match nearest(word, known.clone()) {
        Some(near) => format!("Did you mean `{near}`?"),
        None => format!("Known here: {}.", quoted(known)),
    }
}

/// One of a closed list of words, if the key is present.
pub(crate) fn choice<T: Copy>(section: &Section<'_>, key: &str, all: &[(&'static str, T)]) -> Option<T> {
    section.one_of(key, all.iter().map(|(word, _)| *word));
    let word = section.text(key)?;
    let found = all.iter().find(|(w, _)| *w == word).map(|(_, t)| *t);
    if found.is_none() {
        let help = near_or_all(&word, all.iter().map(|(word, _)| *word));
        section.error(key, format!("`{word}` is not known here."), Some(help));
    }
    found
}

/// One of a closed list of words, which must be there.
pub(crate) fn required_choice<T: Copy>(
    section: &Section<'_>,
    key: &str,
    all: &[(&'static str, T)],
) -> Option<T> {
    if !section.has(key) {
        missing(section, key, &format!("one of {}", quoted(all.iter().map(|(word, _)| *word))));
    }
    choice(section, key, all)
}

/// Says that a key must be there.
pub(crate) fn missing(section: &Section<'_>, key: &str, what: &str) {
    section.error("", format!("`{key}` is missing."), Some(format!("Add `{key}`: {what}.")));
}

/// Whether a name can stand in formulas, file names and SQL without quotes; reported at `key` if not.
pub(crate) fn is_sound(section: &Section<'_>, key: &str, name: &str) -> bool {
    let mut letters = name.chars();
    let sound = letters.next().is_some_and(|first| first.is_ascii_lowercase())
        && letters.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && name.len() <= MAX_BYTES;
    if !sound {
        section.error(
            key,
            format!("`{name}` cannot be a name here."),
            Some(format!(
                "Names are lower-case letters, digits and `_`, begin with a letter and have at most {MAX_BYTES} characters."
            )),
        );
    }
    sound
}

/// The name of a part under `name`, sound and not among `taken`, to which it is added.
pub(crate) fn part_name(section: &Section<'_>, noun: &str, taken: &mut Vec<String>) -> Option<String> {
    let name = section.required_text("name", &format!("what the {noun} is called in figures and records"))?;
    let sound = is_sound(section, "name", &name);
    if taken.contains(&name) {
        section.error("name", format!("the {noun} `{name}` is there twice."), Some("Rename one.".to_owned()));
        return None;
    }
    taken.push(name.clone());
    sound.then_some(name)
}

/// A name to show, from the name in the declaration.
pub(crate) fn label(section: &Section<'_>, name: &str) -> String {
    section.text("label").unwrap_or_else(|| {
        let spaced = name.replace('_', " ");
        let mut letters = spaced.chars();
        letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
    })
}

/// Days under `from` (the first) and `until` (the first on which it no longer holds).
pub(crate) fn days(section: &Section<'_>) -> Option<Days> {
    let days = Days { from: section.day("from"), until: section.day("until") };
    if days.is_empty() {
        section.error("until", "it holds on no day.", Some("Let `until` be later than `from`.".to_owned()));
        return None;
    }
    Some(days)
}

/// A whole number of at least `least`, if the key is present.
pub(crate) fn whole(section: &Section<'_>, key: &str, least: u32) -> Option<u32> {
    let number = section.integer(key)?;
    let found = u32::try_from(number).ok().filter(|n| *n >= least);
    if found.is_none() {
        section.error(key, format!("{number} is not a whole number of at least {least}."), None);
    }
    found
}

/// A whole number that must be there.
pub(crate) fn required_whole(section: &Section<'_>, key: &str, least: u32) -> Option<u32> {
    if !section.has(key) {
        missing(section, key, "a whole number");
    }
    whole(section, key, least)
}

/// A length of time such as `48h`, in milliseconds, if the key is present.
pub(crate) fn length_ms(section: &Section<'_>, key: &str) -> Option<u64> {
    let text = section.text(key)?;
    let read = duration_text::parse_ms(&text);
    read.map_err(|error| section.error(key, error.to_string(), None)).ok()
}

/// Whole days such as `7 days`, if the key is present.
pub(crate) fn length_days(section: &Section<'_>, key: &str) -> Option<u32> {
    let text = section.text(key)?;
    let read = duration_text::parse_days(&text);
    read.map_err(|error| section.error(key, error.to_string(), None)).ok()
}

/// An amount of at least nothing, read from its text, if the key is present.
pub(crate) fn amount(section: &Section<'_>, key: &str) -> Option<Ratio> {
    if !section.has(key) {
        // Asked for all the same, so that the schema and the help on unknown keys know of it.
        section.node(key);
        return None;
    }
    let amount = value::of_unit(section, key, Unit::Money)?;
    if amount < Ratio::ZERO {
        section.error(key, "this must not be less than nothing.", None);
        return None;
    }
    Some(amount)
}

/// The same, where it must be there.
pub(crate) fn required_amount(section: &Section<'_>, key: &str, what: &str) -> Option<Ratio> {
    if !section.has(key) {
        missing(section, key, what);
    }
    amount(section, key)
}

/// A share from nothing to the whole, such as `"40 %"`, if the key is present.
pub(crate) fn part_of_one(section: &Section<'_>, key: &str) -> Option<Ratio> {
    let share = level(section, key, Unit::Share)?;
    let one = Ratio::parse("1")?;
    if share < Ratio::ZERO || share > one {
        section.error(key, "this is not between nothing and the whole.", None);
        return None;
    }
    Some(share)
}

/// A level of a metric, in its unit. `80` for a share is refused: it would be 8000 %, which nobody ever reaches.
pub(crate) fn level(section: &Section<'_>, key: &str, unit: Unit) -> Option<Ratio> {
    section.node(key)?;
    let level = value::of_unit(section, key, unit)?;
    let per_cent_meant = unit == Unit::Share
        && matches!(value::written(section, key, unit), Some(Written::Plain(plain)) if plain > Ratio::parse("1")?);
    if per_cent_meant {
        section.error(
            key,
            format!("{level} of a share is {} %.", per_cent(level)),
            Some(format!("Write `\"{level} %\"`, or `\"{} %\"` if that is meant.", per_cent(level))),
        );
        return None;
    }
    Some(level)
}

/// A share in per cent, with as many digits as it takes.
pub(crate) fn per_cent(share: Ratio) -> String {
    let hundredfold = Ratio::parse("100").and_then(|hundred| share.times(hundred));
    hundredfold.map_or_else(|| share.to_string(), |value| value.to_string())
}

/// A currency's code of three capital letters (ISO 4217), which must be there.
pub(crate) fn currency(section: &Section<'_>, key: &str) -> Option<String> {
    let code = section.required_text(key, "the code of the currency, such as `EUR`")?;
    let sound = code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase());
    if !sound {
        section.error(
            key,
            format!("`{code}` is no code of a currency."),
            Some("Write the three capital letters of ISO 4217, such as `EUR`.".to_owned()),
        );
    }
    sound.then_some(code)
}

/// A metric and its unit, which must be there and known.
pub(crate) fn metric(section: &Section<'_>, key: &str, catalogue: &Catalogue) -> Option<(MetricRef, Unit)> {
    let text = section.required_text(key, "a metric, such as `verified_sales` or `aht/talk`")?;
    let found = MetricRef::parse(&text).and_then(|wanted| {
        catalogue.resolve(&wanted).map(|resolved| resolved.metric.unit).map(|u| (wanted, u))
    });
    found.map_err(|error| section.error(key, error, None)).ok()
}

/// Whose records, under a table such as `{ campaign = "north" }`; the whole centre when the key is absent.
pub(crate) fn place(section: &Section<'_>, key: &str, catalogue: &Catalogue) -> Option<Place> {
    if !section.has(key) {
        section.node(key);
        return Some(Place::centre());
    }
    Place::read(&section.section(key)?, &|name| is_dimension(catalogue, name))
}

#[cfg(test)]
pub(crate) mod testing {
    //! Reading a declaration in a test.

    use dialmark_model::declared::{Document, Problems, Section};

    /// What `read` makes of the table `[kind.NAME]` in a text, and all problems as they are shown.
    pub(crate) fn read<T>(
        text: &str,
        kind: &str,
        read: impl Fn(&Section<'_>, &str) -> Option<T>,
    ) -> (Option<T>, Vec<String>) {
        let problems = Problems::new();
        let document = Document::parse("a.toml", text, &problems).unwrap();
        let found = document.root(&problems).named_sections(kind).first().and_then(|(name, s)| read(s, name));
        (found, problems.into_vec().iter().map(ToString::to_string).collect())
    }
}
