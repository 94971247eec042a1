//! The command line as a whole; each command reads its own options in its own file.

use clap::{Parser, Subcommand};

use crate::commands::{
    accounts, agent, alerts, audit, backup, benchmarks, cases, check, coaching, compliance, costs, coverage,
    demo, disputes, erase, explain, export, import, imports, incentives, init, kpis, lake, map, metrics,
    packs, plan, pull, quality, quarantine, query, rank, reconcile, recovery, reports, restated, schema,
    scorecard, send, serve, staff, statement, surveys, tables, today, token, trail, verify, watch, why,
};

const EXAMPLES: &str = "\
Examples:
  dialmark demo                                  a simulated centre to look around in
  dialmark audit calls.csv                       where do we stand? one file, no set-up
  dialmark init my-centre                        begin a project
  dialmark map calls.csv --out sources/calls.toml
  dialmark import
  dialmark query conversion_rate --by campaign_id
  dialmark serve

Exit codes: 0 all is well, 1 a problem was found or something failed, 2 wrong usage.
`dialmark COMMAND --help` shows examples of each command.";

/// Figures that one can trust about an outbound call centre, from its own exports.
#[derive(Debug, Parser)]
#[command(name = "dialmark", version, after_help = EXAMPLES)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// All commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Simulate a centre, load it and show its pages on this machine
    Demo(demo::Args),
    /// Say where a centre stands, from its exports alone
    Audit(audit::Args),
    /// Begin a project: a commented folder of settings
    Init(init::Args),
    /// Propose how the columns of an export are to be read
    Map(map::Args),
    /// Show the tables that a mapping may fill
    Tables(tables::Args),
    /// Show which systems' records are read without a mapping
    #[command(subcommand)]
    Packs(packs::Command),
    /// Load exports into the project's store
    Import(import::Args),
    /// Load exports as they appear or grow
    Watch(watch::Args),
    /// Read what is new from the databases that sources name
    Pull(pull::Args),
    /// Compute metrics
    Query(query::Args),
    /// Forget a person
    Erase(erase::Args),
    /// Say how a metric is defined and what its figure rests on
    Explain(explain::Args),
    /// Take the difference of two figures apart into sets of calls
    Reconcile(reconcile::Args),
    /// Say what happened, why, what is needed and what waits
    Today(today::Args),
    /// Say why a figure moved: whose rates, whose shares, and what chance may have done
    Why(why::Args),
    /// Work out how many agents a load of calls needs
    Staff(staff::Args),
    /// Rank agents or lists, and say who cannot be told apart
    Rank(rank::Args),
    /// Say how calls stand against calling rules: budgets, violations with their calls, what cannot be judged
    Compliance(compliance::Args),
    /// Say which figures of the past are not what they were, and which imports moved them
    Restated(restated::Args),
    /// Say how KPIs stand against their targets
    #[command(subcommand)]
    Kpis(kpis::Command),
    /// Show a scorecard
    Scorecard(scorecard::Args),
    /// Say what follows from missed KPIs: causes, plans, actions, clocks
    #[command(subcommand)]
    Cases(cases::Command),
    /// Say what is watched, what stands and what was told; try it
    #[command(subcommand)]
    Alerts(alerts::Command),
    /// Evaluate conversations: samples, evaluations, appeals, calibration
    #[command(subcommand)]
    Quality(quality::Command),
    /// Coach agents: who is due, what was agreed, whether it helped
    #[command(subcommand)]
    Coaching(coaching::Command),
    /// Say what is due under a contract
    Statement(statement::Args),
    /// Say what agents earn beside their wages
    #[command(subcommand)]
    Incentives(incentives::Command),
    /// Call back customers who were unhappy, against a clock
    #[command(subcommand)]
    Recovery(recovery::Command),
    /// Say how content customers are, how sure that is and how many answered
    Surveys(surveys::Args),
    /// Say what is sent to whom, what it looks like and what became of it
    #[command(subcommand)]
    Reports(reports::Command),
    /// Send a test of a report, or everything that is due
    Send(send::Args),
    /// Say what work costs: the ledger, shared out, by call, contact and customer
    Costs(costs::Args),
    /// Dispute what a call was classified as, and decide that
    #[command(subcommand)]
    Disputes(disputes::Command),
    /// Show what is an agent's own: figures, callbacks, commission, disputes
    Agent(agent::Args),
    /// Say what others reach, and whether it may be compared with
    #[command(subcommand)]
    Benchmarks(benchmarks::Command),
    /// Write what is promised to files that others work with
    Export(export::Args),
    /// Show which figures a change of the project's files would move
    Plan(plan::Args),
    /// Show what can be asked for
    #[command(subcommand)]
    Metrics(metrics::Command),
    /// Write JSON Schemas of the project's files, for editors
    Schema(schema::Args),
    /// Check a project: mistakes, metrics in and out of reach, unmapped codes
    Check(check::Args),
    /// Show the project's pages on this machine
    Serve(serve::Args),
    /// Say which programs may send records
    #[command(subcommand)]
    Token(token::Command),
    /// Say who may sign in, as what, and to whose records
    #[command(subcommand)]
    Accounts(accounts::Command),
    /// Show who did what, when and why
    Trail(trail::Args),
    /// Look after the store
    #[command(subcommand)]
    Lake(lake::Command),
    /// Show what was imported and what became of it
    Imports(imports::Args),
    /// Show what each source delivered, hour by hour, and what is missing
    Coverage(coverage::Args),
    /// Show what could not be read, and read it again
    #[command(subcommand)]
    Quarantine(quarantine::Command),
    /// Copy the store while everything goes on
    Backup(backup::BackupArgs),
    /// Put a copy of the store back
    Restore(backup::RestoreArgs),
    /// Check that the store is whole
    Verify(verify::Args),
}
