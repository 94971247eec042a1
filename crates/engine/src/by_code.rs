//! Conditions over a code are worked out once a code, not once a record.
//!
//! Most conditions of measures ask what a disposition means, which way a call went, how it was dialled: comparisons of one
//! column with constants. Every code that no condition names behaves as any other does, so it is enough to know which of
//! the named ones a record has; what each condition says of it is looked up in a table of a few dozen entries.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int32Array, RecordBatch, StringViewArray};
use arrow::compute::take;
use arrow::datatypes::{DataType, Field, Int32Type, Schema};
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{DFSchema, DataFusionError, ScalarValue};
use datafusion::logical_expr::expr::{Case, InList};
use datafusion::logical_expr::{BinaryExpr, ColumnarValue, Expr as Plan, Operator, ScalarUDF, ident};
use datafusion::prelude::{DataFrame, SessionContext};

use crate::error::EngineError;
use crate::functions::udf;

/// Bytes that a view holds itself.
const SHORT: u32 = 12;

/// A code that no condition names; it cannot be typed.
const ANY_OTHER: &str = "\u{0}any other code";

/// Conditions, and the same for records that carry the numbers of their codes.
pub(crate) fn settle(
    context: &SessionContext,
    rows: DataFrame,
    conditions: Vec<Plan>,
) -> Result<(DataFrame, Vec<Plan>), EngineError> {
    let mut named: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for condition in &conditions {
        condition.apply(|part| {
            let Some(column) = code_of(part, &rows) else { return Ok(TreeNodeRecursion::Continue) };
            let codes = named.entry(column).or_default();
            part.apply(|leaf| {
                if let Some(code) = text(leaf)
                    && !codes.iter().any(|known| known == code)
                {
                    codes.push(code.to_owned());
                }
                Ok(TreeNodeRecursion::Continue)
            })?;
            Ok(TreeNodeRecursion::Jump)
        })?;
    }
    if named.is_empty() {
        return Ok((rows, conditions));
    }
    let mut columns = all_columns(&rows);
    for (column, codes) in &named {
        columns.push(number_of(codes).call(vec![ident(column)]).alias(numbered(column)));
    }
    let mut known: Vec<(Plan, Plan)> = Vec::new();
    let settled = conditions
        .into_iter()
        .map(|condition| {
            let settled = condition.transform_down(|part| {
                let Some(column) = code_of(&part, &rows) else { return Ok(Transformed::no(part)) };
                let at = known.iter().position(|(before, _)| *before == part);
                let looked_up = match at.and_then(|at| known.get(at)) {
                    Some((_, looked_up)) => looked_up.clone(),
                    None => {
                        let codes = named.get(&column).map_or(&[][..], Vec::as_slice);
                        let says = table(context, &column, codes, &part)?;
                        let looked_up = looked_up(&part, says).call(vec![ident(numbered(&column))]);
                        known.push((part, looked_up.clone()));
                        looked_up
                    }
                };
                Ok(Transformed::new(looked_up, true, TreeNodeRecursion::Jump))
            })?;
            Ok(settled.data)
        })
        .collect::<Result<Vec<Plan>, DataFusionError>>()?;
    Ok((rows.select(columns)?, settled))
}

/// Every column as it is, to which a selection adds others.
pub(crate) fn all_columns(rows: &DataFrame) -> Vec<Plan> {
    rows.schema().fields().iter().map(|field| ident(field.name())).collect()
}

/// Name of the column of numbers; no column of a table has spaces in its name, so it is none of those.
fn numbered(column: &str) -> String {
    format!("number of {column}")
}

/// The column of texts that this expression compares with constants and that is all it reads.
fn code_of(part: &Plan, rows: &DataFrame) -> Option<String> {
    if !compares(part) && !words(part) {
        return None;
    }
    let columns = part.column_refs();
    let mut columns = columns.iter();
    let column = columns.next().filter(|_| columns.next().is_none())?.name();
    let field = rows.schema().field_with_unqualified_name(column).ok()?;
    (*field.data_type() == DataType::Utf8View).then(|| column.to_owned())
}

