//! Pictures as SVG. Beside each stands a table with the same figures; here floats are allowed, for drawing only.
//!
//! Colours are those of the light theme; the style sheet turns them into the tokens of the theme at hand, so one
//! picture serves light, dark, paper and mail.

use charts_rs::{Color, HorizontalBarChart, LineChart, Series, Symbol, WaterfallChart, WaterfallData};
use dialmark_metrics::metric::Unit;
use maud::{Markup, PreEscaped, html};

/// The colours that the style sheet knows.
const ACCENT: &str = "#2F5D8A";
const MUTE: &str = "#666D76";
const RULE: &str = "#E4E5E3";
/// What rises and what falls; whether that is good, words say.
const RISE: &str = "#1A7A4C";
const FALL: &str = "#B3261E";

const LINE_WIDTH: f32 = 1000.0;
const LINE_HEIGHT: f32 = 250.0;
const STEPS_WIDTH: f32 = 760.0;
const BAR_WIDTH: f32 = 560.0;
const BAR_HEIGHT: f32 = 24.0;
const FONT_SIZE: f32 = 12.0;
/// Most bars in one picture.
pub const MOST_BARS: usize = 16;
/// Longest label beside a bar; the table beside it has the whole.
const LABEL_CHARS: usize = 28;

/// How an axis is labelled: what values are multiplied by, and what stands behind them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Axis {
    times: f64,
    suffix: &'static str,
}

impl Axis {
    /// The axis for values of a unit, the largest of which is known.
    pub fn of(unit: Unit, largest: f64) -> Axis {
        match unit {
            Unit::Share => Axis { times: 100.0, suffix: " %" },
            Unit::Duration if largest >= 2.0 * 3_600_000.0 => Axis { times: 1.0 / 3_600_000.0, suffix: " h" },
            Unit::Duration if largest >= 180_000.0 => Axis { times: 1.0 / 60_000.0, suffix: " min" },
            Unit::Duration => Axis { times: 1.0 / 1_000.0, suffix: " s" },
            _ => Axis { times: 1.0, suffix: "" },
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "for drawing only")]
    fn place(self, value: f64) -> f32 {
        (value * self.times) as f32
    }
}

/// A line over time. A missing value is a gap. With `provisional`, the last stretch is dashed: its bucket is
/// not over.
pub fn line(labels: &[String], values: &[Option<f64>], unit: Unit, provisional: bool, says: &str) -> Markup {
    let axis = Axis::of(unit, largest(values));
    let points: Vec<Option<f32>> = values.iter().map(|v| v.map(|v| axis.place(v))).collect();
    let solid = if provisional { points.len().saturating_sub(1) } else { points.len() };
    let mut series = vec![Series { data: points.iter().take(solid).copied().collect(), ..Series::default() }];
    // The dashed stretch joins the last finished point to the one that is not.
    let start = solid.saturating_sub(1);
    if provisional {
        series.push(Series {
            start_index: start,
            data: points.iter().skip(start).copied().collect(),
            stroke_dash_array: Some("4,4".to_owned()),
            index: Some(0),
            ..Series::default()
        });
    }
    let mut chart = LineChart::new(series, labels.to_vec());
    chart.width = LINE_WIDTH;
    chart.height = LINE_HEIGHT;
    // The last label stands centred below the last point and needs room beside it.
    chart.margin = (4.0, 8.0, 28.0, 4.0).into();
    chart.series.stroke_width = 1.75;
    // A dot keeps a value between two gaps visible.
    chart.series.symbol = Some(Symbol::Circle(1.75, Some(ACCENT.into())));
    dress(&mut chart.base);
    for y in &mut chart.y_axis_configs {
        dress_axis(y, axis);
        y.min = Some(0.0).filter(|_| points.iter().flatten().all(|v| *v >= 0.0));
    }
    picture(chart.svg().ok(), "chart wide", says)
}

