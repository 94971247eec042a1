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
  dialmark serve --receive 0.0.0.0:7788     also take records from other machines

  dialmark serve --listen 0.0.0.0:7777 --host figures.example.org

The pages are shown to this machine only, unless `--listen` names another address: then somebody needs
an account first (`dialmark accounts add`), and a proxy with TLS stands before it. Imports may run
meanwhile, and their records are there with the next page. Programs send records to
/api/v1/ingest/SOURCE under a token (`dialmark token new`); they are on disk when the answer comes,
and in the figures a few seconds later. Senders that sign instead ([source.NAME.webhook]) send to
/api/v1/webhooks/SOURCE. Ctrl-C ends it.";

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
    /// Show the pages on this address, to whoever signs in; put a proxy with TLS before it
    #[arg(long, value_name = "ADDRESS:PORT", requires = "host", conflicts_with = "port")]
    listen: Option<SocketAddr>,
    /// Name by which browsers ask for the pages through a proxy; may be given several times
    #[arg(long, value_name = "NAME")]
    host: Vec<String>,
    /// Take records that other machines send on this address too, and show nothing there; put a proxy with TLS before it
    #[arg(long, value_name = "ADDRESS:PORT")]
    receive: Option<SocketAddr>,
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
        if (args.listen.is_some() || !args.host.is_empty()) && !opened.state().await?.has_accounts().await? {
            return Err(Failure::usage(
                "Without accounts, whoever reaches the pages may see and change everything. Make an account first: \
                 `dialmark accounts add NAME --role admin`.",
            ));
        }
        let listener = match args.listen {
            Some(address) => bound(address, "listen").await?,
            None => listen(args.port).await?,
        };
        let receiving = match args.receive {
            Some(address) => Some(bound(address, "receive").await?),
            None => None,
        };
        let lake = opened.lake().await?;
        let stop = pages::Stop::listen()?;
        let address = announced(&listener)?;
        out::line(&format!("{} is at http://{address}/ (Ctrl-C ends it)", opened.project.centre.name()))?;
        if let Some(listener) = &receiving {
            out::line(&format!("Records are taken at http://{}/api/v1/ingest/", announced(listener)?))?;
        }
        let listening = pages::Listening { pages: listener, receiving, hosts: args.host.clone(), stop };
        pages::serve(listening, &opened, lake, Vec::new()).await
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

async fn bound(address: SocketAddr, option: &str) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        Failure::problem(format!("The address {address} of `--{option}` cannot be opened: {error}."))
    })
}

/// The address that was bound, with the port that was chosen.
pub fn announced(listener: &TcpListener) -> Result<SocketAddr, Failure> {
    listener.local_addr().map_err(|error| Failure::problem(format!("The port cannot be told: {error}.")))
}
