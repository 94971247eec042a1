//! Who is due for coaching: the lowest-scoring behaviours of an agent, where enough was seen to say so.

use std::collections::{BTreeMap, BTreeSet};

use dialmark_metrics::{Ratio, Reason};

use crate::quality::{Answer, Points, Scored};

/// Points of one agent on one behaviour, added up over evaluations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Behaviour {
    /// The agent.
    pub agent: String,
    /// The behaviour that coaching would be about.
    pub behaviour: String,
    /// Points reached of points possible.
    pub points: Points,
    /// Evaluations in which it could be seen.
    pub n: u64,
    /// Evaluations in which a critical criterion about it failed.
    pub critical_errors: u64,
}

/// When a behaviour is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Evaluations of a behaviour below which nothing is said of it.
    pub least_n: u64,
    /// Share of the points below which it is due.
    pub below: Ratio,
    /// So many behaviours of an agent at most, the lowest first: nobody works on everything at once.
    pub at_most: usize,
}

/// What one agent is due for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The agent.
    pub agent: String,
    /// What to coach: behaviours with critical errors first, those with most of them before the others, then the lowest.
    pub behaviours: Vec<DueBehaviour>,
    /// Behaviours of which too little was seen, and how often.
    pub too_few: Vec<(String, u64)>,
}

/// A behaviour that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueBehaviour {
    /// The behaviour.
    pub behaviour: String,
    /// Share of the points; `None` when its criteria have no weight.
    pub share: Option<Ratio>,
    /// Evaluations in which it could be seen.
    pub n: u64,
    /// Evaluations in which a critical criterion about it failed.
    pub critical_errors: u64,
}

impl Behaviour {
    /// Adds up the behaviours of scored evaluations, each with its agent. Criteria that nothing is coached for are left
    /// out, as are answers that were left out.
    pub fn add_up<'s>(
        evaluations: impl IntoIterator<Item = (&'s str, &'s Scored)>,
    ) -> Result<Vec<Behaviour>, Reason> {
        let mut sums: BTreeMap<(&str, &str), Behaviour> = BTreeMap::new();
        for (agent, scored) in evaluations {
            // Two criteria of one evaluation that are about the same behaviour are one look at it.
            let mut seen: BTreeMap<&str, (Points, bool)> = BTreeMap::new();
            for item in scored.items.iter().filter(|item| item.answer != Answer::LeftOut) {
                let Some(coach) = &item.coach else { continue };
                let (points, is_critical) = seen.entry(coach).or_insert((Points::NONE, false));
                *points = points.plus(item.points).ok_or(Reason::TooLarge)?;
                *is_critical |= item.critical_error;
            }
            for (behaviour, (points, is_critical)) in seen {
                let sum = sums.entry((agent, behaviour)).or_insert_with(|| Behaviour {
                    agent: agent.to_owned(),
                    behaviour: behaviour.to_owned(),
                    points: Points::NONE,
                    n: 0,
                    critical_errors: 0,
                });
                sum.points = sum.points.plus(points).ok_or(Reason::TooLarge)?;
                sum.n += 1;
                sum.critical_errors += u64::from(is_critical);
            }
        }
        Ok(sums.into_values().collect())
    }
}

