//! Docs and names, word by word.

use crate::{
    notation::{object_form::text_format, type_identifier},
    shape::{
        name::Docs,
        nodes::{ForeignType, Shape},
    },
    typescript::{doc_comment, identifier, type_text::format_note},
};

fn above(text: &'static str, deprecated: Option<&'static str>) -> String {
    doc_comment::above(Docs::new(text, deprecated), None, "")
}

#[test]
fn docs_are_tsdoc_and_end_where_they_end() {
    assert_eq!(above("", None), "");
    assert_eq!(above(" One line.\n", None), "/** One line. */\n");
    assert_eq!(
        above(" One.\n\n   Two, indented.\n", None),
        "/**\n * One.\n *\n *   Two, indented.\n */\n"
    );
    assert_eq!(above(" A glob: src/*/*.rs\n", None), "/** A glob: src/*\\/*.rs */\n");
    assert_eq!(above(" @param is no tag\n", None), "/** \\@param is no tag */\n");
}

#[test]
fn deprecated_items_say_what_to_use() {
    assert_eq!(above("", Some("")), "/** @deprecated */\n");
    assert_eq!(above("", Some("use `search`")), "/** @deprecated use `search` */\n");
    assert_eq!(
        above(" Finds.\n", Some("ends */ here")),
        "/**\n * Finds.\n * @deprecated ends *\\/ here\n */\n"
    );
}

#[test]
fn docs_within_a_line_have_one() {
    let docs = Docs::new(" A file.\n\n In bytes. */\n", None);
    assert_eq!(doc_comment::inline(docs, None), "/** A file. In bytes. *\\/ */ ");
    assert_eq!(doc_comment::inline(Docs::NONE, None), "");
}

#[test]
fn names_are_quoted_where_they_are_no_words() {
    assert_eq!(identifier::member("plain_1"), "plain_1");
    assert_eq!(identifier::member("class"), "class");
    assert_eq!(identifier::member("a-b"), "\"a-b\"");
    assert_eq!(identifier::member(""), "\"\"");
    assert_eq!(identifier::member("\u{2028}\u{7}\\"), "\"\\u2028\\u0007\\\\\"");
    let entry = identifier::constant_entry("__proto__", "\"int\"");
    assert_eq!(entry, "[\"__proto__\"]: \"int\"");
    let entry = identifier::constant_entry("constructor", "\"int\"");
    assert_eq!(entry, "constructor: \"int\" as const");
    let entry = identifier::constant_entry("constructor", "0");
    assert_eq!(entry, "constructor: 0 as const");
    assert_eq!(identifier::constant_entry("toString", "$it"), "toString: $it");
    assert_eq!(identifier::label("in-dir"), "in_dir");
    assert_eq!(identifier::label("2nd"), "_2nd");
    assert_eq!(identifier::label("default"), "default_");
    assert_eq!(identifier::label("type"), "type");
}

#[test]
fn names_that_are_made_of_words_are_names() {
    assert_eq!(type_identifier::camel("files.recent_ones"), "FilesRecentOnes");
    assert_eq!(type_identifier::camel("öl/preis"), "ÖlPreis");
    // A vowel sign, and one above a letter.
    assert_eq!(type_identifier::camel("\u{93e}x"), "_\u{93e}x");
    assert_eq!(type_identifier::camel("\u{5b0}x"), "_\u{5b0}x");
    assert_eq!(type_identifier::camel("メモ"), "メモ");
    assert_eq!(type_identifier::declared("default"), "default_");
    assert_eq!(type_identifier::declared("3d"), "_3d");
    assert_eq!(type_identifier::declared(""), "_");
    assert_eq!(type_identifier::declared("a$b"), "a_b");
    // JavaScript has other letters than Rust's `is_alphanumeric`.
    assert_eq!(type_identifier::declared("m²"), "m_");
    assert_eq!(type_identifier::declared("½Ⓐ🅰größe"), "___größe");
    assert_eq!(identifier::label("m²"), "m_");
}

#[test]
fn texts_of_other_crates_have_their_format_in_the_comment() {
    let (name, format) = ("Uuid".to_owned(), Some("uuid".to_owned()));
    let uuid = Shape::Foreign(ForeignType { name, format, ..ForeignType::default() });
    let format = text_format(&Shape::Option(Box::new(uuid)));
    let note = format_note(format.as_deref());
    assert_eq!(note.as_deref(), Some("A text of the format `uuid`."));
    assert_eq!(
        doc_comment::above(Docs::NONE, note.as_deref(), "  "),
        "  /** A text of the format `uuid`. */\n"
    );
    assert_eq!(format_note(text_format(&Shape::Any).as_deref()), None);
}
