//! Answers questions about statistics, one a line: for `tests/stats/oracle.py`, which knows the answers from elsewhere.
//!
//! A question is a word and its arguments, separated by blanks; lists are separated by commas, lists of lists by
//! semicolons, pairs by colons. The answer is one line of numbers, `none` in the place of each that there is not.

// It speaks to whoever asks.
#![allow(clippy::print_stdout)]

use std::io::{BufRead, BufWriter, Write};

use dialmark_stats::agreement::{Detection, Scale, Table, Weights, alpha, fleiss_kappa, within};
use dialmark_stats::bootstrap::{self, Drawn, Kind, Method, Plan};
use dialmark_stats::decompose::{self, Cell, Factor, Segment, Weighing};
use dialmark_stats::maturity::{Cohort, Ripe, Ripening};
use dialmark_stats::queue::{self, Demand, Goal};
use dialmark_stats::ranking::{self, Better, Entrant, Figure, Standing, Sureness};
use dialmark_stats::{Confidence, Estimate, Interval, Nps, Part, Share};
use dialmark_stats::{false_discovery, mean, quantile, ratio, share};

type Numbers = Vec<Option<f64>>;

fn main() -> std::io::Result<()> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let words: Vec<&str> = line.split(' ').collect();
        match answer(&words) {
            Some(numbers) => {
                let texts: Vec<String> =
                    numbers.into_iter().map(|n| n.map_or("none".to_owned(), |n| format!("{n:?}"))).collect();
                writeln!(out, "{}", texts.join(" "))?;
            }
            None => writeln!(out, "not understood")?,
        }
    }
    out.flush()
}

