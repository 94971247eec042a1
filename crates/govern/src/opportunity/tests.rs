use std::sync::LazyLock;

use dialmark_metrics::answer::{Reason, Sum};
use dialmark_metrics::{Catalogue, MetricRef};
use dialmark_model::declared::Problems;
use proptest::prelude::*;

use super::*;
use crate::benchmark::{Library, Profile, Side};

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::builtin().0);
static LIBRARY: LazyLock<Library> =
    LazyLock::new(|| Library::read(&[], &CATALOGUE, &|_| false, &Problems::new()));

fn ratio(text: &str) -> Ratio {
    Ratio::parse(text).unwrap()
}

fn exact(text: &str) -> Exact {
    Exact::parse(text).unwrap()
}

fn asked(metric: &str) -> Asked {
    let motion = LIBRARY.vocabulary.motion("inbound_service").cloned().unwrap();
    let profile = Profile { motion: Side::One(motion), ..Profile::default() };
    let wanted = MetricRef::parse(metric).unwrap();
    Asked::of(&wanted, &CATALOGUE, &LIBRARY.vocabulary, Some("EUR"), profile).unwrap()
}

fn figure(metric: &str, numerator: &str, denominator: &str) -> Figure {
    let asked = asked(metric);
    let total = |text: &str| Sum { total: Some(exact(text)), n: 1, ..Sum::default() };
    let cell = Cell::ratio(Some(&total(numerator)), Some(&total(denominator)), asked.times);
    Figure::of(asked, Place::centre(), &cell).unwrap()
}

fn at_least(goal: &str) -> Reference {
    Reference::target("ours", Goal::AtLeast(ratio(goal)))
}

fn at_most(goal: &str) -> Reference {
    Reference::target("ours", Goal::AtMost(ratio(goal)))
}

/// 100,000 calls, 20,000 conversations, 1,000 sales worth 212,400 EUR; 2,000 hours at 24 EUR.
fn chain() -> Chain {
    let step = |measure: &str, count: &str| Step {
        word: LIBRARY.vocabulary.of_measure(measure),
        count: exact(count),
    };
    Chain {
        currency: "EUR".to_owned(),
        steps: vec![step("dials", "100000"), step("contacts", "20000"), step("sales", "1000")],
        worth: Some(Average { amount: exact("212400.00"), over: exact("1000"), basis: Basis::Records }),
        hour: Some(Average { amount: exact("48000"), over: exact("7200000000"), basis: Basis::Records }),
    }
}

fn one(figure: &Figure, reference: &Reference) -> Opportunity {
    weigh(figure, reference, &chain()).unwrap()
}

fn gains(found: &Opportunity) -> Vec<String> {
    found.gains.iter().map(|gain| format!("{} {}", gain.count, gain.word.label)).collect()
}

#[test]
fn better_conversion_of_the_same_conversations_brings_sales_and_their_money() {
    // 5.0 to 5.5 % of 20,000 are 100 sales; at 212.40 each, 21,240.00.
    let found = one(&figure("conversion_rate/sales_per_contact", "1000", "20000"), &at_least("0.055"));
    assert_eq!(gains(&found), ["100 sales"]);
    assert_eq!(found.worth.unwrap().to_string(), "21240.00 EUR");
    assert_eq!(
        found.assumptions,
        [
            "The number of conversations stays as it is: 20000.",
            "One of the sales is worth what it was on average in this period: 212.40 EUR."
        ]
    );
}

#[test]
fn more_conversations_lead_to_sales_as_often_as_before() {
    // 20 to 23 % of 100,000 are 3,000 conversations; 1 in 20 buys: 150 sales; 31,860.00.
    let found = one(&figure("connection_rate/person", "20000", "100000"), &at_least("0.23"));
    assert_eq!(gains(&found), ["3000 conversations", "150 sales"]);
    assert_eq!(found.worth.unwrap().to_string(), "31860.00 EUR");
    assert_eq!(
        found.assumptions,
        [
            "The number of outbound calls stays as it is: 100000.",
            "The conversations lead to sales as often as in this period: 20000 to 1000.",
            "One of the sales is worth what it was on average in this period: 212.40 EUR."
        ]
    );
}

