//! What the loop begins with: small files of every format.

use std::io::Write;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, DictionaryArray, Float64Array, StringArray, StructArray, TimestampMicrosecondArray,
};
use arrow::datatypes::{DataType, Field, Int8Type};
use arrow::record_batch::RecordBatch;
use flate2::Compression;
use flate2::write::GzEncoder;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression as Codec, ZstdLevel};
use parquet::file::properties::WriterProperties;
use rust_xlsxwriter::{Format, Formula, Workbook, XlsxError};

/// A file, and the parsers that it is for.
pub struct Sample {
    pub bytes: Vec<u8>,
    pub entries: &'static [&'static str],
}

const TEXTS: [&str; 4] = [
    "id;start;talk\n1;2026-01-01 10:00:00;0:02:30\n2;01.02.2026;1.234,5\n",
    "a\tb\r\n\"1\"\"2\"\t-9223372036854775808\r\n\"Fri, 18 Oct 2019 17:02:00 +0000\"\t9e99\r\n",
    "id,start,note\n1,2026-01-05T10:00:00+01:00,\"two\nlines, and more\"\n2,2026-10-25 01:30,\"x\"\n3,1767603600,\n",
    "\u{feff}id|start\n1|20260105T100000Z\n2|2026-01-05T10:00[Europe/London]\n",
];

const LINES: [&str; 2] = [
    "{\"a\":{\"b\":[1,2.5e3,\"\\u00e9\"]},\"list\":[\"x\"]}\n{\"a\":\"2026-01-01T10:00:00+01:00\"}\n",
    "{\"a\":null,\"a.b\":true,\"list\":[[1],{}]}\n\n{\"a\":\"\\ud83d\\ude00\"}\n",
];

const PACKED: [&[u8]; 9] = [
    include_bytes!("../../../packs/fixtures/amazon_connect_agents.json"),
    include_bytes!("../../../packs/fixtures/amazon_connect_contacts.json"),
    include_bytes!("../../../packs/fixtures/asterisk_cdr.by_account.csv"),
    include_bytes!("../../../packs/fixtures/asterisk_cdr.by_caller.csv"),
    include_bytes!("../../../packs/fixtures/asterisk_queue_log.log"),
    include_bytes!("../../../packs/fixtures/freeswitch_csv.csv"),
    include_bytes!("../../../packs/fixtures/freeswitch_json.json"),
    include_bytes!("../../../packs/fixtures/genesys_conversations.json"),
    include_bytes!("../../../packs/fixtures/twilio_calls.json"),
];

const PARTS: [&str; 6] = [
    r#"<worksheet><dimension ref="A1:C3"/><sheetData><row r="1"><c r="A1" t="inlineStr"><is><r><t>id</t></r><r><t xml:space="preserve"> 2</t></r></is></c><c r="B1" t="s"><v>1</v></c></row><row r="2"><c r="A2" s="1"><v>46023.4</v></c><c r="B2" t="b"><v>1</v></c><c r="C2" t="e"><v>#N/A</v></c></row><row><c t="str"><f>A1&amp;B1</f><v>x&#10;y</v></c><c t="d"><v>2026-01-05T10:00:00</v></c></row></sheetData></worksheet>"#,
    r#"<sst count="2" uniqueCount="2"><si><t>id</t><rPh sb="0" eb="1"><t>x</t></rPh></si><si><r><rPr/><t>start</t></r></si></sst>"#,
    r#"<styleSheet><numFmts count="2"><numFmt numFmtId="164" formatCode="[$-409]m/d/yy\ h:mm\ AM/PM;@"/><numFmt numFmtId="165" formatCode="[h]:mm:ss"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="14"/></cellXfs></styleSheet>"#,
    r#"<workbook xmlns:r="x"><workbookPr date1904="1"/><sheets><sheet name="Calls" sheetId="1" r:id="rId1"/><sheet name="Old &amp; new" state="hidden" r:id="rId1"/></sheets><definedNames><definedName name="a">Calls!$A$1</definedName></definedNames></workbook>"#,
    r#"<Relationships><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="/xl/worksheets/sheet1.xml"/></Relationships>"#,
    r#"<worksheet><sheetData><row r="1048576" spans="1:3"><c r="XFD1048576" s="3"><v>2958465.99999</v></c></row></sheetData><mergeCells><mergeCell ref="A1:B2"/></mergeCells></worksheet>"#,
];

