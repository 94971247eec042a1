//! `dialmark.toml`: who the centre is, where its facts are kept, which variants it prefers.

use std::fmt;
use std::path::PathBuf;

use dialmark_model::civil::{self, Calendar, DayStart, FiscalStart};
use dialmark_model::declared::{Problem, Problems, Section, Severity};
use jiff::tz::TimeZone;

use crate::mail::{self, Mail};
use crate::{DefaultVariant, PROJECT_FILE};

/// Days for which earlier states of the store stay readable, unless others are declared.
const KEEP_DAYS: u32 = 90;
const MOST_KEEP_DAYS: u32 = 3660;
/// Figures of last month must not lose their records by a slip.
const FEWEST_RETAINED_DAYS: u32 = 31;
const MOST_RETAINED_DAYS: u32 = 36_600;

/// A call centre.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Centre {
    name: String,
    time_zone: TimeZone,
    zone: String,
    currency: Option<String>,
    country: Option<String>,
    day_starts: DayStart,
    fiscal: FiscalStart,
}

impl Centre {
    /// A centre whose days run in `zone`, an IANA name, and whose money is in `currency`, an ISO 4217 code.
    pub fn new(name: &str, zone: &str, currency: Option<&str>) -> Result<Centre, BadCentre> {
        if name.trim().is_empty() {
            return Err(BadCentre::NoName);
        }
        let (time_zone, zone) = known_zone(zone).ok_or_else(|| BadCentre::Zone(zone.to_owned()))?;
        let currency = match currency {
            Some(code) if !is_currency(code) => return Err(BadCentre::Currency(code.to_owned())),
            other => other.map(str::to_owned),
        };
        Ok(Centre {
            name: name.trim().to_owned(),
            time_zone,
            zone,
            currency,
            country: None,
            day_starts: DayStart::default(),
            fiscal: FiscalStart::JANUARY,
        })
    }

    /// The centre with business days that begin later than midnight, and fiscal years that begin with another month.
    fn with_calendar(self, day_starts: DayStart, fiscal: FiscalStart) -> Centre {
        Centre { day_starts, fiscal, ..self }
    }

    fn in_country(self, country: Option<String>) -> Centre {
        Centre { country, ..self }
    }

    /// The same centre with another zone or another currency, where they are given.
    pub fn seen(&self, zone: Option<&str>, currency: Option<&str>) -> Result<Centre, BadCentre> {
        let (zone, currency) = (zone.unwrap_or(&self.zone), currency.or(self.currency()));
        let plain = Centre::new(&self.name, zone, currency)?;
        Ok(plain.with_calendar(self.day_starts, self.fiscal).in_country(self.country.clone()))
    }

    /// How its days and years run.
    pub fn calendar(&self) -> Calendar {
        Calendar { zone: self.time_zone.clone(), day_starts: self.day_starts, fiscal: self.fiscal }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// IANA name of the zone in which its days run.
    pub fn zone(&self) -> &str {
        &self.zone
    }

    /// The zone itself.
    pub fn time_zone(&self) -> &TimeZone {
        &self.time_zone
    }

    /// ISO 4217 code of its money, if it has said so.
    pub fn currency(&self) -> Option<&str> {
        self.currency.as_deref()
    }

    /// Country of telephone numbers that are written without an international prefix, if it has said so.
    pub fn country(&self) -> Option<&str> {
        self.country.as_deref()
    }
}

/// Why something is not a centre.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BadCentre {
    /// The name is empty.
    NoName,
    /// The zone does not exist.
    Zone(String),
    /// The currency is not three capital letters.
    Currency(String),
}

impl fmt::Display for BadCentre {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BadCentre::NoName => write!(out, "the name of the centre is empty."),
            BadCentre::Zone(zone) => write!(out, "{}.", civil::UnknownZone(zone.clone())),
            BadCentre::Currency(code) => {
                write!(out, "`{code}` is not an ISO 4217 code, which is three capital letters such as `GBP`.")
            }
        }
    }
}

impl std::error::Error for BadCentre {}

fn is_currency(code: &str) -> bool {
    code.len() == 3 && code.bytes().all(|letter| letter.is_ascii_uppercase())
}

/// The zone and its name in the usual spelling: `europe/london` is found, and called `Europe/London`.
pub(crate) fn known_zone(name: &str) -> Option<(TimeZone, String)> {
    let zone = civil::zone(name).ok().filter(|zone| !zone.is_unknown())?;
    let spelt = zone.iana_name()?.to_owned();
    Some((zone, spelt))
}

