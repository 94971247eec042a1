//! From the options of `dialmark query` to a question to the metric layer.

use dialmark_metrics::{Catalogue, MetricQuery, MetricRef, Scope, expr};
use dialmark_model::civil::{Calendar, Grain};

use crate::failure::Failure;
use crate::period;

/// What is asked.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Question {
    /// Metrics, separated by commas: `aht`, `aht/talk`, `service_level/offered{threshold=10s}`
    #[arg(value_name = "METRIC[,METRIC...]")]
    metrics: String,
    /// Break out by columns, declared dimensions, hierarchies or `hour`, `weekday`, `day`, `week`, `month`, separated by
    /// commas
    #[arg(long, value_name = "DIM[,DIM...]")]
    by: Option<String>,
    /// Only records for which this holds, such as "campaign_id = 'north' and attempt_no <= 3"; `hour` (0 to 23) and
    /// `weekday` ('monday') are those of the record
    #[arg(long = "where", value_name = "EXPR")]
    filter: Option<String>,
    /// First day (in --zone, else in the centre's zone) or instant with offset that counts
    #[arg(long, value_name = "DAY|INSTANT")]
    from: Option<String>,
    /// First day or instant that does not count any more: `--to 2026-11-20` means before that day
    #[arg(long, value_name = "DAY|INSTANT")]
    to: Option<String>,
    /// Break out over time: 15m, 30m, hour, day, week, month, quarter, year
    #[arg(long)]
    grain: Option<String>,
    /// IANA zone of days and hours for all records [default: each record's own]
    #[arg(long)]
    zone: Option<String>,
    /// Use this variant of a metric; may be given several times
    #[arg(long, value_name = "METRIC=NAME")]
    variant: Vec<String>,
    /// Read this table, when several could answer
    #[arg(long, value_name = "TABLE")]
    on: Option<String>,
    /// Only so many values of the first dimension of --by, those that weigh most; the rest is the row `other`
    #[arg(long, value_name = "COUNT", requires = "by")]
    top: Option<usize>,
    /// Data is complete up to this day or instant, for windows that must have passed
    /// [default: the last record, or the end of its day when other records show that it is over]
    #[arg(long, value_name = "DAY|INSTANT")]
    complete_until: Option<String>,
}

impl Question {
    /// The question, as far as the command line can be judged without looking at records.
    pub fn read(&self, catalogue: &Catalogue, centre: &Calendar) -> Result<MetricQuery, Failure> {
        let calendar = period::calendar(self.zone.as_deref(), centre)?;
        let (by, grain) = self.dimensions(catalogue)?;
        Ok(MetricQuery {
            metrics: self.metric_refs(catalogue)?,
            by,
            filter: self.filter.as_deref().map(condition).transpose()?,
            period: period::parse(self.from.as_deref(), self.to.as_deref(), &calendar)?,
            grain,
            zone: self.zone.clone(),
            scope: Scope::Everything,
            table: self.on.clone(),
            top: self.top,
            complete_until: self
                .complete_until
                .as_deref()
                .map(|text| period::instant("--complete-until", text, &calendar))
                .transpose()?,
        })
    }

    fn metric_refs(&self, catalogue: &Catalogue) -> Result<Vec<MetricRef>, Failure> {
        let mut metrics = MetricRef::parse_list(&self.metrics).map_err(Failure::Usage)?;
        for choice in &self.variant {
            let Some((metric, variant)) = choice.split_once('=') else {
                return Err(Failure::usage(format!(
                    "`--variant {choice}` should read `--variant METRIC=NAME`, such as `--variant aht=talk`."
                )));
            };
            let (metric, variant) = (metric.trim(), variant.trim());
            let mut meant = metrics.iter_mut().filter(|m| m.metric == metric).peekable();
            if meant.peek().is_none() {
                return Err(Failure::usage(format!(
                    "`--variant {choice}` chooses a variant of `{metric}`, which is not asked for."
                )));
            }
            for wanted in meant {
                match wanted.variant.as_deref() {
                    None => wanted.variant = Some(variant.to_owned()),
                    Some(named) if named == variant => {}
                    Some(named) => {
                        return Err(Failure::usage(format!(
                            "`{metric}/{named}` and `--variant {choice}` contradict each other."
                        )));
                    }
                }
            }
        }
        for wanted in &metrics {
            catalogue.resolve(wanted).map_err(Failure::Usage)?;
        }
        Ok(metrics)
    }

