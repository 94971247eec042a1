//! What known systems write.

use super::{Case, Read, Refused, case};

const CDR: &str = "\"sales\",\"100\",\"0201\",\"outbound\",\"\"\"Ann\"\" <100>\",\"SIP/100-0a\",\"SIP/carrier-0b\",\"Dial\",\"SIP/carrier/0201\",\"2026-01-05 10:00:00\",\"2026-01-05 10:00:07\",\"2026-01-05 10:01:00\",\"60\",\"53\",\"ANSWERED\",\"DOCUMENTATION\",\"1767607200.7\",\"\"\n";
const SWITCH: &str = "\"Ann\",\"1001\",\"0201\",\"default\",\"2026-01-05 10:00:00\",\"2026-01-05 10:00:05\",\"2026-01-05 10:00:35\",\"35\",\"30\",\"NORMAL_CLEARING\",\"u1\",\"\",\"sales\",\"PCMU\",\"PCMU\"\n";
const SWITCH_JSON: &str =
    "{\"variables\":{\"uuid\":\"u1\",\"start_uepoch\":\"1767603600000000\",\"mduration\":\"35250\"}}\n";
const TWILIO: &str = "{\"sid\":\"CA1\",\"start_time\":\"Mon, 05 Jan 2026 09:00:00 +0000\",\"date_updated\":\"Mon, 05 Jan 2026 09:02:00 +0000\",\"duration\":\"60\"}\n";
const CONTACT: &str = "{\"ContactId\":\"k1\",\"Channel\":\"VOICE\",\"InitiationTimestamp\":\"2026-01-05T09:00:00Z\",\"LastUpdateTimestamp\":\"2026-01-05T09:03:00Z\"}\n";

pub fn cases() -> Vec<Case> {
    [asterisk(), queue_log(), freeswitch(), twilio(), genesys(), amazon()].into_iter().flatten().collect()
}

fn asterisk() -> Vec<Case> {
    let three = |second: &str| format!("{CDR}{second}{}", CDR.replace(".7", ".9"));
    let cut = |at: usize| format!("{CDR}{}", &CDR[..at]);
    let without_unique: String = CDR.replace(",\"1767607200.7\",\"\"", "");
    vec![
        case(
            "cdr",
            "quotation marks in a caller's name that are not doubled",
            three(&CDR.replace("\"\"\"Ann\"\" <100>\"", "\"\"Ann\" <100>\"")),
            Read(3, &[]),
        ),
        case(
            "cdr",
            "quotation marks in a caller's name behind backslashes",
            three(&CDR.replace("\"\"\"Ann\"\" <100>\"", "\"\\\"Ann, of sales\\\" <100>\"")),
            Read(3, &[("shape", 1)]),
        ),
        case("cdr", "cut off within a field of the last line", cut(100), Read(2, &[("quotes", 1)])),
        case(
            "cdr",
            "cut off between two fields of the last line",
            cut(CDR.find(",\"ANSWERED").unwrap()),
            Read(2, &[("columns", 1)]),
        ),
        case(
            "cdr",
            "begun in the middle of a record",
            format!("{}{CDR}{}", &CDR[CDR.find("\"ANSWERED").unwrap()..], CDR.replace(".7", ".9")),
            Read(3, &[("shape", 1)]),
        ),
        case(
            "cdr",
            "fields that a setting added in the middle",
            format!("{without_unique}{CDR}"),
            Read(2, &[]),
        ),
        case(
            "cdr",
            "a header that somebody added",
            format!("accountcode,src,dst\n{CDR}"),
            Read(2, &[("shape", 1)]),
        ),
        case(
            "cdr",
            "a start that is no time, and one of the year -9999 beside a second beyond all",
            three(&format!(
                "{}{}",
                CDR.replace("\"2026-01-05 10:00:00\"", "\"\""),
                CDR.replace("2026-01-05 10:00:00", "-009999-01-01 00:00:00")
                    .replace("1767607200.7", "9223372036854775807")
            )),
            // The answer and the end still place the second one.
            Read(4, &[("shape", 1)]),
        ),
        case(
            "cdr",
            "times of the year 0",
            three(&CDR.replace("2026-01-05 10", "0000-01-05 10")),
            Read(3, &[("no_time", 1)]),
        ),
        case(
            "cdr",
            "zero bytes behind a lost power",
            format!("{CDR}{}", "\0".repeat(300)),
            Read(2, &[("columns", 1)]),
        ),
        case(
            "cdr",
            "a name in another encoding",
            [
                CDR.as_bytes(),
                &CDR.replace("Ann", "M?ller")
                    .bytes()
                    .map(|b| if b == b'?' { 0xfc } else { b })
                    .collect::<Vec<u8>>(),
            ]
            .concat(),
            Read(2, &[("encoding", 1)]),
        ),
    ]
}

