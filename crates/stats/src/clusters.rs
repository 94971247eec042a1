//! Records that hang together, summed: the parts of a ratio, one a cluster.

/// What one cluster (an agent's day, a day, a customer) adds to a ratio.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Part {
    /// Sum of the numerator over its records.
    pub top: f64,
    /// Sum of the denominator over its records.
    pub bottom: f64,
}

impl Part {
    /// Nothing of either: no record of it was counted.
    pub(crate) fn is_empty(self) -> bool {
        is_zero(self.top) && is_zero(self.bottom)
    }

    /// Both together.
    pub fn plus(self, other: Part) -> Part {
        Part { top: self.top + other.top, bottom: self.bottom + other.bottom }
    }
}

/// Exactly zero, of either sign.
pub(crate) fn is_zero(value: f64) -> bool {
    value.abs() <= 0.0
}

/// At least two clusters that hold something, in an order of their own, so that no figure depends on the order in
/// which they came. Their sums are finite, the bottom's is not zero.
#[derive(Debug, Clone)]
pub(crate) struct Clusters {
    pub(crate) parts: Vec<Part>,
    pub(crate) top: f64,
    pub(crate) bottom: f64,
}

impl Clusters {
    /// Clusters in which nothing was counted are left out: whether a day without calls is listed must not matter.
    pub(crate) fn of(parts: &[Part]) -> Option<Clusters> {
        let mut parts: Vec<Part> = parts.iter().copied().filter(|part| !part.is_empty()).collect();
        parts.sort_by(|a, b| a.top.total_cmp(&b.top).then(a.bottom.total_cmp(&b.bottom)));
        let (top, bottom) = parts.iter().fold((0.0, 0.0), |(t, b), part| (t + part.top, b + part.bottom));
        let sound = parts.len() >= 2 && f64::is_finite(top) && f64::is_finite(bottom) && !is_zero(bottom);
        (sound && f64::is_finite(top / bottom)).then_some(Clusters { parts, top, bottom })
    }

    /// The ratio of the sums.
    pub(crate) fn ratio(&self) -> f64 {
        self.top / self.bottom
    }

    /// How many they are.
    pub(crate) fn count(&self) -> f64 {
        self.parts.len() as f64
    }

    /// Ratios without one cluster each; `None` when one of them has no bottom.
    pub(crate) fn without_each(&self) -> Option<Vec<f64>> {
        let without = |part: &Part| {
            let ratio = (self.top - part.top) / (self.bottom - part.bottom);
            ratio.is_finite().then_some(ratio)
        };
        self.parts.iter().map(without).collect()
    }
}
