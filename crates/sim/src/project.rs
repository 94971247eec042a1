//! The project folder of the simulated centre: how its exports are read, what its codes mean, what it has promised.
//!
//! The same files that a user would write; nothing of the simulator reaches the product by another way. How exports are
//! read and what codes mean is that of `examples/provider`, which has much more to promise than a demo that is to be
//! looked through in three minutes.

use crate::plan::Plan;
use crate::story::Story;

/// Files of the project, as path relative to its folder and text.
pub fn project_files(plan: &Plan) -> Vec<(String, String)> {
    let seed = format!(
        "# Seed {}, {} days up to {} {}, {} calls a day.\n",
        plan.seed,
        plan.days,
        plan.end,
        plan.until.strftime("%H:%M"),
        plan.calls_per_day
    );
    let contract = include_str!("../project/contracts/brightwatt.toml")
        .replace("{outage}", &Story::of(plan.end).outage.to_string())
        .replace("{agreed}", &plan.end.to_string());
    let mut files: Vec<(String, String)> = [
        ("dialmark.toml", include_str!("../project/dialmark.toml")),
        ("people/people.toml", include_str!("../project/people/people.toml")),
        ("kpis/centre.toml", include_str!("../project/kpis/centre.toml")),
        ("scorecards/centre.toml", include_str!("../project/scorecards/centre.toml")),
        ("contracts/brightwatt.toml", contract.as_str()),
        ("rules/calling.toml", include_str!("../../../examples/provider/rules/calling.toml")),
        ("sources/dialler.toml", include_str!("../../../examples/provider/sources/dialler.toml")),
        ("sources/customers.toml", include_str!("../../../examples/provider/sources/customers.toml")),
        ("sources/data.toml", include_str!("../../../examples/provider/sources/data.toml")),
        ("sources/collections.toml", include_str!("../../../examples/provider/sources/collections.toml")),
        ("sources/people.toml", include_str!("../../../examples/provider/sources/people.toml")),
        ("dispositions/dialler.toml", include_str!("../../../examples/provider/dispositions/dialler.toml")),
    ]
    .into_iter()
    .map(|(path, text)| (path.to_owned(), text.to_owned()))
    .collect();
    if let Some((_, text)) = files.first_mut() {
        text.insert_str(0, &seed);
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::Status;
    use crate::stream::Stream;
    use dialmark_model::declared::{Document, Problems, Value};
    use dialmark_model::{Outcome, facts};

    struct Declared {
        name: String,
        table: String,
        files: Vec<String>,
        /// Columns of the table with the source columns that each is read from.
        columns: Vec<(String, Vec<String>)>,
    }

    fn sources() -> Vec<Declared> {
        let problems = Problems::new();
        let mut found = Vec::new();
        for (path, text) in project_files(&Plan::default()) {
            let document = Document::parse(&path, &text, &problems).unwrap_or_else(|| panic!("{path}"));
            for (name, section) in document.root(&problems).named_sections("source") {
                let columns = section.section("columns").unwrap();
                let columns = columns
                    .keys()
                    .map(|column| {
                        let from = match &columns.node(column).unwrap().value {
                            Value::Text(text) => vec![text.clone()],
                            _ => columns.section(column).unwrap().texts("from"),
                        };
                        (column.to_owned(), from)
                    })
                    .collect();
                let table = section.text("table").unwrap();
                found.push(Declared { name, table, files: section.texts("files"), columns });
            }
        }
        assert!(problems.into_vec().is_empty());
        found
    }

    #[test]
    fn every_stream_is_mapped_and_every_mapping_names_columns_that_exist() {
        let sources = sources();
        assert_eq!(sources.len(), Stream::ALL.len());
        for stream in Stream::ALL {
            let declared =
                sources.iter().find(|s| s.name == stream.source()).unwrap_or_else(|| panic!("{stream:?}"));
            let Declared { table, files, columns, .. } = declared;
            assert_eq!(table, stream.table());
            assert_eq!(files, &[stream.files()]);
            let fact = facts::table(table).unwrap();
            for (column, from) in columns {
                assert!(fact.column(column).is_some(), "{table}.{column} does not exist");
                for source in from {
                    assert!(stream.header().contains(&source.as_str()), "{stream:?} has no `{source}`");
                }
            }
            let stem = stream.files().replace('*', "2026-11-16");
            assert_eq!(stream.file(jiff::civil::date(2026, 11, 18), false), stem);
        }
    }

    #[test]
    fn the_map_knows_every_code_but_the_new_one() {
        let problems = Problems::new();
        let files = project_files(&Plan::default());
        let (path, text) = files.last().unwrap();
        let document = Document::parse(path, text, &problems).unwrap();
        let map = document.root(&problems).section("disposition").unwrap();
        let meaning = |code: &str| Some(map.section(code)?.text("means").unwrap());
        for status in [
            Status::Sale,
            Status::Appointment,
            Status::Promise,
            Status::NotInterested,
            Status::Callback,
            Status::DoNotCall,
            Status::WrongPerson,
            Status::Dropped,
            Status::HungUp,
            Status::Machine,
            Status::NoAnswer,
            Status::Busy,
            Status::BusyAuto,
            Status::Invalid,
        ] {
            let outcome = Outcome::from_word(&meaning(status.code()).unwrap()).unwrap();
            assert_eq!(outcome.is_contact(), status.is_contact(), "{status:?}");
            assert_eq!(outcome.is_right_party(), status.is_right_party(), "{status:?}");
            assert_eq!(outcome.is_live_answer(), status.is_live(), "{status:?}");
            assert_eq!(outcome.is_success(), status.is_success(), "{status:?}");
        }
        assert_eq!(meaning(Status::NewCode.code()), None);
    }
}