/// Bars by the values of a dimension, the first at the top. The figure stands in the label as it stands in the
/// table.
pub fn bars(rows: &[(String, String, Option<f64>)], unit: Unit, says: &str) -> Markup {
    let values: Vec<Option<f64>> = rows.iter().map(|(_, _, v)| *v).collect();
    let axis = Axis::of(unit, largest(&values));
    let labels: Vec<String> =
        rows.iter().map(|(name, figure, _)| format!("{} {figure}", shortened(name))).collect();
    // The chart measures labels in its own font; the reader's may be wider. Blanks at the end are measured, and
    // vanish when the text is shown.
    let longest = labels.iter().map(|l| l.chars().count()).max().unwrap_or(0);
    let room = " ".repeat(longest / 2 + 2);
    let labels: Vec<String> = labels.into_iter().map(|label| label + &room).collect();
    // The chart counts categories from the bottom.
    let data = values.iter().rev().map(|v| v.map(|v| axis.place(v))).collect();
    let mut chart = HorizontalBarChart::new(
        vec![Series { data, ..Series::default() }],
        labels.into_iter().rev().collect(),
    );
    chart.width = BAR_WIDTH;
    chart.height = f32::from(u16::try_from(rows.len()).unwrap_or(u16::MAX)) * BAR_HEIGHT + 36.0;
    chart.margin = (4.0, 2.0, 24.0, 4.0).into();
    dress(&mut chart.base);
    for y in &mut chart.y_axis_configs {
        dress_axis(y, axis);
    }
    picture(chart.svg().ok(), "chart", says)
}

/// Steps from one total to another: name, value, and whether it is a total.
pub fn waterfall(steps: &[(String, f64, bool)], unit: Unit, says: &str) -> Markup {
    let values: Vec<Option<f64>> = steps.iter().map(|(_, value, _)| Some(*value)).collect();
    let axis = Axis::of(unit, largest(&values));
    // Labels show the value as it is drawn.
    let drawn = |value: f64| (axis.place(value) * 1000.0).round() / 1000.0;
    let data = steps
        .iter()
        .map(|(_, value, is_total)| WaterfallData { value: drawn(*value), is_total: *is_total })
        .collect();
    let mut chart = WaterfallChart::new(data, steps.iter().map(|(name, _, _)| name.clone()).collect());
    chart.width = STEPS_WIDTH;
    chart.height = LINE_HEIGHT;
    chart.margin = (14.0, 8.0, 8.0, 8.0).into();
    chart.y_axis_hidden = true;
    chart.increase_color = RISE.into();
    chart.decrease_color = FALL.into();
    chart.total_color = ACCENT.into();
    dress(&mut chart.base);
    picture(chart.svg().ok(), "chart", says)
}

/// What all charts share: the page's colours and letters, no title, no legend, no ground.
fn dress(base: &mut charts_rs::ChartBase) {
    base.font_family = "system-ui".to_owned();
    base.background_color = Color::transparent();
    base.legend.show = Some(false);
    base.series.colors = vec![ACCENT.into()];
    base.grid.stroke_color = RULE.into();
    base.x_axis.stroke_color = RULE.into();
    base.x_axis.font.size = FONT_SIZE;
    base.x_axis.font.color = MUTE.into();
}

fn dress_axis(y: &mut charts_rs::YAxisConfig, axis: Axis) {
    y.formatter = Some(format!("{{t}}{}", axis.suffix));
    y.font.size = FONT_SIZE;
    y.font.color = MUTE.into();
    y.stroke_color = RULE.into();
    y.split_number = 4;
}

fn picture(svg: Option<String>, class: &str, says: &str) -> Markup {
    html! {
        div class=(class) role="img" aria-label=(says) tabindex="0" {
            @match svg {
                // The chart library escapes every text that goes into a picture.
                Some(svg) => { (PreEscaped(svg)) }
                None => { p.quiet { "This picture could not be drawn; the table has its figures." } }
            }
        }
    }
}

