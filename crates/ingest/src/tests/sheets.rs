//! Sheets of workbooks as records, and the proposals made from them.

use std::io::{Cursor, Read as _, Write as _};

use dialmark_model::source::{DurationUnit, Format, Read, Source};
use rust_xlsxwriter::{ExcelDateTime, Format as Look, Formula, Workbook, Worksheet, XlsxError};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::collect::{Mapped, mapping, read};
use super::proposals::{export, used};
use crate::{Confidence, ProposeOptions};

pub fn xlsx(sheet: Option<&str>) -> Format {
    Format::Xlsx { sheet: sheet.map(str::to_owned) }
}

fn calls() -> Source {
    mapping("calls")
        .known_by(&["id"])
        .with("started_at", "start")
        .with("agent_id", "agent")
        .with_field("talk_ms", "talk", |f| f.read = Read::Unit(DurationUnit::Clock))
        .in_format(xlsx(None))
}

/// Fills a sheet.
type Fill<'a> = dyn Fn(&mut Worksheet) -> Result<(), XlsxError> + 'a;

const HEADER: [&str; 4] = ["id", "start", "agent", "talk"];

/// A workbook with a sheet for each of these.
pub fn workbook(sheets: &[(&str, &Fill<'_>)]) -> Vec<u8> {
    let mut workbook = Workbook::new();
    for (name, fill) in sheets {
        let sheet = workbook.add_worksheet();
        sheet.set_name(*name).unwrap();
        fill(sheet).unwrap();
    }
    workbook.save_to_buffer().unwrap()
}

fn one(fill: &Fill<'_>) -> Vec<u8> {
    workbook(&[("Calls", fill)])
}

fn at(hour: u16, minute: u8, second: f64) -> ExcelDateTime {
    ExcelDateTime::from_ymd(2026, 7, 1).unwrap().and_hms(hour, minute, second).unwrap()
}

/// A row of calls with an identifier, a start and an agent.
fn call(sheet: &mut Worksheet, row: u32, id: f64, agent: &str) -> Result<(), XlsxError> {
    sheet.write(row, 0, id)?;
    sheet.write_with_format(row, 1, at(10, 0, 0.0), &Look::new().set_num_format("dd/mm/yyyy hh:mm"))?;
    sheet.write(row, 2, agent)?;
    Ok(())
}

/// A workbook with some of its parts rewritten; a part that becomes nothing is left out.
pub fn rewritten(bytes: &[u8], change: impl Fn(&str, String) -> Option<String>) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for nth in 0..archive.len() {
        let mut part = archive.by_index(nth).unwrap();
        let name = part.name().unwrap().into_owned();
        let mut text = String::new();
        part.read_to_string(&mut text).unwrap();
        if let Some(text) = change(&name, text) {
            writer.start_file(name, SimpleFileOptions::default()).unwrap();
            writer.write_all(text.as_bytes()).unwrap();
        }
    }
    writer.finish().unwrap().into_inner()
}

fn error_of(bytes: &[u8]) -> String {
    read(&calls(), bytes).map(drop).unwrap_err().to_string()
}

#[test]
fn cells_become_the_texts_that_the_sheet_shows() {
    let bytes = one(&|sheet| {
        sheet.write_row(0, 0, ["id", "start", "agent", "talk", "price", "paid", "attempt"])?;
        let moment = Look::new().set_num_format("yyyy-mm-dd hh:mm:ss.000");
        sheet.write(1, 0, 1_767_603_650_u32)?;
        sheet.write_with_format(1, 1, at(10, 0, 0.5), &moment)?;
        sheet.write(1, 2, "Ana, \"ė\"\nRuiz")?;
        sheet.write_with_format(1, 3, 150.0 / 86_400.0, &Look::new().set_num_format("h:mm:ss"))?;
        sheet.write(1, 4, 0.1 + 0.2)?;
        sheet.write(1, 5, true)?;
        sheet.write(1, 6, 3.0)?;
        sheet.write(2, 0, "a2")?;
        sheet.write(2, 1, "2026-07-01T09:00:01Z")?;
        sheet.write_formula(2, 2, Formula::new("=VLOOKUP(9,A:B,2)").set_result("#N/A"))?;
        sheet.write_with_format(2, 3, 26.5 / 24.0, &Look::new().set_num_format("[h]:mm"))?;
        sheet.write_formula(2, 4, Formula::new("=0.25*2").set_result("0.5"))?;
        sheet.write_formula(2, 5, Formula::new("=1=2").set_result("FALSE"))?;
        sheet.write_formula(2, 6, Formula::new("=\" \"").set_result(" "))?;
        Ok(())
    });
    let source = calls().with("cost_amount", "price").with("list_id", "paid").with("attempt_no", "attempt");
    let taken = read(&source, &bytes).unwrap();
    for (column, wanted) in [
        ("source_id", ["1767603650", "a2"]),
        ("started_at", ["2026-07-01T09:00:00.500Z", "2026-07-01T09:00:01Z"]),
        ("agent_id", ["Ana, \"ė\"\nRuiz", ""]),
        ("talk_ms", ["150000", "95400000"]),
        ("cost_amount", ["0.3000", "0.5000"]),
        ("list_id", ["true", "false"]),
        ("attempt_no", ["3", ""]),
        ("flags", ["", ""]),
        ("line", ["2", "3"]),
    ] {
        assert_eq!(taken.column(column), wanted, "{column}");
    }
}

#[test]
fn a_day_and_a_time_of_day_in_two_columns_are_joined() {
    let bytes = one(&|sheet| {
        sheet.write_row(0, 0, ["id", "day", "time", "at"])?;
        let day = ExcelDateTime::from_ymd(2026, 7, 1)?;
        sheet.write(1, 0, 1)?;
        sheet.write_with_format(1, 1, &day, &Look::new().set_num_format("dd/mm/yyyy"))?;
        sheet.write_with_format(1, 2, 9.25 / 24.0, &Look::new().set_num_format("h:mm AM/PM"))?;
        let next = ExcelDateTime::from_ymd(2026, 7, 2)?;
        sheet.write_with_format(1, 3, &next, &Look::new().set_num_format("dd/mm/yyyy hh:mm"))?;
        Ok(())
    });
    let source =
        mapping("calls").with("ended_at", "at").in_format(xlsx(None)).with_field("started_at", "day", |f| {
            f.from = dialmark_model::source::From::Joined(vec!["day".into(), "time".into()], " ".into());
        });
    let taken = read(&source, &bytes).unwrap();
    assert_eq!(taken.column("started_at"), ["2026-07-01T08:15:00Z"]);
    // Midnight is a time as any other where the column shows times.
    assert_eq!(taken.column("ended_at"), ["2026-07-01T23:00:00Z"]);
    assert!(!taken.column("flags").concat().contains("date_only"), "{:?}", taken.column("flags"));
}

#[test]
fn both_systems_of_dates_are_read() {
    let bytes = one(&|sheet| {
        sheet.write_row(0, 0, HEADER)?;
        call(sheet, 1, 1.0, "ana")
    });
    let later = rewritten(&bytes, |name, text| {
        let is_workbook = name == "xl/workbook.xml";
        Some(if is_workbook { text.replace("<workbookPr ", "<workbookPr date1904=\"1\" ") } else { text })
    });
    assert_eq!(read(&calls(), &bytes).unwrap().column("started_at"), ["2026-07-01T09:00:00Z"]);
    assert_eq!(read(&calls(), &later).unwrap().column("started_at"), ["2030-07-02T09:00:00Z"]);
}

#[test]
fn titles_gaps_merged_cells_and_empty_rows_are_no_records_and_lines_are_those_of_the_sheet() {
    let bytes = one(&|sheet| {
        sheet.merge_range(0, 0, 0, 3, "Calls of July", &Look::new().set_bold())?;
        sheet.write_row(3, 0, HEADER)?;
        call(sheet, 4, 1.0, "ana")?;
        call(sheet, 6, 2.0, "bo")?;
        sheet.merge_range(7, 0, 8, 0, "3", &Look::new())?;
        sheet.write(7, 1, "2026-07-01T12:00:00Z")?;
        sheet.write(8, 1, "2026-07-01T12:05:00Z")?;
        // Formats and formulas without a text reach far down.
        sheet.write_blank(400, 2, &Look::new().set_bold())?;
        sheet.write_formula(401, 2, Formula::new("=\" \"").set_result(" "))?;
        sheet.write_formula(402, 2, Formula::new("=1/0").set_result("#DIV/0!"))?;
        Ok(())
    });
    let taken = read(&calls(), &bytes).unwrap();
    assert_eq!(taken.column("source_id"), ["1", "2", "3"]);
    assert_eq!(taken.column("line"), ["5", "7", "8"]);
    // The lower half of merged cells is empty; an error is something, if nothing that can be read.
    assert_eq!(taken.reasons(), [(9, "no_id"), (403, "no_id")]);
}

#[test]
fn a_value_beside_the_table_and_a_number_without_its_last_digits_set_the_record_aside() {
    let bytes = one(&|sheet| {
        sheet.write_row(0, 0, ["id", "start", "agent", "talk", "note"])?;
        call(sheet, 1, 1.0, "ana")?;
        sheet.write(1, 6, "checked")?;
        call(sheet, 2, 1_234_567_890_123_456_789.0, "bo")?;
        call(sheet, 3, 3.0, "cy")?;
        sheet.write(3, 4, 1e300)?;
        Ok(())
    });
    let taken = read(&calls(), &bytes).unwrap();
    assert_eq!(taken.reasons(), [(2, "columns"), (3, "digits")]);
    assert_eq!(taken.column("source_id"), ["3"], "a number that nothing reads is no matter");
    let details: Vec<&str> = taken.quarantined.iter().map(|q| q.detail.as_str()).collect();
    assert!(details[0].contains("Column G has a value") && details[0].contains("row 1"), "{details:?}");
    assert!(details[1].contains("Column A holds a number"), "{details:?}");
    assert_eq!(taken.outcome.unused, ["note"]);
}

#[test]
fn of_several_sheets_one_must_be_named_and_hidden_ones_are_read_only_by_name() {
    let rows = |first: u32, agent: &'static str| {
        move |sheet: &mut Worksheet| {
            sheet.write_row(0, 0, HEADER)?;
            call(sheet, 1, f64::from(first), agent)
        }
    };
    let hidden = |sheet: &mut Worksheet| {
        sheet.set_hidden(true);
        rows(3, "cy")(sheet)
    };
    let empty: &Fill<'_> = &|_| Ok(());
    let two = workbook(&[
        ("Notes", empty),
        ("Calls", &rows(1, "ana")),
        ("July 2", &rows(2, "bo")),
        ("Old", &hidden),
    ]);
    let error = error_of(&two);
    assert!(
        error.contains("2 sheets with rows: `Calls`, `July 2`") && error.contains("sheet = \"Calls\""),
        "{error}"
    );
    for (sheet, agent) in [("July 2", "bo"), (" july 2", "bo"), ("Old", "cy")] {
        let taken = read(&calls().in_format(xlsx(Some(sheet))), &two).unwrap();
        assert_eq!(taken.column("agent_id"), [agent], "{sheet}");
    }
    let error = read(&calls().in_format(xlsx(Some("June"))), &two).unwrap_err().to_string();
    assert!(error.contains("no sheet `June`") && error.contains("`Old`"), "{error}");
    let only_hidden = workbook(&[("Notes", empty), ("Old", &hidden)]);
    let error = error_of(&only_hidden);
    assert!(error.contains("no visible sheet") && error.contains("sheet = \"Old\""), "{error}");
    let one_visible = workbook(&[("Calls", &rows(1, "ana")), ("Old", &hidden)]);
    assert_eq!(read(&calls(), &one_visible).unwrap().column("agent_id"), ["ana"]);
}

