//! What generated clients are built on.

use std::{
    borrow::Cow,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::{
    error::ipc_error::{ErrorDetail, IpcError},
    interface::{
        Compat, InterfaceInfo, MethodInfo,
        arguments::{ArgumentError, encode::EncodeArguments},
    },
    peer::{
        handshake::ask,
        outgoing::{
            call::{Call, Notification},
            raw_call::{Gate, RawCall},
            subscription::SubscriptionCall,
        },
        session::{Session, link::Link},
        streams::uploads::Streams,
    },
};

/// The initial capacity of the buffer for a call's arguments, in bytes. Most arguments fit into it,
/// so the buffer rarely grows.
const EXPECTED_PARAMS: usize = 256;

/// A client that `#[ipc_interface]` generated.
///
/// [`Frontend::open`](crate::Frontend::open) and [`Frontend::client`](crate::Frontend::client)
/// return clients, and so do [`Peer::open`](crate::Peer::open) and
/// [`Peer::client`](crate::Peer::client). A client has no methods other than those of its
/// interface. Anything else about it is part of this trait.
#[diagnostic::on_unimplemented(
    message = "`{Self}` isn't the client of an interface",
    label = "not made by `#[ipc_interface]`",
    note = "the client of a trait `Files` is named `FilesClient`"
)]
pub trait Client: Clone + Send + Sync + 'static {
    /// The interface that the client calls.
    const INTERFACE: &'static InterfaceInfo;

    /// Called by the runtime.
    #[doc(hidden)]
    fn from_caller(caller: Caller) -> Self;

    /// Called by the runtime.
    #[doc(hidden)]
    fn caller(&self) -> &Caller;
}

/// Makes the calls of one client. Holds the link that the calls go through, and knows on which
/// connection the versions were compared.
#[doc(hidden)]
#[derive(Clone)]
pub struct Caller {
    link: Link,
    interface: &'static InterfaceInfo,
    /// Which versions fit, if the interface's own rule doesn't say.
    compat: Option<Compat>,
    /// The number of the connection on which the versions were found to match. On any other
    /// connection, calls first wait for the comparison.
    verified: Arc<AtomicU64>,
}

impl Caller {
    pub(crate) fn new(link: Link, interface: &'static InterfaceInfo) -> Self {
        let compat = link.session().compat();
        Self { link, interface, compat, verified: Arc::default() }
    }

    /// Says which versions fit.
    pub(crate) fn with_compat(self, compat: Compat) -> Self {
        Self { compat: Some(compat), ..self }
    }

    /// Why one of the interface's methods can't be called on the connection that there is, if it
    /// can't.
    pub(crate) fn refusal(&self, method: &MethodInfo) -> Option<IpcError> {
        if self.compat != Some(Compat::Used) {
            return None;
        }
        let connection = self.link.session().connectivity().connection()?;
        connection.partly_served(self.interface)?.refusal(method.full_name)
    }

    pub(crate) fn endpoint(&self) -> &Arc<str> {
        &self.link.session().info().endpoint
    }

    pub(crate) fn interface(&self) -> &'static InterfaceInfo {
        self.interface
    }

    pub(crate) fn session(&self) -> &Arc<Session> {
        self.link.session()
    }

    /// Compares versions with the other side, unless that was done on this connection.
    pub(crate) fn verify(&self) -> Gate {
        let caller = self.clone();
        Box::pin(async move {
            let connection = ask::open(&caller.link, caller.interface, caller.compat).await?;
            caller.verified.store(connection, Ordering::Release);
            Ok(())
        })
    }

    /// Called by generated code. Only the future's impl has bounds on `T` and `E`, so that the
    /// compiler reports an unsuitable type just once.
    pub fn call<T, E, P, A: EncodeArguments>(
        &self,
        method: &'static MethodInfo,
        arguments: A,
    ) -> Call<T, E, P> {
        Call::new(self.prepare(method, self.encode(method, &arguments)))
    }

    /// Called by generated code, for methods with stream arguments.
    pub fn call_with<T, E, P, A: EncodeArguments>(
        &self,
        method: &'static MethodInfo,
        arguments: A,
        streams: Streams,
    ) -> Call<T, E, P> {
        Call::new(self.prepare_streams(method, arguments, streams))
    }

    /// Called by generated code.
    pub fn subscribe<T, E, S, A: EncodeArguments>(
        &self,
        method: &'static MethodInfo,
        arguments: A,
    ) -> SubscriptionCall<T, E, S> {
        SubscriptionCall::new(self.prepare_streams(method, arguments, Streams::default()))
    }

    /// Called by generated code, for methods with stream arguments.
    pub fn subscribe_with<T, E, S, A: EncodeArguments>(
        &self,
        method: &'static MethodInfo,
        arguments: A,
        streams: Streams,
    ) -> SubscriptionCall<T, E, S> {
        SubscriptionCall::new(self.prepare_streams(method, arguments, streams))
    }

    /// Called by generated code.
    pub fn notify<A: EncodeArguments>(
        &self,
        method: &'static MethodInfo,
        arguments: A,
    ) -> Notification {
        Notification::new(self.prepare(method, self.encode(method, &arguments)))
    }

    fn encode<A: EncodeArguments>(
        &self,
        method: &'static MethodInfo,
        arguments: &A,
    ) -> Result<Vec<u8>, ArgumentError> {
        let session = self.link.session();
        if A::LEN == 0 {
            return Ok(session.no_params().to_vec());
        }
        let mut params = Vec::with_capacity(EXPECTED_PARAMS);
        let encoding = session.encoding();
        encoding.encode_arguments(&mut params, arguments, method.arguments)?;
        Ok(params)
    }

    /// Prepares a subscription, or a call with stream arguments. Plain JSON-RPC servers have
    /// neither, so there the call fails.
    fn prepare_streams<A: EncodeArguments>(
        &self,
        method: &'static MethodInfo,
        arguments: A,
        streams: Streams,
    ) -> RawCall {
        let session = self.link.session();
        if session.is_plain() {
            let (name, endpoint) =
                (Cow::Borrowed(method.full_name), session.info().endpoint.clone());
            let message = "subscriptions and stream arguments are of ipc-runtime's own protocol; \
                           hear the server's notifications by Frontend::on";
            let error = IpcError::new(name.clone(), endpoint, ErrorDetail::Unsupported(message));
            return RawCall::failed(self.link.clone(), name, error);
        }
        let mut call = self.prepare(method, self.encode(method, &arguments));
        call.set_streams(streams);
        call
    }

    fn prepare(
        &self,
        method: &'static MethodInfo,
        params: Result<Vec<u8>, ArgumentError>,
    ) -> RawCall {
        let (link, name) = (self.link.clone(), Cow::Borrowed(method.full_name));
        match params {
            Ok(params) => {
                let mut call = RawCall::new(link, name, params, self.gate());
                call.set_timeout(method.timeout);
                call.set_idempotent(method.idempotent);
                if self.compat == Some(Compat::Used) {
                    call.set_used(self.interface);
                }
                call
            }
            Err(error) => {
                let endpoint = link.session().info().endpoint.clone();
                let detail = ErrorDetail::Encode(error.to_string());
                let error = IpcError::new(name.clone(), endpoint, detail);
                RawCall::failed(link, name, error)
            }
        }
    }

    fn gate(&self) -> Option<Gate> {
        let connections = self.link.session().connectivity().connections();
        if connections > 0 && self.verified.load(Ordering::Acquire) == connections {
            return None;
        }
        Some(self.verify())
    }
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller")
            .field("channel", &self.interface.channel)
            .field("peer", self.link.session().info())
            .finish_non_exhaustive()
    }
}
