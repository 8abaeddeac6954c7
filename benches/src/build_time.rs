//! What a minimal app costs to build: `add` from a client to a server in one process, clean, in the
//! release profile.

use crate::{
    cargo::{self, Package},
    error::Result,
    report::rows::Row,
    workload::Metric,
};

/// An app in `minimal/`.
struct App {
    peer: &'static str,
    dependencies: String,
    files: Vec<(&'static str, &'static str)>,
}

const TOKIO: &str =
    "tokio = { version = \"1\", features = [\"macros\", \"net\", \"rt-multi-thread\"] }\n";
const SERDE: &str = "serde = { version = \"1\", features = [\"derive\"] }\n";

fn apps() -> Vec<App> {
    let main = |peer, dependencies: String, source| App {
        peer,
        dependencies: format!("[dependencies]\n{TOKIO}{dependencies}"),
        files: vec![("src/main.rs", source)],
    };
    let ours = include_str!("../minimal/ours.rs");
    let tonic = "prost = \"0.14\"\n\
        tokio-stream = { version = \"0.1\", features = [\"net\"] }\n\
        tonic = { version = \"0.14\", default-features = false, \
        features = [\"channel\", \"codegen\", \"router\", \"server\"] }\n\
        tonic-prost = \"0.14\"\n\n\
        [build-dependencies]\nprotox = \"0.9\"\n\
        tonic-prost-build = { version = \"0.14\", default-features = false }\n";
    let mut tonic = main("tonic", tonic.into(), include_str!("../minimal/tonic.rs"));
    tonic.files.push(("build.rs", include_str!("../build.rs")));
    tonic.files.push(("proto/bench.proto", include_str!("../proto/bench.proto")));
    vec![
        main(
            "raw-socket",
            format!("{SERDE}serde_json = \"1\"\n"),
            include_str!("../minimal/raw_socket.rs"),
        ),
        main(
            "ours-local-only",
            cargo::ours(", default-features = false, features = [\"local\"]"),
            ours,
        ),
        main("ours-default", cargo::ours(""), ours),
        main(
            "tarpc",
            format!(
                "{SERDE}futures-util = \"0.3\"\ntarpc = {{ version = \"0.38\", features = \
                 [\"serde-transport-bincode\", \"serde1\", \"tokio1\", \"unix\"] }}\n"
            ),
            include_str!("../minimal/tarpc.rs"),
        ),
        main(
            "jsonrpsee",
            "jsonrpsee = { version = \"0.26\", features = \
             [\"client-ws-transport-no-tls\", \"macros\", \"server\", \"ws-client\"] }\n"
                .into(),
            include_str!("../minimal/jsonrpsee.rs"),
        ),
        tonic,
        main(
            "remoc",
            format!(
                "{SERDE}remoc = {{ version = \"0.20\", default-features = false, \
                 features = [\"rtc\", \"serde\"] }}\n"
            ),
            include_str!("../minimal/remoc.rs"),
        ),
        main(
            "zbus",
            "zbus = { version = \"6\", default-features = false, \
             features = [\"p2p\", \"proxy\", \"service\", \"tokio\"] }\n"
                .into(),
            include_str!("../minimal/zbus.rs"),
        ),
    ]
}

/// Builds every app as many times, by turns.
pub fn measure(rounds: usize) -> Result<Vec<Row>> {
    let mut built = Vec::new();
    for app in apps() {
        let package = Package::write("minimal", app.peer, &app.dependencies, &app.files)?;
        built.push((app.peer, package, Vec::new(), Vec::new(), 0));
    }
    for _ in 0..rounds {
        for (peer, package, times, again, crates) in &mut built {
            let build = package.build_clean()?;
            let (clean, own) = (build.time.as_secs_f64(), build.again.as_secs_f64());
            eprintln!("{peer}: {clean:.1} s, {} crates; the app again: {own:.1} s", build.crates);
            times.push(clean);
            again.push(own);
            *crates = build.crates;
        }
    }
    let rows = built.iter().flat_map(|(peer, _, times, again, crates)| {
        let crates = vec![*crates as f64; times.len()];
        [
            Row::new(peer, "build", Metric::Seconds, times),
            Row::new(peer, "build", Metric::Crates, &crates),
            Row::new(peer, "rebuild", Metric::Seconds, again),
        ]
    });
    Ok(rows.flatten().collect())
}
