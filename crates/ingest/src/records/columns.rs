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
        match self.similar(wanted).as_slice() {
            [one] => Ok(*one),
            [] => Err(self.absent(&[wanted])),
            many => Err(twice(wanted, many)),
        }
    }

    /// Columns of this name without regard to case and white space.
    fn similar(&self, wanted: &str) -> Vec<usize> {
        let plain = |name: &str| name.trim().to_lowercase();
        self.positions(|name| plain(name) == plain(wanted))
    }

    fn positions(&self, fits: impl Fn(&str) -> bool) -> Vec<usize> {
        self.0.iter().enumerate().filter(|(_, name)| fits(name)).map(|(at, _)| at).collect()
    }

    /// Whether all of these columns can be found. The error is a sentence that names every one that cannot.
    pub fn find_all(&self, wanted: &[String]) -> Result<(), String> {
        let is_absent = |name: &&String| self.find(name).is_err() && self.similar(name).is_empty();
        let absent: Vec<&str> = wanted.iter().filter(is_absent).map(String::as_str).collect();
        if !absent.is_empty() {
            return Err(self.absent(&absent));
        }
        wanted.iter().try_for_each(|name| self.find(name).map(|_| ()))
    }

    fn absent(&self, wanted: &[&str]) -> String {
        let list = |names: Vec<&str>| names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ");
        let names = || self.0.iter().map(String::as_str);
        let hints = wanted.iter().filter_map(|name| Some((name, nearest(name.trim(), names())?)));
        let hints: String =
            hints.map(|(name, near)| format!(" For `{name}`, did you mean `{near}`?")).collect();
        let column = if wanted.len() == 1 { "column" } else { "columns" };
        let wanted = list(wanted.to_vec());
        format!(
            "the mapping reads {column} {wanted}, which the file does not have.{hints} It has: {}.",
            list(names().collect())
        )
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
    fn all_absent_columns_are_named_at_once() {
        let wanted = ["talk", "start", "Cal ID"].map(str::to_owned);
        let error = columns().find_all(&wanted).unwrap_err();
        assert!(error.starts_with("the mapping reads columns `start`, `Cal ID`, which"), "{error}");
        assert_eq!(columns().find_all(&wanted[..1]), Ok(()));
        assert!(columns().find_all(&["agent".to_owned()]).unwrap_err().contains("both bear"));
    }

    #[test]
    fn an_absent_column_is_reported_with_those_found_and_the_nearest() {
        let error = columns().find("Cal ID").unwrap_err();
        assert!(error.contains("did you mean `Call ID`?") && error.contains("`agent`"), "{error}");
    }
}
