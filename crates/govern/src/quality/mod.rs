//! Quality: forms and their scores, which conversations are evaluated, and how an agent appeals.

mod appeal;
mod coverage;
mod evaluated;
mod form;
mod sampling;
mod score;
mod sha256;

pub use appeal::{Evaluation, Standing};
pub use coverage::{AgentCoverage, Coverage};
pub use evaluated::{Conversation, Evaluated, Given, Selection, Version, call_key};
pub use form::{Criterion, Form, Theme};
pub use sampling::{Candidate, Every, Sample, Sampling, Size};
pub use score::{Answer, Points, Scored, ScoredItem};

#[cfg(test)]
mod tests;
