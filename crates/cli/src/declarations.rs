//! A project's declarations as what is served: read, and read anew when a page changed them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use dialmark_govern::Governed;
use dialmark_govern::alert::{Channel, Way};
use dialmark_lake::Lake;
use dialmark_model::DispositionMap;
use dialmark_model::declared::{Problem, Severity};
use dialmark_project::{Project, ProjectFile};
use dialmark_server::{Declarations, Declared, Hooked, Intake, Keep, Promises, Ways};
use jiff::Timestamp;

use crate::opened::{Opened, catalogue_of};

/// What is declared now. Mistakes in what is promised are shown on pages; figures are served all the same.
pub fn in_force(opened: &Opened, lake: Lake) -> Declared {
    let (governed, problems) = dialmark_manage::governed(
        &opened.project,
        &opened.catalogue,
        opened.project.centre.calendar().day_of(Timestamp::now()),
    );
    let is_error = |problem: &&Problem| problem.severity == Severity::Error;
    let problems: Vec<String> = problems.iter().filter(is_error).map(ToString::to_string).collect();
    let files =
        opened.project.govern_files.iter().map(|file| (file.path.clone(), file.text.clone())).collect();
    let own_sources = opened.project.own_sources.clone();
    let ways = ways(&opened.project, &governed);
    let promises = match problems.is_empty() {
        true => Promises { governed, problems, files, own_sources },
        // Half of what was promised is not what was promised.
        false => Promises { problems, files, own_sources, ..Promises::default() },
    };
    let keep = Keep { states_days: opened.project.keep_days, records_days: opened.project.retention.clone() };
    let intake = Intake { sources: opened.project.sources.clone(), keep };
    Declared { engine: opened.engine(lake), centre: opened.project.centre.clone(), promises, intake, ways }
}

/// By which ways something leaves.
pub fn ways(project: &Project, governed: &Governed) -> Ways {
    let hooked = |(name, channel): (&String, &Channel)| {
        let signed_with = match &channel.way {
            Way::Hook { secret, .. } => Some(secret.clone()),
            Way::Mail(_) | Way::Slack { .. } | Way::Teams { .. } => None,
        };
        let url = channel.way.url()?.clone();
        Some((name.clone(), Hooked { url, signed_with }))
    };
    let hooks: BTreeMap<String, Hooked> = governed.channels.iter().filter_map(hooked).collect();
    Ways { mail: project.mail.clone(), hooks, folder: project.folder.clone() }
}

/// The files of a project.
pub struct Files {
    folder: PathBuf,
    lake: Lake,
}

impl Files {
    /// Those of an open project.
    pub fn of(opened: &Opened, lake: Lake) -> Files {
        Files { folder: opened.project.folder.clone(), lake }
    }
}

impl Files {
    /// The project, had these files these texts, and what is wrong with it.
    fn with(&self, files: &[(String, String)]) -> (Option<Project>, Vec<Problem>) {
        let files: Vec<ProjectFile> =
            files.iter().map(|(path, text)| ProjectFile::new(path.as_str(), text.as_str())).collect();
        Project::read_with(&self.folder, &files)
    }
}

impl Declarations for Files {
    fn read(&self) -> Result<Declared, Vec<String>> {
        let opened = Project::load(&self.folder).and_then(Opened::load);
        let opened =
            opened.map_err(|invalid| invalid.problems.iter().map(ToString::to_string).collect::<Vec<_>>())?;
        Ok(in_force(&opened, self.lake.clone()))
    }

    fn stamp(&self) -> u64 {
        Project::stamp(&self.folder)
    }

    fn mistakes_with(&self, files: &[(String, String)]) -> Vec<Problem> {
        let (project, mut problems) = self.with(files);
        if let Some(project) = project {
            let (catalogue, of_metrics) = catalogue_of(&project);
            let today = project.centre.calendar().day_of(Timestamp::now());
            let (_, of_promises) = dialmark_manage::governed(&project, &catalogue, today);
            problems.extend(of_metrics.into_iter().chain(of_promises));
        }
        problems
    }

    fn dispositions_with(&self, files: &[(String, String)]) -> Option<DispositionMap> {
        self.with(files).0.map(|project| project.dispositions)
    }

    fn folder(&self) -> &Path {
        &self.folder
    }
}
