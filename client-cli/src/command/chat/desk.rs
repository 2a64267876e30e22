//! Where lines come from: a keyboard with an editor, or a pipe.

use std::collections::VecDeque;
use std::fmt::Write as _;

use super::super::Setting;
use crate::editor::{Editor, Entered};
use crate::exit::Outcome;
use crate::keys::Key;
use crate::typist::Typist;

const PROMPT: &str = "> ";

/// Lines on their way into the room. It outlives a stay there: `/nick` keeps the history.
pub(super) struct Desk {
    /// Somebody types, on a terminal that gives keys.
    typist: Option<(Typist, Editor)>,
    /// Lines that were entered and not read.
    lines: VecDeque<String>,
    ended: bool,
}

impl Desk {
    pub(super) fn new(setting: &mut Setting) -> Self {
        let options = &setting.options;
        let on_terminal = options.stdin_is_terminal && options.color && !options.json;
        let typist = on_terminal.then(Typist::sit_down).flatten();
        if typist.is_some() {
            setting.console.read_keys();
        }
        let typist = typist.map(|typist| (typist, Editor::default()));
        Self { typist, lines: VecDeque::new(), ended: false }
    }

    /// The next line, if there is one; asks for one if there is not.
    pub(super) fn line(&mut self, setting: &mut Setting) -> Option<String> {
        let line = self.lines.pop_front();
        if line.is_none() && self.typist.is_none() && !self.ended {
            setting.console.ask_line();
        }
        line
    }

    /// Whether nothing more will come.
    pub(super) fn is_done(&self) -> bool {
        self.ended && self.lines.is_empty()
    }

    pub(super) fn on_line(&mut self, line: String) {
        self.lines.push_back(line);
    }

    pub(super) const fn on_end(&mut self) {
        self.ended = true;
    }

    /// Takes a key, and shows what it does.
    pub(super) fn on_key(
        &mut self,
        setting: &mut Setting,
        key: Key,
        candidates: impl FnOnce(&str) -> Vec<String>,
    ) -> Outcome {
        let Some((_, editor)) = &mut self.typist else { return Ok(()) };
        match editor.press(key) {
            Some(Entered::Line(line)) => self.lines.push_back(line),
            Some(Entered::End) => self.ended = true,
            Some(Entered::Complete) => editor.complete(candidates),
            None => {}
        }
        self.draw(setting)
    }

    /// Draws the line that is being typed.
    pub(super) fn draw(&self, setting: &mut Setting) -> Outcome {
        let Some((_, editor)) = &self.typist else { return Ok(()) };
        let (text, after) = editor.view(Typist::columns().saturating_sub(PROMPT.len()));
        let mut foot = format!("{PROMPT}{text}");
        if after > 0 {
            let _ = write!(foot, "\u{1b}[{after}D");
        }
        Ok(setting.screen.set_foot(Some(foot))?)
    }
}
