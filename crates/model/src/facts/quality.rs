//! Quality: what customers and evaluators said, and what was done about it.

use super::fact;
use crate::table::Kind::{Bool, Code, Instant, Integer, Number, Text};
use crate::table::{Column, Table};

pub(super) fn tables() -> Vec<Table> {
    let f = Column::fixed;
    vec![
        fact(
            "surveys",
            "One answer to one survey question, or one invitation that was not answered.",
            &["answered_at", "sent_at"],
            vec![
                f("survey", Code, "Name of the survey: `csat`, `nps`, `fcr` or the source's own."),
                f("question", Code, "The question."),
                f("channel", Code, "How it was asked."),
                f("client_id", Code, "Client."),
                f("campaign_id", Code, "Campaign or queue."),
                f("agent_id", Code, "Agent whom it is about."),
                f("team_id", Code, "Team of the agent."),
                f("call_id", Text, "Call that it is about."),
                Column::personal("customer_id", Text, "The customer."),
                f("sent_at", Instant, "When it was sent or asked."),
                f("answered_at", Instant, "When it was answered; null when it was not."),
                f("score", Number, "The answer as a number."),
                f("scale_min", Number, "Lowest possible score."),
                f("scale_max", Number, "Highest possible score."),
                Column::personal("comment", Text, "The answer in words."),
            ],
        ),
        fact(
            "evaluations",
            "One evaluation of one conversation by one evaluator.",
            &["evaluated_at"],
            vec![
                f("form", Code, "The form and its version."),
                f("client_id", Code, "Client."),
                f("campaign_id", Code, "Campaign or queue."),
                f("agent_id", Code, "Agent who was evaluated."),
                f("team_id", Code, "Team of the agent."),
                f("evaluator_id", Code, "Who evaluated."),
                f("call_id", Text, "The conversation."),
                f("evaluated_at", Instant, "When the evaluation was made."),
                f("score", Number, "Points reached."),
                f("max_score", Number, "Points possible."),
                f("critical_error", Bool, "A critical criterion failed."),
                f("calibration", Bool, "Part of a calibration round."),
                f("sample", Code, "How the conversation was chosen: `random`, `targeted`, `all`."),
            ],
        ),
        fact(
            "evaluation_items",
            "One criterion of one evaluation.",
            &["evaluated_at"],
            vec![
                f("evaluation_id", Text, "The evaluation."),
                f("criterion", Code, "The criterion: greeting, listening, accuracy, compliance, resolution."),
                f("agent_id", Code, "Agent who was evaluated."),
                f("evaluator_id", Code, "Who evaluated."),
                f("evaluated_at", Instant, "When the evaluation was made."),
                f("score", Number, "Points reached."),
                f("max_score", Number, "Points possible; null when not applicable."),
                f("critical", Bool, "Failing it fails the evaluation."),
            ],
        ),
        fact(
            "coaching",
            "One coaching session.",
            &["held_at"],
            vec![
                f("agent_id", Code, "Agent who was coached."),
                f("coach_id", Code, "Who coached."),
                f("behaviour", Code, "The behaviour that it was about."),
                f("agreement", Text, "What was agreed."),
                f("held_at", Instant, "When it was held."),
                f("recheck_at", Instant, "When the behaviour is to be looked at again."),
                f("acknowledged_at", Instant, "When the agent acknowledged it."),
                f("sessions", Integer, "Number of the session on this behaviour, from 1."),
            ],
        ),
    ]
}
