//! A process of an example, from its inside.

use std::{
    fmt::Display,
    io::{self, BufRead, Write},
    thread,
};

use tokio::sync::mpsc;

/// Says a line on standard output. If nobody reads it any more, that is no reason to fail.
pub fn say(text: impl Display) {
    let _ = writeln!(io::stdout(), "{text}");
}

/// The lines of standard input: what the user of this process wants. They end when the process is
/// to end, which is also when the one that started it dies.
pub fn orders() -> mpsc::UnboundedReceiver<String> {
    let (sender, orders) = mpsc::unbounded_channel();
    // A plain thread: one of the runtime's would keep it from shutting down.
    thread::spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    orders
}
