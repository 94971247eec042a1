//! How measures are read: columns, units, words.

use crate::expr::BinaryOp;
use dialmark_model::Kind;

use super::{Place, Report};
use crate::catalogue::Catalogue;
use crate::expr::{self, Expr, ExprError, Type};
use crate::measure::{Aggregate, Binding, Covered, Followed, FollowedValue, Function, Measure, Shape, Split};

pub(super) fn check(catalogue: &Catalogue, measure: &Measure, binding: &Binding, report: &Report<'_>) {
    let place = Place {
        file: &binding.declared_in,
        line: binding.line,
        key: format!("measure.{}.on.{}", measure.id, binding.table),
    };
    if !catalogue.tables.contains_key(&binding.table) {
        let message = format!("there is no table `{}`.", binding.table);
        report.unknown(&place, message, &binding.table, catalogue.tables.keys().map(String::as_str));
        return;
    }
    for error in errors(catalogue, binding) {
        report.error(&place, error.0, None);
    }
    let is_currency = measure.unit.len() == 3 && measure.unit.bytes().all(|b| b.is_ascii_uppercase());
    let fits = match type_of_binding(catalogue, binding) {
        Some(Type::Duration) => measure.unit == "ms",
        Some(Type::Amount) => measure.unit == "money" || is_currency,
        Some(_) => measure.unit != "ms" && measure.unit != "money" && !is_currency,
        None => true,
    };
    if !fits {
        report.error(
            &place,
            format!("what is read here is not of the unit `{}` that the measure has.", measure.unit),
            Some(
                "Lengths of time are in `ms`, amounts in `money` or a currency, everything else is not."
                    .to_owned(),
            ),
        );
    }
}

/// What is known of the columns of one table.
struct Columns<'c> {
    catalogue: &'c Catalogue,
    table: &'c str,
    names: Vec<&'c str>,
    /// What is read may speak of covered and uncovered time.
    has_covered: bool,
}

impl<'c> Columns<'c> {
    fn of(catalogue: &'c Catalogue, table: &'c str) -> Columns<'c> {
        Columns { catalogue, table, names: catalogue.column_names(table), has_covered: false }
    }

    /// What the binding's reading may speak of.
    fn of_reading(catalogue: &'c Catalogue, binding: &'c Binding) -> Columns<'c> {
        let mut columns = Columns::of(catalogue, &binding.table);
        if binding.covered.is_some() {
            columns.has_covered = true;
            columns.names.extend([Covered::COVERED, Covered::UNCOVERED]);
        }
        columns
    }

    fn kind(&self, name: &str) -> Option<Kind> {
        if self.has_covered && Covered::is_length(name) {
            return Some(Kind::Duration);
        }
        self.catalogue.kind_of(self.table, name)
    }

    /// A length of time.
    fn length(&self, expr: &Expr) -> Result<(), ExprError> {
        match expr::check(expr, &|name| self.kind(name), &self.names)? {
            Type::Duration => Ok(()),
            _ => Err(ExprError(format!("`{expr}` is no length of time."))),
        }
    }

    fn condition(&self, expr: &Expr) -> Result<(), ExprError> {
        expr::check_words(self.catalogue, self.table, expr)?;
        match expr::check(expr, &|name| self.kind(name), &self.names)? {
            Type::Bool | Type::Null => Ok(()),
            _ => Err(ExprError(format!("`{expr}` should be a condition."))),
        }
    }

    fn unknown(&self, name: &str) -> ExprError {
        let help = dialmark_model::declared::nearest(name, self.names.iter().copied());
        let help = help.map_or(String::new(), |near| format!(" Did you mean `{near}`?"));
        ExprError(format!("the column `{name}` of `{}` is not known here.{help}", self.table))
    }

    /// A column that is an instant or a day.
    fn time(&self, name: &str) -> Result<(), ExprError> {
        match self.kind(name) {
            Some(Kind::Instant | Kind::Day) => Ok(()),
            Some(_) => {
                Err(ExprError(format!("`{name}` is no instant or day, so no record can count at it.")))
            }
            None => Err(self.unknown(name)),
        }
    }

    /// A column with levels that can be compared.
    fn level(&self, name: &str) -> Result<(), ExprError> {
        self.is_no_meaning(name)?;
        match self.kind(name) {
            Some(Kind::Text | Kind::Phone | Kind::Code) => Ok(()),
            Some(kind) => Err(ExprError(format!(
                "`{name}` is of kind `{}`; levels are texts such as `31-60`.",
                kind.word()
            ))),
            None => Err(self.unknown(name)),
        }
    }

    /// What a disposition means is worked out when a question is asked; records are not told apart by it.
    fn is_no_meaning(&self, name: &str) -> Result<(), ExprError> {
        let is_own = self.catalogue.tables.get(self.table).is_some_and(|t| t.column(name).is_some());
        match crate::virtuals::named(name) {
            Some(_) if !is_own => Err(ExprError(format!(
                "`{name}` is what a disposition means; name a column of the records, such as `disposition`."
            ))),
            _ => Ok(()),
        }
    }

    /// A column that names whom two records are about.
    fn entity(&self, name: &str) -> Result<(), ExprError> {
        self.is_no_meaning(name)?;
        match self.kind(name) {
            Some(Kind::Text | Kind::Phone | Kind::Code | Kind::Integer) => Ok(()),
            Some(_) => Err(ExprError(format!("`{name}` cannot name whom two records have in common."))),
            None => Err(self.unknown(name)),
        }
    }
}

