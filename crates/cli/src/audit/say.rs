//! The report in short, for a terminal.

use std::collections::BTreeMap;

use dialmark_view::audit::AuditPage;
use dialmark_view::{export, format, judged};

use crate::failure::Failure;
use crate::out::{self, Style};

/// Codes that are listed with the advice to map them.
const MOST_CODES: usize = 20;

/// Places of records set aside that are listed for one reason.
const MOST_LINES: usize = 5;

/// Says the report.
pub fn summary(page: &AuditPage) -> Result<(), Failure> {
    let style = Style::of_stdout();
    out::line(&page.lead)?;
    if let Some(period) = &page.head.period {
        let zone = page.head.zone.as_deref().unwrap_or("UTC");
        out::line(&style.faint(&format!("Calls from {period}; days as in {zone}.")))?;
    }
    out::line(&format!("\n{}", style.strong("Figures")))?;
    for figure in &page.figures {
        let (value, note) = match &figure.cell.value {
            Ok(value) => {
                let shown = format::figure(*value, figure.unit, figure.cell.currency.as_deref());
                (export::plain(&shown.to_string()), String::new())
            }
            Err(reason) => (format::DASH.to_owned(), format!(" ({reason})")),
        };
        let n = out::thousands(figure.cell.n);
        let note = match figure.cell.undecided {
            0 => note,
            unknown => format!("{note} ({} more undecided)", out::thousands(unknown)),
        };
        out::line(&format!(
            "  {:<32} {value:>14}  {}{note}",
            figure.label,
            style.faint(&format!("n = {n}"))
        ))?;
    }
    position(page, style)?;
    if !page.findings.is_empty() {
        out::line(&format!("\n{}", style.strong("What stands out")))?;
        for finding in &page.findings {
            let sense = match finding.good {
                Some(true) => "better",
                Some(false) => "worse",
                None => "unlike",
            };
            let sentence = export::plain(&finding.sentence);
            out::line(&format!("  {} ({sense}): {sentence}", finding.place))?;
        }
    }
    if !page.out_of_reach.is_empty() {
        out::line(&format!("\n{}", style.strong("Out of reach, and what is missing")))?;
        for line in &page.out_of_reach {
            out::line(&format!("  {}", line.missing))?;
            out::line(&style.faint(&format!("    for {}", line.metrics.join(", "))))?;
        }
    }
    quality(page, style)
}

/// What there is to gain, how the KPIs stand, and how figures stand beside benchmarks.
fn position(page: &AuditPage, style: Style) -> Result<(), Failure> {
    out::line(&format!("\n{}", style.strong("Largest opportunities")))?;
    for (at, one) in page.opportunities.rows.iter().enumerate() {
        let worth = match &one.worth {
            Ok(money) => export::plain(money),
            Err(why) => format!("no price: {why}"),
        };
        out::line(&format!("  {}. {}: {worth}", at + 1, one.title))?;
        let step = export::plain(&format!("{}, {}", one.step, one.by));
        let brings = if one.brings.is_empty() { String::new() } else { format!(": {}", one.brings) };
        out::line(&format!("     {step}{}", export::plain(&brings)))?;
        for assumption in &one.assumptions {
            out::line(&style.faint(&format!("     - {assumption}")))?;
        }
    }
    if page.opportunities.hidden > 0 {
        out::line(&format!("  Not shown are {} smaller ones.", page.opportunities.hidden))?;
    }
    let opportunities = &page.opportunities;
    for note in
        [&opportunities.caution].into_iter().chain(&opportunities.prices).chain(&opportunities.left_out)
    {
        out::line(&style.faint(&format!("  {}", export::plain(note))))?;
    }
    if !page.targets.is_empty() {
        out::line(&format!("\n{}", style.strong("Beside own targets")))?;
        for one in &page.targets {
            let interval = judged::interval(one).map(|text| format!(" ({text})")).unwrap_or_default();
            out::line(&export::plain(&format!(
                "  {}, {}, {}: {}{interval}, n = {}, target {}: {}",
                one.kpi.label,
                one.place,
                judged::window(one),
                judged::value(one),
                out::thousands(one.cell.n),
                judged::target(one),
                judged::status(one)
            )))?;
        }
    }
    out::line(&format!("\n{}", style.strong("Beside benchmarks")))?;
    for note in &page.benchmarks.notes {
        out::line(&style.faint(&format!("  {note}")))?;
    }
    for one in &page.benchmarks.compared {
        let place = one.place.as_ref().map(|place| format!(", {place}")).unwrap_or_default();
        let interval = one.interval.as_ref().map(|text| format!(" ({text})")).unwrap_or_default();
        out::line(&export::plain(&format!(
            "  {}{place}: {}{interval}, n = {}, {}: others {}",
            one.label,
            one.own,
            out::thousands(one.n),
            one.standing,
            one.theirs
        )))?;
        out::line(&style.faint(&format!("    {} Source: {}.", one.said.join(" "), one.source)))?;
    }
    // Many are not compared for the same reason.
    let mut by_reason: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for one in &page.benchmarks.not_compared {
        by_reason.entry(&one.why).or_default().push(&one.label);
    }
    for (why, labels) in by_reason {
        out::line(&style.faint(&format!("  Not compared: {}. {why}", labels.join("; "))))?;
    }
    Ok(())
}

fn quality(page: &AuditPage, style: Style) -> Result<(), Failure> {
    out::line(&format!("\n{}", style.strong("Data")))?;
    for file in &page.files {
        out::line(&format!("  {}: {}", file.file, file.sentence))?;
        for note in &file.notes {
            out::line(&format!("    {note}"))?;
        }
        if !file.unused.is_empty() {
            out::line(&style.faint(&format!("    Not read: {}.", file.unused.join(", "))))?;
        }
    }
    for group in &page.quarantine {
        let lines: Vec<String> =
            group.samples.iter().take(MOST_LINES).map(|s| format!("{}:{}", s.file, s.line)).collect();
        let shown = u64::try_from(lines.len()).unwrap_or(u64::MAX);
        let more = if group.count > shown { ", ..." } else { "" };
        out::line(&format!(
            "  {} set aside as {}: {}{more}",
            out::counted(group.count, "record", "records"),
            group.reason,
            lines.join(", ")
        ))?;
    }
    if page.unmapped.is_empty() {
        return Ok(());
    }
    out::line(&format!("\n{}", style.strong("Result codes without a meaning")))?;
    out::line("Write what they mean into a file and name it with `--dispositions FILE`:")?;
    out::line("  [disposition]")?;
    for (code, calls) in page.unmapped.iter().take(MOST_CODES) {
        let key = serde_json::Value::from(code.as_str());
        out::line(&format!("  {key} = \"\"   # {}", out::counted(*calls, "call", "calls")))?;
    }
    if page.unmapped.len() > MOST_CODES {
        out::line(&format!("  # and {} more, in the report", page.unmapped.len() - MOST_CODES))?;
    }
    let words: Vec<&str> =
        dialmark_model::Outcome::ALL.into_iter().map(dialmark_model::Outcome::word).collect();
    out::line(&style.faint(&format!("A meaning is one of: {}.", words.join(", "))))
}
