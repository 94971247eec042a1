//! The engine: opens a snapshot, plans the passes of a question, runs them, hands the sums to the metric layer.

use std::sync::Arc;

use async_recursion::async_recursion as compiled_here;
use datafusion::prelude::{SessionConfig, SessionContext};
use dialmark_lake::{Lake, Snapshot};
use dialmark_metrics::catalogue::Filled;
use dialmark_metrics::{Catalogue, Key, MetricQuery, MetricRef, MetricTable, Row, Scope};
use dialmark_model::DispositionMap;
use dialmark_model::civil::Calendar;
use jiff::tz::TimeZone;

use crate::asked::Asked;
use crate::checked::CheckedFiles;
use crate::error::{EngineError, refuse};
use crate::figure::{self, Found};
use crate::lookup::Lookups;
use crate::passes::Seen;
use crate::plan::{self, Planner, Sums, Wanted};
use crate::{top, window};

/// Rows of an answer beyond which it is a copy of the records rather than figures about them.
const MOST_ROWS: usize = 1_000_000;

/// Answers questions about the facts of one lake.
#[derive(Clone)]
pub struct Engine {
    lake: Lake,
    catalogue: Arc<Catalogue>,
    dispositions: Arc<DispositionMap>,
    declared: Arc<Filled>,
    calendar: Calendar,
    confined: Scope,
    hidden: Arc<[String]>,
    context: SessionContext,
    checked: Arc<CheckedFiles>,
    lookups: Arc<Lookups>,
}

impl Engine {
    /// An engine over a lake. `declared` are the columns that sources say they fill; what is found filled in the
    /// lake is added to it. Days without a zone of their own run in UTC until [`Engine::in_calendar`].
    pub fn new(
        lake: Lake,
        catalogue: Arc<Catalogue>,
        dispositions: Arc<DispositionMap>,
        declared: Filled,
    ) -> Engine {
        let config = SessionConfig::new()
            .set_bool("datafusion.execution.collect_statistics", false)
            .set_bool("datafusion.execution.parquet.pushdown_filters", true)
            .set_bool("datafusion.execution.parquet.reorder_filters", true);
        let context = SessionContext::new_with_config(config);
        let checked = CheckedFiles::serve(&context);
        Engine {
            lake,
            catalogue,
            dispositions,
            declared: Arc::new(declared),
            calendar: Calendar::plain(TimeZone::UTC),
            confined: Scope::Everything,
            hidden: Arc::default(),
            context,
            checked,
            lookups: Arc::default(),
        }
    }

    /// The same engine with the centre's calendar: its zone, which places booked days and records without a zone, the
    /// hour at which its days begin, its fiscal year.
    pub fn in_calendar(mut self, calendar: Calendar) -> Engine {
        self.calendar = calendar;
        self
    }

    /// The same engine for somebody who may not see everything: whatever is asked of it, and whatever scope a question
    /// carries of its own, only records of `scope` are seen.
    pub fn confined_to(mut self, scope: Scope) -> Engine {
        self.confined = scope;
        self
    }

    /// The same engine for somebody who may not see these tables at all: a question that needs one of them is refused.
    pub fn hiding(mut self, tables: &[&str]) -> Engine {
        self.hidden = tables.iter().map(|table| (*table).to_owned()).collect();
        self
    }

    /// Whether a table may not be seen.
    pub(crate) fn hides(&self, table: &str) -> bool {
        self.hidden.iter().any(|hidden| hidden == table)
    }

    /// Columns that have values, without those of tables that may not be seen.
    pub fn without_hidden(&self, filled: &Filled) -> Filled {
        let shown = filled.0.iter().filter(|(table, _)| !self.hides(table));
        Filled(shown.map(|(table, columns)| (table.clone(), columns.clone())).collect())
    }

    /// Whether a metric rests on a table that may not be seen.
    pub fn hides_metric(&self, metric: &MetricRef) -> bool {
        let Ok(found) = self.catalogue.resolve(metric) else { return false };
        let measures = self.catalogue.leaves(&found.variant.formula);
        let measures = measures.into_iter().filter_map(|name| self.catalogue.measures.get(name));
        measures.into_iter().any(|one| one.bindings.iter().all(|binding| self.hides(&binding.table)))
    }

    /// The same engine under other definitions.
    pub fn with_definitions(
        mut self,
        catalogue: Arc<Catalogue>,
        dispositions: Arc<DispositionMap>,
    ) -> Engine {
        (self.catalogue, self.dispositions) = (catalogue, dispositions);
        self
    }

    /// The same engine with other meanings of codes.
    pub fn with_dispositions(mut self, dispositions: Arc<DispositionMap>) -> Engine {
        self.dispositions = dispositions;
        self
    }

