//! The agents: sixty who stay and five who left, on two sites.

use jiff::civil::Date;

use crate::calendar::plus;
use crate::campaign::Campaign;
use crate::num::ix;
use crate::plan::FULL;
use crate::rng::hash;
use crate::story::Story;

/// A team: one site, one campaign, one shift.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Team {
    HomeEarlyOnshore,
    HomeLateOnshore,
    HomeEarlyOffshore,
    /// The team that is blamed: most contacts of the fourteen-month-old list reach it.
    HomeLateOffshore,
    B2b,
    ArrearsEarly,
    ArrearsLate,
}

/// A place of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Site {
    /// Onshore, Europe/London.
    Leeds,
    /// Offshore, Africa/Johannesburg.
    Durban,
}

impl Site {
    /// Both sites.
    pub const ALL: [Site; 2] = [Site::Leeds, Site::Durban];

    /// Its identifier.
    pub const fn id(self) -> &'static str {
        match self {
            Site::Leeds => "leeds",
            Site::Durban => "durban",
        }
    }

    pub(crate) const fn shore(self) -> &'static str {
        match self {
            Site::Leeds => "onshore",
            Site::Durban => "offshore",
        }
    }

    /// What an hour of an agent costs, in pence.
    pub(crate) const fn pence_an_hour(self) -> i64 {
        match self {
            Site::Leeds => 1_450,
            Site::Durban => 690,
        }
    }
}

/// When a team works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shift {
    /// 09:00 to 17:00.
    Early,
    /// 12:00 to 20:00.
    Late,
}

impl Team {
    pub(crate) const ALL: [Team; 7] = [
        Team::HomeEarlyOnshore,
        Team::HomeLateOnshore,
        Team::HomeEarlyOffshore,
        Team::HomeLateOffshore,
        Team::B2b,
        Team::ArrearsEarly,
        Team::ArrearsLate,
    ];

    pub(crate) const fn id(self) -> &'static str {
        match self {
            Team::HomeEarlyOnshore => "L-HOME-1",
            Team::HomeLateOnshore => "L-HOME-2",
            Team::HomeEarlyOffshore => "D-HOME-1",
            Team::HomeLateOffshore => "D-HOME-2",
            Team::B2b => "L-B2B",
            Team::ArrearsEarly => "L-EA-1",
            Team::ArrearsLate => "L-EA-2",
        }
    }

    pub(crate) const fn site(self) -> Site {
        match self {
            Team::HomeEarlyOffshore | Team::HomeLateOffshore => Site::Durban,
            _ => Site::Leeds,
        }
    }

    pub(crate) const fn campaign(self) -> Campaign {
        match self {
            Team::B2b => Campaign::B2b,
            Team::ArrearsEarly | Team::ArrearsLate => Campaign::Arrears,
            _ => Campaign::HomeSwitch,
        }
    }

    pub(crate) const fn shift(self) -> Shift {
        match self {
            Team::HomeLateOnshore | Team::HomeLateOffshore | Team::ArrearsLate => Shift::Late,
            _ => Shift::Early,
        }
    }

    /// Agents in it at the end of the story.
    const fn size(self) -> u64 {
        match self {
            Team::HomeEarlyOnshore => 12,
            Team::HomeLateOnshore => 6,
            Team::HomeEarlyOffshore => 10,
            Team::HomeLateOffshore => 14,
            Team::B2b => 8,
            Team::ArrearsEarly => 6,
            Team::ArrearsLate => 4,
        }
    }
}

/// An agent.
#[derive(Debug, Clone)]
pub(crate) struct Agent {
    /// The dialler's user number, unique over all floors.
    pub no: u64,
    /// The same as text.
    pub id: String,
    /// Name to show.
    pub name: String,
    /// Team at the end of the story.
    team: Team,
    /// Team before the day on which some moved.
    team_before: Option<(Team, Date)>,
    /// First day of employment.
    pub hired: Date,
    /// Last day of employment.
    pub left: Option<Date>,
    /// First day in this dialler.
    pub joined: Date,
    /// Place within the team, for taking turns when the centre is smaller than its staff.
    seat: u64,
    /// Business appointments per conversation, in parts per million; 0 elsewhere.
    pub appointment_ppm: u64,
    /// The star whose appointments do not qualify.
    pub is_star: bool,
}

