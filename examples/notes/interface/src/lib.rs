//! What windows may ask of the notes' backend, and the values that they share. The page has it in
//! TypeScript, in `page/src/ipc.ts`.

use ipc_runtime::{Bytes, CallContext, Stream, Streaming, ipc_interface, ipc_type, store::Key};

/// The names of the notes that stand first in the list. The backend writes it: see [`Notes::pin`].
pub const PINNED: Key<Vec<String>> = Key::new("pinned");

/// What somebody types at this moment, and isn't saved yet. The window that types writes it, and
/// takes it away when it is saved. If the window goes, the backend takes it away.
pub const DRAFT: Key<Option<Draft>> = Key::new("draft");

/// The index of all words, once there is one. The backend writes it.
pub const INDEX: Key<Indexed> = Key::new("index");

/// A note, as the list has it.
#[ipc_type]
#[derive(Debug, Clone, PartialEq)]
pub struct NoteInfo {
    /// The file's name, without `.md`.
    pub name: String,
    /// How the text begins.
    pub excerpt: String,
    /// When it was changed last, in milliseconds since 1970.
    pub modified: u64,
    /// Of its text: equal texts have equal revisions.
    pub revision: String,
}

/// A whole note.
#[ipc_type]
#[derive(Debug, Clone, PartialEq)]
pub struct Note {
    /// The note, as the list has it.
    pub info: NoteInfo,
    /// Its Markdown.
    pub text: String,
}

/// What was typed and isn't saved yet.
#[ipc_type]
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// The note's name.
    pub name: String,
    /// All of its text.
    pub text: String,
    /// The revision that this was made of.
    pub revision: String,
    /// The window in which it is typed.
    pub window: String,
}

/// Something has happened to a note: in a window, or to its file.
#[ipc_type]
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// It is new, or has another text.
    Written(NoteInfo),
    /// It is gone.
    Removed(String),
    /// It has another name.
    Renamed {
        /// The name that it had.
        from: String,
        /// The note.
        to: NoteInfo,
    },
}

/// A note that has what was searched for.
#[ipc_type]
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The note's name.
    pub name: String,
    /// The first line with one of the words.
    pub line: String,
}

/// What was found.
#[ipc_type]
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The best first; at most a hundred.
    pub hits: Vec<Hit>,
    /// Whether texts were searched. Before there is an index, only names are.
    pub whole_text: bool,
}

/// How far an index is.
#[ipc_type]
#[derive(Debug, Clone, PartialEq)]
pub struct Indexing {
    /// How many notes are done.
    pub done: u32,
    /// How many there are.
    pub all: u32,
}

/// What is in the index.
#[ipc_type]
#[derive(Debug, Clone, PartialEq)]
pub struct Indexed {
    /// How many notes.
    pub notes: u32,
    /// How many different words.
    pub words: u32,
}

/// How much of a file has come.
#[ipc_type]
#[derive(Debug, Clone, PartialEq)]
pub struct Arrived {
    /// So many bytes.
    pub bytes: u64,
}

/// What has become of a file.
#[ipc_type]
#[derive(Debug, Clone, PartialEq)]
pub enum Kept {
    /// It was text, and is a note now.
    Note(NoteInfo),
    /// It lies beside the notes, at this path from their folder.
    Attachment(String),
}

/// Why there is no list.
#[ipc_type]
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ListError {
    /// The folder can't be read.
    #[error("the folder of the notes can't be read: {0}")]
    Folder(String),
}

/// Why a note wasn't read.
#[ipc_type]
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ReadError {
    /// There is none of this name.
    #[error("there is no note `{0}`")]
    NotFound(String),
    /// No note may have this name.
    #[error("{0}")]
    BadName(String),
    /// It isn't UTF-8, or too large.
    #[error("`{0}` isn't a text of at most 2 MiB")]
    NotText(String),
    /// The disk says so.
    #[error("the disk: {0}")]
    Disk(String),
}

/// Why a note wasn't saved.
#[ipc_type]
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SaveError {
    /// It was to be new, and there is one of this name.
    #[error("there is a note `{0}` already")]
    Exists(String),
    /// It has another text than the one that was changed, or is gone.
    #[error("`{0}` was changed elsewhere meanwhile")]
    Changed(String),
    /// No note may have this name.
    #[error("{0}")]
    BadName(String),
    /// It has more bytes than a note may have.
    #[error("a note has at most {limit} bytes")]
    TooLarge {
        /// How many it may have.
        limit: u32,
    },
    /// The disk says so.
    #[error("the disk: {0}")]
    Disk(String),
}

