//! How much processor time a process has had.

use std::{fs, time::Duration};

use crate::error::Result;

/// Ticks of /proc/PID/stat in a second; 100 for every Linux program, whatever the kernel's own.
const TICKS: u64 = 100;

/// User and system time of all threads of `process` that still run, in nanoseconds where the kernel
/// counts them, else in ticks of 10 ms.
pub fn time_of(process: u32) -> Result<Duration> {
    if let Some(nanoseconds) = scheduled(process) {
        return Ok(Duration::from_nanos(nanoseconds));
    }
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    let ticks = ticks(&stat).ok_or("/proc/PID/stat has no times")?;
    Ok(Duration::from_millis(ticks * 1000 / TICKS))
}

fn scheduled(process: u32) -> Option<u64> {
    let mut total = 0;
    for task in fs::read_dir(format!("/proc/{process}/task")).ok()? {
        // A thread may have ended meanwhile.
        let Ok(text) = fs::read_to_string(task.ok()?.path().join("schedstat")) else { continue };
        total += text.split_ascii_whitespace().next()?.parse::<u64>().ok()?;
    }
    (total > 0).then_some(total)
}

fn ticks(stat: &str) -> Option<u64> {
    // The name in brackets may hold anything, brackets and spaces too.
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split_ascii_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_found_behind_a_name_with_brackets() {
        let stat = "42 (a) b) (c) S 1 2 3 4 5 6 7 8 9 10 70 30 0 0 20 0 1 0 99 1 1";
        assert_eq!(ticks(stat), Some(100));
        assert_eq!(ticks("42 (a) S 1"), None);
    }

    #[test]
    fn this_process_has_had_some_time() {
        let mut sum = 0u64;
        while time_of(std::process::id()).unwrap().is_zero() {
            sum = std::hint::black_box(sum + 1);
        }
    }
}
