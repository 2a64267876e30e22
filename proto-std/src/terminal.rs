//! What the terminal understands: on Windows, it has to be told that colours will come.

/// Prepares the terminal of standard output for colours; false when it cannot show any.
#[cfg(windows)]
pub fn takes_colours() -> bool {
    let out = winapi_util::console::Console::stdout();
    out.and_then(|mut out| out.set_virtual_terminal_processing(true)).is_ok()
}

/// Prepares the terminal of standard output for colours; false when it cannot show any.
#[cfg(not(windows))]
pub const fn takes_colours() -> bool {
    true
}
