//! What any step may fail with: it ends in a line of text for whoever runs the benchmark.

pub type Error = Box<dyn std::error::Error + Send + Sync>;
pub type Result<T, E = Error> = std::result::Result<T, E>;
