//! `pack = "..."`: records of a known system. The pack says how they are read; the project says where they are, in which
//! zone, and what only it can know.

use dialmark_model::declared::{Document, Problems, Section, nearest};
use dialmark_model::source::{Field, Format, From, Source};
use dialmark_packs::{Pack, Stream};

use super::{
    Pulled, Usual, field, find_table, identity, order, patterns_are_sound, pull, pulled, read_fields,
    report_unknown_column, webhook, webhook_of,
};
use crate::names::{self, Names, quoted};
use crate::own_table::Tables;

/// One source a stream of the pack.
pub(super) fn read(
    name: &str,
    section: &Section<'_>,
    usual: Usual<'_>,
    tables: &Tables,
    names: &mut Names,
) -> Vec<Source> {
    let sound_name = names::is_sound(section, "", name);
    let chosen = section.text("pack").and_then(|id| find_pack(section, &id));
    let files = section.texts("files");
    let sound_files = patterns_are_sound(section, &files);
    let zone = usual.zone_of(section);
    let country = usual.country_of(section);
    let columns = if section.has("columns") { section.section("columns") } else { None };
    let pulled = pulled(section);
    let webhook = webhook_of(section);
    section.finish();
    let (true, true, Some((pack, streams))) = (sound_name, sound_files, chosen) else { return Vec::new() };
    let pulls = match pulled {
        Pulled::Broken => return Vec::new(),
        Pulled::No => None,
        Pulled::From(declared) => Some(declared),
    };
    let Some(webhook) = webhook else { return Vec::new() };
    if !is_read_as_it_can_be(section, pack, streams, pulls.as_deref())
        || (webhook.is_some() && !webhook::fits_pack(section, pack, streams))
    {
        return Vec::new();
    }

    let mut sources: Vec<(Source, &Stream)> = Vec::new();
    for (number, stream) in streams.iter().enumerate() {
        let own_name = if number == 0 { name.to_owned() } else { format!("{name}_{}", stream.id) };
        if number > 0 && !names.note(section, "", "source", &own_name) {
            continue;
        }
        let source = of_stream(pack, stream, tables);
        if let (Some(source), Some(zone)) = (source, &zone) {
            let declared_in = section.file().to_owned();
            let pull = pulls.as_deref().zip(stream.pull).map(|(declared, pull)| declared.of_pack(pull));
            sources.push((
                Source {
                    name: own_name,
                    files: files.clone(),
                    pull,
                    webhook: webhook.clone(),
                    zone: zone.clone(),
                    country: country.clone(),
                    declared_in,
                    ..source
                },
                stream,
            ));
        }
    }
    if let Some(columns) = columns {
        take_own(&columns, pack, streams, &mut sources);
        for (source, _) in &sources {
            order::is_sound(&columns, &source.table, &source.fields);
        }
    }
    sources.into_iter().map(|(source, _)| source).collect()
}

/// A pack and the streams of it that are wanted: `vicidial` is all of them, `vicidial/calls` one.
fn find_pack(section: &Section<'_>, id: &str) -> Option<(&'static Pack, &'static [Stream])> {
    let (name, stream) = id.split_once('/').map_or((id, None), |(name, stream)| (name, Some(stream)));
    let Some(pack) = dialmark_packs::named(name) else {
        let known = || dialmark_packs::ALL.iter().map(|pack| pack.id);
        let help = match nearest(name, known()) {
            Some(near) => format!("Did you mean `{near}`?"),
            None => format!("There are {}. `dialmark packs list` says what each reads.", quoted(known())),
        };
        section.error("pack", format!("there is no pack `{name}`."), Some(help));
        return None;
    };
    let Some(stream) = stream else { return Some((pack, pack.streams)) };
    let found = pack.streams.iter().position(|known| known.id == stream);
    let streams = found.and_then(|at| pack.streams.get(at..=at));
    if streams.is_none() {
        let known = quoted(pack.streams.iter().map(|stream| stream.id));
        let message = format!("the pack `{name}` has no stream `{stream}`.");
        section.error("pack", message, Some(format!("It has {known}.")));
    }
    streams.map(|streams| (pack, streams))
}