#[test]
fn a_missing_column_is_named_with_the_row_of_the_header() {
    let bytes = one(&|sheet| {
        sheet.write_row(2, 0, ["id", "started", "agent", "talk"])?;
        Ok(())
    });
    let error = error_of(&bytes);
    assert!(error.contains("did you mean `started`?") && error.contains("row 3 of the sheet"), "{error}");
}

#[test]
fn a_sheet_of_one_column_and_one_of_a_header_alone_are_read() {
    let source = mapping("calls").with("started_at", "start").in_format(xlsx(None));
    let column = one(&|sheet| {
        sheet.write_column(1, 0, ["start", "2026-07-01 10:00", "2026-07-01 11:00"])?;
        Ok(())
    });
    assert_eq!(read(&source, &column).unwrap().column("line"), ["3", "4"]);
    let header = one(&|sheet| {
        sheet.write_row(0, 0, HEADER)?;
        Ok(())
    });
    assert!(read(&calls(), &header).unwrap().rows.is_empty());
}

#[test]
fn long_sheets_come_in_several_batches_without_loss() {
    let bytes = one(&|sheet| {
        sheet.write_row(0, 0, HEADER)?;
        (1..=20_000).try_for_each(|row| call(sheet, row, f64::from(row), "ana"))
    });
    let taken = read(&calls(), &bytes).unwrap();
    let wanted: Vec<String> = (1..=20_000).map(|row| row.to_string()).collect();
    assert_eq!(taken.column("source_id"), wanted);
}

