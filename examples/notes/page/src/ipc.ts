// @generated from the Rust interfaces. Renew it: IPC_BINDINGS=write cargo test bindings
import * as $ from "ipc-runtime";

/** A note, as the list has it. */
export interface NoteInfo {
  /** The file's name, without `.md`. */
  name: string;
  /** How the text begins. */
  excerpt: string;
  /** When it was changed last, in milliseconds since 1970. */
  modified: number;
  /** Of its text: equal texts have equal revisions. */
  revision: string;
}

/** Why there is no list. */
export type ListError =
  /** The folder can't be read. */
  | { Folder: string };

/** A whole note. */
export interface Note {
  /** The note, as the list has it. */
  info: NoteInfo;
  /** Its Markdown. */
  text: string;
}

/** Why a note wasn't read. */
export type ReadError =
  /** There is none of this name. */
  | { NotFound: string }
  /** No note may have this name. */
  | { BadName: string }
  /** It isn't UTF-8, or too large. */
  | { NotText: string }
  /** The disk says so. */
  | { Disk: string };

/** Why a note wasn't saved. */
export type SaveError =
  /** It was to be new, and there is one of this name. */
  | { Exists: string }
  /** It has another text than the one that was changed, or is gone. */
  | { Changed: string }
  /** No note may have this name. */
  | { BadName: string }
  /** It has more bytes than a note may have. */
  | { TooLarge: { /** How many it may have. */ limit: number } }
  /** The disk says so. */
  | { Disk: string };

/** Why a note wasn't deleted. */
export type DeleteError =
  /** There is none of this name. */
  | { NotFound: string }
  /** It has another text than the one that was shown. */
  | { Changed: string }
  /** No note may have this name. */
  | { BadName: string }
  /** The disk says so. */
  | { Disk: string };

/** Why a note has the name that it had. */
export type RenameError =
  /** There is none of this name. */
  | { NotFound: string }
  /** There is another one of the new name. */
  | { Exists: string }
  /** No note may have this name. */
  | { BadName: string }
  /** The disk says so. */
  | { Disk: string };

/** Why a note isn't pinned, or still is. */
export type PinError =
  /** There is none of this name. */
  | { NotFound: string }
  /** The store doesn't take it. */
  | { Full: string };

/** Something has happened to a note: in a window, or to its file. */
export type Change =
  /** It is new, or has another text. */
  | { Written: NoteInfo }
  /** It is gone. */
  | { Removed: string }
  /** It has another name. */
  | { Renamed: { /** The name that it had. */ from: string; /** The note. */ to: NoteInfo } };

/** What was found. */
export interface Found {
  /** The best first; at most a hundred. */
  hits: Hit[];
  /** Whether texts were searched. Before there is an index, only names are. */
  whole_text: boolean;
}

/** A note that has what was searched for. */
export interface Hit {
  /** The note's name. */
  name: string;
  /** The first line with one of the words. */
  line: string;
}

/** What is in the index. */
export interface Indexed {
  /** How many notes. */
  notes: number;
  /** How many different words. */
  words: number;
}

/** Why there is no new index. */
export type IndexError =
  /** Another window has one made. */
  | "Busy"
  /** The backend couldn't read the notes. */
  | { Disk: string };

/** How far an index is. */
export interface Indexing {
  /** How many notes are done. */
  done: number;
  /** How many there are. */
  all: number;
}

/** What has become of a file. */
export type Kept =
  /** It was text, and is a note now. */
  | { Note: NoteInfo }
  /** It lies beside the notes, at this path from their folder. */
  | { Attachment: string };

/** Why a file wasn't taken. */
export type ImportError =
  /** No file may have this name here. */
  | { BadName: string }
  /** It has more bytes than a file may have. */
  | { TooLarge: { /** How many it may have. */ limit: number } }
  /** It ends in `.md` or `.txt`, and isn't text. */
  | { NotText: string }
  /** The window didn't send all of it. */
  | { Torn: string }
  /** The disk says so. */
  | { Disk: string };