const LOG: &str = "\
1767603600|NONE|sales|SIP/ann|ADDMEMBER|
1767603610|c1|sales|NONE|ENTERQUEUE||0201|1
1767603620|c1|sales|SIP/ann|CONNECT|10|c2|4
1767603650|c1|sales|SIP/ann|COMPLETEAGENT|10|30|1
1767603655|NONE|sales|SIP/ann|PAUSE|coffee
1767603685|NONE|sales|SIP/ann|UNPAUSE|
1767603700|NONE|sales|SIP/ann|REMOVEMEMBER|
";

fn queue_log() -> Vec<Case> {
    let cut = LOG.find("|30|1").unwrap() + 2;
    let lines: Vec<&str> = LOG.lines().rev().collect();
    let backwards = lines.join("\n") + "\n";
    let strange = "no event\n-5|c9|sales|NONE|ENTERQUEUE||x|1\n99999999999999|c9|sales|NONE|ENTERQUEUE||x|1\n1767603650|c9|sales\n1767603650|c9|sales|NONE|enter queue|\n";
    let huge = "1767603650|c9|sales|SIP/ann|COMPLETEAGENT|9223372036854775807|9223372036854775807|1\n";
    let zeros = format!("{}{}{}", &LOG[..cut], "\0".repeat(512), &LOG[cut..]);
    vec![
        // The call, as far as it is told; half a line still says that it ended.
        case("queue_log", "the last line cut off within a number", &LOG[..cut], Read(1, &[])),
        case(
            "queue_log",
            "the last line cut off before its event",
            &LOG[..LOG.find("COMPLETE").unwrap()],
            Read(2, &[("shape", 1)]),
        ),
        case("queue_log", "lines that are no events", format!("{LOG}{strange}"), Read(6, &[("shape", 5)])),
        case("queue_log", "waiting and talking of billions of years", format!("{LOG}{huge}"), Read(2, &[])),
        // Waiting, talking, waiting, a pause, waiting; of the endless one nothing is known.
        case("queue_log_agent_spans", "talking of billions of years", format!("{LOG}{huge}"), Read(5, &[])),
        // The call ends, and what looks like two more visits to the queue begins.
        case("queue_log", "lines in the opposite order", backwards.clone(), Read(3, &[])),
        // Waiting since the log-in, talking since the connection.
        case("queue_log_agent_spans", "lines in the opposite order", backwards.clone(), Read(2, &[])),
        case("queue_log_shifts", "lines in the opposite order", backwards, Read(1, &[])),
        case("queue_log", "zero bytes in the middle", zeros.clone(), Read(1, &[])),
        case("queue_log_agent_spans", "zero bytes in the middle", zeros, Read(5, &[])),
        // Waiting, talking, waiting, a pause, waiting.
        case(
            "queue_log_agent_spans",
            "a line that is no text",
            [LOG.as_bytes(), b"1767603690|c\xff|sales|SIP/ann|CONNECT|1\n"].concat(),
            Read(6, &[("encoding", 1)]),
        ),
        case(
            "queue_log_shifts",
            "the end cut off before the log-out",
            &LOG[..LOG.find("1767603700").unwrap()],
            Read(1, &[]),
        ),
        case(
            "queue_log",
            "a line of six megabytes",
            format!("{LOG}1767603690|c5|sales|NONE|ENTERQUEUE||{}|1\n", "9".repeat(6 << 20)),
            Read(2, &[("too_long", 1)]),
        ),
        case(
            "queue_log_shifts",
            "a table of a database in place of the log",
            "time,callid,queuename,agent,event,data\n2026-01-05 10:00:00,c1,sales,NONE,ENTERQUEUE,\n",
            Read(2, &[("shape", 2)]),
        ),
    ]
}

