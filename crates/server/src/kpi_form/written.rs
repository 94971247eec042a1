//! A KPI between its form and its declaration: what the form can say is read from and written into `[kpi.NAME]`; all else that
//! stands in the file stays as it is, comments included.

use dialmark_view::form::Sent;
use dialmark_view::pages::kpi_form::{
    AT_LEAST, AT_MOST, BAND, BAND_FROM, BAND_TO, EVIDENCE, FROM, GUARD, GUARDS, KEPT, KpiFields, LABEL,
    LEVEL, METRIC, OWNER, PERSPECTIVE, PROCESS, RAMP_DAYS, RAMP_EASED_BY, RAMP_STARTS, REVIEW, SIGNAL,
    TARGET, TOLERANCE, UNTIL, VALUE, WINDOW, place_field,
};
use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, TableLike, Value};

/// Keys of a KPI that are texts or days, with the field of each.
const PLAIN: [(&str, &str); 11] = [
    ("label", LABEL),
    ("metric", METRIC),
    ("owner", OWNER),
    ("window", WINDOW),
    ("level", LEVEL),
    ("review", REVIEW),
    ("perspective", PERSPECTIVE),
    ("signal", SIGNAL),
    ("process", PROCESS),
    ("evidence", EVIDENCE),
    ("from", FROM),
];
/// Keys of a target that the form can say.
const OF_TARGET: [&str; 5] = [AT_LEAST, AT_MOST, BAND, TOLERANCE, "ramp"];

/// The file as it can be changed; what is no TOML is said.
pub fn document(text: &str) -> Result<DocumentMut, String> {
    text.parse().map_err(|error| format!("The file is no TOML: {error}"))
}

/// `[kpi.NAME]` of a file.
fn kpi<'d>(document: &'d DocumentMut, name: &str) -> Option<&'d dyn TableLike> {
    document.get("kpi")?.as_table_like()?.get(name)?.as_table_like()
}

/// What stands in the form for a KPI of a file, and as text what the form cannot change.
pub fn fields(document: &DocumentMut, name: &str, unit: &str) -> Option<(KpiFields, Option<String>)> {
    let kpi = kpi(document, name)?;
    let text = |key: &str| kpi.get(key).map(shown).unwrap_or_default();
    let mut fields = KpiFields {
        name: name.to_owned(),
        label: text("label"),
        metric: text("metric"),
        window: text("window"),
        review: text("review"),
        level: text("level"),
        owner: text("owner"),
        perspective: text("perspective"),
        signal: text("signal"),
        process: text("process"),
        evidence: text("evidence"),
        from: text("from"),
        until: text("until"),
        ..KpiFields::default()
    };
    if let Some(place) = kpi.get("place").and_then(Item::as_table_like) {
        fields.place = place.iter().map(|(key, value)| (full(key), shown(value))).collect();
    }
    if let Some(guards) = kpi.get("guards").and_then(Item::as_array) {
        fields.guards = guards.iter().map(|value| bare(&value.to_string())).collect();
    }
    let mut kept = String::new();
    match kpi.get("target") {
        Some(item) if item.as_table_like().is_some_and(is_sayable) => {
            if let Some(target) = item.as_table_like() {
                target_fields(&mut fields, target, unit);
                let rest = target.iter().filter(|(key, _)| !OF_TARGET.contains(key));
                rest.for_each(|(key, value)| {
                    kept.push_str(&format!("{key} = {}\n", value.to_string().trim()))
                });
            }
        }
        Some(item) => {
            fields.target = KEPT.to_owned();
            kept.push_str(&format!("target = {}\n", item.to_string().trim()));
        }
        None => {}
    }
    if fields.guards.len() > GUARDS {
        kept.push_str(&format!(
            "guards = {}\n",
            kpi.get("guards").map(ToString::to_string).unwrap_or_default().trim()
        ));
    }
    Some((fields, Some(kept).filter(|kept| !kept.is_empty())))
}

/// Whether the form can say what is to be reached: one value or band, and a ramp by a part of it.
fn is_sayable(target: &dyn TableLike) -> bool {
    let ramp = target.get("ramp").and_then(Item::as_table_like);
    let has_value = [AT_LEAST, AT_MOST, BAND].into_iter().filter(|key| target.contains_key(key)).count() == 1;
    has_value && ramp.is_none_or(|ramp| !ramp.contains_key("from"))
}

