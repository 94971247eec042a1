//! Whole files through the pipeline, with rows collected instead of stored.

mod bank;
mod collect;
mod formats;
mod fuzzing;
mod lines;
mod proposals;
mod refusals;
mod sequences;
