//! The report as a chart: bars for the figures that most people ask for first.

use std::fmt::Write;

use super::rows::Report;
use crate::{peer::Role, peers::PEERS, workload::Metric};

/// One panel of bars.
struct Panel {
    title: &'static str,
    workload: &'static str,
    metric: Metric,
}

const PANELS: [Panel; 3] = [
    Panel {
        title: "Calls per second, 64 in flight on one connection (more is better)",
        workload: "in-flight-64",
        metric: Metric::Calls,
    },
    Panel {
        title: "Time of one call in µs, one after another on one core (less is better)",
        workload: "echo",
        metric: Metric::P50,
    },
    Panel {
        title: "Events per second (more is better)",
        workload: "events",
        metric: Metric::Events,
    },
];

const WIDTH: f64 = 760.0;
const NAMES: f64 = 210.0;
const FIGURES: f64 = 70.0;
const BAR: f64 = 18.0;

/// Bars of every peer that was measured with two worker threads. Floors aren't among them: they do
/// less, and would make the others' bars short.
pub fn draw(report: &Report) -> String {
    let mut body = String::new();
    let mut y = 10.0;
    for panel in &PANELS {
        let bars = bars(report, panel);
        if !bars.is_empty() {
            y = draw_panel(&mut body, panel, &bars, y);
        }
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {y}\" width=\"{WIDTH}\" \
         height=\"{y}\" font-family=\"system-ui, sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n{body}</svg>\n"
    )
}

struct Bar {
    title: &'static str,
    value: f64,
    ours: bool,
}

/// The best first.
fn bars(report: &Report, panel: &Panel) -> Vec<Bar> {
    let mut bars: Vec<Bar> = PEERS
        .iter()
        .filter(|peer| peer.role != Role::Floor)
        .filter_map(|peer| {
            let value = report.median(peer.id, panel.workload, panel.metric)?;
            Some(Bar { title: peer.title, value, ours: peer.role == Role::Ours })
        })
        .collect();
    bars.sort_by(|a, b| a.value.total_cmp(&b.value));
    if panel.metric.more_is_better() {
        bars.reverse();
    }
    bars
}

fn draw_panel(out: &mut String, panel: &Panel, bars: &[Bar], top: f64) -> f64 {
    let longest = bars.iter().map(|bar| bar.value).fold(f64::MIN_POSITIVE, f64::max);
    let room = WIDTH - NAMES - FIGURES;
    let mut y = top + 16.0;
    text(out, 10.0, y, "start", "600", panel.title);
    y += 10.0;
    for bar in bars {
        let length = (bar.value / longest * room).max(1.0);
        let (height, middle) = (BAR - 4.0, y + BAR / 2.0 + 2.0);
        let fill = if bar.ours { "#d9480f" } else { "#8d99ae" };
        text(out, NAMES - 8.0, middle, "end", "400", bar.title);
        // Writing to a string can't fail.
        let _ = writeln!(
            out,
            "<rect x=\"{NAMES}\" y=\"{y}\" width=\"{length:.1}\" height=\"{height}\" fill=\"{fill}\"/>"
        );
        text(out, NAMES + length + 6.0, middle, "start", "400", &label(bar.value));
        y += BAR;
    }
    y + 14.0
}

fn text(out: &mut String, x: f64, y: f64, anchor: &str, weight: &str, words: &str) {
    let words = words.replace('&', "&amp;").replace('<', "&lt;");
    let _ = writeln!(
        out,
        "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" font-weight=\"{weight}\" \
         fill=\"#222222\">{words}</text>"
    );
}

fn label(value: f64) -> String {
    match value {
        value if value >= 1e6 => format!("{:.2} M", value / 1e6),
        value if value >= 1e3 => format!("{:.0} k", value / 1e3),
        value => format!("{value:.1}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::rows::Row;

    #[test]
    fn the_best_is_on_top_and_ours_stand_out() {
        let rows = [
            Row::new("tarpc-bincode", "in-flight-64", Metric::Calls, &[100_000.0]),
            Row::new("local-json", "in-flight-64", Metric::Calls, &[200_000.0]),
            Row::new("raw-socket", "in-flight-64", Metric::Calls, &[900_000.0]),
        ];
        let svg = draw(&Report { rows: rows.into_iter().flatten().collect(), goals: Vec::new() });
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
        let (ours, theirs) = (svg.find("ours, local, JSON").unwrap(), svg.find("tarpc").unwrap());
        assert!(ours < theirs, "{svg}");
        assert!(svg.contains("width=\"480.0\"") && svg.contains("width=\"240.0\""), "{svg}");
        assert!(svg.contains("200 k") && !svg.contains("floor"), "{svg}");
        assert_eq!(svg.matches("#d9480f").count(), 1);
    }

    #[test]
    fn nothing_measured_is_an_empty_chart() {
        assert!(!draw(&Report::default()).contains("<text"));
    }
}
