//! Holds the layout of the crates in this tree: which file may know which.
//!
//! `.ci/imports` runs it. [`source`] reads a crate's files, [`syntax`] finds the imports in one,
//! [`modules`] finds the file that each of them leads to, and [`check`] compares that with the
//! rules. [`table`] is the one place that names the crates, their rooms from top to bottom, and the
//! exceptions.

pub mod check;
pub mod circle;
pub mod layout;
pub mod modules;
pub mod source;
pub mod syntax;
pub mod table;
pub mod violation;
