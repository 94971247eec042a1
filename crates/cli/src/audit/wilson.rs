//! How sure a share is: Wilson's interval, which stays within 0 and 1 and is honest for small numbers.

/// Two-sided 99 % of the normal distribution. A report looks at some hundred groups; at 95 % a handful would
/// stand out by chance alone.
pub const Z: f64 = 2.575_829_303_548_901;

/// Lower and upper bound of the share behind `hits` of `n`; `n` must not be zero.
#[expect(clippy::cast_precision_loss, reason = "an interval is an estimate; 53 bits are plenty")]
pub fn interval(hits: u64, n: u64) -> (f64, f64) {
    let (k, n) = (hits as f64, n as f64);
    let (share, z2) = (k / n, Z * Z);
    let middle = (share + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = Z / (1.0 + z2 / n) * (share * (1.0 - share) / n + z2 / (4.0 * n * n)).sqrt();
    ((middle - half).max(0.0), (middle + half).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_agrees_with_one_worked_step_by_step() {
        // Wilson 99 % for 81 of 263, worked step by step: centre 0.31271, half width 0.07257.
        let (low, high) = interval(81, 263);
        assert!((low - 0.2403).abs() < 0.001 && (high - 0.3854).abs() < 0.001, "{low} {high}");
    }

    #[test]
    fn it_stays_within_bounds_at_the_ends() {
        let (low, high) = interval(0, 10);
        assert!(low < 1e-12 && high > 0.3 && high < 0.5, "{high}");
        let (low, high) = interval(10, 10);
        assert!(low > 0.5 && high > 0.999_999, "{low} {high}");
    }

    #[test]
    fn more_records_make_it_narrower() {
        let width = |n: u64| interval(n / 10, n).1 - interval(n / 10, n).0;
        assert!(width(100) > width(1_000) && width(1_000) > width(100_000));
    }
}
