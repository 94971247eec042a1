//! Distribution functions and quantiles of the normal, t and beta distributions.
//!
//! The normal quantile is `statrs`'s, right to the last digit. Its incomplete beta function stops after 140 steps of a
//! continued fraction, which is too few beyond some ten thousand records (the t quantile of ten million degrees is
//! 7 % off), and its normal distribution function has ten digits; so these are worked out here.

use std::f64::consts::{PI, SQRT_2};

use statrs::function::erf::{erfc, erfc_inv};

/// Steps of the continued fraction at most. It needs some multiple of the square root of the larger shape.
const MOST_STEPS: u32 = 200_000;
/// Degrees of freedom from which the t quantile is a series about the normal one, good to the last digit there.
const MANY_DEGREES: f64 = 1e6;

/// `z` with the probability `p` below it; 0 < p < 1.
pub(crate) fn normal_quantile(p: f64) -> f64 {
    -SQRT_2 * erfc_inv(2.0 * p)
}

/// Probability below `z`.
pub(crate) fn normal_below(z: f64) -> f64 {
    if z > 0.0 {
        return 1.0 - normal_below(-z);
    }
    let rough = 0.5 * erfc(-z / SQRT_2);
    if rough < f64::MIN_POSITIVE {
        return 0.0;
    }
    // One step of Newton's method on the quantile, which is exact, doubles the digits.
    let at = normal_quantile(rough);
    let density = (-0.5 * at * at).exp() / (2.0 * PI).sqrt();
    rough + (z - at) * density
}

