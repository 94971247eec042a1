//! Writes simulated rows to the files that the centre's systems would export, and hands over each finished file.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use dialmark_sim::{Sink, Stream};
use jiff::civil::Date;

use crate::failure::Failure;

/// A file that will not change any more.
#[derive(Debug)]
pub struct Finished {
    /// The export that it belongs to.
    pub stream: Stream,
    /// Where it is.
    pub path: PathBuf,
}

/// Receives rows, keeps the files open that may still grow, and passes the finished ones on.
pub struct Writer<'f, F: FnMut(Finished)> {
    folder: &'f Path,
    /// One file a day instead of one a week: for centres so large that a week is unwieldy.
    daily: bool,
    /// By stream and name. Names end in the first day that they hold, so that order is time.
    open: BTreeMap<(Stream, String), Open>,
    row: Vec<u8>,
    finished: F,
}

struct Open {
    path: PathBuf,
    /// The last delivery day that the file may hold.
    last_day: Date,
    out: BufWriter<File>,
}

impl<'f, F: FnMut(Finished)> Writer<'f, F> {
    /// A writer of files below `folder`.
    pub fn new(folder: &'f Path, daily: bool, finished: F) -> Writer<'f, F> {
        Writer { folder, daily, open: BTreeMap::new(), row: Vec::new(), finished }
    }

    /// Finishes what is still open.
    pub fn finish(&mut self) -> Result<(), Failure> {
        self.finish_until(Date::MAX)
    }

    fn finish_until(&mut self, day: Date) -> Result<(), Failure> {
        let done: Vec<(Stream, String)> =
            self.open.iter().filter(|(_, open)| open.last_day <= day).map(|(key, _)| key.clone()).collect();
        for key in done {
            let Some(open) = self.open.remove(&key) else { continue };
            let path = open.path;
            let file = open.out.into_inner().map_err(|error| cannot_write(&path, error.error()))?;
            drop(file);
            (self.finished)(Finished { stream: key.0, path });
        }
        Ok(())
    }

    fn file(&mut self, stream: Stream, day: Date) -> Result<&mut Open, Failure> {
        let name = stream.file(day, self.daily);
        match self.open.entry((stream, name)) {
            std::collections::btree_map::Entry::Occupied(entry) => Ok(entry.into_mut()),
            std::collections::btree_map::Entry::Vacant(entry) => {
                let path = self.folder.join(&entry.key().1);
                let out = begin(&path, stream).map_err(|error| cannot_write(&path, &error))?;
                let last_day = if self.daily { day } else { last_of_week(day) };
                Ok(entry.insert(Open { path, last_day, out }))
            }
        }
    }
}

impl<F: FnMut(Finished)> Sink for Writer<'_, F> {
    type Error = Failure;

    fn row(&mut self, stream: Stream, day: Date, fields: &[&str]) -> Result<(), Failure> {
        let mut row = std::mem::take(&mut self.row);
        row.clear();
        stream.write_row(fields, &mut row);
        let open = self.file(stream, day)?;
        open.out.write_all(&row).map_err(|error| cannot_write(&open.path, &error))?;
        self.row = row;
        Ok(())
    }

    fn day_done(&mut self, day: Date) -> Result<(), Failure> {
        self.finish_until(day)
    }
}

fn begin(path: &Path, stream: Stream) -> io::Result<BufWriter<File>> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut out = BufWriter::with_capacity(1 << 16, File::create(path)?);
    let mut header = Vec::new();
    stream.write_header(&mut header);
    out.write_all(&header)?;
    Ok(out)
}

/// The Sunday of the day's week, as files of a week are named by its Monday.
fn last_of_week(day: Date) -> Date {
    let ahead = 6 - i64::from(day.weekday().to_monday_zero_offset());
    day.checked_add(jiff::Span::new().days(ahead)).unwrap_or(Date::MAX)
}

fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    Failure::problem(format!("{} cannot be written: {error}.", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use dialmark_sim::Plan;

    #[test]
    fn files_are_handed_over_whole_and_each_once() {
        let folder = tempfile::tempdir().unwrap();
        let plan = Plan { days: 20, calls_per_day: 200, ..Plan::default() };
        let mut seen: BTreeMap<PathBuf, u64> = BTreeMap::new();
        let mut writer = Writer::new(folder.path(), false, |finished: Finished| {
            let length = std::fs::metadata(&finished.path).unwrap().len();
            assert!(seen.insert(finished.path.clone(), length).is_none(), "{finished:?} came twice");
        });
        dialmark_sim::run(&plan, &mut writer).unwrap();
        writer.finish().unwrap();
        drop(writer);
        assert!(seen.len() > 20);
        for (path, length) in seen {
            assert_eq!(std::fs::metadata(&path).unwrap().len(), length, "{} grew afterwards", path.display());
        }
    }

    #[test]
    fn a_week_ends_on_sunday() {
        for day in [16, 18, 22] {
            assert_eq!(last_of_week(jiff::civil::date(2026, 11, day)), jiff::civil::date(2026, 11, 22));
        }
    }
}