fn largest(values: &[Option<f64>]) -> f64 {
    values.iter().flatten().fold(0.0, |a: f64, b| a.max(b.abs()))
}

fn shortened(name: &str) -> String {
    match name.chars().count() > LABEL_CHARS {
        true => name.chars().take(LABEL_CHARS - 1).chain(['…']).collect(),
        false => name.to_owned(),
    }
}

const SPARK_WIDTH: f64 = 148.0;
const SPARK_HEIGHT: f64 = 34.0;
const SPARK_EDGE: f64 = 4.0;

/// A small line without axes: the shape of the last days. Gaps stay gaps; a dot marks the newest value. With
/// `provisional`, the last stretch is dashed and the dot hollow: its day is not over.
pub fn spark(values: &[Option<f64>], provisional: bool, says: &str) -> Markup {
    let points = spark_points(values);
    if points.iter().flatten().count() < 2 {
        return html! {};
    }
    let (done, rest) = match points.split_last() {
        Some((newest, done)) if provisional => (done, [done.last().copied().flatten(), *newest]),
        _ => (points.as_slice(), [None, None]),
    };
    let dot = points.iter().rev().flatten().next();
    let is_hollow = rest.iter().any(Option::is_some);
    html! {
        svg.spark viewBox={ "0 0 " (SPARK_WIDTH) " " (SPARK_HEIGHT) } width=(SPARK_WIDTH) height=(SPARK_HEIGHT)
            role="img" aria-label=(says) {
            path.line d=(path_through(done)) {}
            @if let [Some(_), Some(_)] = rest { path.line.provisional d=(path_through(&rest)) {} }
            @if let Some((x, y)) = dot {
                circle.dot.hollow[is_hollow] cx=(format!("{x:.1}")) cy=(format!("{y:.1}")) r="2.6" {}
            }
        }
    }
}

/// The same, with dashed lines where values should be: all of them lie inside.
pub fn spark_towards(values: &[Option<f64>], targets: &[f64], says: &str) -> Markup {
    let with: Vec<Option<f64>> = values.iter().copied().chain(targets.iter().copied().map(Some)).collect();
    if values.iter().flatten().count() < 2 {
        return html! {};
    }
    let range = range_of(&with);
    let points = spark_points_in(values, range);
    let dot = points.iter().rev().flatten().next();
    html! {
        svg.spark viewBox={ "0 0 " (SPARK_WIDTH) " " (SPARK_HEIGHT) } width=(SPARK_WIDTH) height=(SPARK_HEIGHT)
            role="img" aria-label=(says) {
            @for target in targets {
                @let y = format!("{:.1}", height_in(*target, range));
                line.target x1="0" x2=(SPARK_WIDTH) y1=(y) y2=(y) {}
            }
            path.line d=(path_through(&points)) {}
            @if let Some((x, y)) = dot { circle.dot cx=(format!("{x:.1}")) cy=(format!("{y:.1}")) r="2.6" {} }
        }
    }
}

fn range_of(values: &[Option<f64>]) -> (f64, f64) {
    let all = values.iter().flatten();
    all.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(*v), high.max(*v)))
}

fn height_in(value: f64, (low, high): (f64, f64)) -> f64 {
    let share = if high > low { (value - low) / (high - low) } else { 0.5 };
    SPARK_HEIGHT - SPARK_EDGE - share * (SPARK_HEIGHT - 2.0 * SPARK_EDGE)
}

/// Places of the values, the lowest at the bottom and the highest at the top.
fn spark_points(values: &[Option<f64>]) -> Vec<Option<(f64, f64)>> {
    spark_points_in(values, range_of(values))
}

