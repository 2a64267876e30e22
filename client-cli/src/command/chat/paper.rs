//! The paper that the chat is written on: standard output, with a prompt at its foot when it is a
//! terminal.

use std::io::{self, Write};

use crate::exit::Outcome;
use crate::options::Options;
use crate::render::Style;

/// Returns to the line's begin and clears it.
const CLEAR_LINE: &str = "\r\u{1b}[K";
/// Goes one line up and clears it: what was typed comes back as a message.
const CLEAR_TYPED: &str = "\u{1b}[A\r\u{1b}[K";
const CLEAR_SCREEN: &str = "\u{1b}[2J\u{1b}[3J\u{1b}[H";
const PROMPT: &str = "> ";

/// Where lines are written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paper {
    /// Whether there is a prompt: somebody types, and the terminal understands escapes.
    prompts: bool,
}

impl Paper {
    pub(super) fn new(options: &Options, style: Style) -> Self {
        let both = options.stdin_is_terminal && options.stdout_is_terminal;
        Self { prompts: both && style.color && !options.json }
    }

    /// Writes a line above the prompt.
    pub(super) fn line(self, line: &str) -> Outcome {
        let mut out = io::stdout().lock();
        if self.prompts {
            write!(out, "{CLEAR_LINE}{line}\n{PROMPT}")?;
        } else {
            writeln!(out, "{line}")?;
        }
        Ok(out.flush()?)
    }

    /// Shows the prompt.
    pub(super) fn prompt(self) -> Outcome {
        self.write(&format!("{CLEAR_LINE}{PROMPT}"))
    }

    /// Takes the prompt away, for somebody else's line.
    pub(super) fn clear(self) -> Outcome {
        self.write(CLEAR_LINE)
    }

    /// Empties the input after Enter was pressed.
    pub(super) fn on_enter(self) -> Outcome {
        self.write(CLEAR_TYPED)
    }

    /// Clears the screen.
    pub(super) fn clear_screen(self) -> Outcome {
        self.write(CLEAR_SCREEN)
    }

    /// Leaves the terminal tidy.
    pub(super) fn close(self) -> Outcome {
        self.write(CLEAR_LINE)
    }

    fn write(self, text: &str) -> Outcome {
        if !self.prompts {
            return Ok(());
        }
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())?;
        Ok(out.flush()?)
    }
}
