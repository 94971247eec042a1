use dialmark_metrics::MetricRef;
use jiff::civil::date;

use super::*;

const GOOD: &str = "\
[kpi.conversion]
metric = \"conversion_rate/success_per_contact\"
owner  = \"lead@example.org\"
window = \"month\"
guards = [\"cancellation_rate\"]
reviewed_on = 2026-10-01
target = { at_least = 0.052, tolerance = 0.004 }

[kpi.aht]
metric = \"aht\"
owner  = \"lead@example.org\"
window = \"28 days\"
place  = { campaign = \"north\" }
target = { at_most = \"5 min\", tolerance = \"10 %\" }
";

fn read(files: &[(&str, &str)]) -> (Governed, Vec<String>) {
    let (catalogue, _) = Catalogue::builtin();
    let files: Vec<(String, String)> =
        files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    let problems = Problems::new();
    let mark = |metric: &MetricRef| Some(format!("mark of {metric}"));
    let against = Against { catalogue: &catalogue, today: date(2026, 11, 22), mark: &mark };
    let governed = Governed::read(&files, &against, &problems);
    (governed, problems.into_vec().iter().map(ToString::to_string).collect())
}

#[test]
fn a_kpi_takes_from_its_metric_what_it_does_not_say_itself() {
    let (governed, problems) = read(&[("kpis/a.toml", GOOD)]);
    assert!(problems.is_empty(), "{problems:?}");
    let kpi = &governed.kpis["aht"];
    assert_eq!(kpi.label, "Average handle time");
    assert_eq!(kpi.place, crate::Place::of("campaign_id", "north"));
    assert_eq!(kpi.window, crate::Window::Days(28));
    assert_eq!(kpi.review, crate::kpi::Rhythm::Weekly);
    assert!(!kpi.guards.is_empty() && kpi.perspective.is_some());
    let target = &kpi.targets[0];
    assert_eq!(target.aim, crate::Aim::AtMost(dialmark_metrics::Ratio::parse("300000").unwrap()));
}

#[test]
fn all_that_is_wrong_with_a_kpi_is_said_at_once() {
    let text = "\
[kpi.a]
metric = \"convertion_rate\"
owner  = [\"a@example.org\", \"b@example.org\"]

[kpi.b]
metric = \"aht\"
window = \"fortnight\"
target = { at_most = \"5 min\" }

[kpi.c]
metric = \"conversion_rate\"
owner  = \"c@example.org, d@example.org\"
window = \"month\"
guards = []
reviewed_on = 2026-01-15
defined_as = \"another\"
target = { at_least = \"5 %\" }
";
    let (governed, problems) = read(&[("kpis/a.toml", text)]);
    assert!(governed.kpis.is_empty());
    let said = problems.join("\n");
    for part in [
        "error: kpis/a.toml:2: kpi.a.metric: there is no metric `convertion_rate`. Did you mean `conversion_rate`?",
        "error[two-owners]: kpis/a.toml:3: kpi.a.owner: the KPI has 2 owners, so each miss would be argued over. Keep the one who answers for it, such as `owner = \"a@example.org\"`.",
        "error[no-window]: kpis/a.toml:1: kpi.a: the KPI has no time window.",
        "error[no-target]: kpis/a.toml:1: kpi.a: the KPI has no target, so it judges nothing.",
        "error[no-owner]: kpis/a.toml:5: kpi.b: the KPI has no owner",
        "error: kpis/a.toml:7: kpi.b.window: `fortnight` is no time window.",
        "error[two-owners]: kpis/a.toml:12: kpi.c.owner",
    ] {
        assert!(said.contains(part), "{part}\nis not in\n{said}");
    }
}

#[test]
fn what_time_has_done_to_a_kpi_is_said() {
    let text = "\
[kpi.c]
metric = \"conversion_rate\"
owner  = \"c@example.org\"
window = \"month\"
guards = []
reviewed_on = 2026-01-15
defined_as = \"another\"
target = { at_least = \"5 %\" }
";
    let people = "[person.\"c@example.org\"]\nname = \"C\"\nleft = 2026-11-01\n";
    let (_, problems) = read(&[("kpis/a.toml", text), ("people/a.toml", people)]);
    assert_eq!(
        problems,
        [
            "error[owner-left]: kpis/a.toml:3: kpi.c.owner: C left on 2026-11-01. Name who took over.",
            "warning[no-quality-guard]: kpis/a.toml:5: kpi.c.guards: nothing guards the quality of this conversion. Add `guards = [...]` with a metric that follows it, such as `cancellation_rate`.",
            "warning[stale-target]: kpis/a.toml:6: kpi.c.reviewed_on: its target was looked at last on 2026-01-15. Confirm or raise it, and write the day down here.",
            "error[definition-changed]: kpis/a.toml:7: kpi.c.defined_as: the definition of `conversion_rate` is another than the one that the target was set for. Look at the target again, then write `defined_as = \"mark of conversion_rate\"`.",
        ]
    );
}

#[test]
fn a_scorecard_is_a_few_kpis_with_weights() {
    let card =
        "[scorecard.centre]\nkpis = { conversion = 60, aht = 40 }\ncascade = [\"campaign\", \"agent\"]\n";
    let (governed, problems) = read(&[("kpis/a.toml", GOOD), ("scorecards/a.toml", card)]);
    assert!(problems.is_empty(), "{problems:?}");
    let card = &governed.scorecards["centre"];
    assert_eq!(card.cascade, ["campaign_id", "agent_id"]);
    assert_eq!(card.kpis.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["conversion", "aht"]);
}

#[test]
fn rules_of_scorecards_are_held() {
    let kpis = GOOD.to_owned()
        + "[kpi.per_dial]\nmetric = \"conversion_rate/success_per_dial\"\nowner = \"a\"\nwindow = \"month\"\nguards = [\"cancellation_rate\"]\ntarget = { at_least = 0.02 }\n";
    let cases = [
        (
            "kpis = { conversion = 60, aht = 30 }",
            "error[weights]: scorecards/a.toml:2: scorecard.a.kpis: the weights add up to 90, not to 100.",
        ),
        ("kpis = { conversion = 50, per_dial = 50 }", "warning[two-denominators]"),
        ("kpis = { convertion = 100 }", "there is no KPI `convertion`. Did you mean `conversion`?"),
        ("kpis = { aht = 0, conversion = 100 }", "a weight is more than nothing"),
        ("label = \"A\"", "the scorecard has no KPIs"),
        ("kpis = { aht = 100 }\ncascade = [\"agent\", \"agent_id\"]", "stands there twice"),
        ("kpis = { aht = 100 }\nkpi = 1", "nothing is known by this key"),
    ];
    for (text, part) in cases {
        let text = format!("[scorecard.a]\n{text}\n");
        let (_, problems) = read(&[("kpis/a.toml", &kpis), ("scorecards/a.toml", &text)]);
        let said = problems.join("\n");
        assert!(said.contains(part), "{text}\n{said}");
    }
}

#[test]
fn a_scorecard_of_ten_or_of_lagging_kpis_alone_is_warned_of() {
    let mut kpis = String::new();
    let mut weights = Vec::new();
    for at in 0..10 {
        kpis += &format!(
            "[kpi.k{at}]\nmetric = \"aht\"\nsignal = \"lagging\"\nowner = \"a\"\nwindow = \"month\"\ntarget = {{ at_most = \"5 min\" }}\n"
        );
        weights.push(format!("k{at} = 10"));
    }
    let card = format!("[scorecard.a]\nkpis = {{ {} }}\n", weights.join(", "));
    let (governed, problems) = read(&[("kpis/a.toml", &kpis), ("scorecards/a.toml", &card)]);
    let said = problems.join("\n");
    assert!(said.contains("warning[too-many-kpis]: scorecards/a.toml:2: scorecard.a.kpis: the scorecard has 10 KPIs that count; more than 9 dilute it."), "{said}");
    assert!(said.contains("warning[only-lagging]"), "{said}");
    assert_eq!(governed.scorecards.len(), 1);
}

#[test]
fn every_rule_has_words_of_its_own() {
    let mut codes: Vec<&str> = crate::lint::ALL.iter().map(|lint| lint.code).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), crate::lint::ALL.len());
    assert!(crate::lint::ALL.iter().all(|lint| lint.why.len() > 40 && lint.wrong != lint.right));
}

#[test]
fn every_folder_that_is_named_is_read() {
    let files = [
        ("costs/rules.toml", "[allocation.rent]\nby = \"equally\"\n"),
        (
            "costs/rates.toml",
            "[rate.usd]\nfrom = \"USD\"\nto = \"EUR\"\nsource = \"ECB\"\nby_day = { 2026-10-30 = 0.92 }\n",
        ),
        (
            "incentives/a.toml",
            "[incentive.north]\ncurrency = \"EUR\"\n[[incentive.north.part]]\nname = \"sales\"\nkind = \"per_unit\"\nmetric = \"verified_sales\"\nrate = 4.00\n",
        ),
        (
            "quality/a.toml",
            "[recovery.a]\nsurvey = \"nps\"\nowner = \"lead@example.org\"\ncall_back_within = \"48h\"\n",
        ),
    ];
    assert!(files.iter().all(|(path, _)| FOLDERS.contains(&path.split('/').next().unwrap())));
    let (governed, problems) = read(&files);
    assert_eq!(problems, Vec::<String>::new());
    assert_eq!(
        (
            governed.allocations.len(),
            governed.rates.len(),
            governed.incentives.len(),
            governed.recoveries.len()
        ),
        (1, 1, 1, 1)
    );
}

#[test]
fn whatever_has_an_owner_has_one_who_is_here() {
    let people = "[person.\"old@example.org\"]\nname = \"Old Lead\"\nleft = 2026-09-30\n[person.\"lead@example.org\"]\n";
    let card = "[scorecard.a]\nowner = \"old@example.org\"\nkpis = { conversion = 60, aht = 40 }\n\
                [scorecard.b]\nowner = \"lead@example.org, old@example.org\"\nkpis = { conversion = 60, aht = 40 }\n";
    let recovery =
        "[recovery.a]\nsurvey = \"nps\"\nowner = \"old@example.org\"\ncall_back_within = \"48h\"\n";
    let (_, problems) = read(&[
        ("kpis/a.toml", GOOD),
        ("people/a.toml", people),
        ("quality/a.toml", recovery),
        ("scorecards/a.toml", card),
    ]);
    assert_eq!(
        problems,
        [
            "error[owner-left]: quality/a.toml:3: recovery.a.owner: Old Lead left on 2026-09-30. Name who took over.",
            "error[owner-left]: scorecards/a.toml:2: scorecard.a.owner: Old Lead left on 2026-09-30. Name who took over.",
            "error[two-owners]: scorecards/a.toml:5: scorecard.b.owner: the scorecard has 2 owners, so each miss would be argued over. Keep the one who answers for it, such as `owner = \"lead@example.org\"`.",
        ]
    );
}
