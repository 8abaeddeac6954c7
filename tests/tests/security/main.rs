//! Who is let in, what those can do who mean harm, and what is never told.

mod hostile;
mod intruders;
mod log;
mod secrets;
mod tls;
mod token;
