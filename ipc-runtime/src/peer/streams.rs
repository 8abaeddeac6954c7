//! Items: how they are produced, sent within the credit and delivered. Stream arguments in both
//! directions.

pub(crate) mod delivery;
pub(crate) mod download;
pub(crate) mod fast_path;
pub(crate) mod producer;
pub(crate) mod streaming;
pub(crate) mod uploads;
