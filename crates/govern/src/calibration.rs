//! Calibration: several evaluators score the same conversations, and how far they agree with the master and each other.

use std::collections::{BTreeMap, BTreeSet};

use dialmark_metrics::{Exact, Ratio, Reason};
use dialmark_stats::agreement::{self, Scale, Verdict};

use crate::quality::{Answer, Scored};

mod round;

pub use round::{Round, RoundScore};

/// Points of 100 by which a score may differ from the master's and still agree with it.
pub const AGREES_WITHIN: i64 = 5;

/// A calibration session: the master's scores, and those of everyone else.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Session {
    master: BTreeMap<String, Scored>,
    /// By evaluator and call.
    scores: BTreeMap<(String, String), Scored>,
}

/// So many of so many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Agreement {
    /// Scores that agree.
    pub agree: u64,
    /// Scores compared.
    pub of: u64,
}

impl Agreement {
    /// The share that agrees.
    pub fn share(self) -> Result<Ratio, Reason> {
        match self.of {
            0 => Err(Reason::NoData),
            of => Ratio::of(Exact::integer(self.agree.into()), Exact::integer(of.into()))
                .ok_or(Reason::TooLarge),
        }
    }

    fn note(&mut self, agrees: bool) {
        self.agree += u64::from(agrees);
        self.of += 1;
    }
}

/// How evaluators differ from the master on one criterion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnCriterion {
    /// The criterion.
    pub criterion: String,
    /// Answers that are the master's.
    pub same: Agreement,
    /// Mean difference from the master, as a share of the most points: 0 when all agree, 1 when all are opposed. Leaving
    /// out what the master did not, or the other way round, is the whole.
    pub mean_difference: Ratio,
}

/// What a session showed, against the master.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgainstMaster {
    /// Scores within five points of the master's, over all evaluators.
    pub overall: Agreement,
    /// The same by evaluator.
    pub by_evaluator: BTreeMap<String, Agreement>,
    /// By criterion, those that differ most first.
    pub by_criterion: Vec<OnCriterion>,
    /// Evaluator and call of scores that are lacking: the session is not complete.
    pub lacking: Vec<(String, String)>,
}

/// How far evaluators agree with each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AmongEvaluators {
    /// Krippendorff's alpha, at most 1; `None` when it cannot be told from chance: no call has two scores, or all scores
    /// are the same.
    pub alpha: Option<f64>,
    /// Calls that two evaluators or more scored.
    pub calls: usize,
}

impl AmongEvaluators {
    /// What can be concluded; `None` when nothing can.
    pub fn verdict(self) -> Option<Verdict> {
        self.alpha.and_then(Verdict::of)
    }

    /// What can be concluded, in a sentence.
    pub fn says(self) -> String {
        let calls = self.calls;
        let (Some(alpha), Some(verdict)) = (self.alpha, self.verdict()) else {
            return format!(
                "Nothing can be said of agreement among evaluators: {calls} calls have two scores or more, and \
                 different scores are needed as well."
            );
        };
        let what = match verdict {
            Verdict::Good => "good, from 0.80: scores can be relied on",
            Verdict::Tentative => "tentative, from 0.667: draw conclusions with care",
            Verdict::Poor => "poor, below 0.667: calibrate again before scores are used",
        };
        format!("Agreement among evaluators over {calls} calls is {what} (Krippendorff's alpha {alpha:.3}).")
    }
}

impl Session {
    /// A session in which the master scored these calls. All are scored by one form, in one version.
    pub fn new(master: impl IntoIterator<Item = (String, Scored)>) -> Result<Session, String> {
        let mut session = Session::default();
        for (call, scored) in master {
            session.is_of_this_form(&scored, "the master")?;
            if session.master.contains_key(&call) {
                return Err(format!("The master scored the call `{call}` twice. Keep one of the scores."));
            }
            session.master.insert(call, scored);
        }
        match session.master.is_empty() {
            true => Err("A session needs a call that the master scored.".to_owned()),
            false => Ok(session),
        }
    }

