//! Separated text as records: header, ragged lines and quotation marks gone astray.

use std::io::BufRead;

use super::columns::Columns;
use super::delimiter::{detect, name_of};
use super::reason::Reason;
use super::record::{Record, Refusal};
use super::splitter::{MAX_FIELD, MAX_RECORD, Splitter, Step};
use super::{Next, Records};
use crate::error::Failure;

/// Records of separated text.
pub struct Csv<R> {
    input: R,
    splitter: Splitter,
    columns: Columns,
    delimiter: u8,
    /// What the file's beginning would be separated by, for advice.
    likely: Option<u8>,
    /// The first record of a file without header, already read.
    waiting: Option<Record>,
    head: Option<String>,
    /// Whoever takes the records knows how many fields each must have.
    any_width: bool,
}

impl<R: BufRead> Csv<R> {
    /// Reads the header, or counts the columns of the first record when there is none.
    pub fn open(
        mut input: R,
        delimiter: Option<u8>,
        quote: Option<u8>,
        header: bool,
    ) -> Result<Csv<R>, Failure> {
        let quote = quote.unwrap_or(b'"');
        let likely = detect(input.fill_buf()?, quote);
        let delimiter = delimiter.or(likely).unwrap_or(b',');
        let mut splitter = Splitter::new(delimiter, quote);
        let mut first = Record::default();
        let step = splitter.next(&mut input, &mut first)?;
        let head = first.raw_text();
        let (columns, waiting) = match (step, header) {
            (Step::Record, true) => {
                let row = first.row().ok_or_else(header_encoding)?;
                (Columns::new((0..row.count()).map(|at| row.field(at).to_owned()).collect()), None)
            }
            (Step::Record, false) => (Columns::numbered(first.count()), Some(first)),
            (Step::End, _) => {
                return Err(Failure::new(
                    "this file holds no line of text. Export it again; an export without records still has a header.",
                ));
            }
            (Step::TooLong, _) => {
                return Err(Failure(format!(
                    "its first line is longer than {MAX_RECORD} bytes or has a field longer than {MAX_FIELD}, so it is no header. Check the format in its mapping."
                )));
            }
            (Step::OpenQuote | Step::Swallowed, _) => return Err(open_quote(first.line(), quote)),
        };
        splitter.expect(columns.count());
        let head = waiting.is_none().then_some(head);
        Ok(Csv { input, splitter, columns, delimiter, likely, waiting, head, any_width: false })
    }

    /// Rows of a system whose settings change how many fields they have. The first may be half of one, when a log was
    /// rotated within it, and must not decide for the others.
    pub fn of_rows(input: R) -> Result<Csv<R>, Failure> {
        Ok(Csv { any_width: true, ..Csv::open(input, Some(b','), None, false)? })
    }
}

fn header_encoding() -> Failure {
    Failure::new(
        "the header is not UTF-8. Name the encoding in its mapping, for example `encoding = \"windows-1252\"`.",
    )
}

fn open_quote(line: u64, quote: u8) -> Failure {
    Failure(format!(
        "the quotation mark {} opened in the record on line {line} is never closed, so everything after it would be one field. Close it, export the file again if it was cut off, or, if it is an ordinary character in this file, name another in the mapping: `quote = \"\\u0001\"`. Nothing was imported.",
        char::from(quote)
    ))
}

impl<R: BufRead> Records for Csv<R> {
    fn columns(&self) -> &Columns {
        &self.columns
    }

    fn head(&self) -> Option<&str> {
        self.head.as_deref()
    }

    fn advice(&self) -> Option<String> {
        let likely = self.likely.filter(|likely| *likely != self.delimiter && self.columns.count() == 1)?;
        Some(format!(
            "The file has one column under the separator `{}`; with `delimiter = \"{}\"` it would fit.",
            name_of(self.delimiter),
            name_of(likely)
        ))
    }