/// Whether this is a condition made of comparisons with constants alone, which treat all codes that they do not name alike:
/// `lower(code) = 'a'` and `code < 'b'` do not.
fn compares(e: &Plan) -> bool {
    let operand = |e: &Plan| matches!(e, Plan::Column(_)) || words(e);
    match e {
        Plan::BinaryExpr(BinaryExpr { left, op, right }) => match op {
            Operator::Eq | Operator::NotEq => {
                operand(left) && text(right).is_some() || operand(right) && text(left).is_some()
            }
            Operator::And | Operator::Or => compares(left) && compares(right),
            _ => false,
        },
        Plan::InList(InList { expr, list, .. }) => operand(expr) && list.iter().all(|e| text(e).is_some()),
        Plan::IsNull(inner) | Plan::IsNotNull(inner) => operand(inner) || compares(inner),
        Plan::Not(inner) => compares(inner),
        Plan::Literal(value, _) => matches!(value, ScalarValue::Boolean(_) | ScalarValue::Null),
        Plan::Case(case) => is_case_of(case, &compares),
        _ => false,
    }
}

/// Whether this puts words in place of codes.
fn words(e: &Plan) -> bool {
    let word = |e: &Plan| match e {
        Plan::Literal(value, _) => value.is_null() || text(e).is_some(),
        _ => false,
    };
    matches!(e, Plan::Case(case) if is_case_of(case, &word))
}

fn is_case_of(case: &Case, result: &dyn Fn(&Plan) -> bool) -> bool {
    case.expr.is_none()
        && case.when_then_expr.iter().all(|(when, then)| compares(when) && result(then))
        && case.else_expr.as_deref().is_none_or(result)
}

fn text(e: &Plan) -> Option<&str> {
    match e {
        Plan::Literal(value, _) => value.try_as_str().flatten(),
        _ => None,
    }
}

/// Number of a record's code: its place among `codes`, one more for any other, null for none.
fn number_of(codes: &[String]) -> ScalarUDF {
    let other = i32::try_from(codes.len()).unwrap_or(i32::MAX);
    let numbers: HashMap<String, i32> = codes.iter().cloned().zip(0..).collect();
    // Short texts lie in the view itself and are told apart without being looked at.
    let named = StringViewArray::from_iter_values(codes);
    let short: HashMap<u128, i32> = named
        .views()
        .iter()
        .zip(named.lengths())
        .zip(0..)
        .filter(|((_, length), _)| *length <= SHORT)
        .map(|((view, _), number)| (*view, number))
        .collect();
    udf("code_number", vec![DataType::Utf8View], DataType::Int32, move |arguments| {
        let arrays = ColumnarValue::values_to_arrays(arguments)?;
        let [codes] = arrays.as_slice() else {
            return Err(DataFusionError::Internal("the number of a code takes one argument".to_owned()));
        };
        let codes = codes.as_string_view();
        // Records of one code often stand together.
        let mut last: Option<(u128, i32)> = None;
        let mut number = |(row, (view, length)): (usize, (&u128, u32))| {
            if codes.is_null(row) {
                return None;
            }
            if length > SHORT {
                return Some(numbers.get(codes.value(row)).copied().unwrap_or(other));
            }
            let number = match last {
                Some((seen, number)) if seen == *view => number,
                _ => short.get(view).copied().unwrap_or(other),
            };
            last = Some((*view, number));
            Some(number)
        };
        let numbers: Int32Array =
            codes.views().iter().zip(codes.lengths()).enumerate().map(&mut number).collect();
        Ok(Arc::new(numbers))
    })
}

/// What an expression says of each code, of any other, and of none, in this order.
fn table(
    context: &SessionContext,
    column: &str,
    codes: &[String],
    part: &Plan,
) -> Result<ArrayRef, DataFusionError> {
    let all = codes.iter().map(|code| Some(code.as_str())).chain([Some(ANY_OTHER), None]);
    let schema = Arc::new(Schema::new(vec![Field::new(column, DataType::Utf8View, true)]));
    let values: ArrayRef = Arc::new(all.collect::<StringViewArray>());
    let batch = RecordBatch::try_new(Arc::clone(&schema), vec![values])?;
    let unqualified = part.clone().transform_up(|part| {
        Ok(match &part {
            Plan::Column(found) => Transformed::yes(ident(found.name())),
            _ => Transformed::no(part),
        })
    })?;
    let expression = context.create_physical_expr(unqualified.data, &DFSchema::try_from(schema)?)?;
    expression.evaluate(&batch)?.into_array(batch.num_rows())
}

