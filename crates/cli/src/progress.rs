//! A bar that shows how far a file is: rate and time left, on a terminal only.

use std::io::IsTerminal;
use std::time::Duration;

use dialmark_ingest::{Progress, PullWatch};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// The bar of one file on standard error. Without a terminal it draws nothing.
pub struct FileBar {
    bar: ProgressBar,
}

impl FileBar {
    /// A bar for the file of this name.
    pub fn new(file_name: &str) -> FileBar {
        let bar = if std::io::stderr().is_terminal() {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            if let Ok(style) = ProgressStyle::with_template(
                "{prefix} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {msg} {eta} left",
            ) {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        } else {
            ProgressBar::hidden()
        };
        bar.set_prefix(file_name.to_owned());
        FileBar { bar }
    }

    /// Removes the bar from the terminal.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

impl Progress for FileBar {
    fn advance(&self, bytes_done: u64, bytes_total: u64, rows: u64) {
        if self.bar.is_hidden() {
            return;
        }
        self.bar.set_length(bytes_total);
        self.bar.set_position(bytes_done);
        let seconds = self.bar.elapsed().as_secs().max(1);
        self.bar.set_message(format!(
            "{} rows, {}/s",
            crate::out::thousands(rows),
            crate::out::thousands(rows / seconds)
        ));
    }
}

/// A bar of bytes on standard error. Without a terminal it draws nothing.
pub struct ByteBar {
    bar: ProgressBar,
}

impl ByteBar {
    /// A bar of what is being done.
    pub fn new(doing: &str) -> ByteBar {
        let bar = match std::io::stderr().is_terminal() {
            true => ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()),
            false => ProgressBar::hidden(),
        };
        if let Ok(style) = ProgressStyle::with_template(
            "{prefix} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta} left",
        ) {
            bar.set_style(style);
        }
        bar.set_prefix(doing.to_owned());
        ByteBar { bar }
    }

    /// Shows how much of how much is done.
    pub fn show(&self, done: u64, all: u64) {
        self.bar.set_length(all);
        self.bar.set_position(done);
    }

    /// Removes it from the terminal.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

impl Drop for FileBar {
    fn drop(&mut self) {
        self.clear();
    }
}

/// A count of rows on standard error. Without a terminal it draws nothing.
pub struct RowCount {
    bar: ProgressBar,
}

impl RowCount {
    /// A count for the source of this name.
    pub fn new(source: &str) -> RowCount {
        let bar = match std::io::stderr().is_terminal() {
            true => ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()),
            false => ProgressBar::hidden(),
        };
        if let Ok(style) = ProgressStyle::with_template("{prefix} {spinner} {elapsed} {msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        bar.set_prefix(source.to_owned());
        RowCount { bar }
    }

    /// Removes it from the terminal.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

impl PullWatch for RowCount {
    fn read(&self, rows: u64) {
        self.bar.set_message(format!("{} rows", crate::out::thousands(rows)));
    }
}

/// A count of files on standard error. Without a terminal it draws nothing.
pub struct Counter {
    bar: ProgressBar,
}

impl Counter {
    /// A counter of what is being done.
    pub fn new(doing: &str) -> Counter {
        let bar = match std::io::stderr().is_terminal() {
            true => ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()),
            false => ProgressBar::hidden(),
        };
        if let Ok(style) = ProgressStyle::with_template("{prefix} {spinner} {elapsed} {pos} files, {msg}") {
            bar.set_style(style);
        }
        bar.set_prefix(doing.to_owned());
        Counter { bar }
    }

    /// Shows how many files are done and which was the last.
    pub fn show(&self, files: u64, last: &str) {
        self.bar.set_position(files);
        self.bar.set_message(last.to_owned());
    }

    /// Removes it from the terminal.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }
}
