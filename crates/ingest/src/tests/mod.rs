//! Whole files through the pipeline, with rows collected instead of stored.

mod bank;
mod collect;
mod formats;
mod lines;
mod refusals;
mod sequences;
mod speed;
mod show;
