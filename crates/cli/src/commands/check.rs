//! `dialmark check`: mistakes in a project, metrics in and out of reach, codes that nobody has mapped.

use std::path::Path;

use dialmark_govern::Governed;
use dialmark_metrics::catalogue::{Catalogue, Computable, Filled};
use dialmark_model::declared::{Problem, Severity};
use dialmark_model::source::Format;
use dialmark_project::Project;
use serde::Serialize;

use crate::failure::Failure;
use crate::opened::{self, Opened};
use crate::options::Shared;
use crate::out::{self, Style, TextOrJson};
use crate::runtime;

const EXAMPLES: &str = "\
Examples:
  dialmark check
  dialmark check --dir north-shore --format json

Says every mistake of the project at once, with file, line, key and a way out. For every metric it
says whether the columns at hand allow it and from which table, or which column is missing. Once
there are records it lists the disposition codes that no map knows. Exit code 1 on errors.";

/// Options of `dialmark check`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    shared: Shared,
}

#[derive(Debug, Default, Serialize)]
struct Findings {
    problems: Vec<Problem>,
    metrics: Vec<MetricLine>,
    cannot: Vec<Cannot>,
    unmapped: Vec<Unmapped>,
    unknown_agents: Vec<UnknownAgent>,
}

#[derive(Debug, Serialize)]
struct MetricLine {
    metric: String,
    variant: String,
    computable: bool,
    tables: Vec<String>,
    missing: Vec<String>,
}

/// What the system behind a source never says, where metrics are out of reach without it.
#[derive(Debug, Serialize)]
struct Cannot {
    source: String,
    pack: String,
    /// As `table.column`.
    column: String,
    why: String,
    /// Metrics and variants that lack it.
    metrics: Vec<String>,
}

/// An agent whom no roster knows.
#[derive(Debug, Serialize)]
struct UnknownAgent {
    agent_id: String,
    calls: u64,
}

#[derive(Debug, Serialize)]
struct Unmapped {
    code: String,
    calls: u64,
}

/// Checks the project and says what it found.
pub fn run(args: &Args) -> Result<(), Failure> {
    let findings = findings(&opened::folder(args.shared.dir.as_deref())?)?;
    match args.shared.format {
        TextOrJson::Json => out::json(&findings)?,
        TextOrJson::Text => say(&findings)?,
    }
    let has_errors = findings.problems.iter().any(|p| p.severity == Severity::Error);
    if has_errors { Err(Failure::Said) } else { Ok(()) }
}

fn findings(folder: &Path) -> Result<Findings, Failure> {
    let (project, mut problems) = Project::read(folder);
    let Some(project) = project else { return Ok(Findings { problems, ..Findings::default() }) };
    let (catalogue, more) = opened::catalogue_of(&project);
    problems.extend(more);
    let today = project.centre.calendar().day_of(jiff::Timestamp::now());
    let (governed, more) = dialmark_manage::governed(&project, &catalogue, today);
    problems.extend(more);
    let filled = opened::declared(&project);
    problems.extend(dialmark_manage::beyond_sources(&project, &catalogue, &governed, &filled));
    problems.sort_by(|a, b| (&a.file, a.line, &a.key).cmp(&(&b.file, b.line, &b.key)));
    if problems.iter().any(|p| p.severity == Severity::Error) {
        // What half a project could compute is no answer to what the whole one can.
        return Ok(Findings { problems, ..Findings::default() });
    }
    let opened = Opened { project, catalogue: catalogue.into(), warnings: Vec::new() };
    let Recorded { filled, unmapped, unknown_agents, unseen } =
        runtime::wait_for(from_records(&opened, &governed))?;
    problems.extend(unseen);
    let metrics = lines(&opened.catalogue, &filled);
    let cannot = cannot(&opened.project, &metrics);
    Ok(Findings { problems, metrics, cannot, unmapped, unknown_agents })
}

/// What records say of a project.
struct Recorded {
    filled: Filled,
    unmapped: Vec<Unmapped>,
    unknown_agents: Vec<UnknownAgent>,
    unseen: Vec<Problem>,
}

/// Columns that have values, codes that no map knows, agents whom no roster knows, places that no record knows. Without a
/// store, the declarations must do.
async fn from_records(opened: &Opened, governed: &Governed) -> Result<Recorded, Failure> {
    let Some(lake) = opened.lake_if_any().await? else {
        return Ok(Recorded {
            filled: opened.declared(),
            unmapped: Vec::new(),
            unknown_agents: Vec::new(),
            unseen: Vec::new(),
        });
    };
    let engine = opened.engine(lake);
    let unmapped = engine.unmapped().await?;
    let unmapped = unmapped.into_iter().map(|(code, calls)| Unmapped { code, calls }).collect();
    let unknown = engine.unknown_agents().await?;
    let unknown_agents =
        unknown.into_iter().map(|(agent_id, calls)| UnknownAgent { agent_id, calls }).collect();
    let unseen = dialmark_manage::unseen_places(&engine, governed).await?;
    Ok(Recorded { filled: engine.filled().await?, unmapped, unknown_agents, unseen })
}