    /// Adds an evaluator's score of a call. A second one for the same call is refused: calibration is blind and once.
    pub fn add(&mut self, evaluator: &str, call: &str, scored: Scored) -> Result<(), String> {
        self.is_of_this_form(&scored, evaluator)?;
        if !self.master.contains_key(call) {
            return Err(format!(
                "The master did not score the call `{call}`, so nothing can be compared with it."
            ));
        }
        let key = (evaluator.to_owned(), call.to_owned());
        if self.scores.contains_key(&key) {
            return Err(format!("{evaluator} scored the call `{call}` already."));
        }
        self.scores.insert(key, scored);
        Ok(())
    }

    fn is_of_this_form(&self, scored: &Scored, who: &str) -> Result<(), String> {
        match self.master.values().next() {
            Some(first) if first.form != scored.form => Err(format!(
                "{who} used the form `{}`, but the session is about `{}`. Scores of different forms cannot be compared.",
                scored.form, first.form
            )),
            _ => Ok(()),
        }
    }

    /// Compares everyone with the master; `None` when a number does not fit 128 bits.
    pub fn against_master(&self) -> Option<AgainstMaster> {
        let within = Ratio::exact(Exact::integer(AGREES_WITHIN.into()))?;
        let mut overall = Agreement::default();
        let mut by_evaluator: BTreeMap<String, Agreement> = BTreeMap::new();
        let mut criteria: BTreeMap<&str, (Agreement, Ratio)> = BTreeMap::new();
        for ((evaluator, call), scored) in &self.scores {
            let Some(master) = self.master.get(call) else { continue };
            let agrees = distance(scored.score, master.score)? <= within;
            overall.note(agrees);
            by_evaluator.entry(evaluator.clone()).or_default().note(agrees);
            for (item, wanted) in scored.items.iter().zip(&master.items) {
                let entry = criteria.entry(&item.criterion).or_insert((Agreement::default(), Ratio::ZERO));
                entry.0.note(item.answer == wanted.answer);
                entry.1 = entry.1.plus(difference(item.answer, wanted.answer, item.most)?)?;
            }
        }
        let mut by_criterion = Vec::new();
        for (criterion, (same, sum)) in criteria {
            let mean_difference = sum.over(Ratio::exact(Exact::integer(same.of.into()))?)?;
            by_criterion.push(OnCriterion { criterion: criterion.to_owned(), same, mean_difference });
        }
        by_criterion.sort_by(|a, b| {
            b.mean_difference.cmp(&a.mean_difference).then_with(|| a.criterion.cmp(&b.criterion))
        });
        Some(AgainstMaster { overall, by_evaluator, by_criterion, lacking: self.lacking() })
    }

    /// How far evaluators agree with each other beyond chance: Krippendorff's alpha of their scores, on the interval scale.
    /// The master does not count as one of them.
    pub fn among_evaluators(&self) -> AmongEvaluators {
        let mut calls: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
        for ((_, call), scored) in &self.scores {
            // A coefficient is no figure that anyone is paid by; the statistics are made of floats.
            calls.entry(call).or_default().push(scored.score.to_f64());
        }
        let units: Vec<Vec<f64>> = calls.into_values().collect();
        let compared = units.iter().filter(|scores| scores.len() > 1).count();
        AmongEvaluators { alpha: agreement::alpha(&units, Scale::Interval), calls: compared }
    }

    fn lacking(&self) -> Vec<(String, String)> {
        let evaluators: BTreeSet<&String> = self.scores.keys().map(|(evaluator, _)| evaluator).collect();
        let pairs =
            evaluators.iter().flat_map(|e| self.master.keys().map(|call| ((*e).clone(), call.clone())));
        pairs.filter(|pair| !self.scores.contains_key(pair)).collect()
    }
}

fn distance(a: Ratio, b: Ratio) -> Option<Ratio> {
    if a > b { a.minus(b) } else { b.minus(a) }
}

/// How far two answers are apart, as a share of the most points.
fn difference(a: Answer, b: Answer, most: u32) -> Option<Ratio> {
    match (a, b) {
        (Answer::Points(a), Answer::Points(b)) => {
            Ratio::of(Exact::integer(a.abs_diff(b).into()), Exact::integer(most.into()))
        }
        (Answer::LeftOut, Answer::LeftOut) => Some(Ratio::ZERO),
        _ => Ratio::parse("1"),
    }
}

