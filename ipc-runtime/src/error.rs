//! What can go wrong, beside [`IpcError`](crate::IpcError), [`CallError`](crate::CallError) and
//! [`ConnectError`](crate::ConnectError).

pub(crate) mod call_error;
pub(crate) mod connect_error;
pub(crate) mod disconnect_reason;
pub(crate) mod endpoint_colon;
pub(crate) mod error_kind;
pub(crate) mod ipc_error;
pub(crate) mod protocol_mismatch;
pub(crate) mod register_error;

pub use crate::{
    endpoint::EndpointError,
    error::{
        connect_error::ListenError, disconnect_reason::DisconnectReason,
        protocol_mismatch::ProtocolMismatch, register_error::RegisterError,
    },
    message::error_object::ErrorObject,
    token::TokenError,
    version_mismatch::{MethodDifference, TypeDifference, VersionMismatch},
};
