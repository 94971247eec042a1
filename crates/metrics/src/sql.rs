//! A definition as SQL, for people who want to check it with another engine: DuckDB over the store's tables.
//!
//! The engine does not run this text. It is written from the same definition, and a test runs it beside the engine.

use dialmark_model::{DispositionMap, Kind};

use crate::catalogue::{Catalogue, DAY, Lookup, Resolved};
use crate::expr::{BinaryOp, Call, Expr};
use crate::measure::{
    Aggregate, Binding, Covered, Followed, FollowedValue, Function, Hit, Level, Matured, Shape, Split,
};
use crate::metric::{CountAt, Formula, Method, Params, Statistic};
use crate::virtuals;

/// What a text of SQL is written for.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'s> {
    /// The definitions.
    pub catalogue: &'s Catalogue,
    /// What codes mean.
    pub dispositions: &'s DispositionMap,
    /// Zone of records that name none.
    pub zone: &'s str,
    /// Table of each measure, in the order of [`Formula::measures`].
    pub tables: &'s [String],
}

/// A query over all records: one row with the value and what it is divided from. `None` for metrics that are made of
/// other metrics; those have queries of their own.
pub fn query(setting: &Setting<'_>, resolved: &Resolved<'_>) -> Option<String> {
    let measures = resolved.variant.formula.measures();
    let part = |at: usize| {
        let (measure, table) = (*measures.get(at)?, setting.tables.get(at)?);
        let binding = setting.catalogue.binding(measure, table)?;
        let writer =
            Writer { setting, table, params: &resolved.params, alias: "r", at: anchor(binding, resolved) };
        Some(writer.measure(binding))
    };
    let select = |columns: &[(String, &str)]| {
        let columns: Vec<String> = columns.iter().map(|(sql, name)| format!("  {sql} as {name}")).collect();
        format!("select\n{}", columns.join(",\n"))
    };
    let over = |parts: &str, value: &str| format!("select *, {value} as value from (\n{parts}\n)");
    Some(match &resolved.variant.formula {
        Formula::Simple { .. } => select(&[(part(0)?, "value")]),
        Formula::Ratio { times, .. } => {
            let factor = if *times == 1 { String::new() } else { format!("{times}.0 * ") };
            let value = format!("{factor}numerator / nullif(denominator, 0)");
            over(&select(&[(part(0)?, "numerator"), (part(1)?, "denominator")]), &value)
        }
        Formula::Conversion { .. } => {
            let value = "converted / nullif(base, 0)".to_owned();
            over(&select(&[(part(0)?, "converted"), (part(1)?, "base"), (part(2)?, "pending")]), &value)
        }
        Formula::Distribution { statistic, .. } => {
            let (function, more) = match statistic {
                Statistic::Percentile { share, method: Method::NearestRank } => {
                    ("quantile_disc", format!(", {share}"))
                }
                Statistic::Percentile { share, method: Method::Linear } => {
                    ("quantile_cont", format!(", {share}"))
                }
                Statistic::Deviation => ("stddev_samp", String::new()),
            };
            let values =
                part(0)?.replacen("values(", &format!("{function}("), 1).replacen("/*share*/", &more, 1);
            select(&[(values, "value")])
        }
        Formula::Derived(_) | Formula::Cumulative { .. } => return None,
    })
}

fn anchor(binding: &Binding, resolved: &Resolved<'_>) -> Option<String> {
    let moment = resolved.count_at.filter(|m| binding.table == "calls" && *m != CountAt::Dial);
    binding.at.clone().or(moment.map(|m| m.column().to_owned()))
}

/// Writes expressions over one table, whose rows are called by an alias.
#[derive(Clone)]
struct Writer<'w> {
    setting: &'w Setting<'w>,
    table: &'w str,
    params: &'w Params,
    alias: &'w str,
    at: Option<String>,
}

