//! Forms, samples and appeals, tried from the outside.

mod appeals;
mod forms;
mod samples;
