//! The envelope in MessagePack: the same members as in JSON, in a map with their names as keys.
//!
//! One message a frame: there are no batches. Extension types are stepped over here, and refused by
//! what they are decoded as.

pub(crate) mod call_form;
pub(crate) mod read;
pub(crate) mod scan;
pub(crate) mod write;
