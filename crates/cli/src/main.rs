//! The program `dialmark`: reads the command line, calls the other crates, says what came of it.
//!
//! Exit codes: 0 all is well, 1 a problem was found or something failed, 2 the command was used wrongly.

mod args;
mod audit;
mod columns;
mod commands;
mod declarations;
mod deliveries;
mod demo;
mod describe;
mod examples;
mod failure;
mod figure_text;
mod files;
mod in_force;
mod logging;
mod managed;
mod opened;
mod options;
mod out;
mod pages;
mod period;
mod progress;
mod question;
mod report;
mod runtime;
mod seat;
mod statement_lines;

use std::process::ExitCode;

use clap::Parser;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // clap itself ends with 2 on wrong usage and 0 after `--help`.
    let args = args::Args::parse();
    logging::begin();
    match commands::run(&args.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if let Some(text) = failure.text() {
                out::note(&text);
            }
            failure.exit_code()
        }
    }
}
