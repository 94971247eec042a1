//! What work costs: costs of the centre shared out to campaigns, money of other currencies, costs of one call.

mod allocation;
mod declared_rates;
mod rates;
mod share_out;
mod unit_costs;

pub use allocation::{Allocation, Basis, Shares};
pub(crate) use declared_rates::read_all as read_rates;
pub use rates::Rates;
pub use share_out::share_out;
pub use unit_costs::{Sums, UnitCosts};
