//! What a process takes of memory.

/// Bytes of this process that are in memory now.
pub fn resident() -> u64 {
    field("/proc/self/status", "VmRSS:").unwrap_or_default()
}

/// A field of a `/proc/PID/status` (proc_pid_status(5)), in bytes.
pub fn field(path: &str, name: &str) -> Option<u64> {
    let text = std::fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    let kibibytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes * 1024)
}
