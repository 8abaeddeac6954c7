//! Who reads what.

/// Who reads, and what it is that is read.
#[derive(Clone, Copy)]
pub(crate) struct Roles {
    /// An argument: what its reader doesn't hear is lost. What a result has besides is for others.
    pub(crate) is_argument: bool,
    /// The reader is of the later version: what only it has is new.
    pub(crate) is_reader_newer: bool,
    /// The error of a call: a variant that isn't known arrives as an error with its text.
    pub(crate) is_error: bool,
    /// A key of a map: text in JSON.
    pub(crate) is_key: bool,
}

impl Roles {
    /// Those of what is within.
    pub(crate) const fn inner(self) -> Self {
        Self { is_error: false, ..self }
    }

    /// What has become of a part that only one side has.
    pub(crate) const fn fate(self, is_readers: bool) -> &'static str {
        if is_readers == self.is_reader_newer { "is new" } else { "was removed" }
    }

    /// All of it in a number.
    pub(crate) const fn number(self) -> u64 {
        let Self { is_argument, is_reader_newer, is_error, is_key } = self;
        is_argument as u64
            | (is_reader_newer as u64) << 1
            | (is_error as u64) << 2
            | (is_key as u64) << 3
    }
}
