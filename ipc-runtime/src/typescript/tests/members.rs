//! Methods, functions, events and keys.

use crate::{
    Backend, Bytes, CallContext, Client, Stream, Streaming, ipc_interface, ipc_type,
    store::key::Key, typescript::Bindings,
};

#[ipc_type]
#[derive(Debug, thiserror::Error)]
#[error("no file")]
struct Failed {
    at: u64,
}

#[ipc_type]
struct Indexed {
    files: u64,
}

#[ipc_interface(channel = "members.docs", version = "1.2.0", rename_all = "camelCase")]
trait Docs {
    async fn find(&self, pattern: &str, in_dir: Option<String>, depth: Option<u8>) -> Vec<String>;
    async fn middle(&self, first: Option<u8>, last: u8);
    #[ipc(timeout = "5m", idempotent)]
    async fn index_all(
        &self,
        #[ipc(context)] call: &CallContext<Indexed>,
        dirs: &[String],
    ) -> Result<u64, Failed>;
    #[ipc(timeout = "none", no_cancel)]
    async fn quiet(&self, #[ipc(context)] call: &CallContext<Indexed>);
    async fn store(&self, name: String, chunks: Streaming<Bytes>) -> u64;
    async fn names(&self, names: Streaming<String>);
    #[ipc(notification)]
    fn log(&self, line: String, at: f64);
    #[ipc(subscription)]
    async fn watch(&self, dir: &str) -> Result<impl Stream<Item = Result<u64, Failed>>, String>;
    #[ipc(subscription)]
    fn ticks(&self) -> impl Stream<Item = u32>;
    async fn then(&self);
    async fn constructor(&self);
    #[ipc(name = "__proto__")]
    async fn proto(&self);
    #[ipc(name = "to-json")]
    async fn dashed(&self);
}

#[ipc_interface(channel = "members.aliased", version = "1.1.0")]
trait Aliased {
    #[ipc(name = "look-up", alias = "find", alias = "list")]
    async fn search(&self, text: &str);
}

#[test]
fn old_names_of_a_method_are_told_beside_it_and_are_no_methods() {
    let text = Bindings::new().interface::<AliasedClient>().to_string();
    let (_, constant) = member(&text, "\"look-up\"");
    assert_eq!(constant, "{ n: 1, was: [\"find\", \"list\"] }");
    assert!(!text.contains("find:") && !text.contains("list:"), "{text}");
}

fn docs() -> String {
    Bindings::new().interface::<DocsClient>().to_string()
}

/// The type of a member, and what the client knows of it without its fingerprint.
fn member(text: &str, name: &str) -> (String, String) {
    let start = format!("  {name}: ");
    let mut lines = text
        .lines()
        .filter_map(|line| line.trim_start_matches("  ").strip_prefix(start.trim_start()));
    let ty = lines.next().unwrap().trim_end_matches(';').to_owned();
    let constant = lines.next().unwrap();
    let constant = constant.split_once("f: \"").map_or(constant, |(constant, _)| constant);
    (ty, constant.trim_end_matches([' ', ',']).to_owned() + " }")
}

#[test]
fn arguments_at_the_end_are_optional_if_all_behind_them_are() {
    let text = docs();
    let (ty, constant) = member(&text, "find");
    assert_eq!(
        ty,
        "$.Request<[pattern: string, inDir?: string | null, depth?: number | null], string[]>"
    );
    assert_eq!(constant, "{ n: 3 }");
    let (ty, _) = member(&text, "middle");
    assert_eq!(ty, "$.Request<[first: number | null, last: number], null>");
}

#[test]
fn options_of_methods_travel_as_data() {
    let text = docs();
    let (ty, constant) = member(&text, "indexAll");
    assert_eq!(ty, "$.Request<[dirs: string[]], number, Failed, Indexed>");
    assert_eq!(constant, "{ n: 1, ms: 300000, retry: 1, r: \"int\", e: $failed, p: $indexed }");
    let (ty, constant) = member(&text, "quiet");
    assert_eq!(ty, "$.Request<[], null, never, Indexed>");
    assert_eq!(constant, "{ ms: null, keep: 1, p: $indexed }");
}

#[test]
fn streams_are_arguments_with_items() {
    let text = docs();
    let (ty, constant) = member(&text, "store");
    assert_eq!(ty, "$.Request<[name: string, chunks: $.StreamIn<$.Bytes>], number>");
    assert_eq!(constant, "{ n: 2, up: $.uploading, a: [0, { stream: \"bytes\" }], r: \"int\" }");
    let (_, constant) = member(&text, "names");
    assert_eq!(constant, "{ n: 1, up: $.uploading, a: [{ stream: 0 }] }");
}

#[test]
fn notifications_and_subscriptions_say_what_they_are() {
    let text = docs();
    let (ty, constant) = member(&text, "log");
    assert_eq!(ty, "$.Note<[line: string, at: number]>");
    assert_eq!(constant, "{ n: 2, k: \"note\", a: [0, \"float\"] }");
    let (ty, constant) = member(&text, "watch");
    assert_eq!(ty, "$.Subscribe<[dir: string], number, string, Failed>");
    assert_eq!(constant, "{ n: 1, k: $.subscribing, r: \"int\", x: $failed }");
    let (ty, constant) = member(&text, "ticks");
    assert_eq!(ty, "$.Subscribe<[], number>");
    assert!(constant.starts_with("{ k: $.subscribing"), "{constant}");
}

#[test]
fn names_that_mean_something_to_an_object_do_no_harm() {
    let text = docs();
    assert!(text.contains("\n  then_: $.Request<[], null>;\n"));
    assert!(text.contains("\n    then_: { w: \"then\", f: "));
    assert!(text.contains("\n  constructor: $.Request<[], null>;\n"));
    assert!(text.contains("\n  __proto__: $.Request<[], null>;\n"));
    assert!(text.contains("\n    [\"__proto__\"]: { f: "));
    assert!(text.contains("\n  \"to-json\": $.Request<[], null>;\n"));
    assert!(text.contains("\n    \"to-json\": { f: "));
}

#[test]
fn an_interface_has_its_channel_version_and_fingerprint() {
    let fingerprint = DocsClient::INTERFACE.fingerprint();
    let line = format!(
        "export const Docs: $.Interface<DocsMethods> = {{\n  channel: \"members.docs\", \
         version: \"1.2.0\", fingerprint: \"{fingerprint}\", format: 1,\n  methods: {{\n"
    );
    assert!(docs().contains(&line));
    let method = DocsClient::INTERFACE.methods[0].fingerprint().value();
    assert!(docs().contains(&format!("find: {{ n: 3, f: \"{method:016x}\" }},")));
}

#[ipc_interface(channel = "members.exact", version = "1.0.0", compat = "exact")]
trait Exact {
    async fn ping(&self);
}

mod other {
    use super::*;