/// `t` with the probability `tail` above it; 0 < tail < 1/2, degrees >= 1 or infinite.
pub(crate) fn t_above(tail: f64, degrees: f64) -> f64 {
    let z = -normal_quantile(tail);
    if degrees >= MANY_DEGREES {
        // Cornish and Fisher's series (Abramowitz and Stegun 26.7.5).
        let first = (z.powi(3) + z) / (4.0 * degrees);
        let second = (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / (96.0 * degrees * degrees);
        return z + first + second;
    }
    // The tail is convex: Newton's steps from the left, where `z` lies, never pass the root but for rounding.
    let mut t = z;
    for _ in 0..200 {
        let (above, density) = t_tail(t, degrees);
        if density <= 0.0 {
            break;
        }
        let step = (above - tail) / density;
        t += step;
        if step.abs() <= 4.0 * f64::EPSILON * t.abs() {
            break;
        }
    }
    t
}

/// Probability above `t` and density at it; t >= 0.
fn t_tail(t: f64, degrees: f64) -> (f64, f64) {
    let (below, above) = (degrees / (degrees + t * t), t * t / (degrees + t * t));
    let (lower, _) = beta_tails(degrees / 2.0, 0.5, below, above);
    // The front of the beta density, brought to the scale of t.
    let density = front(degrees / 2.0, 0.5, below, above) / t.abs().max(f64::MIN_POSITIVE);
    (0.5 * lower, density)
}

/// Probability that a t variable is further from zero than `t`, on either side; degrees may be infinite.
pub(crate) fn t_outside(t: f64, degrees: f64) -> f64 {
    if degrees > 1e8 {
        return (2.0 * normal_below(-t.abs())).min(1.0);
    }
    let (below, above) = (degrees / (degrees + t * t), t * t / (degrees + t * t));
    beta_tails(degrees / 2.0, 0.5, below, above).0.clamp(0.0, 1.0)
}

/// Probability of at most `k` hits in `n` tries of chance `p`; 0 < p < 1.
pub(crate) fn binomial_at_most(k: u64, n: u64, p: f64) -> f64 {
    if k >= n {
        return 1.0;
    }
    beta_tails((n - k) as f64, k as f64 + 1.0, 1.0 - p, p).0.clamp(0.0, 1.0)
}

/// Place with the probability `p` below it, of the beta distribution with the shapes `a` and `b`; 0 < p < 1.
pub(crate) fn beta_quantile(a: f64, b: f64, p: f64) -> f64 {
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    let mut x = a / (a + b);
    for _ in 0..500 {
        let (below, above) = beta_tails(a, b, x, 1.0 - x);
        // The nearer tail has more digits.
        let excess = if p <= 0.5 { below - p } else { (1.0 - p) - above };
        if excess > 0.0 {
            high = x;
        } else {
            low = x;
        }
        let density = front(a, b, x, 1.0 - x) / (x * (1.0 - x));
        let newton = x - excess / density;
        let next = if newton > low && newton < high { newton } else { low + (high - low) / 2.0 };
        let done = (next - x).abs() <= 2.0 * f64::EPSILON * next;
        x = next;
        if done {
            break;
        }
    }
    x
}

/// Regularised incomplete beta function from both sides: probability below and above `x`, where `y` is 1 - x, given
/// apart because it may be known better than the difference. The smaller of the two has all its digits.
fn beta_tails(a: f64, b: f64, x: f64, y: f64) -> (f64, f64) {
    if x <= 0.0 {
        return (0.0, 1.0);
    }
    if y <= 0.0 {
        return (1.0, 0.0);
    }
    let front = front(a, b, x, y);
    if x < (a + 1.0) / (a + b + 2.0) {
        let below = front * fraction(a, b, x, y);
        (below, 1.0 - below)
    } else {
        let above = front * fraction(b, a, y, x);
        (1.0 - above, above)
    }
}

/// The continued fraction of the incomplete beta function in the form of Didonato and Morris (1992), which loses no
/// digits where `x` is near 1; evaluated forwards (Lentz).
fn fraction(a: f64, b: f64, x: f64, y: f64) -> f64 {
    let not_zero = |v: f64| if v.abs() < 1e-300 { 1e-300 } else { v };
    let whole = |m: f64| {
        let first = m + m * (b - m) * x / (a + 2.0 * m - 1.0);
        first + (a + m) * (a * y - b * x + 1.0 + m * (1.0 + y)) / (a + 2.0 * m + 1.0)
    };
    // The term that belongs to m = 0 is written out: its formula would divide zero by zero at a = 1.
    let mut value = not_zero(a * (a * y - b * x + 1.0) / (a + 1.0));
    let (mut c, mut d) = (value, 0.0);
    for step in 1..=MOST_STEPS {
        let m = f64::from(step);
        let ratio = x / (a + 2.0 * m - 1.0);
        let part = (a + m - 1.0) * (a + b + m - 1.0) * m * (b - m) * ratio * ratio;
        d = 1.0 / not_zero(whole(m) + part * d);
        c = not_zero(whole(m) + part / c);
        let change = c * d;
        value *= change;
        if (change - 1.0).abs() <= f64::EPSILON {
            break;
        }
    }
    1.0 / value
}

/// `x^a y^b / B(a, b)` by deviances from the mean and Stirling's errors, so that nothing large is subtracted from
/// something large (the idea is Loader's, 2000).
fn front(a: f64, b: f64, x: f64, y: f64) -> f64 {
    let n = a + b;
    let exponent =
        stirling_error(n) - stirling_error(a) - stirling_error(b) - deviance(a, n * x) - deviance(b, n * y);
    (a / n * b / (2.0 * PI)).sqrt() * exponent.exp()
}

/// `a ln(a / mean) + mean - a`.
fn deviance(a: f64, mean: f64) -> f64 {
    let t = (mean - a) / a;
    a * (t - t.ln_1p())
}

/// What Stirling's formula `(x - 1/2) ln x - x + ln(2 pi) / 2` lacks of the logarithm of the gamma function at `x`.
fn stirling_error(x: f64) -> f64 {
    let (mut x, mut passed) = (x, 0.0);
    while x < 16.0 {
        passed += (x + 0.5) * (1.0 / x).ln_1p() - 1.0;
        x += 1.0;
    }
    let s = 1.0 / (x * x);
    let series =
        1.0 / 12.0 - s * (1.0 / 360.0 - s * (1.0 / 1260.0 - s * (1.0 / 1680.0 - s * (1.0 / 1188.0))));
    passed + series / x
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn near(a: f64, b: f64, relative: f64) -> bool {
        (a - b).abs() <= relative * b.abs()
    }

    #[test]
    fn quantiles_are_those_of_the_tables() {
        // Exact where there is a closed form, else from SciPy 1.17.
        assert!(near(normal_quantile(0.975), 1.959963984540054, 1e-15));
        assert!(near(t_above(0.025, 1.0), (PI * 0.475).tan(), 1e-13));
        assert!(near(t_above(0.025, 2.0), 0.95 * (2.0 / (1.0 - 0.95 * 0.95_f64)).sqrt(), 1e-13));
        assert!(near(t_above(0.025, 39.0), 2.022690920036762, 1e-13));
        assert!(near(t_above(0.025, 1e5), 1.95998770753461, 1e-13));
        assert!(near(t_above(0.025, 1e7), 1.9599642217672055, 1e-13));
        assert!(near(beta_quantile(1.0, 20.0, 0.975), 1.0 - 0.025_f64.powf(0.05), 1e-13));
        // -ln(1 - p) / n and a little more: the smallest of a million.
        assert!(near(beta_quantile(1.0, 1e6, 0.025), -(0.975_f64.ln() / 1e6).exp_m1(), 1e-12));
        assert!(near(beta_quantile(3e6, 7e6, 0.025), 0.2997160121431031, 1e-12));
    }

    #[test]
    fn the_normal_distribution_has_all_its_digits() {
        for (z, p) in [
            (-1.959963984540054, 0.025),
            (1.959963984540054, 0.975),
            (0.0, 0.5),
            (-6.0, 9.865876450376946e-10),
            (-20.0, 2.7536241186062337e-89),
        ] {
            // A tail is as sure as the square of its place, times the rounding of that.
            assert!(near(normal_below(z), p, 1e-14_f64.max(1e-15 * z * z)), "{z}: {}", normal_below(z));
        }
        assert!(normal_below(-50.0) < 1e-300 && normal_below(50.0) >= 1.0);
    }

    #[test]
    fn few_tries_can_be_counted_by_hand() {
        // 3 tries of chance 1/4: 27, 27, 9, 1 of 64.
        for (k, wanted) in [(0, 27.0), (1, 54.0), (2, 63.0), (3, 64.0)] {
            assert!(near(binomial_at_most(k, 3, 0.25), wanted / 64.0, 1e-14));
        }
    }

    proptest! {
        #[test]
        fn a_quantile_is_the_inverse_of_its_distribution(a in 0.5..5e4_f64, b in 0.5..5e4_f64, p in 0.0005..0.9995_f64) {
            let x = beta_quantile(a, b, p);
            let (below, above) = beta_tails(a, b, x, 1.0 - x);
            prop_assert!((below - p).abs() < 1e-11 && (above - (1.0 - p)).abs() < 1e-11, "{} {}", below, p);
        }

        #[test]
        fn t_is_wider_than_the_normal_distribution_and_comes_near_it(degrees in 1.0..1e5_f64, tail in 0.0005..0.45_f64) {
            let (t, more) = (t_above(tail, degrees), t_above(tail, degrees * 1.5));
            prop_assert!(t > more && more > t_above(tail, f64::INFINITY));
            prop_assert!((t_outside(t, degrees) - 2.0 * tail).abs() < 1e-12);
        }
    }
}
