//! Virtual columns: what a disposition map says of a record, as expressions over its raw code.
//!
//! Facts keep the raw code. `outcome`, `is_contact` and the like are looked up when a question is asked, so a
//! corrected map corrects every figure. A code that the map does not know yields null, never a guess.

use dialmark_model::{Disposition, DispositionMap, Kind};

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
pub fn definition(name: &str, map: &DispositionMap) -> Option<Expr> {
    let code = || Box::new(Expr::Column("disposition".to_owned()));
    let is_one_of = |codes: Vec<&str>| match codes.is_empty() {
        true => Expr::Bool(false),
        false => Expr::In(code(), codes.into_iter().map(|c| Expr::Text(c.to_owned())).collect(), false),
    };
    let flag = |test: fn(&Disposition) -> bool| {
        let (yes, no) = (map.codes_where(test), map.codes_where(|d| !test(d)));
        let mut branches = Vec::new();
        for (codes, answer) in [(yes, true), (no, false)] {
            if !codes.is_empty() {
                branches.push((is_one_of(codes), Expr::Bool(answer)));
            }
        }
        if branches.is_empty() { Expr::Null } else { Expr::Case(branches, None) }
    };
    Some(match name {
        "outcome" => {
            let branches: Vec<(Expr, Expr)> = dialmark_model::Outcome::ALL
                .into_iter()
                .filter_map(|outcome| {
                    let codes = map.codes_where(|d| d.outcome == outcome);
                    (!codes.is_empty()).then(|| (is_one_of(codes), Expr::Text(outcome.word().to_owned())))
                })
                .collect();
            if branches.is_empty() { Expr::Null } else { Expr::Case(branches, None) }
        }
        "is_call" => {
            let ghosts = map.codes_where(|d| d.outcome == dialmark_model::Outcome::NotACall);
            match ghosts.is_empty() {
                true => Expr::Bool(true),
                false => Expr::Binary(
                    BinaryOp::Or,
                    Box::new(Expr::IsNull(code(), false)),
                    Box::new(Expr::Not(Box::new(is_one_of(ghosts)))),
                ),
            }
        }
        "is_contact" => flag(|d| d.contact),
        "is_right_party" => flag(|d| d.right_party),
        "is_live_answer" => flag(|d| d.live_answer),
        "is_success" => flag(|d| d.success),
        "is_unmapped" => {
            let known = is_one_of(map.codes_where(|_| true));
            Expr::IsNull(code(), true).and(Expr::Not(Box::new(known)))
        }
        _ => return None,
    })
}

/// The expression with every virtual column replaced by what it stands for.
pub fn expand(expr: &Expr, map: &DispositionMap) -> Expr {
    expr.replace_leaves(&|leaf| match leaf {
        Expr::Column(name) => definition(name, map),
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
    fn without_a_map_nothing_is_claimed() {
        let map = DispositionMap::default();
        assert_eq!(definition("outcome", &map), Some(Expr::Null));
        assert_eq!(definition("is_call", &map), Some(Expr::Bool(true)));
    }
}
