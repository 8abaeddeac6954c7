//! How a crate is to be laid out.

/// The layout of one crate.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// The crate's `src`, from the root of the tree.
    pub source: &'static str,
    /// The rooms, from top to bottom. Empty: only circles and sources are looked at.
    pub rooms: &'static [Room],
    /// Files that may know each other.
    pub pairs: &'static [Pair],
    /// Names that several types may have.
    pub shared_names: &'static [SharedName],
    /// What only one file may name of other crates.
    pub gateways: &'static [Gateway],
}

/// Files that belong together. They may know each other and what is in the rooms below.
#[derive(Debug, Clone, Copy)]
pub struct Room {
    /// What it is called in messages.
    pub name: &'static str,
    /// Files and folders from the crate's `src`, without `.rs`: `peer` is `peer.rs` and all in
    /// `peer/`, but for what another room names more exactly.
    pub paths: &'static [&'static str],
}

/// Two files that may know each other.
#[derive(Debug, Clone, Copy)]
pub struct Pair {
    /// Both, with `.rs`.
    pub files: [&'static str; 2],
    /// Why they can't be parted.
    pub reason: &'static str,
}

/// A name that several types may have.
#[derive(Debug, Clone, Copy)]
pub struct SharedName {
    /// The name.
    pub name: &'static str,
    /// Why one word means several things.
    pub reason: &'static str,
}

/// The one file that names something of another crate, and hands it on to all others.
#[derive(Debug, Clone, Copy)]
pub struct Gateway {
    /// With `.rs`.
    pub file: &'static str,
    /// Paths that nobody else names: each with all that is below it.
    pub paths: &'static [&'static str],
    /// Paths below those that everybody may name.
    pub but: &'static [&'static str],
}

impl Gateway {
    /// Whether a path is the gateway's alone.
    pub fn owns(&self, path: &[String]) -> bool {
        let is_below = |owned: &&str| {
            let mut segments = path.iter();
            owned.split("::").all(|segment| segments.next().is_some_and(|other| other == segment))
        };
        self.paths.iter().any(is_below) && !self.but.iter().any(is_below)
    }
}

impl Layout {
    /// The room of a file, by its height from the top.
    pub fn room_of(&self, file: &str) -> Option<usize> {
        let stem = file.strip_suffix(".rs").unwrap_or(file);
        let fits = |path: &&str| {
            stem.strip_prefix(*path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let longest = |room: &Room| room.paths.iter().copied().filter(fits).map(str::len).max();
        let rooms = self.rooms.iter().enumerate();
        rooms
            .filter_map(|(height, room)| Some((longest(room)?, height)))
            .max()
            .map(|(_, height)| height)
    }
}
