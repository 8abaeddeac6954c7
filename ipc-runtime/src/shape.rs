//! What a type looks like on the wire.
//!
//! [`#[ipc_type]`](crate::ipc_type) writes down the shape of a type, with serde's attributes
//! resolved to what they mean and with the names that travel.
//! [`TypeSchema`](crate::interface::TypeSchema) has the [`Shape`] of one type, and
//! [`Schema`](crate::interface::Schema) those of an interface, with a name for each type.
//!
//! A walk is a `match` that calls itself. It ends at each [`Shape::Reference`], which names a type
//! of the schema. Where the place doesn't matter, `visit` does the walk:
//!
//! ```
//! use ipc_runtime::{interface::TypeSchema, ipc_type, shape::Shape};
//!
//! #[ipc_type]
//! struct FileInfo { name: String, size: u64, owner: Option<Owner> }
//!
//! #[ipc_type]
//! struct Owner { id: u64, groups: Vec<u64> }
//!
//! /// The type as TypeScript writes it, by and large.
//! fn text(shape: &Shape) -> String {
//!     match shape {
//!         Shape::Text(_) => "string".to_owned(),
//!         Shape::Integer(_) | Shape::Float(_) => "number".to_owned(),
//!         Shape::Option(inner) => format!("{} | null", text(inner)),
//!         Shape::Sequence(item) => format!("{}[]", text(item)),
//!         Shape::Reference(name) => name.clone(),
//!         _ => "unknown".to_owned(),
//!     }
//! }
//!
//! let schema = TypeSchema::of::<FileInfo>();
//! let Shape::Struct(file) = &schema.types()[0].shape else { unreachable!() };
//! let fields: Vec<_> = file.fields.iter().map(|field| text(&field.shape)).collect();
//! assert_eq!(fields, ["string", "number", "Owner | null"]);
//!
//! let mut wide = 0;
//! schema.visit(&mut |shape| {
//!     wide += usize::from(matches!(shape, Shape::Integer(integer) if integer.bits > 53));
//! });
//! assert_eq!(wide, 3);
//! ```

pub(crate) mod circles;
mod constructors;
pub(crate) mod faithful;
pub(crate) mod fingerprint;
pub(crate) mod formats;
pub(crate) mod hash;
pub(crate) mod hashes;
pub(crate) mod integers;
pub(crate) mod ipc_type;
pub(crate) mod lock_hash;
pub(crate) mod name;
pub(crate) mod node;
pub(crate) mod nodes;
pub(crate) mod probe;
pub(crate) mod recursion;
pub(crate) mod scalar;
pub(crate) mod std_types;
pub(crate) mod table;

#[cfg(test)]
mod golden;

pub use crate::shape::{
    ipc_type::IpcType,
    name::{Docs, WireName},
    nodes::{Element, Enum, Field, ForeignType, Shape, Struct, Tagging, Variant},
    scalar::{Integer, TextFormat},
};
