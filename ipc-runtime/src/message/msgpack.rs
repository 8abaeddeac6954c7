//! The envelope in MessagePack: the same members as in JSON, in a map with their names as keys.
//!
//! One message a frame: there are no batches. Extension types are stepped over here, and refused by
//! what they are decoded as.

mod call_form;
mod read;
mod scan;
mod write;

pub(super) use call_form::call_form;
pub(super) use read::{
    cancelled, extension, id, item_and_place, item_params, members, members_of_prefix, progress,
};
pub(super) use write::{
    notification, place, progress_params, request, response, stream_params, subscription_params,
};
