//! A fraction as the text `numerator/denominator`: a number would pass through a float in many a reader.

use dialmark_metrics::Ratio;
use serde::{Deserialize, Deserializer, Serializer};

pub(crate) fn serialize<S: Serializer>(value: &Ratio, serializer: S) -> Result<S::Ok, S::Error> {
    let (num, den) = value.parts();
    serializer.collect_str(&format_args!("{num}/{den}"))
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Ratio, D::Error> {
    let text = String::deserialize(deserializer)?;
    Ratio::parse(&text)
        .ok_or_else(|| serde::de::Error::custom(format!("`{text}` is no fraction, such as `3/4`.")))
}
