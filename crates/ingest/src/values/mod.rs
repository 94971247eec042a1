//! From text to values: numbers, durations, instants and days, exactly.

mod decimal;
mod flag;
mod instant;
mod iso;
mod pattern;
mod placer;
mod reader;
mod simple;
mod wall;

pub use decimal::{Decimal, Signs};
pub use flag::{Flag, FlagSet};
pub use instant::is_sensible;
pub use iso::{Moment, read as read_iso};
pub use pattern::Pattern;
pub use placer::Placer;
pub use reader::{Cell, Reader, Value};
pub use simple::{Number, clock_ms, hours_minutes_ms, whole};
pub use wall::{DAY_US, Wall};