    /// What can be asked for.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// What codes mean.
    pub fn dispositions(&self) -> &DispositionMap {
        &self.dispositions
    }

    /// How the centre's days and years run.
    pub fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    pub(crate) fn confined(&self) -> &Scope {
        &self.confined
    }

    pub fn lake(&self) -> &Lake {
        &self.lake
    }

    pub(crate) fn context(&self) -> &SessionContext {
        &self.context
    }

    pub(crate) fn lookups(&self) -> &Lookups {
        &self.lookups
    }

    pub(crate) fn checked(&self) -> &CheckedFiles {
        &self.checked
    }

    /// Columns that have values, by table: declared by a source, or found in the lake.
    #[compiled_here]
    pub async fn filled(&self) -> Result<Filled, EngineError> {
        let snapshot = self.lake.snapshot().await?;
        Ok(self.filled_in(&snapshot))
    }

    pub(crate) fn filled_in(&self, snapshot: &Snapshot) -> Filled {
        let mut filled = (*self.declared).clone();
        for (name, live) in &snapshot.tables {
            if live.rows() > 0 {
                filled.add(name, live.filled.iter().map(String::as_str));
            }
        }
        filled
    }

    /// Answers a question.
    #[compiled_here]
    pub async fn query(&self, question: &MetricQuery) -> Result<MetricTable, EngineError> {
        if let Some(hidden) = question.metrics.iter().find(|metric| self.hides_metric(metric)) {
            return refuse(format!("`{hidden}` rests on records that you may not see."));
        }
        let snapshot = self.lake.snapshot().await?;
        let kept = match question.top {
            Some(top) => top::kept(self, question, top).await?,
            None => None,
        };
        let filled = self.filled_in(&snapshot);
        let mut notes = Vec::new();
        let planner = Planner { catalogue: &self.catalogue, question, snapshot: &snapshot, filled: &filled };
        let wanted = plan::wanted(&planner, &mut notes)?;
        let asked = Asked { kept, ..Asked::new(self, question, &snapshot)? };
        let mut seen: Seen = None;
        let (mut own, mut windows) = (Vec::new(), Vec::new());
        for one in &wanted {
            one.figure.collect(&mut own, &mut windows);
        }
        let found = Found {
            own: asked.run(&own, &filled, &mut seen).await?,
            windows: window::run(&asked, &windows, &filled, &mut seen).await?,
        };
        let mut more = self.table_notes(&asked, &wanted).await?;
        more.extend(asked.overlaps.said());
        answer(question, &wanted, &found, seen, (notes, more))
    }

    /// What is to be known of the records that figures were read from.
    pub(crate) async fn table_notes(
        &self,
        asked: &Asked<'_>,
        wanted: &[Wanted],
    ) -> Result<Vec<String>, EngineError> {
        let tables = wanted.iter().map(|one| one.header.table.clone()).collect();
        let mut notes = self.gap_notes(asked, &tables).await?;
        notes.extend(self.retired_notes(&asked.question.period, &tables).await?);
        Ok(notes)
    }
}

/// The answer from what was added up; notes of the plan, and those that come last.
pub(crate) fn answer(
    question: &MetricQuery,
    wanted: &[Wanted],
    found: &Found,
    seen: Seen,
    (mut notes, more): (Vec<String>, Vec<String>),
) -> Result<MetricTable, EngineError> {
    let grain = question.grain.map(|grain| grain.word().to_owned());
    let dimensions: Vec<String> = grain.into_iter().chain(question.by.iter().cloned()).collect();
    let largest = found.own.values().map(Sums::places).max().unwrap_or(0);
    if largest > MOST_ROWS {
        return refuse(format!(
            "The answer would have {largest} rows, more than the {MOST_ROWS} that a question may have. Break it out by less, or choose a shorter period."
        ));
    }
    let mut places = found.places();
    if places.is_empty() && dimensions.is_empty() {
        places.push(Vec::new());
    }
    let has_grain = question.grain.is_some();
    if places.is_empty() {
        // Why there is not one row is what the first of them would have said.
        let nowhere = vec![Key::None; dimensions.len()];
        for one in wanted {
            if let Err(reason) = figure::cell(&one.figure, found, &nowhere, has_grain).value {
                notes.push(format!("{}: {reason}.", one.header.label));
            }
        }
    }
    let rows = places
        .into_iter()
        .map(|keys| {
            let cells = wanted.iter().map(|w| figure::cell(&w.figure, found, &keys, has_grain)).collect();
            Row { keys, cells }
        })
        .collect();
    notes.extend(more);
    Ok(MetricTable {
        dimensions,
        metrics: wanted.iter().map(|w| w.header.clone()).collect(),
        rows,
        period: question.period,
        grain: question.grain,
        zone: question.zone.clone(),
        seen,
        notes,
    })
}
