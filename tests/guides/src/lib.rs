//! The Rust code in the README and the guides, compiled and run as examples.
//!
//! It stands here and not in the library, whose package has no guides.

#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/getting-started.md")]
struct GettingStarted;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/interfaces.md")]
struct Interfaces;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/evolving-interfaces.md")]
struct EvolvingInterfaces;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/connections.md")]
struct Connections;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/coming-from.md")]
struct ComingFrom;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/desktop.md")]
struct Desktop;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/errors.md")]
struct Errors;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/events.md")]
struct Events;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/functions.md")]
struct Functions;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/middleware.md")]
struct Middleware;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/openrpc.md")]
struct OpenRpc;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/modules.md")]
struct Modules;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/security.md")]
struct Security;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/socket-io.md")]
struct SocketIo;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/stdio.md")]
struct Stdio;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/store.md")]
struct Store;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/streams.md")]
struct Streams;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/typescript.md")]
struct TypeScript;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/windows.md")]
struct Windows;
