//! Damaged definitions are refused with a sentence, never with a panic: a loop of random edits over the built-in files.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on says where"
)]

use std::time::{Duration, Instant};

use dialmark_metrics::{Aggregate, Catalogue, MetricRef};
use dialmark_model::declared::Problems;

/// xorshift64*: a test needs no better randomness, and the seed in a failure message repeats it.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound.max(1) as u64).unwrap_or(0)
    }
}

/// Some edits of a text: a byte changed, a piece removed, repeated or moved.
fn damaged(text: &str, random: &mut Random) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=random.below(4) {
        if bytes.is_empty() {
            break;
        }
        let at = random.below(bytes.len());
        let length = random.below(40).min(bytes.len() - at);
        match random.below(4) {
            0 => bytes[at] = b"()'\"$,.=<>[]{}-+*/ \n#aZ09"[random.below(25)],
            1 => {
                bytes.drain(at..at + length);
            }
            2 => {
                let piece = bytes[at..at + length].to_vec();
                let to = random.below(bytes.len());
                bytes.splice(to..to, piece);
            }
            _ => bytes.truncate(at),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn seconds() -> u64 {
    std::env::var("DIALMARK_FUZZ_SECONDS").ok().and_then(|s| s.parse().ok()).unwrap_or(5)
}

#[test]
fn damaged_catalogues_are_refused_with_sentences() {
    let until = Instant::now() + Duration::from_secs(seconds());
    let mut seed = 1_u64;
    while Instant::now() < until {
        seed += 1;
        let mut random = Random(seed);
        let (name, text) =
            dialmark_metrics::builtin::FILES[random.below(dialmark_metrics::builtin::FILES.len())];
        // One section with its neighbours: a whole file is mostly the same error.
        let start = text[..random.below(text.len())].rfind("\n[").map_or(0, |at| at + 1);
        let piece: String = text[start..].chars().take(1_500).collect();
        let own = damaged(
            &piece.replace("[metric.", "[metric.own_").replace("[measure.", "[measure.own_"),
            &mut random,
        );
        let problems = Problems::new();
        let _ = Catalogue::read(&[(name.to_owned(), own)], &[], &problems);
        for problem in problems.into_vec() {
            assert!(!problem.message.is_empty(), "seed {seed}");
        }
    }
}

#[test]
fn damaged_sentences_and_references_are_refused_or_read() {
    let corpus = [
        "count where direction = 'outbound' and is_call and attempt_no = 1",
        "sum(talk_ms + hold_ms + wrap_ms) where agent_id is not null",
        "sum(case when a in ('x', 'y') then 1 else -2 end) where not (b between 1 and 2)",
        "service_level/offered{threshold=10s},aht,fcr{window=7d}",
    ];
    let until = Instant::now() + Duration::from_secs(seconds());
    let mut seed = 1_u64;
    while Instant::now() < until {
        seed += 1;
        let mut random = Random(seed);
        let text = damaged(corpus[random.below(corpus.len())], &mut random);
        if let Ok(aggregate) = Aggregate::parse(&text) {
            // What was read is written so that it reads the same.
            assert_eq!(
                Aggregate::parse(&aggregate.to_string()).as_ref(),
                Ok(&aggregate),
                "seed {seed}: {text}"
            );
        }
        let _ = MetricRef::parse_list(&text);
    }
}
