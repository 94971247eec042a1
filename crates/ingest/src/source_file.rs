//! Opens a file as its mapping says, as a stream of records.

use std::io::{BufRead, BufReader, Read};

use dialmark_model::source::{Format, Source};

use crate::error::Failure;
use crate::pinned::Pinned;
use crate::records::{Csv, JsonLines, Packed, ParquetRows, Records, SheetRows, instead_of_text, wrapping};
use crate::rows::wanted_columns;
use crate::text;

/// The records of a file under a mapping.
pub fn open(pinned: &Pinned, source: &Source) -> Result<Box<dyn Records + Send>, Failure> {
    match &source.format {
        Format::Csv { delimiter, quote, encoding, header } => {
            let text = text_of(pinned, encoding.as_deref())?;
            Ok(Box::new(Csv::open(text, *delimiter, *quote, *header)?))
        }
        Format::JsonLines => {
            let text = text_of(pinned, None)?;
            Ok(Box::new(JsonLines::open(text, wanted_columns(source))))
        }
        Format::Pack { pack, stream } => {
            let known = dialmark_packs::named(pack).and_then(|pack| Some((pack, pack.stream(stream)?)));
            let Some((pack, stream)) = known else {
                return Err(Failure(format!("there is no pack `{pack}` with a stream `{stream}`.")));
            };
            Ok(Box::new(Packed::open(text_of(pinned, None)?, pack.input, stream)?))
        }
        Format::Parquet => {
            let all = ParquetRows::columns_of(pinned.file()?)?;
            let wanted = wanted_columns(source);
            all.find_all(&wanted).map_err(Failure)?;
            let wanted: Vec<&String> =
                wanted.iter().filter_map(|name| all.names().get(all.find(name).ok()?)).collect();
            Ok(Box::new(ParquetRows::open(pinned.file()?, |name| wanted.iter().any(|w| *w == name))?))
        }
        Format::Xlsx { sheet } => {
            let file = BufReader::new(pinned.file()?);
            Ok(Box::new(SheetRows::open(file, sheet.as_deref(), &wanted_columns(source))?))
        }
    }
}

pub(crate) fn text_of(
    pinned: &Pinned,
    encoding: Option<&str>,
) -> Result<impl BufRead + Send + use<>, Failure> {
    let mut head = Vec::new();
    pinned.reader()?.take(4).read_to_end(&mut head)?;
    if let Some(wrapping) = wrapping(&head) {
        return Err(instead_of_text(wrapping, BufReader::new(pinned.file()?)));
    }
    let (mut text, _) = text::open(pinned.reader()?, encoding)?;
    if text.fill_buf()?.starts_with(b"PAR1") {
        return Err(Failure::new("this is a Parquet file. Write `format = \"parquet\"` in its mapping."));
    }
    Ok(text)
}
