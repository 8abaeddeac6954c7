//! Tells the tests whether they are built by root, who alone can start a process as another user.

fn main() -> std::io::Result<()> {
    println!("cargo::rustc-check-cfg=cfg(built_by_root)");
    println!("cargo::rerun-if-changed=build.rs");
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;

        // Whoever makes a file owns it: that needs no call that std doesn't have.
        let probe = std::env::var_os("OUT_DIR").map(std::path::PathBuf::from);
        if let Some(probe) = probe.map(|directory| directory.join("owner")) {
            std::fs::write(&probe, "")?;
            if std::fs::metadata(&probe)?.uid() == 0 {
                println!("cargo::rustc-cfg=built_by_root");
            }
        }
    }
    Ok(())
}
