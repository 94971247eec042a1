//! The columns of a file, and finding one by the name that a mapping gives it.

use dialmark_model::declared::nearest;

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
    pub fn count(&self) -> usize {
        self.0.len()
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
        let hint = match nearest(wanted.trim(), self.0.iter().map(String::as_str)) {
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
        let error = columns().find("Cal ID").unwrap_err();
        assert!(error.contains("Did you mean `Call ID`?") && error.contains("`agent`"), "{error}");
    }
}
