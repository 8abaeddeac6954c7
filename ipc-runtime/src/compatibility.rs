//! Whether one side understands what the other one writes.
//!
//! [`Compatibility`] compares two versions of an interface, or of a type, as a caller and whom it
//! calls have them: what breaks the caller, and what differs and doesn't.

// One function decides, `reads::reads`: it resolves what a reader expects against what a writer may
// write, as Avro resolves two schemas. All of it is const code. The lock compares an interface with
// its releases when the crate is built, and peers are compared when the program runs.

pub(crate) mod changes;
pub(crate) mod compared_pair;
pub(crate) mod const_text;
mod fields;
mod member_name;
mod method_view;
pub(crate) mod methods;
mod numbers;
mod place;
mod plain;
mod reads;
mod roles;
mod same_shape;
mod schema_table;
mod summary;
pub(crate) mod table_method;
mod type_pairs;
mod variants;
pub(crate) mod verdict;
pub(crate) mod view;

#[cfg(test)]
mod tests;

pub use crate::compatibility::verdict::Compatibility;
