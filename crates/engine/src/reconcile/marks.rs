//! What every record contributes to the four parts of two figures, and why not where it does not.

use arrow::array::{Decimal128Array, Int64Array, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema};
use datafusion::common::{JoinType, ScalarValue};
use datafusion::functions_window::expr_fn::row_number;
use datafusion::logical_expr::{Expr as Plan, ExprFunctionExt, cast, ident, lit, when};
use datafusion::prelude::{DataFrame, coalesce};
use dialmark_lake::LiveTable;
use dialmark_metrics::{Aggregate, Binding, Exact, Expr, Function, Shape, Split};
use dialmark_model::civil::Period;
use dialmark_model::facts;

use super::Parts;
use crate::anchor::Anchor;
use crate::asked::{Asked, Clocked};
use crate::convert::WIDE;
use crate::error::{EngineError, refuse};
use crate::plan::Use;
use crate::split::PIECE;
use crate::{followed, states, table};

/// Digits after the point of contributions: as many as any amount or number has.
pub(super) const DIGITS: u8 = 10;
/// The same for Arrow.
const SCALE: i8 = DIGITS.cast_signed();

/// Records of one table with their contributions.
pub(crate) struct Marked {
    pub table: String,
    /// The rows, with a column `code_I` for each mark and `adds_P` for each of the four parts.
    pub rows: DataFrame,
    /// One mark a measure that is read from the table.
    pub marks: Vec<Mark>,
    /// Columns of a stored row.
    pub stored: Vec<String>,
}

/// How one measure looks at the records.
pub(crate) struct Mark {
    /// 0 and 1 are numerator and denominator of A, 2 and 3 those of B.
    pub part: usize,
    /// What a record must satisfy, in the order in which it is asked.
    pub steps: Vec<Step>,
    /// What is added up, as it is written.
    pub adds: String,
}

impl Mark {
    /// The record counts.
    pub(super) const COUNTS: i32 = -1;
}

/// One thing that a record must satisfy.
pub(crate) struct Step {
    /// In words, as what does not hold.
    pub says: String,
    /// As an expression of the metric layer, where it is one.
    pub expr: Option<Expr>,
    plan: Plan,
}

