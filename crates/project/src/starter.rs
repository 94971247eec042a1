//! The files of a new project. Lines of prose begin with `# `, examples with `#` alone, so that an example
//! is put to use by deleting one character a line.

use toml::Value;

use crate::{Centre, PROJECT_FILE, ProjectFile};

const SOURCES: &str = include_str!("starter/sources.toml");
const DISPOSITIONS: &str = include_str!("starter/dispositions.toml");
const METRICS: &str = include_str!("starter/metrics.toml");

pub(crate) fn files(centre: &Centre) -> Vec<ProjectFile> {
    vec![
        ProjectFile::new(PROJECT_FILE, project_file(centre)),
        ProjectFile::new("sources/dialler.toml", SOURCES),
        ProjectFile::new("dispositions/codes.toml", DISPOSITIONS),
        ProjectFile::new("metrics/own.toml", METRICS),
        ProjectFile::new(
            ".gitignore",
            "# The facts themselves; everything else here is worth keeping.\n/lake/\n# The key that hides telephone numbers: keep a copy in a safe place, never here.\n/lake.key\n",
        ),
    ]
}

/// The text of `dialmark.toml`.
pub(crate) fn project_file(centre: &Centre) -> String {
    let name = Value::from(centre.name());
    let zone = Value::from(centre.zone());
    let currency = match centre.currency() {
        Some(code) => format!("currency = {}", Value::from(code)),
        None => "#currency = \"GBP\"".to_owned(),
    };
    format!(
        "\
# Who the centre is.
[centre]
name     = {name}
# IANA time zone in which days run, for sources that name none.
zone     = {zone}
# ISO 4217 code of the centre's money.
{currency}
# Country of telephone numbers that are written without an international prefix (ISO 3166-1).
#country = \"GB\"
# When a business day begins, for shifts over midnight: what happens before belongs to the day before.
#day_starts = \"04:00\"
# The month with which the fiscal year begins.
#fiscal_year_starts = \"april\"

# Where imported facts are kept, relative to this file.
[store]
folder = \"lake\"
# The key under which telephone numbers are hidden; it is made when first needed, and must not be lost.
#key_file = \"lake.key\"
# Days for which figures can be asked as they were known then (`dialmark query --as-of`).
#keep_days = 90

# Days for which records stay, by table; older ones are let go of. Tables that are not named stay for ever.
#[retention]
#calls = 1095

# Which variant of a metric is meant when a query names none; `dialmark metrics show aht` lists them.
#[metrics]
#default = {{ aht = \"handle\" }}
"
    )
}
