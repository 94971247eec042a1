//! The columns of a file, and finding one by the name that a mapping gives it.

/// Names of a file's columns in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Columns(Vec<String>);

impl Columns {
    /// Columns of these names.
    pub fn new(names: Vec<String>) -> Columns {
        Columns(names)
    }

    /// Columns without a header: `1`, `2`, ...
    pub fn numbered(count: usize) -> Columns {
        Columns((1..=count).map(|n| n.to_string()).collect())
    }

    /// The names, in their order.
    pub fn names(&self) -> &[String] {
        &self.0
    }

    /// Number of columns.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Position of a column: by its exact name, else by the name without regard to case and white space.
    /// The error is a sentence that names what is there.
    pub fn find(&self, wanted: &str) -> Result<usize, String> {
        match self.positions(|name| name == wanted).as_slice() {
            [one] => return Ok(*one),
            [] => {}
            many => return Err(twice(wanted, many)),
        }
        let plain = |name: &str| name.trim().to_lowercase();
        match self.positions(|name| plain(name) == plain(wanted)).as_slice() {
            [one] => Ok(*one),
            [] => Err(self.absent(wanted)),
            many => Err(twice(wanted, many)),
        }
    }

    fn positions(&self, fits: impl Fn(&str) -> bool) -> Vec<usize> {
        self.0.iter().enumerate().filter(|(_, name)| fits(name)).map(|(at, _)| at).collect()
    }

    fn absent(&self, wanted: &str) -> String {
        let list = self.0.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let hint = match nearest(wanted, self.0.iter().map(String::as_str)) {
            Some(near) => format!(" Did you mean `{near}`?"),
            None => String::new(),
        };
        format!("the mapping reads column `{wanted}`, which the file does not have.{hint} It has: {list}.")
    }
}

fn twice(wanted: &str, at: &[usize]) -> String {
    let places = at.iter().map(|n| (n + 1).to_string()).collect::<Vec<_>>().join(" and ");
    format!(
        "the mapping reads column `{wanted}`, but columns {places} both bear that name. Rename one of them in the file."
    )
}

/// The name that differs least from `wanted`, when it differs little.
pub fn nearest<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let plain = wanted.trim().to_lowercase();
    let allowed = plain.chars().count().div_ceil(3);
    names
        .map(|name| (distance(&plain, &name.trim().to_lowercase()), name))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// Insertions, deletions and replacements between two texts (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(200).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().take(200).enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (to, cell) in b.iter().zip(row.iter_mut().skip(1)) {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = *cell;
            left = replaced.min(left + 1).min(diagonal + 1);
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Columns {
        Columns::new(["Call ID", "talk", "Talk ", "agent", "agent"].map(str::to_owned).to_vec())
    }

    #[test]
    fn an_exact_name_wins_over_a_similar_one() {
        assert_eq!(columns().find("talk"), Ok(1));
        assert_eq!(columns().find("call id"), Ok(0));
    }

    #[test]
    fn names_that_fit_two_columns_are_errors() {
        assert!(columns().find("agent").unwrap_err().contains("columns 4 and 5"));
        assert!(columns().find("TALK").unwrap_err().contains("columns 2 and 3"));
    }

    #[test]
    fn an_absent_column_is_reported_with_those_found_and_the_nearest() {
        let error = columns().find("calid").unwrap_err();
        assert!(error.contains("Did you mean `Call ID`?") && error.contains("`agent`"), "{error}");
    }

    #[test]
    fn distance_is_the_known_one() {
        for (a, b, wanted) in [("kitten", "sitting", 3), ("", "abc", 3), ("abc", "", 3), ("abc", "abc", 0)] {
            assert_eq!(distance(a, b), wanted, "{a} {b}");
        }
    }
}
