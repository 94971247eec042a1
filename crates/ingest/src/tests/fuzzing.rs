//! A short mutation loop over the fuzz entries; `cargo xtask fuzz` runs a longer one.

use dialmark_model::source::Format;
use proptest::prelude::*;

use super::collect::{Mapped, read};
use super::formats::{calls, typed_parquet};
use crate::fuzz;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        fuzz(&bytes);
    }

    #[test]
    fn damaged_exports_are_survived(
        at in 0_usize..120, byte in any::<u8>(),
        text in prop::sample::select(vec![
            "id;start;talk\n1;2026-01-01 10:00:00;0:02:30\n2;01.02.2026;1.234,5\n",
            "{\"a\":{\"b\":[1,2.5e3,\"\\u00e9\"]},\"list\":[\"x\"]}\n{\"a\":\"2026-01-01T10:00:00+01:00\"}\n",
            "a\tb\r\n\"1\"\"2\"\t-9223372036854775808\r\n\"Fri, 18 Oct 2019 17:02:00 +0000\"\t9e99\r\n",
        ]),
    ) {
        let mut bytes = text.as_bytes().to_vec();
        let place = at % bytes.len();
        bytes[place] = byte;
        fuzz(&bytes);
    }

    #[test]
    fn damaged_parquet_is_refused_or_read(
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..5),
    ) {
        let mut bytes = typed_parquet();
        for (place, byte) in edits {
            *place.get_mut(&mut bytes) = byte;
        }
        // What is left of it is read, or a sentence says why not.
        if let Err(error) = read(&calls("agent.").in_format(Format::Parquet), &bytes) {
            prop_assert!(error.to_string().len() > 20);
        }
    }
}