impl Agent {
    /// Team on a day.
    pub(crate) fn team(&self, day: Date) -> Team {
        match self.team_before {
            Some((team, until)) if day < until => team,
            _ => self.team,
        }
    }

    /// Teams with first and last day.
    pub(crate) fn memberships(&self) -> Vec<(Team, Date, Option<Date>)> {
        let from = self.hired.max(self.joined);
        match self.team_before {
            Some((team, until)) if from < until => {
                vec![(team, from, Some(plus(until, -1))), (self.team, until, self.left)]
            }
            _ => vec![(self.team, from, self.left)],
        }
    }

    /// Whether the agent can be planned on this day.
    pub(crate) fn is_employed(&self, day: Date) -> bool {
        self.hired.max(self.joined) <= day && self.left.is_none_or(|left| day <= left)
    }

    /// Whether it is the agent's turn. A centre at a part of its natural size works with that part of each team.
    pub(crate) fn has_turn(&self, day_no: u64, share: u64) -> bool {
        let size = self.team.size();
        let on_duty = (size * share).div_ceil(FULL).clamp(1, size);
        (self.seat + day_no) % size < on_duty
    }

    /// Agents of the same team on duty, against those the natural size would have, as a fraction.
    pub(crate) fn staffing(&self, share: u64) -> (u64, u64) {
        let size = self.team.size();
        ((size * share).div_ceil(FULL).clamp(1, size), size)
    }
}

/// Days before the last at which the twelve new hires began, and at which five of them left.
const HIRES: [(Team, i64, Option<i64>); 12] = [
    (Team::HomeEarlyOnshore, 76, None),
    (Team::HomeEarlyOnshore, 76, None),
    (Team::HomeLateOnshore, 76, None),
    (Team::ArrearsEarly, 66, None),
    (Team::ArrearsLate, 66, None),
    (Team::B2b, 66, None),
    (Team::HomeEarlyOnshore, 59, None),
    (Team::HomeEarlyOnshore, 76, Some(44)),
    (Team::HomeLateOnshore, 76, Some(37)),
    (Team::ArrearsEarly, 66, Some(30)),
    (Team::HomeEarlyOnshore, 59, Some(16)),
    (Team::HomeLateOnshore, 59, Some(9)),
];

/// Appointments per conversation of the eight business agents: the star, then the others, whose mean is 17 %.
/// The last four are one and the same rate; what separates them is chance.
const APPOINTMENT_PPM: [u64; 8] = [310_000, 195_000, 190_000, 185_000, 155_000, 155_000, 155_000, 155_000];

const FIRST_NAMES: [&str; 20] = [
    "Amara", "Ben", "Chloe", "Dawid", "Ellie", "Farah", "George", "Hana", "Imran", "Jess", "Kofi", "Lerato",
    "Maya", "Nomsa", "Owen", "Priya", "Sipho", "Thandi", "Vusi", "Zoe",
];
const LAST_NAMES: [&str; 13] = [
    "Abbott", "Baker", "Clarke", "Dlamini", "Evans", "Foster", "Hughes", "Khumalo", "Mistry", "Naidoo",
    "Okafor", "Patel", "Walsh",
];

