//! Measures and how they are read from tables.

use dialmark_model::declared::{Section, Value};

use super::{choice, formula, name_is_fine, window};
use crate::catalogue::Catalogue;
use crate::expr::Expr;
use crate::measure::{
    Aggregate, Binding, Covered, Followed, FollowedValue, Function, Hit, Level, Matured, Measure, NoMatch,
    Shape, Share, Split,
};

pub(super) fn read_measure(id: &str, section: &Section<'_>, catalogue: &mut Catalogue) {
    let unit = section.required_text("unit", "what one of it is, such as calls, ms or money");
    let about = section.required_text("about", "one sentence that says what is counted");
    let no_match = choice(section, "no_match", &[("zero", NoMatch::Zero), ("unknown", NoMatch::Unknown)])
        .unwrap_or_default();
    let mut bindings = Vec::new();
    if let Some(on) = section.section("on") {
        on.has_free_keys();
        for table in on.keys() {
            bindings.extend(read_binding(table, table, &on));
        }
    }
    section.finish();
    if !name_is_fine(id, section) {
        return;
    }
    if let Some(before) = catalogue.measures.get(id) {
        section.error(
            "",
            format!("the measure `{id}` is declared already, in {}.", before.declared_in),
            Some("Choose another name, or bind the measure to your table with `[bind.TABLE]`.".to_owned()),
        );
        return;
    }
    if let (Some(unit), Some(about)) = (unit, about) {
        let (declared_in, line) = (section.file().to_owned(), section.line());
        let measure = Measure { id: id.to_owned(), unit, about, no_match, bindings, declared_in, line };
        catalogue.measures.insert(id.to_owned(), measure);
    }
}

pub(super) fn read_bindings(table: &str, section: &Section<'_>, catalogue: &mut Catalogue) {
    section.has_free_keys();
    for measure in section.keys() {
        let Some(binding) = read_binding(measure, table, section) else { continue };
        let Some(known) = catalogue.measures.get_mut(measure) else {
            let near =
                dialmark_model::declared::nearest(measure, catalogue.measures.keys().map(String::as_str));
            section.error(
                measure,
                format!("there is no measure `{measure}`."),
                Some(near.map_or_else(
                    || format!("Declare it with `[measure.{measure}]`, a unit and a sentence."),
                    |n| format!("Did you mean `{n}`?"),
                )),
            );
            continue;
        };
        if let Some(before) = known.on(table) {
            let place = before.declared_in.clone();
            section.error(measure, format!("`{measure}` is read from `{table}` already, in {place}."), None);
            continue;
        }
        known.bindings.push(binding);
    }
}

/// A binding under `key`: a sentence, or a table with `read` and more.
fn read_binding(key: &str, table: &str, section: &Section<'_>) -> Option<Binding> {
    let node = section.node(key)?;
    let bound = |shape: Shape| Binding {
        table: table.to_owned(),
        at: None,
        matured: None,
        split: None,
        share: None,
        covered: None,
        shape,
        declared_in: section.file().to_owned(),
        line: node.line,
    };
    if let Value::Text(sentence) = &node.value {
        return aggregate(section, key, sentence).map(|aggregate| bound(Shape::Records(aggregate)));
    }
    let inner = section.section(key)?;
    let sentence = inner.required_text("read", "what is added up, such as `count where ...`");
    let at = inner.text("at");
    let matured = window(&inner, "matured").map(|window| Matured { window, has_passed: true });
    let split = read_split(&inner);
    let share = read_share(&inner);
    if share.is_some() && !matches!(split, Some(Split::Length { .. })) {
        inner.error("share", "only what is split is shared out: `split` is missing.", None);
    }
    let covered = read_covered(&inner).map(Box::new);
    if covered.is_some() && (share.is_some() || !matches!(split, Some(Split::Length { .. }))) {
        inner.error(
            "covered",
            "covered time is split over the intervals that it crosses, and not shared out.",
            Some("Write `split = \"COLUMN\"` with the column at which the record's time begins.".to_owned()),
        );
    }
    let shape = sentence.and_then(|sentence| {
        let aggregate = aggregate(&inner, "read", &sentence)?;
        for (key, hit) in [("followed", Hit::Followed), ("not_followed", Hit::NotFollowed)] {
            if inner.has(key) {
                return read_followed(&inner, key, hit, aggregate);
            }
        }
        if inner.has("per") {
            return read_grouped(&inner, aggregate);
        }
        match inner.text("first_of") {
            Some(same) => first_of(&inner, same, aggregate),
            None => Some(Shape::Records(aggregate)),
        }
    });
    inner.finish();
    if split.is_some() && !matches!(shape, None | Some(Shape::Records(_))) {
        inner.error("split", "only what is read record by record can be split.", None);
    }
    Some(Binding { at, matured, split, share, covered, ..bound(shape?) })
}

fn aggregate(section: &Section<'_>, key: &str, sentence: &str) -> Option<Aggregate> {
    match Aggregate::parse(sentence) {
        Ok(aggregate) => Some(aggregate),
        Err(error) => {
            section.error(key, error.0, None);
            None
        }
    }
}

fn read_split(inner: &Section<'_>) -> Option<Split> {
    match inner.node("split").map(|node| &node.value)? {
        Value::Text(from) => Some(Split::Length { from: from.clone() }),
        _ => {
            let section = inner.section("split")?;
            let from = section.required_text("from", "the column of the first day");
            let until = section.required_text("until", "the column of the last day");
            let so_far = section.flag("so_far").unwrap_or(false);
            section.finish();
            Some(Split::Days { from: from?, until: until?, so_far })
        }
    }
}

