//! Random schemas: what is told of two is what their fingerprints tell.

use proptest::prelude::*;

use super::{
    FilesClient,
    edits::{edited, edits},
    models::{Model, TYPES, model},
    written::{leak, node, written},
};
use crate::{
    Client,
    interface::{
        ArgumentInfo, Compat, Fingerprint, InterfaceInfo, MethodInfo, MethodKind, MethodOptions,
        OutputInfo, Schema, cache::InterfaceCache, schema::text::ShapeText,
    },
    shape::name::Docs,
};

/// The schema and the fingerprint of a model.
fn both(model: &Model) -> (Schema, Fingerprint) {
    const NAMES: [&str; 2 * TYPES] = ["A", "B", "C", "D", "E", "text", "G", "H"];
    let names = model.names.map(|name| NAMES[name % NAMES.len()]);
    let types = written(&model.types, names);
    let argument = ArgumentInfo::new("a", node(&model.argument, &types), false);
    let output = OutputInfo::new(types[0], Some(types[1]), None, None, None);
    let options = MethodOptions { idempotent: model.idempotent, ..MethodOptions::DEFAULT };
    let (name, arguments) = ("random.m", leak([argument]));
    let kind = MethodKind::Request;
    let method = MethodInfo::new(name, "m", kind, "m()", arguments, output, options, Docs::NONE);
    let methods = leak([method]);
    let info =
        InterfaceInfo::new("R", "random", "1.0.0", Compat::Semver, methods, origin, Docs::NONE);
    (Schema::of(&info), info.fingerprint())
}

/// Of another interface: nothing is known of this one.
fn origin() -> (&'static InterfaceInfo, &'static InterfaceCache) {
    (FilesClient::INTERFACE, leak(InterfaceCache::new()))
}

proptest! {
    #[test]
    fn two_schemas_differ_if_and_only_if_their_fingerprints_do(
        model in model(), edits in edits(), names in 0..TYPES,
    ) {
        let edited = edited(&model, &edits, names);
        let ((ours, our_print), (theirs, their_print)) = (both(&model), both(&edited));
        let told = ours.compare(&theirs);
        let texts = format!("{ours}\n{theirs}\n{told:#?}");
        prop_assert_eq!(told.is_empty(), our_print == their_print, "{}", texts);
        prop_assert_eq!(theirs.compare(&ours).is_empty(), our_print == their_print, "{}", texts);
        prop_assert!(told.iter().all(|one| one.ours != one.theirs), "{}", texts);
    }

    #[test]
    fn the_text_of_a_schema_is_parsed_to_the_same_schema(model in model()) {
        let (schema, _) = both(&model);
        let text = schema.to_string();
        let parsed: Schema = text.parse().map_err(|error| TestCaseError::fail(format!("{error}: {text}")))?;
        prop_assert_eq!(parsed.to_string(), text);
        prop_assert_eq!(parsed.unknown(), [""; 0]);
        prop_assert_eq!(schema.compare(&parsed), []);
        for (ours, theirs) in schema.types().iter().zip(parsed.types()) {
            prop_assert_eq!(format!("{:?}", ours.shape), format!("{:?}", theirs.shape));
        }
    }

    #[test]
    fn a_text_that_was_changed_anywhere_is_parsed_or_refused(
        model in model(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), 0..4_u8, "\\PC|[<>(){},:\"\n \\\\]|[a-z]"), 1..6),
    ) {
        let mut text = both(&model).0.to_string();
        for (place, how, new) in changes {
            let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
            let at = places[place.index(places.len())];
            match how {
                0 => drop(text.remove(at)),
                1 => text.insert_str(at, &new),
                2 => {
                    text.remove(at);
                    text.insert_str(at, &new);
                }
                _ => text = format!("{}{}", &text[at..], &text[..at]),
            }
            if text.is_empty() {
                return Ok(());
            }
        }
        holds(&text)?;
    }

    #[test]
    fn any_text_is_parsed_or_refused(text in "(channel a 1\n|type |method request |[A-Z]|[a-z]{1,3}|[<>(){},:.#\"!=\n ]|\\PC){0,40}") {
        holds(&text)?;
        holds(&format!("channel a 1\n{text}"))?;
    }

    #[test]
    fn an_unknown_shape_is_kept(words in "[a-z]{1,6}( ?(<[a-zA-Z ,]{0,4}>|\"[a-z ]{0,3}\"|\\{[a-z]{0,3}\\})){0,2}") {
        let text = format!("channel a 1\ntype A = option<{words}>\n");
        holds(&text)?;
    }
}

/// What was parsed has a text that is parsed to the same.
fn holds(text: &str) -> Result<(), TestCaseError> {
    let Ok(parsed) = text.parse::<Schema>() else { return Ok(()) };
    let written = parsed.to_string();
    let again: Schema = match written.parse() {
        Ok(again) => again,
        Err(error) => return Err(TestCaseError::fail(format!("{error}: {text:?} {written:?}"))),
    };
    prop_assert_eq!(again.to_string(), written);
    for one in parsed.types() {
        let _ = ShapeText(&one.shape).to_string();
    }
    prop_assert_eq!(parsed.compare(&again).is_empty(), again.compare(&parsed).is_empty());
    Ok(())
}
