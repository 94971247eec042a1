//! The archive that a workbook is, measured before anything of it is read: a few kilobytes can unpack to more than any
//! machine has.
//!
//! What an archive says of its sizes need not be true, so everything is unpacked once and thrown away.

use std::io::{Read, Seek, SeekFrom};

use zip::ZipArchive;
use zip::result::ZipError;

use crate::error::Failure;
use dialmark_lake::quiet;

/// Most texts that this table may announce: room for them is made before the first is read.
const MAX_TEXT_COUNT: u64 = 1 << 24;
/// Longest piece of markup or text between two tags, which is held in memory.
const MAX_PIECE: usize = 4 << 20;
/// Most parts of a workbook.
const MAX_PARTS: usize = 10_000;

/// Bytes unpacked at once.
const CHUNK: usize = 64 * 1024;

/// How much a workbook may come to.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of all parts, unpacked. Sheets are read as a stream.
    unpacked: u64,
    /// Bytes of the table of texts, which is held in memory.
    texts: u64,
}

/// What fits into any machine: the texts take up to four times their bytes.
pub const LIMITS: Limits = Limits { unpacked: 1 << 30, texts: 256 << 20 };

/// What the first bytes of a file say about how it is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrapping {
    /// An archive, as workbooks are.
    Zip,
    /// What office programs wrote before, and write around what is protected by a password.
    Compound,
}

/// What wraps a file that begins with these bytes.
pub fn wrapping(head: &[u8]) -> Option<Wrapping> {
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return Some(Wrapping::Zip);
    }
    head.starts_with(b"\xd0\xcf\x11\xe0").then_some(Wrapping::Compound)
}

/// Why a file with this wrapping is not read as text, as sentences.
pub fn instead_of_text(wrapping: Wrapping, file: impl Read + Seek) -> Failure {
    match wrapping {
        Wrapping::Compound => in_compound(file),
        Wrapping::Zip => match named_parts(file) {
            Ok((_, names)) => kind_of(&names).err().unwrap_or_else(|| {
                Failure::new("this is an Excel file. Write `format = \"xlsx\"` in its mapping.")
            }),
            Err(failure) => failure,
        },
    }
}

/// Whether the file is a workbook that can be read in bounded memory. Returns it, to be read from its beginning.
pub fn measured<R: Read + Seek>(mut file: R, limits: Limits) -> Result<R, Failure> {
    let mut head = Vec::new();
    file.by_ref().take(4).read_to_end(&mut head)?;
    file.seek(SeekFrom::Start(0))?;
    match wrapping(&head) {
        Some(Wrapping::Zip) => {}
        Some(Wrapping::Compound) => return Err(in_compound(file)),
        None => {
            return Err(Failure::new(
                "this cannot be read as an Excel file, because it is no .xlsx workbook. Check the format in its mapping.",
            ));
        }
    }
    let (mut archive, names) = named_parts(file)?;
    kind_of(&names)?;
    quiet::catch(|| unpack_all(&mut archive, limits)).map_err(|said| damaged(&said))??;
    let mut file = archive.into_inner();
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}

/// A sentence about a workbook that is not as it should be.
pub fn damaged(what: &impl std::fmt::Display) -> Failure {
    Failure(format!(
        "this cannot be read as an Excel file, because it is damaged ({what}). Export it again, or open it and save it as a new .xlsx workbook."
    ))
}

fn named_parts<R: Read + Seek>(file: R) -> Result<(ZipArchive<R>, Vec<String>), Failure> {
    let opened = quiet::catch(|| ZipArchive::new(file)).map_err(|said| damaged(&said))?;
    let archive = opened.map_err(|error| damaged(&error))?;
    if archive.len() > MAX_PARTS {
        return Err(Failure(format!(
            "this archive has {} parts, more than the {MAX_PARTS} that any workbook has. Check the format in its mapping.",
            archive.len()
        )));
    }
    let names = archive.file_names_raw().map(|name| String::from_utf8_lossy(name).to_lowercase()).collect();
    Ok((archive, names))
}

