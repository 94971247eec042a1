//! One file a command.

pub mod accounts;
pub mod agent;
pub mod audit;
pub mod backup;
pub mod benchmarks;
pub mod cases;
pub mod check;
pub mod coaching;
pub mod compliance;
pub mod costs;
pub mod coverage;
pub mod demo;
pub mod diff;
pub mod disputes;
pub mod erase;
pub mod explain;
pub mod export;
pub mod import;
pub mod imports;
pub mod incentives;
pub mod init;
pub mod kpis;
pub mod lake;
pub mod map;
pub mod metrics;
pub mod packs;
pub mod plan;
pub mod pull;
pub mod quality;
pub mod quarantine;
pub mod query;
pub mod rank;
pub mod reconcile;
pub mod recovery;
pub mod restated;
pub mod schema;
pub mod scorecard;
pub mod serve;
pub mod staff;
pub mod statement;
pub mod surveys;
pub mod tables;
pub mod today;
pub mod token;
pub mod trail;
pub mod verify;
pub mod watch;
pub mod why;

use crate::args::Command;
use crate::failure::Failure;

/// Runs a command to its end.
pub fn run(command: &Command) -> Result<(), Failure> {
    match command {
        Command::Demo(args) => demo::run(args),
        Command::Audit(args) => audit::run(args),
        Command::Init(args) => init::run(args),
        Command::Map(args) => map::run(args),
        Command::Staff(args) => staff::run(args),
        Command::Tables(args) => tables::run(args),
        Command::Packs(command) => packs::run(command),
        Command::Import(args) => import::run(args),
        Command::Imports(args) => imports::run(args),
        Command::Watch(args) => watch::run(args),
        Command::Pull(args) => pull::run(args),
        Command::Query(args) => query::run(args),
        Command::Restated(args) => restated::run(args),
        Command::Reconcile(args) => reconcile::run(args),
        Command::Today(args) => today::run(args),
        Command::Why(args) => why::run(args),
        Command::Rank(args) => rank::run(args),
        Command::Compliance(args) => compliance::run(args),
        Command::Erase(args) => erase::run(args),
        Command::Explain(args) => explain::run(args),
        Command::Kpis(command) => kpis::run(command),
        Command::Scorecard(args) => scorecard::run(args),
        Command::Cases(command) => cases::run(command),
        Command::Quality(command) => quality::run(command),
        Command::Coaching(command) => coaching::run(command),
        Command::Statement(args) => statement::run(args),
        Command::Incentives(command) => incentives::run(command),
        Command::Recovery(command) => recovery::run(command),
        Command::Surveys(args) => surveys::run(args),
        Command::Costs(args) => costs::run(args),
        Command::Disputes(command) => disputes::run(command),
        Command::Agent(args) => agent::run(args),
        Command::Benchmarks(command) => benchmarks::run(command),
        Command::Export(args) => export::run(args),
        Command::Plan(args) => plan::run(args),
        Command::Metrics(command) => metrics::run(command),
        Command::Schema(args) => schema::run(args),
        Command::Check(args) => check::run(args),
        Command::Serve(args) => serve::run(args),
        Command::Token(command) => token::run(command),
        Command::Accounts(command) => accounts::run(command),
        Command::Trail(args) => trail::run(args),
        Command::Lake(command) => lake::run(command),
        Command::Coverage(args) => coverage::run(args),
        Command::Quarantine(command) => quarantine::run(command),
        Command::Backup(args) => backup::backup(args),
        Command::Restore(args) => backup::restore(args),
        Command::Verify(args) => verify::run(args),
    }
}
