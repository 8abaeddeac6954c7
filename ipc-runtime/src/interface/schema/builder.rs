//! Schemas, from the constants that the macros have written.

use std::collections::HashMap;

use crate::{
    interface::{
        InterfaceInfo, MethodInfo,
        schema::{
            Schema, SchemaArgument, SchemaMethod, SchemaType,
            catalog::{Catalog, Copy, module},
            names,
            type_origin::TypeOrigin,
            type_schema::TypeSchema,
        },
    },
    shape::{integers::Integers, ipc_type::IpcType, name::Docs, node::Node, nodes::Shape},
};

impl Schema {
    /// Returns that of an interface.
    pub fn of(interface: &InterfaceInfo) -> Self {
        let named = NamedTypes::of(interface.methods.iter().flat_map(MethodInfo::nodes));
        Self {
            channel: interface.channel.to_owned(),
            version: interface.version.to_owned(),
            methods: interface.methods.iter().map(|one| named.method(one)).collect(),
            types: named.types(),
            places: named.places(),
            unknown: Vec::new(),
        }
    }
}

impl TypeSchema {
    /// Returns that of a type.
    pub fn of<T: IpcType + ?Sized>() -> Self {
        NamedTypes::of([T::NODE]).schema_of(T::NODE)
    }
}

/// The types that some nodes reach, with their names. One set may be made of the nodes of several
/// interfaces: then no name stands for two types of any of them.
pub(crate) struct NamedTypes {
    catalog: Catalog,
    names: Vec<String>,
}

impl NamedTypes {
    pub(crate) fn of(roots: impl IntoIterator<Item = &'static Node>) -> Self {
        let catalog = Catalog::of(roots);
        let names = names::unique(&catalog);
        Self { catalog, names }
    }

    /// All types, and what one of the nodes looks like.
    pub(crate) fn schema_of(&self, node: &'static Node) -> TypeSchema {
        TypeSchema { shape: self.shape(node), types: self.types(), places: self.places() }
    }

    /// What one of the nodes looks like.
    pub(crate) fn shape(&self, node: &'static Node) -> Shape {
        self.shape_with(node, None)
    }

    /// As [`shape`](Self::shape), where other integers may be asked for.
    fn shape_with(&self, node: &'static Node, integers: Option<Integers>) -> Shape {
        Copy::new(&|named| self.name(named)).with_integers(integers).shape(node)
    }

    fn name(&self, named: &Node) -> String {
        self.catalog.name(named, &self.names).unwrap_or(named.text).to_owned()
    }

    fn types(&self) -> Vec<SchemaType> {
        let types = self.catalog.firsts().zip(&self.names).map(|(named, name)| SchemaType {
            name: name.clone(),
            shape: self.own_shape(named),
            docs: named.members.first().map_or(Docs::NONE, |own| *own.docs),
            origin: TypeOrigin {
                module: module(named).to_owned(),
                name: named.text.to_owned(),
                chosen: TypeOrigin::chosen_name(named),
                arguments: named.members.iter().skip(1).map(|one| self.shape(one.part)).collect(),
            },
        });
        types.collect()
    }

    /// What a type looks like behind its name.
    fn own_shape(&self, named: &'static Node) -> Shape {
        let own = named.members.first();
        own.map_or(Shape::Unit, |own| self.shape_with(own.part, own.integers()))
    }

    fn places(&self) -> HashMap<String, usize> {
        self.names.iter().cloned().zip(0..).collect()
    }

    /// A method, of whose nodes the set was made.
    pub(crate) fn method(&self, method: &MethodInfo) -> SchemaMethod {
        let arguments = method.arguments.iter().map(|argument| SchemaArgument {
            name: argument.name.to_owned(),
            shape: self.shape_with(argument.node, argument.integers),
            is_stream: argument.is_stream,
        });
        let output = method.output;
        let shape = |node| self.shape_with(node, output.integers);
        SchemaMethod {
            name: method.name.to_owned(),
            aliases: method.aliases.iter().map(|alias| alias.name.to_owned()).collect(),
            kind: method.kind,
            idempotent: method.idempotent,
            arguments: arguments.collect(),
            value: shape(output.value),
            error: output.error.map(shape),
            item: output.item.map(shape),
            item_error: output.item_error.map(shape),
            progress: output.progress.map(shape),
        }
    }
}
