//! Text for people, aligned, and in colours where there is a terminal.

use std::{
    env,
    fmt::Display,
    io::{self, IsTerminal, Write},
};

const LABELS: usize = 22;

/// Standard output. A reader who has left (`… | head`) is no reason to fail.
pub(crate) struct Screen {
    colours: bool,
}

impl Screen {
    pub(crate) fn new() -> Self {
        let unwanted = env::var_os("NO_COLOR").is_some_and(|set| !set.is_empty());
        Self { colours: io::stdout().is_terminal() && !unwanted }
    }

    pub(crate) fn line(&self, text: impl Display) {
        let _ = writeln!(io::stdout(), "{text}");
    }

    pub(crate) fn title(&self, text: impl Display) {
        self.line(self.painted("1", text));
    }

    pub(crate) fn heading(&self, text: impl Display) {
        self.line("");
        self.line(self.painted("1;36", text));
    }

    /// What was asked, and what came of it.
    pub(crate) fn row(&self, label: impl Display, text: impl Display) {
        let label = format!("{label:LABELS$}");
        self.line(format_args!("  {} {text}", self.painted("2", label)));
    }

    /// The same, with an error that was expected.
    pub(crate) fn failed(&self, label: impl Display, text: impl Display) {
        self.row(label, self.painted("33", text));
    }

    /// Text of several lines.
    pub(crate) fn block(&self, text: impl Display) {
        for line in text.to_string().lines() {
            self.line(format_args!("  {}", self.painted("33", line)));
        }
    }

    fn painted(&self, colour: &str, text: impl Display) -> String {
        if self.colours { format!("\x1b[{colour}m{text}\x1b[0m") } else { text.to_string() }
    }
}

/// A number of bytes, as people read it.
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

/// A text from elsewhere, without what could steer a terminal, and not too long.
pub(crate) fn harmless(text: &str, longest: usize) -> String {
    let mut shown = String::new();
    for (at, letter) in text.chars().enumerate() {
        if at == longest {
            shown.push('…');
            break;
        }
        shown.push(if letter.is_control() { '\u{fffd}' } else { letter });
    }
    shown
}