/// Places of the values within a range that holds them.
#[expect(clippy::cast_precision_loss, reason = "for drawing only")]
fn spark_points_in(values: &[Option<f64>], range: (f64, f64)) -> Vec<Option<(f64, f64)>> {
    let step = (SPARK_WIDTH - 2.0 * SPARK_EDGE) / (values.len().max(2) - 1) as f64;
    let place = |at: usize, value: f64| (SPARK_EDGE + step * at as f64, height_in(value, range));
    values.iter().enumerate().map(|(at, value)| value.map(|value| place(at, value))).collect()
}

/// A line through the points, interrupted where one is missing.
fn path_through(points: &[Option<(f64, f64)>]) -> String {
    let mut path = String::new();
    let mut pen_is_down = false;
    for (at, point) in points.iter().enumerate() {
        let Some((x, y)) = point else {
            pen_is_down = false;
            continue;
        };
        path.push_str(&format!("{}{x:.1} {y:.1}", if pen_is_down { 'L' } else { 'M' }));
        // A value between two gaps is a line of no length, which round caps make a dot.
        if !pen_is_down && !matches!(points.get(at + 1), Some(Some(_))) {
            path.push_str("h0");
        }
        pen_is_down = true;
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_value_is_a_gap_and_a_lone_value_stays_visible() {
        let drawn = spark(&[Some(1.0), Some(2.0), None, Some(3.0), None], false, "x").into_string();
        assert_eq!(drawn.matches('M').count(), 2, "{drawn}");
        assert!(drawn.contains("h0"), "{drawn}");
        let labels: Vec<String> = (1..=5).map(|d| d.to_string()).collect();
        let drawn = line(&labels, &[Some(0.1), None, Some(0.3), None, Some(0.2)], Unit::Share, false, "x")
            .into_string();
        assert_eq!(drawn.matches("<circle").count(), 3, "{drawn}");
    }

    #[test]
    fn a_bucket_that_is_not_over_is_dashed() {
        let labels: Vec<String> = (1..=3).map(|d| d.to_string()).collect();
        let values = [Some(1.0), Some(2.0), Some(1.0)];
        let dashes = |provisional| {
            let drawn = line(&labels, &values, Unit::Count, provisional, "x").into_string();
            drawn.matches("stroke-dasharray").count()
        };
        assert_eq!((dashes(true), dashes(false)), (1, 0));
        let spark = |provisional| spark(&values, provisional, "x").into_string();
        assert!(spark(true).contains("provisional") && spark(true).contains("hollow"));
        assert!(!spark(false).contains("provisional") && !spark(false).contains("hollow"));
    }

    #[test]
    fn names_from_data_cannot_leave_their_place() {
        let evil = "<script>alert(1)</script>\"'&".to_owned();
        let drawn = bars(&[(evil.clone(), evil.clone(), Some(1.0))], Unit::Count, &evil).into_string();
        assert!(!drawn.contains("<script") && drawn.contains("&lt;script"), "{drawn}");
    }

    #[test]
    fn nothing_to_draw_is_no_panic() {
        assert_eq!(spark(&[], true, "x").into_string(), "");
        assert_eq!(spark(&[None, Some(1.0)], true, "x").into_string(), "");
        assert!(!line(&[], &[], Unit::Count, true, "x").into_string().is_empty());
        assert!(!bars(&[], Unit::Count, "x").into_string().is_empty());
        assert!(!line(&["a".to_owned()], &[None], Unit::Share, true, "x").into_string().is_empty());
    }

    #[test]
    fn every_colour_of_a_picture_is_one_that_the_style_sheet_knows() {
        let drawn = line(&["a".to_owned(), "b".to_owned()], &[Some(1.0), Some(2.0)], Unit::Count, true, "x")
            .into_string()
            + &bars(&[("a".to_owned(), "1".to_owned(), Some(1.0))], Unit::Count, "x").into_string();
        for part in drawn.split('#').skip(1) {
            let colour = format!("#{}", part.get(..6).unwrap());
            assert!([ACCENT, MUTE, RULE].contains(&colour.as_str()), "{colour}");
            assert!(crate::shell::STYLE.contains(&colour), "{colour}");
        }
    }
}