#[test]
fn a_rate_an_hour_brings_calls_that_lead_to_conversations_and_sales() {
    // 50 to 51 dials an hour in 2,000 hours are 2,000 dials, 400 conversations, 20 sales; 4,248.00.
    let found = one(&figure("dials_per_logged_hour", "100000", "7200000000"), &at_least("51"));
    assert_eq!(gains(&found), ["2000 outbound calls", "400 conversations", "20 sales"]);
    assert_eq!(found.worth.unwrap().to_string(), "4248.00 EUR");
}

#[test]
fn people_who_were_dropped_would_have_been_conversations() {
    // 1,722 of 63,800 is 2.699 %; 2 % would be 1,276: 446 conversations more, 22.3 sales, 4,736.52.
    let found = one(&figure("outbound_abandonment_rate/live_answers", "1722", "63800"), &at_most("0.02"));
    assert_eq!(gains(&found), ["446 conversations", "22.3 sales"]);
    assert_eq!(found.worth.unwrap().to_string(), "4736.52 EUR");
    assert_eq!(
        found.assumptions.get(1).map(String::as_str),
        Some(
            "Every one of the calls answered by a person for whom no agent came avoided is one of the conversations more."
        )
    );
}

#[test]
fn shorter_calls_free_hours_that_cost_what_hours_cost() {
    // 30 s less on 20,000 calls are 600,000 s, 166 2/3 hours; at 24.00 each, 4,000.00.
    let found = one(&figure("aht/handle", "6000000000", "20000"), &at_most("270000"));
    assert_eq!(found.hours, Some(ratio("500/3")));
    assert_eq!(found.worth.unwrap().to_string(), "4000.00 EUR");
    assert!(found.gains.is_empty());
}

#[test]
fn cheaper_calls_save_the_difference_on_each() {
    // 0.05 EUR less on each of 100,000.
    let found = one(&figure("cost_per_call", "50000.00", "100000"), &at_most("0.45"));
    assert_eq!(found.worth.unwrap().to_string(), "5000.00 EUR");
}

#[test]
fn fewer_calls_for_each_sale_mean_more_sales_of_the_same_calls() {
    // 100 calls a sale to 80: 100,000 / 80 = 1,250 sales, 250 more; 53,100.00.
    let found = one(&figure("call_to_sale", "100000", "1000"), &at_most("80"));
    assert_eq!(gains(&found), ["250 sales"]);
    assert_eq!(found.worth.unwrap().to_string(), "53100.00 EUR");
    assert_eq!(
        found.assumptions.first().map(String::as_str),
        Some("The number of outbound calls stays as it is: 100000.")
    );
}

#[test]
fn what_cannot_be_priced_says_why() {
    let why = |figure: &Figure, reference: &Reference, chain: &Chain| {
        weigh(figure, reference, chain).unwrap().worth.unwrap_err()
    };
    // A caller's wait is nobody's working time.
    assert_eq!(
        why(&figure("asa", "9000000", "300"), &at_most("20000"), &chain()),
        "Nothing says what a change of the waiting time of the calls taken would bring; the chain knows outbound calls, conversations, sales."
    );
    assert_eq!(
        why(&figure("average_promise_amount", "9000", "300"), &at_least("40"), &chain()),
        "Nothing says what a change of the promised amount would bring; the chain knows outbound calls, conversations, sales."
    );
    let conversion = figure("conversion_rate/sales_per_contact", "1000", "20000");
    let no_worth = Chain { worth: None, ..chain() };
    assert_eq!(
        why(&conversion, &at_least("0.06"), &no_worth),
        "What one of the sales is worth is not known."
    );
    let no_value = Chain {
        worth: Some(Average { amount: Exact::ZERO, over: Exact::ZERO, basis: Basis::Records }),
        ..chain()
    };
    assert_eq!(
        why(&conversion, &at_least("0.06"), &no_value),
        "None of the sales has a value in this period."
    );
    let no_hour = Chain { hour: None, ..chain() };
    assert_eq!(
        why(&figure("aht", "6000000000", "20000"), &at_most("270000"), &no_hour),
        "What an hour of an agent costs is not known."
    );
    let dollars = Chain { currency: "USD".to_owned(), ..chain() };
    assert_eq!(
        why(&figure("cost_per_call", "50000.00", "100000"), &at_most("0.45"), &dollars),
        "It is in EUR, and opportunities are weighed in USD."
    );
    assert_eq!(
        why(&figure("connection_rate", "10000", "50000"), &at_least("0.3"), &chain()),
        "The figure has 10000 conversations, the chain 20000: they are not of the same records."
    );
    let mut silent = chain();
    silent.steps[1].count = Exact::ZERO;
    assert_eq!(
        why(&figure("connection_rate", "0", "100000"), &at_least("0.3"), &silent),
        "There were no conversations, so it is not known what more of them would lead to."
    );
}