    #[ipc_interface(channel = "other.docs", version = "1.0.0")]
    pub(super) trait Docs {
        async fn ping(&self);
    }
}

mod earlier {
    use super::*;

    #[ipc_interface(channel = "members.exact", version = "0.9.0")]
    pub(super) trait Exact {
        async fn ping(&self);
    }
}

#[test]
fn interfaces_of_one_name_are_told_apart_by_channel_and_version() {
    let bindings = Bindings::new()
        .interface::<DocsClient>()
        .interface::<other::DocsClient>()
        .interface::<ExactClient>()
        .interface::<earlier::ExactClient>();
    let text = bindings.to_string();
    for name in ["MembersDocsDocs", "OtherDocsDocs", "ExactV1_0_0", "ExactV0_9_0"] {
        assert!(text.contains(&format!("export const {name}: $.Interface<{name}Methods> = ")));
    }
    assert!(text.contains("format: 1, exact: 1,\n"));
}

#[test]
fn an_interface_that_is_added_twice_is_there_once() {
    let bindings = Bindings::new().interface::<ExactClient>().interface::<ExactClient>();
    assert_eq!(bindings.to_string().matches("export const Exact").count(), 1);
}

#[ipc_interface(channel = "members.window", version = "1.0.0")]
trait Window {
    async fn show(&self, options: Options) -> Options;
    async fn rename(&self, renamed: Renamed);
}

#[ipc_type]
struct Renamed {
    #[serde(rename(serialize = "out", deserialize = "in"))]
    name: u64,
}

#[test]
fn what_typescript_implements_receives_arguments_and_sends_results() {
    let text = Bindings::new().implemented::<WindowClient>().to_string();
    assert!(text.contains("\n  show: $.Request<[options: Options], OptionsInput>;\n"), "{text}");
    assert!(text.contains("\nexport interface Renamed {\n  out: number;\n}\n"), "{text}");
    let both = Bindings::new().interface::<WindowClient>().implemented::<WindowClient>();
    let text = both.to_string();
    assert!(text.contains("\nexport const Window: $.Interface<WindowMethods> = "));
    assert!(text.contains("\nexport const WindowHandler: $.Interface<WindowHandlerMethods> = "));
}

#[ipc_type]
enum Theme {
    Light,
    Dark,
}

#[test]
fn keys_are_called_as_they_are() {
    let bindings = Bindings::new()
        .key(&Key::<Theme>::new("theme"))
        .key(&Key::<Vec<String>>::new("files.recent_ones"))
        .key(&Key::<u64>::new("files.recent-ones"));
    let text = bindings.to_string();
    assert!(text.contains("\nexport type Theme = \"Light\" | \"Dark\";\n"));
    assert!(text.contains("\nexport const Theme: $.StoreKey<Theme> = { key: \"theme\" };\n"));
    // Both have a mark, so that neither is taken for the other once it is added.
    let name = |key: &str| {
        let (before, _) = text.split_once(&format!(" = {{ key: \"{key}\"")).unwrap();
        let (_, line) = before.rsplit_once("export const ").unwrap();
        line.split_once(':').unwrap().0.to_owned()
    };
    let (one, other) = (name("files.recent-ones"), name("files.recent_ones"));
    assert!(one.starts_with("FilesRecentOnes_") && other.starts_with("FilesRecentOnes_"));
    assert_ne!(one, other);
}

mod left {
    #[crate::ipc_interface(channel = "a.x", version = "1.0.0")]
    pub(super) trait Same {
        async fn ping(&self);
    }
}

mod right {
    #[crate::ipc_interface(channel = "b.y", version = "1.0.0")]
    pub(super) trait Same {
        async fn ping(&self);
    }
}

#[ipc_interface(channel = "c", version = "1.0.0")]
trait XSame {
    async fn then(&self);
    async fn then_(&self);
}

#[test]
fn names_that_are_made_give_way_in_any_order() {
    let made = || Bindings::new().interface::<left::SameClient>().interface::<right::SameClient>();
    let first = Bindings::new().interface::<XSameClient>();
    let first = first.interface::<right::SameClient>().interface::<left::SameClient>();
    for text in [made().interface::<XSameClient>().to_string(), first.to_string()] {
        assert!(
            text.contains("const XSame: $.Interface<XSameMethods> = {\n  channel: \"c\""),
            "{text}"
        );
        assert!(text.contains("const XSame_: $.Interface<XSame_Methods> = {\n  channel: \"a.x\""));
        assert!(text.contains("const YSame: "));
        assert!(text.contains("\n    then__: { w: \"then\", f: "));
        assert!(text.contains("\n    then_: { f: "));
    }
}

#[ipc_type]
struct Options {
    #[serde(default)]
    depth: u64,
}

#[test]
fn functions_and_events_have_their_arguments_by_position_or_as_they_are() {
    let bindings = Bindings::new()
        .function::<(i64, i64), i64>("add")
        .function::<(), Result<String, Failed>>("plugins.title")
        .function::<Options, ()>("walk")
        .event::<(String,)>("theme")
        .event::<Options>("then")
        .event::<()>("closed");
    let text = bindings.to_string();
    let functions = "
export const Functions: $.Functions<{
  add: $.Request<[number, number], number>;
  \"plugins.title\": $.Request<[], string, Failed>;
  walk: $.Request<[OptionsInput], null>;
}> = {
  format: 1,
  methods: {
    add: { n: 2, a: [\"int\", \"int\"], r: \"int\" },
    \"plugins.title\": { e: $failed },
    walk: { n: 1, a: [$options], o: 1 },
  },
};
";
    assert!(text.contains(functions), "{text}");
    let events = "
export const Events: $.Events<{
  theme: [string];
  then_: [Options];
  closed: [];
}> = {
  theme: { n: 1, w: \"theme\" },
  then_: { n: 1, a: [$options], o: 1, w: \"then\" },
  closed: { w: \"closed\" },
};
";
    assert!(text.contains(events), "{text}");
}

struct Silent;

impl Exact for Silent {
    async fn ping(&self) {}
}

#[test]
fn bindings_of_a_backend_begin_with_what_is_registered() {
    let backend = Backend::new();
    backend.register(ExactHandler::new(Silent)).unwrap();
    let expected = Bindings::new().interface::<ExactClient>().to_string();
    assert_eq!(backend.bindings().to_string(), expected);
}