/// Why a note wasn't deleted.
#[ipc_type]
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum DeleteError {
    /// There is none of this name.
    #[error("there is no note `{0}`")]
    NotFound(String),
    /// It has another text than the one that was shown.
    #[error("`{0}` was changed elsewhere meanwhile")]
    Changed(String),
    /// No note may have this name.
    #[error("{0}")]
    BadName(String),
    /// The disk says so.
    #[error("the disk: {0}")]
    Disk(String),
}

/// Why a note has the name that it had.
#[ipc_type]
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RenameError {
    /// There is none of this name.
    #[error("there is no note `{0}`")]
    NotFound(String),
    /// There is another one of the new name.
    #[error("there is a note `{0}` already")]
    Exists(String),
    /// No note may have this name.
    #[error("{0}")]
    BadName(String),
    /// The disk says so.
    #[error("the disk: {0}")]
    Disk(String),
}

/// Why a note isn't pinned, or still is.
#[ipc_type]
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PinError {
    /// There is none of this name.
    #[error("there is no note `{0}`")]
    NotFound(String),
    /// The store doesn't take it.
    #[error("it can't be kept: {0}")]
    Full(String),
}

/// Why there is no new index.
#[ipc_type]
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum IndexError {
    /// Another window has one made.
    #[error("another window has the index made already")]
    Busy,
    /// The backend couldn't read the notes.
    #[error("the notes can't be read: {0}")]
    Disk(String),
}

/// Why a file wasn't taken.
#[ipc_type]
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ImportError {
    /// No file may have this name here.
    #[error("{0}")]
    BadName(String),
    /// It has more bytes than a file may have.
    #[error("a file has at most {limit} bytes")]
    TooLarge {
        /// How many it may have.
        limit: u32,
    },
    /// It ends in `.md` or `.txt`, and isn't text.
    #[error("`{0}` isn't text")]
    NotText(String),
    /// The window didn't send all of it.
    #[error("the file came in part: {0}")]
    Torn(String),
    /// The disk says so.
    #[error("the disk: {0}")]
    Disk(String),
}

/// Notes: Markdown files in one folder.
#[ipc_interface(channel = "demo.notes", version = "1.0.0")]
pub trait Notes {
    /// All notes, by name.
    #[ipc(blocking, idempotent)]
    fn list(&self) -> Result<Vec<NoteInfo>, ListError>;

    /// One of them.
    #[ipc(blocking, idempotent)]
    fn read(&self, name: &str) -> Result<Note, ReadError>;

    /// Replaces the text that has this revision, as a whole or not at all. Without a revision the
    /// note is new.
    #[ipc(blocking)]
    fn save(&self, name: &str, text: &str, revision: Option<&str>) -> Result<NoteInfo, SaveError>;

    /// Deletes the note if it still has this revision.
    #[ipc(blocking)]
    fn delete(&self, name: &str, revision: &str) -> Result<(), DeleteError>;

    /// Gives a note another name, which no other one has.
    #[ipc(blocking)]
    fn rename(&self, from: &str, to: &str) -> Result<NoteInfo, RenameError>;

    /// Lets a note stand first in the list, or no longer.
    fn pin(&self, name: &str, is_pinned: bool) -> Result<(), PinError>;

    /// Says which window this is, as [`Draft::window`] has it.
    async fn enter(&self, #[ipc(context)] call: &CallContext, window: &str);

    /// What happens to notes from now on.
    #[ipc(subscription)]
    fn changes(&self) -> impl Stream<Item = Change>;

    /// Notes that have all of these words; the last one may be the beginning of one.
    #[ipc(blocking, idempotent)]
    fn search(&self, query: &str) -> Found;

    /// Reads all notes, so that texts can be searched from then on. Who cancels it leaves the index
    /// as it was.
    #[ipc(timeout = "none")]
    async fn index(
        &self,
        #[ipc(context)] call: &CallContext<Indexing>,
    ) -> Result<Indexed, IndexError>;

    /// Takes a file. A text becomes a note; anything else is put beside them. One of a name that is
    /// taken gets a number.
    #[ipc(timeout = "10m")]
    async fn import(
        &self,
        #[ipc(context)] call: &CallContext<Arrived>,
        name: &str,
        chunks: Streaming<Bytes>,
    ) -> Result<Kept, ImportError>;
}
