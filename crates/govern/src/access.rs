//! Who may see and do what: roles, the rights that each has, and the records that somebody may see.
//!
//! A role says what kind of thing somebody may do; a scope says to whose records. Both are enforced where figures are asked
//! for: a question carries the scope (`metrics::Scope`), so that no page has to remember it.

use std::collections::BTreeMap;

use dialmark_metrics::Scope;
use serde::{Deserialize, Serialize};

use crate::place::{LEVELS, Place};

/// What somebody is in the centre.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Looks after the installation and its accounts.
    Admin,
    /// Runs the floor.
    Operations,
    /// Leads a team.
    TeamLead,
    /// Calls.
    Agent,
    /// Evaluates conversations.
    Quality,
    /// Forecasts and schedules.
    Planner,
    /// Watches over calling rules and data.
    Compliance,
    /// Runs collections.
    Collections,
    /// Bills and pays.
    Finance,
    /// Analyses.
    Analyst,
    /// Answers for the whole.
    Executive,
    /// Pays for the calls.
    Client,
}

/// What somebody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// See figures, KPIs and scorecards.
    Figures,
    /// See single records.
    Records,
    /// See cases.
    Cases,
    /// Write into cases.
    WorkCases,
    /// See what came in, what was set aside and what is missing.
    Data,
    /// Change KPIs and targets.
    EditKpis,
    /// Change what codes mean.
    EditMaps,
    /// See contracts and statements to clients.
    Contracts,
    /// Freeze statements.
    Freeze,
    /// Evaluate conversations and calibrate.
    Evaluate,
    /// Decide appeals against evaluations.
    DecideAppeals,
    /// Hold coaching sessions.
    Coach,
    /// See the pages of agents.
    Agents,
    /// Decide what agents dispute.
    DecideDisputes,
    /// Call back who was unhappy.
    Recover,
    /// See what agents earn.
    Pay,
    /// See costs.
    Costs,
    /// See what was done by whom.
    Trail,
    /// See what is sent to whom, and try it.
    Reports,
    /// Make, change and end accounts.
    Accounts,
}

impl Role {
    /// All roles.
    pub const ALL: [Role; 12] = [
        Role::Admin,
        Role::Operations,
        Role::TeamLead,
        Role::Agent,
        Role::Quality,
        Role::Planner,
        Role::Compliance,
        Role::Collections,
        Role::Finance,
        Role::Analyst,
        Role::Executive,
        Role::Client,
    ];

    /// As it is written in commands and kept.
    pub const fn word(self) -> &'static str {
        match self {
            Role::Admin => "admin",
            Role::Operations => "operations",
            Role::TeamLead => "team_lead",
            Role::Agent => "agent",
            Role::Quality => "quality",
            Role::Planner => "planner",
            Role::Compliance => "compliance",
            Role::Collections => "collections",
            Role::Finance => "finance",
            Role::Analyst => "analyst",
            Role::Executive => "executive",
            Role::Client => "client",
        }
    }

    /// As it is read by people.
    pub const fn label(self) -> &'static str {
        match self {
            Role::Admin => "administrator",
            Role::TeamLead => "team lead",
            other => other.word(),
        }
    }

    /// The role of a word.
    pub fn from_word(word: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.word() == word)
    }

    /// What it may do, to the records of its scope.
    pub const fn rights(self) -> &'static [Right] {
        use Right::*;
        match self {
            Role::Admin => &Right::ALL,
            Role::Operations => &[
                Figures,
                Records,
                Cases,
                WorkCases,
                Data,
                EditKpis,
                EditMaps,
                Contracts,
                Evaluate,
                DecideAppeals,
                Coach,
                Agents,
                DecideDisputes,
                Recover,
                Pay,
                Costs,
                Reports,
            ],
            Role::TeamLead => {
                &[Figures, Records, Cases, WorkCases, Evaluate, Coach, Agents, DecideDisputes, Recover]
            }
            Role::Agent => &[Figures, Records],
            Role::Quality => &[
                Figures,
                Records,
                Cases,
                WorkCases,
                Evaluate,
                DecideAppeals,
                Coach,
                Agents,
                DecideDisputes,
                Recover,
            ],
            Role::Planner => &[Figures, Cases],
            Role::Compliance => &[Figures, Records, Cases, WorkCases, Data, Trail],
            Role::Collections => &[Figures, Records, Cases, WorkCases, Agents],
            Role::Finance => &[Figures, Contracts, Freeze, Pay, Costs],
            Role::Analyst => &[Figures, Records, Cases, Data],
            Role::Executive => &[Figures, Cases, Contracts, Costs],
            Role::Client => &[Figures, Cases, Contracts],
        }
    }

    /// Whether somebody of this role must have a scope: what they would see without one is not theirs.
    const fn needs_scope(self) -> bool {
        matches!(self, Role::TeamLead | Role::Agent | Role::Client)
    }
}

