//! The handshake: versions, fingerprints and limits, both ways.

pub(crate) mod answer;
pub(crate) mod ask;
pub(crate) mod differences;
pub(crate) mod fit;
pub(crate) mod hello;
pub(crate) mod mismatch;
pub(crate) mod policy;
