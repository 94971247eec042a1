//! What happens where nobody waits for an answer, most of it wrong: a line each on standard error.

use std::io;

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Begins to write warnings and errors of our own crates. What libraries have to say is theirs.
pub fn begin() {
    let ours = Targets::new()
        .with_target("dialmark", LevelFilter::WARN)
        // That other declarations hold is news to whoever changed them.
        .with_target("dialmark_server::following", LevelFilter::INFO);
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr).with_ansi(false).with_target(false);
    // Fails only when somebody else has begun, as tests may.
    let _ = tracing_subscriber::registry().with(ours).with(lines).try_init();
}
