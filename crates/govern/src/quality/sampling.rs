//! Which conversations are evaluated: a plan, and a choice that nobody makes.

use std::collections::{BTreeMap, BTreeSet};

use dialmark_metrics::{Catalogue, Exact, Ratio};
use dialmark_model::civil::{FiscalStart, Grain};
use dialmark_model::declared::Section;
use dialmark_model::validity::Days;
use jiff::civil::Date;

use super::sha256;
use crate::place::Place;
use crate::reading::{self, choice, missing, near_or_all};

/// The only way in which conversations are chosen.
const RANDOM: &str = "random";

/// How many conversations of which agents are evaluated, and by whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sampling {
    /// Name, as in `[sampling.NAME]`.
    pub name: String,
    /// Name to show.
    pub label: String,
    /// Form by which they are evaluated.
    pub form: String,
    /// Whose conversations.
    pub who: Place,
    /// How many.
    pub size: Size,
    /// How often a sample is drawn.
    pub every: Every,
    /// Conversations with less talk are not evaluated, in milliseconds.
    pub least_talk_ms: u64,
    /// Evaluators, or their teams.
    pub by: Vec<String>,
    /// Part of what is hashed, see [`Sampling::draw`]. It stands in the plan before the calls are made.
    pub seed: String,
    /// Days on which the plan holds.
    pub days: Days,
    /// File in which it is declared.
    pub declared_in: String,
    /// Line of the declaration.
    pub line: usize,
}

/// How many conversations of an agent are evaluated each time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// This share of them, rounded up: whoever spoke at all is heard at least once.
    Share(Ratio),
    /// So many, or all when there are fewer.
    PerAgent(u32),
}

/// How often a sample is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Every {
    /// Every week, from Monday.
    Week,
    /// Every month.
    Month,
}

impl Every {
    const ALL: [(&'static str, Every); 2] = [("week", Every::Week), ("month", Every::Month)];

    /// First day of the week or month of a day.
    pub fn first_day(self, day: Date) -> Date {
        let grain = match self {
            Every::Week => Grain::Week,
            Every::Month => Grain::Month,
        };
        grain.first_day(day, FiscalStart::JANUARY)
    }
}

/// A conversation that could be evaluated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The call, as [`super::call_key`] names it.
    pub call_id: String,
    /// Who spoke.
    pub agent_id: String,
    /// How long they spoke, if that is known.
    pub talk_ms: Option<u64>,
}

/// Conversations chosen for one period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// The plan.
    pub plan: String,
    /// First day of the week or month.
    pub first_day: Date,
    /// What was hashed with period and call.
    pub seed: String,
    /// What was chosen, by agent; agents without a conversation that could be evaluated are not there.
    pub agents: BTreeMap<String, Chosen>,
    /// Conversations that were left out because they were too short.
    pub too_short: u64,
    /// Conversations of which nobody knows how long they were, left out for that.
    pub talk_unknown: u64,
}

/// Conversations of one agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// Calls to be evaluated, in the order in which they were drawn.
    pub calls: Vec<String>,
    /// How many the plan asks for: more than `calls` when there were fewer.
    pub wanted: u64,
    /// How many could have been chosen.
    pub of: u64,
}

impl Sampling {
    /// Reads `[sampling.NAME]`; `forms` are the names of all forms. What is wrong is reported, and then there is no plan.
    pub fn read(
        section: &Section<'_>,
        name: &str,
        catalogue: &Catalogue,
        forms: &[&str],
    ) -> Option<Sampling> {
        let sound = reading::is_sound(section, "", name);
        let label = reading::label(section, name);
        let form = section.required_text("form", "the form by which conversations are evaluated");
        let form = form.filter(|form| {
            let known = forms.contains(&form.as_str());
            if !known {
                let help = near_or_all(form, forms.iter().copied());
                section.error("form", format!("there is no form `{form}`."), Some(help));
            }
            known
        });
        let who = reading::place(section, "who", catalogue);
        let size = size(section);
        let every = match section.has("every") {
            true => choice(section, "every", &Every::ALL),
            false => choice(section, "every", &Every::ALL).or(Some(Every::Week)),
        };
        let least_talk_ms = match section.has("least_talk") {
            true => reading::length_ms(section, "least_talk"),
            false => {
                section.node("least_talk");
                Some(0)
            }
        };
        let by = section.texts("by");
        if by.is_empty() {
            missing(section, "by", "who evaluates, such as `[\"quality\"]`");
        }
        let selection = match section.has("selection") {
            true => choice(section, "selection", &[(RANDOM, ())]),
            false => choice(section, "selection", &[(RANDOM, ())]).or(Some(())),
        };
        let seed =
            section.required_text("seed", "any text; it is hashed with every call, so nobody can choose");
        let days = reading::days(section);
        section.finish();
        selection?;
        Some(Sampling {
            name: (sound && !by.is_empty()).then(|| name.to_owned())?,
            label,
            form: form?,
            who: who?,
            size: size?,
            every: every?,
            least_talk_ms: least_talk_ms?,
            by,
            seed: seed?,
            days: days?,
            declared_in: section.file().to_owned(),
            line: section.line(),
        })
    }

