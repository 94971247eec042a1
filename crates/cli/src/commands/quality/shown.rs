//! Evaluations, samples and rounds for programs and for people.

use dialmark_govern::calibration::Round;
use dialmark_govern::quality::{AgentCoverage, Answer, Evaluated, ScoredItem, Standing, call_key};
use dialmark_manage::quality::{Compared, Drawn, compared};
use dialmark_metrics::Ratio;
use serde_json::{Value, json};

/// Digits after the point of a score for people.
const PLACES: usize = 2;

/// A score for people.
pub fn score(value: Ratio) -> String {
    value.decimal(PLACES)
}

/// An evaluation for programs: exact numbers as texts.
pub fn evaluation(done: &Evaluated) -> Value {
    let version = done.counts();
    let of = done.of();
    json!({
        "id": done.id(),
        "call": call_key(&of.call),
        "source": of.call.source,
        "source_id": of.call.source_id,
        "agent_id": of.agent_id,
        "team_id": of.team_id,
        "campaign_id": of.campaign_id,
        "client_id": of.client_id,
        "call_at": of.at,
        "form": version.scored.form,
        "sample": done.selection().word(),
        "made_at": done.made_at(),
        "evaluator": version.evaluation.evaluator(),
        "revision": done.revision(),
        "score": version.scored.score.to_string(),
        "points": version.scored.points.reached.to_string(),
        "points_possible": version.scored.points.possible.to_string(),
        "passed": version.scored.passed,
        "critical_errors": version.scored.critical_errors().collect::<Vec<_>>(),
        "items": version.scored.items.iter().map(|item| json!({
            "criterion": item.criterion,
            "given": given(item),
            "most": item.most,
            "points": item.applies().then(|| item.points.reached.to_string()),
            "points_possible": item.applies().then(|| item.points.possible.to_string()),
            "critical_error": item.critical_error,
            "comment": version.comments.get(&item.criterion),
        })).collect::<Vec<_>>(),
        "remark": version.remark,
        "standing": done.standing(),
    })
}

fn given(item: &ScoredItem) -> Value {
    match item.answer {
        Answer::Points(points) => points.into(),
        Answer::LeftOut => "left out".into(),
    }
}

/// How an evaluation stands, in words.
pub fn standing(standing: &Standing) -> String {
    match standing {
        Standing::Made => "waits for the agent".to_owned(),
        Standing::Acknowledged { .. } => "acknowledged".to_owned(),
        Standing::Appealed { why, .. } => format!("appealed: {why}"),
        Standing::Upheld { by, says, .. } => format!("upheld by {by}: {says}"),
        Standing::Changed { by, says, .. } => format!("changed by {by}: {says}"),
    }
}

/// An evaluation as lines.
pub fn lines(done: &Evaluated) -> Vec<String> {
    let version = done.counts();
    let scored = &version.scored;
    let passed = match scored.passed {
        Some(true) => ", passed",
        Some(false) => ", not passed",
        None => "",
    };
    let of = done.of();
    let mut lines = vec![
        format!(
            "Evaluation {}: {} of {} by {}",
            done.id(),
            call_key(&of.call),
            of.agent_id,
            version.evaluation.evaluator()
        ),
        format!(
            "  {} of 100 by the form {}{passed}; {} of {} points",
            score(scored.score),
            scored.form,
            score(scored.points.reached),
            score(scored.points.possible)
        ),
    ];
    for item in &scored.items {
        let critical = if item.critical_error { "  CRITICAL" } else { "" };
        let comment = version.comments.get(&item.criterion).map(|text| format!("  {text}"));
        let what = match item.answer {
            Answer::LeftOut => "left out".to_owned(),
            Answer::Points(points) => format!("{points} of {}", item.most),
        };
        lines.push(format!("  {}: {what}{critical}{}", item.criterion, comment.unwrap_or_default()));
    }
    if !version.remark.is_empty() {
        lines.push(format!("  {}", version.remark));
    }
    for earlier in done.earlier() {
        lines.push(format!(
            "  before: {} of 100 by {}; {}",
            score(earlier.scored.score),
            earlier.evaluation.evaluator(),
            standing(earlier.evaluation.standing())
        ));
    }
    lines.push(format!("  {}", standing(done.standing())));
    lines
}

