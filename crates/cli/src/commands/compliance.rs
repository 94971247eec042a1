//! `dialmark compliance`: how calls stand against the rules of calling.

use dialmark_govern::calling::{Asks, Entry, Found, Ledger, sentences};
use dialmark_manage::calling::{self, Question};
use dialmark_model::civil::Calendar;
use dialmark_view::{export, when};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::failure::Failure;
use crate::options::Shared;
use crate::out::{self, TextOrJson};
use crate::{managed, period, seat};

/// Violations of a rule that are listed as text; the JSON has more.
const LISTED: usize = 20;

const EXAMPLES: &str = "\
Examples:
  dialmark compliance
  dialmark compliance --at 2026-11-18 --since 2026-10-20
  dialmark compliance --rule own_list --format json
  dialmark compliance --campaign home_switch

Which rules hold is declared in a file of `rules/`: [calling] with jurisdictions = [\"gb\"], and rules of
your own. Each rule says where it was read and how sure that is; none of it is legal advice. What no
source shows is named as such and is not taken for zero. Every violation in the JSON says which calls
make it one.";

/// Options of `dialmark compliance`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// As it stood at the end of a day or at an instant [default: the last record]
    #[arg(long, value_name = "DAY|INSTANT")]
    at: Option<String>,
    /// First day of which violations are looked for [default: thirty days up to that of `--at`]
    #[arg(long, value_name = "DAY")]
    since: Option<String>,
    /// Only this rule
    #[arg(long, value_name = "RULE")]
    rule: Option<String>,
    /// Only calls of this campaign
    #[arg(long, value_name = "CAMPAIGN")]
    campaign: Option<String>,
    #[command(flatten)]
    shared: Shared,
}

/// Says how calls stand.
pub fn run(args: &Args) -> Result<(), Failure> {
    let managed = managed::open(args.shared.dir.as_deref())?;
    let calendar = managed.opened.project.centre.calendar();
    let at = args.at.as_deref().map(|text| as_of(text, &calendar)).transpose()?;
    let since = args.since.as_deref().map(|text| {
        text.trim()
            .parse::<Date>()
            .map_err(|_| Failure::usage(format!("`--since {text}` is no day, such as `--since 2026-11-01`.")))
    });
    let question = Question {
        at,
        since: since.transpose()?,
        rule: args.rule.as_deref(),
        campaign: args.campaign.as_deref(),
        only_budgets: false,
    };
    let ledger = seat::look(&managed, async |desk| calling::ledger(&desk, &question).await)?;
    match args.shared.format {
        TextOrJson::Json => out::json(&export::ledger(&ledger)),
        TextOrJson::Text => text(&ledger, &calendar.zone),
    }
}

/// The last instant of a day, or an instant.
fn as_of(text: &str, calendar: &Calendar) -> Result<Timestamp, Failure> {
    let begins = period::instant("--at", text, calendar)?;
    let next = text.trim().parse::<Date>().ok().filter(|_| !text.contains(['T', ':'])).and_then(|day| {
        calendar.day_start(day.tomorrow().ok()?)?.checked_sub(SignedDuration::from_micros(1)).ok()
    });
    Ok(next.unwrap_or(begins))
}

fn text(ledger: &Ledger, zone: &TimeZone) -> Result<(), Failure> {
    let style = out::Style::of_stdout();
    let places = match ledger.jurisdictions.as_slice() {
        [] => "no jurisdiction declared".to_owned(),
        places => places.join(", "),
    };
    out::line(&format!(
        "Calling rules ({places}) as of {}; violations since {}.",
        when::instant(ledger.at, zone),
        when::day(ledger.since)
    ))?;
    for entry in &ledger.entries {
        out::line("")?;
        of_rule(entry, style, zone)?;
    }
    out::line("")?;
    for note in &ledger.notes {
        out::line(&style.faint(note))?;
    }
    Ok(())
}

fn of_rule(entry: &Entry, style: out::Style, zone: &TimeZone) -> Result<(), Failure> {
    let rule = &entry.rule;
    let state = match (entry.violations(), entry.is_unjudged()) {
        (_, true) => "cannot be judged".to_owned(),
        (0, _) => "not broken".to_owned(),
        (count, _) => style.bad(&out::counted(count, "violation", "violations")),
    };
    out::line(&format!("{}: {state}", style.strong(&rule.label)))?;
    out::line(&format!("  {}", rule.says))?;
    out::line(&style.faint(&format!(
        "  {}, holds in {}, {}; {}; confidence {}",
        rule.name,
        rule.holds_in,
        rule.force.label(),
        rule.source,
        rule.confidence.word()
    )))?;
    if let Asks::Abandoned(abandoned) = &rule.asks
        && let Some(clock) = &abandoned.clock
    {
        out::line(&style.faint(&format!("  clock: {clock}")))?;
    }
    for sentence in sentences(entry) {
        out::line(&format!("  {sentence}"))?;
    }
    let Found::Calls(violations) = &entry.found else { return Ok(()) };
    for one in violations.named.iter().take(LISTED) {
        let whom = one.whom.as_deref().map_or(String::new(), |whom| format!(" {whom}"));
        out::line(&format!("    {}{whom}: {}", when::instant(one.at, zone), one.says))?;
    }
    let listed = u64::try_from(violations.named.len().min(LISTED)).unwrap_or(u64::MAX);
    if listed < violations.total {
        out::line(&format!("    the latest {listed} of {}", out::thousands(violations.total)))?;
    }
    Ok(())
}
