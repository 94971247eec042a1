//! Expressions over the columns of one table: a small allow-list of SQL, read with the engine's own parser.
//!
//! There is no division: dividing is what a metric does, once, at the very end. There is no subquery, no
//! statement and no function that could reach outside the row.

mod parse;
mod types;
mod words;

pub use parse::{ExprError, parse, parse_list};
pub(crate) use parse::{duration_of, parse_sql, parse_where};
pub use types::{Type, check};
pub use words::check_words;

/// An expression over one row.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Expr {
    /// A column of the table, or a virtual one (see [`crate::virtuals`]).
    Column(String),
    /// A parameter of the metric, written `$name`.
    Param(String),
    /// A text.
    Text(String),
    /// A whole number; durations are milliseconds.
    Integer(i64),
    /// A decimal: units and digits after the point.
    Decimal(i128, u8),
    /// A civil day.
    Day(jiff::civil::Date),
    /// `true` or `false`.
    Bool(bool),
    /// Nothing.
    Null,
    /// Negation of a condition.
    Not(Box<Expr>),
    /// Negation of a number.
    Negate(Box<Expr>),
    /// Two operands.
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// `is null`, or `is not null` when the flag is set.
    IsNull(Box<Expr>, bool),
    /// `in (...)`, or `not in (...)` when the flag is set.
    In(Box<Expr>, Vec<Expr>, bool),
    /// `case when ... then ... else ... end`.
    Case(Vec<(Expr, Expr)>, Option<Box<Expr>>),
    /// A named function.
    Call(Call, Vec<Expr>),
}

/// What joins two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    /// `and`
    And,
    /// `or`
    Or,
    /// `=`
    Equal,
    /// `<>`
    Unequal,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `*`
    Times,
}

impl BinaryOp {
    /// Whether it compares.
    pub const fn is_comparison(self) -> bool {
        use BinaryOp::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, Unequal};
        matches!(self, Equal | Unequal | Less | LessOrEqual | Greater | GreaterOrEqual)
    }

    /// The sign in SQL.
    pub const fn sign(self) -> &'static str {
        match self {
            BinaryOp::And => "and",
            BinaryOp::Or => "or",
            BinaryOp::Equal => "=",
            BinaryOp::Unequal => "<>",
            BinaryOp::Less => "<",
            BinaryOp::LessOrEqual => "<=",
            BinaryOp::Greater => ">",
            BinaryOp::GreaterOrEqual => ">=",
            BinaryOp::Plus => "+",
            BinaryOp::Minus => "-",
            BinaryOp::Times => "*",
        }
    }
}

/// The functions that an expression may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Call {
    /// `coalesce(a, b, ...)`: the first that is not null.
    Coalesce,
    /// `ms_between(from, to)`: whole milliseconds between two instants, each floored to a millisecond first.
    MsBetween,
    /// `days_between(from, to)`: whole days between two days.
    DaysBetween,
    /// `abs(x)`: the size of a number.
    Abs,
    /// `flagged('column:flag')`: the import noted this flag on the row.
    Flagged,
    /// `text(x)`: a number, or yes or no, as text.
    Text,
    /// `lower(x)`.
    Lower,
}

impl Call {
    /// All functions.
    pub const ALL: [Call; 7] = [
        Call::Coalesce,
        Call::MsBetween,
        Call::DaysBetween,
        Call::Abs,
        Call::Flagged,
        Call::Text,
        Call::Lower,
    ];

    /// Its name in an expression.
    pub const fn word(self) -> &'static str {
        match self {
            Call::Coalesce => "coalesce",
            Call::MsBetween => "ms_between",
            Call::DaysBetween => "days_between",
            Call::Abs => "abs",
            Call::Flagged => "flagged",
            Call::Text => "text",
            Call::Lower => "lower",
        }
    }
}

impl Expr {
    /// Both conditions.
    pub fn and(self, other: Expr) -> Expr {
        Expr::Binary(BinaryOp::And, Box::new(self), Box::new(other))
    }

    /// Both conditions, where there are two.
    pub fn both(one: Option<Expr>, other: Option<Expr>) -> Option<Expr> {
        match (one, other) {
            (Some(one), Some(other)) => Some(one.and(other)),
            (one, other) => one.or(other),
        }
    }

    /// `self = text`.
    pub fn equals_text(self, text: &str) -> Expr {
        Expr::Binary(BinaryOp::Equal, Box::new(self), Box::new(Expr::Text(text.to_owned())))
    }

    /// Calls `visit` on this expression and everything in it.
    pub fn walk<'e>(&'e self, visit: &mut impl FnMut(&'e Expr)) {
        visit(self);
        match self {
            Expr::Not(a) | Expr::Negate(a) | Expr::IsNull(a, _) => a.walk(visit),
            Expr::Binary(_, a, b) => {
                a.walk(visit);
                b.walk(visit);
            }
            Expr::In(a, list, _) => {
                a.walk(visit);
                list.iter().for_each(|e| e.walk(visit));
            }
            Expr::Case(branches, otherwise) => {
                for (when, then) in branches {
                    when.walk(visit);
                    then.walk(visit);
                }
                if let Some(e) = otherwise {
                    e.walk(visit);
                }
            }
            Expr::Call(_, arguments) => arguments.iter().for_each(|e| e.walk(visit)),
            _ => {}
        }
    }

