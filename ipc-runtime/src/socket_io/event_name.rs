//! The names of events that clients can't send.

/// Whether Socket.IO keeps this name for events of its own, which never travel.
pub(crate) fn is_socket_ios(event: &str) -> bool {
    matches!(
        event,
        "connect"
            | "connect_error"
            | "disconnect"
            | "disconnecting"
            | "newListener"
            | "removeListener"
    )
}

/// Whether a client may ask for a method of the runtime's own by this name: the others are spoken
/// by the packets of Socket.IO.
pub(crate) fn is_clients(method: &str) -> bool {
    matches!(method, "rpc.unsubscribe" | "rpc.discover")
}
