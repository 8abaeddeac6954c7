//! A batch that is being handed on.

use crate::peer::state::batch::Batch;
use bytes::Bytes;
use std::sync::Arc;
use std::vec;

/// A batch some of whose messages wait to be handed on.
pub(crate) struct OpenBatch {
    pub(crate) batch: Arc<Batch>,
    pub(crate) messages: vec::IntoIter<Bytes>,
}