fn kind_of(names: &[String]) -> Result<(), Failure> {
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    let sentence = if has("xl/workbook.bin") {
        "this is a binary Excel file (.xlsb). Save it as an .xlsx workbook."
    } else if names.iter().any(|name| name.starts_with("xl/"))
        || has("_rels/.rels") && !has("word/document.xml")
    {
        return Ok(());
    } else if has("mimetype") && has("content.xml") {
        "this is an OpenDocument file, such as LibreOffice writes. Save it as an .xlsx workbook or as CSV."
    } else if has("word/document.xml") {
        "this is a Word document. Copy its table to a sheet and save that as an .xlsx workbook."
    } else {
        "this is a zip archive and no Excel file. Unpack it and import the files in it."
    };
    Err(Failure::new(sentence))
}

/// What is wrong with a file of the older kind: it is a workbook of before 2007, or one with a password.
fn in_compound(mut file: impl Read) -> Failure {
    let wide = |name: &str| name.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let wanted = wide("EncryptedPackage");
    let mut window = Vec::new();
    loop {
        let kept = window.len().min(wanted.len());
        window.drain(..window.len() - kept);
        match file.by_ref().take(CHUNK as u64).read_to_end(&mut window) {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) => return error.into(),
        }
        if memchr::memmem::find(&window, &wanted).is_some() {
            return Failure::new(
                "this Excel file is protected by a password. Open it, remove the password, and save it as an .xlsx workbook.",
            );
        }
    }
    Failure::new(
        "this is an Excel file of before 2007 (.xls). Open it and save it as an .xlsx workbook, then write `format = \"xlsx\"` in its mapping.",
    )
}

fn unpack_all<R: Read + Seek>(archive: &mut ZipArchive<R>, limits: Limits) -> Result<(), Failure> {
    let mut chunk = vec![0; CHUNK];
    let mut all = 0_u64;
    for nth in 0..archive.len() {
        let part = archive.by_index(nth);
        let mut part = part.map_err(|error| match error {
            ZipError::UnsupportedArchive(why) => {
                Failure(format!("this workbook cannot be unpacked: {why}. Open it and save it anew."))
            }
            other => damaged(&other),
        })?;
        let name = String::from_utf8_lossy(part.name_raw()).to_lowercase();
        let mut watch = Watch::over(&name);
        let mut unpacked = 0_u64;
        loop {
            let got = match part.read(&mut chunk) {
                Ok(0) => break,
                Ok(got) => got,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(damaged(&error)),
            };
            unpacked += got as u64;
            all += got as u64;
            if all > limits.unpacked {
                return Err(too_large("it comes", limits.unpacked));
            }
            if watch.is_texts && unpacked > limits.texts {
                return Err(too_large("its texts come", limits.texts));
            }
            watch.see(chunk.get(..got).unwrap_or_default())?;
        }
    }
    Ok(())
}

fn too_large(what: &str, limit: u64) -> Failure {
    Failure(format!(
        "this workbook is too large: unpacked, {what} to more than {} MiB. Save the sheet as CSV, which is read in any size, or split the workbook.",
        limit >> 20
    ))
}

/// Watches the bytes of one part for what would not fit into memory.
struct Watch {
    /// It is the table of texts.
    is_texts: bool,
    is_markup: bool,
    /// Bytes since a tag began.
    piece: usize,
    count: Announced,
}

/// How far `uniqueCount="123"` has been read.
#[derive(Clone, Copy)]
enum Announced {
    Name(usize),
    Equals,
    Quote,
    Digits(u64),
}

impl Watch {
    fn over(name: &str) -> Watch {
        Watch {
            is_texts: name.ends_with("sharedstrings.xml"),
            is_markup: name.ends_with(".xml") || name.ends_with(".rels"),
            piece: 0,
            count: Announced::Name(0),
        }
    }

    fn see(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        if !self.is_markup {
            return Ok(());
        }
        let until = memchr::memchr(b'<', bytes).unwrap_or(bytes.len());
        if self.piece + until > MAX_PIECE {
            return Err(Failure(format!(
                "this workbook holds a text of more than {} MiB in one piece, which no cell can hold. Export it again.",
                MAX_PIECE >> 20
            )));
        }
        self.piece = match memchr::memrchr(b'<', bytes) {
            Some(last) => bytes.len() - last,
            None => self.piece + bytes.len(),
        };
        match self.is_texts && !bytes.iter().all(|byte| self.count.is_sensible_with(*byte)) {
            true => Err(damaged(&"its table of texts announces more of them than there can be")),
            false => Ok(()),
        }
    }
}

