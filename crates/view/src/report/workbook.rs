//! Workbooks whose ratios are formulas over their parts, so that whoever gets them can add up and divide themselves.

use dialmark_govern::report::Pack;
use dialmark_govern::{Aim, Standing};
use dialmark_metrics::metric::Unit;
use dialmark_metrics::{Cell, Ratio};
use jiff::civil::Date;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Formula, Workbook, Worksheet, XlsxError};

use crate::export::scorecard_sheet;
use crate::judged;

/// Digits of a value that a program shows before it has computed the formula.
const KNOWN_PLACES: usize = 15;

/// KPIs, each with what it is divided from and by.
pub(super) fn kpis(label: &str, day: Date, standings: &[&Standing]) -> Result<Vec<u8>, String> {
    let mut book = Workbook::new();
    let written = kpi_sheet(book.add_worksheet(), label, standings);
    finished(written, book, day)
}

/// A client's pack: scorecard, course, who left, statement.
pub(super) fn pack(pack: &Pack, day: Date) -> Result<Vec<u8>, String> {
    let mut book = Workbook::new();
    let written = scorecard_sheet(book.add_worksheet(), &pack.card_label, &pack.rows)
        .and_then(|()| course_sheet(book.add_worksheet(), pack))
        .and_then(|()| attrition_sheet(book.add_worksheet(), pack))
        .and_then(|()| statement_sheet(book.add_worksheet(), pack));
    finished(written, book, day)
}

/// The file. It bears the day of the report and not the clock's, so that it is the same bytes whenever it is made.
fn finished(written: Result<(), XlsxError>, mut book: Workbook, day: Date) -> Result<Vec<u8>, String> {
    let date = u16::try_from(day.year())
        .ok()
        .zip(u8::try_from(day.month()).ok())
        .zip(u8::try_from(day.day()).ok())
        .and_then(|((year, month), day)| ExcelDateTime::from_ymd(year, month, day).ok());
    if let Some(date) = date {
        book.set_properties(&DocProperties::new().set_creation_datetime(&date));
    }
    written
        .and_then(|()| book.save_to_buffer())
        .map_err(|error| format!("The workbook cannot be written: {error}."))
}

fn head(sheet: &mut Worksheet, at: u32, names: &[&str]) -> Result<(), XlsxError> {
    let strong = Format::new().set_bold();
    for (column, name) in (0_u16..).zip(names) {
        sheet.write_string_with_format(at, column, *name, &strong)?;
    }
    sheet.set_freeze_panes(at + 1, 1)?;
    Ok(())
}

fn kpi_sheet(sheet: &mut Worksheet, label: &str, standings: &[&Standing]) -> Result<(), XlsxError> {
    sheet.set_name("KPIs")?;
    sheet.write_string_with_format(0, 0, label, &Format::new().set_bold())?;
    let names = [
        "KPI",
        "Place",
        "From",
        "Until",
        "Numerator",
        "Denominator",
        "Times",
        "Value",
        "At least",
        "At most",
        "Status",
        "n",
    ];
    head(sheet, 2, &names)?;
    for (at, one) in (3_u32..).zip(standings) {
        sheet.write_string(at, 0, &one.kpi.label)?;
        sheet.write_string(at, 1, one.place.to_string())?;
        sheet.write_string(at, 2, one.stretch.from.to_string())?;
        sheet.write_string(at, 3, one.stretch.until.to_string())?;
        parts(sheet, at, 4, &one.cell, one.kpi.unit)?;
        if let Ok(goal) = &one.goal {
            let (low, high) = match goal.aim {
                Aim::AtLeast(low) => (Some(low), None),
                Aim::AtMost(high) => (None, Some(high)),
                Aim::Within(low, high) => (Some(low), Some(high)),
            };
            for (column, edge) in [(8, low), (9, high)] {
                if let Some(edge) = edge {
                    sheet.write_number_with_format(at, column, edge.to_f64(), &shown(one.kpi.unit))?;
                }
            }
        }
        sheet.write_string(at, 10, judged::status(one))?;
        sheet.write_string(at, 11, one.cell.n.to_string())?;
    }
    sheet.autofit();
    Ok(())
}

