//! Reads batch after batch: rows in the order of the cursor, none of them left out and none of them for ever.

use std::time::Duration;

use async_recursion::async_recursion as compiled_here;
use dialmark_model::pull::Pull;
use dialmark_packs::CONTEXT;
use jiff::tz::TimeZone;

use super::PullWatch;
use super::connection::{Asked, Connection, Fetched};
use super::cursor::Grows;
use super::line::{self, Amend};
use super::portion::Portion;
use super::statement::{Place, Statement};

/// Reads by one statement.
pub struct Reader<'a> {
    pull: &'a Pull,
    statement: &'a Statement,
    zone: &'a TimeZone,
    watch: &'a dyn PullWatch,
    rows: u64,
    /// Queries so far.
    pub queries: u64,
}

/// A portion that was read.
pub struct Read {
    pub portion: Portion,
    /// Its largest cursor that can be kept.
    pub last: Option<String>,
    /// There is more behind it.
    pub more: bool,
}

/// Where rows go while a batch comes in.
struct Taking<'a> {
    portion: &'a mut Portion,
    last: &'a mut Option<String>,
    grows: Option<Grows>,
    zone: &'a TimeZone,
    /// What no earlier reading had lies behind this.
    known: Option<&'a str>,
    /// Rows before it only tell what began before.
    context_until: Option<&'a str>,
    /// Rows of the last cursor, which the next batch might go on with.
    held: Vec<u8>,
    held_rows: u64,
    held_cursor: Option<String>,
    count: u64,
}

impl<'a> Reader<'a> {
    pub fn new(
        pull: &'a Pull,
        statement: &'a Statement,
        zone: &'a TimeZone,
        watch: &'a dyn PullWatch,
    ) -> Reader<'a> {
        Reader { pull, statement, zone, watch, rows: 0, queries: 0 }
    }

    /// Reads from a place on until a portion is full or nothing is left; the place moves on.
    #[compiled_here]
    pub async fn portion(
        &mut self,
        connection: &mut Connection,
        place: &mut Place,
        known: Option<&str>,
        most_rows: u64,
    ) -> Result<Read, String> {
        let mut portion = Portion::begin()?;
        let mut last = None;
        let grows = self.statement.cursor.as_ref().map(|cursor| cursor.grows);
        let context_until = match (grows, &*place, self.pull.context_ms) {
            (Some(grows), Place::From(from), ms @ 1..) => grows.forth(from, ms),
            _ => None,
        };
        let mut taking = Taking {
            portion: &mut portion,
            last: &mut last,
            grows,
            zone: self.zone,
            known,
            context_until: context_until.as_deref(),
            held: Vec::new(),
            held_rows: 0,
            held_cursor: None,
            count: 0,
        };
        if grows.is_none() {
            self.batch(connection, place, None, &mut taking).await?;
            taking.release()?;
            return Ok(Read { portion, last, more: false });
        }
        let more = loop {
            let rows = self.batch(connection, place, Some(self.pull.batch_rows), &mut taking).await?;
            if rows < u64::from(self.pull.batch_rows) {
                taking.release()?;
                break false;
            }
            // The batch is full, and whether all rows of its last cursor are in it cannot be known. They are read once
            // more, all of them, however many; the next batch begins behind them.
            let Some(edge) = taking.let_go() else { break false };
            self.batch(connection, &Place::At(edge.clone()), None, &mut taking).await?;
            taking.release()?;
            *place = Place::After(edge);
            if taking.portion.is_full(most_rows) {
                break true;
            }
            tokio::time::sleep(Duration::from_millis(self.pull.pause_ms)).await;
        };
        Ok(Read { portion, last, more })
    }

    async fn batch(
        &mut self,
        connection: &mut Connection,
        place: &Place,
        limit: Option<u32>,
        taking: &mut Taking<'_>,
    ) -> Result<u64, String> {
        self.queries += 1;
        taking.count = 0;
        let sql = self.statement.sql(place, limit);
        let amend = Amend { epochs: &self.pull.epochs, zone: self.zone };
        let asked = Asked { statement: self.statement, sql: &sql, value: place.value(), amend: &amend };
        let (watch, before) = (self.watch, self.rows);
        // Rows of one cursor may be any number: they are not held, but written as they come.
        let all_of_it = limit.is_none();
        let mut take = |fetched: Fetched| {
            taking.take(fetched, all_of_it)?;
            if taking.count.is_multiple_of(1_000) {
                watch.read(before + taking.count);
            }
            Ok(())
        };
        connection.rows(self.pull, &asked, &mut take).await?;
        self.rows += taking.count;
        watch.read(self.rows);
        Ok(taking.count)
    }
}

impl Taking<'_> {
    fn take(&mut self, mut fetched: Fetched, at_once: bool) -> Result<(), String> {
        self.count += 1;
        if fetched.cursor != self.held_cursor {
            self.release()?;
            self.held_cursor = fetched.cursor;
        }
        if self.is_context() {
            line::mark(&mut fetched.line, CONTEXT);
        }
        self.held.extend_from_slice(&fetched.line);
        self.held_rows += 1;
        if at_once && self.held.len() > 1 << 20 { self.write() } else { Ok(()) }
    }

    fn is_context(&self) -> bool {
        let parts = (self.grows, self.context_until, self.held_cursor.as_deref());
        matches!(parts, (Some(grows), Some(until), Some(at)) if grows.is_before(at, until))
    }

    /// Hands on the rows that were held: nothing more of their cursor is to come.
    fn release(&mut self) -> Result<(), String> {
        self.write()?;
        if let (Some(grows), Some(at)) = (self.grows, self.held_cursor.take())
            && let Some(at) = grows.kept(&at, jiff::Timestamp::MAX, self.zone)
        {
            *self.last = Some(at);
        }
        Ok(())
    }

    fn write(&mut self) -> Result<(), String> {
        let fresh = match (self.grows, self.known, self.held_cursor.as_deref()) {
            (Some(grows), Some(known), Some(at)) if !grows.is_before(known, at) => 0,
            _ => self.held_rows,
        };
        self.portion.push(&self.held, self.held_rows, fresh)?;
        self.held.clear();
        self.held_rows = 0;
        Ok(())
    }

    /// Forgets the rows that were held, for they are read once more; says their cursor.
    fn let_go(&mut self) -> Option<String> {
        self.held.clear();
        self.held_rows = 0;
        self.held_cursor.take()
    }
}
