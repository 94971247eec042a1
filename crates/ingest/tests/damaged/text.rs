//! Separated text.

use super::{Case, Read, Refused, case};

const HEADER: &str = "id,start,agent,result\n";

/// Some sound rows, numbered from `first`.
fn rows(first: u32, count: u32) -> String {
    (first..first + count).map(|id| format!("{id},2026-01-05 10:{:02},ana,SALE\n", id % 60)).collect()
}

fn with_header(text: &str) -> Vec<u8> {
    format!("{HEADER}{text}").into_bytes()
}

/// A header, one row, these bytes, one more row.
fn between(bytes: &[u8]) -> Vec<u8> {
    [with_header(&rows(1, 1)).as_slice(), bytes, rows(3, 1).as_bytes()].concat()
}

fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(unit).collect()
}

/// Bytes without any pattern, the same each time.
pub fn noise(count: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    })
    .take(count)
    .collect()
}

pub fn cases() -> Vec<Case> {
    [shapes(), quotes(), encodings(), values(), other_files()].into_iter().flatten().collect()
}

/// Lines and columns.
fn shapes() -> Vec<Case> {
    let wide: String = (0..10_000).map(|n| format!(",c{n}")).collect();
    let wider: String = (0..20_000).map(|n| format!(",c{n}")).collect();
    vec![
        case("csv", "nothing at all", "", Refused("is empty (0 bytes)")),
        case("csv", "line ends alone", "\n\r\n\n", Refused("no line of text")),
        case("csv", "a header alone", HEADER, Read(0, &[])),
        case("csv", "a header without its line end", HEADER.trim_end(), Read(0, &[])),
        case(
            "csv",
            "cut off in the middle of a field",
            with_header(&(rows(1, 2) + "3,2026-01-0")),
            Read(3, &[("columns", 1)]),
        ),
        // Nobody can tell that `SA` was to be `SALE`.
        case(
            "csv",
            "cut off in the last field",
            with_header(&(rows(1, 2) + "3,2026-01-05 10:03,ana,SA")),
            Read(3, &[]),
        ),
        case(
            "csv",
            "three kinds of line ends",
            "id,start,agent,result\r\n1,2026-01-05 10:01,a,b\n2,2026-01-05 10:02,a,b\r3,2026-01-05 10:03,a,b\r\n",
            Read(3, &[]),
        ),
        case("csv", "the header again in the middle", between(HEADER.as_bytes()), Read(3, &[("no_time", 1)])),
        case(
            "csv",
            "a row with a field too few and one with a field too many",
            between(b"2,2026-01-05 10:02,ana\n2,2026-01-05 10:02,ana,SALE,9\n"),
            Read(4, &[("columns", 2)]),
        ),
        case(
            "csv",
            "another separator from the middle on",
            between(b"2;2026-01-05 10:02;ana;SALE\n"),
            Read(3, &[("columns", 1)]),
        ),
        case(
            "csv",
            "two columns of the name that the mapping reads",
            "id,start,agent,agent,result\n1,2026-01-05,a,b,c\n",
            Refused("columns 3 and 4 both bear that name"),
        ),
        case(
            "csv",
            "two columns of a name that nothing reads",
            "id,start,agent,result,note,note\n1,2026-01-05 10:01,a,b,c,d\n",
            Read(1, &[]),
        ),
        case(
            "csv",
            "a header without a column that is needed",
            "id,begin,agent,result\n1,2026-01-05,a,b\n",
            Refused("column `start`, which the file does not have"),
        ),
        case(
            "csv",
            "ten thousand columns",
            format!("{}{wide}\n1,2026-01-05 10:01,a,b{}\n2\n", HEADER.trim_end(), ",".repeat(10_000)),
            Read(2, &[("columns", 1)]),
        ),
        case(
            "csv",
            "twenty thousand columns",
            format!("{}{wider}\n", HEADER.trim_end()),
            Refused("so it is no header"),
        ),
        case(
            "csv",
            "a field of ten megabytes",
            between(format!("2,2026-01-05 10:02,{},x\n", "a".repeat(10 << 20)).as_bytes()),
            Read(3, &[("too_long", 1)]),
        ),
        case("csv", "six megabytes without a line end", "x".repeat(6 << 20), Refused("so it is no header")),
        case(
            "csv",
            "marks of a merge that nobody resolved",
            between(b"<<<<<<< ours\n2,2026-01-05 10:02,ana,SALE\n=======\n>>>>>>> theirs\n"),
            Read(6, &[("columns", 3)]),
        ),
        case("csv", "a line of totals", between(b"Total,,2,\n"), Read(3, &[("no_time", 1)])),
        case(
            "csv",
            "the end mark of an old system",
            with_header(&(rows(1, 2) + "\u{1a}")),
            Read(3, &[("columns", 1)]),
        ),
        case(
            "semicolons",
            "another separator than the mapping says",
            "id,start\n1,2026-01-05\n",
            Refused("with `delimiter = \",\"` it would fit"),
        ),
        case(
            "headless",
            "a header where none is expected",
            "id,start\n1,2026-01-05 10:01\n2,2026-01-05 10:02\n",
            Read(3, &[("no_time", 1)]),
        ),
    ]
}

