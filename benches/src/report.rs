//! What was measured, as text.

pub mod json;
pub mod markdown;
pub mod rows;
pub mod svg;
pub mod verdict;
