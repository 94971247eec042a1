use dialmark_metrics::Ratio;
use proptest::prelude::*;

use super::super::{Alert, CaseClock, Edge, Found, Group, Opens, Side, Subject, Verdict, Watch};
use super::*;
use crate::place::Place;

const MINUTE: u64 = 60_000;

fn alert() -> Alert {
    Alert {
        name: "drops".to_owned(),
        label: "Drops".to_owned(),
        watch: Watch::Budget {
            campaign: None,
            edge: Edge::new(Side::Above, Ratio::parse("0.8").unwrap(), Ratio::parse("0.7").unwrap(), 1)
                .unwrap(),
        },
        for_ms: 10 * MINUTE,
        hours: None,
        group: Group::Alert,
        quiet_for_ms: 0,
        remind_after_ms: None,
        to: vec!["floor".to_owned()],
        declared_in: "alerts/a.toml".to_owned(),
        line: 1,
    }
}

fn minute(minute: i64) -> Timestamp {
    Timestamp::from_second(1_782_896_400 + minute * 60).unwrap()
}

fn reading(key: &str, at: i64, verdict: Verdict) -> Reading {
    let place = Place::of("campaign_id", key);
    Reading {
        subject: Subject { key: key.to_owned(), label: key.to_owned(), place },
        verdict,
        found: Found {
            at: minute(at),
            value: None,
            shown: format!("{verdict:?}"),
            limit: String::new(),
            n: None,
            notes: Vec::new(),
            opens: Opens::Kpis,
        },
    }
}

const BAD: Verdict = Verdict::Beyond { since: None };

/// What stands, as it would be kept between rounds.
#[derive(Default, Clone)]
struct Kept(BTreeMap<String, Standing>);

impl Kept {
    fn take(&mut self, round: &Round) {
        for changed in &round.changed {
            self.0.insert(changed.standing.subject.key.clone(), changed.standing.clone());
        }
    }

    /// Rounds a minute apart, records as fresh as the clock; the minutes in which something was told, and what.
    fn walk(&mut self, alert: &Alert, looks: &[Verdict]) -> Vec<(i64, Kind)> {
        let mut told = Vec::new();
        for (at, verdict) in (0_i64..).zip(looks) {
            let round = round(alert, &self.0, &[reading("north", at, *verdict)], minute(at));
            self.take(&round);
            told.extend(round.notices.iter().map(|notice| (at, notice.kind)));
        }
        told
    }
}

#[test]
fn it_is_raised_after_ten_bad_minutes_and_cleared_by_a_good_one() {
    let mut looks = vec![Verdict::Clear; 2];
    looks.extend([BAD; 14]);
    looks.extend([Verdict::Between; 5]);
    looks.extend([Verdict::Unknown; 5]);
    looks.extend([Verdict::Clear; 3]);
    // Bad from the minute 2 on, so raised at 12; neither what lies between nor what is not known clears it.
    assert_eq!(Kept::default().walk(&alert(), &looks), [(12, Kind::Raised), (26, Kind::Cleared)]);
}

#[test]
fn any_look_that_is_not_bad_begins_the_ten_minutes_anew() {
    for pause in [Verdict::Clear, Verdict::Between, Verdict::Unknown] {
        let mut looks = vec![BAD; 9];
        looks.push(pause);
        looks.extend([BAD; 11]);
        assert_eq!(Kept::default().walk(&alert(), &looks), [(20, Kind::Raised)], "{pause:?}");
    }
}

#[test]
fn figures_that_stand_still_do_not_hold() {
    let (alert, mut kept) = (alert(), Kept::default());
    // The records end at minute 0: an hour of looks at the same figure is one look.
    for at in 0..60 {
        let round = round(&alert, &kept.0, &[reading("north", 0, BAD)], minute(at));
        assert_eq!(round.notices, []);
        kept.take(&round);
    }
    let round = round(&alert, &kept.0, &[reading("north", 10, BAD)], minute(61));
    assert_eq!(round.notices.len(), 1);
    assert_eq!(round.notices[0].about[0].since, minute(0));
}

