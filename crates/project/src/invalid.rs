//! The refusal of a project: all its problems.

use std::fmt;

use dialmark_model::declared::{Problem, Problems, Severity};

use crate::Project;

/// A project that cannot be used, with every problem found in it, warnings included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// In the order of files and lines; at least one is an error.
    pub problems: Vec<Problem>,
}

impl Invalid {
    /// The project, if it was read and nothing in it is an error; warnings stay with it.
    pub(crate) fn unless_sound(project: Option<Project>, problems: Problems) -> Result<Project, Invalid> {
        let has_errors = problems.has_errors();
        let problems = problems.into_vec();
        match project {
            Some(project) if !has_errors => Ok(Project { warnings: problems, ..project }),
            _ => Err(Invalid { problems }),
        }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |severity| self.problems.iter().filter(|p| p.severity == severity).count();
        for problem in &self.problems {
            writeln!(out, "{problem}")?;
        }
        let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
        let plural = |n: usize| if n == 1 { "" } else { "s" };
        write!(out, "{errors} error{}, {warnings} warning{}.", plural(errors), plural(warnings))
    }
}

impl std::error::Error for Invalid {}
