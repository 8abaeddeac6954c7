//! How much memory a process holds.

use std::{fs, time::Duration};

use crate::error::Result;

/// The resident set of `process`, in bytes.
pub fn resident(process: u32) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    Ok(parse(&status).ok_or("/proc/PID/status has no VmRSS")?)
}

/// The same, once it has stood still for half a second, or after five.
pub async fn settled(process: u32) -> Result<u64> {
    let mut seen = resident(process)?;
    let mut still = 0;
    for _ in 0..50 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let now = resident(process)?;
        still = if now == seen { still + 1 } else { 0 };
        seen = now;
        if still == 5 {
            break;
        }
    }
    Ok(seen)
}

fn parse(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_resident_set_is_read_in_bytes() {
        assert_eq!(parse("Name:\tx\nVmRSS:\t    1234 kB\nThreads:\t1\n"), Some(1234 * 1024));
        assert_eq!(parse("Name:\tx\n"), None);
        assert!(resident(std::process::id()).unwrap() > 100_000);
    }
}