#[test]
fn what_knows_itself_since_when_need_not_be_watched_for_so_long() {
    let verdict = Verdict::Beyond { since: Some(minute(-120)) };
    assert_eq!(Kept::default().walk(&alert(), &[verdict]), [(0, Kind::Raised)]);
}

#[test]
fn who_was_told_is_left_in_peace_and_then_told_what_is_otherwise() {
    let alert = Alert { for_ms: 0, quiet_for_ms: 120 * MINUTE, ..alert() };
    // It comes and goes every five minutes, for three hours, and ends well.
    let mut looks: Vec<Verdict> =
        (0..180).map(|at| if at / 5 % 2 == 0 { BAD } else { Verdict::Clear }).collect();
    looks.extend(vec![Verdict::Clear; 120]);
    let told = Kept::default().walk(&alert, &looks);
    // At minute 120 it stands again, as was said; the clear of 125 is told, and the raise of 130 waits until it is over.
    assert_eq!(told, [(0, Kind::Raised), (125, Kind::Cleared)]);
}

#[test]
fn what_still_stands_is_told_again_when_that_is_due() {
    let alert = Alert { for_ms: 0, remind_after_ms: Some(60 * MINUTE), ..alert() };
    let told = Kept::default().walk(&alert, &[BAD; 130]);
    assert_eq!(told, [(0, Kind::Raised), (60, Kind::Reminder), (120, Kind::Reminder)]);
}

#[test]
fn several_of_a_kind_are_one_message_and_campaigns_are_one_each_where_that_is_wished() {
    let all = [reading("a", 0, BAD), reading("b", 0, BAD), reading("c", 0, Verdict::Clear)];
    let alert = Alert { for_ms: 0, ..alert() };
    let notices = |group| round(&Alert { group, ..alert.clone() }, &BTreeMap::new(), &all, minute(0)).notices;
    let one = notices(Group::Alert);
    assert_eq!(one.len(), 1);
    let about: Vec<&str> = one[0].about.iter().map(|told| told.subject.key.as_str()).collect();
    assert_eq!(about, ["a", "b"]);
    let each: Vec<String> =
        notices(Group::By("campaign_id".to_owned())).into_iter().map(|notice| notice.group).collect();
    assert_eq!(each, ["a", "b"]);
    // By what they have no value of, they are together.
    assert_eq!(notices(Group::By("client_id".to_owned())).len(), 1);
}

#[test]
fn a_place_without_records_stays_as_it_is_and_a_clock_that_is_gone_is_over() {
    let alert = Alert { for_ms: 0, ..alert() };
    let mut kept = Kept::default();
    kept.take(&round(&alert, &kept.0, &[reading("north", 0, BAD)], minute(0)));
    let nothing = round(&alert, &kept.0, &[], minute(1));
    assert_eq!(nothing, Round::default());
    let watch = Watch::Case { clock: Some(CaseClock::Plan), ahead_ms: 0 };
    let over = round(&Alert { watch, ..alert }, &kept.0, &[], minute(1));
    assert_eq!(over.notices[0].kind, Kind::Cleared);
    assert_eq!(over.changed[0].happened.as_ref().map(|line| line.event), Some(Event::Cleared));
}

#[test]
fn outside_of_its_hours_nothing_ripens_and_nothing_is_cleared() {
    let (alert, mut kept) = (alert(), Kept::default());
    kept.take(&round(&alert, &kept.0, &[reading("north", 0, BAD)], minute(0)));
    assert!(matches!(kept.0["north"].phase, Phase::Pending { .. }));
    let night = unseen(&kept.0);
    assert_eq!((night.changed.len(), night.notices.len()), (1, 0));
    kept.take(&night);
    // In the morning ten minutes begin anew.
    let morning = round(&alert, &kept.0, &[reading("north", 840, BAD)], minute(840));
    assert_eq!(morning.notices, []);
    kept.take(&morning);
    kept.take(&round(&alert, &kept.0, &[reading("north", 850, BAD)], minute(850)));
    assert!(kept.0["north"].phase.is_raised());
    assert_eq!(unseen(&kept.0), Round::default());
}

