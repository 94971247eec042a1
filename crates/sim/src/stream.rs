//! The streams that the centre's systems export, each in its vendor's shape.

use dialmark_model::civil::Grain;
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

/// How a stream is written.
#[derive(Debug)]
pub(crate) struct Shape {
    /// Folder and beginning of the file's name.
    pub stem: &'static str,
    /// Separator between fields, or `None` for JSON lines.
    pub delimiter: Option<char>,
    /// Names of the columns; the first is the identifier, the last says when the record was modified.
    pub columns: &'static [&'static str],
    /// Columns that a damaged row has unreadable, so that the row cannot be placed in time.
    pub times: &'static [usize],
    /// Column that an earlier revision has wrong, and what it says; `None` for streams whose records are revised
    /// in the course of things (a sale is verified, a promise is kept) or never.
    pub amended: Option<(usize, &'static str)>,
    /// Column that must be empty for its duration (next) to be written as a negative one now and then.
    pub negative: Option<(usize, usize)>,
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

    /// How it is written.
    pub(crate) const fn shape(self) -> &'static Shape {
        match self {
            Stream::DiallerCalls => &Shape {
                stem: "dialler/calls",
                delimiter: Some(','),
                columns: &[
                    "call_ref", "campaign", "list_code", "origin", "grade", "lead_ref", "debt_ref", "phone",
                    "shown_number", "number_name", "try_no", "method", "user", "user_group", "location",
                    "call_date", "start_epoch", "answer_epoch", "agent_epoch", "end_epoch", "dispo_epoch",
                    "length_in_sec", "ring_sec", "talk_sec", "hold_sec", "wrap_sec", "status", "ended_by", "amd",
                    "price", "modified",
                ],
                times: &[15, 16, 17, 18, 19, 20],
                amended: Some((26, "INCALL")),
                negative: Some((12, 21)),
            },
            Stream::AgentStates => &Shape {
                stem: "dialler/agent-states",
                delimiter: Some(','),
                columns: &[
                    "event_id", "user", "user_group", "location", "campaign", "state", "pause_code", "call_ref",
                    "from_time", "to_time", "duration", "paid", "modified",
                ],
                times: &[8, 9],
                amended: Some((10, "0:00:00.000")),
                negative: None,
            },
            Stream::Shifts => &Shape {
                stem: "dialler/logins",
                delimiter: Some(','),
                columns: &[
                    "login_id", "user", "user_group", "location", "campaign", "login", "logout", "logged",
                    "paid_time", "modified",
                ],
                times: &[5, 6],
                amended: Some((7, "0:00:00.000")),
                negative: None,
            },
            Stream::Schedules => &Shape {
                stem: "wfm/plan",
                delimiter: Some(','),
                columns: &["plan_id", "user", "activity", "campaign", "starts", "ends", "paid", "modified"],
                times: &[4, 5],
                amended: Some((2, "work")),
                negative: None,
            },
            Stream::Absences => &Shape {
                stem: "wfm/absences",
                delimiter: Some(','),
                columns: &["absence_id", "user", "reason", "planned", "paid", "starts", "ends", "modified"],
                times: &[5, 6],
                amended: Some((2, "unknown")),
                negative: None,
            },
            Stream::Outcomes => &Shape {
                stem: "crm/deals",
                delimiter: None,
                columns: &[
                    "dealId", "kind", "campaign", "list", "origin", "agent.id", "agent.team", "callRef", "leadRef",
                    "product", "closedAt", "verifiedAt", "rejectedAt", "cancelledAt", "clawedBackAt", "price.value",
                    "price.currency", "modifiedAt",
                ],
                times: &[10],
                amended: None,
                negative: None,
            },
            Stream::LeadStages => &Shape {
                stem: "crm/stages",
                delimiter: None,
                columns: &[
                    "stepId", "leadRef", "stage", "campaign", "owner.id", "callRef", "enteredAt", "closeExpected",
                    "reason", "probability", "amount.value", "amount.recurring", "amount.currency", "modifiedAt",
                ],
                times: &[6],
                amended: Some((9, "0.5")),
                negative: None,
            },
            Stream::Leads => &Shape {
                stem: "data/leads",
                delimiter: Some(','),
                columns: &[
                    "lead_ref", "campaign", "list_code", "origin", "grade", "phone", "person_ref", "consent",
                    "requested", "loaded", "collected", "price", "modified",
                ],
                times: &[9],
                amended: Some((11, "0.00")),
                negative: None,
            },
            Stream::Lists => &Shape {
                stem: "data/lists",
                delimiter: Some(','),
                columns: &[
                    "list_code", "name", "campaign", "vendor", "origin", "loaded", "collected", "price", "modified",
                ],
                times: &[5],
                amended: None,
                negative: None,
            },
            Stream::Accounts => &Shape {
                stem: "collections/accounts",
                delimiter: Some(';'),
                columns: &[
                    "RecordRef", "AccountRef", "BatchRef", "ListRef", "DebtorRef", "PlacedOn", "StatedOn", "Bucket",
                    "Balance", "PlacedBalance", "Modified",
                ],
                times: &[5, 6],
                amended: Some((8, "0,00")),
                negative: None,
            },
            Stream::Placements => &Shape {
                stem: "collections/placements",
                delimiter: Some(';'),
                columns: &["BatchRef", "ListRef", "PlacedOn", "Accounts", "PlacedSum", "FeeRate", "Modified"],
                times: &[2],
                amended: None,
                negative: None,
            },
            Stream::Promises => &Shape {
                stem: "collections/promises",
                delimiter: Some(';'),
                columns: &[
                    "PromiseRef", "AccountRef", "BatchRef", "Agent", "Team", "CallRef", "MadeOn", "DueOn", "Amount",
                    "PaidSoFar", "Kept", "KeptOn", "Modified",
                ],
                times: &[6],
                amended: None,
                negative: None,
            },
            Stream::Payments => &Shape {
                stem: "collections/payments",
                delimiter: Some(';'),
                columns: &[
                    "PaymentRef", "AccountRef", "BatchRef", "Agent", "PromiseRef", "ReceivedOn", "Amount", "Method",
                    "Modified",
                ],
                times: &[5],
                amended: Some((6, "0,00")),
                negative: None,
            },
            Stream::Callbacks => &Shape {
                stem: "crm/callbacks",
                delimiter: Some(','),
                columns: &[
                    "callback_ref", "lead_ref", "campaign", "owner", "call_ref", "agreed_ms", "due_ms", "done_ms",
                    "done_call_ref", "modified",
                ],
                times: &[5, 6],
                amended: None,
                negative: None,
            },
            Stream::Surveys => &Shape {
                stem: "voice-of-customer/answers",
                delimiter: Some('\t'),
                columns: &[
                    "ResponseId", "Survey", "Question", "Via", "Campaign", "Agent", "Team", "Interaction", "Sent",
                    "Answered", "Score", "Lowest", "Highest", "Modified",
                ],
                times: &[8, 9],
                amended: Some((3, "unknown")),
                negative: None,
            },
            Stream::Evaluations => &Shape {
                stem: "quality/evaluations",
                delimiter: Some(','),
                columns: &[
                    "eval_ref", "form", "campaign", "agent", "team", "evaluator", "call_ref", "evaluated", "points",
                    "out_of", "critical", "calibration", "sample", "modified",
                ],
                times: &[7],
                amended: Some((8, "0")),
                negative: None,
            },
            Stream::Costs => &Shape {
                stem: "ledger/costs",
                delimiter: Some(';'),
                columns: &[
                    "booking", "category", "kind", "campaign", "list", "site", "booked", "amount", "note", "modified",
                ],
                times: &[6],
                amended: Some((7, "0.00")),
                negative: None,
            },
            Stream::Agents => &Shape {
                stem: "hr/agents",
                delimiter: Some(','),
                columns: &[
                    "user", "full_name", "site", "shore", "role", "hired", "left", "leave_reason", "full_time",
                    "modified",
                ],
                times: &[5],
                amended: None,
                negative: None,
            },
            Stream::TeamMemberships => &Shape {
                stem: "hr/teams",
                delimiter: Some(','),
                columns: &["membership", "user", "team", "lead", "from", "until", "modified"],
                times: &[4],
                amended: None,
                negative: None,
            },
            Stream::Dnc => &Shape {
                stem: "compliance/dnc",
                delimiter: Some(','),
                columns: &["entry", "phone", "lead_ref", "register", "action", "call_ref", "taken", "modified"],
                times: &[6],
                amended: Some((3, "unknown")),
                negative: None,
            },
        }
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
        let named = if daily { day } else { Grain::Week.first_day(day) };
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
    use std::collections::BTreeSet;

    #[test]
    fn shapes_are_consistent() {
        let mut stems = BTreeSet::new();
        for stream in Stream::ALL {
            let shape = stream.shape();
            assert!(stems.insert(shape.stem), "{}", shape.stem);
            let names: BTreeSet<_> = shape.columns.iter().collect();
            assert_eq!(names.len(), shape.columns.len(), "{stream:?}");
            assert!(shape.times.iter().all(|at| *at > 0 && *at < shape.columns.len() - 1), "{stream:?}");
            assert!(dialmark_model::facts::table(stream.table()).is_some(), "{stream:?}");
        }
    }

    #[test]
    fn json_lines_are_nested_and_null_where_empty() {
        let mut line = String::new();
        json_line(&["id", "agent.id", "agent.team", "at", "price.value"], &["D\"1", "7", "", "x", "4.50"], &mut line);
        assert_eq!(
            line,
            r#"{"id":"D\"1","agent":{"id":"7","team":null},"at":"x","price":{"value":4.50}}"#
        );
    }

    #[test]
    fn fields_with_separators_are_quoted() {
        let mut out = Vec::new();
        Stream::Agents.write_row(&["a,b", "c\"d", "e"], &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), "\"a,b\",\"c\"\"d\",e\n");
    }
}