    /// A copy in which `replace` was applied to everything, from the outside in; it returns `None` to look further in.
    pub fn replace(&self, replace: &impl Fn(&Expr) -> Option<Expr>) -> Expr {
        if let Some(new) = replace(self) {
            return new;
        }
        let again = |e: &Expr| e.replace(replace);
        let boxed = |e: &Expr| Box::new(again(e));
        match self {
            Expr::Not(a) => Expr::Not(boxed(a)),
            Expr::Negate(a) => Expr::Negate(boxed(a)),
            Expr::IsNull(a, negated) => Expr::IsNull(boxed(a), *negated),
            Expr::Binary(op, a, b) => Expr::Binary(*op, boxed(a), boxed(b)),
            Expr::In(a, list, negated) => Expr::In(boxed(a), list.iter().map(again).collect(), *negated),
            Expr::Case(branches, otherwise) => Expr::Case(
                branches.iter().map(|(when, then)| (again(when), again(then))).collect(),
                otherwise.as_deref().map(boxed),
            ),
            Expr::Call(call, arguments) => Expr::Call(*call, arguments.iter().map(again).collect()),
            leaf => leaf.clone(),
        }
    }

    /// Names of all columns, each once, in order of appearance.
    pub fn columns(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        self.walk(&mut |e| match e {
            Expr::Column(name) if !names.contains(&name.as_str()) => names.push(name),
            Expr::Call(Call::Flagged, _) if !names.contains(&"flags") => names.push("flags"),
            _ => {}
        });
        names
    }

    /// Names of all parameters.
    pub fn params(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        self.walk(&mut |e| {
            if let Expr::Param(name) = e
                && !names.contains(&name.as_str())
            {
                names.push(name);
            }
        });
        names
    }
}

impl std::fmt::Display for Expr {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let list = |items: &[Expr]| items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        match self {
            Expr::Column(name) => write!(out, "{name}"),
            Expr::Param(name) => write!(out, "${name}"),
            Expr::Text(text) => write!(out, "'{}'", text.replace('\'', "''")),
            Expr::Integer(number) => write!(out, "{number}"),
            Expr::Decimal(units, scale) => match crate::Exact::new(*units, *scale) {
                Some(exact) => write!(out, "{exact}"),
                None => write!(out, "{units}e-{scale}"),
            },
            Expr::Day(day) => write!(out, "date '{day}'"),
            Expr::Bool(yes) => write!(out, "{yes}"),
            Expr::Null => write!(out, "null"),
            Expr::Not(a) => write!(out, "not ({a})"),
            Expr::Negate(a) => write!(out, "-({a})"),
            Expr::IsNull(a, negated) => {
                write!(out, "{} is {}null", a.wrapped(), if *negated { "not " } else { "" })
            }
            Expr::Binary(op, a, b) => {
                // A chain of `and` or of `or` reads without parentheses: the parser leans left as the chain does.
                let left = match a.as_ref() {
                    Expr::Binary(inner, ..) if inner == op && matches!(op, BinaryOp::And | BinaryOp::Or) => {
                        a.to_string()
                    }
                    _ => a.operand(*op),
                };
                write!(out, "{left} {} {}", op.sign(), b.operand(*op))
            }
            Expr::In(a, items, negated) => {
                write!(out, "{} {}in ({})", a.wrapped(), if *negated { "not " } else { "" }, list(items))
            }
            Expr::Case(branches, otherwise) => {
                write!(out, "case")?;
                for (when, then) in branches {
                    write!(out, " when {when} then {then}")?;
                }
                if let Some(e) = otherwise {
                    write!(out, " else {e}")?;
                }
                write!(out, " end")
            }
            Expr::Call(call, arguments) => write!(out, "{}({})", call.word(), list(arguments)),
        }
    }
}

impl Expr {
    /// As text, in parentheses unless it cannot be torn apart.
    fn wrapped(&self) -> String {
        match self {
            Expr::Column(_)
            | Expr::Param(_)
            | Expr::Text(_)
            | Expr::Day(_)
            | Expr::Bool(_)
            | Expr::Null
            | Expr::Call(..) => self.to_string(),
            Expr::Integer(number) if *number >= 0 => self.to_string(),
            Expr::Decimal(units, _) if *units >= 0 => self.to_string(),
            _ => format!("({self})"),
        }
    }

    /// As text beside an operator: comparisons and tests bind tighter than `and` and `or`.
    fn operand(&self, op: BinaryOp) -> String {
        match self {
            Expr::Binary(inner, ..)
                if matches!(op, BinaryOp::And | BinaryOp::Or) && inner.is_comparison() =>
            {
                self.to_string()
            }
            Expr::IsNull(..) | Expr::In(..) | Expr::Not(_) if matches!(op, BinaryOp::And | BinaryOp::Or) => {
                self.to_string()
            }
            _ => self.wrapped(),
        }
    }
}
