//! Who is due for coaching: the lowest-scoring behaviours of an agent, where enough was seen to say so.

use std::collections::{BTreeMap, BTreeSet};

use dialmark_metrics::{Ratio, Reason};

use crate::quality::{Points, Scored};

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
    /// Behaviours with their share of the points and how often they were seen, the lowest first.
    pub behaviours: Vec<(String, Ratio, u64)>,
    /// Behaviours of which too little was seen, and how often.
    pub too_few: Vec<(String, u64)>,
}

impl Behaviour {
    /// Adds up the behaviours of scored evaluations, each with its agent. Criteria that nothing is coached for are left
    /// out, as are answers that were left out.
    pub fn add_up<'s>(
        evaluations: impl IntoIterator<Item = (&'s str, &'s Scored)>,
    ) -> Result<Vec<Behaviour>, Reason> {
        let mut sums: BTreeMap<(&str, &str), (Points, u64)> = BTreeMap::new();
        for (agent, scored) in evaluations {
            let mut seen: BTreeMap<&str, Points> = BTreeMap::new();
            for item in scored.items.iter().filter(|item| !item.points.possible.is_zero()) {
                let Some(coach) = &item.coach else { continue };
                let sum = seen.entry(coach).or_insert(Points::NONE);
                *sum = sum.plus(item.points).ok_or(Reason::TooLarge)?;
            }
            // Two criteria of one evaluation that are about the same behaviour are one look at it.
            for (behaviour, points) in seen {
                let (sum, n) = sums.entry((agent, behaviour)).or_insert((Points::NONE, 0));
                *sum = sum.plus(points).ok_or(Reason::TooLarge)?;
                *n += 1;
            }
        }
        let one = |((agent, behaviour), (points, n)): ((&str, &str), (Points, u64))| Behaviour {
            agent: agent.to_owned(),
            behaviour: behaviour.to_owned(),
            points,
            n,
        };
        Ok(sums.into_iter().map(one).collect())
    }
}

/// Who is due for what, one row an agent. Behaviours with a session whose re-check is still ahead (`open`: agent and
/// behaviour) are not due again.
pub fn due(seen: &[Behaviour], rule: Rule, open: &BTreeSet<(&str, &str)>) -> Result<Vec<Due>, Reason> {
    let mut agents: BTreeMap<&str, Due> = BTreeMap::new();
    for Behaviour { agent, behaviour, points, n } in seen {
        let row = agents.entry(agent).or_insert_with(|| Due {
            agent: agent.clone(),
            behaviours: Vec::new(),
            too_few: Vec::new(),
        });
        if *n < rule.least_n {
            row.too_few.push((behaviour.clone(), *n));
            continue;
        }
        let share = points.share()?;
        if share < rule.below && !open.contains(&(agent.as_str(), behaviour.as_str())) {
            row.behaviours.push((behaviour.clone(), share, *n));
        }
    }
    let mut rows: Vec<Due> = agents.into_values().collect();
    for row in &mut rows {
        row.behaviours.sort_by(|a, b| a.1.cmp(&b.1).then_with(|| a.0.cmp(&b.0)));
        row.behaviours.truncate(rule.at_most);
    }
    rows.retain(|row| !row.behaviours.is_empty() || !row.too_few.is_empty());
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quality::{Answer, Form};
    use crate::reading::testing;

    fn ratio(text: &str) -> Ratio {
        Ratio::parse(text).unwrap()
    }

    fn seen(agent: &str, behaviour: &str, reached: &str, n: u64) -> Behaviour {
        let points = Points { reached: ratio(reached), possible: ratio("100") };
        Behaviour { agent: agent.to_owned(), behaviour: behaviour.to_owned(), points, n }
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
        assert_eq!(
            rows[0].behaviours,
            [("closing".to_owned(), ratio("0.4"), 10), ("greeting".to_owned(), ratio("0.5"), 10)]
        );
        assert_eq!(rows[0].too_few, [("price".to_owned(), 4)]);
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
        assert_eq!(
            sums,
            [Behaviour { agent: "ann".to_owned(), behaviour: "asking".to_owned(), points, n: 2 }]
        );
    }
}
