//! People: agents with their dates, their teams, and training.

use super::fact;
use crate::table::Kind::{Bool, Code, Day, Duration, Instant, Number, Text};
use crate::table::{Column, Table};

pub(super) fn tables() -> Vec<Table> {
    let f = Column::fixed;
    vec![
        fact(
            "agents",
            "One agent, with hire and leave dates.",
            &["hired_on"],
            vec![
                f("agent_id", Code, "The agent."),
                Column::personal("label", Text, "Name to show."),
                f("site_id", Code, "Site."),
                f("shore", Code, "`onshore`, `nearshore` or `offshore`."),
                f("role", Code, "`agent`, `team_lead`, `evaluator`, `planner`."),
                f("hired_on", Day, "First day."),
                f("left_on", Day, "Last day; null while employed."),
                f("leave_reason", Code, "`voluntary`, `dismissed`, `end_of_contract`."),
                f("full_time_share", Number, "Share of a full-time post, 0 to 1."),
            ],
        ),
        fact(
            "team_memberships",
            "One stretch of days on which an agent belonged to a team.",
            &["from_on"],
            vec![
                f("agent_id", Code, "The agent."),
                f("team_id", Code, "The team."),
                f("team_lead_id", Code, "Agent who leads the team."),
                f("from_on", Day, "First day."),
                f("until_on", Day, "Last day; null while it lasts."),
            ],
        ),
        fact(
            "training",
            "One training that an agent took part in.",
            &["started_at"],
            vec![
                f("agent_id", Code, "The agent."),
                f("course", Code, "The course."),
                f("started_at", Instant, "When it began."),
                f("ended_at", Instant, "When it ended."),
                f("duration_ms", Duration, "Time trained."),
                f("passed", Bool, "Passed its test; null when it has none."),
                f("score", Number, "Score of its test."),
            ],
        ),
    ]
}