#[test]
fn what_is_no_workbook_is_refused_with_what_to_do() {
    let sound = one(&|sheet| {
        sheet.write_row(0, 0, HEADER)?;
        call(sheet, 1, 1.0, "ana")
    });
    let zip_of = |names: &[&str]| {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for name in names {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        }
        writer.finish().unwrap().into_inner()
    };
    let wide: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let compound = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    let mut protected = compound.clone();
    // Across the end of what is looked at at once.
    protected.resize(65_536 + 12, 0);
    protected.extend(wide);
    for (bytes, what) in [
        (b"id,start\n1,2\n".to_vec(), "no .xlsx workbook"),
        (compound.clone(), "before 2007 (.xls)"),
        (protected, "protected by a password"),
        (zip_of(&["mimetype", "content.xml"]), "OpenDocument"),
        (zip_of(&["_rels/.rels", "word/document.xml"]), "Word document"),
        (zip_of(&["xl/workbook.bin"]), "binary Excel file"),
        (zip_of(&["calls.csv"]), "zip archive and no Excel file"),
        (sound[..sound.len() / 2].to_vec(), "damaged"),
        (rewritten(&sound, |name, text| (name != "xl/_rels/workbook.xml.rels").then_some(text)), "damaged"),
        (rewritten(&sound, |name, text| (name != "xl/worksheets/sheet1.xml").then_some(text)), "damaged"),
    ] {
        let error = error_of(&bytes);
        assert!(error.contains(what), "{error}");
    }
    let as_text = |bytes: &[u8]| {
        let format = Format::Csv { delimiter: None, quote: None, encoding: None, header: true };
        read(&calls().in_format(format), bytes).unwrap_err().to_string()
    };
    assert!(
        as_text(&sound).contains("this is an Excel file. Write `format = \"xlsx\"`"),
        "{}",
        as_text(&sound)
    );
    assert!(as_text(&compound).contains("(.xls)"));
    assert!(as_text(&zip_of(&["calls.csv"])).contains("Unpack it"));
}

