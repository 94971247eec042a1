//! Virtual columns: what a disposition map says of a record, as expressions over its raw code.
//!
//! Facts keep the raw code. `outcome`, `is_contact` and the like are looked up when a question is asked, so a
//! corrected map corrects every figure. A code that the map does not know yields null, never a guess.

use dialmark_model::{Disposition, DispositionMap, Kind};

use crate::catalogue::DAY;
use crate::expr::{BinaryOp, Expr};

/// A virtual column of every table that has a `disposition`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Virtual {
    /// Its name in expressions and as a dimension.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// One sentence.
    pub about: &'static str,
}

/// All virtual columns.
pub const ALL: [Virtual; 7] = [
    Virtual {
        name: "outcome",
        kind: Kind::Code,
        about: "Meaning of the disposition; null when no map knows the code.",
    },
    Virtual {
        name: "is_call",
        kind: Kind::Bool,
        about: "False for records that are mapped as no call at all: tests, phantoms. True for unmapped codes.",
    },
    Virtual {
        name: "is_contact",
        kind: Kind::Bool,
        about: "An agent spoke to a person; null for unmapped codes.",
    },
    Virtual {
        name: "is_right_party",
        kind: Kind::Bool,
        about: "The person was the one wanted; null for unmapped codes.",
    },
    Virtual {
        name: "is_live_answer",
        kind: Kind::Bool,
        about: "A live person picked up; null for unmapped codes.",
    },
    Virtual {
        name: "is_success",
        kind: Kind::Bool,
        about: "The call reached what it was made for; null for unmapped codes.",
    },
    Virtual { name: "is_unmapped", kind: Kind::Bool, about: "The record has a code that no map knows." },
];

/// The virtual column of this name.
pub fn named(name: &str) -> Option<&'static Virtual> {
    ALL.iter().find(|v| v.name == name)
}

/// What a virtual column stands for under a map; `None` for other names.
///
/// A code of a map that holds only on some days means something on those days alone.
pub fn definition(name: &str, map: &DispositionMap) -> Option<Expr> {
    let flag = |test: fn(&Disposition) -> bool| {
        let groups = [
            (holding(map, &|d| test(d)), Expr::Bool(true)),
            (holding(map, &|d| !test(d)), Expr::Bool(false)),
        ];
        cases(groups.into_iter())
    };
    Some(match name {
        "outcome" => cases(dialmark_model::Outcome::ALL.into_iter().map(|outcome| {
            (holding(map, &move |d| d.outcome == outcome), Expr::Text(outcome.word().to_owned()))
        })),
        "is_call" => match holding(map, &|d| d.outcome == dialmark_model::Outcome::NotACall) {
            None => Expr::Bool(true),
            Some(ghosts) => Expr::Binary(
                BinaryOp::Or,
                Box::new(Expr::IsNull(Box::new(code()), false)),
                Box::new(Expr::Not(Box::new(ghosts))),
            ),
        },
        "is_contact" => flag(|d| d.contact),
        "is_right_party" => flag(|d| d.right_party),
        "is_live_answer" => flag(|d| d.live_answer),
        "is_success" => flag(|d| d.success),
        "is_unmapped" => {
            let known = holding(map, &|_| true).unwrap_or(Expr::Bool(false));
            Expr::IsNull(Box::new(code()), true).and(Expr::Not(Box::new(known)))
        }
        _ => return None,
    })
}

fn code() -> Expr {
    Expr::Column("disposition".to_owned())
}

fn cases(groups: impl Iterator<Item = (Option<Expr>, Expr)>) -> Expr {
    let branches: Vec<(Expr, Expr)> =
        groups.filter_map(|(condition, value)| Some((condition?, value))).collect();
    if branches.is_empty() { Expr::Null } else { Expr::Case(branches, None) }
}

/// The condition that a record's code has a meaning of this kind on its day; `None` when no code has.
fn holding(map: &DispositionMap, test: &dyn Fn(&Disposition) -> bool) -> Option<Expr> {
    let mut any: Option<Expr> = None;
    for (days, codes) in map.parts() {
        let codes: Vec<Expr> =
            codes.iter().filter(|(_, d)| test(d)).map(|(code, _)| Expr::Text(code.clone())).collect();
        if codes.is_empty() {
            continue;
        }
        let mut part = Expr::In(Box::new(code()), codes, false);
        for (bound, op) in [(days.from, BinaryOp::GreaterOrEqual), (days.until, BinaryOp::Less)] {
            if let Some(day) = bound {
                let day = Box::new(Expr::Day(day));
                part = part.and(Expr::Binary(op, Box::new(Expr::Column(DAY.to_owned())), day));
            }
        }
        any = Some(match any {
            None => part,
            Some(before) => Expr::Binary(BinaryOp::Or, Box::new(before), Box::new(part)),
        });
    }
    any
}

/// The expression with every virtual column replaced by what it stands for. A table's own column of that name stays.
pub fn expand(expr: &Expr, map: &DispositionMap, is_own: &dyn Fn(&str) -> bool) -> Expr {
    expr.replace(&|leaf| match leaf {
        Expr::Column(name) if !is_own(name) => definition(name, map),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use dialmark_model::Outcome;

    #[test]
    fn a_code_that_no_map_knows_is_neither_contact_nor_not() {
        let mut map = DispositionMap::default();
        map.codes.insert("SALE".to_owned(), Disposition::of(Outcome::Sale));
        map.codes.insert("A".to_owned(), Disposition::of(Outcome::Machine));
        assert_eq!(
            definition("is_contact", &map).unwrap().to_string(),
            "case when disposition in ('SALE') then true when disposition in ('A') then false end"
        );
        assert_eq!(
            definition("is_unmapped", &map).unwrap().to_string(),
            "disposition is not null and not (disposition in ('A', 'SALE'))"
        );
    }

    #[test]
    fn a_code_means_something_else_on_other_days() {
        let july = jiff::civil::date(2026, 7, 1);
        let mut map = DispositionMap::default();
        let meaning = |outcome| [("A".to_owned(), Disposition::of(outcome))].into_iter().collect();
        let days = |from, until| dialmark_model::validity::Days { from, until };
        map.dated.push((days(None, Some(july)), meaning(Outcome::Sale)));
        map.dated.push((days(Some(july), None), meaning(Outcome::Machine)));
        assert_eq!(
            definition("is_contact", &map).unwrap().to_string(),
            "case when disposition in ('A') and day < date '2026-07-01' then true when disposition in ('A') and day >= date '2026-07-01' then false end"
        );
    }

    #[test]
    fn without_a_map_nothing_is_claimed() {
        let map = DispositionMap::default();
        assert_eq!(definition("outcome", &map), Some(Expr::Null));
        assert_eq!(definition("is_call", &map), Some(Expr::Bool(true)));
    }
}
