//! Whole files through the pipeline, with rows collected instead of stored.

mod amended;
mod bank;
mod collect;
mod formats;
mod fuzzing;
mod guesses;
mod identities;
mod lines;
mod proposals;
mod refusals;
mod sequences;
mod sheets;