fn answer(words: &[&str]) -> Option<Numbers> {
    let (question, arguments) = words.split_first()?;
    match (*question, arguments) {
        ("z", [level]) => Some(vec![Some(confidence(level)?.z())]),
        ("t", [level, degrees]) => Some(vec![confidence(level)?.t(number(degrees)?)]),
        ("wilson", [hits, n, level]) => Some(ends(Some(of(hits, n)?.wilson(confidence(level)?)))),
        ("clopper", [hits, n, level]) => Some(ends(Some(of(hits, n)?.clopper_pearson(confidence(level)?)))),
        ("newcombe", [hits, n, other_hits, other_n, level]) => {
            Some(ends(Some(of(hits, n)?.minus(of(other_hits, other_n)?, confidence(level)?))))
        }
        ("width", [p, n, level]) => {
            Some(vec![share::half_width(number(p)?, n.parse().ok()?, confidence(level)?)])
        }
        ("size", [p, half, level]) => {
            Some(vec![share::sample_size(number(p)?, number(half)?, confidence(level)?).map(|n| n as f64)])
        }
        ("ratio", [level, parts]) => estimate(ratio::of_sums(&pairs(parts)?), level),
        ("difference", [level, later, earlier]) => {
            estimate(ratio::difference(&pairs(later)?, &pairs(earlier)?), level)
        }
        ("mean", [level, values]) => estimate(mean::of(&numbers(values)?), level),
        ("meandifference", [level, one, other]) => {
            let (one, other) = (mean::of(&numbers(one)?), mean::of(&numbers(other)?));
            estimate(one.zip(other).and_then(|(one, other)| one.minus(other)), level)
        }
        ("ranks", [n, share, level]) => {
            let ranks = quantile::ranks(n.parse().ok()?, number(share)?, confidence(level)?);
            Some(vec![ranks.map(|r| r.low as f64), ranks.map(|r| r.high as f64), ranks.map(|r| r.sure)])
        }
        ("quantile", [share, level, values]) => {
            Some(ends(quantile::interval(&numbers(values)?, number(share)?, confidence(level)?)))
        }
        ("nps", [promoters, passives, detractors, level]) => {
            let count = |text: &str| text.parse().ok();
            let nps = Nps {
                promoters: count(promoters)?,
                passives: count(passives)?,
                detractors: count(detractors)?,
            };
            let level = confidence(level)?;
            let mut all = vec![nps.score(), nps.estimate().map(Estimate::standard_error)];
            all.extend(ends(nps.wald(level)));
            all.extend(ends(nps.adjusted_wald(level)));
            Some(all)
        }
        ("bootstrap", [kind, replicates, seed, level, parts]) => {
            Some(drawn(bootstrap::of_ratio(&pairs(parts)?, &plan(kind, replicates, seed, level)?)))
        }
        ("bootstrapdifference", [kind, replicates, seed, level, later, earlier]) => {
            let plan = plan(kind, replicates, seed, level)?;
            Some(drawn(bootstrap::of_difference(&pairs(later)?, &pairs(earlier)?, &plan)))
        }
        ("table", [categories, calls]) => {
            let calls: Vec<(usize, usize)> = list(calls, pair)?;
            let table = Table::of(categories.parse().ok()?, &calls)?;
            let weights = [Weights::None, Weights::Linear, Weights::Quadratic];
            let mut all = vec![Some(table.raw_agreement())];
            all.extend(weights.map(|w| table.kappa(w)));
            all.extend(weights.map(|w| table.kappa_error(w)));
            all.extend([Some(table.pabak()), Some(table.ac1())]);
            Some(all)
        }
        ("fleiss", [calls]) => Some(vec![fleiss_kappa(&lists(calls, |count| count.parse().ok())?)]),
        ("alpha", [scale, units]) => {
            let scale = match *scale {
                "nominal" => Scale::Nominal,
                "ordinal" => Scale::Ordinal,
                "interval" => Scale::Interval,
                "ratio" => Scale::Ratio,
                _ => return None,
            };
            Some(vec![alpha(&lists(units, number)?, scale)])
        }
        ("detection", [calls]) => {
            let calls: Vec<(u8, u8)> = list(calls, pair)?;
            let calls: Vec<(bool, bool)> = calls.into_iter().map(|(a, b)| (a == 1, b == 1)).collect();
            let detection = Detection::of(&calls);
            Some(vec![detection.sensitivity().map(Share::value), detection.specificity().map(Share::value)])
        }
        ("within", [points, scores]) => {
            let scores: Vec<(f64, f64)> = list(scores, pair)?;
            Some(vec![within(&scores, number(points)?).map(Share::value)])
        }
        ("decompose", [before, after]) => {
            let sides = pairs(before)?.into_iter().zip(pairs(after)?).enumerate();
            let whole =
                decompose::ratio(sides.map(|(key, (before, after))| Segment { key, before, after })).ok()?;
            let mut all = vec![whole.before, whole.after, whole.change, whole.rate, whole.mix];
            let mut effects = whole.effects;
            effects.sort_by_key(|effect| effect.key);
            all.extend(effects.iter().flat_map(|effect| [effect.rate, effect.mix]));
            Some(all.into_iter().map(Some).collect())
        }
        ("product", [before, after]) => {
            let sides = numbers(before)?.into_iter().zip(numbers(after)?).enumerate();
            let whole =
                decompose::product(sides.map(|(key, (before, after))| Factor { key, before, after })).ok()?;
            let by = if whole.weighing == Weighing::Logarithms { 0.0 } else { 1.0 };
            let effects = whole.effects.iter().map(|(_, effect)| *effect);
            Some([by, whole.change].into_iter().chain(effects).map(Some).collect())
        }
        // Cells by the first dimension, separated by semicolons; the second is counted along each.
        ("decomposewithin", [before, after]) => {
            let part = |text: &str| pair(text).map(|(top, bottom)| Part { top, bottom });
            let sides = lists(before, part)?.into_iter().zip(lists(after, part)?).enumerate();
            let cells = sides.flat_map(|(outer, (before, after))| {
                let both = before.into_iter().zip(after).enumerate();
                both.map(move |(inner, (before, after))| Cell { outer, inner, before, after })
            });
            let mut inner = decompose::within(cells).ok()?.inner;
            inner.sort_by_key(|one| one.key);
            Some(inner.iter().flat_map(|one| [Some(one.rate), Some(one.mix)]).collect())
        }
        ("erlangb", [load, lines]) => Some(vec![queue::blocking(number(load)?, lines.parse().ok()?)]),
        ("erlangc", [load, agents, handle, within]) => {
            let found = queue::waiting(number(load)?, agents.parse().ok()?, number(handle)?);
            let within = number(within)?;
            Some(vec![
                found.map(|f| f.waits()),
                found.map(|f| f.answered_within(within)),
                found.map(|f| f.average_wait()),
            ])
        }
        ("erlanga", [load, agents, handle, patience, within]) => {
            let found =
                queue::leaving(number(load)?, agents.parse().ok()?, number(handle)?, number(patience)?);
            let within = number(within)?;
            Some(vec![
                found.map(|f| f.waits()),
                found.map(|f| f.leaves()),
                found.map(|f| f.average_wait()),
                found.map(|f| f.answered_within(within)),
            ])
        }
        ("needed", [calls, handle, patience, answered, within, occupancy]) => {
            let demand = Demand {
                calls_per_s: number(calls)?,
                handle_s: number(handle)?,
                patience_s: number(patience),
            };
            let goal = Goal {
                answered: number(answered)?,
                within_s: number(within)?,
                occupancy: number(occupancy)?,
            };
            let found = queue::needed(demand, goal);
            Some(vec![found.map(|f| f64::from(f.agents)), found.map(|f| f64::from(f.for_service))])
        }
        ("rank", [figure, entrants]) => {
            let figure = if *figure == "share" { Figure::Share } else { Figure::Amount };
            let part = |text: &str| pair(text).map(|(top, bottom)| Part { top, bottom });
            let entrants = lists(entrants, part)?.into_iter().enumerate();
            let entrants = entrants.map(|(key, parts)| Entrant { key, parts });
            let mut placed = ranking::rank(entrants, figure, Better::High, Sureness::default())?.placed;
            placed.sort_by_key(|one| one.key);
            let standing = |one: Standing| match one {
                Standing::Better => 1.0,
                Standing::NotTold => 0.0,
                Standing::Worse => -1.0,
            };
            let numbers = placed.iter().flat_map(|one| {
                [
                    one.shrunk,
                    one.interval.low(),
                    one.interval.high(),
                    standing(one.standing),
                    one.best as f64,
                    one.worst as f64,
                ]
            });
            Some(numbers.map(Some).collect())
        }
        ("ripening", [window, sizes, outcomes]) => {
            let cohorts = numbers(sizes)?.into_iter().zip(lists(outcomes, number)?);
            let cohorts: Vec<Cohort> = cohorts.map(|(n, by_age)| Cohort { n, by_age }).collect();
            let window = window.parse().ok()?;
            let ripening = Ripening::of(&cohorts, window)?;
            let all = ripening.estimate(&cohorts, Confidence::P95);
            let mut answer: Numbers = (1..=window).map(|ages| Some(ripening.share(ages))).collect();
            answer.push(all.map(Ripe::estimate));
            answer.extend(ends(all.map(|all| all.interval)));
            Some(answer)
        }
        ("adjusted", [p_values]) => {
            Some(false_discovery::adjusted(&numbers(p_values)?)?.into_iter().map(Some).collect())
        }
        _ => None,
    }
}

