//! Lists of leads, and the order in which their leads are dialled.
//!
//! Nothing is stored for a lead. A list is dialled in rounds. In round `r` cohort `r` gets its first attempt,
//! cohort `r - 1` its second, and so on; how many attempts a lead gets in all is fixed by its slot in a block of
//! twenty. So a position in the list names lead, attempt and whether it is the last one; attempts of a lead are
//! consecutive and a whole round apart; and a lead that reached a final result is never called again, because
//! only last attempts may reach one.

use jiff::civil::Date;

use crate::campaign::Campaign;
use crate::num::byte;
use crate::plan::FULL;
use crate::story::Story;

/// Attempts that the leads of a block get in all.
pub(crate) type Pattern = [u8; 20];

/// Leads of a block.
pub(crate) const BLOCK: u64 = 20;

/// How much likelier a live answer is at the last attempt: it is the last because somebody answered.
const LAST_FACTOR: u64 = 3;

/// A list.
#[derive(Debug)]
pub(crate) struct List {
    pub code: &'static str,
    pub name: &'static str,
    pub campaign: Campaign,
    pub source: &'static str,
    pub temperature: &'static str,
    pub vendor: &'static str,
    pub consent: &'static str,
    /// Age of the data when the plan's last month begins, in days.
    pub age_days: i64,
    /// Price of a lead, in pence.
    pub price_pence: i64,
    /// Attempts by slot.
    pub pattern: Pattern,
    /// Dials a day at natural size when the list is worked least; a round is 1.3 times as long.
    pub least_dials_a_day: u64,
    /// Live answers of a dial at an average hour, in parts per million; relative for the consumer campaign.
    pub live_ppm: u64,
    /// Numbers that do not work, per dial, in parts per million.
    pub invalid_ppm: u64,
}

const WARM: Pattern = [1, 2, 1, 3, 1, 2, 4, 1, 2, 1, 1, 5, 2, 1, 3, 1, 2, 1, 4, 2];
const PARTNER: Pattern = [1, 3, 2, 1, 4, 2, 1, 3, 5, 1, 2, 1, 4, 2, 1, 6, 2, 1, 3, 3];
const COLD: Pattern = [1, 4, 2, 3, 1, 5, 2, 4, 1, 6, 3, 2, 1, 4, 3, 1, 6, 2, 5, 3];
const AGED: Pattern = [1, 1, 4, 1, 2, 1, 1, 6, 1, 3, 1, 1, 4, 1, 2, 1, 5, 1, 1, 3];
const BUSINESS: Pattern = [2, 1, 4, 2, 3, 1, 2, 5, 1, 3, 2, 1, 4, 2, 1, 3, 6, 2, 1, 3];