impl AgainstMaster {
    /// What the session showed, in sentences.
    pub fn says(&self) -> Vec<String> {
        let Agreement { agree, of } = self.overall;
        let mut says =
            vec![format!("{agree} of {of} scores are within {AGREES_WITHIN} points of the master's.")];
        for (evaluator, Agreement { agree, of }) in &self.by_evaluator {
            says.push(format!("{evaluator}: {agree} of {of}."));
        }
        let differ: Vec<&str> = self
            .by_criterion
            .iter()
            .filter(|c| !c.mean_difference.is_zero())
            .map(|c| c.criterion.as_str())
            .take(3)
            .collect();
        says.push(match differ.is_empty() {
            true => "No criterion was answered in another way than by the master.".to_owned(),
            false => format!("Answers differ most on {}.", differ.join(", ")),
        });
        if !self.lacking.is_empty() {
            let pairs: Vec<String> =
                self.lacking.iter().map(|(who, call)| format!("{who} on {call}")).collect();
            says.push(format!("Not scored yet: {}.", pairs.join(", ")));
        }
        says
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quality::Form;
    use crate::reading::testing;
    use proptest::prelude::*;
    use std::sync::LazyLock;

    static FORM: LazyLock<Form> = LazyLock::new(|| {
        let text = r#"
[form.a]
version = "1"
[[form.a.criterion]]
name = "x"
weight = 90
points = 18
[[form.a.criterion]]
name = "y"
weight = 10
may_be_left_out = true
"#;
        testing::read(text, "form", Form::read).0.unwrap()
    });

    fn scored(x: u32, y: Option<u32>) -> Scored {
        let y = y.map_or(Answer::LeftOut, Answer::Points);
        let answers = [("x".to_owned(), Answer::Points(x)), ("y".to_owned(), y)];
        FORM.score(&answers.into_iter().collect()).unwrap()
    }

    fn ratio(text: &str) -> Ratio {
        Ratio::parse(text).unwrap()
    }

    fn session() -> Session {
        // One point of x is 5 of 100. The master: 100 and 50.
        let mut session =
            Session::new([("c1".to_owned(), scored(18, Some(1))), ("c2".to_owned(), scored(8, Some(1)))])
                .unwrap();
        session.add("eve", "c1", scored(17, Some(1))).unwrap(); // 95: exactly five points apart
        session.add("eve", "c2", scored(8, Some(0))).unwrap(); // 40: ten apart
        session.add("fay", "c1", scored(16, Some(1))).unwrap(); // 90: ten apart
        session
    }

    #[test]
    fn five_points_from_the_master_agree_and_more_do_not() {
        let shown = session().against_master().unwrap();
        assert_eq!(shown.overall, Agreement { agree: 1, of: 3 });
        assert_eq!(shown.by_evaluator["eve"].share(), Ok(ratio("1/2")));
        assert_eq!(shown.by_evaluator["fay"].share(), Ok(Ratio::ZERO));
        assert_eq!(Agreement::default().share(), Err(Reason::NoData));
    }

    #[test]
    fn criteria_that_differ_most_come_first() {
        // x: 1/18, 0 and 2/18, on the average 1/18. y: 0, 1 and 0: 1/3.
        let shown = session().against_master().unwrap();
        let differences: Vec<(&str, Ratio)> =
            shown.by_criterion.iter().map(|c| (c.criterion.as_str(), c.mean_difference)).collect();
        assert_eq!(differences, [("y", ratio("1/3")), ("x", ratio("1/18"))]);
        assert_eq!(shown.by_criterion[1].same, Agreement { agree: 1, of: 3 });
        assert_eq!(
            shown.says(),
            [
                "1 of 3 scores are within 5 points of the master's.",
                "eve: 1 of 2.",
                "fay: 0 of 1.",
                "Answers differ most on y, x.",
                "Not scored yet: fay on c2.",
            ]
        );
    }

    #[test]
    fn leaving_out_what_the_master_answered_is_the_whole_difference() {
        let mut session = Session::new([("c".to_owned(), scored(18, Some(0)))]).unwrap();
        session.add("eve", "c", scored(18, None)).unwrap();
        let shown = session.against_master().unwrap();
        assert_eq!(shown.by_criterion[0].mean_difference, ratio("1"));
    }

    #[test]
    fn what_cannot_be_compared_is_refused() {
        let mut session = session();
        assert_eq!(
            session.add("eve", "c1", scored(1, None)).unwrap_err(),
            "eve scored the call `c1` already."
        );
        assert_eq!(
            session.add("eve", "c3", scored(1, None)).unwrap_err(),
            "The master did not score the call `c3`, so nothing can be compared with it."
        );
        let other = Scored { form: "b/2".to_owned(), ..scored(1, None) };
        assert_eq!(
            session.add("gus", "c1", other).unwrap_err(),
            "gus used the form `b/2`, but the session is about `a/1`. Scores of different forms cannot be compared."
        );
        assert_eq!(Session::new([]).unwrap_err(), "A session needs a call that the master scored.");
        let twice = [("c".to_owned(), scored(1, None)), ("c".to_owned(), scored(2, None))];
        assert_eq!(
            Session::new(twice).unwrap_err(),
            "The master scored the call `c` twice. Keep one of the scores."
        );
    }

    #[test]
    fn agreement_among_evaluators_is_put_into_words() {
        let of = |scores: &[(u32, u32)]| {
            let master = (0..scores.len()).map(|n| (format!("c{n}"), scored(18, None)));
            let mut session = Session::new(master).unwrap();
            for (n, (eve, fay)) in scores.iter().enumerate() {
                session.add("eve", &format!("c{n}"), scored(*eve, None)).unwrap();
                session.add("fay", &format!("c{n}"), scored(*fay, None)).unwrap();
            }
            session.among_evaluators()
        };
        // Alpha on the interval scale ignores the unit, so in points of x: 0 and 0, 9 and 9, 18 and 17. Observed: the
        // squared differences of both ordered pairs of each call, 2. Expected: 2 x 6 times the sum of squares about the
        // mean of the six values, which is 775 - 53^2 / 6, over 5.
        let squares = 775.0 - 53.0 * 53.0 / 6.0;
        let wanted = 1.0 - 2.0 / (2.0 * 6.0 * squares / 5.0);
        let shown = of(&[(0, 0), (9, 9), (18, 17)]);
        assert!((shown.alpha.unwrap() - wanted).abs() < 1e-9, "{:?} {wanted}", shown.alpha);
        assert_eq!(
            shown.says(),
            "Agreement among evaluators over 3 calls is good, from 0.80: scores can be relied on (Krippendorff's alpha 0.997)."
        );
        let poor = of(&[(0, 18), (18, 0)]);
        assert_eq!(poor.verdict(), Some(Verdict::Poor));
        assert_eq!(
            of(&[(9, 9), (9, 9)]).says(),
            "Nothing can be said of agreement among evaluators: 2 calls have two scores or more, and different scores are needed as well."
        );
    }

    proptest! {
        #[test]
        fn agreement_of_evaluators_adds_up_to_that_of_all(points in proptest::collection::vec((0_u32..=18, 0_u32..=18), 1..20)) {
            let master = points.iter().enumerate().map(|(n, (m, _))| (format!("c{n}"), scored(*m, None)));
            let mut session = Session::new(master).unwrap();
            for (n, (_, x)) in points.iter().enumerate() {
                session.add(if n % 3 == 0 { "eve" } else { "fay" }, &format!("c{n}"), scored(*x, None)).unwrap();
            }
            let shown = session.against_master().unwrap();
            let sum = shown.by_evaluator.values().fold((0, 0), |(a, n), v| (a + v.agree, n + v.of));
            prop_assert_eq!(sum, (shown.overall.agree, shown.overall.of));
            // With y left out, a point of x is 100 / 18, more than five: only equal scores agree.
            let same = points.iter().filter(|(m, x)| m == x).count();
            prop_assert_eq!(shown.overall.agree, u64::try_from(same).unwrap());
        }
    }
}