/// Reads a table by the number of the code; the last entry is that of no code.
fn looked_up(part: &Plan, says: ArrayRef) -> ScalarUDF {
    let none = i32::try_from(says.len().saturating_sub(1)).unwrap_or(i32::MAX);
    let output = says.data_type().clone();
    udf(&format!("by code: {part}"), vec![DataType::Int32], output, move |arguments| {
        let arrays = ColumnarValue::values_to_arrays(arguments)?;
        let [numbers] = arrays.as_slice() else {
            return Err(DataFusionError::Internal("a code has one number".to_owned()));
        };
        let numbers = numbers.as_primitive::<Int32Type>();
        let at: Int32Array = numbers.iter().map(|number| Some(number.unwrap_or(none))).collect();
        Ok(take(&says, &at, None)?)
    })
}

#[cfg(test)]
mod tests {
    use datafusion::logical_expr::{col, in_list, lit, when};
    use datafusion::prelude::lower;

    use super::*;

    /// Conditions over codes, and how many of them are looked up by code.
    async fn settled(codes: Vec<Option<&str>>, conditions: Vec<Plan>) -> (Vec<ArrayRef>, usize) {
        let context = SessionContext::new();
        let long = codes.iter().map(|code| code.map(|code| format!("{code}, a code of many letters")));
        let columns: Vec<(&str, ArrayRef)> = vec![
            // A table may well have `code` and `code_number`.
            ("code_number", Arc::new(codes.iter().map(|_| Some("1")).collect::<StringViewArray>())),
            ("long", Arc::new(long.collect::<StringViewArray>())),
            ("code", Arc::new(codes.into_iter().collect::<StringViewArray>())),
        ];
        let rows = context
            .read_batch(
                RecordBatch::try_from_iter_with_nullable(
                    columns.into_iter().map(|(name, column)| (name, column, true)),
                )
                .unwrap(),
            )
            .unwrap();
        let (rows, conditions) = settle(&context, rows, conditions).unwrap();
        let count = conditions.iter().filter(|c| c.to_string().contains("by code")).count();
        let named: Vec<Plan> =
            conditions.into_iter().enumerate().map(|(at, c)| c.alias(format!("c{at}"))).collect();
        let batches = rows.select(named).unwrap().collect().await.unwrap();
        let whole = arrow::compute::concat_batches(&batches[0].schema(), &batches).unwrap();
        (whole.columns().to_vec(), count)
    }

    #[tokio::test]
    async fn conditions_say_the_same_of_every_record() {
        let is_sale = |column: &str| {
            when(
                in_list(col(column), vec![lit("A"), lit("B"), lit("A, a code of many letters")], false),
                lit(true),
            )
            .when(col(column).eq(lit("C")), lit(false))
            .end()
            .unwrap()
        };
        let word = when(col("code").eq(lit("A")), lit("sale"))
            .when(col("code").eq(lit("C")), lit("no"))
            .end()
            .unwrap();
        let conditions = vec![
            is_sale("code"),
            is_sale("long"),
            col("code").eq(lit("A")).and(col("long").not_eq(lit("B, a code of many letters"))),
            in_list(word.clone(), vec![lit("sale"), lit("Z")], false),
            in_list(word, vec![lit("sale")], true),
            col("code").is_null().or(is_sale("code").is_null()),
            lower(col("code")).eq(lit("a")),
            col("code").lt(lit("B")),
        ];
        let codes =
            vec![Some("A"), Some("B"), Some("C"), None, Some("Z"), Some("a"), Some(""), Some("A"), Some("A")];
        let columns = |texts: &[&str]| -> Vec<ArrayRef> {
            let of = |text: &&str| -> ArrayRef {
                let value = |c: char| match c {
                    't' => Some(true),
                    'f' => Some(false),
                    _ => None,
                };
                Arc::new(text.chars().map(value).collect::<arrow::array::BooleanArray>())
            };
            texts.iter().map(of).collect()
        };
        let (said, by_code) = settled(codes, conditions).await;
        let by_hand = columns(&[
            "ttf----tt",
            "t------tt",
            "tff-ffftt",
            "t-f----tt",
            "f-t----ff",
            "fffttttff",
            "tff-ftftt",
            "tff-ffttt",
        ]);
        assert_eq!(said, by_hand);
        assert_eq!(by_code, 6);
    }
}