/// The lists, in the order of their numbers.
pub(crate) const LISTS: [List; 8] = [
    List {
        code: "HS-WEB",
        name: "Tariff check requests, own site",
        campaign: Campaign::HomeSwitch,
        source: "web",
        temperature: "hot",
        vendor: "own_site",
        consent: "requested",
        age_days: 0,
        price_pence: 640,
        pattern: WARM,
        least_dials_a_day: 1_450,
        live_ppm: 300_000,
        invalid_ppm: 20_000,
    },
    List {
        code: "HS-PARTNER",
        name: "Comparison partner",
        campaign: Campaign::HomeSwitch,
        source: "partner",
        temperature: "warm",
        vendor: "comparo",
        consent: "partner_opt_in",
        age_days: 30,
        price_pence: 210,
        pattern: PARTNER,
        least_dials_a_day: 2_900,
        live_ppm: 180_000,
        invalid_ppm: 30_000,
    },
    List {
        code: "HS-COLD-05",
        name: "Consumer data, five months old",
        campaign: Campaign::HomeSwitch,
        source: "cold",
        temperature: "cold",
        vendor: "dataharvest",
        consent: "third_party",
        age_days: 152,
        price_pence: 18,
        pattern: COLD,
        least_dials_a_day: 2_900,
        live_ppm: 80_000,
        invalid_ppm: 40_000,
    },
    List {
        code: "HS-COLD-14",
        name: "Consumer data, fourteen months old",
        campaign: Campaign::HomeSwitch,
        source: "cold",
        temperature: "cold",
        vendor: "dataharvest",
        consent: "third_party",
        age_days: 426,
        price_pence: 7,
        pattern: AGED,
        least_dials_a_day: 13_020,
        live_ppm: 80_000,
        invalid_ppm: 190_000,
    },
    List {
        code: "BB-DIRECTORY",
        name: "Trade directory, 10 to 50 staff",
        campaign: Campaign::B2b,
        source: "directory",
        temperature: "cold",
        vendor: "tradebook",
        consent: "legitimate_interest",
        age_days: 90,
        price_pence: 55,
        pattern: BUSINESS,
        least_dials_a_day: 600,
        live_ppm: 225_000,
        invalid_ppm: 25_000,
    },
    List {
        code: "BB-EVENT",
        name: "Energy fair, visitors",
        campaign: Campaign::B2b,
        source: "event",
        temperature: "warm",
        vendor: "own_event",
        consent: "opt_in",
        age_days: 45,
        price_pence: 320,
        pattern: BUSINESS,
        least_dials_a_day: 280,
        live_ppm: 300_000,
        invalid_ppm: 10_000,
    },
    List {
        code: "EA-CARDS",
        name: "Cards, 5 to 30 days past due",
        campaign: Campaign::Arrears,
        source: "placement",
        temperature: "warm",
        vendor: "harbour_bank",
        consent: "contract",
        age_days: 20,
        price_pence: 0,
        pattern: COLD,
        least_dials_a_day: 1_200,
        live_ppm: 260_000,
        invalid_ppm: 30_000,
    },
    List {
        code: "EA-LOANS",
        name: "Loans, 5 to 30 days past due",
        campaign: Campaign::Arrears,
        source: "placement",
        temperature: "warm",
        vendor: "harbour_bank",
        consent: "contract",
        age_days: 20,
        price_pence: 0,
        pattern: COLD,
        least_dials_a_day: 800,
        live_ppm: 260_000,
        invalid_ppm: 30_000,
    },
];

/// Number of the list that drags conversion down.
pub(crate) const AGED_LIST: usize = 3;

impl List {
    /// Attempts of a block.
    pub(crate) fn attempts(&self) -> u64 {
        self.pattern.iter().map(|n| u64::from(*n)).sum()
    }

    /// Weight of a live answer at an attempt, in parts per million of dials, so that the mean is `live_ppm`.
    pub(crate) fn live_weight(&self, last: bool) -> u64 {
        let attempts = self.attempts();
        let weight = self.live_ppm * attempts / (attempts + (LAST_FACTOR - 1) * BLOCK);
        if last { weight * LAST_FACTOR } else { weight }
    }

    /// What a block of leads is at in the round that is being dialled.
    pub(crate) fn stage(&self, cursor: &Cursor) -> Stage {
        let possible = cursor.round + 1;
        let mut stage = Stage::default();
        for wanted in self.pattern {
            stage.attempts += u64::from(wanted).min(possible);
            if u64::from(wanted) <= possible {
                stage.lasts += 1;
                stage.last_at[usize::from(wanted - 1).min(5)] += 1;
            }
        }
        stage
    }

    /// Leads of a block that get one attempt only.
    pub(crate) fn singles(&self) -> u64 {
        self.pattern.iter().filter(|n| **n == 1).count() as u64
    }

    /// Day on which the list is first dialled, given the plan's first day.
    pub(crate) fn starts(at: usize, story: &Story, first_day: Date) -> Date {
        if at == AGED_LIST { story.mix_change.max(first_day) } else { first_day }
    }
}

/// Shares of a campaign's dials by list, in thousandths.
pub(crate) fn shares(campaign: Campaign, story: &Story, day: Date) -> [u64; LISTS.len()] {
    match campaign {
        Campaign::HomeSwitch if day < story.mix_change => [200, 400, 400, 0, 0, 0, 0, 0],
        Campaign::HomeSwitch => [120, 260, 0, 620, 0, 0, 0, 0],
        Campaign::B2b => [0, 0, 0, 0, 680, 320, 0, 0],
        Campaign::Arrears => [0, 0, 0, 0, 0, 0, 600, 400],
    }
}