impl Right {
    /// All rights.
    pub const ALL: [Right; 20] = [
        Right::Figures,
        Right::Records,
        Right::Cases,
        Right::WorkCases,
        Right::Data,
        Right::EditKpis,
        Right::EditMaps,
        Right::Contracts,
        Right::Freeze,
        Right::Evaluate,
        Right::DecideAppeals,
        Right::Coach,
        Right::Agents,
        Right::DecideDisputes,
        Right::Recover,
        Right::Pay,
        Right::Costs,
        Right::Trail,
        Right::Reports,
        Right::Accounts,
    ];

    /// Whether it concerns the centre as a whole, so that nobody who sees a part of it has it.
    pub const fn is_of_the_whole(self) -> bool {
        matches!(
            self,
            Right::Data
                | Right::EditKpis
                | Right::EditMaps
                | Right::Freeze
                | Right::Trail
                | Right::Reports
                | Right::Accounts
        )
    }

    /// What one without it may not do, to end a sentence with.
    pub const fn deed(self) -> &'static str {
        match self {
            Right::Figures => "see figures",
            Right::Records => "see single records",
            Right::Cases => "see cases",
            Right::WorkCases => "write into cases",
            Right::Data => "see what came in",
            Right::EditKpis => "change KPIs",
            Right::EditMaps => "change what codes mean",
            Right::Contracts => "see contracts",
            Right::Freeze => "freeze statements",
            Right::Evaluate => "evaluate conversations",
            Right::DecideAppeals => "decide appeals",
            Right::Coach => "hold coaching sessions",
            Right::Agents => "see the pages of agents",
            Right::DecideDisputes => "decide disputes",
            Right::Recover => "call back who was unhappy",
            Right::Pay => "see what agents earn",
            Right::Costs => "see costs",
            Right::Trail => "see what was done by whom",
            Right::Reports => "see what is sent to whom",
            Right::Accounts => "manage accounts",
        }
    }
}

/// Values of dimensions to which somebody is confined; none for everything.
pub type Confined = BTreeMap<String, Vec<String>>;

/// What one person may see and do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    role: Role,
    confined: Confined,
    agent_id: Option<String>,
}

impl Access {
    /// Everything: whoever sits at the machine while no account was made.
    pub fn whole() -> Access {
        Access { role: Role::Admin, confined: Confined::new(), agent_id: None }
    }

    /// The access of a role within a scope. `agent_id` is who they are in the records, if they call. What does not fit is
    /// said in a sentence.
    pub fn new(role: Role, confined: Confined, agent_id: Option<String>) -> Result<Access, String> {
        for (dimension, values) in &confined {
            if !LEVELS.contains(&dimension.as_str()) {
                return Err(format!(
                    "`{dimension}` is nothing that somebody can be confined to. It is one of {}.",
                    LEVELS.join(", ")
                ));
            }
            if values.is_empty() || values.iter().any(String::is_empty) {
                return Err(format!("`{dimension}` needs a value, such as `{dimension}=north`."));
            }
        }
        if role == Role::Admin && !confined.is_empty() {
            return Err("An administrator sees everything. Choose another role, or no scope.".to_owned());
        }
        let mut confined = confined;
        if role == Role::Agent {
            let Some(agent) = &agent_id else {
                return Err("An agent needs to be named as in the records, with their `agent_id`.".to_owned());
            };
            let own = vec![agent.clone()];
            if confined.insert("agent_id".to_owned(), own.clone()).is_some_and(|other| other != own) {
                return Err("An agent sees their own records, not those of another.".to_owned());
            }
        }
        if role.needs_scope() && confined.is_empty() {
            return Err(format!(
                "A {} needs a scope: whose records are theirs to see, such as `team_id=leeds`.",
                role.label()
            ));
        }
        Ok(Access { role, confined, agent_id })
    }

    /// What they are.
    pub const fn role(&self) -> Role {
        self.role
    }

    /// Whose records they may see.
    pub const fn confined(&self) -> &Confined {
        &self.confined
    }

    /// Who they are in the records.
    pub fn agent_id(&self) -> Option<&str> {
        self.agent_id.as_deref()
    }

    /// Whether they may do something, to the records of their scope. What concerns the centre as a whole needs all of it.
    pub fn may(&self, right: Right) -> bool {
        self.role.rights().contains(&right) && (self.is_whole() || !right.is_of_the_whole())
    }

    /// Whether they see everything.
    pub fn is_whole(&self) -> bool {
        self.confined.is_empty()
    }

    /// What every question of theirs carries.
    pub fn scope(&self) -> Scope {
        match self.confined.is_empty() {
            true => Scope::Everything,
            false => {
                Scope::Rows(self.confined.iter().map(|(d, values)| (d.clone(), values.clone())).collect())
            }
        }
    }

    /// The place that they look from: where they are confined to one value of a dimension, targets of that value are theirs.
    pub fn place(&self) -> Place {
        let single = self.confined.iter().filter_map(|(dimension, values)| match values.as_slice() {
            [one] => Some((dimension, one)),
            _ => None,
        });
        single.fold(Place::centre(), |place, (dimension, value)| place.within(dimension, value))
    }

