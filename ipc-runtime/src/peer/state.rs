//! The small state machines behind a connection's lock. They do no input or output, and have no
//! tasks.

pub(crate) mod batch;
pub(crate) mod call_depth;
pub(crate) mod call_id;
pub(crate) mod call_reply;
pub(crate) mod cancellation;
pub(crate) mod departures;
pub(crate) mod flows;
pub(crate) mod in_flight;
pub(crate) mod inbox;
pub(crate) mod inboxes;
pub(crate) mod item_buffer;
pub(crate) mod notification_queue;
pub(crate) mod outbox;
pub(crate) mod pending_calls;
pub(crate) mod progress_reports;
pub(crate) mod raw_result;
pub(crate) mod wait_queue;
