//! The text of a query: what is read, from where on, in which order, and no more than so many rows.
//!
//! Names are quoted, values are bound; nothing that a database says becomes part of a query but names of its own columns.

use dialmark_model::pull::{Kind, Lookup};

use super::cursor::Grows;

/// Column that says of rows with one cursor which of two tables they come from: the live one last, for it is newer.
const RANK: &str = "dialmark_rank";

/// Where rows come from, and what they are called there.
#[derive(Debug, Clone)]
pub struct Arm {
    /// A quoted table, or the user's query in brackets.
    pub from: String,
    /// Index by which MySQL goes through it.
    pub index: Option<String>,
    /// Columns; those that this table lacks are null.
    pub columns: Vec<(String, bool)>,
    /// Tables that are looked into.
    pub lookups: Vec<Lookup>,
}

/// The column by which rows are read in portions.
#[derive(Debug, Clone)]
pub struct Cursor {
    pub column: String,
    pub grows: Grows,
}

/// What is asked, whatever the place.
#[derive(Debug, Clone)]
pub struct Statement {
    pub kind: Kind,
    pub arms: Vec<Arm>,
    pub cursor: Option<Cursor>,
}

/// Where a query begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// At the first row that has a cursor.
    Start,
    /// At this value.
    From(String),
    /// Behind this value.
    After(String),
    /// Rows of this very value.
    At(String),
}

impl Place {
    /// The value that is bound.
    pub fn value(&self) -> Option<&str> {
        match self {
            Place::Start => None,
            Place::From(value) | Place::After(value) | Place::At(value) => Some(value),
        }
    }
}

impl Statement {
    /// How often the value is bound.
    pub fn bound(&self) -> usize {
        match self.kind {
            Kind::MySql => self.arms.len(),
            Kind::Postgres => 1,
        }
    }

    /// Rows from a place on, in the order of the cursor; without a limit for those of one value, and for everything where
    /// there is no cursor.
    pub fn sql(&self, place: &Place, limit: Option<u32>) -> String {
        let arms: Vec<String> = self
            .arms
            .iter()
            .enumerate()
            // The first table is the live one.
            .map(|(at, arm)| self.arm(arm, self.arms.len() - at, place, limit))
            .collect();
        let order = self.order("");
        let limit = limit.map(|rows| format!(" limit {rows}")).unwrap_or_default();
        let rows = match arms.as_slice() {
            [one] => one.clone(),
            several => {
                let all =
                    several.iter().map(|arm| format!("({arm})")).collect::<Vec<_>>().join(" union all ");
                format!("{all}{order}{limit}")
            }
        };
        match self.kind {
            Kind::MySql => rows,
            // PostgreSQL writes each value down itself: exactly, and with the offset of what has one.
            Kind::Postgres => {
                let cursor = match &self.cursor {
                    Some(cursor) => format!("x.{}::text", self.quoted(&cursor.column)),
                    None => "null::text".to_owned(),
                };
                format!("select {cursor}, row_to_json(x)::text from ({rows}) x{}", self.order("x."))
            }
        }
    }

    /// Whether there are rows that no place reaches, because their cursor is null.
    pub fn sql_of_unreachable(&self) -> Option<String> {
        let cursor = self.cursor.as_ref()?;
        let column = self.quoted(&cursor.column);
        let arms: Vec<String> = self
            .arms
            .iter()
            .map(|arm| format!("(select 1 from {} a where a.{column} is null limit 1)", arm.from))
            .collect();
        Some(arms.join(" union all "))
    }

    fn order(&self, of: &str) -> String {
        match (&self.cursor, self.arms.len()) {
            (None, _) => String::new(),
            (Some(cursor), 1) => format!(" order by {of}{}", self.quoted(&cursor.column)),
            (Some(cursor), _) => {
                format!(" order by {of}{}, {of}{}", self.quoted(&cursor.column), self.quoted(RANK))
            }
        }
    }

    fn arm(&self, arm: &Arm, rank: usize, place: &Place, limit: Option<u32>) -> String {
        let mut columns: Vec<String> = arm
            .columns
            .iter()
            .map(|(name, is_there)| {
                let name = self.quoted(name);
                if *is_there { format!("a.{name}") } else { format!("null as {name}") }
            })
            .collect();
        let mut joins = String::new();
        for (nth, lookup) in arm.lookups.iter().enumerate() {
            for (at, table) in lookup.tables.iter().enumerate() {
                let (table, key) = (self.quoted_table(table), self.quoted(&lookup.key));
                joins += &format!(" left join {table} l{nth}_{at} on l{nth}_{at}.{key} = a.{key}");
            }
            for (from, to) in &lookup.columns {
                let from = self.quoted(from);
                let of: Vec<String> =
                    (0..lookup.tables.len()).map(|at| format!("l{nth}_{at}.{from}")).collect();
                columns.push(format!("coalesce({}) as {}", of.join(", "), self.quoted(to)));
            }
        }
        if self.arms.len() > 1 {
            columns.push(format!("{rank} as {}", self.quoted(RANK)));
        }
        let condition = match &self.cursor {
            None => String::new(),
            Some(cursor) => format!(" where {}", self.condition(cursor, place)),
        };
        let order = self.cursor.as_ref().map(|cursor| format!(" order by a.{}", self.quoted(&cursor.column)));
        let limit = limit.map(|rows| format!(" limit {rows}"));
        // Rows that are asked for by their very value are found by any means.
        let index = match (&arm.index, place) {
            (Some(index), Place::Start | Place::From(_) | Place::After(_)) => {
                format!(" force index ({})", self.quoted(index))
            }
            _ => String::new(),
        };
        format!(
            "select {} from {} a{index}{joins}{condition}{}{}",
            columns.join(", "),
            arm.from,
            order.unwrap_or_default(),
            limit.unwrap_or_default()
        )
    }

