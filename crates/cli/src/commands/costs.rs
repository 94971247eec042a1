//! `dialmark costs`: what work costs, by campaign or agent, with the ledger behind it.

use dialmark_govern::Money;
use dialmark_govern::contract::BillingPeriod;
use dialmark_manage::costing::{self, Asked, Bearer, Costs};
use dialmark_metrics::{MetricRef, Ratio, Reason};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::managed;
use crate::options::Shared;
use crate::out::{self, Style, TextOrJson};
use crate::seat::Seat;
use crate::{columns, runtime};

const EXAMPLES: &str = "\
Examples:
  dialmark costs --by campaign_id --period 2026-10
  dialmark costs --by agent_id --period 2026-Q4 --format json
  dialmark costs --period 2026-10 --currency EUR --acquisitions net_sales

Costs come from the records of `costs`, each booked to a day. What was booked to no campaign is shared out
by the rules of the project (`[allocation.NAME]`), in whole cents, so that shares add up to what was booked; what no rule
shares out is shown beside them. Other currencies are converted by the rate of the day.";

/// Options of `dialmark costs`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Dimension whose values bear the costs
    #[arg(long, value_name = "DIM", default_value = "campaign_id")]
    by: String,
    /// Month or quarter, such as `2026-10` or `2026-Q4`
    #[arg(long, value_name = "PERIOD")]
    period: String,
    /// Currency of the answer [default: the centre's]
    #[arg(long, value_name = "CODE")]
    currency: Option<String>,
    /// What counts as a new customer
    #[arg(long, value_name = "METRIC", default_value = "sales")]
    acquisitions: String,
    #[command(flatten)]
    shared: Shared,
}

/// Shows the costs.
pub fn run(args: &Args) -> Result<(), Failure> {
    let managed = managed::open(args.shared.dir.as_deref())?;
    let period = BillingPeriod::parse(&args.period).ok_or_else(|| {
        Failure::usage(format!(
            "`--period {}` is neither a month, such as `2026-10`, nor a quarter, such as `2026-Q4`.",
            args.period
        ))
    })?;
    let currency =
        args.currency.clone().or_else(|| managed.opened.project.centre.currency().map(str::to_owned));
    let currency = currency.ok_or_else(|| {
        Failure::usage(
            "In which currency? Write `--currency EUR`, or `currency = \"EUR\"` under `[centre]` in `dialmark.toml`.",
        )
    })?;
    let metrics = MetricRef::parse_list(&args.acquisitions).map_err(Failure::Usage)?;
    let [acquisitions] = metrics.as_slice() else {
        return Err(Failure::usage("`--acquisitions` names one metric, such as `sales`."));
    };
    managed.opened.catalogue.resolve(acquisitions).map_err(Failure::Usage)?;
    let rates = managed.governed.rates.clone();
    let asked = Asked {
        by: &args.by,
        period,
        currency: &currency,
        rates: &rates,
        acquisitions: acquisitions.clone(),
    };
    let costs = runtime::wait_for(async {
        let work = Seat::at(&managed).await?;
        Ok(costing::costs(&work.desk(), &asked).await?)
    })?;
    match args.shared.format {
        TextOrJson::Json => out::json(&shown(&costs)),
        TextOrJson::Text => say(&costs),
    }
}

/// Costs for programs: money and fractions as texts, quotients with their parts.
fn shown(costs: &Costs) -> Value {
    let bearers: Vec<Value> = costs.bearers.iter().map(bearer).collect();
    json!({
        "by": costs.by,
        "period": costs.period,
        "currency": costs.currency,
        "bearers": bearers,
        "entries": costs.entries,
        "total": costs.total,
        "left": costs.left,
        "incomplete": costs.incomplete,
    })
}

fn bearer(one: &Bearer) -> Value {
    json!({
        "name": one.name,
        "booked": one.booked,
        "shared": one.shared,
        "cost": part(&one.sums.cost),
        "revenue": part(&one.sums.revenue),
        "calls": part(&one.sums.calls),
        "contacts": part(&one.sums.contacts),
        "acquisitions": part(&one.sums.acquisitions),
        "cost_per_call": part(&one.unit_costs.per_call),
        "cost_per_contact": part(&one.unit_costs.per_contact),
        "cost_per_acquisition": part(&one.unit_costs.per_acquisition),
        "return_on_investment": part(&one.unit_costs.return_on_investment),
    })
}

/// A value with six digits, or why there is none.
fn part(value: &Result<Ratio, Reason>) -> Value {
    match value {
        Ok(value) => json!({ "value": value.decimal(6) }),
        Err(reason) => json!({ "value": null, "reason": reason.word() }),
    }
}

fn say(costs: &Costs) -> Result<(), Failure> {
    let style = Style::of_stdout();
    out::line(&style.strong(&format!("Costs of {}: {}", costs.period, costs.total)))?;
    let money = |value: &Result<Ratio, Reason>| match value {
        Ok(value) => Money::rounded(*value, &costs.currency).map_or_else(|| "-".to_owned(), |m| m.decimal()),
        Err(_) => "-".to_owned(),
    };
    let count = |value: &Result<Ratio, Reason>| {
        value.as_ref().map_or_else(|_| "-".to_owned(), |value| value.decimal(0))
    };
    let head = [
        costs.by.as_str(),
        "booked",
        "shared",
        "calls",
        "per call",
        "contacts",
        "per contact",
        "customers",
        "per customer",
        "revenue",
        "return",
    ];
    let rows: Vec<Vec<String>> = costs
        .bearers
        .iter()
        .map(|one| {
            let (sums, unit) = (&one.sums, &one.unit_costs);
            let roi = unit.return_on_investment.as_ref();
            vec![
                one.name.clone(),
                one.booked.decimal(),
                one.shared.decimal(),
                count(&sums.calls),
                money(&unit.per_call),
                count(&sums.contacts),
                money(&unit.per_contact),
                count(&sums.acquisitions),
                money(&unit.per_acquisition),
                money(&sums.revenue),
                roi.map_or_else(|_| "-".to_owned(), |roi| format!("{:.1} %", roi.to_f64() * 100.0)),
            ]
        })
        .collect();
    for line in columns::aligned(&head, &rows) {
        out::line(&line)?;
    }
    let entries: Vec<Vec<String>> = costs
        .entries
        .iter()
        .map(|entry| {
            let converted = entry.converted.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string);
            vec![
                entry.month.strftime("%Y-%m").to_string(),
                entry.category.clone(),
                entry.bearer.clone().unwrap_or_else(|| "(nobody)".to_owned()),
                converted,
                entry.rule.clone().unwrap_or_else(|| "booked".to_owned()),
                entry.says.clone(),
            ]
        })
        .collect();
    out::line("")?;
    for line in columns::aligned(&["month", "category", "borne by", "amount", "how", ""], &entries) {
        out::line(&line)?;
    }
    if !costs.left.is_zero() {
        out::line(&style.bad(&format!("{} are borne by nobody.", costs.left)))?;
    }
    for sentence in &costs.incomplete {
        out::line(&style.bad(&format!("incomplete: {sentence}")))?;
    }
    Ok(())
}