impl Writer<'_> {
    fn measure(&self, binding: &Binding) -> String {
        let matured = binding.matured.as_ref().map(|m| self.matured(m));
        // The column may be one that is looked up.
        let placed =
            self.at.as_ref().map(|at| format!("{} is not null", self.expr(&Expr::Column(at.clone()))));
        let with = |conditions: Vec<String>| {
            let all: Vec<String> =
                conditions.into_iter().chain(placed.clone()).chain(matured.clone()).collect();
            if all.is_empty() { String::new() } else { format!("\n    where {}", all.join("\n      and ")) }
        };
        let source = match &binding.covered {
            None => format!("{} {}", self.table, self.alias),
            Some(covered) => self.with_covered(covered, &binding.split),
        };
        match &binding.shape {
            Shape::Records(aggregate) => {
                let days = match &binding.split {
                    Some(Split::Days { from, until, so_far: false }) => {
                        Some(format!("sum(coalesce({until}, $until_day - 1) - {from} + 1)"))
                    }
                    Some(Split::Days { from, until, so_far: true }) => Some(format!(
                        "sum(greatest(0, least(coalesce({until}, $until_day - 1), $until_day - 1) - {from} + 1))"
                    )),
                    _ => None,
                };
                let function = days.unwrap_or_else(|| self.function(&aggregate.function));
                let conditions = aggregate.filter.iter().map(|f| self.expr(f)).collect();
                format!("(select {function} from {source}{})", with(conditions))
            }
            Shape::Grouped { per, among, each, outer } => {
                let conditions = among.iter().map(|f| self.expr(f)).collect();
                let keys: Vec<String> = per.iter().map(|name| self.dimension(name)).collect();
                let each: Vec<String> =
                    each.iter().map(|(name, a)| format!(", {} as {name}", self.aggregate(a))).collect();
                let inner = Writer { alias: "", ..self.clone() };
                let filter = outer
                    .filter
                    .as_ref()
                    .map_or(String::new(), |f| format!(" filter (where {})", inner.expr(f)));
                format!(
                    "(select {}{filter} from (\n    select 1 as one{} from {source}{}\n    group by {}))",
                    inner.function(&outer.function),
                    each.join(""),
                    with(conditions),
                    keys.join(", ")
                )
            }
            Shape::Followed(followed) => self.followed(followed, &source, &with),
        }
    }

    /// The table's rows with the time that another table's records cover, and the rest. Records there must not lie over
    /// each other; the engine counts their time once.
    fn with_covered(&self, covered: &Covered, split: &Option<Split>) -> String {
        let at = match split {
            Some(Split::Length { from }) => Some(from.clone()),
            _ => self.at.clone(),
        };
        let own = Writer { alias: "o", at, ..self.clone() };
        let there = Writer { table: &covered.table, alias: "f", at: None, ..self.clone() };
        let whose = format!("f.{} = o.{}", covered.same_there, covered.same);
        let begins = format!("epoch_ms({})", own.instant());
        let length = format!(
            "least({}, greatest(0, $until_ms - {begins}) /* as far as there is data */)",
            own.expr(&covered.length)
        );
        let (from, lasts) = (format!("epoch_ms(f.{})", covered.from), there.expr(&covered.lasts));
        let end = format!("{begins} + {length}");
        let both = format!(
            "select greatest({from}, {begins}) as from_ms, least({from} + {lasts}, {end}) as to_ms from {} f where {whose} and {} and {from} < {end} and {from} + {lasts} > {begins}",
            covered.table,
            there.expr(&covered.filter)
        );
        // Stretches over each other cover once: each adds what lies behind the furthest of those before it.
        let inside = format!(
            "(select coalesce(sum(greatest(0, to_ms - greatest(from_ms, before_ms))), 0) from (select *, coalesce(max(to_ms) over (order by from_ms, to_ms rows between unbounded preceding and 1 preceding), from_ms) as before_ms from ({both})))"
        );
        let known = format!("exists (select 1 from {} f where {whose})", covered.table);
        format!(
            "(select *, {length_of} - {c} as {u} from (select o.*, case when {known} then {length} end as {length_of}, case when {known} then {inside} end as {c} from {table} o)) {alias}",
            length_of = "length_ms",
            c = Covered::COVERED,
            u = Covered::UNCOVERED,
            table = self.table,
            alias = self.alias
        )
    }

    fn followed(&self, followed: &Followed, source: &str, with: &dyn Fn(Vec<String>) -> String) -> String {
        let at = self.instant();
        let other = followed.follower_table.as_deref().unwrap_or(self.table);
        let follower = Writer { table: other, alias: "f", at: followed.follower_at.clone(), ..self.clone() };
        let later = follower.instant();
        let order = if followed.or_at_once { ">=" } else { ">" };
        let mut conditions = vec![
            format!("f.{} = {}.{}", followed.follower_same, self.alias, followed.same),
            format!("{later} {order} {at}"),
            follower.expr(&followed.follower),
        ];
        if followed.follower_table.is_none() {
            conditions.push(format!("(f.import_id, f.line) <> ({0}.import_id, {0}.line)", self.alias));
        }
        if let Some(within) = &followed.within {
            conditions
                .push(format!("epoch_us({later}) - epoch_us({at}) <= 1000::bigint * {}", self.expr(within)));
        }
        let level = followed.level.as_ref().map(|(column, order)| {
            let (before, after) = (level(self.alias, column), level("f", column));
            match order {
                Level::Rises => format!("{after} > {before}"),
                Level::Known => format!("{after} is not null and {before} is not null"),
            }
        });
        // Of the next follower alone this must hold, or of any.
        let then: Vec<String> = followed.then.iter().map(|then| follower.expr(then)).chain(level).collect();
        if !followed.next {
            conditions.extend(then.clone());
        }
        let conditions = conditions.join(" and ");
        let first = format!("(select min({later}) from {other} f where {conditions})");
        let is_followed = match followed.next && !then.is_empty() {
            false => format!("{first} is not null"),
            true => format!(
                "coalesce((select {} from {other} f where {conditions} order by {later}, f.import_id, f.line limit 1), false)",
                then.join(" and ")
            ),
        };
        let mut own =
            vec![self.expr(&followed.among), format!("{}.{} is not null", self.alias, followed.same)];
        match followed.hit {
            Hit::Any => {}
            Hit::Followed => own.push(is_followed),
            Hit::NotFollowed => own.push(format!("not {is_followed}")),
        }
        if let Some(among) = &followed.first {
            let earlier = Writer { alias: "e", ..self.clone() };
            own.push(format!(
                "not exists (select 1 from {} e where e.{same} = {}.{same} and {} and ({}, e.import_id, e.line) < ({at}, {1}.import_id, {1}.line))",
                self.table,
                self.alias,
                earlier.expr(among),
                earlier.instant(),
                same = followed.same
            ));
        }
        let elapsed = format!("(epoch_ms({first}) - epoch_ms({at}))");
        let value = match &followed.value {
            FollowedValue::Count => "count(*)".to_owned(),
            FollowedValue::Sum(e) => format!("sum({})", self.expr(e)),
            FollowedValue::Elapsed => format!("sum({elapsed})"),
            FollowedValue::ElapsedValues => format!("values({elapsed}/*share*/)"),
        };
        format!("(select {value} from {source}{})", with(own))
    }

    fn aggregate(&self, aggregate: &Aggregate) -> String {
        let function = self.function(&aggregate.function);
        match &aggregate.filter {
            Some(filter) => format!("{function} filter (where {})", self.expr(filter)),
            None => function,
        }
    }

    fn function(&self, function: &Function) -> String {
        match function {
            Function::Count => "count(*)".to_owned(),
            Function::Sum(e) => format!("sum({})", self.expr(e)),
            Function::Min(e) => format!("min({})", self.expr(e)),
            Function::Max(e) => format!("max({})", self.expr(e)),
            Function::Distinct(e) => format!("count(distinct {})", self.expr(e)),
            Function::Values(e) => format!("values({}/*share*/)", self.expr(e)),
        }
    }

    fn matured(&self, matured: &Matured) -> String {
        let order = if matured.has_passed { "<=" } else { ">" };
        // A day's window begins when the day is over.
        let kind = self.at.as_ref().and_then(|at| self.setting.catalogue.kind_of(self.table, at));
        let begins = match kind {
            Some(Kind::Day) => format!("epoch_ms(cast({} + 1 as timestamp))", self.instant()),
            _ => format!("epoch_ms({})", self.instant()),
        };
        format!("{begins} + {} {order} $until_ms /* when the data ends */", self.expr(&matured.window))
    }

    /// When the record counts.
    fn instant(&self) -> String {
        if let Some(at) = &self.at {
            return self.expr(&Expr::Column(at.clone()));
        }
        let Some(table) = self.setting.catalogue.tables.get(self.table) else { return "null".to_owned() };
        let is_day = |c: &str| table.column(c).is_some_and(|c| c.kind == Kind::Day);
        let on_days = table.placed_by.first().is_some_and(|c| is_day(c));
        let placed: Vec<String> = table
            .placed_by
            .iter()
            .map(|c| match on_days && !is_day(c) {
                true => self.day_of(&self.column(c)),
                false => self.column(c),
            })
            .collect();
        match placed.as_slice() {
            [one] => one.clone(),
            several => format!("coalesce({})", several.join(", ")),
        }
    }

    fn day(&self) -> String {
        let catalogue = self.setting.catalogue;
        let of_table = || catalogue.tables.get(self.table)?.placed_by.first().map(AsRef::as_ref);
        let by = self.at.as_deref().or_else(of_table);
        match by.and_then(|by| catalogue.kind_of(self.table, by)) {
            Some(Kind::Day) => self.instant(),
            _ => self.day_of(&self.instant()),
        }
    }

    /// The civil day of an instant.
    fn day_of(&self, instant: &str) -> String {
        let own = self.column("source_zone");
        format!("cast(timezone(coalesce({own}, '{}'), {instant}) as date)", self.setting.zone)
    }

    fn dimension(&self, name: &str) -> String {
        match name {
            "day" => self.day(),
            "hour_start" => format!("date_trunc('hour', {})", self.instant()),
            _ => match self.setting.catalogue.dimension_on(self.table, name) {
                Some(expr) => self.expr(expr),
                None => self.column(name),
            },
        }
    }

    fn column(&self, name: &str) -> String {
        match self.alias {
            "" => name.to_owned(),
            alias => format!("{alias}.{name}"),
        }
    }

    fn looked_up(&self, lookup: &Lookup) -> String {
        let stretch = match &lookup.since {
            None => String::new(),
            Some(since) => {
                let until = lookup.until.as_ref().map_or(String::new(), |until| {
                    format!(" and coalesce(l.{until}, date '9999-12-31') >= {}", self.day())
                });
                format!(" and l.{since} <= {}{until}", self.day())
            }
        };
        format!(
            "(select max(l.{}) from {} l where l.{} = {}{stretch})",
            lookup.column,
            lookup.from,
            lookup.key,
            self.column(&lookup.by)
        )
    }

    fn expr(&self, expr: &Expr) -> String {
        let again = |e: &Expr| self.expr(e);
        let list = |items: &[Expr]| items.iter().map(again).collect::<Vec<_>>().join(", ");
        match expr {
            Expr::Column(name) => {
                let catalogue = self.setting.catalogue;
                let is_own = self.alias.is_empty()
                    || catalogue.tables.get(self.table).is_some_and(|t| t.column(name).is_some());
                if is_own {
                    return self.column(name);
                }
                if let Some(meaning) = virtuals::definition(name, self.setting.dispositions) {
                    return format!("({})", self.expr(&meaning));
                }
                match catalogue.lookup(self.table, name) {
                    Some(lookup) => self.looked_up(lookup),
                    None if name == DAY => self.day(),
                    None => self.column(name),
                }
            }
            Expr::Param(name) => {
                self.params.0.get(name).map_or_else(|| format!("${name}"), ToString::to_string)
            }
            Expr::Day(day) => format!("date '{day}'"),
            Expr::Text(_) | Expr::Integer(_) | Expr::Decimal(..) | Expr::Bool(_) | Expr::Null => {
                expr.to_string()
            }
            Expr::Not(inner) => format!("not ({})", again(inner)),
            Expr::Negate(inner) => format!("-({})", again(inner)),
            Expr::IsNull(inner, negated) => {
                format!("({}) is {}null", again(inner), if *negated { "not " } else { "" })
            }
            Expr::Binary(op @ (BinaryOp::And | BinaryOp::Or), a, b) => {
                format!("({} {} {})", again(a), op.sign(), again(b))
            }
            Expr::Binary(op, a, b) => format!("({} {} {})", again(a), op.sign(), again(b)),
            Expr::In(value, items, negated) => {
                format!("{} {}in ({})", again(value), if *negated { "not " } else { "" }, list(items))
            }
            Expr::Case(branches, otherwise) => {
                let branches: Vec<String> = branches
                    .iter()
                    .map(|(when, then)| format!(" when {} then {}", again(when), again(then)))
                    .collect();
                let otherwise = otherwise.as_ref().map_or(String::new(), |e| format!(" else {}", again(e)));
                format!("case{}{otherwise} end", branches.join(""))
            }
            Expr::Call(call, arguments) => match (call, arguments.as_slice()) {
                (Call::MsBetween, [from, to]) => {
                    format!("(epoch_ms({}) - epoch_ms({}))", again(to), again(from))
                }
                (Call::DaysBetween, [from, to]) => format!("({} - {})", again(to), again(from)),
                (Call::Text, [inner]) => format!("cast({} as varchar)", again(inner)),
                (Call::Flagged, [Expr::Text(flag)]) => format!(
                    "list_contains(string_split(coalesce({}, ''), ' '), '{}')",
                    self.column("flags"),
                    flag.replace('\'', "''")
                ),
                _ => format!("{}({})", call.word(), list(arguments)),
            },
        }
    }
}

/// The place of a text in the order of levels.
fn level(alias: &str, column: &str) -> String {
    format!(
        "(case when lower({alias}.{column}) = 'current' then 0 else cast(nullif(regexp_extract({alias}.{column}, '[0-9]+'), '') as bigint) end)"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::MetricRef;
    use dialmark_model::{Disposition, Outcome};

    #[test]
    fn a_definition_reads_as_sql_over_raw_codes() {
        let (catalogue, _) = Catalogue::builtin();
        let mut map = DispositionMap::default();
        map.codes.insert("SALE".to_owned(), Disposition::of(Outcome::Sale));
        let tables = ["calls".to_owned(), "calls".to_owned()];
        let setting =
            Setting { catalogue: &catalogue, dispositions: &map, zone: "Europe/London", tables: &tables };
        let resolved =
            catalogue.resolve(&MetricRef::parse("conversion_rate/sales_per_dial").unwrap()).unwrap();
        let sql = query(&setting, &resolved).unwrap();
        assert!(sql.contains("(case when r.disposition in ('SALE') then 'sale' end) = 'sale'"), "{sql}");
        assert!(sql.contains("numerator / nullif(denominator, 0) as value"), "{sql}");
    }
}
