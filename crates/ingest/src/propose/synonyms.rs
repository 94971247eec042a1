//! The words that exports use for each fact: what the field calls things, one explicit list.
//!
//! Words are lower case, joined by `_`, without units; the first is the most certain. English first, then what
//! Spanish, German and Portuguese systems write. The column's own name is always understood.

/// Words for the columns of one table.
#[derive(Debug)]
pub struct TableWords {
    /// The table.
    pub table: &'static str,
    /// Columns without which a file is not of this table: at least one of each group.
    pub needs: &'static [&'static [&'static str]],
    /// Words in a file's name that point to it.
    pub file_words: &'static [&'static str],
    /// For each column the words for it.
    pub columns: &'static [(&'static str, &'static [&'static str])],
}

/// Words for a record's identifier.
#[rustfmt::skip]
pub const IDS: &[&str] = &["call_id", "callid", "unique_id", "uniqueid", "call_ref", "call_reference", "call_uuid", "uuid",
    "call_sid", "sid", "interaction_id", "contact_id", "conversation_id", "session_id", "call_key", "call_reference", "record_id",
    "row_id", "id", "id_llamada", "llamada_id", "anruf_id", "id_chamada", "hs_object_id", "agent_log_id", "survey_id", "response_id",
    "evaluation_id", "transaction_id", "payment_id", "shift_id", "sale_id", "order_id", "outcome_id", "lead_id", "list_id",
    "agent_id", "account_id", "promise_id", "placement_id"];

/// Words for the time or number by which a newer delivery of a record is known.
#[rustfmt::skip]
pub const REVISIONS: &[&str] = &["updated_at", "last_update_timestamp", "date_updated", "last_modified", "last_modified_at",
    "modified_at", "modify_date", "modified_date", "last_updated", "lastmodifieddate", "hs_lastmodifieddate", "system_modstamp",
    "revision", "version", "row_version", "modified", "updated"];

/// Words for a count of calls and the like: signs that a row is not one call.
#[rustfmt::skip]
pub const COUNTS: &[&str] = &["calls", "total_calls", "num_calls", "number_of_calls", "calls_handled", "calls_offered",
    "calls_answered", "calls_made", "calls_abandoned", "calls_count", "call_count", "dials", "total_dials", "contacts",
    "total_contacts", "sales", "total_sales", "connects", "conversions", "appointments", "offered", "handled", "abandoned",
    "answered_calls", "outbound_calls", "inbound_calls", "llamadas", "anrufe", "chamadas", "ventas"];

