//! `dialmark erase`: forgets a person.

use std::collections::BTreeSet;
use std::time::Duration;

use dialmark_ingest::{Country, DIGITS, Heard, PeopleKey, hear, national_digits, people_key};
use dialmark_lake::{EraseReport, Found, FoundKey, Lake, LakeError, Person};
use dialmark_model::facts;
use serde::Serialize;

use super::lake::take_all;
use crate::failure::Failure;
use crate::opened::Opened;
use crate::options::Shared;
use crate::{out, runtime};

const EXAMPLES: &str = "\
Examples:
  dialmark erase --phone '+44 7700 900123'            what is known of the person; changes nothing
  dialmark erase --phone '+44 7700 900123' --yes      forgets them
  dialmark erase --phone 07700900123 --country GB --also account_id=A-4711 --yes

Every value that stands for the person (telephone number, lead, customer, account) becomes a random one,
the same wherever it stood, in every file and every earlier state: no figure moves, and nobody can tell
who it was. Comments go, and so do texts that mention the number. Records from before that come again with
a later export stay nobody's. Do-not-call entries stay, as a hash: without them the person would be called
again. Backups that were made before, and the source systems, still know the person.";

/// Seconds for which deliveries that name the person are waited for.
const PATIENCE: u32 = 20;

/// Options of `dialmark erase`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Telephone number of the person, however it is written
    #[arg(long, value_name = "NUMBER")]
    phone: String,
    /// Country of a number without an international prefix, such as GB [default: the centre's]
    #[arg(long, value_name = "CODE")]
    country: Option<String>,
    /// A key that is theirs as well, though it stands beside other numbers too; may be given several times
    #[arg(long, value_name = "COLUMN=VALUE", value_parser = key)]
    also: Vec<(String, String)>,
    /// Erase, rather than say what would be erased
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    shared: Shared,
}

fn key(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((column, value)) if !column.is_empty() && !value.is_empty() => {
            Ok((column.to_owned(), value.to_owned()))
        }
        _ => Err("write a column and its value, such as lead_id=L-4711".to_owned()),
    }
}

/// What is known of a person, and what became of it.
#[derive(Debug, Serialize)]
struct Answer {
    /// The number as it is hidden.
    number: String,
    found: Found,
    /// Absent unless it was erased.
    erased: Option<EraseReport>,
}

/// Finds or forgets a person.
pub fn run(args: &Args) -> Result<(), Failure> {
    let opened = Opened::open(args.shared.dir.as_deref())?;
    let answer = runtime::wait_for(async {
        let lake = opened.lake_with_records().await?;
        let key = people_key(&lake).await?;
        let (number, person) = person(args, &opened, &key)?;
        // What was sent and waits may name them too. A `serve` that looks after the store takes it by itself.
        if let Some(_lead) = lake.lead()? {
            take_all(&lake, &opened).await?;
        }
        let found = lake.find_person(person.clone()).await?;
        let mut erased = None;
        if args.yes {
            erased = Some(erase(&lake, &key, &person.whole(&found)).await?);
        }
        Ok(Answer { number, found, erased })
    })?;
    match args.shared.format {
        out::TextOrJson::Json => out::json(&answer),
        out::TextOrJson::Text => say(&answer),
    }
}