fn target_fields(fields: &mut KpiFields, target: &dyn TableLike, unit: &str) {
    let value = |table: &dyn TableLike, key: &str| table.get(key).map(|item| in_unit(&shown(item), unit));
    for kind in [AT_LEAST, AT_MOST] {
        if let Some(found) = value(target, kind) {
            (fields.target, fields.value) = (kind.to_owned(), found);
        }
    }
    if let Some(band) = target.get(BAND).and_then(Item::as_table_like) {
        fields.target = BAND.to_owned();
        fields.band = (value(band, "from").unwrap_or_default(), value(band, "to").unwrap_or_default());
    }
    fields.tolerance = value(target, TOLERANCE).unwrap_or_default();
    if let Some(ramp) = target.get("ramp").and_then(Item::as_table_like) {
        let text = |key: &str| ramp.get(key).map(shown).unwrap_or_default();
        fields.ramp = (text("starts"), text("days"), text("eased_by"));
    }
}

/// The text of a file with a KPI as the form says it, and the KPI's own part of it.
pub fn written(
    text: &str,
    name: &str,
    sent: &Sent,
    dimensions: &[&str],
    unit: &str,
) -> Result<(String, String), String> {
    let mut document = document(text)?;
    if kpi(&document, name).is_none() && !text.trim().is_empty() {
        // A new one comes behind all that is there, comments at the end included.
        let (own, part) = written("", name, sent, dimensions, unit)?;
        return Ok((format!("{}\n\n{own}", text.trim_end()), part));
    }
    if document.get("kpi").is_none() {
        let mut all = Table::new();
        all.set_implicit(true);
        document.insert("kpi", Item::Table(all));
    }
    let all = document.get_mut("kpi").and_then(Item::as_table_like_mut);
    let all = all.ok_or("`kpi` is no table of KPIs in this file.")?;
    if !all.contains_key(name) {
        all.insert(name, Item::Table(Table::new()));
    }
    let kpi =
        all.get_mut(name).and_then(Item::as_table_like_mut).ok_or("The KPI is no table in this file.")?;
    for (key, field) in PLAIN.into_iter().chain([("until", UNTIL)]) {
        let is_day = matches!(key, "from" | "until");
        put(kpi, key, sent.text(field), |text| if is_day { day(text) } else { Value::from(text) });
    }
    place(kpi, sent, dimensions);
    guards(kpi, sent);
    if sent.text(TARGET) != KEPT {
        target(kpi, sent, unit)?;
    }
    let part = format!("[kpi.{name}]\n{}", part(&document, name));
    Ok((document.to_string(), part))
}

/// The declaration of a KPI as it stands in a file.
pub fn part(document: &DocumentMut, name: &str) -> String {
    let Some(kpi) = kpi(document, name) else { return String::new() };
    kpi.iter().map(|(key, item)| format!("{key} = {}\n", item.to_string().trim())).collect()
}

fn place(kpi: &mut dyn TableLike, sent: &Sent, dimensions: &[&str]) {
    let wanted: Vec<(&str, &str)> = dimensions
        .iter()
        .map(|dimension| (*dimension, sent.text(&place_field(dimension))))
        .filter(|(_, value)| !value.is_empty())
        .collect();
    if wanted.is_empty() {
        kpi.remove("place");
        return;
    }
    if kpi.get("place").is_none_or(|item| item.as_table_like().is_none()) {
        kpi.insert("place", Item::Value(Value::InlineTable(InlineTable::new())));
    }
    let Some(place) = kpi.get_mut("place").and_then(Item::as_table_like_mut) else { return };
    // A campaign may be called `campaign` as well as `campaign_id`; it keeps its name.
    let gone: Vec<String> = place
        .iter()
        .map(|(key, _)| key.to_owned())
        .filter(|key| wanted.iter().all(|(d, _)| *d != full(key)))
        .collect();
    gone.iter().for_each(|key| {
        place.remove(key);
    });
    for (dimension, value) in wanted {
        let short = dimension.strip_suffix("_id").unwrap_or(dimension);
        let key = if place.contains_key(short) { short } else { dimension };
        put(place, key, value, |text| Value::from(text));
    }
}

fn guards(kpi: &mut dyn TableLike, sent: &Sent) {
    let wanted = sent.texts(GUARD);
    let there: Vec<String> = kpi
        .get("guards")
        .and_then(Item::as_array)
        .map(|guards| guards.iter().map(|value| bare(&value.to_string())).collect())
        .unwrap_or_default();
    // More than the form has room for are not lost: those that it could not show stay.
    let beyond = there.iter().skip(GUARDS).map(String::as_str);
    let all: Vec<&str> = wanted.into_iter().chain(beyond).collect();
    if all == there.iter().map(String::as_str).collect::<Vec<_>>() {
        return;
    }
    match all.is_empty() {
        true => {
            kpi.remove("guards");
        }
        false => {
            kpi.insert("guards", Item::Value(Value::Array(all.into_iter().collect::<Array>())));
        }
    }
}

