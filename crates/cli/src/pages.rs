//! Serving a project's pages until the process is told to stop.

use dialmark_lake::Lake;
use dialmark_server::{Served, TourStep};
use tokio::net::TcpListener;

use crate::failure::Failure;
use crate::opened::Opened;
use crate::out;

/// Serves until Ctrl-C or a request to end; requests that have begun are finished.
pub async fn serve(
    listener: TcpListener,
    opened: &Opened,
    lake: Lake,
    tour: Vec<TourStep>,
) -> Result<(), Failure> {
    let centre = opened.project.centre.clone();
    let served = Served { engine: opened.engine(lake.clone()), lake, centre, tour };
    dialmark_server::serve(listener, served, told_to_stop())
        .await
        .map_err(|error| Failure::problem(format!("The pages can be served no longer: {error}.")))
}

/// Waits for Ctrl-C or, on Unix, SIGTERM.
async fn told_to_stop() {
    #[cfg(unix)]
    let ended = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signals) => {
                signals.recv().await;
            }
            // Then only Ctrl-C ends it.
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let ended = std::future::pending::<()>();
    tokio::select! {
        result = tokio::signal::ctrl_c() => if result.is_err() { std::future::pending::<()>().await },
        () = ended => {}
    }
    out::note("Ending; pages that are being made are finished first.");
}
