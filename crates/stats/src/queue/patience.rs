//! Callers who leave: Erlang A, by the waits that would be offered to somebody who never leaves.

use super::erlang::with_one_more;
use super::{MOST_SERVERS, is_load, is_time};

/// Terms of the series of waits at most; beyond them each is smaller than the rounding of the sum.
const MOST_TERMS: u32 = 10_000_000;
/// Panels over which a wait is integrated at most.
const MOST_PANELS: f64 = 20_000.0;

/// How callers fare who leave the queue after a while.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Leaving {
    erlangs: f64,
    servers: f64,
    handle: f64,
    patience: f64,
    waits: f64,
    leaves_of_waiting: f64,
    /// Logarithm of what densities of the offered wait are divided by, in handling times.
    weight: f64,
}

/// How callers fare with so many agents when those who wait leave after `patience` on average (exponential), and a call takes
/// `handle` on average, in the same unit. After Garnett, Mandelbaum and Reiman (2002) and Zeltyn and Mandelbaum (2005). There is
/// an answer also where agents cannot keep up: whoever is too many leaves.
///
/// `None` for impossible numbers, no agent at all, more than a million agents, or a patience so long (ten million terms) or so short
/// that it is none.
pub fn leaving(erlangs: f64, servers: u32, handle: f64, patience: f64) -> Option<Leaving> {
    let are_times = [handle, patience, handle / patience, patience / handle].into_iter().all(is_time);
    if servers == 0 || servers > MOST_SERVERS || !is_load(erlangs) || !are_times {
        return None;
    }
    // 1 / B of one agent fewer, the weight of all states in which nobody waits, relative to all agents being busy.
    let blocked = (1..servers).fold(1.0, |blocked, line| with_one_more(blocked, erlangs, line));
    let servers = f64::from(servers);
    let rho = erlangs / servers;
    let (x, y) = (servers * patience / handle, erlangs * patience / handle);
    let series_of_x = series(x, y)?;
    let (ln_idle, ln_busy) = (-f64::ln(blocked), rho.ln() + series_of_x);
    // 1 / (1 + idle / busy), whichever of the two is the larger.
    let waits = if blocked > 0.0 && rho > 0.0 { 1.0 / (1.0 + (ln_idle - ln_busy).exp()) } else { 0.0 };
    // 1 / (rho A) + 1 - 1 / rho, with A = 1 + y / (x + 1) times the same series one further on, so that small loads lose no digits.
    let leaves_of_waiting =
        -(series(x + 1.0, y)? - series_of_x - (1.0 / x).ln_1p()).exp_m1().clamp(-1.0, 0.0);
    let weight = ln_idle.max(ln_busy) + (-(ln_idle - ln_busy).abs()).exp().ln_1p();
    Some(Leaving { erlangs, servers, handle, patience, waits, leaves_of_waiting, weight })
}

/// Logarithm of 1 + y / (x + 1) + y^2 / ((x + 1) (x + 2)) + ...; all terms are positive.
fn series(x: f64, y: f64) -> Option<f64> {
    let (mut sum, mut term, mut scale) = (1.0_f64, 1.0_f64, 0.0_f64);
    for k in 1..=MOST_TERMS {
        let factor = y / (x + f64::from(k));
        term *= factor;
        sum += term;
        if sum > 1e250 {
            (sum, term, scale) = (sum / 1e250, term / 1e250, scale + 250.0 * std::f64::consts::LN_10);
        }
        // What is left is at most a geometric series of this factor.
        if factor < 1.0 && term <= 1e-17 * sum * (1.0 - factor) {
            return Some(scale + sum.ln());
        }
    }
    None
}

impl Leaving {
    /// Share of callers who have to wait at all.
    pub const fn waits(self) -> f64 {
        self.waits
    }

    /// Share of callers who leave before they are answered.
    pub fn leaves(self) -> f64 {
        self.waits * self.leaves_of_waiting
    }

    /// Average time that callers wait, those who leave and those who need not wait included.
    pub fn average_wait(self) -> f64 {
        self.leaves() * self.patience
    }

    /// Share of their time that agents handle calls.
    pub fn occupancy(self) -> f64 {
        (self.erlangs * (1.0 - self.leaves()) / self.servers).min(1.0)
    }

    /// Share of all callers who are answered within this time; at once counts as within. Who leaves is not answered.
    pub fn answered_within(self, time: f64) -> f64 {
        let time = time.max(0.0) / self.handle;
        if self.waits <= 0.0 {
            return 1.0;
        }
        // In handling times: the density of the wait that somebody is offered who never leaves, times the share who have
        // waited so long.
        let leaving = self.handle / self.patience;
        let density = |wait: f64| {
            let left = -(-leaving * wait).exp_m1() / leaving;
            (self.erlangs.ln() + self.erlangs * left - self.servers * wait - leaving * wait - self.weight)
                .exp()
        };
        let rate = (self.servers - self.erlangs).abs() + self.servers.sqrt() + leaving;
        // All that is ever answered has been after some sixty of these times.
        let until = time.min(60.0 * (1.0 / leaving).max(1.0));
        let panels = (4.0 * until * rate).ceil().clamp(16.0, MOST_PANELS);
        (1.0 - self.waits + integral(density, until, panels)).clamp(0.0, 1.0)
    }
}

/// Over 0 to `until`, by Gauss and Legendre's five places on each panel.
fn integral(of: impl Fn(f64) -> f64, until: f64, panels: f64) -> f64 {
    const PLACES: [(f64, f64); 3] = [
        (0.0, 0.568_888_888_888_888_9),
        (0.538_469_310_105_683_1, 0.478_628_670_499_366_5),
        (0.906_179_845_938_664, 0.236_926_885_056_189_1),
    ];
    let half = until / panels / 2.0;
    let mut sum = 0.0;
    let mut panel = 0.0;
    while panel < panels {
        let middle = (2.0 * panel + 1.0) * half;
        for (place, weight) in PLACES {
            let both =
                if place > 0.0 { of(middle - place * half) + of(middle + place * half) } else { of(middle) };
            sum += weight * both;
        }
        panel += 1.0;
    }
    sum * half
}

