//! Runs asynchronous work to its end.

use std::future::Future;

use crate::failure::Failure;

/// Runs `work` on all cores and waits for it.
pub fn wait_for<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| {
        Failure::problem(format!("The threads that this command needs cannot be started: {error}."))
    })?;
    runtime.block_on(work)
}
