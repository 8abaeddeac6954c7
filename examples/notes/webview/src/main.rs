//! The page of the notes in a window of the system's web view: WebKitGTK, WKWebView or WebView2,
//! which are what Tauri has its windows of. `notes-webview ADDRESS` takes the address that
//! `notes --no-window` prints, and prints what the page says of its connection.

use std::{
    env,
    error::Error,
    io::{self, Write},
    process::ExitCode,
    time::{Duration, Instant},
};

use tao::{
    event::{Event, WindowEvent},
    event_loop::{ControlFlow, EventLoop},
    window::{Window, WindowBuilder},
};
use wry::{WebView, WebViewBuilder};

/// How often the page is asked.
const PERIOD: Duration = Duration::from_millis(100);

/// What it is asked: nothing of the page was made for this.
const QUESTION: &str = "document.querySelector('#line span')?.textContent ?? ''";

fn main() -> ExitCode {
    let Some(address) = env::args().nth(1) else {
        let _ = writeln!(
            io::stderr(),
            "notes-webview ADDRESS: the one that `notes --no-window` prints"
        );
        return ExitCode::FAILURE;
    };
    match run(&address) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(address: &str) -> Result<(), Box<dyn Error>> {
    let events = EventLoop::new();
    let window = WindowBuilder::new().with_title("Notes").build(&events)?;
    let page = open(&window, address)?;
    events.run(move |event, _, flow| {
        match event {
            Event::WindowEvent { event: WindowEvent::CloseRequested, .. } => {
                *flow = ControlFlow::Exit;
                return;
            }
            Event::NewEvents(_) => {
                let _ = page.evaluate_script_with_callback(QUESTION, say);
            }
            _ => {}
        }
        *flow = ControlFlow::WaitUntil(Instant::now() + PERIOD);
        // It is closed when this is dropped.
        let _ = &window;
    })
}

#[cfg(target_os = "linux")]
fn open(window: &Window, address: &str) -> Result<WebView, Box<dyn Error>> {
    use tao::platform::unix::WindowExtUnix;
    use wry::WebViewBuilderExtUnix;

    let place = window.default_vbox().ok_or("the window has no place for the page")?;
    Ok(WebViewBuilder::new().with_url(address).build_gtk(place)?)
}

#[cfg(not(target_os = "linux"))]
fn open(window: &Window, address: &str) -> Result<WebView, Box<dyn Error>> {
    Ok(WebViewBuilder::new().with_url(address).build(window)?)
}

/// Prints an answer, which is JSON.
fn say(answer: String) {
    let _ = writeln!(io::stdout(), "{answer}");
}
