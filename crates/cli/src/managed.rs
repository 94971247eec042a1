//! A project with what it promises.

use std::path::Path;

use dialmark_engine::Engine;
use dialmark_govern::{Governed, Place, place};
use dialmark_manage::Reach;
use dialmark_metrics::Catalogue;
use dialmark_model::declared::Severity;
use dialmark_project::Invalid;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::failure::Failure;
use crate::opened::Opened;

/// A project that can be managed with.
#[derive(Debug)]
pub struct Managed {
    /// What can be asked.
    pub opened: Opened,
    /// What is promised.
    pub governed: Governed,
}

impl Managed {
    /// The text of a file of the project.
    pub fn text_of(&self, path: &str) -> Option<&str> {
        let files = self.opened.project.govern_files.iter();
        files.filter(|file| file.path == path).map(|file| file.text.as_str()).next()
    }
}

/// Opens the project in `dir`, or the one that the current folder belongs to, with what it promises.
pub fn open(dir: Option<&Path>) -> Result<Managed, Failure> {
    with_promises(Opened::open(dir)?)
}

/// What a project that has been read promises.
pub fn with_promises(opened: Opened) -> Result<Managed, Failure> {
    let today = opened.project.centre.calendar().day_of(Timestamp::now());
    let (governed, problems) = dialmark_manage::governed(&opened.project, &opened.catalogue, today);
    if problems.iter().any(|problem| problem.severity == Severity::Error) {
        return Err(Invalid { problems }.into());
    }
    Ok(Managed { opened, governed })
}

/// The place that options such as `campaign_id=north` name.
pub fn place(options: &[String]) -> Result<Place, Failure> {
    options.iter().try_fold(Place::centre(), |place, text| match text.split_once('=') {
        Some((dimension, value)) => Ok(place.within(dimension.trim(), value.trim())),
        None => Err(Failure::usage(format!(
            "`--place {text}` should read `--place DIMENSION=VALUE`, such as `--place campaign_id=north`."
        ))),
    })
}

/// Dimensions from a list with commas; an agent may be called `agent` as well as `agent_id`.
pub fn dimensions(list: Option<&str>, catalogue: &Catalogue) -> Result<Vec<String>, Failure> {
    let names = list.iter().flat_map(|list| list.split(',')).map(str::trim);
    let known = |name: &str| {
        place::dimension(name, &|name| place::is_dimension(catalogue, name)).map_err(|near| {
            let help = near.map(|near| format!(" Did you mean `{near}`?")).unwrap_or_default();
            Failure::usage(format!("There is no dimension `{name}`.{help}"))
        })
    };
    names.filter(|name| !name.is_empty()).map(known).collect()
}

/// Up to when records reach, seen from the day that was named or the last one that has any.
pub async fn reach(engine: &Engine, on: Option<&str>) -> Result<Reach, Failure> {
    let reach = dialmark_manage::reach(engine, Timestamp::now()).await?;
    let reach =
        reach.ok_or_else(|| Failure::problem("The store has no records yet. Run `dialmark import`."))?;
    let Some(text) = on else { return Ok(reach) };
    let day: Date = text
        .parse()
        .map_err(|_| Failure::usage(format!("`--on {text}` is no day, such as `--on 2026-10-31`.")))?;
    reach
        .on(day, engine.calendar())
        .ok_or_else(|| Failure::usage(format!("`--on {text}` lies beyond the days that can be counted.")))
}
