//! A mutation loop over every parser of foreign bytes: `cargo xtask fuzz` builds and runs it.
//!
//! It begins with sound and damaged files, changes them at random, and runs each through a parser. An input on which
//! one panics or takes too long is written to a file, whose path is the last line; `--replay FILE` runs it again.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it speaks to whoever started it")]

#[path = "fuzz/corpus.rs"]
mod corpus;
#[path = "fuzz/mutate.rs"]
mod mutate;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use dialmark_ingest::{FUZZ_ENTRIES, FuzzEntry};
use mutate::Dice;

/// What no parser may take for one input, on a slow machine that does much else.
const TOO_LONG: Duration = Duration::from_secs(30);

const HELP: &str = "fuzz [--seconds N] [--seed N] [--out FOLDER] [--replay FILE]";

struct Options {
    seconds: u64,
    seed: Option<u64>,
    out: PathBuf,
    replay: Option<PathBuf>,
}

/// The input at hand, for the watch.
struct AtHand {
    since: Instant,
    entry: &'static str,
    bytes: Vec<u8>,
}

fn main() -> ExitCode {
    match options().and_then(|options| run(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn options() -> Result<Options, String> {
    let mut options = Options { seconds: 30, seed: None, out: PathBuf::from("target/fuzz"), replay: None };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let value =
            arguments.next().ok_or_else(|| format!("`{argument}` needs a value after it.\n{HELP}"))?;
        let number = || value.parse::<u64>().map_err(|_| format!("`{value}` is no whole number.\n{HELP}"));
        match argument.as_str() {
            "--seconds" => options.seconds = number()?,
            "--seed" => options.seed = Some(number()?),
            "--out" => options.out = PathBuf::from(value),
            "--replay" => options.replay = Some(PathBuf::from(value)),
            _ => return Err(format!("`{argument}` is no option.\n{HELP}")),
        }
    }
    Ok(options)
}

fn run(options: &Options) -> Result<(), String> {
    if let Some(file) = &options.replay {
        let bytes = std::fs::read(file).map_err(|cause| format!("{}: {cause}.", file.display()))?;
        dialmark_ingest::fuzz(&bytes);
        println!("{} bytes went through every parser", bytes.len());
        return Ok(());
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| u64::from(since.subsec_nanos()));
    let seed = options.seed.unwrap_or(now);
    println!("seed {seed}");
    let corpus = corpus::all();
    let at_hand = Arc::new(Mutex::new(None::<AtHand>));
    watch(Arc::clone(&at_hand), options.out.clone());
    let until = Instant::now() + Duration::from_secs(options.seconds);
    let mut tried = vec![0_u64; FUZZ_ENTRIES.len()];
    for round in 0.. {
        if Instant::now() >= until {
            break;
        }
        // Each round has dice of its own, so that one can be played again without those before it.
        let mut dice = Dice::new(seed, round);
        let Some(sample) = dice.one_of(&corpus) else { break };
        let natural = FUZZ_ENTRIES.iter().position(|entry| sample.entries.contains(&entry.name));
        // Mostly the parser that the sample is for, now and then any.
        let own = natural.filter(|_| !dice.one_in(8));
        let nth = own.unwrap_or_else(|| dice.below(FUZZ_ENTRIES.len()));
        let Some(entry) = FUZZ_ENTRIES.get(nth) else { continue };
        let bytes = mutate::mutated(&sample.bytes, &corpus, &mut dice);
        set(&at_hand, Some(AtHand { since: Instant::now(), entry: entry.name, bytes: bytes.clone() }));
        let survived = catch_unwind(AssertUnwindSafe(|| (entry.run)(&bytes))).is_ok();
        set(&at_hand, None);
        if !survived {
            return Err(failed(
                &options.out,
                entry,
                &bytes,
                &format!("panicked in round {round} of seed {seed}"),
            ));
        }
        if let Some(tried) = tried.get_mut(nth) {
            *tried += 1;
        }
    }
    for (entry, tried) in FUZZ_ENTRIES.iter().zip(&tried) {
        println!("{tried:>8} inputs  {}", entry.name);
    }
    println!("{:>8} inputs  survived", tried.iter().sum::<u64>());
    Ok(())
}

fn set(slot: &Mutex<Option<AtHand>>, value: Option<AtHand>) {
    *slot.lock().unwrap_or_else(PoisonError::into_inner) = value;
}

/// Ends the program when an input takes too long: a loop without an end cannot be ended from within.
fn watch(slot: Arc<Mutex<Option<AtHand>>>, out: PathBuf) {
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(Duration::from_secs(1));
            let held = slot.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(at_hand) = held.as_ref().filter(|at_hand| at_hand.since.elapsed() > TOO_LONG) else {
                continue;
            };
            eprintln!("{}", written(&out, at_hand.entry, &at_hand.bytes, "took too long"));
            std::process::exit(1);
        }
    });
}

fn failed(out: &Path, entry: &FuzzEntry, bytes: &[u8], how: &str) -> String {
    written(out, entry.name, bytes, how)
}

/// Writes an input, and says where it is.
fn written(out: &Path, entry: &str, bytes: &[u8], how: &str) -> String {
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let path = out.join(format!("{entry}-{hash:016x}.bin"));
    match std::fs::create_dir_all(out).and_then(|()| std::fs::write(&path, bytes)) {
        Ok(()) => format!("`{entry}` {how} on these {} bytes:\n{}", bytes.len(), path.display()),
        Err(cause) => {
            format!("`{entry}` {how}, and the input cannot be written to {}: {cause}.", path.display())
        }
    }
}
