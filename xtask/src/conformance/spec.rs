//! One file of `conformance/`: which query gives which figure.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use toml::{Table, Value};

use super::exception::Exception;
use super::pattern::Pattern;

/// How the figures of one set of data are asked for.
pub struct Spec {
    /// Name of the file, without its end.
    pub set: String,
    /// Folder of the project, in the workspace.
    pub project: String,
    /// File with the known figures, in the folder of the data.
    pub expected: String,
    /// What is imported: source, and file in the folder of the data.
    pub imports: Vec<(String, String)>,
    pub queries: Vec<Query>,
    pub exceptions: Vec<Exception>,
}

/// One run of `dialmark query`.
pub struct Query {
    pub under: Pattern,
    pub by: Option<String>,
    pub condition: Option<String>,
    /// Table to read, where several could answer.
    pub on: Option<String>,
    /// First day for which the data is not complete.
    pub complete_until: Option<String>,
    /// Member of an entry that holds the key of its row.
    pub key: Option<String>,
    pub keys: Keys,
    pub leaves: BTreeMap<String, Figure>,
}

impl Query {
    /// Whether the other differs in its leaves only, being of the same origin.
    fn asks_like(&self, other: &Query) -> bool {
        (&self.under, &self.by, &self.condition, &self.on, &self.complete_until)
            == (&other.under, &other.by, &other.condition, &other.on, &other.complete_until)
    }

    /// The figure that this query gives for a place, its name here, and what the `*` stands for.
    pub fn gives<'q, 'p>(&'q self, path: &'p [String]) -> Option<(&'q str, &'q Figure, Option<&'p str>)> {
        let (rest, star) = self.under.matches(path)?;
        let name = match rest {
            [] => "",
            [name] => name.as_str(),
            _ => return None,
        };
        self.leaves.get_key_value(name).map(|(name, figure)| (name.as_str(), figure, star))
    }
}

/// How a key of `expected.json` becomes a key of a row.
#[derive(Clone, Copy)]
pub enum Keys {
    AsIs,
    LowerCase,
    SecondsAsMillis,
}

impl Keys {
    pub fn apply(self, key: &str) -> Result<String, String> {
        match self {
            Keys::AsIs => Ok(key.to_owned()),
            Keys::LowerCase => Ok(key.to_lowercase()),
            Keys::SecondsAsMillis => key
                .parse::<i64>()
                .ok()
                .and_then(|seconds| seconds.checked_mul(1000))
                .map(|ms| ms.to_string())
                .ok_or_else(|| format!("the key `{key}` is no whole number of seconds.")),
        }
    }
}

/// Where a number of an answer stands.
pub struct Figure {
    /// The metric as it is asked for.
    pub metric: String,
    pub part: Part,
    pub unit: Unit,
}

/// Which number of a cell.
#[derive(Clone, Copy)]
pub enum Part {
    Value,
    Numerator,
    Denominator,
    N,
}

impl Part {
    pub const fn word(self) -> &'static str {
        match self {
            Part::Value => "value",
            Part::Numerator => "numerator",
            Part::Denominator => "denominator",
            Part::N => "n",
        }
    }
}

/// Unit of the known figure, where ours is in milliseconds.
#[derive(Clone, Copy)]
pub enum Unit {
    Same,
    Seconds,
    Hours,
}

impl Unit {
    /// How many of our units one of theirs is.
    pub const fn in_ms(self) -> f64 {
        match self {
            Unit::Same => 1.0,
            Unit::Seconds => 1_000.0,
            Unit::Hours => 3_600_000.0,
        }
    }
}

pub fn read(file: &Path) -> Result<Spec, String> {
    let text =
        fs::read_to_string(file).map_err(|cause| format!("`{}` cannot be read: {cause}.", file.display()))?;
    let set = file.file_stem().unwrap_or_default().to_string_lossy();
    parse(&set, &text).map_err(|why| format!("{}: {why}", file.display()))
}

