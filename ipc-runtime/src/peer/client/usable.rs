//! Which methods of a client can be called.

use crate::{
    error::{error_kind::ErrorKind, ipc_error::IpcError},
    message::error_object::{ErrorObject, code},
    peer::client::caller::Client,
};

/// Tells at once whether these methods of a client can be called. They are named as on the wire,
/// without the channel.
///
/// That is a question where the client was opened with
/// [`Compat::Used`](crate::interface::Compat::Used). Of any other client, all methods can be called
/// once the versions fit.
///
/// Like the client's calls, it waits until the versions were compared on the connection that there
/// is.
///
/// # Errors
///
/// - [`ErrorKind::VersionMismatch`] for the first method that can't be called. The error names it,
///   and what differs.
/// - [`ErrorKind::NotFound`] for a method that the interface doesn't have.
/// - What a call would fail with if there is no connection, or the versions can't be compared.
pub async fn usable<C: Client>(client: &C, methods: &[&str]) -> Result<(), IpcError> {
    let caller = client.caller();
    caller.verify().await?;
    for name in methods {
        let interface = caller.interface();
        let Some(method) = interface.methods.iter().find(|method| method.name == *name) else {
            let message = format!("`{}` has no method `{name}`", interface.name);
            let error = ErrorObject::new(code::METHOD_NOT_FOUND, message);
            let full_name = format!("{}.{name}", interface.channel);
            let kind = ErrorKind::NotFound;
            return Err(IpcError::answered(full_name, caller.endpoint(), kind, error));
        };
        if let Some(refusal) = caller.refusal(method) {
            return Err(refusal);
        }
    }
    Ok(())
}
