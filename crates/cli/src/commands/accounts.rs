//! `dialmark accounts`: who may sign in, as what, and to whose records.

use std::path::PathBuf;

use clap::Subcommand;
use dialmark_govern::access::Confined;
use dialmark_govern::{Access, Role};
use dialmark_state::{Account, Change, LOCAL, NewAccount, OneTime};

use crate::failure::Failure;
use crate::opened::Opened;
use crate::options::Shared;
use crate::{columns, out, runtime};

const ADD_EXAMPLES: &str = "\
Examples:
  dialmark accounts add ann@example.org --role admin
  dialmark accounts add lee@example.org --role team_lead --scope team_id=leeds_a --scope team_id=leeds_b
  dialmark accounts add mia@example.org --role agent --agent A-0412
  dialmark accounts add client@brightwatt.example --role client --scope client_id=brightwatt

Prints a password that is good for signing in once and is shown only now; whoever uses it chooses one
of their own. From the first account on, the pages ask everybody to sign in. The first one has to be
an administrator's. A scope confines all figures, records, cases and exports that somebody sees.";

const LIST_EXAMPLES: &str = "\
Examples:
  dialmark accounts list
  dialmark accounts list --format json";

const CHANGE_EXAMPLES: &str = "\
Examples:
  dialmark accounts change lee@example.org --role operations --why 'runs the floor from May on'
  dialmark accounts change lee@example.org --end --why 'left'
  dialmark accounts change lee@example.org --resume --why 'back'

Takes hold at once, also for those who are signed in.";

const PASSWORD_EXAMPLES: &str = "\
Examples:
  dialmark accounts password ann@example.org

Prints a new password that is good for signing in once, ends all sessions of the account, and opens it
again if too many wrong passwords had closed it.";

/// What to do with accounts.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make an account
    #[command(after_help = ADD_EXAMPLES)]
    Add(AddArgs),
    /// Show the accounts
    #[command(after_help = LIST_EXAMPLES)]
    List(ListArgs),
    /// Change what an account may see and do, or end it
    #[command(after_help = CHANGE_EXAMPLES)]
    Change(ChangeArgs),
    /// Give an account a new password
    #[command(after_help = PASSWORD_EXAMPLES)]
    Password(PasswordArgs),
}

/// What somebody may see and do.
#[derive(Debug, clap::Args)]
pub struct AccessArgs {
    /// Role: admin, operations, team_lead, agent, quality, planner, compliance, collections, finance, analyst, executive, client
    #[arg(long, value_name = "ROLE", value_parser = role)]
    role: Option<Role>,
    /// Whose records they see; may be given several times [default: all]
    #[arg(long, value_name = "DIMENSION=VALUE", requires = "role")]
    scope: Vec<String>,
    /// Who they are in the records, if they call
    #[arg(long, value_name = "AGENT_ID", requires = "role")]
    agent: Option<String>,
}

/// Options of `dialmark accounts add`.
#[derive(Debug, clap::Args)]
pub struct AddArgs {
    /// What they sign in with, usually their address
    name: String,
    /// Their name, to show [default: what they sign in with]
    #[arg(long, value_name = "NAME")]
    label: Option<String>,
    #[command(flatten)]
    access: AccessArgs,
    #[command(flatten)]
    shared: Shared,
}

/// Options of `dialmark accounts list`.
#[derive(Debug, clap::Args)]
pub struct ListArgs {
    #[command(flatten)]
    shared: Shared,
}

/// Options of `dialmark accounts change`.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("change").required(true).args(["role", "end", "resume"]))]
pub struct ChangeArgs {
    /// The account
    name: String,
    #[command(flatten)]
    access: AccessArgs,
    /// Let nobody sign in with it any more
    #[arg(long)]
    end: bool,
    /// Take it up again
    #[arg(long)]
    resume: bool,
    /// Why; the trail keeps it
    #[arg(long, value_name = "TEXT")]
    why: String,
    /// Folder of the project [default: the current one, or the nearest above that is one]
    #[arg(long, value_name = "PROJECT")]
    dir: Option<PathBuf>,
}

/// Options of `dialmark accounts password`.
#[derive(Debug, clap::Args)]
pub struct PasswordArgs {
    /// The account
    name: String,
    /// Folder of the project [default: the current one, or the nearest above that is one]
    #[arg(long, value_name = "PROJECT")]
    dir: Option<PathBuf>,
}