pub fn parse(set: &str, text: &str) -> Result<Spec, String> {
    let root: Table = text.parse().map_err(|cause| format!("this is no TOML: {cause}"))?;
    known(&root, &["project", "expected", "import", "query", "shared", "exception"])?;
    let no_leaves = Table::new();
    let shared = root.get("shared").and_then(Value::as_table).unwrap_or(&no_leaves);
    let mut queries = Vec::new();
    for query in tables(&root, "query")? {
        // Positions that differ in their leaves only are asked in one run.
        let mut runs: Vec<Query> = Vec::new();
        for names in positions(query)? {
            let next = read_query(query, shared, &names)?;
            match runs.iter_mut().find(|run| run.asks_like(&next)) {
                Some(run) => run.leaves.extend(next.leaves),
                None => runs.push(next),
            }
        }
        queries.append(&mut runs);
    }
    let imports: Result<Vec<_>, String> = tables(&root, "import")?
        .into_iter()
        .map(|import| {
            known(import, &["source", "file"])?;
            Ok((text_of(import, "source")?, text_of(import, "file")?))
        })
        .collect();
    let mut exceptions = Vec::new();
    for exception in tables(&root, "exception")? {
        known(exception, &["kind", "figures", "reason"])?;
        let (kind, reason) = (text_of(exception, "kind")?, text_of(exception, "reason")?);
        for figure in texts(exception.get("figures"))? {
            exceptions.push(Exception::read(&kind, &figure, &reason)?);
        }
    }
    Ok(Spec {
        set: set.to_owned(),
        project: text_of(&root, "project")?,
        expected: text_of(&root, "expected")?,
        imports: imports?,
        queries,
        exceptions,
    })
}

/// What `{NAME}` stands for, in one run of a query.
type Names = Vec<(String, String)>;

/// The runs of a query: one, or one for every position of the lists of `each`.
fn positions(query: &Table) -> Result<Vec<Names>, String> {
    let Some(each) = query.get("each") else { return Ok(vec![Names::new()]) };
    let each = each.as_table().ok_or("`each` is a table of lists.")?;
    let mut runs: Option<Vec<Names>> = None;
    for (name, list) in each {
        let list = texts(Some(list))?;
        let runs = runs.get_or_insert_with(|| vec![Names::new(); list.len()]);
        if runs.len() != list.len() {
            return Err("the lists of `each` have different lengths.".to_owned());
        }
        for (run, value) in runs.iter_mut().zip(list) {
            run.push((name.clone(), value));
        }
    }
    runs.ok_or_else(|| "`each` is empty.".to_owned())
}

fn filled(text: &str, names: &Names) -> String {
    names.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}

fn read_query(query: &Table, shared: &Table, names: &Names) -> Result<Query, String> {
    known(
        query,
        &["under", "by", "where", "on", "complete_until", "key", "keys", "each", "leaves", "shared"],
    )?;
    let text = |key: &str| -> Result<Option<String>, String> {
        query.get(key).map(|_| text_of(query, key).map(|text| filled(&text, names))).transpose()
    };
    let under = Pattern::read(&text("under")?.unwrap_or_default())?;
    let by = text("by")?;
    if under.has_star() != by.is_some() {
        return Err(format!("{under}: a `*` needs `by`, and `by` a `*`."));
    }
    let keys = match text("keys")?.as_deref() {
        None | Some("as is") => Keys::AsIs,
        Some("lower case") => Keys::LowerCase,
        Some("s as ms") => Keys::SecondsAsMillis,
        Some(other) => return Err(format!("{under}: `{other}` is no way to change keys.")),
    };
    let leaves = match (query.get("leaves"), text("shared")?) {
        (Some(leaves), None) => leaves.as_table(),
        (None, Some(name)) => shared.get(&name).and_then(Value::as_table),
        _ => return Err(format!("{under}: exactly one of `leaves` and `shared` is needed.")),
    };
    let leaves = leaves.ok_or_else(|| format!("{under}: there is no such table of leaves."))?;
    let leaves: Result<BTreeMap<String, Figure>, String> =
        leaves.iter().map(|(name, figure)| Ok((filled(name, names), read_figure(figure, names)?))).collect();
    Ok(Query {
        under,
        by,
        condition: text("where")?,
        on: text("on")?,
        complete_until: text("complete_until")?,
        key: text("key")?,
        keys,
        leaves: leaves?,
    })
}

