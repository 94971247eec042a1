//! `dialmark serve`: shows the project's pages on this machine.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use tokio::net::TcpListener;

use crate::failure::Failure;
use crate::opened::Opened;
use crate::{in_force, out, pages, runtime};

const EXAMPLES: &str = "\
Examples:
  dialmark serve
  dialmark serve --dir north-shore --port 8080

The pages are shown to this machine only; nothing is opened to the network. Imports may run
meanwhile, and their records are there with the next page. Ctrl-C ends it.";

/// Options of `dialmark serve`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Folder of the project [default: the current one, or the nearest above that is one]
    #[arg(long, value_name = "PROJECT")]
    dir: Option<PathBuf>,
    /// Port on 127.0.0.1; 0 takes any that is free
    #[arg(long, default_value_t = DEFAULT_PORT)]
    port: u16,
}

/// The port, unless another is named.
pub const DEFAULT_PORT: u16 = 7777;

/// Serves until it is told to stop.
pub fn run(args: &Args) -> Result<(), Failure> {
    let opened = Opened::open(args.dir.as_deref())?;
    for warning in &opened.warnings {
        out::note(&warning.to_string());
    }
    if let Err(failure) = in_force::keep(&opened.project) {
        // The pages do not depend on it; only `plan` will have nothing newer to compare with.
        out::note(&failure.text().unwrap_or_default());
    }
    runtime::wait_for(async {
        let listener = listen(args.port).await?;
        let lake = opened.lake().await?;
        let address = announced(&listener)?;
        out::line(&format!("{} is at http://{address}/ (Ctrl-C ends it)", opened.project.centre.name()))?;
        pages::serve(listener, &opened, lake, Vec::new()).await
    })
}

/// Binds the loopback address, and no other.
pub async fn listen(port: u16) -> Result<TcpListener, Failure> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => Failure::problem(format!(
            "Port {port} on this machine is taken. Name another with `--port`, or let one be chosen with `--port 0`."
        )),
        _ => Failure::problem(format!("Port {port} on this machine cannot be opened: {error}.")),
    })
}

/// The address that was bound, with the port that was chosen.
pub fn announced(listener: &TcpListener) -> Result<SocketAddr, Failure> {
    listener.local_addr().map_err(|error| Failure::problem(format!("The port cannot be told: {error}.")))
}
