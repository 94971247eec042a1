//! Figures that are excused from being computed. Only some kinds of figure may be.

use super::pattern::Pattern;

/// Whether a place is named like a figure of some kind.
type IsNamedSo = fn(&str) -> bool;

/// The kinds, and what a figure of the kind must have in its name: an exception cannot hide anything else.
const KINDS: [(&str, IsNamedSo); 4] = [
    ("median", |place| place.contains("median")),
    ("percentile", has_percentile),
    ("standard deviation", |place| place.contains("stddev")),
    ("distribution of data quality", |place| {
        place.contains("data_quality") && place.contains("distribution")
    }),
];

/// One excused figure, or one in each entry of a break-down.
pub struct Exception {
    pub figure: Pattern,
}

impl Exception {
    /// Checks kind and reason; `figure` is a place, with `*` for any entry.
    pub fn read(kind: &str, figure: &str, reason: &str) -> Result<Exception, String> {
        let Some((_, is_of_kind)) = KINDS.iter().find(|(word, _)| *word == kind) else {
            let words: Vec<&str> = KINDS.iter().map(|(word, _)| *word).collect();
            return Err(format!("`{kind}` is no kind of exception; the kinds are {}.", words.join(", ")));
        };
        let pattern = Pattern::read(figure)?;
        if !is_of_kind(figure) || pattern.last() == "*" && kind != "distribution of data quality" {
            return Err(format!("`{figure}` is not called a {kind}, so it must be computed."));
        }
        if reason.trim().is_empty() {
            return Err(format!("the exception `{figure}` gives no reason."));
        }
        Ok(Exception { figure: pattern })
    }

    /// Whether it is about this figure.
    pub fn covers(&self, path: &[String]) -> bool {
        self.figure.matches(path).is_some_and(|(rest, _)| rest.is_empty())
    }
}

/// `p` and two digits, as in `p90`.
fn has_percentile(place: &str) -> bool {
    place.rsplit('/').next().unwrap_or_default().split('_').any(|word| {
        word.strip_prefix('p')
            .is_some_and(|digits| digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_figures_of_the_allowed_kinds_are_excused() {
        assert!(Exception::read("median", "/by_type/*/service_time_median", "r").is_ok());
        assert!(Exception::read("percentile", "/duration_p90_cont", "r").is_ok());
        assert!(Exception::read("standard deviation", "/duration_stddev_samp", "r").is_ok());
        for (kind, figure) in [
            ("median", "/conversion_rate"),
            ("percentile", "/by_dow/*/abandon_rate"),
            ("percentile", "/by_type/*"),
            ("distribution of data quality", "/data_quality/q_mismatch"),
            ("awkward", "/duration_median_s"),
        ] {
            assert!(Exception::read(kind, figure, "r").is_err(), "{kind} {figure}");
        }
        assert!(Exception::read("median", "/duration_median_s", " ").is_err());
    }
}
