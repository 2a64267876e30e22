//! Keeps the command line from GTK, which reads it by itself and refuses what it does not know.
//!
//! Druid gives no way to tell it otherwise. So the program starts itself once more in its own
//! place, with the arguments in an environment variable instead.

use argh::FromArgs as _;

use crate::args::Args;

/// Where the arguments travel.
const VARIABLE: &str = "HAVERSACK_GUI_ARGUMENTS";
/// Stands between two of them: no argument that people type holds it.
const BETWEEN: char = '\u{1f}';

/// The arguments, wherever they are. Help and mistakes end the program.
pub(crate) fn arguments() -> Args {
    let Ok(packed) = std::env::var(VARIABLE) else { return argh::from_env() };
    let words: Vec<&str> = packed.split(BETWEEN).collect();
    // They were read once already, before they were packed.
    Args::from_args(&["haversack-gui"], &words).unwrap_or_else(|_| argh::from_env())
}

/// Moves the arguments out of GTK's sight, if there are any; returns when there is nothing to do.
///
/// # Errors
/// When the program cannot be started again.
#[cfg(all(unix, not(target_os = "macos")))]
pub(crate) fn hide_arguments() -> std::io::Result<()> {
    use std::os::unix::process::CommandExt as _;
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.is_empty() {
        return Ok(());
    }
    let packed = words.join(&BETWEEN.to_string());
    let program = std::env::current_exe()?;
    Err(std::process::Command::new(program).env(VARIABLE, packed).exec())
}

/// Only GTK reads them.
///
/// # Errors
/// Never.
#[cfg(not(all(unix, not(target_os = "macos"))))]
pub(crate) fn hide_arguments() -> std::io::Result<()> {
    Ok(())
}