#[test]
fn a_proposal_from_a_workbook_works_as_proposed() {
    let moment = Look::new().set_num_format("dd/mm/yyyy hh:mm");
    let clock = Look::new().set_num_format("[h]:mm:ss");
    let calls = |sheet: &mut Worksheet| {
        sheet.write_row(0, 0, ["Call ID", "Start Time", "Agent Name", "Talk Time", "Result", "Cost"])?;
        for row in 1..=40_u32 {
            sheet.write(row, 0, 7000 + row)?;
            sheet.write_with_format(row, 1, at(9, u8::try_from(row).unwrap(), 0.0), &moment)?;
            sheet.write(row, 2, if row % 2 == 0 { "ana" } else { "bo" })?;
            sheet.write_with_format(row, 3, f64::from(row * 7) / 86_400.0, &clock)?;
            sheet.write(row, 4, if row % 3 == 0 { "Sale" } else { "No Answer" })?;
            sheet.write(row, 5, f64::from(row) * 0.1)?;
        }
        Ok(())
    };
    let file = export("calls.xlsx", workbook(&[("Calls", &calls)]));
    let (proposal, taken) = used(&file, &ProposeOptions::default());
    assert_eq!((proposal.table.as_str(), taken.rows.len(), taken.quarantined.len()), ("calls", 40, 0));
    assert!(
        proposal.toml.contains("format    = \"xlsx\"") && !proposal.toml.contains("sheet "),
        "{}",
        proposal.toml
    );
    assert_eq!(taken.column("source_id")[0], "7001");
    assert_eq!(taken.column("talk_ms")[39], "280000");
    assert_eq!(taken.column("cost_amount")[2], "0.3000");
    assert_eq!(taken.column("started_at")[0], "2026-07-01T08:01:00Z");
    let talk = proposal.guesses.iter().find(|guess| guess.column == "talk_ms").unwrap();
    assert_eq!(talk.confidence, Confidence::High, "{}", talk.why);

    let few: &Fill<'_> = &|sheet| {
        sheet.write_row(0, 0, ["Team", "Seats"])?;
        Ok(())
    };
    let file = export("calls.xlsx", workbook(&[("Teams", few), ("Calls 2026", &calls)]));
    let (proposal, taken) = used(&file, &ProposeOptions::default());
    assert_eq!(taken.rows.len(), 40);
    assert!(proposal.toml.contains("sheet     = \"Calls 2026\""), "{}", proposal.toml);
    assert!(proposal.warnings.iter().any(|warning| warning.contains("`Teams`")), "{:?}", proposal.warnings);
}