/// Forgets the person; deliveries that name them and are not records yet are waited for.
async fn erase(lake: &Lake, key: &PeopleKey, person: &Person) -> Result<EraseReport, Failure> {
    let of_digits = person.digits.iter().map(|digits| (DIGITS, digits.as_str()));
    let known = person.values().chain(of_digits);
    let prints: Vec<[u8; 16]> = known.map(|(class, value)| key.print_of(class, value)).collect();
    let mut attempts = 0;
    loop {
        attempts += 1;
        match lake.erase(person.clone(), prints.clone()).await {
            Err(LakeError::PersonWaits { .. } | LakeError::Raced { .. }) if attempts <= PATIENCE => {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            outcome => return Ok(outcome?),
        }
    }
}

/// The number as it is hidden, and by what the person is known.
fn person(args: &Args, opened: &Opened, key: &PeopleKey) -> Result<(String, Person), Failure> {
    let code = args.country.as_deref().or_else(|| opened.project.centre.country());
    let country = match code {
        None => None,
        Some(code) => Some(Country::from_code(code).ok_or_else(|| {
            Failure::usage(format!(
                "`{code}` is no country of which telephone numbers are known; write a code such as `GB`."
            ))
        })?),
    };
    let heard = hear(&args.phone, country);
    let is_number = match &heard {
        Heard::Number(_) => true,
        Heard::Other(text) => !text.contains(char::is_alphabetic) && !text.starts_with('*'),
        Heard::Short | Heard::Withheld => false,
    };
    let Some(number) = key.hidden(&heard).filter(|_| is_number) else {
        return Err(Failure::usage(format!("`{}` is nobody's telephone number.", args.phone)));
    };
    let is_key = |column: &str| {
        let own = opened.project.tables.iter().flat_map(|table| table.columns.iter());
        let all = facts::tables().iter().flat_map(|table| table.columns.iter());
        own.chain(all).any(|known| known.name == column && known.is_key_of_a_person())
    };
    if let Some((column, _)) = args.also.iter().find(|(column, _)| !is_key(column)) {
        return Err(Failure::usage(format!(
            "`--also {column}=...`: no table has a column of this name that stands for a person, as `lead_id`, `customer_id`, \
             `account_id` and `person_id` do."
        )));
    }
    let mut numbers = BTreeSet::from([number.clone()]);
    let mut digits: BTreeSet<String> = national_digits(&args.phone, country).into_iter().collect();
    if let Heard::Other(text) = &heard {
        if code.is_none() && !text.contains(char::is_alphabetic) {
            out::note(
                "The number has no international prefix, so only records in which it is written the same are found. \
                 Name its country with `--country`.",
            );
        }
        digits.extend(
            Some(text.trim_start_matches('0').to_owned()).filter(|d| d.bytes().all(|b| b.is_ascii_digit())),
        );
    }
    // Sources without a country keep a number as its digits, in whichever way they write it.
    let plain: String = args.phone.chars().filter(char::is_ascii_digit).collect();
    let mut written = vec![plain];
    if let Heard::Number(number) = &heard {
        let international = number.trim_start_matches('+');
        written.extend([
            international.to_owned(),
            format!("00{international}"),
            format!("011{international}"),
        ]);
        for national in &digits {
            written.extend([
                national.clone(),
                format!("0{national}"),
                format!("1{national}"),
                format!("8{national}"),
            ]);
        }
    }
    numbers.extend(written.into_iter().filter_map(|digits| key.hidden(&Heard::Other(digits))));
    let person = Person { numbers, digits, ..Person::default() };
    Ok((number, args.also.iter().fold(person, |person, (column, value)| person.known_by(column, value))))
}

fn say(answer: &Answer) -> Result<(), Failure> {
    let found = &answer.found;
    let end = answer.number.split(':').next().unwrap_or_default().trim_start_matches('*');
    if found.records.is_empty() {
        out::line(&format!("No record of today is known under the number that ends in {end}."))?;
    } else {
        out::line(&format!("Known under the number that ends in {end}:"))?;
        for (table, records) in &found.records {
            out::line(&format!("  {table}: {}", out::counted(*records, "record", "records")))?;
        }
    }
    if found.set_aside > 0 {
        let named = out::counted(found.set_aside, "set-aside record names", "set-aside records name");
        out::line(&format!("{named} them."))?;
    }
    if !found.keys.is_empty() {
        out::line("Theirs as well:")?;
        for key in &found.keys {
            out::line(&format!("  {}", described(key)))?;
        }
    }
    if !found.shared.is_empty() {
        out::line("Stand beside other numbers too, and stay unless they are named with `--also`:")?;
        for key in &found.shared {
            let others = count(key.other_numbers.len());
            let others = out::counted(others, "other number", "other numbers");
            out::line(&format!("  {}, beside {others}", described(key)))?;
        }
    }
    let Some(erased) = &answer.erased else {
        return out::line("Nothing was changed. Add `--yes` to erase.");
    };
    out::line(&format!(
        "Erased: {} and {} written anew, {} and {} cleared. Backups that were made before still know the person.",
        out::counted(erased.files, "file", "files"),
        out::counted(erased.journal_entries, "waiting correction", "waiting corrections"),
        out::counted(erased.quarantined, "set-aside record", "set-aside records"),
        out::counted(erased.conflicts, "conflicting record", "conflicting records"),
    ))
}

fn described(key: &FoundKey) -> String {
    format!("{}={} ({})", key.column, key.value, out::counted(key.records, "record", "records"))
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
