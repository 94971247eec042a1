//! Reads `[report.NAME]`.

use std::collections::BTreeMap;

use dialmark_model::civil;
use dialmark_model::declared::{Section, nearest};
use jiff::civil::{Time, Weekday};

use super::schedule::{Hold, Otherwise, Schedule};
use super::{Kind, KindWord, LOOK_BACK_DAYS, Report, address};
use crate::contract::Contract;
use crate::place::Place;
use crate::reading::{choice, is_sound, label, near_or_all, quoted, required_choice, whole};
use crate::scorecard::Scorecard;

/// For how long a report waits for records, unless it says otherwise, in hours.
const HOLD_HOURS: i64 = 3;
const MOST_LOOK_BACK_DAYS: u32 = 366;

const DAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];
/// Keys of single kinds.
const OF_KINDS: [&str; 5] = ["place", "client", "scorecard", "contract", "look_back_days"];
const WORKDAYS: &str = "workdays";
const EVERY_DAY: &str = "every_day";

/// What a report may name.
pub(crate) struct Reading<'a> {
    pub(crate) scorecards: &'a BTreeMap<String, Scorecard>,
    pub(crate) contracts: &'a BTreeMap<String, Contract>,
    pub(crate) is_dimension: &'a dyn Fn(&str) -> bool,
}

impl Report {
    /// Reads one report; what is wrong with it is reported, all of it.
    pub(crate) fn read(section: &Section<'_>, name: &str, known: &Reading<'_>) -> Option<Report> {
        let is_named = is_sound(section, "", name);
        let label = label(section, name);
        let word = required_choice(section, "kind", &KindWord::ALL);
        let to = recipients(section);
        let zone = zone(section);
        let schedule = schedule(section, word);
        let hold = hold(section, schedule.as_ref().map(|schedule| schedule.at));
        let kind = match word {
            Some(word) => kind(section, word, known),
            None => {
                // What belongs to which kind is not known, so that none of it is called a mistake.
                for key in OF_KINDS {
                    section.node(key);
                }
                None
            }
        };
        section.finish();
        if !is_named {
            return None;
        }
        Some(Report {
            name: name.to_owned(),
            label,
            kind: kind?,
            to: to?,
            zone: zone?,
            schedule: schedule?,
            hold: hold?,
            declared_in: section.file().to_owned(),
            line: section.line(),
        })
    }
}

fn recipients(section: &Section<'_>) -> Option<Vec<String>> {
    let written = section.texts("to");
    let mut to = Vec::new();
    let mut sound = true;
    for text in &written {
        match address(text) {
            Ok(address) if to.contains(&address) => {
                section.error("to", format!("`{address}` is there twice."), Some("Keep one.".to_owned()));
                sound = false;
            }
            Ok(address) => to.push(address),
            Err(sentence) => {
                section.error("to", sentence, None);
                sound = false;
            }
        }
    }
    if written.is_empty() {
        section.error(
            "",
            "nobody gets it.",
            Some("Add `to`: addresses, such as `to = [\"head@example.org\"]`.".to_owned()),
        );
        return None;
    }
    sound.then_some(to)
}

/// The outer `None` is a problem.
fn zone(section: &Section<'_>) -> Option<Option<String>> {
    let Some(written) = section.text("zone") else { return Some(None) };
    match civil::zone(&written) {
        Ok(zone) => Some(Some(zone.iana_name().unwrap_or(&written).to_owned())),
        Err(unknown) => {
            section.error("zone", format!("{unknown}."), None);
            None
        }
    }
}