/// All samples. One that cannot be made is left out, and its format goes unfuzzed, so their number is checked.
pub fn all() -> Vec<Sample> {
    let of = |entries: &'static [&'static str]| move |bytes: Vec<u8>| Sample { bytes, entries };
    let mut samples: Vec<Sample> = Vec::new();
    samples.extend(TEXTS.map(|text| of(&["text"])(text.as_bytes().to_vec())));
    samples.extend(LINES.map(|text| of(&["jsonl"])(text.as_bytes().to_vec())));
    samples.extend(PACKED.map(|bytes| of(&["packs"])(bytes.to_vec())));
    samples.extend(PARTS.map(|part| of(&["xlsx_parts"])(part.as_bytes().to_vec())));
    samples.extend(
        ["%y%m%d %H:%M:%S%.f", "%d-%b-%Y %I:%M %p", "Europe/London"]
            .map(|pattern| of(&["patterns"])(pattern.as_bytes().to_vec())),
    );
    // Changes in what is compressed hardly ever reach a parser; one of each kind tries the decompression.
    samples.extend(compressed(TEXTS.concat().as_bytes()).map(of(&["text"])));
    samples.extend(compressed(&PACKED.concat()).map(of(&["packs"])));
    samples.extend(compressed(LINES.concat().as_bytes()).map(of(&["jsonl"])));
    let codecs = [Codec::UNCOMPRESSED, Codec::SNAPPY, Codec::LZ4_RAW, Codec::ZSTD(ZstdLevel::default())];
    samples.extend(codecs.into_iter().filter_map(parquet).map(of(&["parquet"])));
    samples.extend(workbook().ok().map(of(&["xlsx"])));
    assert_eq!(samples.len(), 32, "a sample could not be made");
    samples
}

fn compressed(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(bytes).ok()?;
    packed.finish().ok()
}

/// Columns of many types, in two groups of rows.
fn parquet(codec: Codec) -> Option<Vec<u8>> {
    let texts =
        |of: &str| Arc::new(StringArray::from_iter_values((0..40).map(|n| format!("{of}{n}")))) as ArrayRef;
    let names: DictionaryArray<Int8Type> = (0..40).map(|n| (n % 3 > 0).then_some("ana")).collect();
    let moods = Float64Array::from_iter((0..40).map(|n| (n % 4 > 0).then_some(f64::from(n) / 8.0)));
    let names_type = DataType::Dictionary(Box::new(DataType::Int8), Box::new(DataType::Utf8));
    let agent = StructArray::from(vec![
        (Arc::new(Field::new("name", names_type, true)), Arc::new(names) as ArrayRef),
        (Arc::new(Field::new("mood", DataType::Float64, true)), Arc::new(moods) as ArrayRef),
    ]);
    let starts =
        TimestampMicrosecondArray::from_iter_values((0..40).map(|n| 1_767_603_600_000_000 + n * 1_000_001));
    let batch = RecordBatch::try_from_iter_with_nullable([
        ("id", texts("call "), true),
        ("start", Arc::new(starts.with_timezone("Europe/London")) as ArrayRef, true),
        ("agent", Arc::new(agent) as ArrayRef, true),
    ])
    .ok()?;
    let properties =
        WriterProperties::builder().set_compression(codec).set_max_row_group_row_count(Some(25)).build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).ok()?;
    writer.write(&batch).ok()?;
    writer.close().ok()?;
    Some(bytes)
}

fn workbook() -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.write_row(0, 0, ["id", "start", "talk", "note"])?;
    for row in 1..6_u32 {
        sheet.write(row, 0, row)?;
        sheet.write_with_format(
            row,
            1,
            46_023.0 + f64::from(row) / 7.0,
            &Format::new().set_num_format("dd/mm/yyyy hh:mm"),
        )?;
        sheet.write_with_format(
            row,
            2,
            f64::from(row) / 1_000.0,
            &Format::new().set_num_format("[h]:mm:ss"),
        )?;
        sheet.write_formula(row, 3, Formula::new("=A1").set_result("a & b"))?;
    }
    workbook.add_worksheet().set_hidden(true).write(0, 0, "x")?;
    workbook.save_to_buffer()
}