fn ends(interval: Option<Interval>) -> Numbers {
    vec![interval.map(Interval::low), interval.map(Interval::high)]
}

/// Value, standard error, degrees of freedom, interval, p-value against zero.
fn estimate(estimate: Option<Estimate>, level: &str) -> Option<Numbers> {
    let level = confidence(level)?;
    let mut all = vec![
        estimate.map(Estimate::value),
        estimate.map(Estimate::standard_error),
        estimate.map(Estimate::degrees),
    ];
    all.extend(ends(estimate.and_then(|e| e.interval(level))));
    all.push(estimate.and_then(|e| e.p_value(0.0)));
    Some(all)
}

/// Value, interval, and 0 for percentiles, 1 for BCa, 2 for what was not drawn.
fn drawn(drawn: Option<Drawn>) -> Numbers {
    let method = drawn.map(|d| match d.method {
        Method::Drawn(Kind::Percentile) => 0.0,
        Method::Drawn(Kind::Bca) => 1.0,
        Method::TooFewClusters | Method::TooManyClusters => 2.0,
    });
    let interval = ends(drawn.map(|d| d.interval));
    [drawn.map(|d| d.value)].into_iter().chain(interval).chain([method]).collect()
}

fn plan(kind: &str, replicates: &str, seed: &str, level: &str) -> Option<Plan> {
    let kind = if kind == "bca" { Kind::Bca } else { Kind::Percentile };
    Plan::new(confidence(level)?, kind, replicates.parse().ok()?, seed.parse().ok()?)
}

fn confidence(text: &str) -> Option<Confidence> {
    Confidence::new(number(text)?)
}

fn of(hits: &str, n: &str) -> Option<Share> {
    Share::new(hits.parse().ok()?, n.parse().ok()?)
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok()
}

fn numbers(text: &str) -> Option<Vec<f64>> {
    list(text, number)
}

fn pairs(text: &str) -> Option<Vec<Part>> {
    list(text, |part| pair(part).map(|(top, bottom)| Part { top, bottom }))
}

fn pair<T: std::str::FromStr>(text: &str) -> Option<(T, T)> {
    let (one, other) = text.split_once(':')?;
    Some((one.parse().ok()?, other.parse().ok()?))
}

fn list<T>(text: &str, read: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    text.split(',').filter(|item| !item.is_empty()).map(read).collect()
}

fn lists<T>(text: &str, read: impl Fn(&str) -> Option<T>) -> Option<Vec<Vec<T>>> {
    text.split(';').map(|inner| list(inner, &read)).collect()
}
