//! Quality: which conversations are evaluated, evaluations made here, and calibration.

mod call;
mod evaluate;
mod round;
mod sample;

pub use call::find_call;
pub use evaluate::{Wanted, acknowledge, appeal, change, evaluate, evaluated, evaluations, steps, uphold};
pub use round::{Compared, Opening, compared, open_round, round, rounds, score_in_round};
pub use sample::{Drawn, draw, end, last_over};