    fn condition(&self, cursor: &Cursor, place: &Place) -> String {
        let column = format!("a.{}", self.quoted(&cursor.column));
        let value = self.placeholder(cursor);
        match place {
            Place::Start => format!("{column} is not null"),
            Place::From(_) => format!("{column} >= {value}"),
            Place::After(_) => format!("{column} > {value}"),
            Place::At(_) => format!("{column} = {value}"),
        }
    }

    /// The bound value in the column's own type, so that it is compared exactly and by the column's index.
    fn placeholder(&self, cursor: &Cursor) -> String {
        match (self.kind, cursor.grows) {
            (Kind::MySql, Grows::Whole | Grows::WallText) => "?".to_owned(),
            (Kind::MySql, Grows::Decimal) => "cast(? as decimal(65, 20))".to_owned(),
            (Kind::MySql, Grows::Instant | Grows::Wall) => "cast(? as datetime(6))".to_owned(),
            (Kind::MySql, Grows::Day) => "cast(? as date)".to_owned(),
            (Kind::Postgres, grows) => {
                let to = match grows {
                    Grows::Whole => "int8",
                    Grows::Decimal => "numeric",
                    Grows::Instant => "timestamptz",
                    Grows::Wall => "timestamp",
                    Grows::WallText => "text",
                    Grows::Day => "date",
                };
                format!("$1::text::{to}")
            }
        }
    }

    pub fn quoted(&self, name: &str) -> String {
        quoted(self.kind, name)
    }

    pub fn quoted_table(&self, name: &str) -> String {
        quoted_table(self.kind, name)
    }
}

/// A name in the system's quotation marks.
pub fn quoted(kind: Kind, name: &str) -> String {
    match kind {
        Kind::MySql => format!("`{}`", name.replace('`', "``")),
        Kind::Postgres => format!("\"{}\"", name.replace('"', "\"\"")),
    }
}

/// `schema.table`, each quoted.
pub fn quoted_table(kind: Kind, name: &str) -> String {
    name.split('.').map(|part| quoted(kind, part)).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(kind: Kind, tables: &[&str]) -> Statement {
        Statement {
            kind,
            arms: tables
                .iter()
                .map(|table| Arm {
                    from: quoted_table(kind, table),
                    index: None,
                    columns: vec![("id".to_owned(), true), ("late".to_owned(), !table.ends_with("archive"))],
                    lookups: Vec::new(),
                })
                .collect(),
            cursor: Some(Cursor { column: "at".to_owned(), grows: Grows::Wall }),
        }
    }

    #[test]
    fn values_are_bound_and_names_are_quoted() {
        let one = statement(Kind::MySql, &["log"]);
        assert_eq!(
            one.sql(&Place::After("2026".to_owned()), Some(10)),
            "select a.`id`, a.`late` from `log` a where a.`at` > cast(? as datetime(6)) order by a.`at` limit 10"
        );
        assert_eq!(quoted(Kind::MySql, "a`b"), "`a``b`");
        assert_eq!(quoted_table(Kind::Postgres, "x.y\"z"), "\"x\".\"y\"\"z\"");
    }

    #[test]
    fn each_table_of_twins_is_limited_and_the_live_one_comes_last() {
        let twins = statement(Kind::MySql, &["log", "log_archive"]);
        assert_eq!(
            twins.sql(&Place::Start, Some(2)),
            "(select a.`id`, a.`late`, 2 as `dialmark_rank` from `log` a where a.`at` is not null order by a.`at` limit 2) \
             union all (select a.`id`, null as `late`, 1 as `dialmark_rank` from `log_archive` a where a.`at` is not null \
             order by a.`at` limit 2) order by `at`, `dialmark_rank` limit 2"
        );
        assert_eq!((twins.bound(), statement(Kind::Postgres, &["a", "b"]).bound()), (2, 1));
    }

    #[test]
    fn a_table_is_gone_through_by_its_index() {
        let mut one = statement(Kind::MySql, &["log"]);
        one.arms[0].index = Some("on_at".to_owned());
        assert!(one.sql(&Place::Start, Some(5)).contains("from `log` a force index (`on_at`) where"));
        assert!(!one.sql(&Place::At("x".to_owned()), None).contains("force"));
    }

    #[test]
    fn postgres_writes_its_values_itself() {
        let sql = statement(Kind::Postgres, &["log"]).sql(&Place::At("x".to_owned()), None);
        assert_eq!(
            sql,
            "select x.\"at\"::text, row_to_json(x)::text from (select a.\"id\", a.\"late\" from \"log\" a where a.\"at\" = \
             $1::text::timestamp order by a.\"at\") x order by x.\"at\""
        );
    }
}
