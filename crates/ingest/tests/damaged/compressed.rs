//! Text compressed with gzip.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::{Case, Read, Refused, case};

fn packed(text: &str) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(text.as_bytes()).unwrap();
    packed.finish().unwrap()
}

pub fn cases() -> Vec<Case> {
    const HEADER: &str = "id,start,agent,result\n";
    let rows = |first: u32, count: u32| -> String {
        (first..first + count)
            .map(|id| format!("{id},2026-01-05 10:{:02},ana {id},SALE\n", id % 60))
            .collect()
    };
    let sound = packed(&format!("{HEADER}{}", rows(1, 5_000)));
    let cut = |left: usize| sound[..left].to_vec();
    let mut other_sum = sound.clone();
    let at_sum = other_sum.len() - 8;
    other_sum[at_sum] ^= 1;
    let mut flipped = sound.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 0x10;
    let two = [packed(&format!("{HEADER}{}", rows(1, 2))), packed(&rows(3, 2))].concat();
    let zeros = packed(&format!("{HEADER}{}{}\n{}", rows(1, 1), "\0".repeat(8 << 20), rows(2, 1)));
    assert!(zeros.len() < 1 << 20, "{}", zeros.len());
    vec![
        case("csv", "compressed and cut off in the middle", cut(sound.len() / 2), Refused("reading failed")),
        case("csv", "compressed and cut off before its sum", cut(sound.len() - 8), Refused("reading failed")),
        case("csv", "the first ten bytes of a compressed file", cut(10), Refused("as a gzip file")),
        case("csv", "compressed, with another sum", other_sum, Refused("reading failed")),
        case("csv", "compressed, with a bit flipped", flipped, Refused("reading failed")),
        case(
            "csv",
            "compressed, with text behind it",
            [sound.clone(), b"1,2,3\n".to_vec()].concat(),
            Refused("reading failed"),
        ),
        case("csv", "compressed in two pieces", two.clone(), Read(4, &[])),
        case(
            "csv",
            "compressed in two pieces, the second cut off",
            two[..two.len() - 12].to_vec(),
            Refused("reading failed"),
        ),
        case("csv", "nothing, compressed", packed(""), Refused("no line of text")),
        case(
            "csv",
            "compressed twice",
            {
                let mut twice = GzEncoder::new(Vec::new(), Compression::fast());
                twice.write_all(&sound).unwrap();
                twice.finish().unwrap()
            },
            Refused("header is not UTF-8"),
        ),
        case("csv", "a few kilobytes that become megabytes of one line", zeros, Read(3, &[("too_long", 1)])),
        case("csv", "Parquet, compressed", packed("PAR1 and so on PAR1"), Refused("format = \"parquet\"")),
        case(
            "queue_log",
            "a compressed log, cut off",
            {
                let log = packed(&"1767603600|NONE|sales|SIP/ann|ADDMEMBER|\n".repeat(900));
                log[..log.len() - 20].to_vec()
            },
            Refused("reading failed"),
        ),
    ]
}