#[test]
fn gains_stay_known_where_the_price_is_not() {
    let chain = Chain { worth: None, ..chain() };
    let found = weigh(&figure("connection_rate", "20000", "100000"), &at_least("0.23"), &chain).unwrap();
    assert_eq!(gains(&found), ["3000 conversations", "150 sales"]);
    assert!(found.worth.is_err());
}

#[test]
fn a_figure_that_has_reached_its_reference_is_no_opportunity() {
    let conversion = figure("conversion_rate/sales_per_contact", "1000", "20000");
    assert_eq!(weigh(&conversion, &at_least("0.05"), &chain()), None);
    assert_eq!(weigh(&figure("cost_per_call", "50000", "100000"), &at_most("0.50"), &chain()), None);
}

#[test]
fn a_cell_without_two_sums_is_no_figure() {
    let null = Cell::null(Reason::NoData);
    assert_eq!(
        Figure::of(asked("asr"), Place::centre(), &null).unwrap_err(),
        "Answer success rate has no value in this period."
    );
    let sum = Sum { total: Some(exact("5")), n: 5, ..Sum::default() };
    assert_eq!(
        Figure::of(asked("sales"), Place::centre(), &Cell::simple(Some(&sum))).unwrap_err(),
        "Sales is not one sum over another, so it is not known what a change of it would bring."
    );
}

#[test]
fn only_a_comparable_middle_of_others_is_a_reference() {
    let of =
        |benchmark: &str, metric: &str| Reference::benchmark(&LIBRARY.benchmarks[benchmark], &asked(metric));
    assert_eq!(of("fcr_average", "fcr/gross").unwrap().goal(), Goal::AtLeast(ratio("0.70")));
    assert_eq!(
        of("abandonment_average", "queue_abandonment_rate").unwrap().goal(),
        Goal::AtMost(ratio("0.08"))
    );
    assert_eq!(of("fcr_uk_top_2024", "fcr/gross").unwrap().goal(), Goal::AtLeast(ratio("0.78")));
    assert_eq!(
        of("fcr_world_class", "fcr/gross").unwrap_err(),
        "Only an average, a median or a top quartile says where others lie that one could reach."
    );
    assert_eq!(
        of("conversion_strong", "conversion_rate").unwrap_err(),
        "The source does not say what it counts, so nothing may be compared with it. The source names no denominator, so nothing may be compared with it. The source names no industry, so nothing may be compared with it. The source names no motion, so nothing may be compared with it."
    );
}

fn several() -> Vec<Candidate> {
    let figures = vec![
        (figure("asa", "9000000", "300"), at_most("20000")),
        (figure("cost_per_call", "50000.00", "100000"), at_most("0.45")),
        (figure("conversion_rate/sales_per_contact", "1000", "20000"), at_least("0.055")),
        (figure("aht/handle", "6000000000", "20000"), at_most("270000")),
        (figure("connection_rate/person", "20000", "100000"), at_least("0.23")),
        (figure("conversion_rate/sales_per_dial", "1000", "100000"), at_least("0.01")),
    ];
    let candidate = |(figure, reference)| Candidate { figure, reference, chain: chain() };
    figures.into_iter().map(candidate).collect()
}

#[test]
fn the_largest_comes_first_and_what_has_no_price_last() {
    let ranked = rank(&several());
    let shown: Vec<String> = ranked
        .iter()
        .map(|one| {
            format!("{}: {}", one.metric, one.worth.as_ref().map_or("?".to_owned(), ToString::to_string))
        })
        .collect();
    assert_eq!(
        shown,
        [
            "connection_rate/person: 31860.00 EUR",
            "conversion_rate/sales_per_contact: 21240.00 EUR",
            "cost_per_call/operating: 5000.00 EUR",
            "aht/handle: 4000.00 EUR",
            "asa/all_taken: ?",
        ]
    );
}

