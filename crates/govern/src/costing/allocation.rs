//! `[allocation.NAME]`: by which rule costs that are booked to the centre are shared out to campaigns.

use std::collections::BTreeMap;

use dialmark_metrics::{Exact, MetricRef, Ratio, Reason};
use dialmark_model::declared::Section;
use dialmark_model::validity::Days;
use jiff::civil::Date;

use super::share_out::share_out;
use crate::Money;
use crate::reading::{self, missing};

/// A rule for costs of some categories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allocation {
    /// Name, as in `[allocation.NAME]`.
    pub name: String,
    /// Name to show.
    pub label: String,
    /// Categories of the costs that it is for; when there are none, all that no other rule names.
    pub categories: Vec<String>,
    /// In proportion to what.
    pub basis: Basis,
    /// Days to which the costs are booked.
    pub days: Days,
    /// File in which it is declared.
    pub declared_in: String,
    /// Line of the declaration.
    pub line: usize,
}

/// In proportion to what costs are shared out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Basis {
    /// Time that agents were logged in for the campaign.
    LoggedHours,
    /// Time of agents that was paid for the campaign.
    PaidHours,
    /// Calls made for the campaign.
    Calls,
    /// The same to every campaign.
    Equally,
    /// Fixed shares by campaign, which add up to the whole.
    Fixed(BTreeMap<String, Ratio>),
}

/// What each campaign, or each agent, bears of an amount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shares {
    /// By name; the amounts add up to the whole.
    pub by_bearer: BTreeMap<String, Money>,
    /// How it was shared out, in a sentence.
    pub says: String,
}

/// Words under `by`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    LoggedHours,
    PaidHours,
    Calls,
    Equally,
    Fixed,
}

const WORDS: [(&str, Word); 5] = [
    ("logged_hours", Word::LoggedHours),
    ("paid_hours", Word::PaidHours),
    ("calls", Word::Calls),
    ("equally", Word::Equally),
    ("fixed", Word::Fixed),
];

impl Allocation {
    /// Reads `[allocation.NAME]`; what is wrong is reported, and then there is no rule.
    pub fn read(section: &Section<'_>, name: &str) -> Option<Allocation> {
        let sound = reading::is_sound(section, "", name);
        let label = reading::label(section, name);
        let categories = section.texts("categories");
        let word = reading::required_choice(section, "by", &WORDS);
        let shares = shares(section, word);
        let basis = match word {
            Some(Word::LoggedHours) => Some(Basis::LoggedHours),
            Some(Word::PaidHours) => Some(Basis::PaidHours),
            Some(Word::Calls) => Some(Basis::Calls),
            Some(Word::Equally) => Some(Basis::Equally),
            Some(Word::Fixed) => shares.clone().map(Basis::Fixed),
            None => None,
        };
        let days = reading::days(section);
        section.finish();
        Some(Allocation {
            name: (sound && (word == Some(Word::Fixed) || shares.is_some())).then(|| name.to_owned())?,
            label,
            categories,
            basis: basis?,
            days: days?,
            declared_in: section.file().to_owned(),
            line: section.line(),
        })
    }