/// Who is due for what, one row an agent. A critical error is due however little was seen. Behaviours with a session whose re-check is still ahead (`open`: agent and
/// behaviour) are not due again.
pub fn due(seen: &[Behaviour], rule: Rule, open: &BTreeSet<(&str, &str)>) -> Result<Vec<Due>, Reason> {
    let mut agents: BTreeMap<&str, Due> = BTreeMap::new();
    for Behaviour { agent, behaviour, points, n, critical_errors } in seen {
        let row = agents.entry(agent).or_insert_with(|| Due {
            agent: agent.clone(),
            behaviours: Vec::new(),
            too_few: Vec::new(),
        });
        if open.contains(&(agent.as_str(), behaviour.as_str())) {
            continue;
        }
        let share = match points.share() {
            Err(Reason::ZeroDenominator) => None,
            share => Some(share?),
        };
        let (n, critical_errors) = (*n, *critical_errors);
        if critical_errors > 0 || (n >= rule.least_n && share.is_some_and(|share| share < rule.below)) {
            row.behaviours.push(DueBehaviour { behaviour: behaviour.clone(), share, n, critical_errors });
        } else if n < rule.least_n {
            row.too_few.push((behaviour.clone(), n));
        }
    }
    let mut rows: Vec<Due> = agents.into_values().collect();
    for row in &mut rows {
        row.behaviours.sort_by(|a, b| {
            let errors = b.critical_errors.cmp(&a.critical_errors);
            errors.then_with(|| a.share.cmp(&b.share)).then_with(|| a.behaviour.cmp(&b.behaviour))
        });
        row.behaviours.truncate(rule.at_most);
    }
    rows.retain(|row| !row.behaviours.is_empty() || !row.too_few.is_empty());
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quality::Form;
    use crate::reading::testing;

    fn ratio(text: &str) -> Ratio {
        Ratio::parse(text).unwrap()
    }

    fn seen(agent: &str, behaviour: &str, reached: &str, n: u64) -> Behaviour {
        let points = Points { reached: ratio(reached), possible: ratio("100") };
        Behaviour { agent: agent.to_owned(), behaviour: behaviour.to_owned(), points, n, critical_errors: 0 }
    }

    #[test]
    fn the_lowest_behaviours_are_due_where_enough_was_seen() {
        let all = [
            seen("ann", "asking", "60", 10),
            seen("ann", "closing", "40", 10),
            seen("ann", "greeting", "50", 10),
            seen("ann", "price", "10", 4),
            seen("ben", "asking", "80", 10),
            seen("cai", "asking", "79", 10),
        ];
        let rule = Rule { least_n: 5, below: ratio("0.8"), at_most: 2 };
        let rows = due(&all, rule, &BTreeSet::from([("cai", "asking")])).unwrap();
        assert_eq!(rows.len(), 1);
        assert_eq!(names(&rows[0]), ["closing", "greeting"]);
        assert_eq!((rows[0].behaviours[0].share, rows[0].behaviours[0].n), (Some(ratio("0.4")), 10));
        assert_eq!(rows[0].too_few, [("price".to_owned(), 4)]);
    }

    fn names(due: &Due) -> Vec<&str> {
        due.behaviours.iter().map(|b| b.behaviour.as_str()).collect()
    }

    #[test]
    fn a_critical_error_is_due_however_little_was_seen() {
        let law = Behaviour { critical_errors: 1, ..seen("ann", "consent", "100", 1) };
        let unweighted =
            Behaviour { critical_errors: 2, points: Points::NONE, ..seen("ann", "data", "0", 2) };
        let rule = Rule { least_n: 5, below: ratio("0.8"), at_most: 3 };
        let rows = due(&[seen("ann", "asking", "10", 9), law, unweighted], rule, &BTreeSet::new()).unwrap();
        assert_eq!(names(&rows[0]), ["data", "consent", "asking"]);
        assert_eq!((rows[0].behaviours[0].share, rows[0].too_few.len()), (None, 0));
    }

    #[test]
    fn behaviours_are_added_up_over_evaluations() {
        let text = r#"
[form.a]
version = "1"
[[form.a.criterion]]
name = "need"
weight = 30
coach = "asking"
[[form.a.criterion]]
name = "budget"
weight = 20
coach = "asking"
may_be_left_out = true
[[form.a.criterion]]
name = "greeting"
weight = 50
"#;
        let form: Form = testing::read(text, "form", Form::read).0.unwrap();
        let scored = |need: u32, budget: Answer| {
            let answers = [
                ("need".to_owned(), Answer::Points(need)),
                ("budget".to_owned(), budget),
                ("greeting".to_owned(), Answer::Points(1)),
            ];
            form.score(&answers.into_iter().collect()).unwrap()
        };
        // 30 + 0 of 50, then 0 of 30: 30 of 80 in two evaluations.
        let evaluations = [scored(1, Answer::Points(0)), scored(0, Answer::LeftOut)];
        let sums = Behaviour::add_up(evaluations.iter().map(|scored| ("ann", scored))).unwrap();
        let points = Points { reached: ratio("30"), possible: ratio("80") };
        assert_eq!(sums, [Behaviour { points, n: 2, ..seen("ann", "asking", "0", 0) }]);
    }
}
