//! A workbook: which of its sheets is meant, and the rows of one.

use std::io::{Read, Seek};

use calamine::{Reader, SheetType, SheetVisible, Xlsx, XlsxCellReader, XlsxError};

use super::archive::{LIMITS, damaged, measured};
use super::row::Row;
use super::shown::Shown;
use super::text::{CellText, write_text};
use crate::error::Failure;
use dialmark_lake::quiet;

/// Columns of a sheet, as many as any program writes.
const MAX_COLUMNS: u32 = 16_384;

/// A workbook that was opened.
pub struct Workbook<R>(Xlsx<R>);

/// A sheet with rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub name: String,
    /// The last row that it says it has; programs need not say so.
    pub last_row: u64,
}

impl<R: Read + Seek> Workbook<R> {
    /// Opens a workbook, after it was measured.
    pub fn open(file: R) -> Result<Workbook<R>, Failure> {
        let file = measured(file, LIMITS)?;
        let opened = quiet::catch(|| Xlsx::new(file)).map_err(|said| damaged(&said))?;
        Ok(Workbook(opened.map_err(|error| damaged(&error))?))
    }

    /// The sheet of this name, or the only visible one with rows.
    pub fn choose(&mut self, wanted: Option<&str>) -> Result<Listed, Failure> {
        if let Some(wanted) = wanted {
            let name = self.named(wanted)?;
            return self.look_at(&name).map(|(listed, _)| listed);
        }
        match <[Listed; 1]>::try_from(self.with_rows()?) {
            Ok([only]) => Ok(only),
            Err(several) if !several.is_empty() => Err(Failure(format!(
                "this workbook has {} sheets with rows: {}. Name the one that is meant in the mapping, for example `sheet = \"{}\"`; each further one is a source of its own.",
                several.len(),
                quoted(several.iter().map(|sheet| sheet.name.as_str())),
                several.first().map_or("", |sheet| sheet.name.as_str())
            ))),
            Err(_) => Err(self.without_rows()),
        }
    }

    /// Visible sheets that have a row.
    pub fn with_rows(&mut self) -> Result<Vec<Listed>, Failure> {
        let mut found = Vec::new();
        for name in self.names(true) {
            let (listed, has_rows) = self.look_at(&name)?;
            found.extend(has_rows.then_some(listed));
        }
        Ok(found)
    }

    /// Hands the rows in which something stands to `take`, until it wants no more.
    pub fn rows(&mut self, sheet: &str, mut take: impl FnMut(Row) -> bool) -> Result<(), Failure> {
        let is_1904 = self.0.has_1904_epoch();
        quiet::catch(|| {
            let cells = self.0.worksheet_cells_reader(sheet).map_err(|error| damaged(&error))?;
            each_row(cells, is_1904, &mut take)
        })
        .map_err(|said| damaged(&said))?
    }

    fn names(&self, visible: bool) -> Vec<String> {
        let sheets = self.0.sheets_metadata().iter();
        let sheets = sheets.filter(|sheet| sheet.typ == SheetType::WorkSheet);
        let shown = sheets.filter(|sheet| (sheet.visible == SheetVisible::Visible) == visible);
        shown.map(|sheet| sheet.name.clone()).collect()
    }

    /// The sheet of this name, else of this name without regard to case and white space around it.
    fn named(&self, wanted: &str) -> Result<String, Failure> {
        let all = [self.names(true), self.names(false)].concat();
        let plain = |name: &str| name.trim().to_lowercase();
        let found = all.iter().find(|name| *name == wanted);
        let found = found.or_else(|| all.iter().find(|name| plain(name) == plain(wanted)));
        found.cloned().ok_or_else(|| {
            Failure(format!(
                "this workbook has no sheet `{wanted}`, which the mapping reads. It has: {}.",
                quoted(all.iter().map(String::as_str))
            ))
        })
    }

    /// A sheet, and whether it has a row.
    fn look_at(&mut self, name: &str) -> Result<(Listed, bool), Failure> {
        let looked = quiet::catch(|| {
            let cells = self.0.worksheet_cells_reader(name).map_err(|error| damaged(&error))?;
            let last_row = u64::from(cells.dimensions().end.0) + 1;
            let mut has_rows = false;
            each_row(cells, false, &mut |_| {
                has_rows = true;
                false
            })?;
            Ok((Listed { name: name.to_owned(), last_row }, has_rows))
        });
        looked.map_err(|said| damaged(&said))?
    }

    fn without_rows(&self) -> Failure {
        let hidden = self.names(false);
        let hint = match hidden.first() {
            None => String::new(),
            Some(first) => format!(
                " Hidden sheets are read only when the mapping names them, for example `sheet = \"{first}\"`; it has: {}.",
                quoted(hidden.iter().map(String::as_str))
            ),
        };
        Failure(format!("no visible sheet of this workbook has a row.{hint}"))
    }
}

fn quoted<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn each_row<R: Read + Seek>(
    mut cells: XlsxCellReader<'_, R>,
    is_1904: bool,
    take: &mut impl FnMut(Row) -> bool,
) -> Result<(), Failure> {
    let shown = |style: &calamine::Style| style.number_format.as_ref().map(|f| Shown::by(&f.format_code));
    let shown: Vec<Shown> = cells.styles().iter().map(|style| shown(style).unwrap_or_default()).collect();
    let mut row = Row::numbered(0);
    let mut text = String::new();
    loop {
        let (cell, style) = match cells.next_cell_with_style_id() {
            Ok(Some(cell)) => cell,
            Ok(None) => break,
            // An error of a kind that came with a newer program says as little as the others.
            Err(XlsxError::CellError(_)) => continue,
            Err(error) => return Err(damaged(&format!("row {} or below it: {error}", row.number.max(1)))),
        };
        let (at_row, at_column) = cell.get_position();
        let number = u64::from(at_row) + 1;
        if number < row.number || at_column >= MAX_COLUMNS {
            return Err(damaged(&format!("behind row {} stands a cell that belongs nowhere", row.number)));
        }
        if number > row.number {
            let done = std::mem::replace(&mut row, Row::numbered(number));
            if done.is_any() && !take(done) {
                return Ok(());
            }
        }
        text.clear();
        let what =
            write_text(cell.get_value(), shown.get(style).copied().unwrap_or_default(), is_1904, &mut text);
        let column = usize::try_from(at_column).unwrap_or(usize::MAX);
        let fits = match what {
            CellText::Empty => true,
            CellText::Nothing => row.note_nothing(),
            CellText::Written => row.put(column, &text),
            CellText::Inexact => row.put_inexact(column, &text),
        };
        if !fits {
            return Err(damaged(&format!("row {number} has two cells in one place")));
        }
    }
    if row.is_any() {
        take(row);
    }
    Ok(())
}
