//! What alerts need and other declarations do not give: a mail server, a source of the name.

use dialmark_govern::Governed;
use dialmark_govern::alert::{Watch, Way};
use dialmark_model::declared::{Problem, Problems, Severity, nearest};
use dialmark_project::Project;

/// Reports what would keep an alert from being looked at, or from being told: it would be missed when it is needed.
pub(crate) fn check_declared(project: &Project, governed: &Governed, problems: &Problems) {
    for channel in governed.channels.values().filter(|channel| matches!(channel.way, Way::Mail(_))) {
        if project.mail.is_none() {
            let help = "Add `[mail]` with `host` and `from` to dialmark.toml.".to_owned();
            let place = (channel.declared_in.as_str(), channel.line, format!("channel.{}", channel.name));
            error(problems, place, "no mail server is declared, so no letter leaves.".to_owned(), help);
        }
    }
    for alert in governed.alerts.values() {
        let Watch::Gap { source: Some(source), .. } = &alert.watch else { continue };
        let names = || project.sources.iter().map(|source| source.name.as_str());
        if names().any(|name| name == source) {
            continue;
        }
        let help = match nearest(source, names()) {
            Some(near) => format!("Did you mean `{near}`?"),
            None => "Sources are declared in `sources/`.".to_owned(),
        };
        let place = (alert.declared_in.as_str(), alert.line, format!("alert.{}.source", alert.name));
        error(problems, place, format!("there is no source `{source}`."), help);
    }
}

fn error(problems: &Problems, (file, line, key): (&str, usize, String), message: String, help: String) {
    problems.push(Problem {
        severity: Severity::Error,
        code: None,
        file: file.to_owned(),
        line,
        key,
        message,
        help: Some(help),
    });
}
