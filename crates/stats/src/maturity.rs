//! Outcomes that come late: what a young cohort will come to, from how older ones ripened.

use crate::interval::{Confidence, Interval};

/// Share of what will come that must have come for a figure to count as ripe: our own choice.
pub const RIPE: f64 = 0.8;

/// Things of one age (sales of a day, appointments of a week) and what became of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Cohort {
    /// How many there are.
    pub n: f64,
    /// Outcomes by age, in whole units of age (days) since the thing: `by_age[0]` came within the first. As long as the cohort
    /// is old; what is not there has not passed yet.
    pub by_age: Vec<f64>,
}

impl Cohort {
    /// Ages that have passed in full.
    fn age(&self) -> usize {
        self.by_age.len()
    }

    /// Outcomes up to and including an age.
    fn until(&self, age: usize) -> f64 {
        self.by_age.iter().take(age + 1).sum()
    }
}

/// How outcomes ripen with age.
#[derive(Debug, Clone, PartialEq)]
pub struct Ripening {
    /// By age, the share of all outcomes that have come by then; rising to 1 at the last age.
    shares: Vec<f64>,
}

impl Ripening {
    /// From cohorts of all ages, by the chain ladder: from one age to the next outcomes grow as they did in all cohorts that have
    /// seen both. After `window` ages nothing more counts.
    ///
    /// `None` for an empty window, numbers that are not finite or below zero, unless some cohort is as old as the window, and
    /// where no outcome has come at all.
    pub fn of(cohorts: &[Cohort], window: usize) -> Option<Ripening> {
        let sound = |value: &f64| value.is_finite() && *value >= 0.0;
        let last = window.checked_sub(1)?;
        if !cohorts.iter().all(|cohort| sound(&cohort.n) && cohort.by_age.iter().all(sound))
            || !cohorts.iter().any(|cohort| cohort.age() >= window)
        {
            return None;
        }
        let grown = |age: usize| {
            let seen = || cohorts.iter().filter(move |cohort| cohort.age() > age + 1);
            let (before, after): (f64, f64) =
                (seen().map(|c| c.until(age)).sum(), seen().map(|c| c.until(age + 1)).sum());
            if after > 0.0 { before / after } else { 1.0 }
        };
        let mut shares = vec![1.0; window];
        for age in (0..last).rev() {
            shares[age] = shares[age + 1] * grown(age);
        }
        let outcomes: f64 = cohorts.iter().map(|cohort| cohort.until(last)).sum();
        (outcomes > 0.0 && outcomes.is_finite()).then_some(Ripening { shares })
    }

    /// The share of all outcomes that have come once so many ages have passed in full; 0 before the first.
    pub fn share(&self, ages: usize) -> f64 {
        let at = ages.min(self.shares.len()).checked_sub(1);
        at.and_then(|at| self.shares.get(at)).copied().unwrap_or(0.0)
    }

    /// What cohorts will come to. `None` when there is nothing in them, or nothing of it has ripened.
    pub fn estimate(&self, cohorts: &[Cohort], confidence: Confidence) -> Option<Ripe> {
        let last = self.shares.len().checked_sub(1)?;
        let n: f64 = cohorts.iter().map(|cohort| cohort.n).sum();
        let outcomes: f64 = cohorts.iter().map(|cohort| cohort.until(last)).sum();
        let ripened: f64 = cohorts.iter().map(|cohort| cohort.n * self.share(cohort.age())).sum();
        let sound = n > 0.0 && ripened > 0.0 && [n, outcomes, ripened].into_iter().all(f64::is_finite);
        if !sound {
            return None;
        }
        Some(Ripe { n, outcomes, ripened, interval: interval(outcomes, ripened, n, confidence)? })
    }
}

/// What cohorts of any age will have come to in the end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ripe {
    /// How many there are.
    pub n: f64,
    /// Outcomes so far.
    pub outcomes: f64,
    /// As many ripe ones as these are worth: each counts as much as of its outcomes should have come.
    pub ripened: f64,
    /// Where the share of outcomes may come to lie in the end.
    pub interval: Interval,
}

impl Ripe {
    /// Share of outcomes so far, as if nothing more came.
    pub fn so_far(self) -> f64 {
        self.outcomes / self.n
    }

    /// Share of outcomes in the end.
    pub fn estimate(self) -> f64 {
        (self.outcomes / self.ripened).min(1.0)
    }

    /// Share of what will come that should have come.
    pub fn ripeness(self) -> f64 {
        self.ripened / self.n
    }

    /// Whether so little is still to come that the figure may be taken as it is ([`RIPE`]).
    pub fn is_ripe(self) -> bool {
        self.ripeness() >= RIPE
    }
}

