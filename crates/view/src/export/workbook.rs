//! A scorecard as a workbook whose scores are formulas, so that whoever gets it can see how they come about and try other
//! values.

use dialmark_govern::{Aim, CardRow, Standing};
use dialmark_metrics::Ratio;
use dialmark_metrics::metric::Unit;
use rust_xlsxwriter::{Format, Formula, Workbook, Worksheet, XlsxError};

use crate::judged;

/// Columns of the sheet, in order.
const HEAD: [&str; 14] = [
    "Place",
    "KPI",
    "Weight",
    "Value",
    "At least",
    "At most",
    "Nothing left after",
    "Score",
    "Status",
    "Against before",
    "From",
    "Until",
    "Owner",
    "n",
];

/// Bytes of an .xlsx file: one sheet, under each place its KPIs and the score as their weighted mean. Texts that come from
/// records are written as texts, never as formulas.
pub fn workbook(label: &str, rows: &[CardRow]) -> Result<Vec<u8>, String> {
    let mut book = Workbook::new();
    let written = sheet(book.add_worksheet(), label, rows);
    written
        .and_then(|()| book.save_to_buffer())
        .map_err(|error| format!("The workbook cannot be written: {error}."))
}

/// Bytes of an .xlsx file: the KPIs of each view one under the other, each with its score as a formula, and under each view
/// the mean of them.
pub fn balanced_workbook(label: &str, views: &[(String, Vec<Standing>)]) -> Result<Vec<u8>, String> {
    let mut book = Workbook::new();
    let written = balanced(book.add_worksheet(), label, views);
    written
        .and_then(|()| book.save_to_buffer())
        .map_err(|error| format!("The workbook cannot be written: {error}."))
}

fn balanced(sheet: &mut Worksheet, label: &str, views: &[(String, Vec<Standing>)]) -> Result<(), XlsxError> {
    let strong = Format::new().set_bold();
    sheet.set_name("Balanced scorecard")?;
    head(sheet, label, &strong)?;
    let mut at = 3_u32;
    for (view, standings) in views {
        sheet.write_string_with_format(at, 0, view, &strong)?;
        at += 1;
        let first = at;
        for one in standings {
            line(sheet, at, one, Some(Ratio::ONE))?;
            at += 1;
        }
        if at > first {
            mean(sheet, at, (first, at), String::new(), &strong)?;
        }
        at += 2;
    }
    sheet.autofit();
    Ok(())
}

fn head(sheet: &mut Worksheet, label: &str, strong: &Format) -> Result<(), XlsxError> {
    sheet.write_string_with_format(0, 0, label, strong)?;
    for (column, name) in (0_u16..).zip(HEAD) {
        sheet.write_string_with_format(2, column, name, strong)?;
    }
    sheet.set_freeze_panes(3, 2)?;
    Ok(())
}

/// The mean of the scores of these rows by weight. KPIs without a score are left out, weight and all.
fn mean(
    sheet: &mut Worksheet,
    at: u32,
    (first, end): (u32, u32),
    known: String,
    strong: &Format,
) -> Result<(), XlsxError> {
    // Rows of a sheet are counted from 1.
    let (from, to) = (first + 1, end);
    let (weights, scores) = (format!("C{from}:C{to}"), format!("H{from}:H{to}"));
    let judged = format!("SUMPRODUCT({weights},--ISNUMBER({scores}))");
    let mean =
        format!("=IF({judged}=0,\"\",SUMPRODUCT({weights},IF(ISNUMBER({scores}),{scores},0))/{judged})");
    sheet.write_string_with_format(at, 1, "Score", strong)?;
    sheet.write_array_formula_with_format(at, 7, at, 7, Formula::new(mean).set_result(known), strong)?;
    Ok(())
}

/// One sheet: under each place its KPIs and the score as their weighted mean.
pub(crate) fn sheet(sheet: &mut Worksheet, label: &str, rows: &[CardRow]) -> Result<(), XlsxError> {
    let strong = Format::new().set_bold();
    sheet.set_name("Scorecard")?;
    head(sheet, label, &strong)?;
    let mut at = 3_u32;
    for row in rows {
        let first = at;
        for (weight, one) in &row.kpis {
            line(sheet, at, one, Some(*weight))?;
            at += 1;
        }
        let last = at;
        for one in &row.supporting {
            line(sheet, at, one, None)?;
            at += 1;
        }
        sheet.write_string_with_format(at, 0, row.place.to_string(), &strong)?;
        if last > first {
            let known =
                row.total.as_ref().and_then(|total| total.score).map_or_else(String::new, |s| s.decimal(6));
            mean(sheet, at, (first, last), known, &strong)?;
        }
        at += 2;
    }
    sheet.autofit();
    Ok(())
}

fn line(sheet: &mut Worksheet, at: u32, one: &Standing, weight: Option<Ratio>) -> Result<(), XlsxError> {
    let shown = match one.kpi.unit {
        Unit::Share => Format::new().set_num_format("0.00%"),
        _ => Format::new().set_num_format("#,##0.00"),
    };
    sheet.write_string(at, 0, one.place.to_string())?;
    sheet.write_string(at, 1, &one.kpi.label)?;
    if let Some(weight) = weight {
        sheet.write_number(at, 2, weight.to_f64())?;
    }
    if let Ok(value) = &one.cell.value {
        sheet.write_number_with_format(at, 3, value.to_f64(), &shown)?;
    }
    if let Ok(goal) = &one.goal {
        let (low, high) = match goal.aim {
            Aim::AtLeast(low) => (Some(low), None),
            Aim::AtMost(high) => (None, Some(high)),
            Aim::Within(low, high) => (Some(low), Some(high)),
        };
        for (column, edge) in [(4, low), (5, high), (6, Some(goal.zero_after))] {
            if let Some(edge) = edge {
                sheet.write_number_with_format(at, column, edge.to_f64(), &shown)?;
            }
        }
        if weight.is_some() && one.score.is_some() {
            let known = one.score.map_or_else(String::new, |score| score.decimal(6));
            sheet.write_formula(at, 7, Formula::new(score(at + 1)).set_result(known))?;
        }
    }
    sheet.write_string(at, 8, judged::status(one))?;
    sheet.write_string(at, 9, judged::trend(one.trend))?;
    sheet.write_string(at, 10, one.stretch.from.to_string())?;
    sheet.write_string(at, 11, one.stretch.until.to_string())?;
    sheet.write_string(at, 12, &one.kpi.owner)?;
    sheet.write_string(at, 13, one.cell.n.to_string())?;
    Ok(())
}

/// The published rule: 100 when the target is met, from there down in a straight line.
fn score(row: u32) -> String {
    let short = format!("MAX(IF(E{row}=\"\",0,E{row}-D{row}),IF(F{row}=\"\",0,D{row}-F{row}),0)");
    format!("=IF({short}=0,100,IF(G{row}=0,0,MAX(0,100*(1-{short}/G{row}))))")
}
