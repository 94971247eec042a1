use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

#[test]
fn a_figure_within_the_range_says_so_and_what_to_bear_in_mind() {
    // 72 % lies between 70 and 75 %.
    let made = made(compared(CENTRE, "fcr_average", "fcr/gross", "0.72"));
    assert_eq!(made.standing, Standing::Within);
    assert_eq!((made.distance, made.points), (Ratio::ZERO, Some(Ratio::ZERO)));
    assert_eq!(made.sentence, "72 % lies within 70 % to 75 % (average).");
    assert_eq!(
        made.said,
        [
            "The benchmark is across industries.",
            "The source does not say its `window`, which this metric has."
        ]
    );
}

#[test]
fn the_distance_is_from_the_nearest_end_in_the_unit_and_in_points() {
    // 0.785 - 0.75 = 0.035, that is 3.5 points.
    let better = made(compared(CENTRE, "fcr_average", "fcr/gross", "0.785"));
    assert_eq!(better.standing, Standing::Better);
    assert_eq!(better.distance, Ratio::parse("0.035").unwrap());
    assert_eq!(better.points, Ratio::parse("3.5"));
    assert_eq!(better.sentence, "78.5 % is better than 70 % to 75 % (average), by 3.5 points.");
    // 2/3 - 0.70 = -1/30, exactly.
    let worse = made(compared(CENTRE, "fcr_average", "fcr/gross", "2/3"));
    assert_eq!(worse.standing, Standing::Worse);
    assert_eq!(worse.distance, Ratio::parse("-1/30").unwrap());
    // 34 s - 28 s = 6 s; waiting longer is worse, and a length of time has no points.
    let asa = made(compared(CENTRE, "asa_2025", "asa", "34000"));
    assert_eq!((asa.standing, asa.distance, asa.points), (Standing::Worse, ratio("6000"), None));
    assert_eq!(asa.sentence, "34 s is worse than 28 s (average), by 6 s.");
}

#[test]
fn of_a_metric_that_is_better_neither_way_only_above_and_below_are_said() {
    let own = CENTRE.replace("inbound_service", "general_enquiries");
    // 8 min 30 s - 6 min = 2 min 30 s.
    let made = made(compared(&own, "aht_general", "aht/handle", "510000"));
    assert_eq!(made.standing, Standing::Above);
    assert_eq!(made.sentence, "8 min 30 s is above 4 min to 6 min (typical), by 2 min 30 s.");
}

#[test]
fn to_lie_within_a_warning_is_called_no_good_sign() {
    let made = made(compared(CENTRE, "fcr_uk_bottom_2024", "fcr/gross", "0.55"));
    assert_eq!(made.sentence, "55 % lies within less than 60 % (bottom quartile).");
    assert_eq!(made.said.first().map(String::as_str), Some("To lie within it is no good sign."));
    assert!(
        made.said.contains(&"The benchmark is of United Kingdom, these records are of Germany.".to_owned())
    );
}

#[test]
fn an_open_end_is_not_part_of_the_figure() {
    let at = |value| made(compared(CENTRE, "csat_best", "csat", value)).standing;
    assert_eq!((at("0.90"), at("0.901")), (Standing::Worse, Standing::Within));
    let at = |value| made(compared(CENTRE, "abandonment_best", "queue_abandonment_rate", value)).standing;
    assert_eq!((at("0.03"), at("0.029")), (Standing::Worse, Standing::Within));
}

#[test]
fn every_side_that_differs_is_named_with_both_sides() {
    let own = "[profile.centre]\nmotion = \"appointment_setting\"\nindustry = \"insurance\"\n
[benchmark.agents_2011]
label = \"Appointments\"
metric = \"conversion_rate\"
value = 0.02
type = \"average\"
industry = \"residential_real_estate\"
outcome = \"appointments\"
denominator = \"conversations\"
motion = \"real_estate_prospecting\"
source = \"a report\"
";
    assert_eq!(
        why_not(compared(own, "agents_2011", "conversion_rate/sales_per_dial", "0.03")),
        [
            "The benchmark counts appointments, this metric counts sales.",
            "The benchmark divides by conversations, this metric divides by outbound calls.",
            "The benchmark is of residential real estate, these records are of insurance.",
            "The benchmark is of prospecting of residential estate agents, these records are of calls that set appointments with businesses.",
        ]
    );
}

#[test]
fn above_twenty_per_cent_says_nothing_of_anything() {
    assert_eq!(
        why_not(compared(CENTRE, "conversion_strong", "conversion_rate", "0.30")),
        [
            "The source does not say what it counts, so nothing may be compared with it.",
            "The source names no denominator, so nothing may be compared with it.",
            "The source names no industry, so nothing may be compared with it.",
            "The source names no motion, so nothing may be compared with it.",
        ]
    );
}

#[test]
fn a_service_level_without_a_denominator_is_not_compared_and_other_seconds_are_named() {
    assert_eq!(
        why_not(compared(CENTRE, "service_level_90_15", "service_level", "0.95")),
        [
            "The benchmark has `threshold` at 15000, this metric has it at 20000.",
            "The source names no denominator, so nothing may be compared with it.",
        ]
    );
}

#[test]
fn a_yearly_rate_is_none_of_thirty_days() {
    let own = "
[profile.centre]
motion = \"outbound\"
[benchmark.attrition]
label = \"Attrition\"
metric = \"attrition_rate/yearly\"
value = 0.35
type = \"average\"
industry = \"any\"
outcome = \"agent_leavers\"
denominator = \"agents_employed_days\"
motion = \"outbound\"
source = \"a report\"
";
    assert_eq!(
        why_not(compared(own, "attrition", "attrition_rate/per_30_days", "0.03")),
        [
            "The benchmark is of `attrition_rate/yearly`, this metric is `attrition_rate/per_30_days`.",
            "The benchmark is multiplied by 365, this metric by 30."
        ]
    );
}

#[test]
fn money_is_compared_in_one_currency_only() {
    assert_eq!(
        why_not(compared(CENTRE, "cost_per_phone_contact", "cost_per_contact/voice", "4.20")),
        ["The benchmark is in USD, this metric is in EUR."]
    );
}

#[test]
fn the_three_studies_of_cold_calls_cannot_be_compared_with_anything_or_each_other() {
    let (_, library, _) = with("");
    let studies = ["b2b_cold_calls_2025", "real_estate_appointments_2011", "cold_call_conversations_2024"];
    let fields: BTreeSet<_> = studies
        .iter()
        .map(|name| &library.benchmarks[*name])
        .map(|b| (b.motion.clone(), b.denominator.clone(), b.value.is_none()))
        .collect();
    assert_eq!(fields.len(), 3);
    assert!(fields.iter().all(|(.., is_open)| *is_open));
}

proptest! {
    #[test]
    fn distance_and_standing_follow_the_value(a in 0_i128..2_000, b in 0_i128..2_000) {
        // Thousandths of a share, beside 5 to 8 %, of which less is better.
        let figure = Stated::Between(ratio("0.05"), ratio("0.08"));
        let at = |thousandths: i128| figure.beside(ratio(&format!("{thousandths}/1000")));
        let rank = |beside| match beside { Beside::Under(_) => 0, Beside::In => 1, Beside::Over(_) => 2 };
        prop_assert!(a > b || rank(at(a)) <= rank(at(b)));
        prop_assert_eq!(rank(at(a)) == 1, (50..=80).contains(&a));
    }
}