    /// Dimensions and the grain. `--by day` is the same as `--grain day`; `hour` is the hour of the day.
    fn dimensions(&self, catalogue: &Catalogue) -> Result<(Vec<String>, Option<Grain>), Failure> {
        let mut grain = self.grain.as_deref().map(grain_of).transpose()?;
        let mut by = Vec::new();
        for name in self.by.iter().flat_map(|list| list.split(',')).map(str::trim) {
            if name.is_empty() {
                return Err(Failure::usage("`--by` has an empty name between its commas."));
            }
            // A hierarchy stands for its levels, the coarsest first.
            if let Some(hierarchy) = catalogue.hierarchies.get(name) {
                by.extend(hierarchy.levels.iter().cloned());
                continue;
            }
            let as_grain = Grain::from_word(name).filter(|g| g.micros().is_none());
            match (as_grain, grain) {
                (None, _) => by.push(name.to_owned()),
                (Some(wanted), None) => grain = Some(wanted),
                (Some(wanted), Some(given)) if wanted == given => {}
                (Some(wanted), Some(given)) => {
                    return Err(Failure::usage(format!(
                        "Figures can be broken out over time in one grain only, not by {} and by {}.",
                        given.word(),
                        wanted.word()
                    )));
                }
            }
        }
        Ok((by, grain))
    }
}

/// A condition under `--where`.
pub fn condition(text: &str) -> Result<expr::Expr, Failure> {
    expr::parse(text).map_err(|error| Failure::usage(format!("`--where \"{text}\"`: {}", error.0)))
}

fn grain_of(word: &str) -> Result<Grain, Failure> {
    Grain::from_word(word).ok_or_else(|| {
        let known: Vec<&str> = Grain::ALL.into_iter().map(Grain::word).collect();
        Failure::usage(format!("`--grain {word}` is not known; it can be {}.", known.join(", ")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(question: &Question) -> Result<MetricQuery, String> {
        let (catalogue, _) = Catalogue::builtin();
        question
            .read(&catalogue, &Calendar::plain(jiff::tz::TimeZone::UTC))
            .map_err(|f| f.text().unwrap_or_default())
    }

    fn asking(metrics: &str) -> Question {
        Question { metrics: metrics.to_owned(), ..Question::default() }
    }

    #[test]
    fn a_variant_is_chosen_in_either_way_but_not_in_two() {
        let by_option = Question { variant: vec!["aht=talk".to_owned()], ..asking("aht,dials") };
        assert_eq!(read(&by_option).unwrap().metrics, read(&asking("aht/talk,dials")).unwrap().metrics);
        let twice = Question { variant: vec!["aht=handle".to_owned()], ..asking("aht/talk") };
        assert!(read(&twice).unwrap_err().contains("contradict"));
        let absent = Question { variant: vec!["aht=handle".to_owned()], ..asking("dials") };
        assert!(read(&absent).unwrap_err().contains("not asked for"));
    }

    #[test]
    fn by_day_is_a_grain_and_by_hour_is_the_hour_of_the_day() {
        let question = Question { by: Some("day, hour,agent_id".to_owned()), ..asking("dials") };
        let read_back = read(&question).unwrap();
        assert_eq!(
            (read_back.grain, read_back.by),
            (Some(Grain::Day), vec!["hour".into(), "agent_id".into()])
        );
        let twice =
            Question { by: Some("day".to_owned()), grain: Some("month".to_owned()), ..asking("dials") };
        assert!(read(&twice).unwrap_err().contains("one grain only"));
    }

    #[test]
    fn what_is_not_known_is_a_sentence() {
        for (question, part) in [
            (asking("convertion_rate"), "Did you mean `conversion_rate`?"),
            (Question { filter: Some("a = = b".to_owned()), ..asking("dials") }, "--where"),
            (Question { grain: Some("fortnight".to_owned()), ..asking("dials") }, "fortnight"),
            (Question { zone: Some("Mars/Olympus".to_owned()), ..asking("dials") }, "Mars/Olympus"),
            (Question { by: Some("a,,b".to_owned()), ..asking("dials") }, "empty name"),
        ] {
            let said = read(&question).unwrap_err();
            assert!(said.contains(part), "{said}");
        }
    }
}