fn target(kpi: &mut dyn TableLike, sent: &Sent, unit: &str) -> Result<(), String> {
    let kind = sent.text(TARGET);
    if ![AT_LEAST, AT_MOST, BAND].contains(&kind) {
        return Err("Say what is to be reached: at least, at most, or within a band.".to_owned());
    }
    if kpi.get("target").is_none_or(|item| item.as_table_like().is_none()) {
        kpi.insert("target", Item::Value(Value::InlineTable(InlineTable::new())));
    }
    let Some(target) = kpi.get_mut("target").and_then(Item::as_table_like_mut) else { return Ok(()) };
    for other in [AT_LEAST, AT_MOST, BAND].into_iter().filter(|other| *other != kind) {
        target.remove(other);
    }
    if kind == BAND {
        if target.get(BAND).is_none_or(|item| item.as_table_like().is_none()) {
            target.insert(BAND, Item::Value(Value::InlineTable(InlineTable::new())));
        }
        if let Some(band) = target.get_mut(BAND).and_then(Item::as_table_like_mut) {
            put(band, "from", sent.text(BAND_FROM), |text| of_unit(text, unit));
            put(band, "to", sent.text(BAND_TO), |text| of_unit(text, unit));
        }
    } else {
        put(target, kind, sent.text(VALUE), |text| of_unit(text, unit));
    }
    put(target, TOLERANCE, sent.text(TOLERANCE), |text| of_unit(text, unit));
    let ramp = [sent.text(RAMP_STARTS), sent.text(RAMP_DAYS), sent.text(RAMP_EASED_BY)];
    if ramp.iter().all(|text| text.is_empty()) {
        target.remove("ramp");
        return Ok(());
    }
    if target.get("ramp").is_none_or(|item| item.as_table_like().is_none()) {
        target.insert("ramp", Item::Value(Value::InlineTable(InlineTable::new())));
    }
    if let Some(inner) = target.get_mut("ramp").and_then(Item::as_table_like_mut) {
        let [starts, days, eased_by] = ramp;
        put(inner, "starts", starts, day);
        put(inner, "days", days, |text| number(text).unwrap_or_else(|| Value::from(text)));
        put(inner, "eased_by", eased_by, |text| of_unit(text, "%"));
    }
    Ok(())
}

/// Sets a key, unless it says that already; removes it for an empty text.
fn put(table: &mut dyn TableLike, key: &str, text: &str, value: impl Fn(&str) -> Value) {
    if text.is_empty() {
        table.remove(key);
        return;
    }
    let new = value(text);
    let is_same = table.get(key).is_some_and(|item| shown(item) == bare(&new.to_string()));
    if is_same {
        return;
    }
    match table.get_mut(key).and_then(Item::as_value_mut) {
        // What stands around a value, such as a comment behind it, stays.
        Some(old) => {
            let around = old.decor().clone();
            *old = new;
            *old.decor_mut() = around;
        }
        None => {
            table.insert(key, Item::Value(new));
        }
    }
}

/// A value as it is written beside a unit: `5.2` beside `%` becomes `"5.2 %"`; numbers stay the digits that were typed.
fn of_unit(text: &str, unit: &str) -> Value {
    match number(text) {
        Some(_) if unit == "%" => Value::from(format!("{text} %")),
        Some(number) => number,
        None => Value::from(text),
    }
}

/// A plain number, with its digits.
fn number(text: &str) -> Option<Value> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-'));
    text.parse::<Value>().ok().filter(|value| is_plain && (value.is_integer() || value.is_float()))
}

/// A day as TOML writes it; what is none stays a text, which the reader refuses with a sentence.
fn day(text: &str) -> Value {
    match text.parse::<Value>() {
        Ok(value) if value.is_datetime() => value,
        _ => Value::from(text),
    }
}

/// A value without quotes.
fn shown(item: &Item) -> String {
    match item.as_str() {
        Some(text) => text.to_owned(),
        None => item.to_string().trim().to_owned(),
    }
}

fn bare(text: &str) -> String {
    text.trim().trim_matches('"').to_owned()
}

/// A value without the unit that stands beside its field.
fn in_unit(text: &str, unit: &str) -> String {
    match text.strip_suffix('%') {
        Some(number) if unit == "%" => number.trim().to_owned(),
        _ => text.to_owned(),
    }
}

