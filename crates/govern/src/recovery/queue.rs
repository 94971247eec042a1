//! The queue: answers come in, each becomes at most one item, and what is due first comes first.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::item::{Clock, Item, ItemId};
use super::rule::{Judged, Recovery, SurveyAnswer};

/// All items, by the answer that they came from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Queue {
    items: BTreeMap<ItemId, Item>,
}

/// What came of answers that were shown to the rules.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Admitted {
    /// Items opened.
    pub opened: u64,
    /// Negative answers that have an item already, open or closed.
    pub known: u64,
    /// Answers that no rule calls negative.
    pub content: u64,
    /// Answers without a score, or on another scale than the rule's. Nobody is called for them; the source is to be
    /// looked at.
    pub undecided: u64,
    /// Answers to surveys that no rule listens to.
    pub no_rule: u64,
}

impl Queue {
    /// A queue of items as they were kept.
    pub fn of(items: impl IntoIterator<Item = Item>) -> Queue {
        Queue { items: items.into_iter().map(|item| (item.id().clone(), item)).collect() }
    }

    /// All items, in the order of their answers' identifiers.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.items.values()
    }

    /// The item of an answer.
    pub fn item(&self, id: &ItemId) -> Option<&Item> {
        self.items.get(id)
    }

    /// Shows answers to the rules. An answer that several rules call negative becomes one item, due when the strictest
    /// of them says (the first of the equally strict); one that has an item already changes nothing.
    pub fn admit(&mut self, rules: &[Recovery], answers: &[SurveyAnswer]) -> Admitted {
        let mut admitted = Admitted::default();
        for answer in answers {
            let judged: Vec<(&Recovery, Judged)> =
                rules.iter().map(|rule| (rule, rule.judge(answer))).collect();
            let has = |what: Judged| judged.iter().any(|(_, judged)| *judged == what);
            let negative = judged.iter().filter(|(_, judged)| *judged == Judged::Negative);
            match negative.min_by_key(|(rule, _)| rule.call_back_within_ms) {
                Some((rule, _)) => self.open(rule, answer, &mut admitted),
                None if has(Judged::Undecided) => admitted.undecided += 1,
                None if has(Judged::Content) => admitted.content += 1,
                None => admitted.no_rule += 1,
            }
        }
        admitted
    }

    fn open(&mut self, rule: &Recovery, answer: &SurveyAnswer, admitted: &mut Admitted) {
        if self.items.contains_key(&answer.id) {
            admitted.known += 1;
            return;
        }
        let within = SignedDuration::from_millis(i64::try_from(rule.call_back_within_ms).unwrap_or(i64::MAX));
        // Beyond the end of time nothing is ever due.
        let due_at = answer.answered_at.checked_add(within).unwrap_or(Timestamp::MAX);
        let item =
            Item::open(answer.id.clone(), &rule.name, &rule.owner, answer.answered_at, due_at, rule.tries);
        self.items.insert(answer.id.clone(), item);
        admitted.opened += 1;
    }

    /// Applies a step to an item: `queue.step(&id, |item| item.take("ann", now))`. A step that is refused changes nothing.
    pub fn step(
        &mut self,
        id: &ItemId,
        step: impl FnOnce(Item) -> Result<Item, String>,
    ) -> Result<(), String> {
        let item = self.items.get_mut(id).ok_or_else(|| format!("There is no call back for {id}."))?;
        *item = step(item.clone())?;
        Ok(())
    }

    /// Items whose customer is still to be reached, at an instant: what is due first comes first.
    pub fn waiting(&self, now: Timestamp) -> Vec<(&Item, Clock)> {
        let mut waiting: Vec<(&Item, Clock)> = self
            .items()
            .map(|item| (item, item.clock(now)))
            .filter(|(_, clock)| matches!(clock, Clock::Due(_) | Clock::Overdue(_)))
            .collect();
        waiting.sort_by(|(a, _), (b, _)| (a.due_at(), a.id()).cmp(&(b.due_at(), b.id())));
        waiting
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::Place;
    use crate::reading::testing;
    use crate::recovery::{Outcome, State};
    use dialmark_metrics::{Catalogue, Exact};
    use proptest::prelude::*;
    use std::sync::LazyLock;

    static RULES: LazyLock<Vec<Recovery>> = LazyLock::new(|| {
        let rest = "call_back_within = \"48h\"\nowner = \"lead\"\ntries = 2\n";
        let nps = format!("[recovery.detractors]\nsurvey = \"nps\"\n{rest}");
        let csat = format!(
            "[recovery.csat]\nsurvey = \"csat\"\nat_most = 2\nscale = {{ from = 1, to = 5 }}\nwho = {{ campaign = \"north\" }}\n{rest}"
        );
        let angry =
            "[recovery.angry]\nsurvey = \"nps\"\nat_most = 2\ncall_back_within = \"4h\"\nowner = \"head\"\n"
                .to_owned();
        let catalogue = Catalogue::builtin().0;
        [nps, csat, angry]
            .iter()
            .map(|text| {
                testing::read(text, "recovery", |s, n| {
                    Recovery::read(s, n, &catalogue, &crate::person::People::default())
                })
                .0
                .unwrap()
            })
            .collect()
    });

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn id(number: u32) -> ItemId {
        ItemId { source: "survey".to_owned(), source_id: number.to_string() }
    }

    fn nps(number: u32, score: i128) -> SurveyAnswer {
        SurveyAnswer {
            id: id(number),
            survey: "NPS".to_owned(),
            place: Place::of("campaign_id", "north"),
            answered_at: at("2026-07-01T10:00:00Z"),
            score: Some(Exact::integer(score)),
            scale: Some((Exact::ZERO, Exact::integer(10))),
        }
    }

    fn queue() -> Queue {
        let mut queue = Queue::default();
        queue.admit(&RULES, &[nps(1, 6)]);
        queue
    }

    #[test]
    fn detractors_are_queued_and_passives_are_not() {
        let mut queue = Queue::default();
        let no_score = SurveyAnswer { score: None, ..nps(3, 0) };
        let other_scale = SurveyAnswer { scale: Some((Exact::integer(1), Exact::integer(5))), ..nps(4, 1) };
        let other_survey = SurveyAnswer { survey: "employee".to_owned(), ..nps(5, 0) };
        let elsewhere = SurveyAnswer { survey: "csat".to_owned(), place: Place::centre(), ..nps(6, 1) };
        let answers = [nps(1, 6), nps(2, 7), no_score, other_scale, other_survey, elsewhere];
        let admitted = queue.admit(&RULES, &answers);
        assert_eq!(admitted, Admitted { opened: 1, known: 0, content: 1, undecided: 2, no_rule: 2 });
        assert_eq!(queue.item(&id(1)).unwrap().due_at(), at("2026-07-03T10:00:00Z"));
    }

    #[test]
    fn one_answer_is_one_item_due_when_the_strictest_rule_says() {
        let mut queue = queue();
        assert_eq!(queue.admit(&RULES, &[nps(1, 6), nps(7, 1), nps(7, 1)]).known, 2);
        let item = queue.item(&id(7)).unwrap();
        assert_eq!((item.rule(), item.owner(), item.due_at()), ("angry", "head", at("2026-07-01T14:00:00Z")));
        assert_eq!(queue.items().count(), 2);
    }

    #[test]
    fn the_clock_runs_until_the_customer_is_reached() {
        let mut queue = queue();
        let clock = |queue: &Queue, now: &str| queue.item(&id(1)).unwrap().clock(at(now));
        assert_eq!(clock(&queue, "2026-07-03T09:00:00Z"), Clock::Due(SignedDuration::from_hours(1)));
        assert_eq!(clock(&queue, "2026-07-03T10:00:00Z"), Clock::Due(SignedDuration::ZERO));
        assert_eq!(clock(&queue, "2026-07-03T12:00:00Z"), Clock::Overdue(SignedDuration::from_hours(2)));
        queue.step(&id(1), |item| item.take("ann", at("2026-07-02T10:00:00Z"))).unwrap();
        queue.step(&id(1), |item| item.reached("ann", at("2026-07-03T10:00:00Z"))).unwrap();
        assert_eq!(clock(&queue, "2026-07-09T10:00:00Z"), Clock::Kept);
        assert!(queue.waiting(at("2026-07-09T10:00:00Z")).is_empty());
        let closed =
            |item: Item| item.close(Outcome::Resolved, "ann", at("2026-07-04T10:00:00Z"), "Refunded.");
        queue.step(&id(1), closed).unwrap();
        assert_eq!(clock(&queue, "2026-07-09T10:00:00Z"), Clock::Kept);
    }

    #[test]
    fn a_customer_is_given_up_only_after_all_tries() {
        let item = queue().item(&id(1)).unwrap().clone();
        let (t1, t2, t3) =
            (at("2026-07-01T11:00:00Z"), at("2026-07-01T12:00:00Z"), at("2026-07-01T13:00:00Z"));
        let once = item.take("ann", t1).unwrap().not_reached("ann", t1).unwrap();
        assert_eq!(
            once.clone().close(Outcome::NotReached, "ann", t2, "Nobody there.").unwrap_err(),
            "The customer of 1 of survey was tried 1 times of 2. Try again before giving up."
        );
        let twice = once.take("ben", t2).unwrap().not_reached("ben", t2).unwrap();
        assert_eq!(
            twice.clone().take("ben", t3).unwrap_err(),
            "2 tries for 1 of survey were in vain. Close it as not reached."
        );
        let closed = twice.close(Outcome::NotReached, "ben", t3, "Two tries.").unwrap();
        assert_eq!((closed.clock(t3), closed.tries()), (Clock::GivenUp, 2));
        assert!(matches!(closed.state(), State::Closed { outcome: Outcome::NotReached, .. }));
    }

    #[test]
    fn steps_that_do_not_follow_are_refused_in_a_sentence() {
        let item = queue().item(&id(1)).unwrap().clone();
        let when = at("2026-07-01T11:00:00Z");
        assert_eq!(
            item.clone().reached("ann", when).unwrap_err(),
            "1 of survey cannot be reached: nobody has taken it. Take it first."
        );
        let taken = item.take("ann", when).unwrap();
        assert_eq!(taken.clone().reached("ben", when).unwrap_err(), "ann took 1 of survey, not ben.");
        assert_eq!(
            taken.clone().take("ben", when).unwrap_err(),
            "1 of survey cannot be taken: ann took it at 2026-07-01T11:00:00Z."
        );
        assert_eq!(
            taken.clone().close(Outcome::Resolved, "ann", when, "Done.").unwrap_err(),
            "Nobody has spoken to the customer of 1 of survey yet."
        );
        assert_eq!(
            taken.clone().reached("ann", at("2026-07-01T10:30:00Z")).unwrap_err(),
            "2026-07-01T10:30:00Z is before 2026-07-01T11:00:00Z, when 1 of survey last changed."
        );
        assert!(matches!(taken.clone().give_back("ann", when).unwrap().state(), State::Open));
        let reached = taken.reached("ann", when).unwrap();
        assert_eq!(
            reached.clone().close(Outcome::NotReached, "ann", when, "Hm.").unwrap_err(),
            "The customer of 1 of survey was reached. Say what came of it."
        );
        let closed = reached.close(Outcome::NotResolved, "ann", when, "Stays angry.").unwrap();
        assert_eq!(
            closed.close(Outcome::Resolved, "ann", when, "Now.").unwrap_err(),
            "1 of survey cannot be closed again: ann closed it at 2026-07-01T11:00:00Z."
        );
        assert_eq!(Queue::default().step(&id(9), Ok).unwrap_err(), "There is no call back for 9 of survey.");
    }

    proptest! {
        #[test]
        fn every_answer_is_counted_once_and_order_does_not_matter(scores in proptest::collection::vec((0_u32..20, 0_i128..=10), 0..40)) {
            // The same answer always has the same score.
            let answers: Vec<SurveyAnswer> = scores.iter().map(|(n, _)| nps(*n, i128::from(*n) % 11)).collect();
            let mut forward = Queue::default();
            let a = forward.admit(&RULES, &answers);
            prop_assert_eq!(a.opened + a.known + a.content + a.undecided + a.no_rule, u64::try_from(answers.len()).unwrap());
            let mut backward = Queue::default();
            let turned: Vec<SurveyAnswer> = answers.iter().rev().cloned().collect();
            backward.admit(&RULES, &turned);
            prop_assert_eq!(forward, backward);
        }
    }
}
