//! Changing a project's declarations from a page: the same files that people write by hand.
//!
//! A change is tried out first: what would be wrong with the project then is said and nothing is written. Then it is noted in
//! the trail, with the text before and after, and only then the file is replaced, all of it or nothing. Whoever stops in
//! between leaves an entry for a change that did not happen, never a change that nobody made.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use dialmark_model::declared::{Problem as Mistake, Severity};
use dialmark_state::{Deed, Noted, Wanted};
use dialmark_view::form::{self, Sent};
use dialmark_view::pages::kpi_form::Change as Changed;
use dialmark_view::when;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::app::{App, Shared};
use crate::problem::Problem;

/// Changes that are shown.
const HISTORY: u32 = 20;

/// A file that is changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileChange {
    /// The file, below the project's folder, with `/`.
    pub path: String,
    /// What stood there when the change was thought out; `None` when there was no such file.
    pub before: Option<String>,
    /// What is to stand there.
    pub after: String,
}

/// A change of one or more files.
pub struct Change<'c> {
    /// The files.
    pub files: &'c [FileChange],
    /// What is done, for the trail, such as `kpi.changed`.
    pub did: &'c str,
    /// To what.
    pub subject: &'c str,
    /// The part of the text that is changed, before and after; for the trail.
    pub part: (Option<&'c str>, Option<&'c str>),
    /// Why.
    pub why: &'c str,
}

/// What became of a change.
pub enum Outcome {
    /// It is in force.
    Done,
    /// It would be wrong; sentences, nothing is written.
    Refused(Vec<String>),
}

/// The version of something that a form shows, so that it is known later whether it was changed in between.
pub fn version_of<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update(text.len().to_le_bytes());
        hash.update(text);
    }
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Whether what was typed was typed over what stands there now; else the form says so.
pub fn is_of_now(sent: &mut Sent, version: &str) -> bool {
    let is_of_now = sent.value(form::SEEN).is_none_or(|seen| seen == version);
    if !is_of_now {
        sent.refuse(
            "",
            "Somebody changed this since you opened it, see what was changed. Below stands what you typed: saved, it replaces \
             their change.",
        );
    }
    is_of_now
}

/// The text of a file of the project; `None` when there is none.
pub fn text_of(shared: &Shared, path: &str) -> Result<Option<String>, Problem> {
    match fs::read_to_string(shared.declarations().folder().join(path)) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Problem::bad(format!("`{path}` cannot be read: {error}."))),
    }
}

/// Mistakes that a change would bring and that are not there without it, and warnings about its files.
pub fn tried(shared: &Shared, files: &[FileChange]) -> (Vec<String>, Vec<String>) {
    let declarations = shared.declarations();
    let is_error = |mistake: &&Mistake| mistake.severity == Severity::Error;
    let known: Vec<String> = declarations.mistakes_with(&[]).iter().filter(is_error).map(said).collect();
    let texts: Vec<(String, String)> =
        files.iter().map(|file| (file.path.clone(), file.after.clone())).collect();
    let found = declarations.mistakes_with(&texts);
    let new = found.iter().filter(is_error).map(said).filter(|says| !known.contains(says)).collect();
    let is_here = |mistake: &&Mistake| files.iter().any(|file| file.path == mistake.file);
    let warnings = found.iter().filter(|m| m.severity != Severity::Error).filter(is_here).map(said).collect();
    (new, warnings)
}

/// A mistake without its line, which is another one after the change.
fn said(mistake: &Mistake) -> String {
    let key = if mistake.key.is_empty() { String::new() } else { format!("{}: ", mistake.key) };
    let help = mistake.help.as_ref().map(|help| format!(" {help}")).unwrap_or_default();
    format!("{key}{}{help}", mistake.message)
}

/// Makes a change, as the visitor of `app`.
pub async fn make(shared: &Shared, app: &App, change: &Change<'_>) -> Result<Outcome, Problem> {
    let _alone = shared.changing().await;
    for file in change.files {
        if text_of(shared, &file.path)? != file.before {
            return Ok(Outcome::Refused(vec![format!(
                "`{}` was changed by somebody else in between. Look at what stands there now, and make your change again.",
                file.path
            )]));
        }
    }
    let (mistakes, _) = tried(shared, change.files);
    if !mistakes.is_empty() {
        return Ok(Outcome::Refused(mistakes));
    }
    let (before, after) = change.part;
    let files: Vec<&str> = change.files.iter().map(|file| file.path.as_str()).collect();
    let detail = json!({ "files": files, "before": before, "after": after });
    let (by, did, subject, why) = (app.visitor.name.as_str(), change.did, change.subject, change.why);
    app.state.note(&Deed { by, did, subject, why, detail }).await?;
    for file in change.files {
        let path = shared.declarations().folder().join(&file.path);
        replace(&path, file.after.as_bytes()).map_err(|error| {
            Problem::bad(format!("`{}` cannot be written: {error}.", file.path))
                .helped("Let the program write into the project's folder, or change the file by hand.")
        })?;
    }
    match shared.reload() {
        Ok(()) => Ok(Outcome::Done),
        Err(sentences) => Err(Problem::bad(format!(
            "The change is written, but the project cannot be read any more: {}",
            sentences.join(" ")
        ))),
    }
}

/// Changes that were made by form, the latest first: deeds that begin so, of one thing or of all.
pub async fn history(app: &App, did: &str, subject: Option<&str>) -> Result<Vec<Changed>, Problem> {
    let wanted =
        Wanted { did: Some(did.to_owned()), subject: subject.map(str::to_owned), ..Wanted::default() };
    let (noted, _) = app.state.trail(&wanted, 0, HISTORY).await?;
    let zone = app.centre.time_zone();
    let changed = |noted: Noted| {
        let part = |key: &str| noted.detail.get(key).and_then(|value| value.as_str()).map(str::to_owned);
        Changed {
            at: when::instant(noted.at, zone),
            before: part("before"),
            after: part("after"),
            by: noted.by,
            why: noted.why,
        }
    };
    // What is wanted holds the name; only what has it is the thing's own.
    let is_own = |noted: &Noted| subject.is_none_or(|subject| noted.subject == subject);
    Ok(noted.into_iter().filter(is_own).map(changed).collect())
}

/// Replaces a file, so that whoever reads it finds the old text or the new one, also after a power cut.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().ok_or_else(|| io::Error::other("the file is in no folder"))?;
    fs::create_dir_all(folder)?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let beside = folder.join(format!(".{name}.new"));
    let mut file = File::create(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    // The name is on disk once its folder is.
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kpis").join("own.toml");
        replace(&path, b"a").unwrap();
        replace(&path, b"b").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "b");
        assert_eq!(fs::read_dir(folder.path().join("kpis")).unwrap().count(), 1);
    }
}
