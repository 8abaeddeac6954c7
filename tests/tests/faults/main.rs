//! Everything at once while something breaks: connections that are cut, stuck or damaged, processes
//! that are killed and frozen, crowds, and floods.

mod bad_connections;
mod busy;
mod crowd;
mod cut_everywhere;
mod cut_sockets;
mod killed;
mod soak;
mod stuck_peer;
