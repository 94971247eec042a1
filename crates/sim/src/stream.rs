//! The streams that the centre's systems export, each in its vendor's shape.

use dialmark_model::civil::{FiscalStart, Grain};
use jiff::civil::Date;

/// One kind of export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stream {
    /// Calls, from the dialler.
    DiallerCalls,
    /// States of agents, from the dialler.
    AgentStates,
    /// Log-ins and log-outs, from the dialler.
    Shifts,
    /// Planned time, from workforce management.
    Schedules,
    /// Absences, from workforce management.
    Absences,
    /// Sales and appointments with their fate, from the customer system.
    Outcomes,
    /// Steps of the pipeline, from the customer system.
    LeadStages,
    /// Leads as they were loaded.
    Leads,
    /// Lists as they were bought.
    Lists,
    /// Accounts in arrears, from the collections system.
    Accounts,
    /// Batches of accounts that the bank placed.
    Placements,
    /// Promises to pay and whether they were kept.
    Promises,
    /// Payments received.
    Payments,
    /// Callbacks agreed and kept.
    Callbacks,
    /// Customer surveys.
    Surveys,
    /// Evaluations by the quality team.
    Evaluations,
    /// Costs, from the ledger.
    Costs,
    /// Agents, from human resources.
    Agents,
    /// Which agent belonged to which team when.
    TeamMemberships,
    /// Entries to the do-not-call list.
    Dnc,
}

impl Stream {
    /// All streams.
    pub const ALL: [Stream; 20] = [
        Stream::DiallerCalls,
        Stream::AgentStates,
        Stream::Shifts,
        Stream::Schedules,
        Stream::Absences,
        Stream::Outcomes,
        Stream::LeadStages,
        Stream::Leads,
        Stream::Lists,
        Stream::Accounts,
        Stream::Placements,
        Stream::Promises,
        Stream::Payments,
        Stream::Callbacks,
        Stream::Surveys,
        Stream::Evaluations,
        Stream::Costs,
        Stream::Agents,
        Stream::TeamMemberships,
        Stream::Dnc,
    ];

