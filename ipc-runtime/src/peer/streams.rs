//! Items: how they are produced, sent within credit and delivered; stream arguments both ways.

pub(crate) mod delivery;
pub(crate) mod download;
pub(crate) mod fast_path;
pub(crate) mod producer;
pub(crate) mod streaming;
pub(crate) mod uploads;
