//! The workshop: everything that is done to Dialmark rather than with it. It drives cargo and the built
//! program and never links the engine, so that it builds in seconds.

// It speaks to the terminal of whoever works on Dialmark; nothing reads it but people and CI logs.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod ci;
mod codegen;
mod conformance;
mod deps;
mod faults;
mod features;
mod fuzz;
mod python;
mod run;
mod tally;
mod workspace;

use std::path::PathBuf;
use std::process::ExitCode;

const HELP: &str = "\
cargo xtask COMMAND

  test [STAGE...]     every check and every test, or only the named stages (`ci` means the same)
       --data DIR     folder with the data of the conformance runs (default: ../shared/data, if it is there)
  deps                who may depend on whom, banned packages, licences, sources
  features            whether the program and the tests build shared packages only once
  codegen             write the generated documents: reference of the metrics, metric tree, schemas
       --check        only say which of them are stale
  faults kill         end the program at random moments, and count what is lost or doubled
  faults power        cut the power of its disk instead (as root, with xfsprogs)
  faults disk         fill its disk, let it fail, be slow or lose a bit, let the clock jump (with strace and faketime)
       --trials N     how often (default: 50, 10 and 11, as in `test`)
  conformance         known figures of real data, from import to query
       --data DIR     folder with the data (default: ../shared/data)
       --out FILE     write every compared figure to this JSON file
  fuzz                change files at random and run every parser over them
       --seconds N    for so long (default: 30)
       --seed N       the same changes as a run that said this seed

Stages, in order: fmt, deps, features, clippy, build, codegen, test, fuzz, stats, catalogue, departments, packs,
pull, simulated, records, faults, browser, conformance, attach, oracle.
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match command(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            if !message.is_empty() {
                eprintln!("{message}");
            }
            ExitCode::FAILURE
        }
    }
}

fn command(arguments: &[String]) -> Result<(), String> {
    let Some((name, rest)) = arguments.split_first() else {
        print!("{HELP}");
        return Ok(());
    };
    if name == "faults" {
        return faults::run(rest);
    }
    let options = Options::read(rest)?;
    match name.as_str() {
        "test" | "ci" => ci::run(&options),
        "deps" => options.no_stages("deps").and_then(|()| deps::run().map(|tally| println!("{tally}"))),
        "features" => {
            options.no_stages("features").and_then(|()| features::run().map(|tally| println!("{tally}")))
        }
        "codegen" => {
            options.no_stages("codegen")?;
            codegen::run(options.check).map(|tally| println!("{tally}"))
        }
        "conformance" => {
            options.no_stages("conformance")?;
            conformance::run(&options.data_or_default()?, options.out.as_deref())
                .map(|tally| println!("{tally}"))
        }
        "fuzz" => {
            options.no_stages("fuzz")?;
            fuzz::run(options.seconds, options.seed).map(|tally| println!("{tally}"))
        }
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(())
        }
        _ => Err(format!("`{name}` is no command of the workshop.\n\n{HELP}")),
    }
}

/// What follows the name of a command.
struct Options {
    data: Option<PathBuf>,
    out: Option<PathBuf>,
    check: bool,
    seconds: u64,
    seed: Option<u64>,
    stages: Vec<String>,
}

impl Options {
    fn read(arguments: &[String]) -> Result<Options, String> {
        let mut options = Options {
            data: None,
            out: None,
            check: false,
            seconds: fuzz::SECONDS,
            seed: None,
            stages: Vec::new(),
        };
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let slot = match argument.as_str() {
                "--data" => &mut options.data,
                "--out" => &mut options.out,
                "--check" => {
                    options.check = true;
                    continue;
                }
                "--seconds" => {
                    options.seconds = number(argument, rest.next())?;
                    continue;
                }
                "--seed" => {
                    options.seed = Some(number(argument, rest.next())?);
                    continue;
                }
                other if other.starts_with('-') => {
                    return Err(format!("`{other}` is no option here.\n\n{HELP}"));
                }
                stage => {
                    options.stages.push(stage.to_owned());
                    continue;
                }
            };
            let value = rest.next().ok_or_else(|| format!("`{argument}` needs a path after it."))?;
            *slot = Some(PathBuf::from(value));
        }
        Ok(options)
    }

    fn no_stages(&self, command: &str) -> Result<(), String> {
        match self.stages.first() {
            None => Ok(()),
            Some(first) => Err(format!("`{command}` takes no `{first}`.\n\n{HELP}")),
        }
    }

    /// The folder with the data, if there is one.
    fn data(&self) -> Result<Option<PathBuf>, String> {
        match &self.data {
            Some(data) if data.is_dir() => Ok(Some(data.clone())),
            Some(data) => Err(format!("there is no folder `{}`; `--data` names one.", data.display())),
            None => {
                let usual = workspace::root()?.join("../shared/data");
                Ok(usual.is_dir().then_some(usual))
            }
        }
    }

    fn data_or_default(&self) -> Result<PathBuf, String> {
        self.data()?
            .ok_or_else(|| "the data is not at `../shared/data`; name its folder with `--data`.".to_owned())
    }
}

fn number(option: &str, value: Option<&String>) -> Result<u64, String> {
    let value = value.ok_or_else(|| format!("`{option}` needs a number after it."))?;
    value.parse().map_err(|_| format!("`{option}` needs a whole number, and `{value}` is none."))
}