/// The name of the zone under `key`; one that does not exist is reported.
pub(crate) fn zone_name(section: &Section<'_>, key: &str) -> Option<String> {
    let written = section.text(key)?;
    match known_zone(&written) {
        Some((_, spelt)) => Some(spelt),
        None => {
            section.error(key, format!("{}.", civil::UnknownZone(written)), None);
            None
        }
    }
}

/// The country under `country`; what is no pair of capital letters is reported.
pub(crate) fn country(section: &Section<'_>) -> Option<String> {
    let written = section.text("country")?;
    if written.len() == 2 && written.bytes().all(|letter| letter.is_ascii_uppercase()) {
        return Some(written);
    }
    let capital = written.trim().to_ascii_uppercase();
    let help = if capital.len() == 2 {
        format!("Write `{capital}`.")
    } else {
        "Write two capital letters of ISO 3166-1, such as `GB`.".to_owned()
    };
    section.error("country", format!("`{written}` is not the code of a country."), Some(help));
    None
}

/// How long the records of a table stay.
pub(crate) struct Retained {
    pub(crate) table: String,
    pub(crate) days: u32,
    line: usize,
}

/// What `dialmark.toml` says.
pub(crate) struct Settings {
    pub(crate) centre: Centre,
    pub(crate) lake_folder: PathBuf,
    /// Where the key is that hides telephone numbers: beside the store, never in it.
    pub(crate) key_file: PathBuf,
    /// Days for which earlier states of the store stay readable.
    pub(crate) keep_days: u32,
    /// Days for which records stay, by table.
    pub(crate) retention: Vec<Retained>,
    /// The server that takes letters.
    pub(crate) mail: Option<Mail>,
    pub(crate) default_variants: Vec<DefaultVariant>,
}

pub(crate) fn read(root: &Section<'_>) -> Option<Settings> {
    let centre = match root.section("centre") {
        Some(section) => read_centre(&section),
        None => {
            if !root.has("centre") {
                root.error(
                    "",
                    "the section `[centre]` is missing.",
                    Some("Add `[centre]` with `name` and `zone`.".to_owned()),
                );
            }
            None
        }
    };
    let store = root.section("store").map(|section| read_store(&section)).unwrap_or_default();
    let retention = root.section("retention").map(|section| read_retention(&section)).unwrap_or_default();
    let default_variants = root.section("metrics").map(|section| read_defaults(&section)).unwrap_or_default();
    let mail = root.section("mail").and_then(|section| mail::read(&section));
    root.finish();
    let lake_folder = store.folder.unwrap_or_else(|| PathBuf::from("lake"));
    Some(Settings {
        centre: centre?,
        key_file: store.key_file.unwrap_or_else(|| lake_folder.with_extension("key")),
        lake_folder,
        keep_days: store.keep_days.unwrap_or(KEEP_DAYS),
        retention,
        mail,
        default_variants,
    })
}

fn read_centre(section: &Section<'_>) -> Option<Centre> {
    let name = section.required_text("name", "the centre's name as reports show it");
    let zone = section.required_text("zone", "the IANA time zone in which the centre's days run");
    let currency = section.text("currency");
    let country = country(section);
    let day_starts = section.text("day_starts").and_then(|text| read_day_start(section, &text));
    let fiscal = section.text("fiscal_year_starts").and_then(|text| read_month(section, &text));
    section.finish();
    // Each part is tried alone, so that all that is wrong is said at once.
    if let Some(name) = &name
        && let Err(bad) = Centre::new(name, "UTC", None)
    {
        section.error("name", bad.to_string(), None);
    }
    if let Some(zone) = &zone
        && let Err(bad) = Centre::new("any", zone, None)
    {
        section.error("zone", bad.to_string(), None);
    }
    if let Some(code) = &currency
        && let Err(bad) = Centre::new("any", "UTC", Some(code))
    {
        let capital = code.trim().to_ascii_uppercase();
        let help = is_currency(&capital).then(|| format!("Write `{capital}`."));
        section.error("currency", bad.to_string(), help);
    }
    let centre = Centre::new(&name?, &zone?, currency.as_deref()).ok()?;
    Some(centre.in_country(country).with_calendar(day_starts.unwrap_or_default(), fiscal.unwrap_or_default()))
}

