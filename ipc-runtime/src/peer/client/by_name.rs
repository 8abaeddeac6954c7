//! Calls by the method's name on the wire, without an interface.

use std::borrow::Cow;

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    error::ipc_error::{ErrorDetail, IpcError},
    interface::Compat,
    peer::{
        client::caller::{Caller, Client},
        outgoing::{
            call::{Call, Notification},
            raw_call::RawCall,
        },
        session::{handle::Peer, link::Link},
    },
};

pub(crate) async fn open<C: Client>(link: &Link, compat: Option<Compat>) -> Result<C, IpcError> {
    let caller = Caller::new(link.clone(), C::INTERFACE);
    let caller = match compat {
        Some(compat) => caller.with_compat(compat),
        None => caller,
    };
    caller.verify().await?;
    Ok(C::from_caller(caller))
}

pub(crate) fn call<T: DeserializeOwned>(
    link: &Link,
    method: String,
    params: &(impl Serialize + ?Sized),
) -> Call<T, IpcError> {
    Call::new(prepare(link, method, encode(link, params)))
}

pub(crate) fn notify(
    link: &Link,
    method: String,
    params: &(impl Serialize + ?Sized),
) -> Notification {
    Notification::new(prepare(link, method, encode(link, params)))
}

fn encode(link: &Link, params: &(impl Serialize + ?Sized)) -> Result<Vec<u8>, String> {
    let mut encoded = Vec::new();
    let encoding = link.session().encoding();
    encoding.encode(&mut encoded, params)?;
    match &*encoded {
        value if encoding.is_array(value) || encoding.is_map(value) => Ok(encoded),
        value if value == encoding.null() => Ok(link.session().no_params().to_vec()),
        _ => Err("params have to be a sequence, a map, a struct or ()".into()),
    }
}

fn prepare(link: &Link, method: String, params: Result<Vec<u8>, String>) -> RawCall {
    let (link, name) = (link.clone(), Cow::Owned(method));
    match params {
        Ok(params) => RawCall::new(link, name, params, None),
        Err(message) => {
            let endpoint = link.session().info().endpoint.clone();
            let error = IpcError::new(name.clone(), endpoint, ErrorDetail::Encode(message));
            RawCall::failed(link, name, error)
        }
    }
}

impl Peer {
    /// Returns a client of an interface that the other side has registered, after comparing
    /// versions with the other side. A plain JSON-RPC client, which answers that it knows no
    /// `rpc.handshake`, is called without a comparison.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::VersionMismatch`](crate::ErrorKind::VersionMismatch) if the versions don't
    ///   match. The error names what differs.
    /// - [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if the other side doesn't know the
    ///   channel.
    /// - [`ErrorKind::NotConnected`](crate::ErrorKind::NotConnected) if the peer is disconnected
    ///   and may come back.
    /// - [`ErrorKind::Disconnected`](crate::ErrorKind::Disconnected) if the connection has ended.
    /// - [`ErrorKind::DeadlineExceeded`](crate::ErrorKind::DeadlineExceeded) if the other side
    ///   doesn't answer within [`Limits::handshake_timeout`](crate::Limits::handshake_timeout).
    pub async fn open<C: Client>(&self) -> Result<C, IpcError> {
        open(&Link::to(self.session.clone()), None).await
    }

    /// As [`open`](Self::open), by another rule for versions; see
    /// [`Frontend::open_with`](crate::Frontend::open_with).
    pub async fn open_with<C: Client>(&self, compat: Compat) -> Result<C, IpcError> {
        open(&Link::to(self.session.clone()), Some(compat)).await
    }

    /// Returns a client of an interface that the other side has registered, without waiting. The
    /// versions are compared before its first call is sent. If they don't match, each of its calls
    /// fails as [`open`](Self::open) would.
    pub fn client<C: Client>(&self) -> C {
        C::from_caller(Caller::new(Link::to(self.session.clone()), C::INTERFACE))
    }

    /// Calls a method by its name on the wire; see [`Frontend::call`](crate::Frontend::call).
    pub fn call<T: DeserializeOwned>(
        &self,
        method: impl Into<String>,
        params: &(impl Serialize + ?Sized),
    ) -> Call<T, IpcError> {
        call(&Link::to(self.session.clone()), method.into(), params)
    }

    /// Sends a notification to a method by its name on the wire; see
    /// [`Frontend::call`](crate::Frontend::call).
    pub fn notify(
        &self,
        method: impl Into<String>,
        params: &(impl Serialize + ?Sized),
    ) -> Notification {
        notify(&Link::to(self.session.clone()), method.into(), params)
    }
}
