//! Who can be told apart from whom.

use super::Sureness;
use super::compare::Compare;
use crate::clusters::Part;
use crate::false_discovery::discoveries;

/// For each pair whether its two surely differ.
pub(super) struct Apart {
    told: Vec<bool>,
    n: usize,
}

impl Apart {
    pub(super) fn told(&self, one: usize, other: usize) -> bool {
        self.told.get(one * self.n + other).copied().unwrap_or(false)
    }
}

pub(super) fn apart(sums: &[Part], compare: Compare, sureness: Sureness) -> Option<Apart> {
    let n = sums.len();
    let pairs: Vec<(usize, usize)> =
        (0..n).flat_map(|one| (one + 1..n).map(move |other| (one, other))).collect();
    let p_values: Vec<f64> = pairs.iter().map(|(a, b)| compare.p_value(sums[*a], sums[*b])).collect();
    let mut told = vec![false; n * n];
    for ((one, other), is_told) in pairs.iter().zip(discoveries(&p_values, sureness.false_discoveries)?) {
        told[one * n + other] = is_told;
        told[other * n + one] = is_told;
    }
    Some(Apart { told, n })
}

/// Groups along an order, from 1: each goes on until somebody can be told apart from one who is in it.
pub(super) fn along(order: &[usize], apart: &Apart) -> Vec<usize> {
    let (mut group, mut first) = (1, 0);
    let mut groups = Vec::with_capacity(order.len());
    for (at, one) in order.iter().enumerate() {
        if order[first..at].iter().any(|other| apart.told(*one, *other)) {
            (group, first) = (group + 1, at);
        }
        groups.push(group);
    }
    groups
}