    /// The rule for a cost of this category, booked to this day: one that names the category, else one that names none.
    /// `None` when there is no such rule; two of them are an error.
    pub fn rule_for<'r>(
        rules: &'r [Allocation],
        category: &str,
        booked_on: Date,
    ) -> Result<Option<&'r Allocation>, String> {
        let holds = |rule: &&Allocation| rule.days.hold(booked_on);
        let names = |rule: &&Allocation| rule.categories.iter().any(|named| named == category);
        let mut fitting: Vec<&Allocation> = rules.iter().filter(holds).filter(names).collect();
        if fitting.is_empty() {
            fitting = rules.iter().filter(holds).filter(|rule| rule.categories.is_empty()).collect();
        }
        match fitting.as_slice() {
            [one, other, ..] => Err(format!(
                "Two rules share out costs of `{category}` on {booked_on}: `{}` and `{}`. Limit them to different days \
                 or categories.",
                one.name, other.name
            )),
            one => Ok(one.first().copied()),
        }
    }

    /// The metric that says what each campaign weighs; `None` when no figure is needed.
    pub fn metric(&self) -> Option<MetricRef> {
        match self.basis {
            Basis::LoggedHours => Some(MetricRef::new("logged_hours")),
            Basis::PaidHours => Some(MetricRef::new("paid_hours")),
            Basis::Calls => Some(MetricRef::new("dials")),
            Basis::Equally | Basis::Fixed(_) => None,
        }
    }

    /// Shares out an amount to campaigns or agents (`noun` is what one is called), each with the value of [`Allocation::metric`] (which is not looked at when
    /// there is none), to the cent. A campaign whose value is missing stops everything: what it should bear would fall
    /// on the others.
    pub fn share_out(
        &self,
        amount: &Money,
        noun: &str,
        bearers: &BTreeMap<String, Result<Ratio, Reason>>,
    ) -> Result<Shares, String> {
        let by = self.basis.says();
        let mut weights: Vec<(&String, Ratio)> = Vec::new();
        for (campaign, value) in bearers {
            let weight = match &self.basis {
                Basis::Equally => Ratio::exact(Exact::integer(1)).unwrap_or(Ratio::ZERO),
                Basis::Fixed(shares) => *shares.get(campaign).unwrap_or(&Ratio::ZERO),
                Basis::LoggedHours | Basis::PaidHours | Basis::Calls => value.clone().map_err(|reason| {
                    format!(
                        "{amount} cannot be shared out {by}: there is no figure of {campaign} ({reason})."
                    )
                })?,
            };
            weights.push((campaign, weight));
        }
        if let Basis::Fixed(shares) = &self.basis
            && let Some(lost) = shares.keys().find(|campaign| !bearers.contains_key(*campaign))
        {
            return Err(format!(
                "{amount} cannot be shared out: there is no campaign `{lost}`, which has a share."
            ));
        }
        let ratios: Vec<Ratio> = weights.iter().map(|(_, weight)| *weight).collect();
        let parts = share_out(amount, &ratios).ok_or_else(|| match bearers.is_empty() {
            true => format!("{amount} cannot be shared out: there is no {noun}."),
            false => {
                format!("{amount} cannot be shared out {by}: no {noun} has any, or one has less than none.")
            }
        })?;
        let names = weights.into_iter().map(|(campaign, _)| campaign.clone());
        let says = format!("{amount} shared out {by} among {} {noun}s, to the smallest unit.", bearers.len());
        Ok(Shares { by_bearer: names.zip(parts).collect(), says })
    }
}

impl Basis {
    /// Such as `by logged hours`.
    const fn says(&self) -> &'static str {
        match self {
            Basis::LoggedHours => "by logged hours",
            Basis::PaidHours => "by paid hours",
            Basis::Calls => "by calls made",
            Basis::Equally => "equally",
            Basis::Fixed(_) => "by fixed shares",
        }
    }
}

