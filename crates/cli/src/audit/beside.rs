//! What of the figures is beside benchmarks, for the report: what the work is, what is compared, what is not and why.

use dialmark_engine::Engine;
use dialmark_govern::Place;
use dialmark_govern::benchmark::{
    ANY_INDUSTRY, Benchmark, Comparison, Library, Profile, Profiles, Side, Standing, Word,
};
use dialmark_manage::Beside;
use dialmark_model::declared::nearest;
use dialmark_view::audit::{Benchmarks, Compared, NotCompared};
use dialmark_view::{format, judged};

use super::wording;
use crate::commands::benchmarks;
use crate::failure::Failure;

/// What somebody has said of the work on the command line.
#[derive(Debug, Clone, Default)]
pub struct Work {
    /// Name of the industry.
    pub industry: Option<String>,
    /// Name of the motion.
    pub motion: Option<String>,
    /// Country or region.
    pub geography: Option<String>,
}

/// The motion that records say themselves when all of their calls are outbound.
const OUTBOUND: &str = "outbound";

/// Settles of what kind the work is: as it was said on the command line, else as the project says, else as far as the
/// direction of the calls tells. Returns that in sentences.
pub async fn settle(engine: &Engine, library: &mut Library, work: &Work) -> Result<Vec<String>, Failure> {
    let vocabulary = &library.vocabulary;
    let industry =
        known("--industry", work.industry.as_deref(), &vocabulary.industries().collect::<Vec<_>>())?;
    let motion = known("--motion", work.motion.as_deref(), &vocabulary.motions().collect::<Vec<_>>())?;
    let is_said = industry.is_some() || motion.is_some() || work.geography.is_some();
    let mut said = Vec::new();
    if is_said {
        library.profiles = Profiles::stated(industry, motion, work.geography.clone());
    }
    let profile = library.profiles.of(&Place::centre());
    let directions = engine.top_values("calls", "direction", 2).await.unwrap_or_default();
    let all_outbound = matches!(directions.as_slice(), [(direction, _)] if direction == OUTBOUND);
    if profile.motion == Side::Unstated && all_outbound && (is_said || library.profiles.places().is_empty()) {
        let motion = library.vocabulary.motion(OUTBOUND).cloned();
        let industry = match &profile.industry {
            Side::One(word) => Some(word.clone()),
            Side::Unstated | Side::Several(_) => None,
        };
        library.profiles = Profiles::stated(industry, motion, profile.geography.clone());
        said.push(
            "All calls are outbound, so the work was taken as outbound calling; `--motion` names a narrower kind."
                .to_owned(),
        );
    }
    said.extend(unsaid(&library.profiles.of(&Place::centre())));
    Ok(said)
}

/// What is still to be said, so that more may be compared.
fn unsaid(profile: &Profile) -> Option<String> {
    let missing: Vec<&str> =
        [("industry", "`--industry`", &profile.industry), ("motion", "`--motion`", &profile.motion)]
            .into_iter()
            .filter(|(.., side)| **side == Side::Unstated)
            .map(|(_, option, _)| option)
            .collect();
    (!missing.is_empty()).then(|| {
        format!(
            "A figure is compared only with the same outcome over the same denominator, in the same industry and calling \
             motion. More may be compared once {} (or `[profile.NAME]` in `benchmarks/` of a project) says what the work is.",
            missing.join(" and ")
        )
    })
}

fn known(option: &str, name: Option<&str>, words: &[&Word]) -> Result<Option<Word>, Failure> {
    let Some(name) = name else { return Ok(None) };
    if let Some(word) = words.iter().find(|word| word.name == name) {
        return Ok(Some((*word).clone()));
    }
    let names: Vec<&str> = words.iter().map(|word| word.name.as_str()).collect();
    let help = match nearest(name, names.iter().copied()) {
        Some(near) => format!("Did you mean `{near}`?"),
        None => format!("Known are {}.", names.join(", ")),
    };
    Err(Failure::usage(format!("`{option} {name}` is not known. {help}")))
}

/// The comparisons for the page. A benchmark that may be compared somewhere is not among those that may not.
pub fn benchmarks(all: &[Beside<'_>], library: &Library, notes: Vec<String>) -> Benchmarks {
    let profile = library.profiles.of(&Place::centre());
    let sectors: Vec<&Word> = match &profile.industry {
        Side::One(word) => vec![word],
        Side::Several(words) => words.iter().collect(),
        Side::Unstated => Vec::new(),
    };
    let sectors: Vec<&Word> = sectors.into_iter().filter(|word| word.name != ANY_INDUSTRY).collect();
    // A range of healthcare is one of a hospital's, too.
    let is_of_sector = |benchmark: &Benchmark| {
        benchmark.industry.as_ref().is_some_and(|industry| {
            industry.name != ANY_INDUSTRY && sectors.iter().any(|sector| industry.covers(sector))
        })
    };
    let compared: Vec<Compared> =
        all.iter().filter_map(|one| made(one, is_of_sector(one.benchmark))).collect();
    let not_compared = library.benchmarks.values().filter_map(|benchmark| {
        let of_it: Vec<&Beside<'_>> = all.iter().filter(|one| one.benchmark.name == benchmark.name).collect();
        if of_it.iter().any(|one| matches!(one.comparison, Comparison::Made(_))) {
            return None;
        }
        // What stands in the way at a place of its own kind says more than that the centre is of several.
        let fewest = of_it.into_iter().min_by_key(|one| reasons(&one.comparison).len())?;
        let mut why = reasons(&fewest.comparison).into_iter();
        Some(NotCompared {
            label: benchmark.label.clone(),
            theirs: benchmark.stated(),
            why: why.next().unwrap_or_default(),
            more: why.collect(),
            is_of_sector: is_of_sector(benchmark),
        })
    });
    let labels: Vec<&str> = sectors.iter().map(|word| word.label.as_str()).collect();
    let sector = (!labels.is_empty()).then(|| labels.join(", "));
    Benchmarks { notes, sector, not_compared: not_compared.collect(), compared }
}

fn reasons(comparison: &Comparison) -> Vec<String> {
    match comparison {
        Comparison::Made(_) => Vec::new(),
        Comparison::NotMade(why) => why.iter().map(|one| one.sentence.clone()).collect(),
    }
}

fn made(one: &Beside<'_>, is_of_sector: bool) -> Option<Compared> {
    let (Comparison::Made(made), Some((asked, found))) = (&one.comparison, &one.own) else { return None };
    let (unit, currency) = (asked.unit, found.cell.currency.as_deref());
    let own = found.cell.value.as_ref().ok()?;
    let kind = one.benchmark.kind;
    Some(Compared {
        label: one.benchmark.label.clone(),
        place: wording::place(&one.place),
        own: format::figure(*own, unit, currency).to_string(),
        interval: found.interval().and_then(|interval| judged::interval_text(interval, unit, currency)),
        n: found.cell.n,
        theirs: format!("{} ({})", one.benchmark.stated().unwrap_or_default(), kind.word().replace('_', " ")),
        standing: benchmarks::word(made.standing),
        good: match made.standing {
            Standing::Better => Some(true),
            Standing::Worse => Some(false),
            Standing::Within if kind.is_warning() => Some(false),
            Standing::Within | Standing::Above | Standing::Below => None,
        },
        said: made.said.clone(),
        source: one.benchmark.source.clone(),
        is_of_sector,
    })
}
