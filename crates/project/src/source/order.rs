//! `after` and `lasting`: what a clock without a date leans on.

use dialmark_model::declared::{Section, nearest};
use dialmark_model::source::Field;
use dialmark_model::{Kind, Table};

/// Whether every `after` and `lasting` names a filled column of the right kind, and no time waits for itself.
pub(super) fn is_sound(columns: &Section<'_>, table: &Table, fields: &[Field]) -> bool {
    let mut sound = true;
    for field in fields {
        let here = Here { columns, table, fields, field };
        if field.kind != Kind::Instant {
            for (key, named) in [("after", &field.after), ("lasting", &field.lasting)] {
                if named.is_some() {
                    here.error(
                        key,
                        format!("`{key}` is for instants; `{}` is none.", field.column),
                        "Remove it.",
                    );
                    sound = false;
                }
            }
            continue;
        }
        if let Some(after) = &field.after {
            sound &= here.is_filled("after", after, Kind::Instant);
        }
        if let Some(lasting) = &field.lasting {
            sound &= here.is_filled("lasting", lasting, Kind::Duration);
            if field.after.is_none() {
                here.error(
                    "lasting",
                    "`lasting` says how long after another time this one is, but no `after` names that time."
                        .to_owned(),
                    "Add `after = \"started_at\"` or another instant of the source.",
                );
                sound = false;
            }
        }
        if waits_for_itself(field, fields) {
            here.error(
                "after",
                format!("`{}` comes after itself, directly or through others.", field.column),
                "Let the chain begin with a time that has its date.",
            );
            sound = false;
        }
    }
    sound
}

struct Here<'a> {
    columns: &'a Section<'a>,
    table: &'a Table,
    fields: &'a [Field],
    field: &'a Field,
}

impl Here<'_> {
    fn is_filled(&self, key: &str, named: &str, kind: Kind) -> bool {
        let Some(column) = self.table.columns.iter().find(|c| c.name == named) else {
            let of_kind = self.table.columns.iter().filter(|c| c.kind == kind).map(|c| c.name.as_ref());
            let help = match nearest(named, of_kind) {
                Some(near) => format!("Did you mean `{near}`?"),
                None => format!("Name a column of kind `{}`.", kind.word()),
            };
            self.error(key, format!("the table `{}` has no column `{named}`.", self.table.name), &help);
            return false;
        };
        if column.kind != kind {
            self.error(
                key,
                format!("`{named}` is of kind `{}`.", column.kind.word()),
                &format!("Name a column of kind `{}`.", kind.word()),
            );
            return false;
        }
        if !self.fields.iter().any(|f| f.column == named) {
            self.error(
                key,
                format!("this source does not fill `{named}`."),
                "Fill it, or name a column that the source fills.",
            );
            return false;
        }
        true
    }

    fn error(&self, key: &str, message: String, help: &str) {
        if let Some(section) = self.columns.section(&self.field.column) {
            section.error(key, message, Some(help.to_owned()));
        }
    }
}

fn waits_for_itself(field: &Field, fields: &[Field]) -> bool {
    let mut at = field;
    // As many steps as there are fields reach every field of the chain.
    for _ in fields {
        let Some(next) = at.after.as_deref().and_then(|after| fields.iter().find(|f| f.column == after))
        else {
            return false;
        };
        if next.column == field.column {
            return true;
        }
        at = next;
    }
    false
}