/// Quotation marks.
fn quotes() -> Vec<Case> {
    vec![
        case(
            "csv",
            "cut off in a quoted field",
            with_header(&(rows(1, 2) + "3,2026-01-05 10:03,\"an")),
            Read(3, &[("quotes", 1)]),
        ),
        case(
            "csv",
            "a quotation mark never closed, with two lines behind it",
            with_header(&(rows(1, 1) + "2,2026-01-05 10:02,\"ana,SALE\n" + &rows(3, 2))),
            Refused("on line 3 is never closed"),
        ),
        // Only the line of the mark itself is lost.
        case(
            "csv",
            "a quotation mark never closed, with a hundred lines behind it",
            with_header(&(rows(1, 1) + "2,2026-01-05 10:02,\"ana,SALE\n" + &rows(3, 100))),
            Read(102, &[("quotes", 1)]),
        ),
        case(
            "csv",
            "a quotation mark of inches within a field",
            between(b"2,2026-01-05 10:02,5\" nail,SALE\n"),
            Read(3, &[]),
        ),
        case(
            "csv",
            "text behind a closing quotation mark, over two lines",
            between(b"2,2026-01-05 10:02,\"a\nb\" c,SALE\n"),
            Read(3, &[("quotes", 1)]),
        ),
        case(
            "csv",
            "a quoted field of ten megabytes in lines",
            between(format!("2,2026-01-05 10:02,\"{}\",x\n", "abc\n".repeat(5 << 19)).as_bytes()),
            Read(3, &[("too_long", 1)]),
        ),
        case(
            "csv",
            "backslashes before quotation marks",
            between(b"2,2026-01-05 10:02,\"a \\\"b\\\" c\",SALE\n"),
            Read(3, &[]),
        ),
    ]
}

/// Bytes and characters.
fn encodings() -> Vec<Case> {
    let sound = String::from_utf8(with_header(&rows(1, 2))).unwrap();
    let marked = utf16(&format!("\u{feff}{sound}"), u16::to_le_bytes);
    let odd = marked[..marked.len() - 1].to_vec();
    vec![
        case("csv", "a zero byte within a field", between(b"2,2026-01-05 10:02,a\0na,SALE\n"), Read(3, &[])),
        case(
            "csv",
            "a zero byte in a record without an identifier",
            between(b",2026-01-05 10:02,a\0na,SALE\n"),
            Read(3, &[("no_id", 1)]),
        ),
        case(
            "csv",
            "zero bytes where a disk was not written",
            with_header(&(rows(1, 2) + &"\0".repeat(512))),
            Read(3, &[("columns", 1)]),
        ),
        case("csv", "zero bytes alone", vec![0; 4096], Refused("which the file does not have")),
        case("csv", "a byte-order mark", format!("\u{feff}{sound}"), Read(2, &[])),
        case("csv", "two byte-order marks", format!("\u{feff}\u{feff}{sound}"), Refused("did you mean")),
        case("csv", "a byte-order mark alone", "\u{feff}", Refused("no line of text")),
        case(
            "csv",
            "a byte-order mark in the middle",
            between("\u{feff}2,2026-01-05 10:02,a,b\n".as_bytes()),
            Read(3, &[]),
        ),
        case("csv", "UTF-16 with a mark", marked, Read(2, &[])),
        case(
            "csv",
            "UTF-16, big end first, with a mark",
            utf16(&format!("\u{feff}{sound}"), u16::to_be_bytes),
            Read(2, &[]),
        ),
        case(
            "csv",
            "UTF-16 without a mark",
            utf16(&sound, u16::to_le_bytes),
            Refused("encoding = \"utf-16le\""),
        ),
        // The lost byte was half of the last line end.
        case("csv", "UTF-16 that lost its last byte", odd, Read(2, &[("encoding", 1)])),
        case(
            "csv",
            "one name in another encoding",
            between(b"2,2026-01-05 10:02,m\xfcller,SALE\n"),
            Read(3, &[("encoding", 1)]),
        ),
        case(
            "csv",
            "a header in another encoding",
            b"id,start,agent,result,pr\xe4mie\n1,2026-01-05,a,b,c\n".to_vec(),
            Refused("encoding = \"windows-1252\""),
        ),
        case(
            "latin",
            "UTF-8 that is read as another encoding",
            "id,start,agent\n1,2026-01-05 10:01,müller\n",
            Read(1, &[]),
        ),
        case(
            "latin",
            "bytes that the named encoding leaves free",
            b"id,start,agent\n1,2026-01-05 10:01,a\x81b\n".to_vec(),
            Read(1, &[]),
        ),
        case(
            "csv",
            "half of a pair of surrogates as three bytes",
            between(b"2,2026-01-05 10:02,\xed\xa0\x80,SALE\n"),
            Read(3, &[("encoding", 1)]),
        ),
        case(
            "csv",
            "a character in more bytes than it needs",
            between(b"2,2026-01-05 10:02,\xc0\xaf,SALE\n"),
            Read(3, &[("encoding", 1)]),
        ),
        case(
            "csv",
            "cut off within a character",
            [with_header(&rows(1, 2)).as_slice(), b"3,2026-01-05 10:03,ana,\xc3"].concat(),
            Read(3, &[("encoding", 1)]),
        ),
        case(
            "csv",
            "control characters, line separators and text from right to left",
            between("2,2026-01-05 10:02,\u{7}\u{2028}\u{202e}אב\u{200b},SALE\n".as_bytes()),
            Read(3, &[]),
        ),
    ]
}