fn freeswitch() -> Vec<Case> {
    let json = |text: &str| format!("{SWITCH_JSON}{text}");
    vec![
        case(
            "switch_csv",
            "a field too few and one too many",
            format!(
                "{SWITCH}{}{}",
                SWITCH.replace("\"PCMU\",", ""),
                SWITCH.replace("\"PCMU\",", "\"PCMU\",\"PCMA\",")
            ),
            Read(3, &[("shape", 2)]),
        ),
        case(
            "switch_csv",
            "cut off between two fields",
            format!("{SWITCH}{}", &SWITCH[..SWITCH.find(",\"sales").unwrap()]),
            Read(2, &[("columns", 1)]),
        ),
        case(
            "switch_csv",
            "no identifier, and no day",
            format!(
                "{SWITCH}{}{}",
                SWITCH.replace("u1", ""),
                SWITCH.replace("2026-01-05", "").replace("u1", "u2")
            ),
            Read(3, &[("no_id", 1), ("no_time", 1)]),
        ),
        case(
            "switch_csv",
            "a template that nobody filled in",
            format!("\"${{caller_id_name}}\",\"${{uuid}}\"\n{SWITCH}"),
            Read(2, &[("shape", 1)]),
        ),
        case(
            "switch_json",
            "cut off in the middle",
            json("{\"variables\":{\"uuid\":\"u2\",\"start_ue"),
            Read(2, &[("json", 1)]),
        ),
        case(
            "switch_json",
            "no variables, other ones, a list of none",
            json("{}\n{\"variables\":[]}\n[]\n{\"variables\":{\"uuid\":null}}\n"),
            Read(4, &[("shape", 3)]),
        ),
        case(
            "switch_json",
            "instants that are none",
            json(&SWITCH_JSON.replace("u1", "u2").replace("1767603600000000", "soon")),
            Read(2, &[("no_time", 1)]),
        ),
        case(
            "switch_json",
            "instants beyond all sense",
            json(&SWITCH_JSON.replace("u1", "u2").replace("1767603600000000", "99999999999999999999999")),
            Read(2, &[("no_time", 1)]),
        ),
        case(
            "switch_json",
            "XML in place of JSON",
            "<?xml version=\"1.0\"?>\n<cdr><variables/></cdr>\n",
            Read(2, &[("json", 2)]),
        ),
        case(
            "switch_json",
            "two hundred objects within each other",
            json(&format!("{}1{}\n", "{\"a\":".repeat(200), "}".repeat(200))),
            Read(2, &[("json", 1)]),
        ),
        case(
            "switch_json",
            "percent signs, as the module pushes them",
            "cdr=%7B%22variables%22%3A%7B%7D%7D\n",
            Read(1, &[("json", 1)]),
        ),
    ]
}

