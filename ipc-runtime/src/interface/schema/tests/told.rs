//! What is told of two schemas.

use crate::interface::Schema;

/// The differences of two texts, which have the same head.
fn told(ours: &str, theirs: &str) -> Vec<String> {
    let parse = |text: &str| -> Schema {
        let text = format!("channel a 1.0.0\nmethod request m() -> A\n{text}");
        text.parse().unwrap_or_else(|error| panic!("{error} in {text}"))
    };
    let (ours, theirs) = (parse(ours), parse(theirs));
    ours.compare(&theirs).iter().map(ToString::to_string).collect()
}

#[test]
fn differences_are_told_where_they_are() {
    let cases: [(&str, &str, &[&str]); 26] = [
        ("type A = u32", "type A = f32", &["type A: here u32, there f32"]),
        ("type A = u32", "type A = newtype<B>\ntype B = newtype<u32>", &[]),
        ("type A = set<u32>", "type A = seq<u32>", &["type A: here HashSet<u32>, there Vec<u32>"]),
        ("type A = array<u32, 3>", "type A = array<u32, 4>", &["type A, length: here 3, there 4"]),
        ("type A = nonzero<u8>", "type A = u8", &["type A: here NonZeroU8, there u8"]),
        ("type A = map<u8, B>\ntype B = u8", "type A = map<u8, C>\ntype C = u8", &[]),
        (
            "type A = map<u8, option<u8>>",
            "type A = map<u16, option<u16>>",
            &["type A, each key: here u8, there u16", "type A, each value: here u8, there u16"],
        ),
        (
            "type A = tuple<u8, u8 default>",
            "type A = tuple<u16, u8>",
            &[
                "type A, element 1: here u8, there u16",
                "type A, element 2: here with a default, there not with a default",
            ],
        ),
        ("type A struct\ntype A.b: u8\ntype A.c: u8", "type A = { c: u8, b: u8 }", &[]),
        (
            "type A struct\ntype A.b: u8 default",
            "type A struct deny_unknown\ntype A.b: u8",
            &[
                "type A: here not refusing unknown fields, there refusing unknown fields",
                "type A, field b: here optional when read, there required when read",
            ],
        ),
        (
            "type A = { b: option<u8> }",
            "type A = { b: u8 }",
            &["type A, field b: here Option<u8>, there u8"],
        ),
        (
            "type A = { b: option<u8> }",
            "type A = { b: newtype<option<u8>> }",
            &["type A, field b: here optional when read, there required when read"],
        ),
        (
            "type A = { b: u8, c: text omitted }",
            "type A = { b: u8 alias \"d\", \"e e\": seq<text> }",
            &[
                "type A, field b, name when read: here b, there b or d",
                "type A, field c: here String, there missing",
                "type A, field \"e e\": here missing, there Vec<String>",
            ],
        ),
        (
            "type A = { b: u8 }",
            "type A = { c: u8 alias \"b\" }",
            &[
                "type A, field b, name when sent: here b, there c",
                "type A, field b, name when read: here b, there b or c",
            ],
        ),
        (
            "type A = { b: B flattened }\ntype B = { x: u8 }",
            "type A = { b: B }\ntype B = { x: u8 }",
            &["type A, field b: here flattened, there not flattened"],
        ),
        (
            "type A = { b: B flattened, c: C flattened }\ntype B = u8\ntype C = u16",
            "type A = { d: C flattened, e: B flattened }\ntype B = u8\ntype C = u16",
            &["type A, order of the flattened fields: here b, c, there d, e"],
        ),
        (
            "type A enum tag \"t\" content \"c\"\ntype A.B: option<u8>",
            "type A enum tag \"t\" content \"c\"\ntype A.B: newtype<option<u8>>",
            &["type A, variant B, content: here optional when read, there required when read"],
        ),
        (
            "type A enum tag \"t\"\ntype A.X: u8\ntype A.Y",
            "type A enum\ntype A.Y\ntype A.X: u16",
            &[
                "type A, tag: here in the field t, there the variant's name as the key",
                "type A, variant X, content: here u8, there u16",
            ],
        ),
        (
            "type A = enum { X, Y other }",
            "type A = enum { X: u8, Z }",
            &[
                "type A, variant X, content: here missing, there u8",
                "type A, variant Y: here a unit variant, there missing",
                "type A, variant Z: here missing, there a unit variant",
            ],
        ),
        (
            "type A = enum untagged { X: u8, Y: u16 }",
            "type A = enum untagged { Y: u16, X: u8 }",
            &["type A, order of the variants: here X, Y, there Y, X"],
        ),
        (
            "type A = enum untagged { X: u8, Y: u16 }",
            "type A = enum untagged { V: u8, W: u16 }",
            &[],
        ),
        (
            "type A = { b: B, c: B }\ntype B = { d: option<A>, e: u8 }",
            "type A = { b: B, c: B }\ntype B = { d: option<A>, e: u16 }",
            &["type B, field e: here u8, there u16"],
        ),
        (
            "type A = asymmetric<u8, u8>",
            "type A = asymmetric<u8, u16>",
            &["type A, as it is read: here u8, there u16"],
        ),
        (
            "type A = foreign Uuid",
            "type A = foreign Uuid with \"mine\"",
            &["type A: here Uuid, there Uuid with mine"],
        ),
        (
            "type A = foreign Bag<u8>",
            "type A = foreign Bag<u16>",
            &["type A, generic argument 1: here u8, there u16"],
        ),
        ("type A = foreign String", "type A = text", &["type A: here foreign String, there text"]),
    ];
    for (ours, theirs, expected) in cases {
        assert_eq!(told(ours, theirs), expected, "{ours}\n{theirs}");
        assert_eq!(told(ours, ours), [""; 0], "{ours}");
        assert_eq!(told(theirs, ours).len(), expected.len(), "{ours}\n{theirs}");
    }
}

#[test]
fn differences_of_methods_are_told() {
    let parse = |lines: &str| format!("channel a 1.0.0\n{lines}").parse::<Schema>().unwrap();
    let ours = parse(
        "method request move(to: u8, speed: f32, old: u8)\n\
         method request list() -> seq<u8>\n\
         method request gone(it: u8)\n\
         method request swap(a: u8, b: u8)\n\
         method request short(a: u8)",
    );
    let theirs = parse(
        "method request move(to: u16, speed: stream f32, new: u8)\n\
         method notification list() -> seq<u16> ! text idempotent\n\
         method request swap(b: u8, a: u8)\n\
         method request short(b: u8, a: u8, c: text)\n\
         method subscription new() each u8",
    );
    let told: Vec<String> = ours.compare(&theirs).iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "method move, argument to: here u8, there u16",
            "method move, argument speed: here not a stream, there a stream",
            "method move, argument 3, name: here old, there new",
            "method list: here request, there notification",
            "method list: here not idempotent, there idempotent",
            "method list, result, each item: here u8, there u16",
            "method list, error: here missing, there String",
            "method gone: here request gone(it: u8), there missing",
            "method swap, order of the arguments: here a, b, there b, a",
            "method short, argument b: here missing, there u8",
            "method short, argument c: here missing, there String",
            "method new: here missing, there subscription new()",
        ]
    );
}
