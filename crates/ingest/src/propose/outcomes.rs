//! What result codes probably mean: the words that diallers and telephone systems write.

use dialmark_model::Outcome;

use super::words::joined;

/// Most different codes for which meanings are proposed.
const MOST_CODES: usize = 200;

/// A code of the file, how often it was seen in the sample, and its probable meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeGuess {
    /// The code as written.
    pub code: String,
    /// Records of the sample that bear it.
    pub seen: usize,
    /// Its meaning, when the code is known in the field.
    pub means: Option<Outcome>,
}

/// Codes among values, most frequent first; nothing when there are too many to be codes.
pub fn codes(values: &[&str]) -> Vec<CodeGuess> {
    let mut counts = std::collections::BTreeMap::new();
    for value in values {
        *counts.entry(*value).or_insert(0_usize) += 1;
    }
    if counts.len() > MOST_CODES {
        return Vec::new();
    }
    let mut codes: Vec<CodeGuess> = counts
        .into_iter()
        .map(|(code, seen)| CodeGuess { code: code.to_owned(), seen, means: meaning(code) })
        .collect();
    codes.sort_by(|a, b| b.seen.cmp(&a.seen).then_with(|| a.code.cmp(&b.code)));
    codes
}

fn meaning(code: &str) -> Option<Outcome> {
    let word = joined(code);
    WORDS.iter().find(|(_, words)| words.contains(&word.as_str())).map(|(outcome, _)| *outcome)
}

/// Words as [`joined`] writes them. A code that can mean two things in the field is not listed.
const WORDS: &[(Outcome, &[&str])] = &[
    (
        Outcome::Sale,
        &[
            "sale",
            "sold",
            "sale_made",
            "closed_won",
            "order",
            "success",
            "converted",
            "subscribed",
            "verkauf",
            "venta",
            "venda",
        ],
    ),
    (
        Outcome::Appointment,
        &[
            "appointment",
            "appt",
            "meeting",
            "meeting_booked",
            "appointment_set",
            "demo_booked",
            "termin",
            "cita",
        ],
    ),
    (Outcome::Promise, &["promise", "ptp", "promise_to_pay", "zahlungszusage", "promesa_de_pago"]),
    (
        Outcome::Interested,
        &["interested", "warm", "follow_up", "send_info", "information_sent", "interessiert", "interesado"],
    ),
    (
        Outcome::Callback,
        &[
            "callback",
            "call_back",
            "callbk",
            "cbk",
            "cb",
            "cbhold",
            "scheduled_callback",
            "call_later",
            "rueckruf",
            "rellamada",
            "wiedervorlage",
        ],
    ),
    (
        Outcome::NotInterested,
        &[
            "not_interested",
            "ni",
            "no_sale",
            "refused",
            "declined",
            "no_interest",
            "kein_interesse",
            "no_interesado",
            "nao_interessado",
        ],
    ),
    (
        Outcome::WrongPerson,
        &["wrong_person", "wrong_party", "third_party", "not_decision_maker", "falsche_person"],
    ),
    (Outcome::DoNotCall, &["dnc", "do_not_call", "dncl", "remove_from_list", "opt_out", "nicht_anrufen"]),
    (
        Outcome::Handled,
        &["agent", "handled", "resolved", "served", "contact_handled", "human", "connected_to_agent"],
    ),
    (
        Outcome::Abandoned,
        &["abandoned", "abandon", "hang", "hung_up_in_queue", "caller_abandon", "aufgelegt", "abandonada"],
    ),
    (
        Outcome::Dropped,
        &["drop", "dropped", "pdrop", "xdrop", "nuisance", "silent_call", "no_agent_available"],
    ),
    (
        Outcome::Machine,
        &[
            "machine",
            "answering_machine",
            "voicemail",
            "voice_mail",
            "vm",
            "am",
            "aa",
            "al",
            "machine_start",
            "machine_end_beep",
            "machine_end_silence",
            "left_message",
            "fax",
            "anrufbeantworter",
            "mailbox",
            "buzon",
            "buzon_de_voz",
            "contestador",
        ],
    ),
    (
        Outcome::NoAnswer,
        &[
            "no_answer",
            "na",
            "noanswer",
            "ring_no_answer",
            "rna",
            "not_answered",
            "nicht_erreicht",
            "no_contesta",
            "nao_atende",
        ],
    ),
    (Outcome::Busy, &["busy", "ab", "user_busy", "line_busy", "besetzt", "ocupado", "comunica"]),
    (
        Outcome::Invalid,
        &[
            "invalid",
            "invalid_number",
            "wrong_number",
            "disconnected",
            "disconnected_number",
            "dc",
            "adc",
            "bad_number",
            "unallocated_number",
            "number_changed",
            "falsche_nummer",
            "numero_equivocado",
            "numero_invalido",
        ],
    ),
    (
        Outcome::Failed,
        &[
            "failed",
            "failure",
            "error",
            "congestion",
            "chanunavail",
            "network_error",
            "system_error",
            "canceled",
            "fehler",
            "fallida",
        ],
    ),
    (Outcome::NotACall, &["phantom", "test", "test_call"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_codes_are_understood_and_unknown_ones_are_left_open() {
        let codes = codes(&["SALE", "No Answer", "XYZ", "SALE", "PHANTOM"]);
        let seen: Vec<_> = codes.iter().map(|c| (c.code.as_str(), c.seen, c.means)).collect();
        assert_eq!(
            seen,
            [
                ("SALE", 2, Some(Outcome::Sale)),
                ("No Answer", 1, Some(Outcome::NoAnswer)),
                ("PHANTOM", 1, Some(Outcome::NotACall)),
                ("XYZ", 1, None),
            ]
        );
    }

    #[test]
    fn no_word_has_two_meanings() {
        let mut seen = std::collections::BTreeSet::new();
        for word in WORDS.iter().flat_map(|(_, words)| words.iter()) {
            assert!(seen.insert(word), "{word}");
            assert_eq!(joined(word), *word);
        }
    }
}
