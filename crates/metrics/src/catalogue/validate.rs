//! Every problem of a catalogue at once: unknown columns, units that do not fit, measures that do not exist.

use dialmark_model::Kind;
use dialmark_model::declared::{Problem, Problems, Severity, nearest};

use crate::catalogue::Catalogue;
use crate::expr::{self, Expr, ExprError, Type};
use crate::measure::{Aggregate, Binding, Function, Shape};

/// What dimensions cannot be called: these break out by the time of the record.
const TIME_WORDS: [&str; 7] = ["day", "week", "month", "quarter", "year", "hour", "weekday"];

pub(super) fn validate(catalogue: &Catalogue, problems: &Problems) {
    let report = |file: &str, key: String, message: String, help: Option<String>| {
        problems.push(Problem {
            severity: Severity::Error,
            file: file.to_owned(),
            line: 0,
            key,
            message,
            help,
        });
    };
    for measure in catalogue.measures.values() {
        for binding in &measure.bindings {
            let key = format!("measure.{}.on.{}", measure.id, binding.table);
            if !catalogue.tables.contains_key(&binding.table) {
                let help = nearest(&binding.table, catalogue.tables.keys().map(String::as_str));
                report(
                    &binding.declared_in,
                    key,
                    format!("there is no table `{}`.", binding.table),
                    help.map(|near| format!("Did you mean `{near}`?")),
                );
                continue;
            }
            for error in check_binding(catalogue, binding) {
                report(&binding.declared_in, key.clone(), error.0, None);
            }
        }
    }
    for dimension in catalogue.dimensions.values() {
        let key = format!("dimension.{}", dimension.id);
        if TIME_WORDS.contains(&dimension.id.as_str()) {
            let message = format!("`{}` is a word for the time of a record.", dimension.id);
            report(&dimension.declared_in, key, message, Some("Choose another name.".to_owned()));
            continue;
        }
        let columns = dimension.expr.columns();
        let fits = |table: &String| columns.iter().all(|c| catalogue.kind_of(table, c).is_some());
        if !catalogue.tables.keys().any(fits) {
            let known = catalogue.tables.keys().flat_map(|table| catalogue.column_names(table));
            let known: Vec<&str> = known.collect();
            let strange = columns.iter().find(|c| !known.contains(c));
            let message = match strange {
                Some(column) => format!("no table has the column `{column}`."),
                None => format!("no table has all of {}.", columns.join(", ")),
            };
            let help = strange.and_then(|column| nearest(column, known.iter().copied()));
            let help = help.map(|near| format!("Did you mean `{near}`?"));
            report(&dimension.declared_in, format!("{key}.expr"), message, help);
        }
    }
    for metric in catalogue.metrics.values() {
        let key = format!("metric.{}", metric.id);
        if metric.variant(None).is_none() {
            let known: Vec<String> = metric.variants.iter().map(|v| format!("`{}`", v.id)).collect();
            report(
                &metric.declared_in,
                format!("{key}.default"),
                format!("there is no variant `{}`.", metric.default),
                Some(format!("It has {}.", known.join(", "))),
            );
        }
        for other in metric.drivers.iter().chain(&metric.guards) {
            if !catalogue.metrics.contains_key(other) {
                let help = nearest(other, catalogue.metrics.keys().map(String::as_str));
                report(
                    &metric.declared_in,
                    key.clone(),
                    format!("the driver or guard `{other}` is not a metric."),
                    help.map(|near| format!("Did you mean `{near}`?")),
                );
            }
        }
        for variant in &metric.variants {
            let key = format!("{key}.variant.{}", variant.id);
            for name in variant.formula.measures() {
                let Some(measure) = catalogue.measures.get(name) else {
                    let help = nearest(name, catalogue.measures.keys().map(String::as_str));
                    report(
                        &metric.declared_in,
                        key.clone(),
                        format!("there is no measure `{name}`."),
                        help.map(|near| format!("Did you mean `{near}`?")),
                    );
                    continue;
                };
                for param in measure.bindings.iter().flat_map(Binding::all_expressions).flat_map(Expr::params)
                {
                    if !metric.params.0.contains_key(param) {
                        report(
                            &metric.declared_in,
                            key.clone(),
                            format!(
                                "the measure `{name}` needs the parameter `${param}`, which the metric does not give."
                            ),
                            Some(format!("Add `params = {{ {param} = ... }}` to the metric.")),
                        );
                    }
                }
            }
        }
    }
}

