//! Service levels that are wrong.

use super::with;

/// Problems of a service level with these lines, which begin in line 12 of the file.
fn level(lines: &str) -> Vec<String> {
    with(&format!("[[contract.acme.service_level]]\nname = \"answered\"\n{lines}"))
}

#[test]
fn overlapping_steps_are_refused() {
    let steps = |steps: &str| level(&format!("metric = \"service_level\"\nsteps = [{steps}]\n"));
    let overlaps = |text: &str, number: usize, order: &str| {
        assert_eq!(
            steps(text),
            [format!(
                "error: contracts/acme.toml:13: contract.acme.service_level.steps: step {number} overlaps another or is out of order. Write steps in {order} order, so that every figure falls into one of them or none."
            )],
            "{text}"
        );
    };
    overlaps("{ below = 0.80, pays = -0.02 }, { below = 0.75, pays = -0.05 }", 2, "ascending");
    overlaps("{ below = 0.80, pays = -0.02 }, { from = 0.79, pays = 0.01 }", 2, "ascending");
    overlaps("{ from = 0.85, pays = 0.01 }, { below = 0.80, pays = -0.02 }", 1, "ascending");
    overlaps("{ from = 0.85, pays = 0.01 }, { from = 0.85, pays = 0.02 }", 1, "ascending");
    overlaps("{ from = 0.9, below = 0.8, pays = 0.01 }", 1, "ascending");
    overlaps("{ above = 0.03, pays = -0.02 }, { above = 0.05, pays = -0.05 }", 2, "descending");
    overlaps("{ above = 0.03, pays = -0.02 }, { up_to = 0.04, pays = 0.01 }", 2, "descending");
    assert_eq!(
        steps("{ below = 0.80, pays = -0.02 }, { up_to = 0.90, pays = 0.01 }"),
        [
            "error: contracts/acme.toml:13: contract.acme.service_level.steps: these steps mix two ways of saying where they end. Write `below` and `from` where more is better, `above` and `up_to` where less is better."
        ]
    );
    assert_eq!(
        steps("{ below = 80, pays = -5 }"),
        [
            "error: contracts/acme.toml:13: contract.acme.service_level.steps.pays: this is more than the whole fee. A share is between -1 and 1: write `-0.05` or `\"-5 %\"`."
        ]
    );
    assert_eq!(
        steps("{ pays = -0.05 }"),
        [
            "error: contracts/acme.toml:13: contract.acme.service_level.steps: this step does not say for which figures it is. Write `below` and `from` where more is better, `above` and `up_to` where less is better."
        ]
    );
}

#[test]
fn steps_that_pay_less_for_a_better_figure_are_pointed_out() {
    let warning = |line: usize| {
        format!(
            "warning: contracts/acme.toml:{line}: contract.acme.service_level.steps: a better figure pays less somewhere in these steps. What lies between two steps, and beyond the last, pays nothing. Check `pays` and the limits."
        )
    };
    assert_eq!(
        level(
            "metric = \"service_level\"\nsteps = [{ below = 0.75, pays = -0.02 }, { below = 0.80, pays = -0.05 }]\n"
        ),
        [warning(13)]
    );
    // A longer wait is worse, and is paid here.
    assert_eq!(level("metric = \"asa\"\nsteps = [{ below = \"20s\", pays = -0.02 }]\n"), [warning(13)]);
    assert_eq!(
        level("metric = \"asa\"\nsteps = [{ above = \"1min 30s\", pays = -0.02 }]\n"),
        Vec::<String>::new()
    );
}

#[test]
fn weights_that_do_not_add_up_are_refused() {
    let two = |first: &str, second: &str| {
        with(&format!(
            "[[contract.acme.service_level]]\nname = \"a\"\nmetric = \"service_level\"\n{first}\nsteps = [{{ below = 0.8, pays = -0.1 }}]\n\
             [[contract.acme.service_level]]\nname = \"b\"\nmetric = \"csat\"\n{second}\nsteps = [{{ below = 0.8, pays = -0.1 }}]\n"
        ))
    };
    assert_eq!(two("weight = 0.4", "weight = 0.6"), Vec::<String>::new());
    assert_eq!(
        two("weight = 0.4", "weight = 0.599999999999999999"),
        [
            "error: contracts/acme.toml:10: contract.acme.service_level: the weights of the service levels add up to 0.999999999999999999, not to 1. Change them so that they add up to exactly 1."
        ]
    );
    assert_eq!(
        two("weight = 1", ""),
        [
            "error: contracts/acme.toml:10: contract.acme.service_level: some service levels have a weight, and `b` has none. Give every one a `weight`, so that they add up to 1, or none."
        ]
    );
}

