//! The floor: what agents did, were planned to do, and owe as callbacks.

use super::fact;
use crate::table::Kind::{Bool, Code, Duration, Instant, Text};
use crate::table::{Column, Table};

pub(super) fn tables() -> Vec<Table> {
    let f = Column::fixed;
    vec![
        fact(
            "agent_spans",
            "One stretch of time that an agent spent in one state.",
            &["started_at", "ended_at"],
            vec![
                f("agent_id", Code, "The agent."),
                f("team_id", Code, "Team as the source states it."),
                f("site_id", Code, "Site as the source states it."),
                f("client_id", Code, "Client that the time was for, when known."),
                f("campaign_id", Code, "Campaign that the agent was logged in to."),
                f(
                    "state",
                    Code,
                    "`talk`, `hold`, `wrap`, `wait`, `ring`, `preview`, `dial`, `pause` or `other`.",
                ),
                f("reason", Code, "The source's own reason or auxiliary code: break, lunch, training."),
                f("call_id", Text, "The call that the time belongs to, as its source identifies it."),
                f("started_at", Instant, "The state began."),
                f("ended_at", Instant, "The state ended."),
                f("duration_ms", Duration, "Length as the source reports it."),
                f("paid", Bool, "The time is paid."),
                f("channel", Code, "Channel of the work: `voice`, `chat`, `email`."),
            ],
        ),
        fact(
            "shifts",
            "One shift that an agent worked, from log-in to log-out.",
            &["started_at"],
            vec![
                f("agent_id", Code, "The agent."),
                f("team_id", Code, "Team on that shift."),
                f("site_id", Code, "Site on that shift."),
                f("campaign_id", Code, "Campaign that the shift was for, when only one."),
                f("started_at", Instant, "Log-in."),
                f("ended_at", Instant, "Log-out."),
                f("logged_ms", Duration, "Time logged in."),
                f("paid_ms", Duration, "Time paid."),
            ],
        ),
        fact(
            "schedules",
            "One planned span of an agent's time.",
            &["starts_at"],
            vec![
                f("agent_id", Code, "The agent."),
                f(
                    "activity",
                    Code,
                    "What was planned: `work`, `break`, `lunch`, `meeting`, `training`, `coaching`.",
                ),
                f("campaign_id", Code, "Campaign planned for."),
                f("starts_at", Instant, "Planned start."),
                f("ends_at", Instant, "Planned end."),
                f("paid", Bool, "The time is paid."),
            ],
        ),
        fact(
            "absences",
            "One span of time in which an agent who was planned did not work.",
            &["starts_at"],
            vec![
                f("agent_id", Code, "The agent."),
                f("reason", Code, "Sickness, holiday, no show, strike."),
                f("planned", Bool, "It was agreed beforehand."),
                f("paid", Bool, "The time is paid."),
                f("starts_at", Instant, "Start of the absence."),
                f("ends_at", Instant, "End of the absence."),
            ],
        ),
        fact(
            "callbacks",
            "One promise to call somebody back.",
            &["due_at", "created_at"],
            vec![
                Column::personal("lead_id", Text, "The lead to call back."),
                f("campaign_id", Code, "Campaign that it belongs to."),
                f("agent_id", Code, "Agent who owns it; null when anyone may take it."),
                f("call_id", Text, "Call on which it was agreed."),
                f("created_at", Instant, "When it was agreed."),
                f("due_at", Instant, "When the person expects the call."),
                f("kept_at", Instant, "When the call was made; null while it was not."),
                f("kept_call_id", Text, "The call that kept it."),
            ],
        ),
        fact(
            "forecasts",
            "One forecast of volume for a stretch of time.",
            &["starts_at"],
            vec![
                f("campaign_id", Code, "Campaign or queue that it is for."),
                f("queue", Code, "Queue that it is for."),
                f("starts_at", Instant, "Start of the stretch."),
                f("ends_at", Instant, "End of the stretch."),
                f("calls", crate::table::Kind::Integer, "Calls expected."),
                f("handle_ms", Duration, "Handle time expected a call."),
                f("made_at", Instant, "When the forecast was made."),
            ],
        ),
    ]
}