fn check_binding(catalogue: &Catalogue, binding: &Binding) -> Vec<ExprError> {
    let names = catalogue.column_names(&binding.table);
    let kind_of = |name: &str| catalogue.kind_of(&binding.table, name);
    let mut errors = Vec::new();
    let mut note = |result: Result<(), ExprError>| {
        if let Err(error) = result {
            errors.push(error);
        }
    };
    if let Some(at) = &binding.at {
        note(match kind_of(at) {
            Some(Kind::Instant | Kind::Day) => Ok(()),
            Some(_) => Err(ExprError(format!("`{at}` is no instant or day, so no record can count at it."))),
            None => Err(ExprError(format!("the column `{at}` is not known here."))),
        });
    }
    let has_own_outcome = catalogue.tables.get(&binding.table).is_some_and(|t| t.column("outcome").is_some());
    if !has_own_outcome {
        for expr in binding.record_expressions() {
            note(expr::check_outcomes(expr));
        }
    }
    match &binding.shape {
        Shape::Records(aggregate) => note(check_aggregate(aggregate, &kind_of, &names)),
        Shape::Followed { among, same, within, follower, .. } => {
            note(condition(among, &kind_of, &names));
            note(condition(follower, &kind_of, &names));
            note(match kind_of(same) {
                Some(Kind::Text | Kind::Code | Kind::Integer) => Ok(()),
                Some(_) => Err(ExprError(format!("`{same}` cannot name whom two records have in common."))),
                None => Err(ExprError(format!("the column `{same}` is not known here."))),
            });
            note(match within {
                Expr::Integer(_) | Expr::Param(_) => Ok(()),
                other => Err(ExprError(format!("`{other}` should be a duration or a parameter."))),
            });
        }
        Shape::Grouped { per, among, each, outer } => {
            for name in per {
                if name != "day" && kind_of(name).is_none() {
                    note(Err(ExprError(format!("the column `{name}` is not known here."))));
                }
            }
            if let Some(among) = among {
                note(condition(among, &kind_of, &names));
            }
            let mut kinds: Vec<(&str, Kind)> = Vec::new();
            for (name, aggregate) in each {
                note(check_aggregate(aggregate, &kind_of, &names));
                kinds.push((name, kind_of_aggregate(aggregate, &kind_of, &names)));
            }
            let inner = |name: &str| kinds.iter().find(|(n, _)| *n == name).map(|(_, k)| *k);
            let inner_names: Vec<&str> = kinds.iter().map(|(n, _)| *n).collect();
            note(check_aggregate(outer, &inner, &inner_names));
        }
    }
    errors
}

fn condition(expr: &Expr, kind_of: &impl Fn(&str) -> Option<Kind>, names: &[&str]) -> Result<(), ExprError> {
    match expr::check(expr, kind_of, names)? {
        Type::Bool | Type::Null => Ok(()),
        _ => Err(ExprError(format!("`{expr}` should be a condition."))),
    }
}

fn check_aggregate(
    aggregate: &Aggregate,
    kind_of: &impl Fn(&str) -> Option<Kind>,
    names: &[&str],
) -> Result<(), ExprError> {
    if let Some(filter) = &aggregate.filter {
        condition(filter, kind_of, names)?;
    }
    match &aggregate.function {
        Function::Count => Ok(()),
        Function::Sum(e) => match expr::check(e, kind_of, names)? {
            t if t.is_additive() => Ok(()),
            _ => Err(ExprError(format!("`{e}` cannot be added up."))),
        },
        Function::Min(e) | Function::Max(e) => match expr::check(e, kind_of, names)? {
            t if t.is_additive() || t == Type::Instant => Ok(()),
            _ => Err(ExprError(format!(
                "`{e}` is no number, so it has no smallest or largest that could be shown."
            ))),
        },
        Function::Distinct(e) => expr::check(e, kind_of, names).map(|_| ()),
    }
}

/// The kind of what an aggregate yields.
pub(crate) fn kind_of_aggregate(
    aggregate: &Aggregate,
    kind_of: &impl Fn(&str) -> Option<Kind>,
    names: &[&str],
) -> Kind {
    let of = |e: &Expr| match expr::check(e, kind_of, names) {
        Ok(Type::Duration) => Kind::Duration,
        Ok(Type::Amount) => Kind::Amount,
        Ok(Type::Number) => Kind::Number,
        Ok(Type::Instant) => Kind::Instant,
        Ok(Type::Day) => Kind::Day,
        Ok(Type::Text) => Kind::Text,
        Ok(Type::Bool) => Kind::Bool,
        _ => Kind::Integer,
    };
    match &aggregate.function {
        Function::Count | Function::Distinct(_) => Kind::Integer,
        Function::Sum(e) | Function::Min(e) | Function::Max(e) => of(e),
    }
}