fn errors(catalogue: &Catalogue, binding: &Binding) -> Vec<ExprError> {
    let columns = Columns::of_reading(catalogue, binding);
    let mut errors = Vec::new();
    let mut note = |result: Result<(), ExprError>| errors.extend(result.err());
    if let Some(at) = &binding.at {
        note(columns.time(at));
    }
    if let Some(matured) = &binding.matured {
        note(window(&matured.window));
    }
    match &binding.split {
        None => {}
        Some(Split::Length { from }) => {
            note(match columns.kind(from) {
                Some(Kind::Instant) => Ok(()),
                Some(_) => Err(ExprError(format!("`{from}` is no instant, so no length can begin at it."))),
                None => Err(columns.unknown(from)),
            });
            note(match &binding.shape {
                Shape::Records(Aggregate { function: Function::Sum(e), .. })
                    if matches!(
                        expr::check(e, &|n| columns.kind(n), &columns.names),
                        Ok(Type::Duration) | Err(_)
                    ) =>
                {
                    Ok(())
                }
                _ => Err(ExprError("only the sum of a duration can be split.".to_owned())),
            });
        }
        Some(Split::Days { from, until, .. }) => {
            for name in [from, until] {
                note(match columns.kind(name) {
                    Some(Kind::Day) => Ok(()),
                    Some(_) => Err(ExprError(format!("`{name}` is no day."))),
                    None => Err(columns.unknown(name)),
                });
            }
        }
    }
    if let Some(covered) = &binding.covered {
        for result in check_covered(catalogue, binding, covered) {
            note(result);
        }
    }
    if let Some(share) = &binding.share {
        note(columns.entity(&share.column));
        note(check_aggregate(&share.by, &columns));
        for name in &share.per {
            let is_known = name == "day" || columns.kind(name).is_some();
            if !is_known {
                note(Err(columns.unknown(name)));
            }
        }
    }
    match &binding.shape {
        Shape::Records(aggregate) => {
            note(check_aggregate(aggregate, &columns));
        }
        Shape::Followed(followed) => {
            for result in check_followed(catalogue, binding, followed) {
                note(result);
            }
        }
        Shape::Grouped { per, among, each, outer } => {
            for name in per {
                let is_known = matches!(name.as_str(), "day" | "hour_start")
                    || columns.kind(name).is_some()
                    || catalogue.dimension_on(&binding.table, name).is_some();
                if !is_known {
                    note(Err(columns.unknown(name)));
                }
            }
            if let Some(among) = among {
                note(columns.condition(among));
            }
            let mut kinds: Vec<(&str, Kind)> = Vec::new();
            for (name, aggregate) in each {
                note(check_aggregate(aggregate, &columns));
                kinds.push((name, kind_of_aggregate(aggregate, &|n| columns.kind(n), &columns.names)));
            }
            let inner = |name: &str| kinds.iter().find(|(n, _)| *n == name).map(|(_, k)| *k);
            let inner_names: Vec<&str> = kinds.iter().map(|(n, _)| *n).collect();
            note(check_parts(outer, &inner, &inner_names, &|expr| match expr::check(
                expr,
                &inner,
                &inner_names,
            )? {
                Type::Bool | Type::Null => Ok(()),
                _ => Err(ExprError(format!("`{expr}` should be a condition."))),
            }));
        }
    }
    errors
}