impl Announced {
    /// Reads on; whether the number so far is one that a workbook can have.
    fn is_sensible_with(&mut self, byte: u8) -> bool {
        const NAME: &[u8] = b"uniqueCount";
        let none = if byte == b'u' { Announced::Name(1) } else { Announced::Name(0) };
        *self = match *self {
            Announced::Name(at) if NAME.get(at) == Some(&byte) => {
                if at + 1 == NAME.len() {
                    Announced::Equals
                } else {
                    Announced::Name(at + 1)
                }
            }
            Announced::Equals if byte == b'=' => Announced::Quote,
            Announced::Quote if matches!(byte, b'"' | b'\'') => Announced::Digits(0),
            Announced::Equals | Announced::Quote if byte.is_ascii_whitespace() => *self,
            Announced::Digits(number) if byte.is_ascii_digit() => {
                Announced::Digits(number.saturating_mul(10).saturating_add(u64::from(byte - b'0')))
            }
            _ => none,
        };
        !matches!(self, Announced::Digits(number) if *number > MAX_TEXT_COUNT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Cursor, Write};
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    const SMALL: Limits = Limits { unpacked: 4 << 20, texts: 2 << 20 };

    /// An archive of one part with that many short pieces of markup.
    fn packed(name: &str, pieces: usize) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        writer.start_file(name, SimpleFileOptions::default()).unwrap();
        writer.write_all(&b"<row/>  ".repeat(pieces)).unwrap();
        writer.finish().unwrap().into_inner()
    }

    fn said_of(bytes: &[u8]) -> String {
        measured(Cursor::new(bytes), SMALL).err().map(|failure| failure.0).unwrap_or_default()
    }

    #[test]
    fn what_unpacks_to_too_much_is_refused_whatever_it_says_of_its_size() {
        const SHEET: &str = "xl/worksheets/sheet1.xml";
        assert_eq!(said_of(&packed(SHEET, 500_000)), "");
        let mut bomb = packed(SHEET, 600_000);
        assert!(bomb.len() < 100_000, "{}", bomb.len());
        assert!(said_of(&bomb).contains("unpacked, it comes to more than 4 MiB"), "{}", said_of(&bomb));
        // Sizes stand in front of the name, before the part and again at the end of the archive. Both now say a
        // hundred bytes.
        let last = memchr::memmem::rfind(&bomb, SHEET.as_bytes()).unwrap() - 46;
        assert_eq!(bomb[last..last + 4], *b"PK\x01\x02");
        for size in [22, last + 24] {
            bomb[size..size + 4].copy_from_slice(&100_u32.to_le_bytes());
        }
        assert!(said_of(&bomb).contains("damaged (File is larger than its declared"), "{}", said_of(&bomb));
        let texts = said_of(&packed("xl/sharedStrings.xml", 300_000));
        assert!(texts.contains("its texts come to more than 2 MiB"), "{texts}");
    }

    #[test]
    fn parts_beyond_number_are_refused() {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for nth in 0..=MAX_PARTS {
            writer.start_file(format!("xl/{nth}.xml"), SimpleFileOptions::default()).unwrap();
        }
        assert!(said_of(&writer.finish().unwrap().into_inner()).contains("10001 parts"));
    }

    fn announces(text: &str) -> bool {
        let mut watch = Watch::over("xl/sharedstrings.xml");
        // Byte by byte, as the end of a chunk may fall anywhere.
        text.as_bytes().chunks(1).all(|byte| watch.see(byte).is_ok())
    }

    #[test]
    fn a_number_of_texts_that_would_need_gigabytes_is_refused_however_it_is_written() {
        for sound in
            ["<sst uniqueCount=\"3\">", "<sst uniqueCount='16777216'>", "<t>uniqueCount 99999999999</t>"]
        {
            assert!(announces(sound), "{sound}");
        }
        for wrong in ["<sst uniqueCount=\"16777217\">", "<sst uuniqueCount = \n'99999999999999999999999'>"] {
            assert!(!announces(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_text_beyond_any_cell_is_refused_and_many_short_ones_are_not() {
        let mut watch = Watch::over("xl/worksheets/sheet1.xml");
        let short = format!("<v>{}</v>", "x".repeat(50_000));
        for _ in 0..200 {
            assert_eq!(watch.see(short.as_bytes()), Ok(()));
        }
        let long = vec![b'x'; MAX_PIECE];
        assert!(watch.see(&long).unwrap_err().0.contains("4 MiB in one piece"));
    }
}
