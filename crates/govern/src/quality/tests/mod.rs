//! Forms, samples and appeals, tried from the outside.

mod appeals;
mod evaluated;
mod forms;
mod samples;