fn schedule(section: &Section<'_>, kind: Option<KindWord>) -> Option<Schedule> {
    let at = match section.required_text("at", "the time on the wall at which it is sent, such as `07:45`") {
        Some(text) => time(section, "at", &text),
        None => None,
    };
    let mut days: Vec<Weekday> = Vec::new();
    let words = section.texts("days");
    let known = || DAYS.iter().map(|(word, _)| *word).chain([WORKDAYS, EVERY_DAY]);
    let mut sound = true;
    for word in &words {
        let one = DAYS.iter().find(|(known, _)| known == word).map(|(_, day)| *day);
        match (word.as_str(), one) {
            (WORKDAYS, _) => days.extend(DAYS.iter().take(5).map(|(_, day)| *day)),
            (EVERY_DAY, _) => days.extend(DAYS.iter().map(|(_, day)| *day)),
            (_, Some(day)) => days.push(day),
            (_, None) => {
                section.error("days", format!("`{word}` is no day."), Some(near_or_all(word, known())));
                sound = false;
            }
        }
    }
    if words.is_empty() {
        // A week's pack comes with the week, all else with the work.
        let usual: &[(&str, Weekday)] = match kind {
            Some(KindWord::ClientPack) => DAYS.get(..1).unwrap_or_default(),
            Some(KindWord::ReturnFile) => &DAYS,
            Some(KindWord::Morning) | None => DAYS.get(..5).unwrap_or_default(),
        };
        days.extend(usual.iter().map(|(_, day)| *day));
    }
    days.sort_by_key(|day| day.to_monday_zero_offset());
    days.dedup();
    if kind == Some(KindWord::ClientPack) && days.len() > 1 {
        section.error(
            "days",
            "a pack is of a week, so that one day of the week is enough.",
            Some("Name one, such as `days = [\"monday\"]`.".to_owned()),
        );
        return None;
    }
    sound.then_some(Schedule { at: at?, days })
}

/// `at` is when it is due, as far as that is known.
fn hold(section: &Section<'_>, at: Option<Time>) -> Option<Hold> {
    let is_said = section.has("otherwise");
    let otherwise = choice(section, "otherwise", &OTHERWISE);
    let otherwise = if is_said { otherwise } else { Some(Otherwise::Send) };
    let until = match section.text("hold_until") {
        Some(text) => Some(time(section, "hold_until", &text)?),
        None => None,
    };
    let at = at?;
    // The day ends before midnight.
    let until = until.unwrap_or_else(|| at.saturating_add(jiff::SignedDuration::from_hours(HOLD_HOURS)));
    if until < at {
        section.error(
            "hold_until",
            format!("{} is before it is due.", shown(until)),
            Some(format!("Name a time of the same day from {} on.", shown(at))),
        );
        return None;
    }
    Some(Hold { until, otherwise: otherwise? })
}

const OTHERWISE: [(&str, Otherwise); 2] = [("send", Otherwise::Send), ("skip", Otherwise::Skip)];

fn kind(section: &Section<'_>, word: KindWord, known: &Reading<'_>) -> Option<Kind> {
    match word {
        KindWord::Morning => {
            let place = match section.section("place") {
                Some(place) => Place::read(&place, known.is_dimension)?,
                None if section.has("place") => return None,
                None => Place::centre(),
            };
            Some(Kind::Morning { place })
        }
        KindWord::ClientPack => {
            let client = client(section);
            let scorecard = section.required_text("scorecard", "the scorecard that the client sees");
            let scorecard =
                scorecard.filter(|name| is_there(section, "scorecard", name, known.scorecards.keys()));
            if let Some(card) = scorecard.as_ref().and_then(|name| known.scorecards.get(name))
                && card.place.is_centre()
            {
                section.error(
                    "scorecard",
                    format!(
                        "`{}` is about the whole centre, and a client sees their own records.",
                        card.name
                    ),
                    Some(
                        "Name a scorecard with a `place`, such as `place = { client = \"acme\" }`."
                            .to_owned(),
                    ),
                );
                return None;
            }
            let contract = match section.text("contract") {
                Some(name) if is_there(section, "contract", &name, known.contracts.keys()) => {
                    Some(Some(name))
                }
                Some(_) => None,
                None => Some(None),
            };
            Some(Kind::ClientPack { client: client?, scorecard: scorecard?, contract: contract? })
        }
        KindWord::ReturnFile => {
            let client = client(section);
            let look_back_days = match section.has("look_back_days") {
                true => whole(section, "look_back_days", 1)?,
                false => whole(section, "look_back_days", 1).unwrap_or(LOOK_BACK_DAYS),
            };
            if look_back_days > MOST_LOOK_BACK_DAYS {
                let sentence = format!("{look_back_days} days are more than {MOST_LOOK_BACK_DAYS}.");
                section.error("look_back_days", sentence, None);
                return None;
            }
            Some(Kind::ReturnFile { client: client?, look_back_days })
        }
    }
}

fn client(section: &Section<'_>) -> Option<String> {
    section.required_text("client", "the client, as records name it in `client_id`")
}

