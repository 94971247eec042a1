//! Contracts and statements: what may be declared, what is due, and what always holds.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests are tests")]

mod common;
mod declarations;
mod demo_scene;
mod properties;
mod statements;
