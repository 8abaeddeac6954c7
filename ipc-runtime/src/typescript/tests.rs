//! Bindings of types and interfaces as people write them.

mod circles;
mod data;
mod documents;
mod files;
mod marks;
mod members;
mod names;
mod plans;
mod rows;
mod words;

use crate::{shape::ipc_type::IpcType, store::key::Key, typescript::Bindings};

/// The type as the backend sends it.
fn received<T: IpcType>() -> String {
    between::<(), T>("$.Request<[], ", ">;\n")
}

/// The type as it is sent to the backend.
fn sent<T: IpcType>() -> String {
    between::<(T,), ()>("$.Request<[", "], null>;\n")
}

fn between<A: IpcType, R: IpcType>(before: &str, after: &str) -> String {
    let text = Bindings::new().function::<A, R>("it").to_string();
    let start = text.find(before).unwrap() + before.len();
    let end = start + text[start..].find(after).unwrap();
    text[start..end].to_owned()
}

/// The declarations of the types within: first as they are sent, then as they are received.
fn declared<T: IpcType>() -> String {
    let bindings = Bindings::new().function::<(T,), T>("it");
    let text = bindings.to_string();
    let start = text.find(";\n").unwrap() + 2;
    let end = ["\nconst $", "\nexport const "].iter().filter_map(|sign| text.find(sign)).min();
    text[start..end.unwrap()].to_owned()
}

/// The plan of the type as it is received, with the constants of the types within.
fn plan<T: IpcType>() -> String {
    let text = Bindings::new().key(&Key::<T>::new("it")).to_string();
    let consts =
        text.lines().filter(|line| line.starts_with("const $")).map(|line| format!("{line}\n"));
    let consts: String = consts.collect();
    let (_, key) = text.rsplit_once("{ key: \"it\"").unwrap();
    let key = key.trim_end().trim_end_matches(" };");
    consts + key.strip_prefix(", p: ").unwrap_or("")
}

/// The type as data, as it is received.
fn data<T: IpcType>() -> String {
    let text = Bindings::new().checkable().key(&Key::<T>::new("it")).to_string();
    let (_, data) = text.rsplit_once("\n    [It, ").unwrap();
    data.trim_end_matches("],\n  ],\n};\n").to_owned()
}