#[test]
fn an_alert_that_is_not_declared_any_more_stands_no_more_and_says_nothing() {
    let alert = Alert { for_ms: 0, ..alert() };
    let mut kept = Kept::default();
    kept.take(&round(&alert, &kept.0, &[reading("north", 0, BAD)], minute(0)));
    let gone = dropped(&kept.0, minute(1));
    assert_eq!(gone.notices, []);
    assert_eq!(gone.changed[0].happened.as_ref().map(|line| line.event), Some(Event::Dropped));
    kept.take(&gone);
    assert_eq!(dropped(&kept.0, minute(2)), Round::default());
}

fn verdicts() -> impl Strategy<Value = Vec<Verdict>> {
    let one = prop_oneof![Just(BAD), Just(Verdict::Between), Just(Verdict::Clear), Just(Verdict::Unknown)];
    proptest::collection::vec(one, 0..200)
}

proptest! {
    /// Raised and cleared take turns, in the history as in what is told; reminders come only while it stands.
    #[test]
    fn never_two_raises_without_a_clear_between(
        looks in verdicts(), wait in 0_u64..15, quiet in 0_u64..40, remind in proptest::option::of(1_u64..60),
    ) {
        let alert = Alert {
            for_ms: wait * MINUTE,
            quiet_for_ms: quiet * MINUTE,
            remind_after_ms: remind.map(|minutes| minutes * MINUTE),
            ..alert()
        };
        let mut kept = Kept::default();
        let (mut stands, mut told, mut last_told) = (false, false, None::<i64>);
        for (at, verdict) in (0_i64..).zip(&looks) {
            let round = round(&alert, &kept.0, &[reading("north", at, *verdict)], minute(at));
            kept.take(&round);
            for line in round.changed.iter().filter_map(|changed| changed.happened.as_ref()) {
                prop_assert_eq!(line.event == Event::Raised, !stands);
                stands = !stands;
                // Only a bad look raises and only a good one clears.
                prop_assert_eq!(*verdict, if stands { BAD } else { Verdict::Clear });
            }
            for notice in &round.notices {
                match notice.kind {
                    Kind::Raised => prop_assert!(!told && stands),
                    Kind::Cleared => prop_assert!(told && !stands),
                    Kind::Reminder => prop_assert!(told && stands),
                }
                told = notice.kind != Kind::Cleared;
                if let Some(last) = last_told {
                    prop_assert!(at - last >= i64::try_from(quiet).unwrap());
                }
                last_told = Some(at);
            }
            // Whoever was not told for so long knows how it stands.
            if last_told.is_none_or(|last| at - last > i64::try_from(quiet).unwrap()) {
                prop_assert_eq!(told, stands);
            }
        }
    }

    /// What was kept is read again after every round, as after a restart; and a round that was lost before it was kept is done
    /// again with the same readings. Neither changes what is told.
    #[test]
    fn a_restart_between_any_two_rounds_changes_nothing(looks in verdicts(), quiet in 0_u64..40) {
        let alert = Alert { quiet_for_ms: quiet * MINUTE, ..alert() };
        let at_once = Kept::default().walk(&alert, &looks);
        let (mut kept, mut told) = (Kept::default(), Vec::new());
        for (at, verdict) in (0_i64..).zip(&looks) {
            let text = serde_json::to_string(&kept.0).unwrap();
            kept = Kept(serde_json::from_str(&text).unwrap());
            let lost = round(&alert, &kept.0, &[reading("north", at, *verdict)], minute(at));
            let again = round(&alert, &kept.0, &[reading("north", at, *verdict)], minute(at));
            prop_assert_eq!(&lost, &again);
            kept.take(&again);
            told.extend(again.notices.iter().map(|notice| (at, notice.kind)));
        }
        prop_assert_eq!(told, at_once);
    }
}
