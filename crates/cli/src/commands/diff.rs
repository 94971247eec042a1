//! `dialmark metrics diff`: the same records under two versions of the rules.

use std::path::PathBuf;
use std::sync::Arc;

use dialmark_engine::{Common, Engine, Side, reconcile};
use jiff::civil::Date;

use crate::commands::reconcile as shown;
use crate::failure::Failure;
use crate::opened::Opened;
use crate::options::Shared;
use crate::question::condition;
use crate::{figure_text, period, runtime};

/// Options of `dialmark metrics diff`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The metric, perhaps with variant and parameters
    metric: String,
    /// Compare every day's own rules with those of this day
    #[arg(long, value_name = "DAY", required_unless_present = "against", conflicts_with = "against")]
    rules_of: Option<Date>,
    /// Compare the project's files in this folder with those at hand, over the same records
    #[arg(long, value_name = "FOLDER")]
    against: Option<PathBuf>,
    /// Only records for which this holds
    #[arg(long = "where", value_name = "EXPR")]
    filter: Option<String>,
    /// First day or instant that counts
    #[arg(long, value_name = "DAY|INSTANT")]
    from: Option<String>,
    /// First day or instant that does not count any more
    #[arg(long, value_name = "DAY|INSTANT")]
    to: Option<String>,
    /// List the records of this set, counted from 1
    #[arg(long, value_name = "N")]
    set: Option<usize>,
    /// How many records to list
    #[arg(long, value_name = "COUNT", default_value_t = 50)]
    limit: usize,
    #[command(flatten)]
    shared: Shared,
}

/// Compares and shows.
pub fn run(args: &Args) -> Result<(), Failure> {
    let opened = Opened::open(args.shared.dir.as_deref())?;
    let (metric, filter) = figure_text::read(&args.metric, &opened.catalogue)?;
    let calendar = opened.project.centre.calendar();
    let side =
        Side { metric, filter, period: period::parse(args.from.as_deref(), args.to.as_deref(), &calendar)? };
    let filter = args.filter.as_deref().map(condition).transpose()?;
    let common = Common { filter, show: args.set.map(|set| (set, args.limit)), ..Common::default() };
    let before = args.against.as_deref().map(|folder| Opened::open(Some(folder))).transpose()?;
    let (found, names) = runtime::wait_for(async {
        let here: Engine = opened.engine(opened.lake_with_records().await?);
        let (a, b, names) = match (&before, args.rules_of) {
            (Some(before), _) => {
                let dispositions = Arc::new(before.project.dispositions.clone());
                let there = here.clone().with_definitions(Arc::clone(&before.catalogue), dispositions);
                (there, here, ("as declared there".to_owned(), "as declared here".to_owned()))
            }
            (None, Some(day)) => {
                let catalogue = Arc::new(opened.catalogue.as_of(day));
                let dispositions = Arc::new(opened.project.dispositions.as_of(day));
                let one_day = here.clone().with_definitions(catalogue, dispositions);
                (
                    here,
                    one_day,
                    ("under each day's own rules".to_owned(), format!("under the rules of {day}")),
                )
            }
            (None, None) => return Err(Failure::usage("Name `--rules-of DAY` or `--against FOLDER`.")),
        };
        Ok((reconcile((&a, &side), (&b, &side), &common).await?, names))
    })?;
    let name = |how: &str| format!("{} {how}", args.metric);
    shown::show((&name(&names.0), &name(&names.1)), &found, args.shared.format)
}
