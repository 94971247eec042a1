//! How things are named in the exports.

use jiff::civil::Date;

use crate::call::Call;
use crate::campaign::Campaign;
use crate::lists::LISTS;
use crate::text::{Text, digits, integer};

/// `261116001-000412`: day, floor, number of the call on that day.
pub(crate) fn call(out: &mut Text, day: Date, floor: u64, number: u64) {
    digits(out, day_code(day), 6);
    digits(out, floor + 1, 3);
    out.push('-');
    digits(out, number + 1, 6);
}

/// `261116` as a number.
pub(crate) fn day_code(day: Date) -> u64 {
    let [year, month, day] = [i64::from(day.year()) % 100, i64::from(day.month()), i64::from(day.day())];
    crate::num::unsigned(year * 10_000 + month * 100 + day)
}

/// `HS-WEB-1-0000124`: list, floor, number of the lead.
pub(crate) fn lead(out: &mut Text, floor: u64, call: &Call) {
    out.push_str(LISTS[call.list].code);
    if call.planted.is_some() {
        out.push_str("-X");
    }
    out.push('-');
    digits(out, floor + 1, 1);
    out.push('-');
    digits(out, call.turn.lead + 1, 7);
}

/// `HB6010000124`: the account behind an arrears lead; the same on both lists for those that stand on two.
pub(crate) fn account(out: &mut Text, floor: u64, call: &Call) {
    out.push_str("HB");
    match call.planted {
        Some(account) => {
            out.push('X');
            digits(out, account + 1, 9);
        }
        None => {
            digits(out, call.list as u64, 1);
            digits(out, floor + 1, 2);
            digits(out, call.turn.lead + 1, 7);
        }
    }
}

/// `+446901000124`: a number that British plans leave unassigned (04 and 06), as long as a British number is: which list
/// (9 for the doubly listed debtor, who has one telephone), floor, lead. A list of a floor has fewer than a million leads,
/// even over years; a centre of more than two hundred floors would begin to share numbers.
pub(crate) fn phone(out: &mut Text, floor: u64, call: &Call) {
    out.push_str(if (floor / 100).is_multiple_of(2) { "+446" } else { "+444" });
    digits(out, if call.planted.is_some() { 9 } else { call.list as u64 }, 1);
    digits(out, floor % 100, 2);
    digits(out, call.turn.lead + 1, 6);
}

/// Name of the caller ID.
pub(crate) fn caller(out: &mut Text, call: &Call) {
    match call.campaign() {
        Campaign::HomeSwitch => caller_of(out, call.caller),
        Campaign::B2b => out.push_str("BB-1"),
        Campaign::Arrears => out.push_str("EA-1"),
    }
}

/// Name of a caller ID of the consumer campaign.
pub(crate) fn caller_of(out: &mut Text, caller: u8) {
    out.push_str("HS-");
    integer(out, i64::from(caller) + 1);
}

/// Number that is shown.
pub(crate) fn shown_number(out: &mut Text, call: &Call) {
    match call.campaign() {
        Campaign::HomeSwitch => {
            out.push_str("+44113496010");
            integer(out, i64::from(call.caller) + 1);
        }
        Campaign::B2b => out.push_str("+441134960201"),
        Campaign::Arrears => out.push_str("+441134960301"),
    }
}
