use super::*;

#[test]
fn a_project_fills_in_the_value_of_a_record_that_comes_without_one() {
    let own = "[profile.centre]\nmotion = \"b2b_cold_calls\"\n
[benchmark.b2b_cold_calls_2025]
label = \"B2B cold calls, as our licensed copy has it\"
metric = \"conversion_rate\"
value = \"2.3 %\"
type = \"average\"
industry = \"any\"
outcome = \"appointments\"
denominator = \"dials\"
motion = \"b2b_cold_calls\"
source = \"page 14 of the report\"
";
    // 2.7 % - 2.3 % = 0.4 points.
    let made = made(compared(own, "b2b_cold_calls_2025", "conversion_rate/appointments_per_dial", "0.027"));
    assert_eq!(made.points, Some(ratio("0.4")));
}

#[test]
fn a_centre_of_several_kinds_of_work_is_none_of_them_but_its_campaigns_are() {
    let own = "
[profile.centre]
industry = \"any\"
motion   = \"inbound_service\"
[profile.arrears]
place    = { campaign = \"arrears\" }
industry = \"financial_services\"
motion   = \"early_arrears\"
[profile.help]
place    = { campaign = \"help\" }
motion   = \"technical_support\"
";
    let (_, library, found) = with(own);
    assert!(found.is_empty(), "{}", found.join("\n"));
    let motion = |place: &Place| match library.profiles.of(place).motion {
        Side::Unstated => "unstated".to_owned(),
        Side::One(word) => word.name,
        Side::Several(words) => words.into_iter().map(|word| word.name).collect::<Vec<_>>().join(" and "),
    };
    // Technical support is inbound service; arrears are not.
    assert_eq!(motion(&Place::centre()), "early_arrears and inbound_service");
    assert_eq!(motion(&Place::of("campaign_id", "help")), "technical_support");
    assert_eq!(motion(&Place::of("campaign_id", "arrears").within("team_id", "a")), "early_arrears");
    assert_eq!(motion(&Place::of("campaign_id", "other")), "inbound_service");
    assert_eq!(
        why_not(compared(own, "fcr_average", "fcr/gross", "0.7")),
        [
            "The benchmark is of inbound customer service by telephone, these records are of several kinds: collection of early arrears, inbound customer service by telephone."
        ]
    );
}

#[test]
fn what_is_wrong_with_records_is_said_all_at_once() {
    let own = "
[benchmark.fcr_average]
label = \"Ours\"
metric = \"fcr\"
value = 0.7
type = \"average\"
source = \"us\"

[benchmark.bad]
metric = \"conversion_rat\"
value = { from = 0.3, to = 0.2 }
type = \"averag\"
outcome = \"sale\"
denominator = \"successes_by_hnd\"
industry = \"health_care\"
motion = \"knocking on doors\"
valu = 1

[benchmark.worse]
label = \"Worse\"
metric = \"cost_per_call\"
value = 4.20
type = \"average\"
source = \"us\"

[benchmark.two]
label = \"Two\"
metric = \"csat\"
value = { above = 0.3, below = 0.4 }
type = \"average\"
outcome = \"csat_satisfied\"
source = \"us\"

[benchmark.range]
label = \"Range\"
metric = \"csat\"
value = { from = 0.4, to = 0.3 }
type = \"average\"
source = \"us\"

[profile.a]
motion = \"outbond\"
[profile.b]
place = { campain = \"x\" }
";
    let (_, library, found) = with(own);
    assert_eq!(
        found,
        [
            "error: benchmarks/own.toml:2: benchmark.fcr_average: the benchmark `fcr_average` is declared twice: here and in catalogue/benchmarks/service.toml:4. Remove or rename one of them.",
            "error: benchmarks/own.toml:9: benchmark.bad: `label` is missing. Add `label = \"...\"`: what the figure is called.",
            "error: benchmarks/own.toml:9: benchmark.bad: `source` is missing. Add `source = \"...\"`: where the figure was read, so that it can be looked up.",
            "error: benchmarks/own.toml:10: benchmark.bad.metric: There is no metric `conversion_rat`. Did you mean `conversion_rate`?",
            "error: benchmarks/own.toml:12: benchmark.bad.type: `averag` is not known here. Did you mean `average`?",
            "error: benchmarks/own.toml:13: benchmark.bad.outcome: nothing is counted by the name `sale`. Did you mean `sales`?",
            "error: benchmarks/own.toml:14: benchmark.bad.denominator: nothing is counted by the name `successes_by_hnd`. Did you mean `successes_by_hand`?",
            "error: benchmarks/own.toml:15: benchmark.bad.industry: there is no industry `health_care`. Did you mean `healthcare`?",
            "error: benchmarks/own.toml:16: benchmark.bad.motion: there is no motion `knocking on doors`. Declare it: `[motion.knocking_on_doors]` with a `label`.",
            "error: benchmarks/own.toml:17: benchmark.bad.valu: nothing is known by this key. Did you mean `value`?",
            "error: benchmarks/own.toml:19: benchmark.worse: money needs its currency. Add `unit = \"EUR\"`, or another code of ISO 4217.",
            "error: benchmarks/own.toml:29: benchmark.two.value: this is not one figure. Write a value, `{ from = ..., to = ... }`, or one of `{ at_least = ... }`, `{ at_most = ... }`, `{ above = ... }`, `{ below = ... }`.",
            "error: benchmarks/own.toml:31: benchmark.two.outcome: `csat_satisfied` is a measure; what it counts is called `satisfied_answers`. Write `outcome = \"satisfied_answers\"`.",
            "error: benchmarks/own.toml:37: benchmark.range.value: the range ends before it begins. Let `from` be less than `to`.",
            "error: benchmarks/own.toml:42: profile.a.motion: there is no motion `outbond`. Did you mean `outbound`?",
            "error: benchmarks/own.toml:44: profile.b.place.campain: there is no dimension `campain`. Did you mean `campaign_id`?",
        ]
    );
    assert!(!library.benchmarks.contains_key("worse") && !library.benchmarks.contains_key("bad"));
}

#[test]
fn own_words_are_used_like_the_shipped_ones() {
    let own = "
[counted.trials]
label = \"trials started\"
[industry.gyms]
label = \"gyms\"
[motion.reactivation]
label = \"calls to former members\"
within = \"outbond\"
[formula.nps.standar]
outcome = \"net_promoter\"
denominator = \"trials\"
[counted.dials]
measures = [\"dails\"]
";
    let (_, library, found) = with(own);
    assert_eq!(
        found,
        [
            "error: benchmarks/own.toml:8: motion.reactivation.within: no motion `outbond` is declared above. Did you mean `outbound`?",
            "error: benchmarks/own.toml:9: formula.nps.standar: `nps` has no variant `standar`; it has `standard`.",
            "error: benchmarks/own.toml:10: formula.nps.standar.outcome: no word `net_promoter` is declared above. Did you mean `net_promoters`?",
            "error: benchmarks/own.toml:12: counted.dials: the word `dials` is declared twice: here and in catalogue/benchmarks/words.toml:6. Remove or rename one of them.",
        ]
    );
    assert_eq!(library.vocabulary.industry("gyms").unwrap().within, ["any"]);
}
