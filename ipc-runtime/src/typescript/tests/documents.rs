//! A whole file.

use crate::{
    Bytes, CallContext, Stream, Streaming, ipc_interface, ipc_type, store::key::Key,
    typescript::Bindings,
};

/// One entry of a directory.
#[ipc_type]
struct FileInfo {
    /// Its name, without the directory.
    name: String,
    kind: Kind,
    /// In bytes.
    size: u64,
    owner: Elsewhere,
    thumbnail: Vec<u8>,
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Elsewhere;

#[ipc_type]
enum Kind {
    File,
    Directory,
    Other,
}

/// What can go wrong with files.
#[ipc_type]
#[derive(Debug, thiserror::Error)]
#[error("it went wrong")]
enum FileError {
    /// There is nothing of that name.
    NotFound(String),
    /// Too large for one piece.
    TooLarge {
        /// The file.
        path: String,
        limit: u64,
    },
    Busy,
}

/// What is searched for; `limit` has a default.
#[ipc_type]
struct Query {
    text: String,
    #[serde(default)]
    limit: u32,
    under: Option<String>,
}

#[ipc_type]
struct Indexed {
    files: u32,
}

/// Files of the backend's machine.
#[ipc_interface(channel = "demo.docs", version = "1.2.0", rename_all = "camelCase")]
trait Docs {
    /// Lists a directory.
    async fn list(&self, dir: &str) -> Result<Vec<FileInfo>, FileError>;
    async fn read(&self, path: &str) -> Result<Bytes, FileError>;
    #[deprecated(note = "use `search`")]
    async fn find(&self, pattern: &str, dir: Option<String>) -> Vec<String>;
    async fn search(&self, query: Query) -> Vec<FileInfo>;
    /// Tells how far it is.
    #[ipc(timeout = "5m")]
    async fn index(
        &self,
        #[ipc(context)] call: &CallContext<Indexed>,
        dirs: Vec<String>,
    ) -> Result<u64, String>;
    async fn store(&self, name: String, chunks: Streaming<Bytes>) -> Result<u64, FileError>;
    /// Nobody answers a notification.
    #[ipc(notification)]
    fn log(&self, line: String);
    /// Items.
    #[ipc(subscription)]
    async fn changed(
        &self,
        dir: String,
    ) -> Result<impl Stream<Item = Result<FileInfo, FileError>>, String>;
}

const TEXT: &str = r#"// @generated from the Rust interfaces. Renew it: IPC_BINDINGS=write cargo test bindings
import * as $ from "ipc-runtime";

/** One entry of a directory. */
export interface FileInfo {
  /** Its name, without the directory. */
  name: string;
  kind: Kind;
  /** In bytes. */
  size: number;
  owner: unknown;
  thumbnail: number[];
}

export type Kind = "File" | "Directory" | "Other";

/** What can go wrong with files. */
export type FileError =
  /** There is nothing of that name. */
  | { NotFound: string }
  /** Too large for one piece. */
  | { TooLarge: { /** The file. */ path: string; limit: number } }
  | "Busy";

/** What is searched for; `limit` has a default. */
export interface QueryInput {
  text: string;
  limit?: number;
  under?: string | null;
}

export interface Indexed {
  files: number;
}

/** Files of the backend's machine. */
export interface DocsMethods {
  /** Lists a directory. */
  list: $.Request<[dir: string], FileInfo[], FileError>;
  read: $.Request<[path: string], $.Bytes, FileError>;
  /** @deprecated use `search` */
  find: $.Request<[pattern: string, dir?: string | null], string[]>;
  search: $.Request<[query: QueryInput], FileInfo[]>;
  /** Tells how far it is. */
  index: $.Request<[dirs: string[]], number, string, Indexed>;
  store: $.Request<[name: string, chunks: $.StreamIn<$.Bytes>], number, FileError>;
  /** Nobody answers a notification. */
  log: $.Note<[line: string]>;
  /** Items. */
  changed: $.Subscribe<[dir: string], FileInfo, string, FileError>;
}

const $fileInfo: $.Plan = { s: { size: "int", owner: "json" } };
const $fileError: $.Plan = { s: { TooLarge: { s: { limit: "int" } } } };

export const Docs: $.Interface<DocsMethods> = {
  channel: "demo.docs", version: "1.2.0", fingerprint: "F", format: 1,
  methods: {
    list: { n: 1, r: { a: $fileInfo }, e: $fileError, f: "F" },
    read: { n: 1, r: "bytes", e: $fileError, f: "F" },
    find: { n: 2, f: "F" },
    search: { n: 1, r: { a: $fileInfo }, f: "F" },
    index: { n: 1, ms: 300000, r: "int", f: "F" },
    store: { n: 2, up: $.uploading, a: [0, { stream: "bytes" }], r: "int", e: $fileError, f: "F" },
    log: { n: 1, k: "note", f: "F" },
    changed: { n: 1, k: $.subscribing, r: $fileInfo, x: $fileError, f: "F" },
  },
};

export const Zoom: $.StoreKey<number> = { key: "zoom", p: "float" };
"#;

fn bindings() -> Bindings {
    Bindings::new().interface::<DocsClient>().key(&Key::<f64>::new("zoom"))
}

/// The text with all fingerprints as `F`: they have tests of their own.
fn without_fingerprints(text: &str) -> String {
    let mut parts = text.split('"');
    let mut out = parts.next().unwrap().to_owned();
    for part in parts {
        let digits = part.strip_prefix("2:").unwrap_or(part);
        let is_fingerprint = digits.len() == 16 && digits.bytes().all(|it| it.is_ascii_hexdigit());
        out.push('"');
        out.push_str(if is_fingerprint { "F" } else { part });
    }
    out
}

#[test]
fn a_file_is_types_then_methods_then_data() {
    let text = without_fingerprints(&bindings().to_string());
    for (at, (own, expected)) in text.lines().zip(TEXT.lines()).enumerate() {
        assert_eq!(own, expected, "line {}", at + 1);
    }
    assert_eq!(text, TEXT);
}

#[test]
fn the_package_is_what_was_asked_for() {
    let text = bindings().package("@acme/ipc").to_string();
    assert!(text.contains("\nimport * as $ from \"@acme/ipc\";\n"));
}

#[test]
fn hints_name_what_could_be_more_and_what_to_do() {
    let hints = bindings().hints();
    assert_eq!(hints.len(), 2, "{hints:?}");
    assert!(
        hints[0].starts_with("FileInfo, field `owner`: `Elsewhere` is `unknown` in TypeScript.")
    );
    assert_eq!(
        hints[1],
        "FileInfo, field `thumbnail`: a `Vec<u8>` is a list of numbers; `Bytes` is a `Uint8Array`"
    );
}

#[test]
fn bindings_of_nothing_import_and_that_is_all() {
    assert_eq!(Bindings::new().to_string().lines().count(), 2);
}
