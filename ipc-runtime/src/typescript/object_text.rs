//! Objects as types of TypeScript.

use crate::{
    notation::{
        Notation,
        object_form::{ObjectForm, PropertyForm},
    },
    typescript::{
        doc_comment, identifier,
        type_data::{ObjectData, TypeData},
        type_text::{TypeScript, TypeText, format_note},
    },
};

/// The members of an object over several lines, unless it is more than these.
pub(super) fn block(object: &ObjectForm<TypeText>) -> Option<String> {
    if !object.others.is_empty() {
        return None;
    }
    if object.members.is_empty() && object.rest.is_empty() {
        return Some("{}".to_owned());
    }
    let mut text = String::from("{\n");
    for member in &object.members {
        let note = format_note(member.format.as_deref());
        text.push_str(&doc_comment::above(member.docs, note.as_deref(), "  "));
        text.push_str(&format!("  {};\n", member_text(member)));
    }
    text.extend(index(object).map(|index| format!("  {index};\n")));
    text.push('}');
    Some(text)
}

/// What stands for the members of flattened maps. TypeScript wants the members with names to be of
/// its type too, so that it has theirs.
fn index(object: &ObjectForm<TypeText>) -> Option<String> {
    if object.rest.is_empty() {
        return None;
    }
    let own = object.members.iter().map(|one| one.ty.clone());
    let mut values: Vec<TypeText> = object.rest.iter().cloned().chain(own).collect();
    if object.members.iter().any(|one| one.is_optional) {
        values.push(TypeText::plain("undefined", "null"));
    }
    if !object.others.is_empty() {
        // The members of these aren't seen here.
        values.push(TypeText::unknown());
    }
    Some(format!("[key: string]: {}", TypeText::union(values).text))
}

/// The object's own members as data.
fn data(of: &ObjectForm<TypeText>) -> TypeData {
    let mut object = ObjectData { is_exact: of.is_exact, ..ObjectData::default() };
    for member in &of.members {
        let of = if member.is_optional { &mut object.optional } else { &mut object.required };
        of.push((member.name.clone(), member.ty.data.clone()));
    }
    if !of.rest.is_empty() {
        // The members of the others aren't seen here, and are in the map too.
        let rest = of.rest.iter().map(|one| one.data.clone()).collect();
        let rest = if of.others.is_empty() { TypeData::union(rest) } else { TypeData::word("any") };
        object.rest = Some(Box::new(rest));
    }
    TypeData::Object(object)
}

fn member_text(member: &PropertyForm<TypeText>) -> String {
    let sign = if member.is_optional { "?" } else { "" };
    format!("{}{sign}: {}", identifier::member(&member.name), member.ty.text)
}

impl TypeScript<'_> {
    /// An object in one line.
    pub(super) fn object_text(&self, of: ObjectForm<TypeText>) -> TypeText {
        let data = data(&of);
        let members = of.members.iter().map(|one| {
            let note = format_note(one.format.as_deref());
            let docs = doc_comment::inline(one.docs, note.as_deref());
            format!("{docs}{}", member_text(one))
        });
        let members: Vec<String> = members.chain(index(&of)).collect();
        let mut parts = Vec::new();
        if !members.is_empty() {
            parts.push(TypeText::atom(format!("{{ {} }}", members.join("; ")), data));
        } else if of.others.is_empty() {
            return TypeText::atom("{}", data);
        }
        if of.others.is_empty() {
            return parts.pop().unwrap_or_else(|| self.any_object());
        }
        parts.extend(of.others);
        self.intersection(parts)
    }
}
