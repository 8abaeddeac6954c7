//! What a trait of 100 methods costs to check: for the three libraries whose macro makes the
//! server, the client and the wire format of a trait.

use std::fmt::Write;

use crate::{
    cargo::{self, Package},
    error::Result,
    report::rows::Row,
    workload::Metric,
};

const METHODS: usize = 100;

/// A crate that has such a trait, or none: what cargo and rustc take for nothing.
struct Leaf {
    peer: &'static str,
    dependencies: String,
    source: String,
}

fn leaves() -> Vec<Leaf> {
    let ours = cargo::ours("");
    let tarpc = "tarpc = { version = \"0.38\", features = [\"serde1\", \"tokio1\"] }\n\
        serde = { version = \"1\", features = [\"derive\"] }\n";
    let jsonrpsee = "jsonrpsee = { version = \"0.26\", features = \
        [\"client-ws-transport-no-tls\", \"macros\", \"server\", \"ws-client\"] }\n";
    vec![
        Leaf { peer: "no trait", dependencies: ours.clone(), source: String::new() },
        Leaf {
            peer: "ours-default",
            dependencies: ours,
            source: of_methods(
                "#[ipc_runtime::ipc_interface(channel = \"many\", version = \"1.0.0\")]\n\
                 pub trait Many {\n",
                |name| format!("async fn {name}(&self, number: u32, text: String) -> Vec<String>;"),
            ),
        },
        Leaf {
            peer: "tarpc",
            dependencies: tarpc.into(),
            source: of_methods("#[tarpc::service]\npub trait Many {\n", |name| {
                format!("async fn {name}(number: u32, text: String) -> Vec<String>;")
            }),
        },
        Leaf {
            peer: "jsonrpsee",
            dependencies: jsonrpsee.into(),
            source: of_methods(
                "#[jsonrpsee::proc_macros::rpc(client, server)]\npub trait Many {\n",
                |name| {
                    format!(
                        "#[method(name = \"{name}\")] async fn {name}(&self, number: u32, \
                         text: String) -> jsonrpsee::core::RpcResult<Vec<String>>;"
                    )
                },
            ),
        },
    ]
}

fn of_methods(head: &str, method: impl Fn(&str) -> String) -> String {
    let mut source = head.to_owned();
    for number in 0..METHODS {
        // Writing to a string can't fail.
        let _ = writeln!(source, "    {}", method(&format!("method_{number}")));
    }
    source + "}\n"
}

/// Checks each crate as many times, by turns, with everything below it checked before.
pub fn measure(rounds: usize) -> Result<Vec<Row>> {
    let mut checked = Vec::new();
    for leaf in leaves() {
        let name = leaf.peer.replace(' ', "-");
        let manifest = format!("[dependencies]\n{}", leaf.dependencies);
        let package = Package::write("macro", &name, &manifest, &[("src/lib.rs", &leaf.source)])?;
        package.check()?;
        checked.push((leaf.peer, package, Vec::new()));
    }
    for _ in 0..rounds {
        for (peer, package, times) in &mut checked {
            let time = package.check_touched()?.as_secs_f64();
            eprintln!("{peer}: {time:.2} s");
            times.push(time);
        }
    }
    for (_, package, _) in &checked {
        package.clean()?;
    }
    let name = format!("check of {METHODS} methods");
    let rows = checked.iter().map(|(peer, _, times)| Row::new(peer, &name, Metric::Seconds, times));
    Ok(rows.flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_trait_has_as_many_methods() {
        for leaf in leaves() {
            let expected = if leaf.source.is_empty() { 0 } else { METHODS };
            assert_eq!(leaf.source.matches("async fn").count(), expected, "{}", leaf.peer);
        }
    }
}