    /// Whether all records of a place are theirs to see, as far as its name says.
    pub fn sees(&self, place: &Place) -> bool {
        self.confined
            .iter()
            .all(|(dimension, values)| place.value(dimension).is_some_and(|value| is_among(values, value)))
    }

    /// Whether a place may hold records that are theirs to see: it names no other value of what they are confined to.
    pub fn touches(&self, place: &Place) -> bool {
        self.confined
            .iter()
            .all(|(dimension, values)| place.value(dimension).is_none_or(|value| is_among(values, value)))
    }

    /// Whether what is told of an agent is theirs to see, given the values of the agent's dimensions.
    pub fn sees_agent<'v>(&self, of_agent: impl Fn(&str) -> Option<&'v str>) -> bool {
        self.confined
            .iter()
            .all(|(dimension, values)| of_agent(dimension).is_some_and(|value| is_among(values, value)))
    }
}

fn is_among(values: &[String], value: &str) -> bool {
    values.iter().any(|one| one == value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn confined(pairs: &[(&str, &[&str])]) -> Confined {
        let owned = |values: &[&str]| values.iter().map(|v| (*v).to_owned()).collect();
        pairs.iter().map(|(dimension, values)| ((*dimension).to_owned(), owned(values))).collect()
    }

    #[test]
    fn each_role_has_its_word_and_less_than_everything() {
        for role in Role::ALL {
            assert_eq!(Role::from_word(role.word()), Some(role));
            assert!(role.rights().contains(&Right::Figures), "{role:?}");
            let is_admin = role == Role::Admin;
            assert_eq!(role.rights().contains(&Right::Accounts), is_admin, "{role:?}");
        }
        let all: std::collections::BTreeSet<Right> = Right::ALL.into_iter().collect();
        assert_eq!(all.len(), Right::ALL.len());
    }

    #[test]
    fn who_writes_into_something_may_see_it() {
        for role in Role::ALL {
            let has = |right| role.rights().contains(&right);
            assert!(!has(Right::WorkCases) || has(Right::Cases), "{role:?}");
            assert!(!has(Right::Freeze) || has(Right::Contracts), "{role:?}");
            assert!(!has(Right::Evaluate) || has(Right::Records), "{role:?}");
            assert!(!has(Right::Coach) || has(Right::Agents), "{role:?}");
        }
    }

    #[test]
    fn an_agent_is_confined_to_their_own_records() {
        let access = Access::new(Role::Agent, Confined::new(), Some("A7".to_owned())).unwrap();
        assert_eq!(access.scope(), Scope::Rows(vec![("agent_id".to_owned(), vec!["A7".to_owned()])]));
        assert!(Access::new(Role::Agent, Confined::new(), None).unwrap_err().contains("agent_id"));
        let other = confined(&[("agent_id", &["A8"])]);
        assert!(Access::new(Role::Agent, other, Some("A7".to_owned())).is_err());
        assert!(!access.may(Right::Pay) && !access.may(Right::Cases));
    }

    #[test]
    fn roles_that_see_a_part_need_to_be_told_which() {
        for role in [Role::TeamLead, Role::Client] {
            assert!(Access::new(role, Confined::new(), None).unwrap_err().contains("needs a scope"));
        }
        assert!(Access::new(Role::Admin, confined(&[("team_id", &["a"])]), None).is_err());
        let wrong = confined(&[("colour", &["red"])]);
        assert!(Access::new(Role::Analyst, wrong, None).unwrap_err().contains("campaign_id"));
        assert!(Access::new(Role::Client, confined(&[("client_id", &[""])]), None).is_err());
    }

    #[test]
    fn who_sees_a_part_does_nothing_to_the_whole() {
        let access = Access::new(Role::Operations, confined(&[("site_id", &["leeds"])]), None).unwrap();
        assert!(access.may(Right::WorkCases) && !access.may(Right::EditKpis) && !access.may(Right::Data));
        assert!(Access::new(Role::Operations, Confined::new(), None).unwrap().may(Right::EditKpis));
    }

    #[test]
    fn a_place_is_seen_when_it_lies_inside_of_the_scope() {
        let access = Access::new(Role::TeamLead, confined(&[("team_id", &["a", "b"])]), None).unwrap();
        assert!(access.sees(&Place::of("team_id", "a")));
        assert!(access.sees(&Place::of("team_id", "b").within("agent_id", "7")));
        for hidden in [Place::centre(), Place::of("campaign_id", "north"), Place::of("team_id", "c")] {
            assert!(!access.sees(&hidden), "{hidden}");
        }
        assert!(access.touches(&Place::centre()) && access.touches(&Place::of("campaign_id", "north")));
        assert!(!access.touches(&Place::of("team_id", "c")));
        assert_eq!(access.place(), Place::centre());
        assert!(Access::whole().sees(&Place::centre()));
        let one = Access::new(Role::Client, confined(&[("client_id", &["acme"])]), None).unwrap();
        assert_eq!(one.place(), Place::of("client_id", "acme"));
    }
}