#[cfg(test)]
mod tests {
    use super::super::erlang::waiting;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_queues_lose_as_many_as_is_known() {
        let one = leaving(10.0, 12, 180.0, 60.0).unwrap();
        assert!((one.waits() - 0.240_426_108_4).abs() < 5e-11);
        assert!((one.leaves() - 0.075_901_796_9).abs() < 5e-11);
        assert!((one.average_wait() - 4.554_107_8).abs() < 5e-8);
        let overloaded = leaving(10.0, 9, 180.0, 60.0).unwrap();
        assert!((overloaded.waits() - 0.524_905_400_2).abs() < 5e-11);
        assert!((overloaded.leaves() - 0.213_223_800_5).abs() < 5e-11);
        assert!((overloaded.average_wait() - 12.793_428_0).abs() < 5e-8);
    }

    /// The share in each state, agents and callers together, from birth and death alone.
    fn states(erlangs: f64, servers: u32, patience: f64) -> Vec<f64> {
        let mut logs = vec![0.0_f64];
        for k in 1..=servers + 4000 {
            let busy = f64::from(k.min(servers));
            let queue = f64::from(k.saturating_sub(servers));
            let last = *logs.last().unwrap();
            logs.push(last + (erlangs / (busy + queue / patience)).ln());
        }
        let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = logs.iter().map(|l| (l - most).exp()).sum();
        logs.into_iter().map(|l| (l - most).exp() / sum).collect()
    }

    #[test]
    fn waits_and_losses_are_those_of_a_chain_of_states() {
        for (erlangs, servers, patience) in [
            (10.0, 12, 1.0 / 3.0),
            (10.0, 9, 0.2),
            (100.0, 80, 0.5),
            (300.0, 330, 2.0),
            (0.5, 1, 1.0),
            (50.0, 1, 1.0),
        ] {
            let (states, found) =
                (states(erlangs, servers, patience), leaving(erlangs, servers, 1.0, patience).unwrap());
            let waits: f64 = states.iter().skip(servers as usize).sum();
            let queue: f64 = states
                .iter()
                .enumerate()
                .skip(servers as usize)
                .map(|(k, p)| (k as f64 - f64::from(servers)) * p)
                .sum();
            assert!((found.waits() - waits).abs() < 1e-12, "{erlangs} {servers}: {} {waits}", found.waits());
            assert!(
                (found.leaves() - queue / patience / erlangs).abs() < 1e-11,
                "{} {}",
                found.leaves(),
                queue / patience / erlangs
            );
        }
    }

    #[test]
    fn the_patient_wait_as_if_nobody_left() {
        let (patient, stubborn) = (leaving(10.0, 12, 180.0, 1e7).unwrap(), waiting(10.0, 12, 180.0).unwrap());
        assert!((patient.waits() - stubborn.waits()).abs() < 1e-4);
        for time in [0.0, 5.0, 20.0, 120.0] {
            assert!((patient.answered_within(time) - stubborn.answered_within(time)).abs() < 1e-4, "{time}");
        }
    }

    #[test]
    fn extremes_have_answers_and_impossible_numbers_none() {
        let overrun = leaving(100_000.0, 10, 180.0, 60.0).unwrap();
        assert!((overrun.waits() - 1.0).abs() < 1e-12 && (overrun.leaves() - 0.9999).abs() < 1e-9);
        assert!((overrun.occupancy() - 1.0).abs() < 1e-6);
        let idle = leaving(0.0, 10, 180.0, 60.0).unwrap();
        assert!(
            idle.waits() <= 0.0 && idle.leaves() <= 0.0 && (idle.answered_within(0.0) - 1.0).abs() < 1e-15
        );
        let spare = leaving(1.0, 100_000, 180.0, 60.0).unwrap();
        assert!(spare.waits() < 1e-300 && (spare.answered_within(1.0) - 1.0).abs() < 1e-15);
        assert!(leaving(10_000.0, 10_000, 180.0, 60.0).unwrap().answered_within(20.0) > 0.9);
        assert_eq!(leaving(10.0, 0, 180.0, 60.0), None);
        for bad in [-1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(leaving(bad, 3, 180.0, 60.0), None);
            assert_eq!(leaving(1.0, 3, bad, 60.0), None);
            assert_eq!(leaving(1.0, 3, 180.0, bad), None);
        }
    }

    proptest! {
        #[test]
        fn whoever_does_not_leave_is_answered_in_the_end(
            erlangs in 0.1..200.0_f64, servers in 1_u32..250, patience in 0.05..5.0_f64,
        ) {
            let found = leaving(erlangs, servers, 1.0, patience).unwrap();
            prop_assert!((found.answered_within(1e9) - (1.0 - found.leaves())).abs() < 1e-8, "{} {}", found.answered_within(1e9), found.leaves());
            prop_assert!((found.answered_within(0.0) - (1.0 - found.waits())).abs() < 1e-12);
            prop_assert!(found.answered_within(0.5) + 1e-12 >= found.answered_within(0.1));
            let more = leaving(erlangs, servers + 1, 1.0, patience).unwrap();
            prop_assert!(more.waits() <= found.waits() + 1e-12 && more.leaves() <= found.leaves() + 1e-12);
            prop_assert!((0.0..=1.0).contains(&found.leaves()) && found.occupancy() <= 1.0);
        }
    }
}
