//! What a run says of a goal.

use serde::Serialize;

/// What a run says about a goal.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict {
    pub name: String,
    pub goal: String,
    /// `None`: this run hasn't measured it.
    pub measured: Option<f64>,
    pub held: Option<bool>,
}