/// Whether a pack that reads tables is given a database, and one that reads files is not.
fn is_read_as_it_can_be(
    section: &Section<'_>,
    pack: &Pack,
    streams: &[Stream],
    pull: Option<&pull::Declared>,
) -> bool {
    let id = pack.id;
    let reads_tables = streams.iter().all(|stream| stream.pull.is_some());
    let (key, message, help) = match pull {
        Some(_) if !reads_tables => {
            ("pull", format!("the pack `{id}` reads files, not a database."), "Name its files under `files`.")
        }
        None if reads_tables => (
            "pack",
            format!("the pack `{id}` reads the tables of a database, and nothing says where that is."),
            "Add `[source.NAME.pull]` with `database = \"mysql://USER@HOST/DATABASE\"`.",
        ),
        Some(pull) if streams.len() > 1 && pull.is_of_one_stream() => (
            "pull",
            "`from`, `query`, `cursor` and `look_back` are of one stream, and the pack has several."
                .to_owned(),
            "Make a source of each: `pack = \"PACK/STREAM\"`.",
        ),
        _ => return true,
    };
    section.error(key, message, Some(help.to_owned()));
    false
}

/// A stream as its pack maps it, without name, files and zone.
fn of_stream(pack: &Pack, stream: &Stream, tables: &Tables) -> Option<Source> {
    // A mistake in it is ours, and a test finds it.
    let problems = Problems::new();
    let document = Document::parse(&format!("pack {}", pack.id), stream.mapping, &problems)?;
    let root = document.root(&problems);
    let (_, section) = root.named_sections("source").into_iter().next()?;
    let table = find_table(&section, &section.text("table")?, tables)?;
    let identity = identity::read(&section)?;
    let fields = read_fields(&section.section("columns")?, table)?;
    Some(Source {
        name: String::new(),
        table: table.clone(),
        files: Vec::new(),
        pull: None,
        webhook: None,
        format: Format::Pack { pack: pack.id.to_owned(), stream: stream.id.to_owned() },
        country: None,
        zone: String::new(),
        identity,
        fields,
        declared_in: String::new(),
    })
}

/// Columns that the project fills itself, from what the pack's records say or from a constant: in every stream that can.
fn take_own(columns: &Section<'_>, pack: &Pack, streams: &[Stream], sources: &mut [(Source, &Stream)]) {
    columns.has_free_keys();
    for name in columns.keys() {
        let with_column = |source: &Source| source.table.columns.iter().any(|column| column.name == name);
        let Some(first) =
            sources.iter().find(|(source, _)| with_column(source)).map(|(source, _)| source.table.clone())
        else {
            if let Some((source, _)) = sources.first() {
                report_unknown_column(columns, name, &source.table);
            }
            continue;
        };
        let Some(own) =
            first.columns.iter().find(|c| c.name == name).and_then(|column| field::read(columns, column))
        else {
            continue;
        };
        let mut taken = false;
        for (source, stream) in sources.iter_mut().filter(|(source, _)| with_column(source)) {
            if texts_of(&own).iter().all(|text| stream.columns.contains(&text.as_str())) {
                source.fields.retain(|field| field.column != name);
                source.fields.push(own.clone());
                let place =
                    |field: &Field| source.table.columns.iter().position(|c| c.name == field.column.as_str());
                source.fields.sort_by_key(place);
                taken = true;
            }
        }
        if !taken {
            let known = streams.iter().flat_map(|stream| stream.columns).copied();
            let strange =
                texts_of(&own).iter().find(|text| !known.clone().any(|known| known == text.as_str()));
            let message = match strange {
                Some(strange) => format!("the records of the pack `{}` have no text `{strange}`.", pack.id),
                None => format!("no records of the pack `{}` have all of these texts together.", pack.id),
            };
            let help = strange.and_then(|strange| nearest(strange, known)).map_or_else(
                || format!("`dialmark packs show {}` lists them.", pack.id),
                |near| format!("Did you mean `{near}`?"),
            );
            columns.error(name, message, Some(help));
        }
    }
}

fn texts_of(field: &Field) -> &[String] {
    match &field.from {
        From::Column(name) => std::slice::from_ref(name),
        From::Joined(names, _) => names,
        From::Constant(_) => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mapping_of_every_pack_is_one() {
        let tables = Tables::default();
        for pack in dialmark_packs::ALL {
            for stream in pack.streams {
                let problems = Problems::new();
                let document = Document::parse("pack", stream.mapping, &problems).unwrap();
                let root = document.root(&problems);
                for (_, section) in root.named_sections("source") {
                    let table = find_table(&section, &section.text("table").unwrap(), &tables).unwrap();
                    assert!(identity::read(&section).is_some());
                    read_fields(&section.section("columns").unwrap(), table);
                    section.finish();
                }
                root.finish();
                let all: Vec<String> = problems.into_vec().iter().map(ToString::to_string).collect();
                assert!(all.is_empty(), "{}/{}: {all:?}", pack.id, stream.id);
                assert!(of_stream(pack, stream, &tables).is_some(), "{}/{}", pack.id, stream.id);
            }
        }
    }
}