/** How much of a file has come. */
export interface Arrived {
  /** So many bytes. */
  bytes: number;
}

/** Notes: Markdown files in one folder. */
export interface NotesMethods {
  /** All notes, by name. */
  list: $.Request<[], NoteInfo[], ListError>;
  /** One of them. */
  read: $.Request<[name: string], Note, ReadError>;
  /**
   * Replaces the text that has this revision, as a whole or not at all. Without a revision the
   * note is new.
   */
  save: $.Request<[name: string, text: string, revision?: string | null], NoteInfo, SaveError>;
  /** Deletes the note if it still has this revision. */
  delete: $.Request<[name: string, revision: string], null, DeleteError>;
  /** Gives a note another name, which no other one has. */
  rename: $.Request<[from: string, to: string], NoteInfo, RenameError>;
  /** Lets a note stand first in the list, or no longer. */
  pin: $.Request<[name: string, is_pinned: boolean], null, PinError>;
  /** Says which window this is, as [`Draft::window`] has it. */
  enter: $.Request<[window: string], null>;
  /** What happens to notes from now on. */
  changes: $.Subscribe<[], Change>;
  /** Notes that have all of these words; the last one may be the beginning of one. */
  search: $.Request<[query: string], Found>;
  /**
   * Reads all notes, so that texts can be searched from then on. Who cancels it leaves the index
   * as it was.
   */
  index: $.Request<[], Indexed, IndexError, Indexing>;
  /**
   * Takes a file. A text becomes a note; anything else is put beside them. One of a name that is
   * taken gets a number.
   */
  import: $.Request<[name: string, chunks: $.StreamIn<$.Bytes>], Kept, ImportError, Arrived>;
}

const $noteInfo: $.Plan = { s: { modified: "int" } };
const $note: $.Plan = { s: { info: $noteInfo } };
const $change: $.Plan = { s: { Written: $noteInfo, Renamed: { s: { to: $noteInfo } } } };
const $kept: $.Plan = { s: { Note: $noteInfo } };
const $arrived: $.Plan = { s: { bytes: "int" } };

export const Notes: $.Interface<NotesMethods> = {
  channel: "demo.notes", version: "1.0.0", fingerprint: "2:840a5bbadcbef48b", format: 1,
  methods: {
    list: { retry: 1, keep: 1, r: { a: $noteInfo }, f: "d10cda4b18ceb035" },
    read: { n: 1, retry: 1, keep: 1, r: $note, f: "d552852a9a0aca46" },
    save: { n: 3, keep: 1, r: $noteInfo, f: "cc87aa4e2f3e4479" },
    delete: { n: 2, keep: 1, f: "e0ab8255a61d1d02" },
    rename: { n: 2, keep: 1, r: $noteInfo, f: "128548487e88ac92" },
    pin: { n: 2, f: "33610cbd1bb600fc" },
    enter: { n: 1, f: "a8761d3f9bd53a86" },
    changes: { k: $.subscribing, r: $change, f: "d1a733204e81d158" },
    search: { n: 1, retry: 1, keep: 1, f: "b943fe24b4433886" },
    index: { ms: null, f: "fa41923fe62e55c0" },
    import: { n: 2, up: $.uploading, ms: 600000, a: [0, { stream: "bytes" }], r: $kept, p: $arrived, f: "d054432c48c3318c" },
  },
};

export const Pinned: $.StoreKey<string[]> = { key: "pinned" };

/** What was typed and isn't saved yet. */
export interface Draft {
  /** The note's name. */
  name: string;
  /** All of its text. */
  text: string;
  /** The revision that this was made of. */
  revision: string;
  /** The window in which it is typed. */
  window: string;
}

export const Draft: $.StoreKey<Draft | null> = { key: "draft" };

export const Index: $.StoreKey<Indexed> = { key: "index" };