fn full(key: &str) -> String {
    match key.ends_with("_id") {
        true => key.to_owned(),
        false => format!("{key}_id"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"# Ours.

[kpi.conversion] # the one
metric = "conversion_rate/success_per_dial"
place  = { campaign = "home_switch" } # consumers
owner  = "lead@example.org"
window = "week"
guards = ["a", "b", "c", "d"]
target = { at_least = "2.30 %", tolerance = "0.10 %" }

[kpi.occupancy]
metric = "occupancy"
owner  = "plan@example.org"
window = "week"
[kpi.occupancy.target]
band      = { from = "75 %", to = "85 %" }
beyond    = [ { above = "85 %", says = "Burnout." } ]

[kpi.seasonal]
metric = "sales"
owner  = "plan@example.org"
window = "month"
target = [{ at_least = 10, until = 2026-06-01 }, { at_least = 12, from = 2026-06-01 }]
"#;
    const DIMENSIONS: [&str; 2] = ["campaign_id", "team_id"];

    fn as_sent(fields: &KpiFields) -> Vec<(String, String)> {
        let mut pairs: Vec<(String, String)> = [
            (LABEL, &fields.label),
            (METRIC, &fields.metric),
            (OWNER, &fields.owner),
            (WINDOW, &fields.window),
            (TARGET, &fields.target),
            (VALUE, &fields.value),
            (BAND_FROM, &fields.band.0),
            (BAND_TO, &fields.band.1),
            (TOLERANCE, &fields.tolerance),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.clone()))
        .collect();
        pairs.extend(fields.place.iter().map(|(d, value)| (place_field(d), value.clone())));
        pairs.extend(fields.guards.iter().take(GUARDS).map(|guard| (GUARD.to_owned(), guard.clone())));
        pairs
    }

    #[test]
    fn what_is_sent_back_unchanged_changes_no_byte() {
        for name in ["conversion", "occupancy", "seasonal"] {
            let (fields, _) = fields(&document(FILE).unwrap(), name, "%").unwrap();
            let sent = Sent::of(as_sent(&fields));
            assert_eq!(written(FILE, name, &sent, &DIMENSIONS, "%").unwrap().0, FILE, "{name}");
        }
    }

    #[test]
    fn what_the_form_cannot_say_is_shown_and_stays() {
        let document = document(FILE).unwrap();
        let (occupancy, kept) = fields(&document, "occupancy", "%").unwrap();
        assert_eq!((occupancy.target.as_str(), occupancy.band.0.as_str()), (BAND, "75"));
        assert!(kept.unwrap().contains("Burnout."));
        let (seasonal, kept) = fields(&document, "seasonal", "").unwrap();
        assert!(seasonal.target == KEPT && kept.unwrap().contains("at_least = 12"));
        let (conversion, kept) = fields(&document, "conversion", "%").unwrap();
        assert_eq!(conversion.place, [("campaign_id".to_owned(), "home_switch".to_owned())]);
        assert!(kept.unwrap().contains("\"d\""));
    }

    #[test]
    fn a_change_touches_its_key_alone_and_a_new_kpi_comes_at_the_end() {
        let (mut changed, _) = fields(&document(FILE).unwrap(), "conversion", "%").unwrap();
        changed.value = "2.50".to_owned();
        changed.guards = vec!["a".to_owned()];
        let (text, part) =
            written(FILE, "conversion", &Sent::of(as_sent(&changed)), &DIMENSIONS, "%").unwrap();
        assert!(text.contains("target = { at_least = \"2.50 %\", tolerance = \"0.10 %\" }"), "{text}");
        assert!(text.contains("guards = [\"a\", \"d\"]") && text.contains("# consumers"), "{text}");
        assert!(part.starts_with("[kpi.conversion]\nmetric = "), "{part}");

        let new = KpiFields {
            metric: "sales".to_owned(),
            owner: "x@example.org".to_owned(),
            window: "month".to_owned(),
            target: AT_LEAST.to_owned(),
            value: "10".to_owned(),
            place: vec![("team_id".to_owned(), "a".to_owned())],
            ..KpiFields::default()
        };
        let (text, _) = written("# Ours.\n", "sold", &Sent::of(as_sent(&new)), &DIMENSIONS, "").unwrap();
        assert_eq!(
            text,
            "# Ours.\n\n[kpi.sold]\nmetric = \"sales\"\nowner = \"x@example.org\"\nwindow = \"month\"\n\
             place = { team_id = \"a\" }\ntarget = { at_least = 10 }\n"
        );
    }
}