    /// Draws the sample of the period that begins on `first_day` from all its conversations.
    ///
    /// Within each agent, calls are put in the order of the SHA-256 digest of three lines: the seed, the first day and
    /// the call's identifier (without a line end after the last). The first are chosen. So the choice depends on
    /// nothing but what is handed in, in whatever order, and anyone can repeat it:
    /// `printf 'SEED\n2026-07-06\nCALL' | sha256sum`.
    pub fn draw(&self, first_day: Date, calls: &[Candidate]) -> Sample {
        let mut agents: BTreeMap<&str, BTreeSet<([u32; 8], &str)>> = BTreeMap::new();
        let (mut too_short, mut talk_unknown) = (0, 0);
        // The same conversation handed in twice is one.
        let distinct: BTreeSet<(&str, &str, Option<u64>)> =
            calls.iter().map(|c| (c.agent_id.as_str(), c.call_id.as_str(), c.talk_ms)).collect();
        for (agent, call, talk_ms) in distinct {
            match talk_ms {
                None if self.least_talk_ms > 0 => talk_unknown += 1,
                Some(talk_ms) if talk_ms < self.least_talk_ms => too_short += 1,
                _ => {
                    let rank = sha256::digest(&format!("{}\n{first_day}\n{call}", self.seed));
                    agents.entry(agent).or_default().insert((rank, call));
                }
            }
        }
        let agents = agents.into_iter().map(|(agent, ranked)| (agent.to_owned(), self.choose(&ranked)));
        Sample {
            plan: self.name.clone(),
            first_day,
            seed: self.seed.clone(),
            agents: agents.collect(),
            too_short,
            talk_unknown,
        }
    }

    fn choose(&self, ranked: &BTreeSet<([u32; 8], &str)>) -> Chosen {
        let of = ranked.len();
        let wanted = match self.size {
            Size::PerAgent(number) => usize::try_from(number).unwrap_or(usize::MAX),
            Size::Share(share) => part_rounded_up(share, of),
        };
        Chosen {
            calls: ranked.iter().take(wanted).map(|(_, call)| (*call).to_owned()).collect(),
            wanted: count(wanted),
            of: count(of),
        }
    }

    /// How the choice is made, in a sentence that stands under every sample.
    pub fn says(&self) -> String {
        let (size, every) = match (self.size, self.every) {
            (Size::Share(share), Every::Week) => (reading::per_cent(share) + " %", "week"),
            (Size::Share(share), Every::Month) => (reading::per_cent(share) + " %", "month"),
            (Size::PerAgent(number), Every::Week) => (number.to_string(), "week"),
            (Size::PerAgent(number), Every::Month) => (number.to_string(), "month"),
        };
        let rounded = match self.size {
            Size::Share(_) => ", rounded up",
            Size::PerAgent(_) => "",
        };
        format!(
            "{size} of each agent's conversations a {every}{rounded}, of at least {} s: those that come first by the \
             SHA-256 of the seed `{}`, the first day of the {every} and the call, as in `dialler/4711`.",
            Ratio::of(Exact::integer(self.least_talk_ms.into()), Exact::integer(1000)).unwrap_or(Ratio::ZERO),
            self.seed
        )
    }
}

fn size(section: &Section<'_>) -> Option<Size> {
    let (by_share, per_agent) = (section.has("share"), section.has("per_agent"));
    let share = reading::part_of_one(section, "share");
    let number = reading::whole(section, "per_agent", 1);
    match (by_share, per_agent) {
        (true, true) => {
            section.error(
                "share",
                "a plan has a share or a number an agent, not both.",
                Some("Remove one.".to_owned()),
            );
            None
        }
        (false, false) => {
            missing(
                section,
                "share",
                "the share of conversations, such as `\"3 %\"`, or `per_agent`, such as `5`",
            );
            None
        }
        (true, false) => {
            let share = share?;
            if share.is_zero() {
                section.error("share", "nothing would be evaluated.", Some("2 to 5 % are usual.".to_owned()));
                return None;
            }
            Some(Size::Share(share))
        }
        (false, true) => number.map(Size::PerAgent),
    }
}

/// The smallest whole number that is at least this part of `of`.
fn part_rounded_up(share: Ratio, of: usize) -> usize {
    let whole = i128::try_from(of).ok().and_then(|of| Ratio::exact(Exact::integer(of)));
    let Some((num, den)) = whole.and_then(|whole| share.times(whole)).map(Ratio::parts) else { return of };
    let up = num.div_euclid(den) + i128::from(num.rem_euclid(den) > 0);
    usize::try_from(up).unwrap_or(of)
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
