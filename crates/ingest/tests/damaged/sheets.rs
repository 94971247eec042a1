//! Workbooks.

use std::io::{Cursor, Read as _, Write as _};

use rust_xlsxwriter::{Formula, Workbook, Worksheet, XlsxError};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::text::noise;
use super::{Case, Read, Refused, case};

fn workbook(fill: impl Fn(&mut Worksheet) -> Result<(), XlsxError>) -> Vec<u8> {
    let mut workbook = Workbook::new();
    fill(workbook.add_worksheet()).unwrap();
    workbook.save_to_buffer().unwrap()
}

/// A header and that many calls.
fn calls(sheet: &mut Worksheet, count: u32) -> Result<(), XlsxError> {
    sheet.write_row(0, 0, ["id", "start", "agent"])?;
    (1..=count).try_for_each(|row| {
        sheet.write(row, 0, row)?;
        sheet.write(row, 1, format!("2026-01-05 10:{:02}", row % 60))?;
        sheet.write(row, 2, "ana").map(|_| ())
    })
}

/// The parts, not compressed, with some rewritten; those that become nothing are left out.
fn rewritten(bytes: &[u8], change: impl Fn(&str, String) -> Option<String>) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let plain = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for nth in 0..archive.len() {
        let mut part = archive.by_index(nth).unwrap();
        let name = part.name().unwrap().into_owned();
        let mut text = String::new();
        part.read_to_string(&mut text).unwrap();
        if let Some(text) = change(&name, text) {
            writer.start_file(name, plain).unwrap();
            writer.write_all(text.as_bytes()).unwrap();
        }
    }
    writer.finish().unwrap().into_inner()
}

const SHEET: &str = "xl/worksheets/sheet1.xml";
const TEXTS: &str = "xl/sharedStrings.xml";
const PARTS: &str = "xl/_rels/workbook.xml.rels";

