//! The crates of this tree, their rooms from top to bottom, and the exceptions.

use crate::layout::{Gateway, Layout, Pair, Room, SharedName};

/// Every crate that is held to its layout.
pub const CRATES: &[Layout] = &[
    Layout {
        source: "ipc-runtime/src",
        rooms: RUNTIME,
        pairs: &[Pair {
            files: ["peer/session.rs", "peer/connection.rs"],
            reason: "a session hands its calls to the connection that it has, and a connection \
                     tells its session what became of it",
        }],
        shared_names: &[
            SharedName { name: "LocalAcceptor", reason: ONE_PLATFORM },
            SharedName { name: "LocalArrival", reason: ONE_PLATFORM },
        ],
        gateways: &[Gateway {
            file: "support/rt.rs",
            paths: &["tokio::runtime", "tokio::spawn", "tokio::task", "tokio::time"],
            but: &["tokio::task::coop"],
        }],
    },
    Layout {
        source: "ipc-macros/src",
        rooms: MACROS,
        pairs: &[],
        shared_names: &[],
        gateways: &[],
    },
    Layout {
        source: "benches/src",
        rooms: BENCHES,
        pairs: &[],
        shared_names: &[
            SharedName { name: "Bench", reason: ONE_SERVICE },
            SharedName { name: "Blob", reason: ONE_SERVICE },
            SharedName { name: "Client", reason: ONE_SERVICE },
            SharedName { name: "Server", reason: ONE_SERVICE },
        ],
        gateways: &[],
    },
];

const ONE_PLATFORM: &str =
    "the same thing on Unix and on Windows: a build has one of the two, and local.rs takes it";

const ONE_SERVICE: &str =
    "each peer's file has the one service, in the form of that peer's library";

const RUNTIME: &[Room] = &[
    Room { name: "roof", paths: &["lib", "functions"] },
    Room { name: "lock", paths: &["lock"] },
    Room { name: "typescript", paths: &["typescript"] },
    Room { name: "store", paths: &["store"] },
    Room { name: "frontend", paths: &["frontend"] },
    Room { name: "backend", paths: &["backend"] },
    Room { name: "peer/driver", paths: &["peer"] },
    Room {
        name: "peer/incoming/dispatch",
        paths: &[
            "peer/incoming/discovery",
            "peer/incoming/dispatch",
            "peer/incoming/handler_lookup",
            "peer/incoming/peer_handlers",
            "peer/incoming/registry",
        ],
    },
    Room { name: "peer/client", paths: &["peer/client"] },
    Room { name: "peer/handshake", paths: &["peer/handshake"] },
    Room { name: "peer/incoming", paths: &["peer/incoming"] },
    Room { name: "peer/outgoing", paths: &["peer/outgoing"] },
    Room { name: "peer/streams", paths: &["peer/streams"] },
    Room { name: "peer/middleware", paths: &["peer/middleware"] },
    Room { name: "peer/session", paths: &["peer/session", "peer/connection"] },
    Room { name: "peer/state", paths: &["peer/state"] },
    Room { name: "openrpc", paths: &["openrpc"] },
    Room { name: "notation", paths: &["notation"] },
    Room { name: "event", paths: &["event"] },
    Room { name: "socket_io", paths: &["socket_io"] },
    Room { name: "transport", paths: &["transport"] },
    Room { name: "framing", paths: &["framing"] },
    Room { name: "message", paths: &["message"] },
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
            "registration",
            "endpoint",
        ],
    },
    Room { name: "codec", paths: &["codec"] },
    Room { name: "compatibility", paths: &["compatibility"] },
    Room { name: "interface", paths: &["interface"] },
    Room { name: "shape", paths: &["shape"] },
    Room { name: "support", paths: &["support"] },
];

const MACROS: &[Room] = &[
    Room { name: "roof", paths: &["lib"] },
    Room { name: "steps", paths: &["ipc_interface", "ipc_shape", "ipc_type"] },
    Room { name: "expand", paths: &["expand"] },
    Room { name: "check", paths: &["check"] },
    Room { name: "lock", paths: &["lock"] },
    Room { name: "parse", paths: &["parse", "incomplete_trait"] },
    Room { name: "model", paths: &["model"] },
    Room { name: "attribute", paths: &["attribute"] },
    Room { name: "method options", paths: &["method_options"] },
    Room {
        name: "what is read",
        paths: &[
            "attribute/argument",
            "constant_text",
            "docs",
            "integers",
            "lifetimes",
            "literals",
            "member_word",
            "rename_rule",
            "serde_attributes",
            "shape_expr",
        ],
    },
    Room { name: "types", paths: &["array_type", "stream_type", "type_syntax", "type_text"] },
    Room { name: "ground", paths: &["errors", "spans", "suggestion"] },
];

const BENCHES: &[Room] = &[
    Room { name: "roof", paths: &["main"] },
    Room { name: "driver", paths: &["driver"] },
    Room { name: "goals", paths: &["goals"] },
    Room { name: "build", paths: &["build_time", "lock_time", "macro_time", "cargo"] },
    Room { name: "report", paths: &["report"] },
    Room { name: "trial", paths: &["trial"] },
    Room { name: "options", paths: &["options"] },
    Room { name: "peers", paths: &["peers"] },
    Room { name: "measure", paths: &["measure", "cpu", "memory"] },
    Room { name: "peer", paths: &["peer"] },
    Room { name: "ground", paths: &["error", "process", "record", "statistics", "workload"] },
];