    fn next(&mut self, record: &mut Record) -> Result<Next, Failure> {
        if let Some(first) = self.waiting.take() {
            *record = first;
            return Ok(Next::Record);
        }
        let step = self.splitter.next(&mut self.input, record)?;
        Ok(match step {
            Step::End => Next::End,
            // Two lines run together can still have the right number of fields.
            Step::Record if record.stray_quote && record.last_line > record.line => {
                Next::Refused(Refusal::new(
                    Reason::Quotes,
                    format!("Text follows a closing quotation mark{}.", spanning(record)),
                ))
            }
            Step::Record if record.count() == self.columns.count() => Next::Record,
            // The last one may be half of one.
            Step::Record if self.any_width && record.terminated => Next::Record,
            Step::Record => Next::Refused(ragged(record, self.columns.count())),
            Step::TooLong => Next::Refused(too_long(record)),
            Step::Swallowed => Next::Refused(swallowed(record, self.splitter.quote())),
            // The last line of a file that was cut off is one record; more lines are records that would be lost.
            Step::OpenQuote if record.last_line <= record.line => Next::Refused(Refusal::new(
                Reason::Quotes,
                "A quotation mark is opened and never closed: the file was cut off within this record.",
            )),
            Step::OpenQuote => return Err(open_quote(record.line, self.splitter.quote())),
        })
    }
}

/// The refusal of a record beyond the bounds.
pub(super) fn too_long(record: &Record) -> Refusal {
    Refusal::new(
        Reason::TooLong,
        format!(
            "The record is longer than {MAX_RECORD} bytes, or has a field longer than {MAX_FIELD} bytes{}.",
            spanning(record)
        ),
    )
}

fn swallowed(record: &Record, quote: u8) -> Refusal {
    Refusal::new(
        Reason::Quotes,
        format!(
            "The quotation mark {} opened on line {line} is not closed up to line {last}, and the lines between look like records, so a quotation mark is probably missing. Line {line} alone is set aside, and reading goes on behind it.",
            char::from(quote),
            line = record.line,
            last = record.last_line,
        ),
    )
}

fn ragged(record: &Record, wanted: usize) -> Refusal {
    Refusal::new(
        Reason::Columns,
        format!("The record has {} fields, the file {wanted} columns{}.", record.count(), spanning(record)),
    )
}

