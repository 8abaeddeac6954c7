//! Text for people, aligned, and in colours where there is a terminal.

use std::{
    env,
    fmt::Display,
    io::{self, IsTerminal, Write},
};

const LABELS: usize = 12;

/// Colours of the processes, by turns.
const COLOURS: [&str; 5] = ["36", "32", "33", "35", "34"];

/// Standard output. A reader who has left (`… | head`) is no reason to fail.
#[derive(Debug)]
pub struct Screen {
    is_terminal: bool,
    colours: bool,
}

impl Screen {
    pub(crate) fn new() -> Self {
        let is_terminal = io::stdout().is_terminal();
        let unwanted = env::var_os("NO_COLOR").is_some_and(|set| !set.is_empty());
        Self { is_terminal, colours: is_terminal && !unwanted }
    }

    /// Whether what was written can be written over.
    pub fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    /// A line.
    pub fn line(&self, text: impl Display) {
        let _ = writeln!(io::stdout(), "{text}");
    }

    /// What the example is.
    pub fn title(&self, text: impl Display) {
        self.line(self.painted("1", text));
    }

    /// What comes next.
    pub fn heading(&self, text: impl Display) {
        self.line("");
        self.line(self.painted("1", text));
    }

    /// A picture of several lines; `again`: over the one before, which had as many.
    pub fn picture(&self, lines: &[String], again: bool) {
        let up = if again { format!("\x1b[{}A", lines.len()) } else { String::new() };
        // Written at once, so that it doesn't flicker.
        let _ = writeln!(io::stdout(), "{up}{}", lines.join("\n"));
    }

    /// What somebody has said. `place` picks the colour.
    pub(crate) fn said(&self, place: usize, name: &str, text: impl Display) {
        let colour = COLOURS.get(place % COLOURS.len()).copied().unwrap_or("0");
        let label = format!("{name:LABELS$}");
        self.line(format_args!("  {} {text}", self.painted(colour, label)));
    }

    /// What was typed into a process.
    pub(crate) fn typed(&self, name: &str, text: impl Display) {
        let label = format!("{name:LABELS$}");
        self.line(format_args!("  {}", self.painted("2", format_args!("{label} > {text}"))));
    }

    fn painted(&self, colour: &str, text: impl Display) -> String {
        if self.colours { format!("\x1b[{colour}m{text}\x1b[0m") } else { text.to_string() }
    }
}
