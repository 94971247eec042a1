//! What is due, in numbers that can be added up by hand.

mod earlier_periods;
mod inputs;
mod prices;
mod service_levels;