#[test]
fn different_currencies_are_ranked_each_for_itself() {
    let of = |place: &str, currency: &str, goal: &str| {
        let figure =
            Figure { place: Place::of("campaign_id", place), ..figure("connection_rate", "20000", "100000") };
        Candidate {
            figure,
            reference: at_least(goal),
            chain: Chain { currency: currency.to_owned(), ..chain() },
        }
    };
    // 1,000 and 3,000 conversations are 10,620.00 and 31,860.00.
    let ranked = rank(&[
        of("a", "GBP", "0.23"),
        of("b", "EUR", "0.21"),
        of("c", "GBP", "0.21"),
        of("d", "EUR", "0.23"),
    ]);
    let shown: Vec<String> =
        ranked.iter().map(|one| format!("{}: {}", one.place, one.worth.as_ref().unwrap())).collect();
    assert_eq!(
        shown,
        [
            "campaign_id = d: 31860.00 EUR",
            "campaign_id = b: 10620.00 EUR",
            "campaign_id = a: 31860.00 GBP",
            "campaign_id = c: 10620.00 GBP"
        ]
    );
}

#[test]
fn a_price_that_was_stated_says_so() {
    let stated =
        |amount, over| Some(Average { amount: exact(amount), over: exact(over), basis: Basis::Stated });
    let chain = Chain { worth: stated("80", "1"), hour: stated("24", "3600000"), ..chain() };
    let sales =
        weigh(&figure("conversion_rate/sales_per_contact", "1000", "20000"), &at_least("0.055"), &chain);
    let sales = sales.unwrap();
    assert_eq!(sales.worth.unwrap().to_string(), "8000.00 EUR");
    assert_eq!(sales.assumptions[1], "One of the sales is worth 80.00 EUR, as was stated.");
    let freed = weigh(&figure("aht/handle", "6000000000", "20000"), &at_most("270000"), &chain).unwrap();
    assert_eq!(freed.worth.unwrap().to_string(), "4000.00 EUR");
    assert!(freed.assumptions[1].starts_with("An hour of an agent costs 24.00 EUR, as was stated;"));
}

proptest! {
    #[test]
    fn the_order_of_figures_changes_nothing(turn in 0_usize..6) {
        let mut figures = several();
        figures.rotate_left(turn);
        prop_assert_eq!(rank(&figures), rank(&several()));
    }

    #[test]
    fn two_steps_bring_as_much_as_one(first in 51_i128..400, second in 51_i128..400) {
        // From 5.0 % by thousandths of a share: what is gained up to a goal and from it to a higher one adds up.
        let (near, far) = (first.min(second), first.max(second) + 1);
        let gained = |value: Figure, goal: i128| {
            let found = one(&value, &at_least(&format!("{goal}/1000")));
            found.gains.first().map(|gain| gain.count).unwrap()
        };
        let from = figure("conversion_rate/sales_per_contact", "1000", "20000");
        // The chain must have as many sales as the figure, so only the value of the second figure is moved.
        let halfway = Figure { value: ratio(&format!("{near}/1000")), ..from.clone() };
        let whole = gained(from.clone(), far);
        prop_assert_eq!(gained(from, near).plus(gained(halfway, far)).unwrap(), whole);
    }

    #[test]
    fn a_farther_goal_is_never_worth_less(a in 1_i128..500, b in 1_i128..500) {
        let conversion = figure("conversion_rate/sales_per_contact", "1000", "20000");
        let worth = |step: i128| one(&conversion, &at_least(&format!("{}/1000", 50 + step))).worth.unwrap().amount();
        prop_assert_eq!(a.cmp(&b), worth(a).cmp(&worth(b)));
        let aht = figure("aht/handle", "6000000000", "20000");
        let freed = |less: i128| one(&aht, &at_most(&(300_000 - less * 500).to_string())).hours.unwrap();
        prop_assert_eq!(a.cmp(&b), freed(a).cmp(&freed(b)));
    }
}
