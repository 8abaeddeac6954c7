//! What one type looks like, with a name for each type that it reaches.

use std::collections::HashMap;

use crate::{interface::schema::SchemaType, shape::nodes::Shape};

/// What one type looks like on the wire, with a name for each type that it reaches.
///
/// A type that `#[ipc_type]` is on stands as a [`Shape::Reference`] wherever it is mentioned, so
/// that a walk ends also for types that contain themselves. [`get`](Self::get) follows a reference,
/// and [`visit`](Self::visit) goes through all there is, each type once.
///
/// ```
/// use ipc_runtime::{interface::TypeSchema, ipc_type, shape::Shape};
///
/// #[ipc_type]
/// struct Folder { name: String, size: u64, children: Vec<Folder> }
///
/// let schema = TypeSchema::of::<Option<Folder>>();
/// let Shape::Option(inner) = schema.shape() else { unreachable!() };
/// let Shape::Reference(name) = &**inner else { unreachable!() };
/// let Shape::Struct(folder) = &schema.get(name).unwrap().shape else { unreachable!() };
/// let names: Vec<_> = folder.fields.iter().map(|field| field.name.shown()).collect();
/// assert_eq!(names, ["name", "size", "children"]);
///
/// let mut wide = 0;
/// schema.visit(&mut |shape| {
///     wide += usize::from(matches!(shape, Shape::Integer(integer) if integer.bits > 53));
/// });
/// assert_eq!(wide, 1);
/// ```
#[derive(Debug, Clone)]
pub struct TypeSchema {
    pub(crate) shape: Shape,
    pub(crate) types: Vec<SchemaType>,
    pub(crate) places: HashMap<String, usize>,
}

impl TypeSchema {
    /// What the type looks like.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The types that it reaches, itself included, in this order.
    pub fn types(&self) -> &[SchemaType] {
        &self.types
    }

    /// Returns the type of this name, as a [`Shape::Reference`] has it.
    pub fn get(&self, name: &str) -> Option<&SchemaType> {
        self.types.get(*self.places.get(name)?)
    }

    /// Calls `each` with the type's shape, those of the types that it reaches, and all within them.
    pub fn visit<'a>(&'a self, each: &mut dyn FnMut(&'a Shape)) {
        self.shape.visit(each);
        self.types.iter().for_each(|one| one.shape.visit(each));
    }
}
