//! A figure that is a product: dials times contact times conversion, and what each of them did to it.

use dialmark_metrics::Ratio;
use dialmark_metrics::answer::MetricHeader;
use dialmark_metrics::metric::Unit;
use dialmark_stats::decompose::{self, Weighing};

use super::Words;

/// One factor.
#[derive(Debug, Clone)]
pub struct Factor {
    /// What it is.
    pub header: MetricHeader,
    /// Its figure before.
    pub before: Ratio,
    /// Its figure now.
    pub now: Ratio,
    /// How much the product moved because of it, in the unit of the product.
    pub effect: f64,
}

/// A product, taken apart into its factors.
#[derive(Debug, Clone)]
pub struct Chain {
    /// In the order of the work.
    pub factors: Vec<Factor>,
    /// The product now less before: the sum of all effects.
    pub change: f64,
    /// How it was taken apart.
    pub weighing: Weighing,
}

impl Chain {
    /// Takes a product apart. A sentence where it cannot be: the factors do not multiply to the figure, exactly and on either side,
    /// or are too large.
    pub fn of(figure: (Ratio, Ratio), factors: Vec<(MetricHeader, Ratio, Ratio)>) -> Result<Chain, String> {
        let one = Ratio::exact(dialmark_metrics::Exact::integer(1));
        let product = |of: fn(&(MetricHeader, Ratio, Ratio)) -> Ratio| {
            factors.iter().try_fold(one?, |product, factor| product.times(of(factor)))
        };
        for (wanted, found, when) in
            [(figure.0, product(|f| f.1), "before"), (figure.1, product(|f| f.2), "now")]
        {
            match found {
                None => return Err("the factors are too large to be multiplied exactly.".to_owned()),
                Some(found) if found != wanted => {
                    return Err(format!(
                        "the factors do not multiply to it: they come to {} {when}, and the figure is {}.",
                        found.to_f64(),
                        wanted.to_f64()
                    ));
                }
                Some(_) => {}
            }
        }
        let steps = factors.iter().enumerate();
        let whole = decompose::product(steps.map(|(key, (_, before, now))| decompose::Factor {
            key,
            before: before.to_f64(),
            after: now.to_f64(),
        }));
        let whole = whole.map_err(|unfit| format!("{unfit}."))?;
        let effects = whole.effects.iter().map(|(_, effect)| *effect);
        let factors = factors.into_iter().zip(effects).map(|((header, before, now), effect)| Factor {
            header,
            before,
            now,
            effect,
        });
        Ok(Chain { factors: factors.collect(), change: whole.change, weighing: whole.weighing })
    }

    /// What each factor did, in sentences.
    pub fn sentences(&self, unit: Unit) -> Vec<String> {
        let words = Words(unit);
        let names: Vec<&str> = self.factors.iter().map(|factor| factor.header.label.as_str()).collect();
        let mut all = vec![format!(
            "As a product it is {}; what each did adds up to the change, {}{}.",
            names.join(" times "),
            words.signed(self.change),
            match self.weighing {
                Weighing::Logarithms => "",
                Weighing::Shapley =>
                    " (by the mean over all orders of exchange, since a factor is zero on a side)",
            }
        )];
        all.extend(self.factors.iter().map(|factor| {
            let own = Words(factor.header.unit);
            format!(
                "{}: {}; it went from {} to {}.",
                factor.header.label,
                words.signed(factor.effect),
                own.figure(factor.before.to_f64()),
                own.figure(factor.now.to_f64())
            )
        }));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dialmark_metrics::Exact;
    use dialmark_metrics::metric::Direction;

    fn header(label: &str, unit: Unit) -> MetricHeader {
        MetricHeader {
            asked: label.to_owned(),
            metric: label.to_owned(),
            variant: "standard".to_owned(),
            label: label.to_owned(),
            unit,
            direction: Direction::Up,
            kind: "ratio",
            table: "calls".to_owned(),
        }
    }

    fn ratio(top: i128, bottom: i128) -> Ratio {
        Ratio::of(Exact::integer(top), Exact::integer(bottom)).unwrap()
    }

    fn golden() -> Vec<(MetricHeader, Ratio, Ratio)> {
        vec![
            (header("Dials", Unit::Count), ratio(1000, 1), ratio(1200, 1)),
            (header("Contact", Unit::Share), ratio(20, 100), ratio(18, 100)),
            (header("Conversion", Unit::Share), ratio(10, 100), ratio(12, 100)),
            (header("Value", Unit::Money), ratio(50, 1), ratio(45, 1)),
        ]
    }

    #[test]
    fn each_factor_has_its_part_of_the_change() {
        let chain = Chain::of((ratio(1000, 1), ratio(11664, 10)), golden()).unwrap();
        let sum: f64 = chain.factors.iter().map(|factor| factor.effect).sum();
        assert!((sum - chain.change).abs() < 1e-9 && (chain.change - 166.4).abs() < 1e-9, "{chain:?}");
        for (factor, known) in chain.factors.iter().zip([197.10, -113.90, 197.10, -113.90]) {
            assert!((factor.effect - known).abs() < 0.005, "{factor:?}");
        }
        let says = chain.sentences(Unit::Money);
        assert_eq!(
            says[0],
            "As a product it is Dials times Contact times Conversion times Value; what each did adds up to the change, +166.4."
        );
        assert_eq!(says[2], "Contact: -113.9; it went from 20.00 % to 18.00 %.");
    }

    #[test]
    fn factors_that_come_to_something_else_are_refused() {
        let said = Chain::of((ratio(1001, 1), ratio(11664, 10)), golden()).unwrap_err();
        assert!(said.contains("come to 1000 before, and the figure is 1001"), "{said}");
    }

    #[test]
    fn a_factor_that_was_zero_is_weighed_by_all_orders() {
        let factors = vec![
            (header("Dials", Unit::Count), ratio(100, 1), ratio(100, 1)),
            (header("Contact", Unit::Share), ratio(0, 1), ratio(1, 5)),
        ];
        let chain = Chain::of((ratio(0, 1), ratio(20, 1)), factors).unwrap();
        assert_eq!(chain.weighing, Weighing::Shapley);
        assert!(chain.sentences(Unit::Count)[0].contains("mean over all orders"), "{chain:?}");
    }
}