/// Marks every record of a table.
pub(super) async fn mark<'q>(
    (asked_a, parts_a): (&Asked<'q>, &Parts),
    (asked_b, parts_b): (&Asked<'q>, &Parts),
    live: &'q LiveTable,
) -> Result<Marked, EngineError> {
    let sides = [(asked_a, parts_a, 0), (asked_b, parts_b, 2)];
    // Records of both times, each once; what lies in neither contributes nothing.
    let mut rows = table::rows(asked_a.engine, live, &Period::ALL)?;
    if facts::holds_states(&live.table.name) {
        // A state that others interrupt is there as often as it goes on.
        rows = rows.with_column(PIECE, cast(ident("duration_ms"), DataType::Int64))?;
        rows = states::own_time(asked_a, rows, "started_at").await?;
        rows = rows.with_column("duration_ms", ident(PIECE))?.drop_columns(&[PIECE])?;
    }
    let mut looked_up: Vec<String> = Vec::new();
    let mut marks = Vec::new();
    let mut codes: Vec<Plan> = Vec::new();
    let mut adds: [Vec<Plan>; 4] = Default::default();
    for (asked, parts, first) in sides {
        let both = [(Some(&parts.top), first), (parts.bottom.as_ref(), first + 1)];
        for (uses, part) in both {
            for one in uses.into_iter().flatten().filter(|one| live.table.name == one.table) {
                let number = marks.len();
                let Some(binding) = asked.engine.catalogue().binding(&one.measure, &one.table) else {
                    return refuse(format!("`{}` is not read from `{}`.", one.measure, one.table));
                };
                let clocked = asked.clocked(live, binding, one)?;
                let view = View { asked, clocked: &clocked, binding, one };
                rows = view.look_up(rows, &mut looked_up).await?;
                let (with, steps, value, says) = view.steps(rows, number).await?;
                rows = with;
                let mut code = when(lit(false), lit(0_i32));
                for (at, step) in steps.iter().enumerate() {
                    let at = i32::try_from(at).unwrap_or(i32::MAX);
                    code = code.when(step.plan.clone().is_null(), lit(2 * at + 1));
                    code = code.when(Plan::Not(Box::new(step.plan.clone())), lit(2 * at));
                }
                codes.push(code.otherwise(lit(Mark::COUNTS))?.alias(format!("code_{number}")));
                let value = coalesce(vec![
                    cast(value, DataType::Decimal128(WIDE, SCALE)),
                    lit(ScalarValue::Decimal128(Some(0), WIDE, SCALE)),
                ]);
                let counts = ident(format!("code_{number}")).eq(lit(Mark::COUNTS));
                let zero = lit(ScalarValue::Decimal128(Some(0), WIDE, SCALE));
                adds[part].push(when(counts, value).otherwise(zero)?);
                marks.push(Mark { part, steps, adds: says });
            }
        }
    }
    for (number, code) in codes.into_iter().enumerate() {
        rows = rows.with_column(&format!("code_{number}"), code)?;
    }
    for (part, values) in adds.into_iter().enumerate() {
        let zero = lit(ScalarValue::Decimal128(Some(0), WIDE, SCALE));
        let total = values.into_iter().reduce(|a, b| a + b).unwrap_or(zero);
        let total = cast(total, DataType::Decimal128(WIDE, SCALE));
        rows = rows.with_column(&format!("adds_{part}"), total)?;
    }
    let stored = live.table.stored_columns().map(|c| c.name.to_string()).collect();
    Ok(Marked { table: live.table.name.to_string(), rows, marks, stored })
}

/// One measure of one side.
struct View<'v, 'q> {
    asked: &'v Asked<'q>,
    clocked: &'v Clocked<'q>,
    binding: &'v Binding,
    one: &'v Use,
}

impl View<'_, '_> {
    /// Adds the columns that its expressions look up and that are not there yet.
    async fn look_up(&self, rows: DataFrame, known: &mut Vec<String>) -> Result<DataFrame, EngineError> {
        let place = self.asked.place(self.clocked);
        let mut expressions: Vec<Expr> = self.binding.record_expressions().into_iter().cloned().collect();
        expressions.extend(self.asked.question.filter.as_ref().map(|f| place.spelt_out(f)));
        let fresh: Vec<&Expr> = expressions
            .iter()
            .filter(|e| e.columns().iter().any(|c| !known.iter().any(|k| k == c)))
            .collect();
        let names: Vec<String> = fresh
            .iter()
            .flat_map(|e| e.columns())
            .filter(|c| self.asked.engine.catalogue().lookup(&self.one.table, c).is_some())
            .map(str::to_owned)
            .filter(|c| !known.contains(c))
            .collect();
        if names.is_empty() {
            return Ok(rows);
        }
        if !known.is_empty() {
            return refuse(
                "These figures look up different columns of other tables; reconcile them one at a time.",
            );
        }
        known.extend(names);
        self.asked.with_lookups(self.clocked, rows, &fresh).await
    }

    /// What a record must satisfy to count, and what it then adds.
    async fn steps(
        &self,
        mut rows: DataFrame,
        number: usize,
    ) -> Result<(DataFrame, Vec<Step>, Plan, String), EngineError> {
        let (asked, clocked, one) = (self.asked, self.clocked, self.one);
        if self.binding.share.is_some() {
            return refuse(format!(
                "`{}` shares out lengths of records, so no single record has a part in it.",
                one.measure
            ));
        }
        if self.binding.covered.is_some() {
            return refuse(format!(
                "`{}` is read from the records of two tables, so no single record has a part in it.",
                one.measure
            ));
        }
        let place = asked.place(clocked);
        let mut steps = Vec::new();
        let mut step = |says: String, expr: Option<Expr>, plan: Plan| steps.push(Step { says, expr, plan });
        if let Some(scope) = asked.scope(clocked.live) {
            step("they lie outside of what may be seen".to_owned(), None, scope);
        }
        let is_split = matches!(self.binding.split, Some(Split::Length { .. }));
        if !is_split {
            let period = asked.question.period;
            for bound in [Period { to: None, ..period }, Period { from: None, ..period }] {
                if let Some(plan) = clocked.anchor.within(&bound, asked.calendar(), &one.table)? {
                    let word = match (bound.from, bound.to) {
                        (Some(from), _) => format!("they lie before {from}"),
                        (_, Some(to)) => format!("they do not lie before {to}"),
                        _ => continue,
                    };
                    step(word, None, plan);
                }
            }
        }
        if let Some(Split::Length { from }) = &self.binding.split
            && let Shape::Records(Aggregate { function: Function::Sum(length), .. }) = &self.binding.shape
            && (asked.question.period.from.is_some() || asked.question.period.to.is_some())
        {
            let inside = self.clipped(from, asked.condition(length, one, &place)?);
            step("they lie outside of the time asked for".to_owned(), None, inside.gt(lit(0_i64)));
        }
        if let Some(at) = &clocked.at {
            let known = Expr::IsNull(Box::new(Expr::Column(at.clone())), true);
            step(format!("`{at}` is not known"), Some(known), ident(at.as_str()).is_not_null());
        }
        if let Some(days) = asked.on_days(one.days, &place)? {
            step(format!("the definition holds {}", one.days), None, days);
        }
        if let Some(filter) = &asked.question.filter {
            for part in conjuncts(filter) {
                step(format!("`{part}` does not hold"), Some(part.clone()), place.condition(part)?);
            }
        }
        // Before what follows is looked at: a record whose window runs is no record that nothing followed.
        if let Some(matured) = asked.matured(self.binding, one)? {
            let says = if matured.1 { "their window has not passed" } else { "their window has passed" };
            step(says.to_owned(), None, asked.has_matured(clocked, matured).await?);
        }
        let filled = |e: &Expr| with_params(e, one);
        let mut conditions = |condition: &Expr| -> Result<(), EngineError> {
            for part in conjuncts(condition) {
                let part = filled(part);
                let plan = asked.condition(&part, one, &place)?;
                step(format!("`{part}` does not hold"), Some(part), plan);
            }
            Ok(())
        };
        let digits = lit(1_i64);
        let (value, says) = match &self.binding.shape {
            Shape::Records(aggregate) => {
                if let Some(filter) = &aggregate.filter {
                    conditions(filter)?;
                }
                self.of_records(aggregate, &mut rows, &mut steps, number)?
            }
            Shape::Grouped { per, among, outer, .. } => {
                if outer.function != Function::Count || outer.filter.is_some() {
                    return refuse(format!(
                        "`{}` adds up quantities of groups of records, so no single record has a part in it.",
                        one.measure
                    ));
                }
                if let Some(among) = among {
                    conditions(among)?;
                }
                let by = per.iter().map(|name| place.dimension(name)).collect::<Result<Vec<_>, _>>()?;
                let word = format!("another record of the same {} counts already", per.join(" and "));
                rows = self.first_of(rows, by, &mut steps, number, word)?;
                (digits, "1".to_owned())
            }
            Shape::Followed(followed) => {
                let mut hits: Vec<(i64, i64, Option<Exact>)> = Vec::new();
                let uses = std::slice::from_ref(one);
                followed::visit(asked, clocked, self.binding, followed, uses, |_, counted, fate| {
                    if fate.hit {
                        let elapsed = fate.elapsed_ms.map(|ms| Exact::integer(i128::from(ms)));
                        let value = match &followed.value {
                            dialmark_metrics::FollowedValue::Count => Some(Exact::integer(1)),
                            dialmark_metrics::FollowedValue::Sum(_) => counted.value,
                            _ => elapsed,
                        };
                        hits.push((counted.record.0, counted.record.1, value));
                    }
                })
                .await?;
                let side = hit_table(asked, &hits, number)?;
                let (import, line, value) = (
                    format!("hit_import_{number}"),
                    format!("hit_line_{number}"),
                    format!("hit_value_{number}"),
                );
                rows = rows.join(
                    side,
                    JoinType::Left,
                    &["import_id", "line"],
                    &[import.as_str(), line.as_str()],
                    None,
                )?;
                let plan = ident(import.as_str()).is_not_null();
                steps.push(Step { says: format!("this is not so: {followed}"), expr: None, plan });
                (ident(value.as_str()), followed.value.to_string())
            }
        };
        Ok((rows, steps, value, says))
    }

    fn of_records(
        &self,
        aggregate: &Aggregate,
        rows: &mut DataFrame,
        steps: &mut Vec<Step>,
        number: usize,
    ) -> Result<(Plan, String), EngineError> {
        let place = self.asked.place(self.clocked);
        let known = |e: &Expr| Expr::IsNull(Box::new(with_params(e, self.one)), true);
        Ok(match &aggregate.function {
            Function::Count => (lit(1_i64), "1".to_owned()),
            Function::Sum(e) => {
                let value = self.asked.condition(e, self.one, &place)?;
                let plan = value.clone().is_not_null();
                steps.push(Step { says: format!("`{e}` is not known"), expr: Some(known(e)), plan });
                match &self.binding.split {
                    None => (value, e.to_string()),
                    Some(Split::Length { from }) => {
                        (self.clipped(from, value), format!("{e} within the time asked for"))
                    }
                    Some(Split::Days { .. }) => {
                        return refuse(format!(
                            "`{}` counts days one by one, so records have no single part in it.",
                            self.one.measure
                        ));
                    }
                }
            }
            Function::Distinct(e) => {
                let value = self.asked.condition(e, self.one, &place)?;
                let plan = value.clone().is_not_null();
                steps.push(Step { says: format!("`{e}` is not known"), expr: Some(known(e)), plan });
                let word = format!("an earlier record with the same `{e}` counts already");
                *rows = self.first_of(rows.clone(), vec![value], steps, number, word)?;
                (lit(1_i64), "1".to_owned())
            }
            Function::Min(_) | Function::Max(_) | Function::Values(_) => {
                return refuse(format!(
                    "`{}` is no sum, so its difference is not a sum over records.",
                    self.one.measure
                ));
            }
        })
    }

    /// Marks the first record, by time, of those that satisfy all steps so far and are alike in `by`.
    fn first_of(
        &self,
        rows: DataFrame,
        by: Vec<Plan>,
        steps: &mut Vec<Step>,
        number: usize,
        says: String,
    ) -> Result<DataFrame, EngineError> {
        let eligible = steps.iter().map(|s| s.plan.clone()).reduce(Plan::and).unwrap_or(lit(true));
        let eligible = coalesce(vec![eligible, lit(false)]);
        let name = format!("eligible_{number}");
        let rows = rows.with_column(&name, eligible)?;
        let mut order = Vec::new();
        if let Anchor::Instant(at) | Anchor::Day(at) = &self.clocked.anchor {
            order.push(at.clone().sort(true, false));
        }
        order.extend(["source", "source_id", "import_id", "line"].map(|c| ident(c).sort(true, true)));
        let mut partition = by;
        partition.push(ident(name.as_str()));
        let rank = row_number().partition_by(partition).order_by(order).build()?;
        let rank_name = format!("rank_{number}");
        let rows = rows.window(vec![rank.alias(rank_name.as_str())])?;
        steps.push(Step { says, expr: None, plan: ident(rank_name.as_str()).eq(lit(1_u64)) });
        Ok(rows)
    }

    /// The part of a length that lies in the time asked for, in milliseconds.
    fn clipped(&self, from: &str, length: Plan) -> Plan {
        let ms = |us: Plan| us / lit(1_000_i64);
        let start = cast(ident(from), DataType::Int64);
        let end = start.clone() + cast(length, DataType::Int64) * lit(1_000_i64);
        let period = self.asked.question.period;
        let (mut begin, mut stop) = (start, end);
        if let Some(from) = period.from {
            begin = datafusion::prelude::greatest(vec![begin, lit(from.as_microsecond())]);
        }
        if let Some(to) = period.to {
            stop = datafusion::prelude::least(vec![stop, lit(to.as_microsecond())]);
        }
        datafusion::prelude::greatest(vec![ms(stop) - ms(begin), lit(0_i64)])
    }
}

/// The expression with the parameters of the metric in place.
fn with_params(expr: &Expr, one: &Use) -> Expr {
    expr.replace(&|leaf| match leaf {
        Expr::Param(name) => one.params.0.get(name).map(|value| Expr::Integer(*value)),
        _ => None,
    })
}

/// The parts of a condition that must all hold.
pub(super) fn conjuncts(expr: &Expr) -> Vec<&Expr> {
    match expr {
        Expr::Binary(dialmark_metrics::expr::BinaryOp::And, a, b) => {
            let mut all = conjuncts(a);
            all.extend(conjuncts(b));
            all
        }
        Expr::Bool(true) => Vec::new(),
        other => vec![other],
    }
}

fn hit_table(
    asked: &Asked<'_>,
    hits: &[(i64, i64, Option<Exact>)],
    number: usize,
) -> Result<DataFrame, EngineError> {
    let schema = std::sync::Arc::new(Schema::new(vec![
        Field::new(format!("hit_import_{number}"), DataType::Int64, false),
        Field::new(format!("hit_line_{number}"), DataType::Int64, false),
        Field::new(format!("hit_value_{number}"), DataType::Decimal128(WIDE, SCALE), true),
    ]));
    let imports: Int64Array = hits.iter().map(|(import, ..)| Some(*import)).collect();
    let lines: Int64Array = hits.iter().map(|(_, line, _)| Some(*line)).collect();
    let values: Decimal128Array = hits
        .iter()
        .map(|(.., value)| {
            let (units, scale) = (*value)?.parts();
            units.checked_mul(10_i128.checked_pow(u32::from(DIGITS.checked_sub(scale)?))?)
        })
        .collect();
    let values = values.with_precision_and_scale(WIDE, SCALE)?;
    let columns: Vec<arrow::array::ArrayRef> =
        vec![std::sync::Arc::new(imports), std::sync::Arc::new(lines), std::sync::Arc::new(values)];
    Ok(asked.engine.context().read_batch(RecordBatch::try_new(schema, columns)?)?)
}