/// A sample for programs.
pub fn sample(drawn: &Drawn) -> Value {
    let agents = drawn.coverage.agents.iter().map(|(agent, row)| {
        let chosen = drawn.sample.agents.get(agent);
        let mut shown = agent_coverage(row);
        if let Some(map) = shown.as_object_mut() {
            map.insert("agent_id".to_owned(), agent.as_str().into());
            map.insert("calls".to_owned(), json!(chosen.map(|chosen| &chosen.calls)));
            map.insert("of".to_owned(), json!(chosen.map_or(0, |chosen| chosen.of)));
        }
        shown
    });
    json!({
        "plan": drawn.sample.plan,
        "from": drawn.sample.first_day,
        "until": drawn.until,
        "is_over": drawn.is_over,
        "seed": drawn.sample.seed,
        "says": drawn.says,
        "agents": agents.collect::<Vec<_>>(),
        "total": agent_coverage(&drawn.coverage.total),
        "too_short": drawn.sample.too_short,
        "talk_unknown": drawn.sample.talk_unknown,
        "without_id": drawn.without_id,
    })
}

fn agent_coverage(row: &AgentCoverage) -> Value {
    json!({
        "wanted": row.wanted,
        "planned": row.planned,
        "done": row.done,
        "besides": row.besides,
        "lacking": row.lacking,
    })
}

/// A round for programs. Scores are not shown one by one: who has not scored yet should not see what others gave.
pub fn round(round: &Round) -> Value {
    let compared = compared(round);
    json!({
        "name": round.id(),
        "form": round.code(),
        "master": round.master(),
        "opened_at": round.opened_at(),
        "calls": round.calls().iter().map(|of| call_key(&of.call)).collect::<Vec<_>>(),
        "scores": round.scores().len(),
        "not_by_master": round.not_by_master().into_iter().map(call_key).collect::<Vec<_>>(),
        "compared": compared.as_ref().ok().map(compared_json),
        "why_not": compared.as_ref().err(),
    })
}

fn compared_json(compared: &Compared) -> Value {
    let against = &compared.against_master;
    let evaluators = against.by_evaluator.iter();
    json!({
        "agree": against.overall.agree,
        "of": against.overall.of,
        "by_evaluator": evaluators.map(|(evaluator, agreement)| json!({
            "evaluator": evaluator, "agree": agreement.agree, "of": agreement.of,
        })).collect::<Vec<_>>(),
        "by_criterion": against.by_criterion.iter().map(|on| json!({
            "criterion": on.criterion,
            "same": on.same.agree,
            "of": on.same.of,
            "mean_difference": on.mean_difference.to_string(),
        })).collect::<Vec<_>>(),
        "lacking": against.lacking.iter().map(|(who, call)| json!({ "evaluator": who, "call": call })).collect::<Vec<_>>(),
        "alpha": compared.among.alpha,
        "says": against.says().into_iter().chain([compared.among.says()]).collect::<Vec<_>>(),
    })
}

/// A round as lines.
pub fn round_lines(round: &Round) -> Vec<String> {
    let mut lines = vec![format!(
        "Calibration {}: {} calls by the form {}, master {}",
        round.id(),
        round.calls().len(),
        round.code(),
        round.master()
    )];
    let said = match compared(round) {
        Ok(compared) => {
            let mut says = compared.against_master.says();
            says.push(compared.among.says());
            says
        }
        Err(why) => vec![why],
    };
    lines.extend(said.into_iter().map(|sentence| format!("  {sentence}")));
    lines
}