fn read_figure(figure: &Value, names: &Names) -> Result<Figure, String> {
    if let Value::String(metric) = figure {
        return Ok(Figure { metric: filled(metric, names), part: Part::Value, unit: Unit::Same });
    }
    let table = figure.as_table().ok_or_else(|| format!("`{figure}` is neither a metric nor a table."))?;
    known(table, &["metric", "part", "unit"])?;
    let part = match table.get("part").and_then(Value::as_str) {
        None => Part::Value,
        Some(word) => [Part::Value, Part::Numerator, Part::Denominator, Part::N]
            .into_iter()
            .find(|part| part.word() == word)
            .ok_or_else(|| format!("`{word}` is no part of a cell."))?,
    };
    let unit = match table.get("unit").and_then(Value::as_str) {
        None => Unit::Same,
        Some("s") => Unit::Seconds,
        Some("h") => Unit::Hours,
        Some(word) => return Err(format!("`{word}` is no unit here.")),
    };
    Ok(Figure { metric: filled(&text_of(table, "metric")?, names), part, unit })
}

fn known(table: &Table, keys: &[&str]) -> Result<(), String> {
    match table.keys().find(|key| !keys.contains(&key.as_str())) {
        None => Ok(()),
        Some(key) => Err(format!("`{key}` is not known here; known are {}.", keys.join(", "))),
    }
}

fn tables<'t>(root: &'t Table, key: &str) -> Result<Vec<&'t Table>, String> {
    let Some(value) = root.get(key) else { return Ok(Vec::new()) };
    let list = value.as_array().ok_or_else(|| format!("`{key}` is written `[[{key}]]`."))?;
    list.iter().map(|item| item.as_table().ok_or_else(|| format!("`{key}` is a list of tables."))).collect()
}

fn text_of(table: &Table, key: &str) -> Result<String, String> {
    let text = table.get(key).and_then(Value::as_str);
    text.map(str::to_owned).ok_or_else(|| format!("`{key}` should be a text."))
}

fn texts(value: Option<&Value>) -> Result<Vec<String>, String> {
    let list = value.and_then(Value::as_array).ok_or("a list of texts is missing.")?;
    list.iter()
        .map(|item| item.as_str().map(str::to_owned).ok_or_else(|| format!("`{item}` is no text.")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fills_in_names_everywhere() {
        let spec = parse(
            "set",
            "project = \"p\"\nexpected = \"e\"\n[[query]]\nunder = \"/w{D}\"\neach = { D = [\"1\", \"7\"], ms = [\"86\", \"604\"] }\n\
             leaves = { \"n{D}\" = \"fcr{window={ms}}\" }\n",
        )
        .unwrap();
        let found: Vec<(String, &str, &str)> = spec
            .queries
            .iter()
            .flat_map(|q| q.leaves.iter().map(|(n, f)| (q.under.to_string(), n.as_str(), f.metric.as_str())))
            .collect();
        assert_eq!(
            found,
            [("/w1".to_owned(), "n1", "fcr{window=86}"), ("/w7".to_owned(), "n7", "fcr{window=604}")]
        );
    }

    #[test]
    fn positions_that_ask_alike_become_one_query() {
        let spec = parse(
            "set",
            "project = \"p\"\nexpected = \"e\"\n[[query]]\nunder = \"/a\"\neach = { T = [\"10\", \"20\"] }\n\
             leaves = { n = \"calls\", \"sl{T}\" = \"service_level{threshold={T}}\" }\n",
        )
        .unwrap();
        let leaves: Vec<Vec<&str>> =
            spec.queries.iter().map(|q| q.leaves.keys().map(String::as_str).collect()).collect();
        assert_eq!(leaves, [["n", "sl10", "sl20"]]);
    }

    #[test]
    fn mistakes_are_named() {
        let head = "project = \"p\"\nexpected = \"e\"\n";
        for bad in [
            "[[query]]\nunder = \"/a/*\"\nleaves = {}\n",
            "[[query]]\nunder = \"/a\"\nby = \"x\"\nleaves = {}\n",
            "[[query]]\nunder = \"/a\"\nshared = \"gone\"\n",
            "[[query]]\nunder = \"/a\"\nleaves = { a = { metric = \"m\", part = \"top\" } }\n",
            "[[query]]\nunder = \"/a\"\neach = { a = [\"1\"], b = [] }\nleaves = {}\n",
            "[[querry]]\n",
        ] {
            assert!(parse("set", &format!("{head}{bad}")).is_err(), "{bad}");
        }
    }
}
