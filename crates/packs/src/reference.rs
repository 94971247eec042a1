//! The reference of the packs, in Markdown.

use crate::{ALL, Pack, Stream};

/// One page: what each pack reads, how it is known what that means, and what it cannot give.
pub fn page() -> String {
    let mut text = "# Packs\n\n\
         A pack reads what a known system writes. A source names it instead of a mapping:\n\n\
         ```toml\n[source.switch]\npack  = \"asterisk_cdr\"\nfiles = [\"cdr-csv/Master.csv\"]\nzone  = \"Europe/London\"\n\
         [source.switch.columns]            # what only this centre can know\n\
         direction = { from = \"dcontext\", values = { from-internal = \"outbound\", from-trunk = \"inbound\" } }\n```\n\n\
         Columns that the project fills take the place of the pack's; they read the pack's texts or are constants. A pack with \
         several streams makes a source of each: the first has the name that you give, a further one has the stream's name \
         behind it.\n\n\
         **How a column is known**: from a *real sample* that a system wrote, from *vendor documentation*, or *assumed*. Look \
         at a day of your own beside the system's report before pay hangs on it.\n\n\
         | pack | reads | tables |\n|---|---|---|\n"
        .to_owned();
    for pack in ALL {
        let tables: Vec<&str> = pack.streams.iter().map(|stream| stream.id).collect();
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
    let mut text = format!("\n### {}\n\n| column | known from |\n|---|---|\n", stream.id);
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
