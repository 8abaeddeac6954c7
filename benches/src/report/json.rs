//! The report for programs.

use super::rows::Report;
use crate::error::Result;

/// Writes the report as JSON:
///
/// ```text
/// {"rows":[{"peer","workload","metric","median","best","rounds"}],
///  "goals":[{"name","goal","measured","held"}]}
/// ```
///
/// A goal that this run didn't measure has `null` twice.
pub fn write(report: &Report) -> Result<String> {
    Ok(serde_json::to_string(report)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        report::{rows::Row, verdict::Verdict},
        workload::Metric,
    };

    #[test]
    fn it_has_exactly_these_names() {
        let report = Report {
            rows: vec![Row::new("tarpc-json", "echo", Metric::P50, &[2.5, 1.5]).unwrap()],
            goals: vec![
                Verdict {
                    name: "a".into(),
                    goal: "≤ 1".into(),
                    measured: Some(0.5),
                    held: Some(true),
                },
                Verdict { name: "b".into(), goal: "≥ 2".into(), measured: None, held: None },
            ],
        };
        assert_eq!(
            write(&report).unwrap(),
            concat!(
                r#"{"rows":[{"peer":"tarpc-json","workload":"echo","metric":"p50 µs","median":2.0,"best":1.5,"rounds":2}],"#,
                r#""goals":[{"name":"a","goal":"≤ 1","measured":0.5,"held":true},{"name":"b","goal":"≥ 2","measured":null,"held":null}]}"#
            )
        );
    }
}