fn is_there<'n>(
    section: &Section<'_>,
    key: &str,
    name: &str,
    known: impl Iterator<Item = &'n String> + Clone,
) -> bool {
    if known.clone().any(|one| one == name) {
        return true;
    }
    let help = match nearest(name, known.clone().map(String::as_str)) {
        Some(near) => format!("Did you mean `{near}`?"),
        None if known.clone().next().is_none() => format!("None is declared under `{key}s/`."),
        None => format!("There are {}.", quoted(known.map(String::as_str))),
    };
    section.error(key, format!("there is no {key} `{name}`."), Some(help));
    false
}

fn time(section: &Section<'_>, key: &str, text: &str) -> Option<Time> {
    let parts = text.split_once(':').filter(|(_, minute)| minute.len() == 2);
    let parts = parts.and_then(|(hour, minute)| Some((hour.parse().ok()?, minute.parse().ok()?)));
    let found = parts.and_then(|(hour, minute)| Time::new(hour, minute, 0, 0).ok());
    if found.is_none() {
        section.error(key, format!("`{text}` is no time of the day, such as `07:45`."), None);
    }
    found
}

fn shown(time: Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

#[cfg(test)]
mod tests {
    use super::*;
    use dialmark_model::declared::{Document, Problems};
    use jiff::civil::time;

    fn read(text: &str) -> (Option<Report>, Vec<String>) {
        let problems = Problems::new();
        let text = format!("[report.morning]\n{text}");
        let document = Document::parse("reports/a.toml", &text, &problems).unwrap();
        let (scorecards, contracts) = (BTreeMap::new(), BTreeMap::new());
        let known = Reading {
            scorecards: &scorecards,
            contracts: &contracts,
            is_dimension: &|name| name == "campaign_id",
        };
        let root = document.root(&problems);
        let found = root
            .named_sections("report")
            .into_iter()
            .find_map(|(name, one)| Report::read(&one, &name, &known));
        root.finish();
        (found, problems.into_vec().iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_morning_sheet_goes_out_on_workdays_and_waits_for_three_hours() {
        let (report, said) = read(
            "kind = \"morning\"\nto = [\"Head <Head@example.org>\"]\nat = \"07:45\"\nplace = { campaign = \"north\" }\n",
        );
        assert!(said.is_empty(), "{said:?}");
        let report = report.unwrap();
        assert_eq!(report.to, ["head@example.org"]);
        assert_eq!(report.schedule.days.len(), 5);
        assert_eq!(report.hold, Hold { until: time(10, 45, 0, 0), otherwise: Otherwise::Send });
        assert_eq!(report.kind.place(), Place::of("campaign_id", "north"));
        assert_eq!(
            report.piece("head@example.org", jiff::civil::date(2026, 7, 1)),
            "report/morning/head@example.org/2026-07-01"
        );
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once_with_its_line() {
        let (report, said) = read(
            "kind = \"client_pack\"\nto = [\"nobody\"]\nat = \"25:00\"\ndays = [\"funday\"]\nclient = \"acme\"\n\
             scorecard = \"none\"\nzone = \"Europe/Leeds\"\notherwise = \"shrug\"\ncolour = 1\n",
        );
        assert!(report.is_none());
        for (line, part) in [
            (3, "no mail address"),
            (4, "no time of the day"),
            (5, "`funday` is no day"),
            (7, "no scorecard `none`"),
            (8, "Europe/Leeds"),
            (10, "nothing is known"),
        ] {
            let place = format!("reports/a.toml:{line}:");
            assert!(said.iter().any(|one| one.contains(&place) && one.contains(part)), "{part}: {said:#?}");
        }
    }

    #[test]
    fn a_report_is_not_held_to_before_it_is_due() {
        let (report, said) =
            read("kind = \"morning\"\nto = \"a@b.org\"\nat = \"07:45\"\nhold_until = \"07:00\"\n");
        assert!(report.is_none());
        assert!(said[0].contains("from 07:45 on"), "{said:?}");
        // Late in the evening the day ends before three hours do.
        let (report, _) = read("kind = \"morning\"\nto = \"a@b.org\"\nat = \"23:00\"\n");
        assert!(report.unwrap().hold.until > time(23, 59, 0, 0));
    }
}