/// The tables that a file may be of, likeliest first.
#[rustfmt::skip] // One line a column reads better than one line a word.
pub const TABLES: &[TableWords] = &[
    TableWords {
        table: "calls",
        needs: &[&["started_at", "queued_at", "answered_at", "connected_at", "ended_at"], &["talk_ms", "duration_ms", "queue_ms",
            "billed_ms", "called_number", "disposition", "direction", "ended_at", "caller_number"]],
        file_words: &["call", "calls", "cdr", "dialer", "dialler", "llamadas", "anrufe", "chamadas"],
        columns: &[
            ("direction", &["call_direction", "call_dir", "initiation_method", "inbound_outbound", "in_out", "inout", "in_or_out",
                "i_o", "richtung", "direccion", "direcao", "hs_call_direction"]),
            ("dial_mode", &["dial_method", "dialing_mode", "dialling_mode", "dialer_mode", "dialler_mode", "method"]),
            ("channel", &["media", "media_type", "kanal", "canal"]),
            ("client_id", &["client", "client_name", "mandant", "auftraggeber", "account_name"]),
            ("campaign_id", &["campaign", "campaign_name", "project", "project_name", "program", "programme", "kampagne",
                "campana", "campanha"]),
            ("list_id", &["list", "list_name", "list_code", "calling_list", "call_list", "lead_list", "contact_list",
                "contact_list_name", "liste", "lista"]),
            ("lead_source", &["source", "source_name", "lead_origin", "origin", "origin_of_lead", "herkunft", "origen",
                "origem"]),
            ("lead_temperature", &["temperature", "lead_temp", "grade", "lead_grade"]),
            ("persona", &["role", "contact_role", "job_title", "buyer_persona"]),
            ("queue", &["queue_name", "queuename", "skill", "skill_name", "in_group", "ingroup", "service_queue", "warteschlange",
                "cola", "fila"]),
            ("call_type", &["type", "calltype", "service", "service_type", "type_of_call", "anruftyp", "tipo", "tipo_llamada"]),
            ("priority", &["prio", "queue_priority", "prioritaet", "prioridad", "prioridade"]),
            ("trunk", &["line", "vru_line", "trunk_name", "port", "gateway", "carrier", "provider", "leitung", "linea"]),
            ("lead_id", &["lead", "lead_ref", "prospect_id", "record_id", "vendor_lead_code", "lead_key"]),
            ("customer_id", &["customer", "customer_number", "customer_no", "client_number", "kunde", "kunden_id", "kundennummer",
                "cliente", "cliente_id", "id_cliente", "contact_key"]),
            ("account_id", &["account", "account_no", "account_number", "debt_id", "loan_number", "konto", "cuenta", "conta"]),
            ("called_number", &["called", "customer_endpoint_address", "dialed_number", "dialled_number", "destination_number",
                "destination", "phone_number", "phone", "number_dialed", "number_dialled", "to_number", "dst", "to", "callee",
                "callee_id_number", "dnis", "telephone", "telephone_number", "phone_no", "number", "rufnummer", "telefonnummer",
                "telefon", "zielrufnummer", "telefono", "numero", "telefone", "destino"]),
            ("caller_number", &["caller", "system_endpoint_address", "caller_id_number", "calling_number", "from_number", "src",
                "from", "ani", "cli", "source_number", "caller_number_raw", "anrufer", "anrufernummer", "origen_numero"]),
            ("caller_id", &["callerid", "caller_id_name", "clid", "caller_name", "outbound_caller_id", "outbound_cid",
                "presented_number"]),
            ("attestation", &["stir_attestation", "stir_shaken", "attestation_level"]),
            ("called_zone", &["time_zone", "timezone", "lead_time_zone"]),
            ("called_region", &["region", "state_code", "called_state", "lead_state", "province", "bundesland", "provincia"]),
            ("agent_id", &["agent", "agent_name", "agent_username", "username", "user_name", "user", "user_id", "operator",
                "operator_id", "rep", "rep_name", "representative", "server", "handled_by", "answered_by_agent", "employee",
                "employee_id", "owner", "hubspot_owner_id", "mitarbeiter", "bearbeiter", "agente", "operador", "asesor",
                "atendente"]),
            ("team_id", &["team", "team_name", "user_group", "agent_group", "agent_team", "gruppe", "equipo", "equipe"]),
            ("site_id", &["site", "site_name", "location", "office", "standort", "sede"]),
            ("attempt_no", &["attempt", "attempt_number", "call_attempt", "called_count", "try_no", "try", "try", "versuch",
                "intento", "tentativa"]),
            ("parent_call_id", &["parent_call_sid", "parent_id", "parent_call", "previous_contact_id", "transferred_from"]),
            ("linked_id", &["linkedid", "conversation_id", "initial_contact_id", "group_id"]),
            ("started_at", &["start_time", "start", "call_start", "call_start_time", "start_date", "start_stamp", "start_epoch",
                "start_timestamp", "call_date", "calldate", "call_datetime", "call_date_time", "date_time", "datetime",
                "timestamp", "initiation_timestamp", "dial_time", "dialed_at", "dialled_at", "call_started", "begin",
                "begin_time", "time_stamp", "event_time", "vru_entry", "created_at", "date_created", "hs_timestamp", "date",
                "time", "call_start_time_local", "start_date_time", "beginn", "startzeit", "anrufbeginn", "anrufzeit",
                "zeitpunkt", "datum", "inicio", "hora_inicio", "fecha_hora", "fecha", "fecha_llamada", "data_hora", "data",
                "hora", "call_time"]),
            ("queued_at", &["queue_start", "q_start", "queue_entry", "queue_enter_time", "entered_queue", "enqueued_at",
                "enqueue_timestamp", "queue_time_start", "queue_enqueue_timestamp"]),
            ("answered_at", &["answer_time", "answer", "answered", "answer_stamp", "answer_epoch", "answer_date", "pickup_time",
                "picked_up_at", "answered_time", "angenommen", "hora_respuesta"]),
            ("connected_at", &["connect_time", "connected", "connected_time", "ser_start", "service_start", "talk_start",
                "agent_connect_time", "connected_to_agent_timestamp", "agent_connected_to_agent_timestamp", "bridge_time",
                "bridged_at", "bridge_stamp", "agent_answer_time", "handle_start", "verbunden"]),
            ("ended_at", &["end_time", "end", "call_end", "call_end_time", "end_date", "end_stamp", "end_epoch", "end_timestamp",
                "hangup_time", "hung_up_at", "hangup_at", "disconnect_timestamp", "disconnect_time", "disconnected_at",
                "ser_exit", "service_end", "talk_end", "finish", "finished_at", "finish_time", "stop_time", "ende", "endzeit",
                "anrufende", "fin", "hora_fin", "termino", "fim"]),
            ("wrap_ended_at", &["wrap_end", "wrap_up_end", "acw_end", "agent_after_contact_work_end_timestamp",
                "after_contact_work_end_timestamp", "dispo_time", "dispositioned_at"]),
            ("duration_ms", &["duration", "call_duration", "call_length", "length", "length_in", "total_duration", "total_time",
                "total_call_time", "hs_call_duration", "dauer", "anrufdauer", "duracion", "duracao"]),
            ("ring_ms", &["ring", "ring_time", "ringing", "ringing_time", "ring_duration", "time_to_answer", "klingelzeit",
                "tiempo_timbre"]),
            ("ivr_ms", &["ivr", "ivr_time", "ivr_duration", "vru_time", "menu_time"]),
            ("queue_ms", &["queue_time", "queue_duration", "q_time", "queue", "queue_wait_time", "wait_time", "waiting_time",
                "wait", "time_in_queue", "queue_agent_wait", "wartezeit", "tiempo_espera", "tempo_espera"]),
            ("talk_ms", &["talk_time", "talk", "talk_duration", "ser_time", "service_time", "billsec", "conversation_time",
                "conversation_duration", "speaking_time", "connected_duration", "agent_interaction_duration",
                "agent_agent_interaction_duration", "live_time", "gespraechsdauer", "gespraechszeit", "sprechzeit",
                "tiempo_conversacion", "tiempo_hablado", "tempo_conversa"]),
            ("hold_ms", &["hold_time", "hold", "hold_duration", "customer_hold_duration", "agent_customer_hold_duration",
                "time_on_hold", "haltezeit", "tiempo_retencion"]),
            ("wrap_ms", &["wrap_time", "wrap", "wrapup", "wrap_up", "wrapup_time", "wrap_up_time", "wrap_up_duration", "acw",
                "acw_time", "after_call_work", "after_call_work_time", "after_call_time", "after_contact_work_duration",
                "agent_after_contact_work_duration", "dispo", "dispo_duration", "nachbearbeitung", "nachbearbeitungszeit",
                "tiempo_post_llamada"]),
            ("agent_speech_ms", &["agent_talk_time_speech", "agent_speech"]),
            ("customer_speech_ms", &["customer_speech", "customer_talk_time_speech"]),
            ("billed_ms", &["billed", "billed_duration", "billable", "billable_duration", "billmsec", "charged_duration"]),
            ("answered_by", &["amd", "amd_result", "amd_status", "answering_machine_detection",
                "answering_machine_detection_status", "machine_detection"]),
            ("disposition", &["disposition_name", "disposition_code", "call_disposition", "dispo", "dispo_code", "outcome",
                "call_outcome", "result", "call_result", "result_code", "status", "call_status", "status_name", "status_code",
                "wrapup_code", "wrap_up_code", "wrap_code", "wrapup_name", "hs_call_disposition", "termination_code", "ergebnis",
                "abschluss", "abschlusscode", "resultado", "estado", "tipificacion", "tabulacao"]),
            ("end_reason", &["term_reason", "termination_reason", "disconnect_reason", "hangup_party", "hangup_by", "ended_by",
                "hangup_reason", "terminated_by", "end_cause"]),
            ("carrier_cause", &["hangup_cause", "sip_hangup_cause", "sip_code", "sip_response_code", "release_cause",
                "q850_cause", "cause", "cause_code", "dialstatus"]),
            ("transfers", &["transfer_count", "number_of_transfers", "transferred"]),
            ("consent", &["consent_basis", "legal_basis", "opt_in"]),
            ("recording_ref", &["recording", "recording_id", "recording_url", "recordingfile", "recording_file",
                "recording_filename", "recording_location", "hs_call_recording_url"]),
            ("language", &["lang", "language_code", "sprache", "idioma"]),
            ("sentiment", &["sentiment_score", "overall_sentiment"]),
            ("topics", &["topic", "tags", "labels"]),
            ("cost_amount", &["cost", "price", "charge", "call_cost", "kosten", "preis", "costo", "coste", "custo"]),
            ("currency", &["price_unit", "currency_code", "waehrung", "moneda", "moeda"]),
        ],
    },
    TableWords {
        table: "agent_spans",
        needs: &[&["agent_id"], &["state", "reason"], &["started_at"], &["ended_at", "duration_ms"]],
        file_words: &["state", "states", "status", "activity", "pause", "agentlog", "spans"],
        columns: &[
            ("agent_id", &["agent", "agent_name", "user", "username", "user_id", "employee", "employee_id", "rep", "mitarbeiter",
                "agente", "operador"]),
            ("team_id", &["team", "team_name", "user_group", "agent_group", "gruppe", "equipo", "equipe"]),
            ("site_id", &["site", "location", "standort", "sede"]),
            ("client_id", &["client", "client_name"]),
            ("campaign_id", &["campaign", "campaign_name", "kampagne", "campana", "campanha"]),
            ("state", &["agent_state", "status", "agent_status", "presence", "activity", "system_presence", "zustand", "estado"]),
            ("reason", &["reason_code", "pause_code", "sub_status", "aux_code", "aux", "pause_reason", "not_ready_reason",
                "pausengrund", "motivo"]),
            ("call_id", &["uniqueid", "call_uuid", "interaction_id", "contact_id"]),
            ("started_at", &["start_time", "start", "state_start", "from", "begin", "event_time", "timestamp", "date_time",
                "datetime", "startzeit", "beginn", "inicio", "date", "time"]),
            ("ended_at", &["end_time", "end", "state_end", "to", "until", "endzeit", "ende", "fin", "fim"]),
            ("duration_ms", &["duration", "state_duration", "length", "time_in_state", "agent_state_time", "dauer", "duracion",
                "duracao"]),
            ("paid", &["is_paid"]),
            ("channel", &["media", "media_type", "kanal"]),
        ],
    },
    TableWords {
        table: "shifts",
        needs: &[&["agent_id"], &["started_at"], &["logged_ms", "ended_at", "paid_ms"]],
        file_words: &["shift", "shifts", "login", "logins", "sessions", "timesheet", "schichten", "turnos"],
        columns: &[
            ("agent_id", &["agent", "agent_name", "user", "username", "employee", "employee_id", "mitarbeiter", "agente"]),
            ("team_id", &["team", "team_name", "user_group"]),
            ("site_id", &["site", "location"]),
            ("campaign_id", &["campaign", "campaign_name"]),
            ("started_at", &["login", "login_time", "logged_in_at", "login_at", "log_in", "clock_in", "shift_start",
                "login_timestamp", "anmeldung"]),
            ("ended_at", &["logout", "logout_time", "logged_out_at", "logout_at", "log_out", "clock_out", "shift_end",
                "logout_timestamp", "abmeldung"]),
            ("logged_ms", &["login_duration", "logged_in_time", "logged_time", "staffed_time", "session_duration",
                "login_hours"]),
            ("paid_ms", &["paid_time", "paid_hours", "paid"]),
        ],
    },
    TableWords {
        table: "schedules",
        needs: &[&["agent_id"], &["activity"], &["starts_at"], &["ends_at"]],
        file_words: &["schedule", "schedules", "roster", "rota", "wfm", "dienstplan"],
        columns: &[
            ("agent_id", &["agent", "agent_name", "employee", "employee_id", "user", "mitarbeiter", "agente"]),
            ("activity", &["activity_code", "activity_name", "activity_type", "shift_activity", "aktivitaet", "actividad"]),
            ("campaign_id", &["campaign", "queue", "campaign_name"]),
            ("starts_at", &["start_time", "start", "scheduled_start", "planned_start", "from", "activity_start", "beginn",
                "inicio"]),
            ("ends_at", &["end_time", "end", "scheduled_end", "planned_end", "to", "activity_end", "ende", "fin"]),
            ("paid", &["is_paid"]),
        ],
    },
    TableWords {
        table: "outcomes",
        needs: &[&["occurred_at"], &["outcome", "product", "value_amount"], &["value_amount", "verified_at", "cancelled_at",
            "call_id", "lead_id", "customer_id", "product"]],
        file_words: &["sale", "sales", "outcome", "outcomes", "orders", "appointments", "donations", "ventas", "verkaeufe"],
        columns: &[
            ("outcome", &["outcome_type", "result", "type", "ergebnis", "resultado"]),
            ("client_id", &["client", "client_name", "mandant"]),
            ("campaign_id", &["campaign", "campaign_name", "kampagne", "campana", "campanha"]),
            ("list_id", &["list", "list_name", "liste", "lista"]),
            ("lead_source", &["source", "source_name"]),
            ("agent_id", &["agent", "agent_name", "sold_by", "user", "rep", "seller", "mitarbeiter", "agente", "vendedor"]),
            ("team_id", &["team", "team_name"]),
            ("call_id", &["call_uuid", "uniqueid", "interaction_id"]),
            ("lead_id", &["lead"]),
            ("customer_id", &["customer", "customer_number", "kunde", "cliente"]),
            ("product", &["product_name", "package", "tariff", "plan", "produkt", "producto", "produto"]),
            ("occurred_at", &["sold_at", "sale_date", "sale_time", "order_date", "date", "datetime", "timestamp", "created_at",
                "agreed_at", "fecha", "datum", "fecha_venta"]),
            ("verified_at", &["verified", "verification_date", "approved_at", "confirmed_at"]),
            ("rejected_at", &["rejected", "rejection_date", "declined_at"]),
            ("cancelled_at", &["cancelled", "canceled_at", "cancellation_date", "cancel_date", "storniert_am",
                "fecha_cancelacion"]),
            ("clawed_back_at", &["clawback_date", "clawed_back", "clawback_at"]),
            ("value_amount", &["value", "amount", "sale_amount", "order_value", "price", "revenue", "wert", "betrag", "importe",
                "valor"]),
            ("currency", &["currency_code", "waehrung", "moneda", "moeda"]),
        ],
    },
    TableWords {
        table: "leads",
        needs: &[&["number"], &["loaded_at"]],
        file_words: &["lead", "leads", "prospects", "contacts", "interessenten"],
        columns: &[
            ("client_id", &["client", "client_name"]),
            ("campaign_id", &["campaign", "campaign_name", "kampagne", "campana"]),
            ("list_id", &["list", "list_name", "liste", "lista"]),
            ("lead_source", &["source", "source_name", "source_id", "utm_source", "herkunft", "origen"]),
            ("temperature", &["lead_temperature", "rating"]),
            ("persona", &["role", "job_title"]),
            ("score", &["lead_score", "rank"]),
            ("number", &["phone_number", "phone", "telephone", "mobile", "telefon", "telefonnummer", "telefono", "telefone"]),
            ("person_id", &["customer_id", "contact_id"]),
            ("zone", &["time_zone", "timezone"]),
            ("region", &["state", "province", "bundesland"]),
            ("consent", &["consent_basis", "opt_in"]),
            ("status", &["lead_status", "estado"]),
            ("requested_at", &["request_date", "form_submitted_at", "inquiry_time"]),
            ("loaded_at", &["entry_date", "created_at", "load_date", "imported_at", "date_added", "created_date", "date_created",
                "insert_date"]),
            ("born_on", &["collected_on", "data_date"]),
            ("cost_amount", &["cost", "price", "lead_cost", "cost_per_lead"]),
            ("currency", &["currency_code"]),
        ],
    },
    TableWords {
        table: "surveys",
        needs: &[&["answered_at", "sent_at"], &["score"], &["survey", "question", "comment", "scale_max"]],
        file_words: &["survey", "surveys", "csat", "nps", "feedback", "umfrage", "encuesta", "pesquisa"],
        columns: &[
            ("survey", &["survey_name", "survey_type", "umfrage", "encuesta"]),
            ("question", &["question_text", "question_id", "frage", "pregunta"]),
            ("channel", &["survey_channel"]),
            ("client_id", &["client"]),
            ("campaign_id", &["campaign", "queue"]),
            ("agent_id", &["agent", "agent_name", "user", "mitarbeiter", "agente"]),
            ("team_id", &["team"]),
            ("call_id", &["interaction_id", "contact_id", "conversation_id", "uniqueid"]),
            ("customer_id", &["customer", "kunde", "cliente"]),
            ("sent_at", &["sent", "sent_date", "invited_at", "survey_sent"]),
            ("answered_at", &["answered", "survey_date", "responded_at", "response_date", "completed_at", "submitted_at", "answer_date", "date", "timestamp",
                "created_at", "fecha", "datum"]),
            ("score", &["rating", "score_0_10", "score_1_10", "score_1_5", "answer", "csat", "csat_score", "nps", "nps_score", "points", "stars", "note", "puntuacion",
                "nota", "bewertung"]),
            ("scale_min", &["min_score"]),
            ("scale_max", &["max_score", "scale"]),
            ("comment", &["comments", "verbatim", "feedback", "free_text", "kommentar", "comentario"]),
        ],
    },
    TableWords {
        table: "evaluations",
        needs: &[&["evaluated_at"], &["score"], &["evaluator_id", "form", "max_score", "critical_error"]],
        file_words: &["evaluation", "evaluations", "qa", "quality", "monitoring", "scorecard", "scorecards"],
        columns: &[
            ("form", &["form_name", "scorecard", "template"]),
            ("client_id", &["client"]),
            ("campaign_id", &["campaign", "queue"]),
            ("agent_id", &["agent", "agent_name", "evaluatee", "user", "agente"]),
            ("team_id", &["team"]),
            ("evaluator_id", &["evaluator", "evaluator_name", "reviewer", "qa_analyst", "evaluated_by", "scored_by"]),
            ("call_id", &["interaction_id", "contact_id", "conversation_id", "uniqueid"]),
            ("evaluated_at", &["evaluated", "evaluated_on", "evaluation_date", "review_date", "date", "completed_at", "scored_at", "created_at"]),
            ("score", &["total_score", "points", "score_percent", "result"]),
            ("max_score", &["possible_score", "max_points", "max", "out_of"]),
            ("critical_error", &["auto_fail", "fatal_error", "critical_fail", "fatal"]),
            ("calibration", &["is_calibration"]),
            ("sample", &["selection", "sampling"]),
        ],
    },
    TableWords {
        table: "dnc_events",
        needs: &[&["number"], &["occurred_at"], &["registry", "action", "scope"]],
        file_words: &["dnc", "donotcall", "suppression", "suppressions", "robinson", "optout", "blocklist"],
        columns: &[
            ("number", &["phone_number", "phone", "telephone", "mobile", "telefon", "telefonnummer", "telefono", "telefone"]),
            ("person_id", &["person", "customer_id"]),
            ("registry", &["register", "list", "source", "list_name"]),
            ("action", &["event", "type", "status"]),
            ("scope", &["campaign", "campaign_id", "client", "client_id"]),
            ("call_id", &["uniqueid", "interaction_id"]),
            ("occurred_at", &["added_at", "added", "created_at", "date", "listed_at", "since", "datum", "fecha"]),
        ],
    },
    TableWords {
        table: "costs",
        needs: &[&["cost_amount"], &["booked_on"], &["category", "kind", "note"]],
        file_words: &["cost", "costs", "expenses", "kosten", "costos", "custos"],
        columns: &[
            ("category", &["cost_category", "type", "cost_type", "kategorie", "categoria", "kostenart"]),
            ("kind", &["cost_kind"]),
            ("client_id", &["client", "client_name"]),
            ("campaign_id", &["campaign", "campaign_name"]),
            ("list_id", &["list"]),
            ("site_id", &["site", "location"]),
            ("channel", &["kanal"]),
            ("booked_on", &["date", "day", "month", "booking_date", "posted_on", "datum", "buchungsdatum", "fecha", "data"]),
            ("cost_amount", &["cost", "amount", "total", "sum", "kosten", "betrag", "importe", "monto", "custo", "valor"]),
            ("currency", &["currency_code", "waehrung", "moneda", "moeda"]),
            ("note", &["description", "memo", "comment", "text", "beschreibung", "descripcion"]),
        ],
    },
    TableWords {
        table: "revenues",
        needs: &[&["revenue_amount"], &["booked_on"]],
        file_words: &["revenue", "revenues", "invoice", "invoices", "billing", "umsatz", "ingresos"],
        columns: &[
            ("category", &["revenue_category", "type"]),
            ("client_id", &["client", "client_name", "customer"]),
            ("campaign_id", &["campaign", "campaign_name"]),
            ("booked_on", &["date", "day", "invoice_date", "booking_date", "datum", "fecha"]),
            ("units", &["quantity", "qty", "menge", "cantidad"]),
            ("revenue_amount", &["revenue", "invoice_amount", "billed_amount", "umsatz", "ingreso"]),
            ("currency", &["currency_code", "waehrung", "moneda"]),
        ],
    },
    TableWords {
        table: "payments",
        needs: &[&["paid_at"], &["paid_amount"], &["account_id", "promise_id", "placement_id"]],
        file_words: &["payment", "payments", "zahlungen", "pagos", "pagamentos"],
        columns: &[
            ("account_id", &["account", "account_no", "account_number", "debt_id", "loan_number"]),
            ("placement_id", &["placement", "batch"]),
            ("client_id", &["client", "creditor"]),
            ("campaign_id", &["campaign"]),
            ("agent_id", &["agent", "collector"]),
            ("promise_id", &["promise"]),
            ("paid_at", &["payment_date", "date", "paid_on", "received_at", "value_date"]),
            ("paid_amount", &["amount", "payment", "payment_amount", "betrag", "importe"]),
            ("currency", &["currency_code"]),
            ("method", &["payment_method", "channel"]),
        ],
    },
    TableWords {
        table: "callbacks",
        needs: &[&["due_at"], &["lead_id", "agent_id", "call_id"]],
        file_words: &["callback", "callbacks", "rueckrufe", "rellamadas"],
        columns: &[
            ("lead_id", &["lead", "phone_number", "phone"]),
            ("campaign_id", &["campaign", "campaign_name"]),
            ("agent_id", &["agent", "user", "owner"]),
            ("call_id", &["uniqueid"]),
            ("created_at", &["entry_time", "agreed_at", "created"]),
            ("due_at", &["callback_time", "callback_at", "due", "due_date", "scheduled_for", "scheduled_at", "callback_date"]),
            ("kept_at", &["completed_at", "called_at"]),
        ],
    },
    TableWords {
        table: "agents",
        needs: &[&["agent_id"], &["hired_on"]],
        file_words: &["agents", "staff", "employees", "users", "mitarbeiter", "agentes", "personal"],
        columns: &[
            ("agent_id", &["agent", "user", "username", "employee_id", "login", "user_id", "personalnummer"]),
            ("label", &["name", "full_name", "agent_name", "display_name", "nombre", "nome"]),
            ("site_id", &["site", "location", "standort", "sede"]),
            ("shore", &["shoring"]),
            ("role", &["position", "job_title", "funktion", "puesto"]),
            ("hired_on", &["hire_date", "start_date", "joined_on", "date_hired", "eintritt", "eintrittsdatum", "fecha_ingreso"]),
            ("left_on", &["leave_date", "end_date", "termination_date", "date_left", "austritt", "austrittsdatum", "fecha_baja"]),
            ("leave_reason", &["termination_reason", "reason"]),
            ("full_time_share", &["fte"]),
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_column_exists_and_every_needed_one_has_words() {
        for words in TABLES {
            let table = dialmark_model::facts::table(words.table).unwrap();
            for (column, _) in words.columns {
                assert!(table.columns.iter().any(|c| c.name == *column), "{}.{column}", words.table);
            }
            for needed in words.needs.iter().flat_map(|group| group.iter()) {
                assert!(words.columns.iter().any(|(c, _)| c == needed), "{}.{needed}", words.table);
            }
            let listed: BTreeSet<_> = words.columns.iter().map(|(c, _)| c).collect();
            assert_eq!(listed.len(), words.columns.len(), "{} lists a column twice", words.table);
        }
    }

    #[test]
    fn words_are_written_as_names_are_normalised() {
        let all = TABLES.iter().flat_map(|t| t.columns.iter().flat_map(|(_, words)| words.iter()));
        for word in all.chain(IDS).chain(REVISIONS).chain(COUNTS) {
            assert_eq!(super::super::words::joined(word), *word);
        }
    }

    #[test]
    fn every_column_of_a_call_has_words_for_it() {
        let calls = TABLES.first().unwrap();
        for column in dialmark_model::facts::table("calls").unwrap().columns.iter() {
            assert!(calls.columns.iter().any(|(c, _)| *c == column.name), "{}", column.name);
        }
    }
}
