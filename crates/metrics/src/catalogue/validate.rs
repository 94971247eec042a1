//! Every problem of a catalogue at once, each at its line: unknown names, units that do not fit, cycles.

mod bindings;
mod formulas;

use dialmark_model::Kind;
use dialmark_model::declared::{Problem, Problems, Severity, nearest};

use crate::Expr;
use crate::catalogue::{Catalogue, Dimension, Hierarchy, Lookup, TIME_WORDS};

/// Where a problem stands.
struct Place<'p> {
    file: &'p str,
    line: usize,
    key: String,
}

/// Collects problems.
struct Report<'p>(&'p Problems);

impl Report<'_> {
    fn error(&self, place: &Place<'_>, message: impl Into<String>, help: Option<String>) {
        self.0.push(Problem {
            severity: Severity::Error,
            code: None,
            file: place.file.to_owned(),
            line: place.line,
            key: place.key.clone(),
            message: message.into(),
            help,
        });
    }

    /// A name that does not exist, with the nearest that does.
    fn unknown<'n>(
        &self,
        place: &Place<'_>,
        message: String,
        name: &str,
        known: impl IntoIterator<Item = &'n str>,
    ) {
        let help = nearest(name, known).map(|near| format!("Did you mean `{near}`?"));
        self.error(place, message, help);
    }
}

pub(super) fn validate(catalogue: &Catalogue, problems: &Problems) {
    let report = Report(problems);
    for measure in catalogue.measures.values() {
        for binding in &measure.bindings {
            bindings::check(catalogue, measure, binding, &report);
        }
    }
    for lookup in catalogue.lookups.values() {
        check_lookup(catalogue, lookup, &report);
    }
    for dimension in catalogue.dimensions.values() {
        check_dimension(catalogue, dimension, &report);
    }
    for hierarchy in catalogue.hierarchies.values() {
        check_hierarchy(catalogue, hierarchy, &report);
    }
    for metric in catalogue.metrics.values() {
        formulas::check_metric(catalogue, metric, &report);
    }
    for symptom in catalogue.symptoms.values() {
        if !catalogue.metrics.contains_key(&symptom.metric) {
            let place = Place {
                file: &symptom.declared_in,
                line: symptom.line,
                key: format!("symptom.{}.metric", symptom.id),
            };
            let message = format!("there is no metric `{}`.", symptom.metric);
            report.unknown(&place, message, &symptom.metric, catalogue.metrics.keys().map(String::as_str));
        }
    }
}

fn check_lookup(catalogue: &Catalogue, lookup: &Lookup, report: &Report<'_>) {
    let place = Place { file: &lookup.declared_in, line: lookup.line, key: format!("lookup.{}", lookup.id) };
    let Some(table) = catalogue.tables.get(&lookup.from) else {
        let message = format!("there is no table `{}`.", lookup.from);
        report.unknown(&place, message, &lookup.from, catalogue.tables.keys().map(String::as_str));
        return;
    };
    let taken = || catalogue.tables.values().find(|t| t.column(&lookup.id).is_some());
    let by = match taken() {
        Some(table) => Some(format!("a column of `{}`", table.name)),
        None if crate::virtuals::named(&lookup.id).is_some() => Some("what a disposition means".to_owned()),
        None if TIME_WORDS.contains(&lookup.id.as_str()) => Some("a time".to_owned()),
        None if catalogue.dimensions.contains_key(&lookup.id) => Some("a dimension".to_owned()),
        None => None,
    };
    if let Some(by) = by {
        let help = Some("Give the look-up a name of its own.".to_owned());
        report.error(&place, format!("`{}` is {by} already.", lookup.id), help);
    }
    let stretch = [lookup.since.as_deref(), lookup.until.as_deref()];
    for name in [lookup.key.as_str(), lookup.column.as_str()].into_iter().chain(stretch.into_iter().flatten())
    {
        if table.column(name).is_none() {
            let message = format!("`{}` has no column `{name}`.", lookup.from);
            report.unknown(&place, message, name, table.stored_columns().map(|c| c.name.as_ref()));
        }
    }
    for name in stretch.into_iter().flatten() {
        if table.column(name).is_some_and(|c| c.kind != Kind::Day) {
            report.error(
                &place,
                format!("`{name}` is no day, so no stretch can begin or end with it."),
                None,
            );
        }
    }
    if lookup.until.is_some() && lookup.since.is_none() {
        report.error(&place, "a stretch that ends must begin: `since` is missing.", None);
    }
    let readers = || catalogue.tables.values().filter(|t| t.name != lookup.from);
    let mut keys = readers().filter_map(|t| t.column(&lookup.by).map(|column| (t, column))).peekable();
    if keys.peek().is_none() {
        report.error(&place, format!("no other table has the column `{}`.", lookup.by), None);
    }
    let is_text = |kind: Kind| kind.is_text();
    let Some(key) = table.column(&lookup.key) else { return };
    let differs = |kind: Kind| kind != key.kind && !(is_text(kind) && is_text(key.kind));
    if let Some((reader, column)) = keys.find(|(_, column)| differs(column.kind)) {
        let (there, here) = (column.kind.word(), key.kind.word());
        let message = format!(
            "`{}.{}` is {there} and `{}.{}` is {here}; a key leads only to what is of its own kind.",
            reader.name, lookup.by, lookup.from, lookup.key
        );
        report.error(&place, message, None);
    }
}

