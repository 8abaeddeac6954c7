//! A batch that is being dispatched.

use std::{sync::Arc, vec};

use bytes::Bytes;

use crate::peer::state::batch::Batch;

/// A batch, and its messages that wait to be dispatched.
pub(crate) struct OpenBatch {
    pub(crate) batch: Arc<Batch>,
    pub(crate) messages: vec::IntoIter<Bytes>,
}
