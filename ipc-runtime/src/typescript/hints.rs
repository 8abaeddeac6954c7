//! What somebody who generates bindings may want to know of them.

use crate::{
    interface::MethodInfo,
    shape::{
        nodes::{Field, Shape},
        scalar::Integer,
    },
    typescript::{binding_source::BindingSource, model::Model},
};

/// Returns what is less than it could be in the bindings, in the order of the file.
pub(super) fn hints(sources: &[BindingSource], model: &Model) -> Vec<String> {
    let mut hints = Vec::new();
    for source in sources {
        match source {
            BindingSource::Interface { info: interface, .. } => {
                for info in interface.methods {
                    method(interface.name, info, model, &mut hints);
                }
            }
            BindingSource::Key { name, value } => {
                of_shape(&format!("the key `{name}`"), &model.named.shape(value), &mut hints);
            }
            BindingSource::Event { name, arguments } => {
                of_shape(&format!("the event `{name}`"), &model.named.shape(arguments), &mut hints);
            }
            BindingSource::Function { name, .. } => {
                for node in source.nodes() {
                    of_shape(
                        &format!("the function `{name}`"),
                        &model.named.shape(node),
                        &mut hints,
                    );
                }
            }
        }
    }
    for one in model.schema.types() {
        of_type(&one.name, &one.shape, &mut hints);
    }
    hints
}

fn method(interface: &str, info: &MethodInfo, model: &Model, hints: &mut Vec<String>) {
    let method = model.named.method(info);
    let place = format!("{interface}::{}", method.name);
    for argument in &method.arguments {
        of_shape(&format!("{place}, argument `{}`", argument.name), &argument.shape, hints);
    }
    let others = [&method.error, &method.item, &method.item_error, &method.progress];
    for shape in [&method.value].into_iter().chain(others.into_iter().flatten()) {
        of_shape(&format!("{place}, what it returns"), shape, hints);
    }
}

fn of_type(name: &str, shape: &Shape, hints: &mut Vec<String>) {
    let fields = |fields: &[Field], place: &str, hints: &mut Vec<String>| {
        for field in fields {
            of_shape(&format!("{place}, field `{}`", field.name.shown()), &field.shape, hints);
        }
    };
    match shape {
        Shape::Struct(of) => fields(&of.fields, name, hints),
        Shape::Enum(of) => {
            for variant in &of.variants {
                let place = format!("{name}::{}", variant.name.shown());
                match &variant.content {
                    Some(Shape::Struct(of)) => fields(&of.fields, &place, hints),
                    Some(content) => of_shape(&place, content, hints),
                    None => {}
                }
            }
        }
        shape => of_shape(name, shape, hints),
    }
}

fn of_shape(place: &str, shape: &Shape, hints: &mut Vec<String>) {
    let mut found = Vec::new();
    shape.visit(&mut |part| found.extend(hint(part)));
    found.dedup();
    hints.extend(found.into_iter().map(|hint| format!("{place}: {hint}")));
}

fn hint(shape: &Shape) -> Option<String> {
    const BYTE: Integer = Integer::new(false, 8, true);
    match shape {
        Shape::Foreign(of) if of.format.is_none() => Some(match &of.with {
            Some(functions) => format!(
                "what `{functions}` writes is `unknown` in TypeScript. Say what it is on the wire: \
                 #[ipc(as = \"String\")]"
            ),
            None => format!(
                "`{}` is `unknown` in TypeScript. Say what it is on the wire: \
                 #[ipc(as = \"String\")], or turn on the feature of ipc-runtime that knows it",
                of.name
            ),
        }),
        Shape::Sequence(item) if matches!(**item, Shape::Integer(one) if one == BYTE) => {
            Some("a `Vec<u8>` is a list of numbers; `Bytes` is a `Uint8Array`".to_owned())
        }
        _ => None,
    }
}