fn check_dimension(catalogue: &Catalogue, dimension: &Dimension, report: &Report<'_>) {
    let place = Place {
        file: &dimension.declared_in,
        line: dimension.line,
        key: format!("dimension.{}.expr", dimension.id),
    };
    for expr in &dimension.exprs {
        let columns = expr.columns();
        let fits: Vec<&String> = catalogue
            .tables
            .keys()
            .filter(|table| columns.iter().all(|c| catalogue.kind_of(table, c).is_some()))
            .collect();
        if fits.is_empty() {
            let known: Vec<&str> =
                catalogue.tables.keys().flat_map(|table| catalogue.column_names(table)).collect();
            let strange = columns.iter().find(|c| !known.contains(c));
            match strange {
                Some(column) => {
                    report.unknown(&place, format!("no table has the column `{column}`."), column, known);
                }
                None => report.error(&place, format!("no table has all of {}.", columns.join(", ")), None),
            }
            continue;
        }
        for table in fits {
            let is_itself = matches!(expr, Expr::Column(name) if *name == dimension.id);
            if catalogue.tables.get(table).is_some_and(|t| t.column(&dimension.id).is_some()) && !is_itself {
                let message =
                    format!("`{}` is a column of `{table}` already, which is what is shown.", dimension.id);
                report.error(&place, message, Some("Give the dimension a name of its own.".to_owned()));
                break;
            }
            let names = catalogue.column_names(table);
            if let Err(error) = crate::expr::check_words(catalogue, table, expr) {
                report.error(&place, error.to_string(), None);
                // The same words are wrong over every table.
                break;
            }
            if let Err(error) = crate::expr::check(expr, &|name| catalogue.kind_of(table, name), &names) {
                report.error(&place, format!("over `{table}`: {error}"), None);
            }
        }
    }
}

fn check_hierarchy(catalogue: &Catalogue, hierarchy: &Hierarchy, report: &Report<'_>) {
    let place = Place {
        file: &hierarchy.declared_in,
        line: hierarchy.line,
        key: format!("hierarchy.{}.levels", hierarchy.id),
    };
    for level in &hierarchy.levels {
        let is_known = catalogue.dimensions.contains_key(level)
            || TIME_WORDS.contains(&level.as_str())
            || catalogue.tables.keys().any(|table| catalogue.kind_of(table, level).is_some());
        if !is_known {
            let known = catalogue.tables.keys().flat_map(|table| catalogue.column_names(table));
            let known = known.chain(catalogue.dimensions.keys().map(String::as_str));
            report.unknown(&place, format!("there is no dimension `{level}`."), level, known);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<String> {
        let problems = Problems::new();
        Catalogue::read(&[("metrics/own.toml".to_owned(), text.to_owned())], &[], &problems);
        problems.into_vec().into_iter().map(|p| format!("{}: {}: {}", p.line, p.key, p.message)).collect()
    }

    #[test]
    fn a_dimension_does_not_take_the_name_of_a_column() {
        let own = "[dimension.campaign_id]\nlabel = \"Campaign\"\nabout = \"In small letters.\"\nexpr = \"lower(campaign_id)\"\n";
        let said = problems(own);
        assert!(
            said.iter()
                .any(|p| p.starts_with("1: dimension.campaign_id.expr: `campaign_id` is a column of `")),
            "{said:?}"
        );
        assert_eq!(problems(&own.replace(".campaign_id", ".small_campaign")), Vec::<String>::new());
    }

    #[test]
    fn a_key_leads_to_its_own_kind() {
        let own = "[lookup.shift_paid]\nabout = \"Whether the shift was paid.\"\nfrom = \"schedules\"\nkey = \"starts_at\"\nby = \"talk_ms\"\ncolumn = \"paid\"\n";
        assert_eq!(
            problems(own),
            ["1: lookup.shift_paid: `calls.talk_ms` is duration and `schedules.starts_at` is instant; \
              a key leads only to what is of its own kind."]
        );
    }

    #[test]
    fn a_parameter_that_nothing_uses_is_refused_when_it_is_declared_and_when_it_is_asked_for() {
        let own = "[measure.long_calls]\nunit = \"calls\"\nabout = \"Calls with a long conversation.\"\n\
             on.calls = \"count where talk_ms >= $threshold\"\n\
             [measure.all_calls]\nunit = \"calls\"\nabout = \"All calls there are.\"\non.calls = \"count\"\n\
             [metric.long]\nlabel = \"Long\"\nabout = \"Calls with a long conversation, or all calls.\"\nkind = \"simple\"\n\
             direction = \"neither\"\nparams = { threshold = \"20 s\" }\ndefault = \"talked\"\n\
             [metric.long.variant.talked]\nsays = \"By the conversation.\"\nmeasure = \"long_calls\"\n\
             [metric.long.variant.every]\nsays = \"However long.\"\nmeasure = \"all_calls\"\n";
        assert_eq!(problems(own), Vec::<String>::new());
        let idle = own.replace("params = { threshold", "params = { limit = 3, threshold");
        assert_eq!(problems(&idle), ["9: metric.long.params: no definition of the metric uses `$limit`."]);
        let idle = own.replace(
            "measure = \"all_calls\"\n",
            "measure = \"all_calls\"\nparams = { threshold = \"30 s\" }\n",
        );
        assert_eq!(
            problems(&idle),
            ["19: metric.long.variant.every.params: the variant does not use `$threshold`."]
        );
        let sources = [("metrics/own.toml".to_owned(), own.to_owned())];
        let catalogue = Catalogue::read(&sources, &[], &Problems::new());
        let resolve =
            |text: &str| catalogue.resolve(&crate::metric::MetricRef::parse(text).unwrap()).map(|_| ());
        assert_eq!(resolve("long/talked{threshold=30 s}"), Ok(()));
        let said = resolve("long/every{threshold=30 s}").unwrap_err();
        assert_eq!(said, "`long/every` does not use the parameter `threshold`.");
    }
}
