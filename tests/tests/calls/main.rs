//! What an app says with it: calls, notifications, handlers on both sides, and whom they belong to.

mod both_directions;
mod calls;
mod cancel;
mod context;
mod contributions;
mod deadlines;
mod dynamic;
mod functions;
mod middleware;
mod order;
mod ownership;
mod panics;
mod plain_threads;
mod registry;
mod usage;