fn twilio() -> Vec<Case> {
    let page = |calls: &str| format!("{{\"calls\":[{calls}],\"page\":0}}\n");
    let call = TWILIO.trim();
    vec![
        case(
            "twilio",
            "a page cut off within a call",
            {
                let page = page(call);
                page[..page.len() - 30].to_owned()
            },
            Read(1, &[("json", 1)]),
        ),
        case(
            "twilio",
            "a page cut off and a whole one behind it",
            format!("{{\"calls\":[{{\"sid\":\"CA\n{}", page(call)),
            Read(2, &[("json", 1)]),
        ),
        case(
            "twilio",
            "a message that the key is wrong",
            "{\"code\":20003,\"message\":\"Authenticate\",\"status\":401}\n",
            Read(1, &[("shape", 1)]),
        ),
        case(
            "twilio",
            "calls that are none",
            page(&format!("{call},null,7,\"CA\",[],{{\"sid\":null}}")),
            Read(6, &[("shape", 5)]),
        ),
        case(
            "twilio",
            "a page whose list is null",
            "{\"calls\":null,\"page\":0}\n",
            Read(1, &[("shape", 1)]),
        ),
        case(
            "twilio",
            "times in another form",
            page(&format!(
                "{call},{}",
                call.replace("CA1", "CA2").replace("Mon, 05 Jan 2026 09:00:00 +0000", "2026-01-05T09:00:00Z")
            )),
            Read(2, &[("no_time", 1)]),
        ),
        case(
            "twilio",
            "no time of the last change",
            page(&call.replace("\"date_updated\":\"Mon, 05 Jan 2026 09:02:00 +0000\",", "")),
            Read(1, &[("no_revision", 1)]),
        ),
        case("twilio", "no calls", page(""), Read(0, &[])),
        // The last of the two counts, as with most readers of JSON.
        case(
            "twilio",
            "the same key twice",
            page(&call.replace("\"sid\"", "\"sid\":\"CA0\",\"sid\"")),
            Read(1, &[]),
        ),
        case(
            "twilio",
            "a price beyond all sense",
            page(&call.replace("\"duration\"", "\"price\":\"-1e999\",\"price_unit\":\"USD\",\"duration\"")),
            Read(1, &[]),
        ),
        case("twilio", "separated text", "Call Sid,Start\nCA1,2026-01-05\n", Read(2, &[("json", 2)])),
        case(
            "twilio",
            "a page without an end of forty megabytes",
            format!("{{\"calls\":[\n{}", format!("{call},\n").repeat(300_000)),
            Read(1, &[("too_long", 1)]),
        ),
    ]
}

fn genesys() -> Vec<Case> {
    let segments = |more: &str| {
        format!(
            "{{\"conversations\":[{{\"conversationId\":\"g1\",\"conversationStart\":\"2026-01-05T09:00:00Z\",\"participants\":[{{\"purpose\":\"agent\",\"userId\":\"ann\",\"sessions\":[{{\"sessionId\":\"s1\",\"segments\":[{more}]}}]}}]}}]}}\n"
        )
    };
    let segment = "{\"segmentType\":\"interact\",\"segmentStart\":\"2026-01-05T09:00:00Z\",\"segmentEnd\":\"2026-01-05T09:01:00Z\"}";
    let endless = "{\"segmentType\":\"interact\",\"segmentStart\":\"-009999-01-03T00:00:00Z\",\"segmentEnd\":\"9999-12-30T00:00:00Z\"},".repeat(20_000);
    let endless = segments(endless.trim_end_matches(','));
    vec![
        case(
            "genesys",
            "cut off in the middle",
            {
                let page = segments(segment);
                page[..page.len() / 2].to_owned()
            },
            Read(1, &[("json", 1)]),
        ),
        case(
            "genesys",
            "participants that are none",
            "{\"conversations\":[{\"conversationId\":\"g1\",\"conversationStart\":\"2026-01-05T09:00:00Z\",\"participants\":\"none\"},{\"conversationId\":\"g2\",\"participants\":[null,1,{\"sessions\":[[]]}]},{}]}\n",
            Read(3, &[("no_time", 1), ("shape", 1)]),
        ),
        case(
            "genesys",
            "segments whose instants are none",
            segments(&segment.replace("2026-01-05", "yesterday")),
            Read(1, &[]),
        ),
        case(
            "genesys_agent_spans",
            "segments whose instants are none",
            segments(&format!("{segment},{}", segment.replace("2026-01-05", "yesterday"))),
            Read(2, &[("no_time", 1)]),
        ),
        case("genesys", "segments that together last longer than a number holds", endless, Read(1, &[])),
        case(
            "genesys_agent_spans",
            "a segment that ends before it begins",
            segments(&segment.replace("09:01:00", "08:01:00")),
            Read(1, &[]),
        ),
        case(
            "genesys_agent_spans",
            "a message of an error",
            "{\"message\":\"token expired\",\"code\":\"bad.credentials\"}\n",
            Read(1, &[("shape", 1)]),
        ),
        case(
            "genesys",
            "a job that has no results yet",
            "{\"conversations\":[],\"cursor\":null}\n",
            Read(0, &[]),
        ),
        case(
            "genesys",
            "two pages run together on a line",
            format!("{}{}", segments(segment).trim(), segments(segment)),
            Read(1, &[("json", 1)]),
        ),
    ]
}

