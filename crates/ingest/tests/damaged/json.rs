//! JSON lines.

use super::{Case, Read, Refused, case};

const SOUND: &str =
    "{\"id\":\"1\",\"start\":\"2026-01-05T10:00:00Z\",\"agent\":{\"name\":\"ana\"},\"price\":0.12}\n";

/// One sound line, this one, one more.
fn between(line: &str) -> String {
    format!("{SOUND}{line}\n{}", SOUND.replace("\"1\"", "\"3\""))
}

pub fn cases() -> Vec<Case> {
    let with = |more: &str| format!("{{\"id\":\"2\",\"start\":\"2026-01-05T10:00:00Z\",{more}}}");
    let nested = |depth: usize| with(&format!("\"x\":{}1{}", "[".repeat(depth), "]".repeat(depth)));
    vec![
        case(
            "jsonl",
            "the last line cut off",
            format!("{SOUND}{{\"id\":\"2\",\"start\":\"2026-01-0"),
            Read(2, &[("json", 1)]),
        ),
        // Which of the two is meant?
        case(
            "jsonl",
            "the same key twice",
            between(&with("\"agent\":{\"name\":\"x\"},\"agent\":{\"name\":\"y\"}")),
            Read(3, &[("json", 1)]),
        ),
        case("jsonl", "sixty lists within each other", between(&nested(60)), Read(3, &[])),
        case("jsonl", "a hundred lists within each other", between(&nested(100)), Read(3, &[("json", 1)])),
        case(
            "jsonl",
            "a hundred thousand lists within each other",
            between(&nested(100_000)),
            Read(3, &[("json", 1)]),
        ),
        case(
            "jsonl",
            "half of a pair of surrogates",
            between(&with("\"agent\":{\"name\":\"\\ud800\"}")),
            Read(3, &[("json", 1)]),
        ),
        case(
            "jsonl",
            "surrogates in the wrong order",
            between(&with("\"agent\":{\"name\":\"\\ude00\\ud83d\"}")),
            Read(3, &[("json", 1)]),
        ),
        // A price that is none becomes null with a flag; the call stays.
        case(
            "jsonl",
            "numbers beyond all sense",
            between(&with("\"price\":1e99999,\"y\":-123456789012345678901234567890.5")),
            Read(3, &[]),
        ),
        case(
            "jsonl",
            "a number of a hundred thousand digits",
            between(&with(&format!("\"price\":{}", "9".repeat(100_000)))),
            Read(3, &[]),
        ),
        case(
            "jsonl",
            "numbers that JSON does not know",
            between(&with("\"price\":NaN")),
            Read(3, &[("json", 1)]),
        ),
        case("jsonl", "a comma too many", between(&with("\"price\":1,")), Read(3, &[("json", 1)])),
        case("jsonl", "single quotation marks", between("{'id':'2'}"), Read(3, &[("json", 1)])),
        case("jsonl", "a comment", between("// exported 2026-01-05"), Read(3, &[("json", 1)])),
        case(
            "jsonl",
            "a tab within a text",
            between(&with("\"agent\":{\"name\":\"a\tb\"}")),
            Read(3, &[("json", 1)]),
        ),
        case(
            "jsonl",
            "a zero byte, written out, within a text",
            between(&with("\"agent\":{\"name\":\"a\\u0000b\"}")),
            Read(3, &[]),
        ),
        case(
            "jsonl",
            "two objects on a line",
            between(&format!("{}{}", SOUND.trim(), SOUND.trim())),
            Read(3, &[("json", 1)]),
        ),
        case(
            "jsonl",
            "a list, a number and a text in place of objects",
            between("[1,2]\n3\n\"four\"\nnull"),
            Read(6, &[("json", 4)]),
        ),
        case(
            "jsonl",
            "an object where a text is expected",
            between(&with("\"agent\":\"ana\",\"price\":{\"eur\":1}")),
            Read(3, &[]),
        ),
        case(
            "jsonl",
            "a byte-order mark and empty lines",
            format!("\u{feff}{SOUND}\n  \n\r\n{SOUND}"),
            Read(2, &[]),
        ),
        case(
            "jsonl",
            "a line of six megabytes",
            between(&with(&format!("\"x\":\"{}\"", "x".repeat(6 << 20)))),
            Read(3, &[("too_long", 1)]),
        ),
        case(
            "jsonl",
            "an object written over several lines",
            "{\n  \"id\": \"1\",\n  \"start\": \"2026-01-05\"\n}\n",
            Read(4, &[("json", 4)]),
        ),
        case("jsonl", "separated text", "id,start\n1,2026-01-05\n", Read(2, &[("json", 2)])),
        case(
            "jsonl",
            "no identifier, an empty one and null",
            between(
                "{\"start\":\"2026-01-05\"}\n{\"id\":\"\",\"start\":\"2026-01-05\"}\n{\"id\":null,\"start\":\"2026-01-05\"}",
            ),
            Read(5, &[("no_id", 3)]),
        ),
        case("jsonl", "line ends alone, in a file of lines", "\n\n\n", Read(0, &[])),
        case(
            "jsonl",
            "zero bytes behind the last line",
            format!("{SOUND}{}", "\0".repeat(4096)),
            Read(2, &[("json", 1)]),
        ),
        case(
            "jsonl",
            "UTF-16 without a mark, in JSON",
            SOUND.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>(),
            Refused("UTF-16"),
        ),
    ]
}
