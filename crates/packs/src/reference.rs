//! The reference of the packs, in Markdown.

use crate::{ALL, LookBack, Pack, Pull, Stream};

/// One page: what each pack reads, how it is known what that means, and what it cannot give.
pub fn page() -> String {
    let mut text = "# Packs\n\n\
         A pack reads what a known system writes. A source names it instead of a mapping:\n\n\
         ```toml\n[source.switch]\npack  = \"asterisk_cdr\"\nfiles = [\"cdr-csv/Master.csv\"]\nzone  = \"Europe/London\"\n\
         [source.switch.columns]            # what only this centre can know\n\
         direction = { from = \"dcontext\", values = { from-internal = \"outbound\", from-trunk = \"inbound\" } }\n```\n\n\
         Columns that the project fills take the place of the pack's; they read the pack's texts or are constants. A pack with \
         several streams makes a source of each: the first has the name that you give, a further one has the stream's name \
         behind it; `pack = \"NAME/STREAM\"` takes one of them.\n\n\
         A pack that reads **tables** is told where the database is, and brings its own queries ([how it pulls](../pull.md)):\n\n\
         ```toml\n[source.dialler]\npack = \"vicidial/calls\"\nzone = \"America/New_York\"          # the server's\n\
         [source.dialler.pull]\ndatabase     = \"mysql://reader@replica/asterisk\"\npassword_env = \"DIALLER_PASSWORD\"\n```\n\n\
         **How a column is known**: from a *real sample* that a system wrote, from *vendor documentation*, or *assumed*. Look \
         at a day of your own beside the system's report before pay hangs on it.\n\n\
         | pack | reads | tables |\n|---|---|---|\n"
        .to_owned();
    for pack in ALL {
        let mut tables: Vec<&str> = pack.streams.iter().map(Stream::table).collect();
        tables.dedup();
        text += &format!("| [`{}`](#{}) | {} | {} |\n", pack.id, pack.id, pack.label, tables.join(", "));
    }
    for pack in ALL {
        text += &of_pack(pack);
    }
    text
}

fn of_pack(pack: &Pack) -> String {
    let mut text = format!("\n## {}\n\n{}: {}\n\n", pack.id, pack.label, pack.about);
    for trap in pack.traps {
        text += &format!("- {trap}\n");
    }
    for stream in pack.streams {
        text += &of_stream(stream);
    }
    text
}

fn of_stream(stream: &Stream) -> String {
    let mut text = format!("\n### {}\n\n", stream.id);
    if let Some(pull) = stream.pull {
        text += &format!("{}\n\n", of_pull(stream, pull));
    }
    text += "| column | known from |\n|---|---|\n";
    for (known, columns) in stream.known {
        text += &format!("| `{}` | {} |\n", columns.join("`, `"), known.word());
    }
    text += "\n| cannot give | because |\n|---|---|\n";
    for (column, why) in stream.cannot {
        text += &format!("| `{column}` | {why} |\n");
    }
    let all: Vec<String> = stream.columns.iter().map(|name| format!("`{name}`")).collect();
    text += &format!("\nTexts for columns of your own: {}.\n", all.join(", "));
    text
}

/// Which tables are read, by which column, and how far back.
fn of_pull(stream: &Stream, pull: &Pull) -> String {
    let listed = |names: &[&str]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let back = match pull.look_back {
        LookBack::Hours(hours) => format!("{hours} hours before the last row are read again each time"),
        LookBack::Count(count) => format!("{count} numbers before the last row are read again each time"),
    };
    let mut text = format!(
        "From {} to the table `{}`, in the order of {}; {back}.",
        listed(pull.tables),
        stream.table(),
        pull.cursor.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ")
    );
    if pull.context_hours > 0 {
        text += &format!(
            " The first {} of them only say what was going on, and nothing that began in them is told again.",
            pull.context_hours
        );
    }
    let lookups: Vec<&str> = pull.lookups.iter().flat_map(|lookup| lookup.tables).copied().collect();
    if !lookups.is_empty() {
        text += &format!(" Looked into by key: {}.", listed(&lookups));
    }
    if !pull.may_lack.is_empty() {
        text += &format!(" Columns that may lack: {}.", listed(pull.may_lack));
    }
    text
}
