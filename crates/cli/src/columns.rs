//! Rows of texts, each column as wide as its widest text.

/// The lines of a table, the head first. The last column is not filled up.
pub fn aligned(head: &[&str], rows: &[Vec<String>]) -> Vec<String> {
    let wide = |text: &str| text.chars().count();
    let widths: Vec<usize> = head
        .iter()
        .enumerate()
        .map(|(at, name)| {
            let cells = rows.iter().filter_map(|row| row.get(at)).map(|cell| wide(cell));
            cells.chain([wide(name)]).max().unwrap_or(0)
        })
        .collect();
    let line = |cells: Vec<&str>| {
        let mut text = String::new();
        for (at, (cell, width)) in cells.iter().zip(&widths).enumerate() {
            text.push_str(cell);
            if at + 1 < widths.len() {
                text.extend(std::iter::repeat_n(' ', width - wide(cell) + 2));
            }
        }
        text.trim_end().to_owned()
    };
    let body = rows.iter().map(|row| line(row.iter().map(String::as_str).collect()));
    std::iter::once(line(head.to_vec())).chain(body).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_each_other() {
        let rows = vec![vec!["a".to_owned(), "é1".to_owned()], vec!["bcd".to_owned(), "2".to_owned()]];
        assert_eq!(aligned(&["x", "value"], &rows), ["x    value", "a    é1", "bcd  2"]);
    }
}