fn course_sheet(sheet: &mut Worksheet, pack: &Pack) -> Result<(), XlsxError> {
    sheet.set_name("Week by week")?;
    head(sheet, 0, &["KPI", "Week from", "Numerator", "Denominator", "Times", "Value", "n"])?;
    let mut at = 1_u32;
    for course in &pack.courses {
        for (day, cell) in &course.weeks {
            sheet.write_string(at, 0, &course.label)?;
            sheet.write_string(at, 1, day.to_string())?;
            parts(sheet, at, 2, cell, course.unit)?;
            sheet.write_string(at, 6, cell.n.to_string())?;
            at += 1;
        }
    }
    sheet.autofit();
    Ok(())
}

fn attrition_sheet(sheet: &mut Worksheet, pack: &Pack) -> Result<(), XlsxError> {
    sheet.set_name("Who left")?;
    head(sheet, 0, &["Employed for", "Left", "Days employed", "Times", "Of a year's agents"])?;
    match &pack.attrition {
        Err(sentence) => {
            sheet.write_string(1, 0, sentence)?;
        }
        Ok(found) => {
            for (at, (tenure, cell)) in (1_u32..).zip(&found.rows) {
                sheet.write_string(at, 0, tenure)?;
                parts(sheet, at, 1, cell, Unit::Share)?;
            }
        }
    }
    sheet.autofit();
    Ok(())
}

fn statement_sheet(sheet: &mut Worksheet, pack: &Pack) -> Result<(), XlsxError> {
    sheet.set_name("Statement so far")?;
    head(sheet, 0, &["Line", "Amount", "Currency", "How"])?;
    let found = match &pack.statement {
        Some(Ok(found)) => found,
        Some(Err(sentence)) => {
            sheet.write_string(1, 0, sentence)?;
            return Ok(());
        }
        None => {
            sheet.write_string(1, 0, "No contract is named.")?;
            return Ok(());
        }
    };
    let money = Format::new().set_num_format("#,##0.00");
    let mut at = 1_u32;
    for line in &found.lines {
        sheet.write_string(at, 0, &line.id)?;
        if let Some(amount) = &line.amount {
            sheet.write_number_with_format(at, 1, amount.amount().to_f64(), &money)?;
            sheet.write_string(at, 2, amount.currency())?;
        }
        sheet.write_string(at, 3, &line.says)?;
        at += 1;
    }
    if at > 1 {
        let sum = Formula::new(format!("=SUM(B2:B{at})")).set_result(found.due.decimal());
        sheet.write_string(at, 0, "Due")?;
        sheet.write_formula_with_format(at, 1, sum, &money)?;
        sheet.write_string(at, 2, found.due.currency())?;
    }
    sheet.autofit();
    Ok(())
}

/// Numerator, denominator, what their quotient is multiplied by, and the value as a formula over them, from a column on. A
/// figure that is no quotient of sums is written as it is.
fn parts(sheet: &mut Worksheet, at: u32, column: u16, cell: &Cell, unit: Unit) -> Result<(), XlsxError> {
    let Ok(value) = &cell.value else {
        return sheet.write_string(at, column + 3, "no value").map(|_| ());
    };
    let shown = shown(unit);
    let times = cell.numerator.zip(cell.denominator).and_then(|(top, bottom)| factor(*value, top, bottom));
    let (Some(top), Some(bottom), Some(times)) = (cell.numerator, cell.denominator, times) else {
        sheet.write_number_with_format(at, column + 3, value.to_f64(), &shown)?;
        return Ok(());
    };
    sheet.write_number(at, column, top.to_f64())?;
    sheet.write_number(at, column + 1, bottom.to_f64())?;
    sheet.write_number(at, column + 2, times.to_f64())?;
    let name = |offset: u16| rust_xlsxwriter::utility::row_col_to_cell(at, column + offset);
    let formula = format!("=IF({1}=0,\"\",{0}/{1}*{2})", name(0), name(1), name(2));
    let known = Formula::new(formula).set_result(value.decimal(KNOWN_PLACES));
    sheet.write_formula_with_format(at, column + 3, known, &shown)?;
    Ok(())
}

/// What the quotient of the parts is multiplied by, such as an hour's milliseconds. Nothing times a quotient of zero is known,
/// and one will do.
fn factor(value: Ratio, top: dialmark_metrics::Exact, bottom: dialmark_metrics::Exact) -> Option<Ratio> {
    match top.is_zero() && value.is_zero() {
        true => Some(Ratio::ONE),
        false => value.over(Ratio::of(top, bottom)?),
    }
}

fn shown(unit: Unit) -> Format {
    match unit {
        Unit::Share => Format::new().set_num_format("0.00%"),
        _ => Format::new().set_num_format("#,##0.00"),
    }
}