/// The attempts of one round, per block of leads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Stage {
    /// Attempts.
    pub attempts: u64,
    /// Of them last ones.
    pub lasts: u64,
    /// Last ones by number of the attempt.
    pub last_at: [u64; 6],
}

impl Stage {
    /// Share of last attempts among live answers, as a fraction.
    pub(crate) fn last_among_live(&self) -> (u64, u64) {
        (LAST_FACTOR * self.lasts, self.attempts + (LAST_FACTOR - 1) * self.lasts)
    }
}

/// One dial's place in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Turn {
    /// Number of the lead in its list, from 0.
    pub lead: u64,
    /// Number of the attempt, from 1.
    pub attempt: u8,
    /// The lead is not called again.
    pub last: bool,
}

/// Where the dialler stands in a list.
#[derive(Debug, Clone)]
pub(crate) struct Cursor {
    pattern: Pattern,
    /// Blocks of a cohort.
    blocks: u64,
    round: u64,
    block: u64,
    slot: u8,
    attempt: u8,
}

impl Cursor {
    /// The beginning of a list in a centre of this size.
    pub(crate) fn new(list: &List, share: u64) -> Cursor {
        let dials = list.least_dials_a_day * share * 13 / 10 / FULL;
        let blocks = dials.div_ceil(list.attempts()).max(1);
        Cursor { pattern: list.pattern, blocks, round: 0, block: 0, slot: 0, attempt: 0 }
    }

    /// Leads of a cohort: those that get their first attempt in the same round.
    pub(crate) fn cohort(&self) -> u64 {
        self.blocks * BLOCK
    }

    /// The next dial.
    pub(crate) fn next(&mut self) -> Turn {
        loop {
            let wanted = self.pattern[usize::from(self.slot)];
            // In the first rounds there are no earlier cohorts that could be at a later attempt.
            let possible = u64::from(wanted).min(self.round + 1);
            if u64::from(self.attempt) < possible {
                self.attempt += 1;
                let cohort = self.round + 1 - u64::from(self.attempt);
                let lead = cohort * self.cohort() + self.block * BLOCK + u64::from(self.slot);
                return Turn { lead, attempt: self.attempt, last: self.attempt == wanted };
            }
            self.attempt = 0;
            self.slot = byte(u64::from(self.slot) + 1);
            if u64::from(self.slot) == BLOCK {
                self.slot = 0;
                self.block += 1;
                if self.block == self.blocks {
                    self.block = 0;
                    self.round += 1;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn attempts_of_a_lead_are_consecutive_and_end_with_the_last() {
        for list in &LISTS {
            let mut cursor = Cursor::new(list, FULL / 50);
            let mut seen: BTreeMap<u64, (u8, bool)> = BTreeMap::new();
            for _ in 0..20_000 {
                let turn = cursor.next();
                let before = seen.insert(turn.lead, (turn.attempt, turn.last)).unwrap_or((0, false));
                assert_eq!(turn.attempt, before.0 + 1, "{} lead {}", list.code, turn.lead);
                assert!(!before.1, "{} lead {} was called after its last attempt", list.code, turn.lead);
            }
        }
    }

    #[test]
    fn live_weights_average_to_the_rate_of_the_list() {
        for list in &LISTS {
            let attempts = list.attempts();
            let mean =
                (list.live_weight(true) * BLOCK + list.live_weight(false) * (attempts - BLOCK)) / attempts;
            assert!(mean.abs_diff(list.live_ppm) < 3, "{} {mean}", list.code);
        }
    }

    #[test]
    fn shares_of_a_campaign_add_up() {
        let story = Story::of(jiff::civil::date(2026, 11, 19));
        for campaign in Campaign::ALL {
            for day in [story.promises_change, story.outage] {
                let shares = shares(campaign, &story, day);
                assert_eq!(shares.iter().sum::<u64>(), 1000);
                assert!(LISTS.iter().zip(shares).all(|(l, s)| s == 0 || l.campaign == campaign));
            }
        }
    }
}
