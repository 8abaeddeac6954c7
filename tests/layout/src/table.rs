//! The crates of this tree, their rooms from top to bottom, and the exceptions.

use crate::layout::{Layout, Pair, Room};

/// Every crate whose layout is known.
pub const CRATES: &[Layout] = &[
    Layout {
        source: "ipc-runtime/src",
        rooms: RUNTIME,
        pairs: &[Pair {
            files: ["peer/session.rs", "peer/connection.rs"],
            reason: "a session hands its calls to the connection that it has, and a connection \
                     tells its session what became of it",
        }],
        shared_names: &[],
        is_held: false,
    },
    Layout { source: "ipc-macros/src", rooms: &[], pairs: &[], shared_names: &[], is_held: false },
    Layout { source: "benches/src", rooms: &[], pairs: &[], shared_names: &[], is_held: false },
];

const RUNTIME: &[Room] = &[
    Room { name: "roof", paths: &["lib", "functions"] },
    Room { name: "frontend", paths: &["frontend"] },
    Room { name: "backend", paths: &["backend"] },
    Room { name: "store", paths: &["store"] },
    Room { name: "peer/driver", paths: &["peer"] },
    Room {
        name: "peer/incoming/dispatch",
        paths: &[
            "peer/incoming/dispatch",
            "peer/incoming/handler_lookup",
            "peer/incoming/peer_handlers",
            "peer/incoming/registry",
        ],
    },
    Room { name: "peer/handshake", paths: &["peer/handshake"] },
    Room { name: "peer/incoming", paths: &["peer/incoming"] },
    Room { name: "peer/outgoing", paths: &["peer/outgoing"] },
    Room { name: "peer/streams", paths: &["peer/streams"] },
    Room { name: "peer/middleware", paths: &["peer/middleware"] },
    Room { name: "peer/session", paths: &["peer/session", "peer/connection"] },
    Room { name: "peer/state", paths: &["peer/state"] },
    Room { name: "event", paths: &["event"] },
    Room { name: "transport", paths: &["transport"] },
    Room { name: "framing", paths: &["framing"] },
    Room { name: "message", paths: &["message"] },
    Room { name: "codec", paths: &["codec"] },
    Room {
        name: "ground",
        paths: &[
            "limits",
            "error",
            "message/error_object",
            "version_mismatch",
            "reconnect",
            "token",
            "usage",
            "peer_info",
            "endpoint",
        ],
    },
    Room { name: "interface", paths: &["interface"] },
    Room { name: "support", paths: &["support", "warnings"] },
];
