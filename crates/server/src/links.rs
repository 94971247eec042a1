//! Where figures lead: to their metric's page and to the records behind them.

use dialmark_metrics::metric::{Formula, Metric, Variant};
use dialmark_metrics::{Catalogue, Exact, Key, MetricRef, Params};
use dialmark_model::civil::Grain;
use dialmark_model::duration_text::DAY_MS;
use dialmark_view::asked::{Asked, Bound};
use dialmark_view::format;
use dialmark_view::link::Link;
use jiff::civil::Date;
use jiff::{Span, Timestamp};

/// Part of a metric, as the address of the records has it.
pub const NUMERATOR: &str = "numerator";
/// Part of a metric, as the address of the records has it.
pub const DENOMINATOR: &str = "denominator";

/// The page of a metric, with the period and condition at hand.
pub fn metric(reference: &MetricRef, asked: &Asked) -> Link {
    let params: Vec<String> = reference.params.0.iter().map(|(k, v)| format!("{k}={v}")).collect();
    asked
        .place(Link::below("/metric", &reference.metric))
        .with_some("variant", reference.variant.as_deref())
        .with_some("params", (!params.is_empty()).then(|| params.join(",")))
}

/// The records behind a part of a metric.
pub fn calls(reference: &MetricRef, part: &str, asked: &Asked) -> Link {
    asked.place(Link::to("/calls").with("metric", reference).with("part", part))
}

/// The variant's sentence; the metric's when it is the only one.
pub fn definition(metric: &Metric, variant: &Variant) -> String {
    match variant.about.is_empty() {
        true => metric.about.clone(),
        false => variant.about.clone(),
    }
}

/// What a measure is, in a sentence.
pub fn about_measure(catalogue: &Catalogue, id: &str) -> String {
    catalogue.measures.get(id).map_or_else(String::new, |m| m.about.clone())
}

/// Name of the measure of a part of a formula; for a formula over other metrics, of the first of them.
pub fn measure_of<'f>(catalogue: &'f Catalogue, formula: &'f Formula, part: &str) -> &'f str {
    match formula {
        Formula::Simple { measure } | Formula::Distribution { measure, .. } => measure,
        Formula::Ratio { denominator, .. } if part == DENOMINATOR => denominator,
        Formula::Ratio { numerator, .. } => numerator,
        Formula::Conversion { base, .. } if part == DENOMINATOR => base,
        Formula::Conversion { converted, .. } => converted,
        Formula::Derived(_) | Formula::Cumulative { .. } => {
            let first = formula.others().into_iter().next().and_then(|part| catalogue.resolve(part).ok());
            first.map_or("", |resolved| measure_of(catalogue, &resolved.variant.formula, part))
        }
    }
}

/// Parameters in words: a value of milliseconds reads as a duration.
pub fn params_in_words(params: &Params) -> Vec<(String, String)> {
    let words = |value: i64| match u64::try_from(value) {
        Ok(ms) if ms >= DAY_MS && ms % DAY_MS == 0 => {
            let days = ms / DAY_MS;
            format!("{days} {}", if days == 1 { "day" } else { "days" })
        }
        Ok(ms) if ms >= 1_000 => format::quantity(Exact::integer(i128::from(ms)), "ms", None).to_string(),
        _ => value.to_string(),
    };
    params.0.iter().map(|(name, value)| (name.clone(), words(*value))).collect()
}

/// The period of one bucket of time; `None` for a key that is none.
pub fn bucket(key: &Key, grain: Grain) -> Option<(Bound, Bound)> {
    match (key, grain) {
        (Key::Day(first), _) => Some((Bound::Day(*first), Bound::Day(after(*first, grain)?))),
        (Key::At(start), _) => Some((Bound::At(*start), Bound::At(end(*start, grain)?))),
        _ => None,
    }
}

/// First day of the bucket that follows.
pub fn after(first: Date, grain: Grain) -> Option<Date> {
    let span = match grain {
        Grain::Week => Span::new().weeks(1),
        Grain::Month => Span::new().months(1),
        Grain::Quarter | Grain::FiscalQuarter => Span::new().months(3),
        Grain::Year | Grain::FiscalYear => Span::new().years(1),
        _ => Span::new().days(1),
    };
    first.checked_add(span).ok()
}

/// End of a bucket shorter than a day.
pub fn end(start: Timestamp, grain: Grain) -> Option<Timestamp> {
    start.checked_add(Span::new().microseconds(grain.micros()?)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_bucket_is_the_period_from_its_start_to_the_start_of_the_next() {
        let day = |y, m, d| Bound::Day(date(y, m, d));
        assert_eq!(
            bucket(&Key::Day(date(2026, 11, 1)), Grain::Month),
            Some((day(2026, 11, 1), day(2026, 12, 1)))
        );
        assert_eq!(
            bucket(&Key::Day(date(2026, 12, 28)), Grain::Week),
            Some((day(2026, 12, 28), day(2027, 1, 4)))
        );
        let start: Timestamp = "2026-11-19T10:00:00Z".parse().unwrap();
        let (_, to) = bucket(&Key::At(start), Grain::Half30).unwrap();
        assert_eq!(to.to_string(), "2026-11-19T10:30:00Z");
        assert_eq!(bucket(&Key::Weekday(1), Grain::Day), None);
    }

    #[test]
    fn a_metrics_address_holds_variant_parameters_and_place() {
        let reference = MetricRef::parse("service_level/offered{threshold=20s}").unwrap();
        let asked = Asked { filter: Some("queue = 'a'".to_owned()), ..Asked::default() };
        assert_eq!(
            metric(&reference, &asked).to_string(),
            "/metric/service_level?where=queue%20%3D%20%27a%27&variant=offered&params=threshold%3D20000"
        );
        assert!(calls(&reference, DENOMINATOR, &asked).to_string().starts_with(
            "/calls?metric=service_level%2Foffered%7Bthreshold%3D20000%7D&part=denominator&where="
        ));
    }

    #[test]
    fn parameters_read_as_durations() {
        let params = MetricRef::parse("fcr{window=7d,threshold=10s,top=3}").unwrap().params;
        let words = params_in_words(&params);
        let said: Vec<String> = words.into_iter().map(|(n, v)| format!("{n} {v}")).collect();
        assert_eq!(said, ["threshold 0:10", "top 3", "window 7 days"]);
    }
}
