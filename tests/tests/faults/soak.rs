//! Everything at once, at random, with connections that break: nothing is left over, nothing hangs.

use std::process::Command;

#[test]
fn windows_that_do_everything_at_random_leave_nothing_behind() {
    let soak = Command::new(env!("CARGO_BIN_EXE_ipc-soak")).args(["3", "20"]).output().unwrap();
    let said = String::from_utf8_lossy(&soak.stdout);
    assert!(soak.status.success(), "{said}\n{}", String::from_utf8_lossy(&soak.stderr));
    assert!(said.contains("ok: nothing is left over"), "{said}");
}