fn window(expr: &Expr) -> Result<(), ExprError> {
    match expr {
        Expr::Integer(_) | Expr::Param(_) => Ok(()),
        other => Err(ExprError(format!("`{other}` should be a duration or a parameter."))),
    }
}

/// The columns of another table.
fn columns_there<'c>(catalogue: &'c Catalogue, table: &'c str) -> Result<Columns<'c>, ExprError> {
    if !catalogue.tables.contains_key(table) {
        let near = dialmark_model::declared::nearest(table, catalogue.tables.keys().map(String::as_str));
        let help = near.map_or(String::new(), |near| format!(" Did you mean `{near}`?"));
        return Err(ExprError(format!("there is no table `{table}`.{help}")));
    }
    Ok(Columns::of(catalogue, table))
}

fn check_covered(catalogue: &Catalogue, binding: &Binding, covered: &Covered) -> Vec<Result<(), ExprError>> {
    let columns = Columns::of(catalogue, &binding.table);
    let there = match columns_there(catalogue, &covered.table) {
        Ok(there) => there,
        Err(error) => return vec![Err(error)],
    };
    let begins = match there.kind(&covered.from) {
        Some(Kind::Instant) => Ok(()),
        Some(_) => Err(ExprError(format!("`{}` is no instant, so no time can begin at it.", covered.from))),
        None => Err(there.unknown(&covered.from)),
    };
    let speaks = match &binding.shape {
        Shape::Records(Aggregate { function: Function::Sum(e), .. })
            if e.columns().iter().any(|name| Covered::is_length(name)) =>
        {
            match adds_lengths(e) {
                true => Ok(()),
                false => Err(ExprError(format!(
                    "the parts of `{e}` would not add up to the whole: add and subtract `{}` and `{}`, or choose between them by other columns.",
                    Covered::COVERED,
                    Covered::UNCOVERED
                ))),
            }
        }
        _ => Err(ExprError(format!(
            "what is added up is the `{}` or the `{}` of records.",
            Covered::COVERED,
            Covered::UNCOVERED
        ))),
    };
    vec![
        speaks,
        columns.length(&covered.length),
        columns.entity(&covered.same),
        there.entity(&covered.same_there),
        begins,
        there.length(&covered.lasts),
        there.condition(&covered.filter),
    ]
}

/// Whether an expression over covered lengths has parts that add up to the whole, however a record is cut.
fn adds_lengths(e: &Expr) -> bool {
    let says_no_length = |e: &Expr| !e.columns().iter().any(|name| Covered::is_length(name));
    match e {
        Expr::Column(name) => Covered::is_length(name),
        Expr::Integer(0) | Expr::Null => true,
        Expr::Negate(inner) => adds_lengths(inner),
        Expr::Binary(BinaryOp::Plus | BinaryOp::Minus, a, b) => adds_lengths(a) && adds_lengths(b),
        Expr::Case(branches, otherwise) => {
            branches.iter().all(|(when, then)| says_no_length(when) && adds_lengths(then))
                && otherwise.as_deref().is_none_or(adds_lengths)
        }
        _ => false,
    }
}