fn amazon() -> Vec<Case> {
    let event = |kind: &str, at: &str| {
        format!(
            "{{\"EventType\":\"{kind}\",\"EventTimestamp\":\"{at}\",\"CurrentAgentSnapshot\":{{\"Configuration\":{{\"Username\":\"ann\"}},\"AgentStatus\":{{\"Name\":\"Available\"}},\"Contacts\":[]}}}}\n"
        )
    };
    let day = event("LOGIN", "2026-01-05T09:00:00Z") + &event("LOGOUT", "2026-01-05T17:00:00Z");
    vec![
        case(
            "contacts",
            "a line cut off before a whole one",
            format!("{}\n{CONTACT}", &CONTACT[..60]),
            Read(2, &[("json", 1)]),
        ),
        case(
            "contacts",
            "records without an identifier, and a list of texts",
            format!("{CONTACT}{{\"Agent\":{{}}}}\n[\"k2\",\"k3\"]\n"),
            Read(4, &[("shape", 3)]),
        ),
        case(
            "contacts",
            "times that are none",
            format!(
                "{CONTACT}{}{}",
                CONTACT.replace("k1", "k2").replace("2026-01-05T09:00:00Z", "0"),
                CONTACT.replace("k1", "k3").replace("2026-01-05T09:03:00Z", "")
            ),
            Read(3, &[("no_revision", 1), ("no_time", 1)]),
        ),
        case(
            "contacts",
            "records that run together without a line end",
            format!("{}{}", CONTACT.trim(), CONTACT.trim()),
            Read(1, &[("json", 1)]),
        ),
        case(
            "contacts",
            "zero bytes in a line",
            format!("{CONTACT}{}\n", "\0".repeat(64)),
            Read(2, &[("json", 1)]),
        ),
        // The one stretch of waiting, and the three events that are none.
        case(
            "agents",
            "events without an agent, an instant or a kind",
            format!(
                "{day}{}{}{{\"x\":1}}\n",
                day.lines().next().unwrap().replace("\"Username\":\"ann\"", "") + "\n",
                event("LOGIN", "yesterday")
            ),
            Read(4, &[("shape", 3)]),
        ),
        case(
            "agents",
            "events in the opposite order and twice",
            format!("{}{day}", event("LOGOUT", "2026-01-05T17:00:00Z")),
            Read(1, &[]),
        ),
        case(
            "agents",
            "instants of the years -9999 and 9999",
            event("LOGIN", "-009999-01-03T00:00:00Z") + &event("LOGOUT", "9999-12-30T00:00:00Z"),
            Read(1, &[("no_time", 1)]),
        ),
        case(
            "agents",
            "the last event cut off",
            {
                let cut = event("LOGOUT", "2026-01-05T18:00:00Z");
                format!("{day}{}", &cut[..40])
            },
            Read(2, &[("json", 1)]),
        ),
        case("agents", "nothing but white space", " \n\n", Read(0, &[])),
        case("agents", "a workbook", b"PK\x03\x04 and so on".to_vec(), Refused("damaged")),
    ]
}