/// Values that no call centre can have recorded.
fn values() -> Vec<Case> {
    let at = |start: &str| format!("{start},{start},ana,SALE\n");
    let impossible = [
        "0000-00-00 00:00:00",
        "2026-02-30 10:00",
        "2026-01-05 25:00",
        "9999-12-31 23:59:59",
        "0001-01-01",
        "-2026-01-05",
        "1e400",
        "NaN",
        "TRUE",
    ];
    let impossible: String = impossible.iter().map(|start| at(start)).collect();
    vec![
        case(
            "csv",
            "times of the year 0, of 9999, and of days that are none",
            with_header(&(rows(1, 1) + &impossible)),
            Read(10, &[("no_time", 9)]),
        ),
        case(
            "csv",
            "records without an identifier or a time",
            between(b",2026-01-05 10:02,ana,SALE\n2,,ana,SALE\n , , , \n"),
            Read(5, &[("no_id", 2), ("no_time", 1)]),
        ),
        case(
            "csv",
            "the same identifier three times",
            with_header(&(rows(1, 1) + &rows(1, 1) + "1,2026-01-06 11:00,bo,NI\n")),
            Read(3, &[]),
        ),
        case(
            "csv",
            "formulas and commands in place of names",
            between(b"2,2026-01-05 10:02,\"=cmd|' /C calc'!A0\",'; DROP TABLE calls; --\n"),
            Read(3, &[]),
        ),
        case(
            "csv",
            "an identifier of a hundred thousand characters",
            with_header(&format!("{},2026-01-05 10:02,ana,SALE\n", "i".repeat(100_000))),
            Read(1, &[]),
        ),
    ]
}

/// What was delivered in place of a file of records.
fn other_files() -> Vec<Case> {
    let mut tape = vec![0; 512];
    tape[..9].copy_from_slice(b"calls.csv");
    tape.extend(with_header(&rows(1, 1)));
    vec![
        case(
            "csv",
            "a page that says that a session has ended",
            "<!DOCTYPE html>\n<html><body>Please log in</body></html>\n",
            Refused("which the file does not have"),
        ),
        case(
            "csv",
            "a message of an error as JSON",
            "{\"error\": \"forbidden\", \"status\": 403}",
            Refused("which the file does not have"),
        ),
        case("csv", "noise", noise(65_536), Refused("header is not UTF-8")),
        case("csv", "a tape archive", tape, Refused("which the file does not have")),
        case(
            "csv",
            "the beginning of a picture",
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(),
            Refused("header is not UTF-8"),
        ),
        case(
            "csv",
            "a workbook of before 2007",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0\0\0".to_vec(),
            Refused("(.xls)"),
        ),
        case("csv", "Parquet", b"PAR1\x15\x04\x15PAR1".to_vec(), Refused("format = \"parquet\"")),
    ]
}