fn lines(catalogue: &Catalogue, filled: &Filled) -> Vec<MetricLine> {
    catalogue
        .computable(filled)
        .into_iter()
        .map(|Computable { metric, variant, tables, missing }| MetricLine {
            metric,
            variant,
            computable: missing.is_empty(),
            tables,
            missing,
        })
        .collect()
}

/// What packs cannot give of what metrics lack.
fn cannot(project: &Project, metrics: &[MetricLine]) -> Vec<Cannot> {
    let mut all = Vec::new();
    for source in &project.sources {
        let Format::Pack { pack, stream } = &source.format else { continue };
        let streams = dialmark_packs::named(pack).map(|known| known.streams).unwrap_or_default();
        let Some(known) = streams.iter().find(|known| known.id == stream.as_str()) else { continue };
        for (column, why) in known.cannot {
            let column = format!("{}.{column}", source.table.name);
            let lacking = metrics.iter().filter(|line| line.missing.contains(&column));
            let metrics: Vec<String> =
                lacking.map(|line| format!("{}/{}", line.metric, line.variant)).collect();
            if !metrics.is_empty() {
                let (source, pack) = (source.name.clone(), pack.clone());
                all.push(Cannot { source, pack, column, why: (*why).to_owned(), metrics });
            }
        }
    }
    all
}

fn say(findings: &Findings) -> Result<(), Failure> {
    let style = Style::of_stdout();
    for problem in &findings.problems {
        let text = problem.to_string();
        out::line(&match text.strip_prefix("error:") {
            Some(rest) => format!("{}{rest}", style.bad("error:")),
            None => text,
        })?;
    }
    let errors = findings.problems.iter().filter(|p| p.severity == Severity::Error).count();
    if errors > 0 {
        return out::line(&format!(
            "{}. What can be computed is said once the project is sound.",
            out::counted(errors.try_into().unwrap_or(u64::MAX), "error", "errors")
        ));
    }
    let (reachable, others): (Vec<&MetricLine>, Vec<&MetricLine>) =
        findings.metrics.iter().partition(|line| line.computable);
    out::line(&style.strong(&format!("Can be computed ({})", reachable.len())))?;
    for line in reachable {
        out::line(&format!(
            "  {}  {}",
            name(line),
            style.faint(&format!("from {}", line.tables.join(", ")))
        ))?;
    }
    if !others.is_empty() {
        out::line(&style.strong(&format!("Out of reach ({})", others.len())))?;
        for line in others {
            out::line(&format!(
                "  {}  {}",
                name(line),
                style.faint(&format!("lacks {}", line.missing.join(", ")))
            ))?;
        }
    }
    if !findings.cannot.is_empty() {
        out::line(&style.strong("What your systems cannot give"))?;
        for cannot in &findings.cannot {
            let count = u64::try_from(cannot.metrics.len()).unwrap_or(u64::MAX);
            out::line(&format!(
                "  {}: `{}` ({}) does not say it: {}. Without it {} out of reach.",
                cannot.column,
                cannot.source,
                cannot.pack,
                cannot.why,
                match count {
                    1 => "1 definition is".to_owned(),
                    _ => format!("{count} definitions are"),
                },
            ))?;
        }
    }
    if findings.metrics.iter().flat_map(|line| &line.missing).any(|what| what.starts_with("bind.")) {
        out::line(
            "`bind.TABLE.MEASURE` is a line under `[bind.TABLE]` that says how to read the measure from your table.",
        )?;
    }
    if !findings.unmapped.is_empty() {
        out::line(&style.strong("Disposition codes that no map knows"))?;
        for code in &findings.unmapped {
            out::line(&format!("  {:<24} {}", code.code, out::counted(code.calls, "call", "calls")))?;
        }
        out::line(
            "Give them a meaning under [disposition] in a file of dispositions/; until then they count as calls and as nothing else.",
        )?;
    }
    if !findings.unknown_agents.is_empty() {
        out::line(&style.strong("Agents whom no roster knows"))?;
        for agent in &findings.unknown_agents {
            out::line(&format!("  {:<24} {}", agent.agent_id, out::counted(agent.calls, "call", "calls")))?;
        }
        out::line(
            "Their calls count; figures by team, site or tenure lack them until the table `agents` has them.",
        )?;
    }
    Ok(())
}

fn name(line: &MetricLine) -> String {
    format!("{:<48}", format!("{}/{}", line.metric, line.variant))
}