/// Of the share in the end. What has come stays; what is still to come is as uncertain as the rate of the ripe part and as
/// chance in the rest. Together their variance is p (1 - p) left / (n ripened), so it is Wilson's interval for n ripened / left
/// tries, and no lower than what has come.
fn interval(outcomes: f64, ripened: f64, n: f64, confidence: Confidence) -> Option<Interval> {
    let p = (outcomes / ripened).min(1.0);
    let left = (n - ripened).max(0.0);
    if left <= 0.0 {
        return Interval::new(p, p);
    }
    let (z, tries) = (confidence.z(), n * ripened / left);
    let centre = (p + z * z / (2.0 * tries)) / (1.0 + z * z / tries);
    let half = z / (1.0 + z * z / tries) * (p * (1.0 - p) / tries + z * z / (4.0 * tries * tries)).sqrt();
    let come = (outcomes / n).min(1.0);
    let low = if outcomes > 0.0 { (centre - half).clamp(come.min(p), p) } else { 0.0 };
    Interval::new(low, (centre + half).clamp(p, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;
    use proptest::prelude::*;

    fn cohort(n: f64, by_age: &[f64]) -> Cohort {
        Cohort { n, by_age: by_age.to_vec() }
    }

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-12
    }

    #[test]
    fn young_cohorts_ripen_as_old_ones_did() {
        // Of 100 sales each: 4, 3 and 3 are cancelled on the first, second and third day; a younger day lost 2 at once, the
        // youngest 6.
        let old = cohort(100.0, &[4.0, 3.0, 3.0]);
        let (middle, young) = (cohort(100.0, &[2.0, 4.0]), cohort(100.0, &[6.0]));
        let ripening = Ripening::of(&[old.clone(), middle, young.clone()], 3).unwrap();
        // From the second day on 10 of 7; from the first 13 of 6.
        assert!(near(ripening.share(3), 1.0) && near(ripening.share(9), 1.0) && near(ripening.share(0), 0.0));
        assert!(near(ripening.share(2), 0.7) && near(ripening.share(1), 0.7 * 6.0 / 13.0));
        let found = ripening.estimate(&[young], Confidence::P95).unwrap();
        assert!(
            near(found.so_far(), 0.06)
                && near(found.estimate(), 0.06 / (0.7 * 6.0 / 13.0))
                && !found.is_ripe()
        );
        assert!(found.interval.contains(found.estimate()) && found.interval.low() >= 0.06);
        let found = ripening.estimate(&[old], Confidence::P95).unwrap();
        assert!(found.is_ripe() && near(found.interval.low(), 0.1) && near(found.interval.high(), 0.1));
    }

    #[test]
    fn without_an_old_cohort_nothing_is_known() {
        assert_eq!(Ripening::of(&[cohort(10.0, &[1.0, 2.0])], 3), None);
        assert_eq!(Ripening::of(&[cohort(10.0, &[0.0, 0.0])], 2), None, "nothing has ever come");
        assert_eq!(Ripening::of(&[cohort(10.0, &[1.0])], 0), None);
        assert_eq!(Ripening::of(&[cohort(10.0, &[f64::NAN])], 1), None);
        let ripening = Ripening::of(&[cohort(10.0, &[0.0, 2.0])], 2).unwrap();
        assert_eq!(
            ripening.estimate(&[cohort(10.0, &[0.0])], Confidence::P95),
            None,
            "too young to say anything"
        );
        assert_eq!(ripening.estimate(&[], Confidence::P95), None);
    }

    #[test]
    fn after_a_week_the_final_share_is_foretold() {
        // Cancellations come within 30 days, half of them in the first five: what the young cohorts of a day will come to.
        let mut random = Random::seeded(71);
        let (mut held, trials) = (0, 600);
        for _ in 0..trials {
            let mut final_share = 0.0;
            let mut cohorts: Vec<Cohort> = Vec::new();
            let rate = 0.05 + 0.2 * random.unit();
            for day in 0..60 {
                let (age, mut by_age, n) = ((66 - day).min(30), vec![0.0; 30], 80 + random.below(60));
                for _ in 0..n {
                    if random.unit() < rate {
                        // The day by whose end so many of all have come.
                        let come = random.unit() * (1.0 - 0.5_f64.powi(6));
                        let lag = (0..30).find(|day| 1.0 - 0.5_f64.powf(f64::from(day + 1) / 5.0) >= come);
                        by_age[usize::try_from(lag.unwrap_or(29)).unwrap()] += 1.0;
                    }
                }
                if day == 59 {
                    final_share = by_age.iter().sum::<f64>() / n as f64;
                }
                by_age.truncate(age);
                cohorts.push(Cohort { n: n as f64, by_age });
            }
            let ripening = Ripening::of(&cohorts, 30).unwrap();
            let found = ripening.estimate(&cohorts[59..], Confidence::P95).unwrap();
            assert_eq!(cohorts[59].age(), 7);
            held += u32::from(found.interval.contains(final_share));
        }
        let covered = f64::from(held) / f64::from(trials);
        assert!((0.90..=0.985).contains(&covered), "{covered}");
    }

    proptest! {
        #[test]
        fn shares_rise_to_one_and_estimates_are_no_lower_than_what_has_come(
            rows in proptest::collection::vec((1_u32..200, proptest::collection::vec(0_u32..9, 1..12)), 1..20), window in 1_usize..12,
        ) {
            let cohorts: Vec<Cohort> = rows.iter().map(|(more, by_age)| {
                let n = f64::from(*more + by_age.iter().sum::<u32>());
                Cohort { n, by_age: by_age.iter().map(|n| f64::from(*n)).collect() }
            }).collect();
            let Some(ripening) = Ripening::of(&cohorts, window) else { return Ok(()) };
            prop_assert!((0..window).all(|age| ripening.share(age) <= ripening.share(age + 1) + 1e-12));
            prop_assert!(near(ripening.share(window), 1.0));
            if let Some(found) = ripening.estimate(&cohorts, Confidence::P90) {
                prop_assert!(found.estimate() >= found.so_far() - 1e-12 && found.ripeness() <= 1.0 + 1e-12);
                prop_assert!(found.interval.low() <= found.estimate() && found.estimate() <= found.interval.high());
                prop_assert!(found.interval.low() >= found.so_far() - 1e-12);
            }
        }
    }
}
