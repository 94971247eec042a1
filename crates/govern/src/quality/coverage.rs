//! What of a sample was evaluated, and what is lacking.

use std::collections::{BTreeMap, BTreeSet};

use super::sampling::Sample;

/// Evaluations done against those planned, of one sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// One row an agent who has something planned or done, in the order of their names.
    pub agents: BTreeMap<String, AgentCoverage>,
    /// All agents added up.
    pub total: AgentCoverage,
}

/// The same for one agent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AgentCoverage {
    /// How many the plan asks for.
    pub wanted: u64,
    /// How many were chosen: fewer when there were not enough conversations.
    pub planned: u64,
    /// How many of those were evaluated.
    pub done: u64,
    /// Conversations that were evaluated although they were not chosen. They do not make up for what is lacking, for
    /// somebody picked them.
    pub besides: u64,
    /// Chosen conversations that are not evaluated yet.
    pub lacking: Vec<String>,
}

impl Coverage {
    /// Compares a sample with evaluations made: agent and call of each, in whatever order.
    pub fn of<'e>(sample: &Sample, evaluated: impl IntoIterator<Item = (&'e str, &'e str)>) -> Coverage {
        let evaluated: BTreeSet<(&str, &str)> = evaluated.into_iter().collect();
        let mut agents: BTreeMap<String, AgentCoverage> = BTreeMap::new();
        for (agent, chosen) in &sample.agents {
            let row = agents.entry(agent.clone()).or_default();
            row.wanted = chosen.wanted;
            for call in &chosen.calls {
                row.planned += 1;
                match evaluated.contains(&(agent.as_str(), call.as_str())) {
                    true => row.done += 1,
                    false => row.lacking.push(call.clone()),
                }
            }
        }
        for (agent, call) in evaluated {
            let was_chosen = sample.agents.get(agent).is_some_and(|c| c.calls.iter().any(|c| c == call));
            if !was_chosen {
                agents.entry(agent.to_owned()).or_default().besides += 1;
            }
        }
        let mut total = AgentCoverage::default();
        for row in agents.values() {
            total.wanted += row.wanted;
            total.planned += row.planned;
            total.done += row.done;
            total.besides += row.besides;
            total.lacking.extend(row.lacking.iter().cloned());
        }
        Coverage { agents, total }
    }

    /// What is lacking, a sentence an agent; empty when everything that was planned is done.
    pub fn says(&self) -> Vec<String> {
        self.agents.iter().flat_map(|(agent, row)| row.says(agent)).collect()
    }
}

impl AgentCoverage {
    fn says(&self, agent: &str) -> Vec<String> {
        let mut says = Vec::new();
        if !self.lacking.is_empty() {
            let calls = self.lacking.join(", ");
            says.push(format!(
                "{agent}: {} of {} evaluations are done; lacking: {calls}.",
                self.done, self.planned
            ));
        }
        if self.planned < self.wanted {
            says.push(format!(
                "{agent}: there were {} conversations to choose from, {} fewer than the plan asks for.",
                self.planned,
                self.wanted - self.planned
            ));
        }
        says
    }
}