fn check_followed(
    catalogue: &Catalogue,
    binding: &Binding,
    followed: &Followed,
) -> Vec<Result<(), ExprError>> {
    let columns = Columns::of(catalogue, &binding.table);
    let others = match columns_there(catalogue, followed.follower_table.as_deref().unwrap_or(&binding.table))
    {
        Ok(others) => others,
        Err(error) => return vec![Err(error)],
    };
    let mut all = vec![
        columns.condition(&followed.among),
        columns.entity(&followed.same),
        others.condition(&followed.follower),
        others.entity(&followed.follower_same),
    ];
    if let FollowedValue::Sum(e) = &followed.value {
        all.push(match expr::check(e, &|n| columns.kind(n), &columns.names) {
            Ok(t) if t.is_additive() => Ok(()),
            Ok(_) => Err(ExprError(format!("`{e}` cannot be added up."))),
            Err(error) => Err(error),
        });
    }
    all.extend(followed.then.as_ref().map(|then| others.condition(then)));
    all.extend(followed.follower_at.as_ref().map(|at| others.time(at)));
    all.extend(followed.within.as_ref().map(window));
    all.extend(followed.first.as_ref().map(|first| columns.condition(first)));
    if let Some((level, _)) = &followed.level {
        all.extend([&columns, &others].map(|side| side.level(level)));
    }
    let is_number = |kind: Kind| kind == Kind::Integer;
    if let (Some(here), Some(there)) = (columns.kind(&followed.same), others.kind(&followed.follower_same))
        && is_number(here) != is_number(there)
    {
        all.push(Err(ExprError(format!(
            "`{}` is of kind `{}` and `{}` of kind `{}`, so they name nobody in common.",
            followed.same,
            here.word(),
            followed.follower_same,
            there.word()
        ))));
    }
    all
}

fn check_aggregate(aggregate: &Aggregate, columns: &Columns<'_>) -> Result<(), ExprError> {
    check_parts(aggregate, &|name| columns.kind(name), &columns.names, &|filter| columns.condition(filter))
}

fn check_parts(
    aggregate: &Aggregate,
    kind_of: &impl Fn(&str) -> Option<Kind>,
    names: &[&str],
    condition: &dyn Fn(&Expr) -> Result<(), ExprError>,
) -> Result<(), ExprError> {
    if let Some(filter) = &aggregate.filter {
        condition(filter)?;
    }
    match &aggregate.function {
        Function::Count => Ok(()),
        Function::Sum(e) | Function::Values(e) => match expr::check(e, kind_of, names)? {
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
fn kind_of_aggregate(aggregate: &Aggregate, kind_of: &impl Fn(&str) -> Option<Kind>, names: &[&str]) -> Kind {
    match &aggregate.function {
        Function::Count | Function::Distinct(_) => Kind::Integer,
        Function::Sum(e) | Function::Min(e) | Function::Max(e) | Function::Values(e) => {
            expr::check(e, kind_of, names).ok().and_then(Type::kind).unwrap_or(Kind::Integer)
        }
    }
}

/// What a measure adds up, as far as its first readable binding tells.
pub(super) fn type_of(catalogue: &Catalogue, measure: &Measure) -> Option<Type> {
    measure.bindings.iter().find_map(|binding| type_of_binding(catalogue, binding))
}

fn type_of_binding(catalogue: &Catalogue, binding: &Binding) -> Option<Type> {
    if !catalogue.tables.contains_key(&binding.table) {
        return None;
    }
    {
        let columns = Columns::of_reading(catalogue, binding);
        let of = |e: &Expr| expr::check(e, &|n| columns.kind(n), &columns.names).ok();
        match &binding.shape {
            Shape::Records(aggregate) => match &aggregate.function {
                Function::Count | Function::Distinct(_) => Some(Type::Integer),
                function => function.argument().and_then(of),
            },
            Shape::Followed(followed) => match &followed.value {
                FollowedValue::Count => Some(Type::Integer),
                FollowedValue::Sum(e) => of(e),
                FollowedValue::Elapsed | FollowedValue::ElapsedValues => Some(Type::Duration),
            },
            // What is added up over groups speaks of the groups' own quantities.
            Shape::Grouped { .. } => None,
        }
    }
}
