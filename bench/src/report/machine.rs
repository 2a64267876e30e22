//! The machine that figures come from.

use std::fs;
use std::process::Command;

/// One paragraph: processor, memory, systems, programs, and what else was going on.
pub fn describe() -> String {
    let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = field(&cpus, "model name").unwrap_or("an unknown processor");
    let cores = cpus.lines().filter(|line| line.starts_with("processor")).count();
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kib = field(&memory, "MemTotal").and_then(|text| text.split(' ').next()?.parse().ok());
    let gib: u64 = kib.unwrap_or(0_u64) >> 20;
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default();
    format!(
        "Machine: {cores} × {model}, {gib} GiB; Linux {}; {}; Haversack at {}. The load before the \
         run was {load}.",
        said(Command::new("uname").arg("-r")),
        said(Command::new("rustc").arg("--version")),
        said(Command::new("git").args(["describe", "--always", "--dirty"])),
    )
}

fn field<'t>(table: &'t str, name: &str) -> Option<&'t str> {
    let line = table.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.trim_start_matches([' ', '\t', ':']))
}

fn said(command: &mut Command) -> String {
    let output = command.output().map(|output| String::from_utf8_lossy(&output.stdout).into());
    output.map_or_else(|_| "unknown".into(), |text: String| text.trim().to_owned())
}
