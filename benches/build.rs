//! Compiles the service for tonic, without protoc.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=proto");
    let files = protox::compile(["bench.proto"], ["proto"])?;
    // `bytes` as the `Bytes` that need no copy.
    tonic_prost_build::configure().bytes(".").compile_fds(files)?;
    Ok(())
}
