//! A batch that is being handed on.

use std::{sync::Arc, vec};

use bytes::Bytes;

use crate::peer::state::batch::Batch;

/// A batch some of whose messages wait to be handed on.
pub(crate) struct OpenBatch {
    pub(crate) batch: Arc<Batch>,
    pub(crate) messages: vec::IntoIter<Bytes>,
}