/// Fixed shares, which must add up to the whole; empty for another rule; `None` when they are wrong.
fn shares(section: &Section<'_>, word: Option<Word>) -> Option<BTreeMap<String, Ratio>> {
    let Some(inner) = section.section("shares") else {
        if word == Some(Word::Fixed) && !section.has("shares") {
            missing(
                section,
                "shares",
                "a share a campaign, such as `{ north = \"60 %\", south = \"40 %\" }`",
            );
            return None;
        }
        return (!section.has("shares")).then(BTreeMap::new);
    };
    inner.has_free_keys();
    if word.is_some_and(|word| word != Word::Fixed) {
        section.error(
            "shares",
            "shares are given, but costs are shared out by something else.",
            Some("Write `by = \"fixed\"`, or remove `shares`.".to_owned()),
        );
        return None;
    }
    let mut shares = BTreeMap::new();
    let mut sound = true;
    for campaign in inner.keys() {
        match reading::part_of_one(&inner, campaign) {
            Some(share) => drop(shares.insert(campaign.to_owned(), share)),
            None => sound = false,
        }
    }
    let sum = shares.values().try_fold(Ratio::ZERO, |sum, share| sum.plus(*share))?;
    if sound && Some(sum) != Ratio::parse("1") {
        let sum = reading::per_cent(sum);
        section.error(
            "shares",
            format!("the shares add up to {sum} %."),
            Some("Let them add up to exactly 100 %.".to_owned()),
        );
        return None;
    }
    sound.then_some(shares)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::testing;
    use dialmark_metrics::Catalogue;
    use jiff::civil::date;

    fn read(text: &str) -> (Option<Allocation>, Vec<String>) {
        testing::read(text, "allocation", Allocation::read)
    }

    fn rule(text: &str) -> Allocation {
        let (rule, problems) = read(text);
        assert_eq!(problems, Vec::<String>::new());
        rule.unwrap()
    }

    fn euros(text: &str) -> Money {
        Money::rounded(Ratio::parse(text).unwrap(), "EUR").unwrap()
    }

    fn campaigns(all: &[(&str, Result<&str, Reason>)]) -> BTreeMap<String, Result<Ratio, Reason>> {
        let one = |value: &Result<&str, Reason>| value.clone().map(|text| Ratio::parse(text).unwrap());
        all.iter().map(|(name, value)| ((*name).to_owned(), one(value))).collect()
    }

    const RENT: &str =
        "[allocation.rent]\nlabel = \"Premises\"\ncategories = [\"premises\"]\nby = \"logged_hours\"\n";

    #[test]
    fn costs_are_shared_out_by_logged_hours() {
        // 120 and 60 hours and 20: 10,000 x 0.6, 0.3 and 0.1.
        let shown = rule(RENT)
            .share_out(
                &euros("10000"),
                "campaign",
                &campaigns(&[("a", Ok("432000000")), ("b", Ok("216000000")), ("c", Ok("72000000"))]),
            )
            .unwrap();
        let amounts: Vec<String> = shown.by_bearer.values().map(Money::decimal).collect();
        assert_eq!(amounts, ["6000.00", "3000.00", "1000.00"]);
        assert_eq!(
            shown.says,
            "10000.00 EUR shared out by logged hours among 3 campaigns, to the smallest unit."
        );
    }

    #[test]
    fn what_is_not_known_of_one_campaign_does_not_fall_on_the_others() {
        assert_eq!(
            rule(RENT)
                .share_out(
                    &euros("10"),
                    "campaign",
                    &campaigns(&[("a", Ok("1")), ("b", Err(Reason::NoData))])
                )
                .unwrap_err(),
            "10.00 EUR cannot be shared out by logged hours: there is no figure of b (no record in this place and time)."
        );
        assert_eq!(
            rule(RENT).share_out(&euros("10"), "campaign", &campaigns(&[("a", Ok("0"))])).unwrap_err(),
            "10.00 EUR cannot be shared out by logged hours: no campaign has any, or one has less than none."
        );
        assert_eq!(
            rule(RENT).share_out(&euros("10"), "campaign", &BTreeMap::new()).unwrap_err(),
            "10.00 EUR cannot be shared out: there is no campaign."
        );
    }

    #[test]
    fn fixed_shares_and_equal_ones_need_no_figure() {
        let fixed = rule("[allocation.a]\nby = \"fixed\"\nshares = { north = \"60 %\", south = \"40 %\" }\n");
        assert_eq!(fixed.metric(), None);
        let both = campaigns(&[
            ("north", Err(Reason::NoData)),
            ("other", Err(Reason::NoData)),
            ("south", Err(Reason::NoData)),
        ]);
        let shown = fixed.share_out(&euros("0.05"), "campaign", &both).unwrap();
        // 3 cents, nothing, 2 cents.
        assert_eq!(
            shown.by_bearer.values().map(Money::decimal).collect::<Vec<_>>(),
            ["0.03", "0.00", "0.02"]
        );
        assert_eq!(
            fixed.share_out(&euros("1"), "campaign", &campaigns(&[("north", Ok("1"))])).unwrap_err(),
            "1.00 EUR cannot be shared out: there is no campaign `south`, which has a share."
        );
        let equally = rule("[allocation.a]\nby = \"equally\"\n");
        let shown = equally.share_out(&euros("1"), "campaign", &both).unwrap();
        assert_eq!(
            shown.by_bearer.values().map(Money::decimal).collect::<Vec<_>>(),
            ["0.34", "0.33", "0.33"]
        );
    }

    #[test]
    fn the_metrics_of_all_bases_exist() {
        let (catalogue, _) = Catalogue::builtin();
        for by in ["logged_hours", "paid_hours", "calls"] {
            let metric = rule(&format!("[allocation.a]\nby = \"{by}\"\n")).metric().unwrap();
            assert!(catalogue.resolve(&metric).is_ok(), "{metric}");
        }
    }

    #[test]
    fn a_rule_that_names_the_category_goes_before_one_for_the_rest() {
        let rest = rule("[allocation.rest]\nby = \"equally\"\n");
        let rules = [
            rest,
            rule(RENT),
            rule(
                &RENT
                    .replace("allocation.rent", "allocation.rent_too")
                    .replace("by =", "from = 2027-01-01\nby ="),
            ),
        ];
        let found = |category, day| {
            Allocation::rule_for(&rules, category, day).map(|rule| rule.map(|r| r.name.as_str()))
        };
        assert_eq!(found("premises", date(2026, 7, 1)), Ok(Some("rent")));
        assert_eq!(found("telephony", date(2026, 7, 1)), Ok(Some("rest")));
        assert_eq!(
            found("premises", date(2027, 1, 1)).unwrap_err(),
            "Two rules share out costs of `premises` on 2027-01-01: `rent` and `rent_too`. Limit them to different days or categories."
        );
    }

    #[test]
    fn every_problem_of_a_rule_is_said_at_once() {
        let problems = |text: &str| {
            let (rule, problems) = read(text);
            assert!(rule.is_none());
            problems
        };
        assert_eq!(
            problems("[allocation.a]\nby = \"loged_hours\"\nshare = 1\n"),
            [
                "error: a.toml:2: allocation.a.by: `loged_hours` is not known here. Did you mean `logged_hours`?",
                "error: a.toml:3: allocation.a.share: nothing is known by this key. Did you mean `shares`?",
            ]
        );
        assert_eq!(
            problems("[allocation.a]\nby = \"fixed\"\nshares = { north = \"60 %\", south = 0.3 }\n"),
            [
                "error: a.toml:3: allocation.a.shares: the shares add up to 90 %. Let them add up to exactly 100 %."
            ]
        );
        assert_eq!(
            problems("[allocation.a]\nby = \"calls\"\nshares = { north = \"100 %\" }\n"),
            [
                "error: a.toml:3: allocation.a.shares: shares are given, but costs are shared out by something else. Write `by = \"fixed\"`, or remove `shares`."
            ]
        );
        assert_eq!(
            problems("[allocation.a]\nlabel = \"A\"\n"),
            [
                "error: a.toml:1: allocation.a: `by` is missing. Add `by`: one of `logged_hours`, `paid_hours`, `calls`, `equally`, `fixed`."
            ]
        );
        assert_eq!(
            problems("[allocation.a]\nby = \"fixed\"\n"),
            [
                "error: a.toml:1: allocation.a: `shares` is missing. Add `shares`: a share a campaign, such as `{ north = \"60 %\", south = \"40 %\" }`."
            ]
        );
    }
}