fn read_share(inner: &Section<'_>) -> Option<Share> {
    let section = inner.section("share")?;
    let column =
        section.required_text("column", "the column whose values share what belongs to none of them");
    let per = section.texts("per");
    let by = section.required_text("by", "the weight, such as `sum(duration_ms) where state = 'talk'`");
    section.finish();
    if per.is_empty() {
        section.error(
            "per",
            "`per` is missing: within what is it shared?",
            Some("Add `per = [\"agent_id\", \"day\"]`.".to_owned()),
        );
    }
    let by = aggregate(&section, "by", &by?)?;
    if !matches!(by.function, Function::Sum(_)) {
        section.error("by", "the weight is a sum.", None);
        return None;
    }
    Some(Share { column: column?, per, by })
}

fn read_covered(inner: &Section<'_>) -> Option<Covered> {
    let section = inner.section("covered")?;
    let needed =
        |key: &str, what: &str| section.required_text(key, what).and_then(|_| formula(&section, key));
    let length = needed("of", "the length of the record, such as `ms_between(starts_at, ends_at)`");
    let table = section.required_text("in", "the table whose records cover this one's time");
    let same = section.required_text("same", "the column that names whom both records are about");
    let same_there = section.text("same_in");
    let from = section.required_text("from", "the instant there at which its time begins");
    let lasts = needed("lasts", "the length of its time, such as `duration_ms`");
    let filter = formula(&section, "where").unwrap_or(Expr::Bool(true));
    section.finish();
    let (same, length, lasts) = (same?, length?, lasts?);
    let same_there = same_there.unwrap_or_else(|| same.clone());
    Some(Covered { length, table: table?, same, same_there, from: from?, lasts, filter })
}

/// The first record of each entity, whatever follows.
fn first_of(inner: &Section<'_>, same: String, aggregate: Aggregate) -> Option<Shape> {
    let value = match aggregate.function {
        Function::Count => FollowedValue::Count,
        Function::Sum(e) => FollowedValue::Sum(e),
        _ => {
            inner.error("read", "of the first records this can be `count` or `sum(...)`.", None);
            return None;
        }
    };
    let among = aggregate.filter.unwrap_or(Expr::Bool(true));
    Some(Shape::Followed(Box::new(Followed {
        first: Some(among.clone()),
        among,
        follower_same: same.clone(),
        same,
        value,
        hit: Hit::Any,
        follower_table: None,
        follower_at: None,
        follower: Expr::Bool(false),
        within: Some(Expr::Integer(0)),
        or_at_once: false,
        next: false,
        then: None,
        level: None,
    })))
}

/// `true`, or the condition among whose records the first is meant.
fn read_first(section: &Section<'_>, among: &Expr) -> Option<Expr> {
    match section.node("first").map(|node| &node.value)? {
        Value::Text(_) => formula(section, "first"),
        _ => section.flag("first").filter(|first| *first).map(|_| among.clone()),
    }
}

fn read_followed(inner: &Section<'_>, key: &str, hit: Hit, aggregate: Aggregate) -> Option<Shape> {
    let section = inner.section(key)?;
    let same = section.required_text("same", "the column that names whom both records are about");
    let within = window(&section, "within");
    let follower = formula(&section, "where").unwrap_or(Expr::Bool(true));
    let follower_table = section.text("in");
    let follower_same = section.text("same_in");
    let follower_at = section.text("at");
    let among = aggregate.filter.unwrap_or(Expr::Bool(true));
    let first = read_first(&section, &among);
    let or_at_once = section.flag("or_at_once").unwrap_or(false);
    let next = section.flag("next").unwrap_or(false);
    let rises = section.text("rises");
    let comparable = section.text("comparable");
    if rises.is_some() && comparable.is_some() {
        section.error("comparable", "what rises can be compared: `comparable` says nothing more.", None);
    }
    let level = rises.map(|c| (c, Level::Rises)).or(comparable.map(|c| (c, Level::Known)));
    let then = formula(&section, "then");
    section.finish();
    let elapsed = |e: &Expr| *e == Expr::Column("elapsed_ms".to_owned());
    let value = match aggregate.function {
        Function::Count => FollowedValue::Count,
        Function::Sum(e) if elapsed(&e) => FollowedValue::Elapsed,
        Function::Values(e) if elapsed(&e) => FollowedValue::ElapsedValues,
        Function::Sum(e) => FollowedValue::Sum(e),
        _ => {
            inner.error(
                "read",
                "of records that others follow, this can be `count`, `sum(...)` or `values(elapsed_ms)`.",
                None,
            );
            return None;
        }
    };
    if hit == Hit::NotFollowed && matches!(value, FollowedValue::Elapsed | FollowedValue::ElapsedValues) {
        inner.error("read", "what is not followed has no `elapsed_ms`.", None);
        return None;
    }
    let same = same?;
    Some(Shape::Followed(Box::new(Followed {
        among,
        follower_same: follower_same.unwrap_or_else(|| same.clone()),
        same,
        first,
        value,
        hit,
        follower_table,
        follower_at,
        follower,
        within,
        or_at_once,
        next,
        then,
        level,
    })))
}

fn read_grouped(inner: &Section<'_>, outer: Aggregate) -> Option<Shape> {
    let per = inner.texts("per");
    let among = formula(inner, "among");
    let section = inner.section("each");
    let mut each = Vec::new();
    if let Some(section) = &section {
        section.has_free_keys();
        for name in section.keys() {
            if let Some(sentence) = section.text(name) {
                each.extend(aggregate(section, name, &sentence).map(|a| (name.to_owned(), a)));
            }
        }
    }
    Some(Shape::Grouped { per, among, each, outer })
}
