//! The metric tree: what moves what, as a picture.

use std::collections::BTreeSet;
use std::fmt::Write;

use dialmark_metrics::Catalogue;

/// Height of a line, width of a step to the right and of a column, in pixels.
const LINE: usize = 20;
const STEP: usize = 18;
const COLUMN: usize = 380;
/// Columns of the picture.
const COLUMNS: usize = 3;
/// Deepest that the picture goes; deeper is another tree.
const DEEPEST: usize = 6;

/// One line of the picture.
struct Node {
    depth: usize,
    label: String,
    /// The metric was drawn with all that moves it further up.
    is_repeated: bool,
    /// Line of the metric that it moves.
    parent: Option<usize>,
}

/// The tree: metrics that move no other first, below each what moves it.
pub fn svg(catalogue: &Catalogue) -> String {
    let moved: BTreeSet<&str> =
        catalogue.metrics.values().flat_map(|m| m.drivers.iter().map(String::as_str)).collect();
    let mut roots: Vec<&str> = catalogue
        .metrics
        .values()
        .filter(|m| !m.drivers.is_empty() && !moved.contains(m.id.as_str()))
        .map(|m| m.id.as_str())
        .collect();
    // The largest tree first: what everything leads to.
    roots.sort_by_key(|root| (std::cmp::Reverse(size(catalogue, root, 0)), *root));
    let mut trees: Vec<Vec<Node>> = Vec::new();
    let mut drawn: BTreeSet<String> = BTreeSet::new();
    for root in roots {
        let mut nodes = Vec::new();
        grow(catalogue, root, 0, None, &mut drawn, &mut nodes);
        trees.push(nodes);
    }
    draw(&trees)
}

fn size(catalogue: &Catalogue, id: &str, depth: usize) -> usize {
    let Some(metric) = catalogue.metrics.get(id).filter(|_| depth < DEEPEST) else { return 1 };
    1 + metric.drivers.iter().map(|d| size(catalogue, d, depth + 1)).sum::<usize>()
}

fn grow(
    catalogue: &Catalogue,
    id: &str,
    depth: usize,
    parent: Option<usize>,
    drawn: &mut BTreeSet<String>,
    nodes: &mut Vec<Node>,
) {
    let Some(metric) = catalogue.metrics.get(id) else { return };
    let is_repeated = !metric.drivers.is_empty() && drawn.contains(id);
    let here = nodes.len();
    nodes.push(Node { depth, label: metric.label.clone(), is_repeated, parent });
    if is_repeated || depth >= DEEPEST {
        return;
    }
    drawn.insert(id.to_owned());
    for driver in &metric.drivers {
        grow(catalogue, driver, depth + 1, Some(here), drawn, nodes);
    }
}

fn draw(trees: &[Vec<Node>]) -> String {
    let lines: usize = trees.iter().map(|t| t.len() + 1).sum();
    let per_column = lines.div_ceil(COLUMNS) + 4;
    let mut body = String::new();
    let (mut column, mut line, mut deepest_line) = (0, 0, 0);
    for tree in trees {
        // A tree stays in one column where it fits into one.
        if line > 0 && line + tree.len() > per_column && column + 1 < COLUMNS {
            column += 1;
            line = 0;
        }
        let top = line;
        let place =
            |at: usize, node: &Node| (20 + column * COLUMN + node.depth * STEP, 56 + (top + at) * LINE);
        for (at, node) in tree.iter().enumerate() {
            let (x, y) = place(at, node);
            if let Some((above, parent)) = node.parent.and_then(|p| Some((p, tree.get(p)?))) {
                let (px, py) = place(above, parent);
                let _ = writeln!(
                    body,
                    "<path class=\"edge\" d=\"M{} {} V{} H{}\"/>",
                    px + 5,
                    py + 6,
                    y - 4,
                    x - 3
                );
            }
            let class = match (node.depth, node.is_repeated) {
                (0, _) => "root",
                (_, true) => "again",
                _ => "metric",
            };
            let more = if node.is_repeated { " (above)" } else { "" };
            let _ = writeln!(
                body,
                "<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{}{more}</text>",
                escaped(&node.label)
            );
        }
        line += tree.len() + 1;
        deepest_line = deepest_line.max(line);
    }
    let (width, height) = (COLUMN * COLUMNS + 20, 66 + deepest_line * LINE);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" aria-labelledby=\"title\">\n<title id=\"title\">What moves what: below each metric, those that move it</title>\n<style>\nsvg {{ background: #fff; font-family: system-ui, sans-serif; font-size: 12.5px }}\n.root {{ font-weight: 650; fill: #12324a }}\n.metric {{ fill: #1d2b36 }}\n.again {{ fill: #66727c; font-style: italic }}\n.edge {{ fill: none; stroke: #a9b6c0; stroke-width: 1 }}\n.head {{ font-size: 16px; font-weight: 650; fill: #12324a }}\n@media (prefers-color-scheme: dark) {{ svg {{ background: #10181f }} .root, .head {{ fill: #d7e6f2 }} .metric {{ fill: #c6d0d8 }} .again {{ fill: #8b98a3 }} .edge {{ stroke: #44525d }} }}\n</style>\n<text class=\"head\" x=\"20\" y=\"28\">What moves what</text>\n{body}</svg>\n"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
