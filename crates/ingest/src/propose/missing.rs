//! What a file does not say, and what it would allow.

use serde::Serialize;

/// Facts that are missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// Columns of the table, any of which would do.
    pub columns: Vec<String>,
    /// What is out of reach without them, as a sentence.
    pub without: String,
}

// What is said to be out of reach is so by the built-in catalogue: a metric in back quotes, every variant of it unless
// one is named, reads each of the columns. A test holds the two together.

const CALLS: &[(&[&str], &str)] = &[
    (
        &["disposition"],
        "Without a result per call there are no contacts, sales, conversion, connection or abandonment (`contacts`, `sales`, `conversion_rate/success_per_dial`, `connection_rate`, `outbound_abandonment_rate`).",
    ),
    (&["answered_at"], "Without the time of the answer there is no answer success rate (`asr/seizure`)."),
    (&["talk_ms"], "Without talk time there is no handle time (`aht`)."),
    (
        &["hold_ms"],
        "Without hold time there is no handle time of talk, hold and wrap-up (`aht/handle`), only one of talk.",
    ),
    (
        &["wrap_ms"],
        "Without the work after calls there is no handle time of talk, hold and wrap-up (`aht/handle`), only one of talk.",
    ),
    (
        &["agent_id"],
        "Without the agent nothing can be compared by agent, and there is no handle time and no number of calls an agent makes in a day (`aht`, `calls_per_agent/per_agent_day`).",
    ),
    (&["campaign_id"], "Without the campaign nothing can be compared by campaign."),
    (
        &["list_id", "lead_source"],
        "Without list or lead source nothing can be compared by where the leads came from.",
    ),
    (
        &["lead_id"],
        "Without the lead there are no attempts per lead and no conversion per lead (`attempts_per_lead/per_lead_called`, `conversion_rate/success_per_lead`).",
    ),
    (&["customer_id"], "Without the customer there is no first-call resolution (`fcr`)."),
    (&["account_id"], "Without the account or debt there is no promise rate (`promise_rate`)."),
    (&["attempt_no"], "Without the number of the attempt there is no first call close (`fcc`)."),
    (
        &["direction"],
        "Without the direction, inbound and outbound calls are not told apart; the mapping takes all to be of one kind, so check its line.",
    ),
    (
        &["queue_ms"],
        "Without waiting time there are no speed of answer and no service level (`asa/all_taken`, `service_level/offered`).",
    ),
    (
        &["end_reason"],
        "Without what ended the call there is no drop rate of all causes (`drop_rate/all_causes`).",
    ),
];

const AGENT_SPANS: &[(&[&str], &str)] = &[
    (&["campaign_id"], "Without the campaign, agent time cannot be split by campaign."),
    (&["paid"], "Without knowing which time is paid, paid and unpaid time are one."),
    (&["reason"], "Without pause reasons, breaks and training are one."),
];

const OUTCOMES: &[(&[&str], &str)] = &[
    (&["value_amount"], "Without values nobody can tell what the outcomes are worth."),
    (&["agent_id"], "Without the agent, outcomes cannot be compared by agent."),
    (&["campaign_id"], "Without the campaign, outcomes cannot be compared by campaign."),
    (&["cancelled_at"], "Without cancellations, cancelled outcomes count like the others."),
    (
        &["call_id", "lead_id", "customer_id"],
        "Without call, lead or customer, outcomes cannot be traced to the calls that led to them.",
    ),
];

/// What is missing in a table that is filled in these columns.
pub fn missing(table: &str, filled: &[String]) -> Vec<Missing> {
    let facts = match table {
        "calls" => CALLS,
        "agent_spans" => AGENT_SPANS,
        "outcomes" => OUTCOMES,
        _ => &[],
    };
    let is_missing = |columns: &[&str]| !columns.iter().any(|column| filled.iter().any(|f| f == column));
    facts
        .iter()
        .filter(|(columns, _)| is_missing(columns))
        .map(|(columns, without)| Missing {
            columns: columns.iter().map(|c| (*c).to_owned()).collect(),
            without: (*without).to_owned(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use toml::{Table, Value};

    /// Words that a disposition gives a meaning to.
    const OF_DISPOSITION: [&str; 5] =
        ["outcome", "is_contact", "is_success", "is_live_answer", "is_right_party"];

    /// The built-in catalogue.
    fn catalogue() -> Table {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../metrics/catalogue");
        let mut whole = Table::new();
        let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        for file in files.filter(|file| file.extension().is_some_and(|e| e == "toml")) {
            let text = std::fs::read_to_string(file).unwrap();
            for (section, value) in text.parse::<Table>().unwrap() {
                let Value::Table(value) = value else { continue };
                let merged = whole.entry(section).or_insert_with(|| Value::Table(Table::new()));
                merged.as_table_mut().unwrap().extend(value);
            }
        }
        whole
    }

    /// How the measures of each variant of a metric are read from a table; those that are not read from it left out.
    fn readings(catalogue: &Table, metric: &str, table: &str) -> Vec<String> {
        let (name, variant) = metric.split_once('/').map_or((metric, None), |(name, v)| (name, Some(v)));
        let metric = &catalogue["metric"][name];
        let variants: Vec<&Value> = match (metric.get("variant"), variant) {
            (Some(all), Some(one)) => vec![&all[one]],
            (Some(all), None) => all.as_table().unwrap().values().collect(),
            (None, _) => vec![metric],
        };
        let of_variant = |variant: &Value| {
            let measures = ["measure", "numerator", "denominator"].into_iter().filter_map(|k| variant.get(k));
            let read = measures.filter_map(|m| catalogue["measure"][m.as_str().unwrap()]["on"].get(table));
            read.map(ToString::to_string).collect::<String>()
        };
        variants.into_iter().map(of_variant).collect()
    }

    fn reads(reading: &str, column: &str) -> bool {
        let mut words = reading.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        words.any(|word| word == column || (column == "disposition" && OF_DISPOSITION.contains(&word)))
    }

    #[test]
    fn what_is_said_to_be_out_of_reach_is_so_by_the_catalogue() {
        let catalogue = catalogue();
        let mut named = 0;
        for (columns, without) in CALLS {
            // Names of metrics stand between back quotes.
            for metric in without.split('`').skip(1).step_by(2) {
                for reading in readings(&catalogue, metric, "calls") {
                    named += 1;
                    let any = columns.iter().any(|column| reads(&reading, column));
                    assert!(any && columns.len() == 1, "{metric} does without {columns:?}: {reading}");
                }
            }
        }
        assert!(named > 20, "{named}");
    }

    #[test]
    fn every_column_that_is_said_to_be_missing_exists() {
        for (table, facts) in [("calls", CALLS), ("agent_spans", AGENT_SPANS), ("outcomes", OUTCOMES)] {
            let table = dialmark_model::facts::table(table).unwrap();
            for column in facts.iter().flat_map(|(columns, _)| columns.iter()) {
                assert!(table.column(column).is_some(), "{column}");
            }
        }
    }
}