/// The agents of one floor.
pub(crate) fn agents(floor: u64, story: &Story, first_day: Date, end: Date) -> Vec<Agent> {
    let mut people = Vec::new();
    let mut hires: Vec<_> = HIRES.to_vec();
    for team in Team::ALL {
        for seat in 0..team.size() {
            // The last seats of a team are those of its new hires.
            let hire = hires
                .iter()
                .position(|(t, _, left)| *t == team && left.is_none())
                .filter(|_| seat + stayers(&hires, team) >= team.size());
            let hired = match hire {
                Some(at) => plus(end, -hires.remove(at).1),
                None => plus(end, -400 - crate::num::signed(hash(&[floor, seat, team as u64]) % 900)),
            };
            people.push(person(floor, people.len() as u64, team, seat, hired, None));
        }
    }
    for (team, hired, left) in HIRES {
        if let Some(left) = left {
            let seat = people.len() as u64 % team.size();
            people.push(person(
                floor,
                people.len() as u64,
                team,
                seat,
                plus(end, -hired),
                Some(plus(end, -left)),
            ));
        }
    }
    for agent in &mut people {
        agent.joined = match agent.team.site() {
            Site::Durban => story.offshore_joins.max(first_day),
            Site::Leeds => first_day,
        };
        // The first two of the late team came from the early one.
        if agent.team == Team::HomeLateOnshore && agent.seat < 2 && agent.left.is_none() {
            agent.team_before = Some((Team::HomeEarlyOnshore, story.team_move));
        }
        if agent.team == Team::B2b {
            agent.appointment_ppm = APPOINTMENT_PPM[ix(agent.seat % 8)];
            agent.is_star = agent.seat == 0 && floor == 0;
            if agent.seat == 0 && floor > 0 {
                agent.appointment_ppm = APPOINTMENT_PPM[2];
            }
        }
    }
    people
}

fn stayers(hires: &[(Team, i64, Option<i64>)], team: Team) -> u64 {
    hires.iter().filter(|(t, _, left)| *t == team && left.is_none()).count() as u64
}

fn person(floor: u64, at: u64, team: Team, seat: u64, hired: Date, left: Option<Date>) -> Agent {
    let no = (floor + 1) * 1_000 + at + 1;
    let first = FIRST_NAMES[ix(at % FIRST_NAMES.len() as u64)];
    let last = LAST_NAMES[ix((at + floor * 5) % LAST_NAMES.len() as u64)];
    Agent {
        no,
        id: no.to_string(),
        name: format!("{first} {last}"),
        team,
        team_before: None,
        hired,
        left,
        joined: hired,
        seat,
        appointment_ppm: 0,
        is_star: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn floor() -> Vec<Agent> {
        let end = jiff::civil::date(2026, 11, 19);
        agents(0, &Story::of(end), plus(end, -89), end)
    }

    #[test]
    fn sixty_agents_stay_and_five_of_twelve_hires_left() {
        let people = floor();
        let end = jiff::civil::date(2026, 11, 19);
        let hires: Vec<_> = people.iter().filter(|a| a.hired > plus(end, -90)).collect();
        assert_eq!(people.iter().filter(|a| a.is_employed(end)).count(), 60);
        assert_eq!(hires.len(), 12);
        assert_eq!(hires.iter().filter(|a| a.left.is_some()).count(), 5);
        assert_eq!(people.iter().filter(|a| a.is_star).count(), 1);
    }

    #[test]
    fn a_smaller_centre_works_with_a_part_of_each_team_in_turn() {
        let people = floor();
        let on_duty =
            |share, day| people.iter().filter(|a| a.left.is_none() && a.has_turn(day, share)).count();
        assert_eq!(on_duty(FULL, 3), 60);
        assert_eq!(on_duty(FULL / 2, 3), 30);
        assert_eq!(on_duty(FULL / 1000, 3), Team::ALL.len());
        let turns: Vec<bool> = (0..14).map(|day| people[22].has_turn(day, FULL / 14)).collect();
        assert!(turns.contains(&true) && turns.contains(&false));
    }

    #[test]
    fn memberships_of_an_agent_follow_each_other_without_a_gap() {
        for agent in floor() {
            for pair in agent.memberships().windows(2) {
                assert_eq!(pair[0].2.map(|d| plus(d, 1)), Some(pair[1].1));
            }
        }
    }
}