fn role(word: &str) -> Result<Role, String> {
    Role::from_word(&word.replace('-', "_")).ok_or_else(|| {
        let known: Vec<&str> = Role::ALL.iter().map(|role| role.word()).collect();
        format!("the roles are {}", known.join(", "))
    })
}

/// Runs the command.
pub fn run(command: &Command) -> Result<(), Failure> {
    match command {
        Command::Add(args) => add(args),
        Command::List(args) => list(args),
        Command::Change(args) => change(args),
        Command::Password(args) => password(args),
    }
}

fn access(args: &AccessArgs) -> Result<Access, Failure> {
    let Some(role) = args.role else {
        return Err(Failure::usage("Say what they are with `--role`, such as `--role team_lead`."));
    };
    let mut confined = Confined::new();
    for text in &args.scope {
        let Some((dimension, value)) = text.split_once('=') else {
            return Err(Failure::usage(format!(
                "`--scope {text}` should read `--scope DIMENSION=VALUE`, such as `--scope team_id=leeds`."
            )));
        };
        confined.entry(dimension.trim().to_owned()).or_default().push(value.trim().to_owned());
    }
    Access::new(role, confined, args.agent.clone()).map_err(Failure::usage)
}

fn add(args: &AddArgs) -> Result<(), Failure> {
    let opened = Opened::open(args.shared.dir.as_deref())?;
    let new = NewAccount {
        name: args.name.clone(),
        label: args.label.clone().unwrap_or_default(),
        access: access(&args.access)?,
    };
    let made = runtime::wait_for(async { Ok(opened.state().await?.make_account(&new, LOCAL).await?) })?;
    match args.shared.format {
        out::TextOrJson::Json => out::json(&serde_json::json!({ "name": args.name, "password": made.0 })),
        out::TextOrJson::Text => shown_once(&made),
    }
}

fn shown_once(made: &OneTime) -> Result<(), Failure> {
    out::note("This password is good for signing in once, and is shown only now:");
    out::line(&made.0)
}

fn list(args: &ListArgs) -> Result<(), Failure> {
    let opened = Opened::open(args.shared.dir.as_deref())?;
    let accounts = runtime::wait_for(async { Ok(opened.state().await?.accounts().await?) })?;
    if args.shared.format == out::TextOrJson::Json {
        return out::json(&accounts);
    }
    if accounts.is_empty() {
        return out::line(
            "Nobody has an account yet, so the pages are open to whoever sits at this machine. `dialmark accounts add NAME \
             --role admin` makes the first one.",
        );
    }
    let rows: Vec<Vec<String>> = accounts.iter().map(row).collect();
    let lines = columns::aligned(&["name", "role", "sees", "signed in last", "state"], &rows);
    lines.iter().try_for_each(|line| out::line(line))
}

fn row(account: &Account) -> Vec<String> {
    let sees = account.access.confined().iter();
    let sees: Vec<String> =
        sees.map(|(dimension, values)| format!("{dimension} = {}", values.join(" or "))).collect();
    vec![
        account.name.clone(),
        account.access.role().label().to_owned(),
        if sees.is_empty() { "everything".to_owned() } else { sees.join(", ") },
        account.seen_at.map_or_else(|| "never".to_owned(), |at| at.to_string()),
        account.ended_at.map_or_else(|| "open".to_owned(), |at| format!("ended {at}")),
    ]
}

fn change(args: &ChangeArgs) -> Result<(), Failure> {
    let opened = Opened::open(args.dir.as_deref())?;
    let change = match (args.end, args.resume) {
        (true, _) => Change::End,
        (_, true) => Change::Resume,
        _ => Change::Access(access(&args.access)?),
    };
    runtime::wait_for(async {
        Ok(opened.state().await?.change_account(&args.name, &change, LOCAL, &args.why).await?)
    })?;
    out::line(&format!("{} is changed.", args.name))
}

fn password(args: &PasswordArgs) -> Result<(), Failure> {
    let opened = Opened::open(args.dir.as_deref())?;
    let made =
        runtime::wait_for(async { Ok(opened.state().await?.reset_password(&args.name, LOCAL).await?) })?;
    shown_once(&made)
}
