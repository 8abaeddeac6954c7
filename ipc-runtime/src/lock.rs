//! The lock of an interface: the file in which each release is written down, `ipc.lock`.
//!
//! The macro reads it and writes down what callers of each release call, as a table. A constant
//! compares that with the interface as it is ([`check`]). A generated test compares behind what
//! constants can see, and writes releases ([`session`]).

pub(crate) mod check;
pub(crate) mod facts;
pub(crate) mod section;
pub(crate) mod session;
