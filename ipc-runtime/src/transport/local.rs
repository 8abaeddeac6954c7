//! Local sockets: Unix sockets, with tokio, and Windows named pipes, with `interprocess`.

#[cfg(unix)]
pub(crate) mod directory;
#[cfg(unix)]
pub(crate) mod lock_file;
#[cfg(unix)]
pub(crate) mod socket;
#[cfg(unix)]
pub(crate) mod socket_file;
#[cfg(unix)]
pub(crate) mod staging_directory;
#[cfg(unix)]
pub(crate) mod unix;
#[cfg(windows)]
pub(crate) mod windows;

use std::io;

#[cfg(unix)]
use crate::transport::local::unix as platform;
#[cfg(windows)]
use crate::transport::local::windows as platform;
use crate::{
    endpoint::Endpoint,
    transport::{
        carrier_kind::CarrierKind,
        config::{CarrierConfig, ListenOptions},
        connected::Connected,
    },
};

/// Unix sockets, or named pipes on Windows.
pub(crate) enum LocalSockets {}

impl CarrierKind for LocalSockets {
    type Acceptor = platform::LocalAcceptor;

    async fn connect(endpoint: &Endpoint, config: &CarrierConfig) -> io::Result<Connected> {
        platform::connect(endpoint, config).await
    }

    async fn listen(endpoint: &Endpoint, _: &ListenOptions) -> io::Result<Self::Acceptor> {
        platform::LocalAcceptor::bind(endpoint).await
    }

    #[cfg(windows)]
    async fn wait_until_free(endpoint: &Endpoint) {
        platform::wait_until_free(endpoint).await;
    }
}