#[test]
fn a_service_level_must_say_what_it_is_about() {
    assert_eq!(
        level("metric = \"service_levle\"\nsteps = [{ below = 0.75, pays = -0.02 }]\n"),
        [
            "error: contracts/acme.toml:12: contract.acme.service_level.metric: There is no metric `service_levle`. Did you mean `service_level`?"
        ]
    );
    assert_eq!(
        level("kpi = \"answered_nroth\"\nsteps = [{ below = 0.75, pays = -0.02 }]\n"),
        [
            "error: contracts/acme.toml:12: contract.acme.service_level.kpi: there is no KPI `answered_nroth`. Did you mean `answered_north`?"
        ]
    );
    assert_eq!(
        level(
            "metric = \"service_level\"\nplace = { client_id = \"zenith\" }\nsteps = [{ below = 0.75, pays = -0.02 }]\n"
        ),
        [
            "error: contracts/acme.toml:13: contract.acme.service_level.place: `client_id = zenith` is outside of the contract's scope (client_id = acme). A part of a contract is about its records or some of them."
        ]
    );
    assert_eq!(
        level("metric = \"service_level\"\n"),
        [
            "error: contracts/acme.toml:10: contract.acme.service_level: `steps` or `linear` is missing. Write `steps = [{ below = 0.80, pays = -0.05 }]`, or `linear = { target = 0.80, per = 0.01, pays = 0.005, counts = \"full\" }`."
        ]
    );
    assert_eq!(
        level("metric = \"service_level\"\nof = [\"bass\"]\nsteps = [{ below = 0.75, pays = -0.02 }]\n"),
        [
            "error: contracts/acme.toml:13: contract.acme.service_level.of: this contract has no price `bass`. Did you mean `base`?"
        ]
    );
}

#[test]
fn a_linear_scale_must_know_which_way_is_better() {
    let linear = "linear = { target = 100, per = 10, pays = 0.01, counts = \"full\" }\n";
    assert_eq!(
        level(&format!("metric = \"calls_offered\"\n{linear}")),
        [
            "error: contracts/acme.toml:13: contract.acme.service_level.linear: the catalogue does not say which way this metric is better. Add `better = \"more\"` or `better = \"less\"` to the service level."
        ]
    );
    assert_eq!(
        level(&format!("metric = \"calls_offered\"\nbetter = \"less\"\n{linear}")),
        Vec::<String>::new()
    );
    assert_eq!(
        level(&format!("metric = \"sales\"\nbetter = \"less\"\n{linear}")),
        [
            "error: contracts/acme.toml:13: contract.acme.service_level.better: the catalogue says the opposite of this metric. Leave `better` out."
        ]
    );
    assert_eq!(
        level("metric = \"sales\"\nlinear = { target = 100, per = 0, pays = -0.01, counts = \"all\" }\n"),
        [
            "error: contracts/acme.toml:13: contract.acme.service_level.linear.counts: `all` is not known here. Use one of `full`, `started`, `exact`.",
            "error: contracts/acme.toml:13: contract.acme.service_level.linear.pays: this must be above zero. The sign follows from the figure: a better one is paid, a worse one deducted.",
            "error: contracts/acme.toml:13: contract.acme.service_level.linear.per: this must be above zero. The sign follows from the figure: a better one is paid, a worse one deducted.",
        ]
    );
}

#[test]
fn grace_needs_a_go_live_and_earn_back_a_number() {
    assert_eq!(
        level(
            "metric = \"service_level\"\nsteps = [{ below = 0.75, pays = -0.02 }]\ngrace = { days = 30 }\nearn_back = { periods = 0 }\n"
        ),
        [
            "error: contracts/acme.toml:14: contract.acme.service_level.grace: grace is counted from go-live, and this contract does not say when that is. Add `go_live_on` to the contract.",
            "error: contracts/acme.toml:15: contract.acme.service_level.earn_back.periods: this should be from 1 to 24. Leave the whole entry out when there is none.",
        ]
    );
}