fn read_day_start(section: &Section<'_>, text: &str) -> Option<DayStart> {
    let parts = text.split_once(':').and_then(|(h, m)| Some((h.parse().ok()?, m.parse().ok()?)));
    let found = parts.and_then(|(hour, minute)| DayStart::at(hour, minute));
    if found.is_none() {
        section.error(
            "day_starts",
            format!("`{text}` is no hour before noon."),
            Some("Write `day_starts = \"04:00\"`: what happens before belongs to the day before.".to_owned()),
        );
    }
    found
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

fn read_month(section: &Section<'_>, text: &str) -> Option<FiscalStart> {
    let number = MONTHS.iter().position(|m| m.eq_ignore_ascii_case(text.trim()));
    let found = number.and_then(|n| i8::try_from(n + 1).ok()).and_then(FiscalStart::month);
    if found.is_none() {
        section.error("fiscal_year_starts", format!("`{text}` is no month, such as `april`."), None);
    }
    found
}

/// What `[store]` says.
#[derive(Debug, Default)]
struct StoreSettings {
    folder: Option<PathBuf>,
    key_file: Option<PathBuf>,
    keep_days: Option<u32>,
}

fn read_store(section: &Section<'_>) -> StoreSettings {
    let folder = section.text("folder");
    let key_file = section.text("key_file");
    let keep_days = section.integer("keep_days");
    section.finish();
    let keep_days = keep_days.and_then(|days| match u32::try_from(days) {
        Ok(days) if (1..=MOST_KEEP_DAYS).contains(&days) => Some(days),
        _ => {
            let sentence = format!("`{days}` is not a number of days from 1 to {MOST_KEEP_DAYS}.");
            section.error("keep_days", sentence, Some(format!("The usual one is {KEEP_DAYS}.")));
            None
        }
    });
    let named = |key: &str, name: Option<String>, what: &str, usual: &str| {
        let name = name?;
        if name.trim().is_empty() {
            let help = format!("The usual one is `{usual}`.");
            section.error(key, format!("the name of the {what} is empty."), Some(help));
            return None;
        }
        Some(PathBuf::from(name))
    };
    let folder = named("folder", folder, "folder", "lake");
    let key_file = named("key_file", key_file, "key file", "lake.key");
    StoreSettings { folder, key_file, keep_days }
}

/// What `[retention]` says: days by table. Whether there is such a table is looked at when all are known.
fn read_retention(section: &Section<'_>) -> Vec<Retained> {
    section.has_free_keys();
    let mut retention = Vec::new();
    for table in section.keys() {
        let Some(days) = section.integer(table) else { continue };
        match u32::try_from(days) {
            Ok(days) if (FEWEST_RETAINED_DAYS..=MOST_RETAINED_DAYS).contains(&days) => {
                retention.push(Retained { table: table.to_owned(), days, line: section.line_of(table) });
            }
            _ => {
                let sentence = format!(
                    "`{days}` is not a number of days from {FEWEST_RETAINED_DAYS} to {MOST_RETAINED_DAYS}."
                );
                section.error(
                    table,
                    sentence,
                    Some("Write days, such as `calls = 1095` for three years.".to_owned()),
                );
            }
        }
    }
    retention
}

/// Reports a table of which nothing can be let go of by age; `has_clock` is `None` for one that does not exist.
pub(crate) fn check_retention(one: &Retained, has_clock: Option<bool>, problems: &Problems) {
    let table = &one.table;
    let (message, help) = match has_clock {
        _ if table == "dnc_events" => (
            "do-not-call entries are not let go of: without them people would be called again.".to_owned(),
            "Remove the line.",
        ),
        None => (format!("there is no table `{table}`."), "Name a table such as `calls`."),
        Some(false) => {
            (format!("`{table}` has no clock, so no record of it has an age."), "Remove the line.")
        }
        Some(true) => return,
    };
    problems.push(Problem {
        severity: Severity::Error,
        code: None,
        file: PROJECT_FILE.to_owned(),
        line: one.line,
        key: format!("retention.{table}"),
        message,
        help: Some(help.to_owned()),
    });
}

fn read_defaults(section: &Section<'_>) -> Vec<DefaultVariant> {
    let defaults = section.section("default").map(|defaults| {
        defaults.has_free_keys();
        defaults
            .keys()
            .filter_map(|metric| {
                let variant = defaults.text(metric)?;
                Some(DefaultVariant { metric: metric.to_owned(), variant, line: defaults.line_of(metric) })
            })
            .collect()
    });
    section.finish();
    defaults.unwrap_or_default()
}
