//! The program as its users meet it: arguments and files in, text, files and exit code out.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "in tests a panic is a finding")]

mod audit;
mod commands;
mod costs;
#[cfg(unix)]
mod demo;
mod gains;
mod managed;
mod pay;
mod project;
mod quality;
mod recovery;
mod refused;
