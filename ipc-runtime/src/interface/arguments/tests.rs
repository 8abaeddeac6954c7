use serde::Serialize;

use crate::{codec::json::params::decode_arguments, interface::arguments::encode::encode};

use super::*;
use crate::shape::{ipc_type::IpcType, node::Node};

const ANY: &Node = serde_json::Value::NODE;

const TWO: &[ArgumentInfo] =
    &[ArgumentInfo::new("dir", ANY, false), ArgumentInfo::new("depth", ANY, false)];
const ONE: &[ArgumentInfo] = &[ArgumentInfo::new("size", ANY, false)];

type Two = (String, (Option<u32>, ()));

fn two(json: &str) -> Result<(String, Option<u32>), ArgumentError> {
    decode_arguments::<Two>(Some(json.as_bytes()), TWO).map(|(dir, (depth, ()))| (dir, depth))
}

fn fails(json: &str, kind: ArgumentErrorKind, message: &str) {
    let error = two(json).unwrap_err();
    assert_eq!((error.kind(), error.to_string().as_str()), (kind, message), "{json}");
}

#[test]
fn arguments_come_by_position_or_by_name() {
    let expected = Ok(("/".to_owned(), Some(3)));
    assert_eq!(two(r#"["/", 3]"#), expected);
    assert_eq!(two(r#" { "dir": "/", "depth": 3 } "#), expected);
    assert_eq!(two(r#"{"depth":3,"dir":"/"}"#), expected);
    assert_eq!(two(r#"{"d\u0069r":"/","depth":3}"#), expected, "an escaped name is that name");
}

#[test]
fn optional_arguments_may_be_left_out() {
    let expected = Ok(("/".to_owned(), None));
    assert_eq!(two(r#"["/"]"#), expected);
    assert_eq!(two(r#"["/",null]"#), expected);
    assert_eq!(two(r#"{"dir":"/"}"#), expected);

    type AllOptional = (Option<u8>, ((), ()));
    for params in [None, Some("null"), Some("[]"), Some("{}")] {
        let decoded = decode_arguments::<AllOptional>(params.map(str::as_bytes), TWO);
        assert_eq!(decoded, Ok((None, ((), ()))), "{params:?}");
    }
}

#[test]
fn unknown_names_are_ignored_and_doubled_ones_are_not() {
    assert_eq!(two(r#"{"dir":"/","x":{"y":[1]}}"#), Ok(("/".to_owned(), None)));
    let message = "argument `dir` (1 of 2) is given twice";
    fails(r#"{"dir":"/","dir":"/"}"#, ArgumentErrorKind::Invalid, message);
}

#[test]
fn errors_name_the_argument() {
    use ArgumentErrorKind::{Invalid, Missing, Syntax, TooMany};

    let wrong = "argument `dir` (1 of 2): invalid type: integer `5`, expected a string";
    fails("[5]", Invalid, wrong);
    fails(r#"{"depth":1,"dir":5}"#, Invalid, wrong);
    let wrong = "argument `depth` (2 of 2): invalid value: integer `-1`, expected u32";
    fails(r#"["/",-1]"#, Invalid, wrong);
    let missing = "argument `dir` (1 of 2) is missing";
    for json in ["[]", "{}", "null", r#"{"depth":1}"#] {
        fails(json, Missing, missing);
    }
    let many = "params: the method takes 2 arguments (`dir`, `depth`), but 4 were given";
    fails(r#"["/",1,2,[3]]"#, TooMany, many);
    fails("7", Invalid, "params: invalid type: integer `7`, expected an array or an object");
    fails("[", Syntax, "params: EOF while parsing a list at line 1 column 1");
    fails(r#"["/" 1]"#, Syntax, "params: expected `,` or `]` at line 1 column 6");
    fails(r#"["/",tru]"#, Syntax, "params: expected ident at line 1 column 9");
    fails(r#"["/"] x"#, Syntax, "params: trailing characters at line 1 column 7");
    fails("", Syntax, "params: EOF while parsing a value at line 1 column 0");
}

#[test]
fn a_method_without_arguments_takes_none() {
    for params in [None, Some("null"), Some("[]"), Some("{}"), Some(r#"{"x":1}"#)] {
        assert_eq!(decode_arguments::<()>(params.map(str::as_bytes), &[]), Ok(()), "{params:?}");
    }
    let error = decode_arguments::<()>(Some(b"[1]"), &[]).unwrap_err();
    assert_eq!(error.kind(), ArgumentErrorKind::TooMany);
    assert_eq!(error.to_string(), "params: the method takes no arguments, but 1 was given");
}

#[derive(Debug, PartialEq, serde::Deserialize)]
struct Size {
    size: Option<u32>,
    unit: Option<String>,
}

fn size(json: &str) -> Result<Size, ArgumentError> {
    decode_arguments::<(Size, ())>(Some(json.as_bytes()), ONE).map(|(size, ())| size)
}

#[test]
fn an_object_is_a_lone_argument_unless_its_one_key_is_the_arguments_name() {
    let sized = |size| Ok(Size { size, unit: None });
    assert_eq!(size(r#"{"size":{"size":1}}"#), sized(Some(1)));
    assert_eq!(size(r#"{"size":1,"unit":null}"#), sized(Some(1)));
    assert_eq!(size("{}"), sized(None));
    assert_eq!(size(r#"{"other":1}"#), sized(None));
    assert_eq!(size(r#"[{"size":1}]"#), sized(Some(1)), "an array is always by position");

    // It counts as by name although the value doesn't fit: there is no second try.
    let error = size(r#"{"size":1}"#).unwrap_err();
    let expected = "argument `size` (1 of 1): invalid type: integer `1`, expected struct Size";
    assert_eq!(error.to_string(), expected);

    let error = size(r#"{"size":"x","unit":1}"#).unwrap_err();
    assert_eq!(error.kind(), ArgumentErrorKind::Invalid);
    assert!(error.to_string().starts_with("argument `size` (1 of 1): "), "{error}");
    assert_eq!(size(r#"{"size":1"#).unwrap_err().kind(), ArgumentErrorKind::Syntax);
    assert_eq!(size(r#"{"a":1,"b":2}}"#).unwrap_err().kind(), ArgumentErrorKind::Syntax);
}

#[test]
fn borrowed_arguments_are_written_by_position() {
    let mut out = Vec::new();
    let arguments = ("/tmp", (&[1u8, 2][..], ()));
    let encoded = encode(&arguments, TWO, &mut serde_json::Serializer::new(&mut out));
    assert_eq!((encoded, out.as_slice()), (Ok(()), br#"["/tmp",[1,2]]"#.as_slice()));
}

#[test]
fn an_argument_that_fails_to_serialize_is_named() {
    struct Broken;

    impl Serialize for Broken {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("it is broken"))
        }
    }

    let mut out = Vec::new();
    let arguments = (&1u8, (&Broken, ()));
    let error = encode(&arguments, TWO, &mut serde_json::Serializer::new(&mut out)).unwrap_err();
    assert_eq!(error.to_string(), "argument `depth` (2 of 2): it is broken");
}
