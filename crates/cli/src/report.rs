//! What became of imported records, in words.

use std::collections::BTreeMap;

use dialmark_lake::ImportReport;

use crate::out;

/// `1,000 read: 990 new, 5 unchanged; 5 quarantined (no_time 5). Noted: talk_ms:negative 2.`
pub fn sentence(report: &ImportReport) -> String {
    let kinds = [
        (report.new, "new"),
        (report.unchanged, "unchanged"),
        (report.corrected, "corrected"),
        (report.superseded, "older than what is there"),
        (report.conflicts, "in conflict"),
    ];
    let accepted: Vec<String> = kinds
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| format!("{} {word}", out::thousands(*number)))
        .collect();
    let mut text = format!("{} read", out::thousands(report.read));
    if !accepted.is_empty() {
        text.push_str(&format!(": {}", accepted.join(", ")));
    }
    if report.replaced > 0 {
        text.push_str(&format!(
            "; {} of the last file of this name replaced",
            out::thousands(report.replaced)
        ));
    }
    let quarantined = report.quarantined_total();
    if quarantined > 0 {
        text.push_str(&format!(
            "; {} quarantined ({})",
            out::thousands(quarantined),
            by_word(&report.quarantined)
        ));
    }
    text.push('.');
    if !report.flags.is_empty() {
        text.push_str(&format!(" Noted: {}.", by_word(&report.flags)));
    }
    text
}

/// `no_time 5, columns 1`, the most frequent first.
pub fn by_word(counts: &BTreeMap<String, u64>) -> String {
    let mut sorted: Vec<(&String, &u64)> = counts.iter().collect();
    sorted.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
    sorted
        .iter()
        .map(|(word, number)| format!("{word} {}", out::thousands(**number)))
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> ImportReport {
        ImportReport {
            read: 1000,
            accepted: 994,
            new: 989,
            unchanged: 5,
            quarantined: BTreeMap::from([("columns".to_owned(), 1), ("no_time".to_owned(), 5)]),
            flags: BTreeMap::from([("talk_ms:negative".to_owned(), 2)]),
            ..ImportReport::default()
        }
    }

    #[test]
    fn the_counts_are_said_in_words() {
        assert_eq!(
            sentence(&report()),
            "1,000 read: 989 new, 5 unchanged; 6 quarantined (no_time 5, columns 1). Noted: talk_ms:negative 2."
        );
        assert_eq!(sentence(&ImportReport::default()), "0 read.");
    }

    #[test]
    fn totals_add_up() {
        let mut total = ImportReport::default();
        total.add(&report());
        total.add(&report());
        assert_eq!((total.read, total.quarantined_total()), (2000, 12));
        assert_eq!(total.flags.get("talk_ms:negative"), Some(&4));
    }
}