fn spanning(record: &Record) -> String {
    if record.last_line > record.line {
        format!(
            "; it reaches from line {} to line {}, so a quotation mark may be missing",
            record.line, record.last_line
        )
    } else {
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(text: &str, delimiter: Option<u8>, header: bool) -> Result<Csv<&[u8]>, Failure> {
        Csv::open(text.as_bytes(), delimiter, None, header)
    }

    fn all(text: &str) -> Result<Vec<(u64, Next)>, Failure> {
        let mut csv = open(text, None, true)?;
        let mut record = Record::default();
        let mut seen = Vec::new();
        loop {
            match csv.next(&mut record)? {
                Next::End => return Ok(seen),
                next => seen.push((record.line(), next)),
            }
        }
    }

    fn reasons(text: &str) -> Vec<(u64, &'static str)> {
        let reason = |next: &Next| match next {
            Next::Refused(refusal) => refusal.reason.word(),
            _ => "",
        };
        all(text).unwrap().iter().map(|(line, next)| (*line, reason(next))).collect()
    }

    #[test]
    fn lines_with_too_few_or_too_many_fields_are_refused_with_their_counts() {
        assert_eq!(reasons("a,b\n1,2\n3\n4,5,6\n7,8\n"), [(2, ""), (3, "columns"), (4, "columns"), (5, "")]);
        let seen = all("a,b\n4,5,6\n").unwrap();
        assert_eq!(
            seen.first().map(|(_, next)| next.clone()),
            Some(Next::Refused(Refusal::new(
                Reason::Columns,
                "The record has 3 fields, the file 2 columns."
            )))
        );
    }

    #[test]
    fn a_file_cut_off_within_quotation_marks_loses_one_record_and_says_so() {
        assert_eq!(reasons("a,b\n1,2\n3,\"4\n"), [(2, ""), (3, "quotes")]);
    }

    #[test]
    fn a_quotation_mark_that_would_swallow_lines_stops_the_import() {
        assert!(all("a,b\n1,\"2\n3").is_err());
        let error = all("a,b\n1,\"2\n3,4\n5,6\n").unwrap_err().0;
        assert!(error.contains("line 2") && error.contains("never closed"), "{error}");
    }

    #[test]
    fn a_swallowed_line_end_is_mentioned_with_the_lines() {
        let seen = all("a,b,c\n1,\"2\n3,\"4,5\n6,7,8\n").unwrap();
        assert!(
            matches!(seen.first(), Some((2, Next::Refused(r))) if r.detail.contains("line 2 to line 3")),
            "{seen:?}"
        );
        assert_eq!(seen.get(1), Some(&(4, Next::Record)));
    }

    #[test]
    fn a_file_without_header_has_numbered_columns_and_keeps_its_first_record() {
        let mut csv = open("x;y\n1;2\n", None, false).unwrap();
        assert_eq!(csv.columns().names(), ["1", "2"]);
        let mut record = Record::default();
        assert_eq!(csv.next(&mut record), Ok(Next::Record));
        assert_eq!(record.row().unwrap().field(1), "y");
    }

    #[test]
    fn rows_of_a_system_may_have_any_number_of_fields_unless_they_are_cut_off() {
        let mut rows = Csv::of_rows("half\n1,2\n1,2,3\n1,2".as_bytes()).unwrap();
        let mut record = Record::default();
        let mut seen = || rows.next(&mut record).unwrap();
        assert_eq!([seen(), seen(), seen()], [Next::Record, Next::Record, Next::Record]);
        assert!(matches!(seen(), Next::Refused(refusal) if refusal.reason == Reason::Columns));
    }

    #[test]
    fn a_wrong_separator_is_answered_with_the_one_that_fits() {
        let csv = open("a;b;c\n1;2;3\n", Some(b','), true).unwrap();
        assert!(csv.advice().unwrap().contains("delimiter = \";\""));
        assert_eq!(open("a;b;c\n1;2;3\n", None, true).unwrap().advice(), None);
    }

    #[test]
    fn a_header_alone_is_a_file_without_records_and_blank_lines_alone_are_no_file() {
        assert_eq!(all("a,b\r\n").unwrap(), []);
        assert!(open("\n\r\n\n", None, true).err().unwrap().0.contains("no line of text"));
    }

    /// Records of three columns, with a mark opened on line 2 and one closed behind the text of line `close`.
    fn unbalanced(close: usize, end: &str) -> String {
        let mut lines = vec!["id,n,place".to_owned(), "1,1,\"north".to_owned()];
        lines.extend((3..close).map(|line| format!("{line},1,east")));
        lines.extend([format!("{close},1,south\""), "last,1,west".to_owned()]);
        lines.join(end) + end
    }

    #[test]
    fn records_between_marks_far_apart_are_read_and_the_first_is_set_aside() {
        for end in ["\n", "\r", "\r\n"] {
            let text = unbalanced(3_000, end);
            let mut wanted: Vec<(u64, &str)> = (2..=3_001).map(|line| (line, "")).collect();
            wanted[0].1 = "quotes";
            assert_eq!(reasons(&text), wanted, "{end:?}");
            let seen = all(&text).unwrap();
            let Some((2, Next::Refused(refusal))) = seen.first() else { panic!("{:?}", seen.first()) };
            let detail = &refusal.detail;
            assert!(detail.contains("line 2") && detail.contains("line 7"), "{detail}");
            assert!(detail.contains("probably missing"), "{detail}");
        }
    }

    #[test]
    fn what_is_set_aside_of_swallowed_records_is_the_first_line_alone() {
        let text = unbalanced(20, "\r\n");
        let mut csv = open(&text, None, true).unwrap();
        let mut record = Record::default();
        assert!(matches!(csv.next(&mut record), Ok(Next::Refused(_))));
        assert_eq!(record.raw_text(), "1,1,\"north");
        assert_eq!(csv.next(&mut record), Ok(Next::Record));
        assert_eq!(record.row().unwrap().field(0), "3");
    }

    #[test]
    fn a_note_of_several_lines_is_read_as_it_is() {
        let note = "he said\nyes, maybe, or\nno\ncall, later, please\nbye\nbye";
        for text in [format!("a,b,c\n1,\"{note}\",3\n"), unbalanced(7, "\n")] {
            assert!(all(&text).unwrap().iter().all(|(_, next)| *next == Next::Record), "{text}");
        }
        // Most lines of a long letter differ from a record, even where some do not.
        let letter = format!("a,b\n1,\"{}\"\n", "Dear all,\nthank you\nfor the call\n".repeat(50));
        assert_eq!(reasons(&letter), [(2, "")]);
        let column = format!("a\n\"{}\"\n", "word\n".repeat(50));
        assert_eq!(reasons(&column), [(2, "")]);
    }

    #[test]
    fn a_mark_that_is_never_closed_costs_one_record_where_the_others_can_be_told() {
        let text = "a,b,c\n1,\"2,3\n".to_owned() + &"4,5,6\n".repeat(10);
        assert_eq!(reasons(&text).iter().filter(|(_, reason)| *reason == "quotes").count(), 1);
        assert_eq!(reasons(&text).len(), 11);
    }
}
