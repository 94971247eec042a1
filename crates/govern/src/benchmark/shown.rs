//! Values as sentences say them: rounded for reading, never computed on.

use dialmark_metrics::metric::Unit;
use dialmark_metrics::{Exact, Ratio};

use super::Stated;
use crate::money::Money;

/// A value in its unit: `5.2 %`, `4 min 30 s`, `212.40 EUR`, `12.5`. Rounded half to even to two digits after the point,
/// durations to tenths of a second, money to the currency's smallest unit.
pub fn shown(value: Ratio, unit: Unit, currency: Option<&str>) -> String {
    match (unit, currency) {
        (Unit::Share, _) => match value.times(whole(100)) {
            Some(per_cent) => format!("{} %", per_cent.decimal(2)),
            None => value.decimal(4),
        },
        (Unit::Duration, _) => duration(value),
        (Unit::Money, Some(currency)) => match Money::rounded(value, currency) {
            Some(money) => money.to_string(),
            None => format!("{} {currency}", value.decimal(2)),
        },
        (Unit::Money | Unit::Count | Unit::Ratio | Unit::PerHour | Unit::Score, _) => value.decimal(2),
    }
}

/// A stated figure: `70 % to 75 %`, `at least 85 %`, `more than 60 %`.
pub(crate) fn stated(value: Stated, unit: Unit, currency: Option<&str>) -> String {
    let one = |value: Ratio| shown(value, unit, currency);
    match value {
        Stated::Exactly(value) => one(value),
        Stated::Between(from, to) => format!("{} to {}", one(from), one(to)),
        Stated::AtLeast(edge) => format!("at least {}", one(edge)),
        Stated::AtMost(edge) => format!("at most {}", one(edge)),
        Stated::Above(edge) => format!("more than {}", one(edge)),
        Stated::Below(edge) => format!("less than {}", one(edge)),
    }
}

/// How far two values are apart, without a sign: shares in points, the rest in their unit.
pub(crate) fn apart(distance: Ratio, unit: Unit, currency: Option<&str>) -> String {
    let distance = match distance < Ratio::ZERO {
        true => Ratio::ZERO.minus(distance).unwrap_or(distance),
        false => distance,
    };
    match (unit, points(distance, unit)) {
        (Unit::Share, Some(points)) => {
            let text = points.decimal(2);
            let noun = if text == "1" { "point" } else { "points" };
            format!("{text} {noun}")
        }
        _ => shown(distance, unit, currency),
    }
}

/// A difference of shares in percentage points; other units have none.
pub(crate) fn points(distance: Ratio, unit: Unit) -> Option<Ratio> {
    if unit == Unit::Share { distance.times(whole(100)) } else { None }
}

pub(crate) fn whole(number: i128) -> Ratio {
    // A whole number always is a fraction.
    Ratio::exact(Exact::integer(number)).unwrap_or(Ratio::ZERO)
}

fn duration(ms: Ratio) -> String {
    let tenths: Option<i128> = ms.over(whole(100)).and_then(|tenths| tenths.decimal(0).parse().ok());
    let Some(tenths) = tenths else { return format!("{} ms", ms.decimal(0)) };
    let sign = if tenths < 0 { "-" } else { "" };
    let tenths = tenths.unsigned_abs();
    let (hours, minutes, rest) = (tenths / 36_000, tenths / 600 % 60, tenths % 600);
    let seconds = match rest % 10 {
        0 => format!("{} s", rest / 10),
        tenth => format!("{}.{tenth} s", rest / 10),
    };
    let mut parts = Vec::new();
    if hours > 0 {
        parts.push(format!("{hours} h"));
    }
    if minutes > 0 {
        parts.push(format!("{minutes} min"));
    }
    if rest > 0 || parts.is_empty() {
        parts.push(seconds);
    }
    format!("{sign}{}", parts.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_shown_in_their_unit() {
        let one = |text: &str, unit| shown(Ratio::parse(text).unwrap(), unit, Some("EUR"));
        assert_eq!(one("0.052", Unit::Share), "5.2 %");
        assert_eq!(one("270000", Unit::Duration), "4 min 30 s");
        assert_eq!(one("-28000", Unit::Duration), "-28 s");
        assert_eq!(one("3600000", Unit::Duration), "1 h");
        assert_eq!(one("0", Unit::Duration), "0 s");
        assert_eq!(one("59960", Unit::Duration), "1 min");
        assert_eq!(one("1234.5", Unit::Money), "1234.50 EUR");
        assert_eq!(one("1/3", Unit::PerHour), "0.33");
        assert_eq!(apart(Ratio::parse("-0.01").unwrap(), Unit::Share, None), "1 point");
    }
}