pub fn cases() -> Vec<Case> {
    let sound = workbook(|sheet| calls(sheet, 3));
    let in_part = |part: &'static str, change: &dyn Fn(String) -> String| {
        rewritten(&sound, |name, text| Some(if name == part { change(text) } else { text }))
    };
    let in_sheet = |from: &'static str, to: &'static str| in_part(SHEET, &|text| text.replace(from, to));
    let without = |part: &'static str| rewritten(&sound, |name, text| (name != part).then_some(text));
    let stored = rewritten(&sound, |_, text| Some(text));
    let flipped = |within: &[u8]| {
        let mut bytes = stored.clone();
        let at = memchr::memmem::find(&bytes, within).unwrap();
        bytes[at] ^= 1;
        bytes
    };
    let mut other = ZipWriter::new(Cursor::new(Vec::new()));
    other.start_file("calls.csv", SimpleFileOptions::default()).unwrap();
    other.write_all(b"id,start,agent\n").unwrap();
    let other = other.finish().unwrap().into_inner();
    let damaged = || Refused("because it is damaged");
    vec![
        case("xlsx", "an archive of something else", other, Refused("no Excel file")),
        case(
            "xlsx",
            "text under the name of a workbook",
            "id,start,agent\n1,2026-01-05,ana\n",
            Refused("no .xlsx workbook"),
        ),
        case(
            "xlsx",
            "a page of a web site under the name of a workbook",
            "<html><table><tr><td>id</td></tr></table></html>",
            Refused("no .xlsx workbook"),
        ),
        case("xlsx", "cut off in the middle", sound[..sound.len() / 2].to_vec(), damaged()),
        case("xlsx", "without its first bytes", sound[300..].to_vec(), Refused("no .xlsx workbook")),
        case(
            "xlsx",
            "noise in the middle",
            {
                let mut bytes = sound.clone();
                let at = bytes.len() / 3;
                bytes[at..at + 200].copy_from_slice(&noise(200));
                bytes
            },
            damaged(),
        ),
        case("xlsx", "a flipped bit in the sheet", flipped(b"<sheetData>"), damaged()),
        case("xlsx", "a flipped bit in a text", flipped(b"2026-01-05 10:02"), damaged()),
        case(
            "xlsx",
            "an archive without any part",
            ZipWriter::new(Cursor::new(Vec::new())).finish().unwrap().into_inner(),
            Refused("no Excel file"),
        ),
        case("xlsx", "no list of sheets", without("xl/workbook.xml"), Refused("no visible sheet")),
        case("xlsx", "no list of parts", without(PARTS), damaged()),
        case("xlsx", "a sheet that is not there", without(SHEET), damaged()),
        case("xlsx", "no table of texts", without(TEXTS), damaged()),
        case(
            "xlsx",
            "a table of texts that is cut off",
            in_part(TEXTS, &|text| text[..text.len() / 2].to_owned()),
            damaged(),
        ),
        case(
            "xlsx",
            "a sheet that is cut off",
            in_part(SHEET, &|text| text[..text.find("<c r=\"B3\"").unwrap()].to_owned()),
            damaged(),
        ),
        case("xlsx", "a text that the table does not have", in_sheet("<v>0</v>", "<v>4096</v>"), damaged()),
        case(
            "xlsx",
            "more texts announced than fit into memory",
            in_part(TEXTS, &|text| text.replace("uniqueCount=\"", "uniqueCount=\"77777777777")),
            Refused("announces more of them"),
        ),
        case(
            "xlsx",
            "a row under the number of another",
            in_sheet("<row r=\"4\"", "<row r=\"1\""),
            Read(3, &[]),
        ),
        case("xlsx", "cells in another order", in_sheet("r=\"A4\"", "r=\"A1\""), damaged()),
        case("xlsx", "two cells in one place", in_sheet("r=\"B4\"", "r=\"A4\""), damaged()),
        case(
            "xlsx",
            "a cell beyond the last column that there is",
            in_sheet("r=\"C4\"", "r=\"ZZZZ4\""),
            damaged(),
        ),
        case(
            "xlsx",
            "a cell whose place overflows",
            in_sheet("r=\"C4\"", "r=\"ZZZZZZZZZZZZ99999999999\""),
            damaged(),
        ),
        case("xlsx", "a cell without a place", in_sheet("r=\"C4\"", "r=\"\""), damaged()),
        case("xlsx", "no cell at all", workbook(|_| Ok(())), Refused("no visible sheet")),
        case("xlsx", "a header alone", workbook(|sheet| calls(sheet, 0)), Read(0, &[])),
        case(
            "xlsx",
            "errors in place of values",
            workbook(|sheet| {
                calls(sheet, 3)?;
                for (column, error) in ["#REF!", "#N/A", "#VALUE!"].into_iter().enumerate() {
                    sheet.write_formula(
                        2,
                        u16::try_from(column).unwrap(),
                        Formula::new("=A1").set_result(error),
                    )?;
                }
                Ok(())
            }),
            Read(3, &[("no_id", 1)]),
        ),
        case(
            "xlsx",
            "an error that came with a newer program",
            in_sheet("<c r=\"A3\"><v>2</v></c>", "<c r=\"A3\" t=\"e\"><v>#BLOCKED!</v></c>"),
            Read(3, &[("no_id", 1)]),
        ),
        case(
            "xlsx",
            "identifiers of nineteen digits as numbers",
            workbook(|sheet| {
                calls(sheet, 2)?;
                sheet.write(2, 0, 1_767_603_600_123_456_789.0).map(|_| ())
            }),
            Read(2, &[("digits", 1)]),
        ),
        case(
            "xlsx",
            "notes beside the table",
            workbook(|sheet| {
                calls(sheet, 3)?;
                sheet.write(2, 9, "call back!").map(|_| ())
            }),
            Read(3, &[("columns", 1)]),
        ),
        case(
            "xlsx",
            "a line of totals under the table",
            workbook(|sheet| {
                calls(sheet, 3)?;
                sheet.write(4, 0, "Total")?;
                sheet.write_formula(4, 2, Formula::new("=COUNTA(C2:C4)").set_result("3")).map(|_| ())
            }),
            Read(4, &[("no_time", 1)]),
        ),
        case(
            "xlsx",
            "times that are none",
            workbook(|sheet| {
                calls(sheet, 1)?;
                for (row, start) in [(2, "0000-00-00"), (3, "9999-12-31"), (4, "soon")] {
                    sheet.write(row, 0, row)?;
                    sheet.write(row, 1, start)?;
                }
                Ok(())
            }),
            Read(4, &[("no_time", 3)]),
        ),
        case(
            "xlsx",
            "two columns of one name",
            workbook(|sheet| {
                calls(sheet, 1)?;
                sheet.write(0, 3, "Agent").map(|_| ())?;
                sheet.write(0, 2, "AGENT").map(|_| ())
            }),
            Refused("both bear that name"),
        ),
    ]
}
