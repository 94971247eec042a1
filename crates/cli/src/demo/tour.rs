//! Where a visitor of the demo should look first: six pages, one for each thing that was planted.

use dialmark_server::TourStep;
use dialmark_sim::{Plan, Story};
use jiff::civil::Date;
use jiff::{Span, ToSpan};

/// The links of the tour, with the dates that the plan gives them.
pub fn steps(plan: &Plan) -> Vec<TourStep> {
    let story = Story::of(plan.end);
    let day = |date: Date, days: i64| shifted(date, days.days());
    let step = |title: &str, sentence: &str, path: &str, pairs: &[(&str, String)]| TourStep {
        title: title.to_owned(),
        sentence: sentence.to_owned(),
        href: address(path, pairs),
    };
    let from_to = |from: Date, to: Date| [("from", from.to_string()), ("to", to.to_string())];
    let mix_to = day(story.mix_change, 14);
    vec![
        step(
            "The list, not the team",
            "Consumer sales per dial fell in November. By list: the warm ones improved, one old list grew.",
            "/metric/conversion_rate",
            &[
                &[("by", "list_id".to_owned()), ("where", "campaign_id = 'home_switch'".to_owned())][..],
                &from_to(story.mix_change, mix_to),
            ]
            .concat(),
        ),
        step(
            "Two true abandonment figures",
            "On the day of the outage no agent was free for few of all dials, and for many of those that a person answered.",
            "/metric/drop_rate",
            &[
                &[("variant", "no_agent_free_of_live".to_owned()), ("by", "campaign_id".to_owned())][..],
                &from_to(story.outage, day(story.outage, 1)),
            ]
            .concat(),
        ),
        step(
            "The star who is not",
            "One agent of the business campaign leads by far in appointments per conversation. Few of them will qualify.",
            "/metric/conversion_rate",
            &[
                ("variant", "success_per_contact".to_owned()),
                ("by", "agent_id".to_owned()),
                ("where", "campaign_id = 'b2b_appointments'".to_owned()),
                ("from", day(plan.end, 1 - i64::from(plan.days)).to_string()),
            ],
        ),
        step(
            "Promises, kept",
            "In arrears more promises are taken and fewer are kept.",
            "/metric/kept_promise_rate",
            &[("grain", "week".to_owned())],
        ),
        step(
            "A number that fell",
            "One of eight caller IDs is answered half as often from one afternoon on.",
            "/metric/asr",
            &[
                &[("by", "caller_id".to_owned()), ("where", "campaign_id = 'home_switch'".to_owned())][..],
                &from_to(day(story.caller_drop, 1), story.outage),
            ]
            .concat(),
        ),
        step(
            "What came in, and how",
            "Late, corrected, doubled and damaged records, and codes that nobody has mapped yet.",
            "/data",
            &[],
        ),
    ]
}

fn shifted(date: Date, by: Span) -> Date {
    date.checked_add(by).unwrap_or(date)
}

fn address(path: &str, pairs: &[(&str, String)]) -> String {
    let link =
        pairs.iter().fold(dialmark_view::link::Link::to(path), |link, (name, value)| link.with(name, value));
    link.to_string()
}