    /// Name of the source in the project's mapping.
    pub const fn source(self) -> &'static str {
        match self {
            Stream::DiallerCalls => "dialler_calls",
            Stream::AgentStates => "dialler_states",
            Stream::Shifts => "dialler_shifts",
            Stream::Schedules => "wfm_schedules",
            Stream::Absences => "wfm_absences",
            Stream::Outcomes => "crm_deals",
            Stream::LeadStages => "crm_stages",
            Stream::Leads => "data_leads",
            Stream::Lists => "data_lists",
            Stream::Accounts => "collections_accounts",
            Stream::Placements => "collections_placements",
            Stream::Promises => "collections_promises",
            Stream::Payments => "collections_payments",
            Stream::Callbacks => "crm_callbacks",
            Stream::Surveys => "voc_surveys",
            Stream::Evaluations => "quality_evaluations",
            Stream::Costs => "ledger_costs",
            Stream::Agents => "hr_agents",
            Stream::TeamMemberships => "hr_teams",
            Stream::Dnc => "compliance_dnc",
        }
    }

    /// The canonical table that it fills.
    pub const fn table(self) -> &'static str {
        match self {
            Stream::DiallerCalls => "calls",
            Stream::AgentStates => "agent_spans",
            Stream::Shifts => "shifts",
            Stream::Schedules => "schedules",
            Stream::Absences => "absences",
            Stream::Outcomes => "outcomes",
            Stream::LeadStages => "lead_stages",
            Stream::Leads => "leads",
            Stream::Lists => "lists",
            Stream::Accounts => "accounts",
            Stream::Placements => "placements",
            Stream::Promises => "promises",
            Stream::Payments => "payments",
            Stream::Callbacks => "callbacks",
            Stream::Surveys => "surveys",
            Stream::Evaluations => "evaluations",
            Stream::Costs => "costs",
            Stream::Agents => "agents",
            Stream::TeamMemberships => "team_memberships",
            Stream::Dnc => "dnc_events",
        }
    }

    /// A number for streams of chance.
    pub(crate) const fn key(self) -> u64 {
        self as u64
    }

    /// Names of the columns, as the file's first line holds them; JSON lines have none and name their keys so.
    pub const fn header(self) -> &'static [&'static str] {
        self.shape().columns
    }

    /// Whether its files hold JSON lines instead of separated text.
    pub const fn is_json_lines(self) -> bool {
        self.shape().delimiter.is_none()
    }

    /// Pattern of its files, relative to the project's folder.
    pub fn files(self) -> String {
        format!("{}-*.{}", self.shape().stem, self.extension())
    }

    /// File for a row that was delivered on `day`: one file a week, named by its Monday, or one a day.
    pub fn file(self, day: Date, daily: bool) -> String {
        let named = if daily { day } else { Grain::Week.first_day(day, FiscalStart::JANUARY) };
        format!("{}-{named}.{}", self.shape().stem, self.extension())
    }

    fn extension(self) -> &'static str {
        match self.shape().delimiter {
            None => "jsonl",
            Some('\t') => "tsv",
            Some(_) => "csv",
        }
    }

    /// Appends the file's first line; nothing for JSON lines.
    pub fn write_header(self, out: &mut Vec<u8>) {
        if !self.is_json_lines() {
            self.write_row(self.header(), out);
        }
    }

    /// Appends one row as [`Sink::row`](crate::Sink::row) hands it over, quoted where it must be, with its line end.
    pub fn write_row(self, fields: &[&str], out: &mut Vec<u8>) {
        let delimiter = self.shape().delimiter;
        for (at, field) in fields.iter().enumerate() {
            if let Some(delimiter) = delimiter {
                let mut buffer = [0; 4];
                if at > 0 {
                    out.extend_from_slice(delimiter.encode_utf8(&mut buffer).as_bytes());
                }
                if field.contains([delimiter, '"', '\n', '\r']) {
                    out.push(b'"');
                    out.extend_from_slice(field.replace('"', "\"\"").as_bytes());
                    out.push(b'"');
                    continue;
                }
            }
            out.extend_from_slice(field.as_bytes());
        }
        out.push(b'\n');
    }
}

/// Writes a JSON object of these names and texts; a name with a dot is nested, neighbours share their parent.
/// An empty text becomes null; `value`, `recurring` and `probability` are numbers, everything else is text.
pub(crate) fn json_line(names: &[&str], fields: &[&str], out: &mut String) {
    let mut open: Option<&str> = None;
    out.push('{');
    for (at, (name, field)) in names.iter().zip(fields).enumerate() {
        let (parent, leaf) = match name.split_once('.') {
            Some((parent, leaf)) => (Some(parent), leaf),
            None => (None, *name),
        };
        if open != parent {
            if open.is_some() {
                out.push('}');
            }
            if at > 0 {
                out.push(',');
            }
            if let Some(parent) = parent {
                text(out, parent);
                out.push_str(":{");
            }
            open = parent;
        } else if at > 0 {
            out.push(',');
        }
        text(out, leaf);
        out.push(':');
        match leaf {
            _ if field.is_empty() => out.push_str("null"),
            "value" | "recurring" | "probability" => out.push_str(field),
            _ => text(out, field),
        }
    }
    if open.is_some() {
        out.push('}');
    }
    out.push('}');
}

fn text(out: &mut String, value: &str) {
    out.push('"');
    for c in value.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_lines_are_nested_and_null_where_empty() {
        let mut line = String::new();
        json_line(
            &["id", "agent.id", "agent.team", "at", "price.value"],
            &["D\"1", "7", "", "x", "4.50"],
            &mut line,
        );
        assert_eq!(line, r#"{"id":"D\"1","agent":{"id":"7","team":null},"at":"x","price":{"value":4.50}}"#);
    }

    #[test]
    fn fields_with_separators_are_quoted() {
        let mut out = Vec::new();
        Stream::Agents.write_row(&["a,b", "c\"d", "e"], &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), "\"a,b\",\"c\"\"d\",e\n");
    }
}
