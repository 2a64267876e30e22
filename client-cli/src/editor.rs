//! The line that is being typed: a cursor, a history, completion.

use unicode_width::UnicodeWidthChar;

use crate::keys::Key;

/// Lines that are remembered.
const HISTORY: usize = 100;
/// Longest line: a message has 2048 bytes at most.
const MAX_CHARS: usize = 4096;

/// What a key completes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Entered {
    /// A line.
    Line(String),
    /// The end of the input.
    End,
    /// The word before the cursor wants to be completed.
    Complete,
}

/// A line and its past.
#[derive(Debug, Default)]
pub(crate) struct Editor {
    text: Vec<char>,
    /// Where the next character goes; at most the text's length.
    cursor: usize,
    history: Vec<String>,
    /// Which line of the past is shown.
    recalled: Option<usize>,
    /// What was typed before the past was looked at.
    draft: Vec<char>,
}

impl Editor {
    /// Takes a key.
    pub(crate) fn press(&mut self, key: Key) -> Option<Entered> {
        match key {
            Key::Char(c) if self.text.len() < MAX_CHARS => {
                self.text.insert(self.cursor, c);
                self.cursor += 1;
            }
            Key::Enter => return Some(Entered::Line(self.enter())),
            Key::Tab => return Some(Entered::Complete),
            Key::Backspace if self.cursor > 0 => {
                self.cursor -= 1;
                self.text.remove(self.cursor);
            }
            Key::Delete if self.cursor < self.text.len() => drop(self.text.remove(self.cursor)),
            Key::Left => self.cursor = self.cursor.saturating_sub(1),
            Key::Right => self.cursor = self.text.len().min(self.cursor + 1),
            Key::Home => self.cursor = 0,
            Key::End => self.cursor = self.text.len(),
            Key::Up => self.recall(self.recalled.unwrap_or(self.history.len()).checked_sub(1)),
            Key::Down => self.recall(self.recalled.map(|at| at + 1)),
            Key::EraseWord => {
                let from = self.word_start();
                self.text.drain(from..self.cursor);
                self.cursor = from;
            }
            Key::EraseLine => {
                self.text.drain(..self.cursor);
                self.cursor = 0;
            }
            Key::Finish if self.text.is_empty() => return Some(Entered::End),
            Key::Char(_) | Key::Backspace | Key::Delete | Key::Finish | Key::Redraw => {}
        }
        None
    }

    /// Completes the word before the cursor with the only candidate, or as far as all of them
    /// agree. Candidates are given for the text before the word.
    pub(crate) fn complete(&mut self, candidates: impl FnOnce(&str) -> Vec<String>) {
        let from = self.word_start_exactly();
        let before: String = self.text[..from].iter().collect();
        let word: Vec<char> = self.text[from..self.cursor].to_vec();
        let mut fitting =
            candidates(&before).into_iter().map(|candidate| candidate.chars().collect::<Vec<_>>());
        let begins = |candidate: &Vec<char>| {
            candidate.len() >= word.len()
                && candidate.iter().zip(&word).all(|(a, b)| a.to_lowercase().eq(b.to_lowercase()))
        };
        let Some(mut common) = fitting.by_ref().find(begins) else { return };
        let mut only = true;
        for candidate in fitting.filter(begins) {
            let agree = common.iter().zip(&candidate).take_while(|(a, b)| a == b).count();
            common.truncate(agree);
            only = false;
        }
        if common.len() < word.len() {
            return;
        }
        if only {
            common.push(' ');
        }
        let end = from + common.len();
        self.text.splice(from..self.cursor, common);
        self.cursor = end;
    }

    /// What is to be shown in so many columns: text, and how many columns the cursor stands before
    /// its end.
    pub(crate) fn view(&self, columns: usize) -> (String, usize) {
        let width = |c: &char| c.width().unwrap_or(0);
        let mut start = 0;
        while self.text[start..self.cursor].iter().map(width).sum::<usize>() >= columns.max(2) {
            start += 1;
        }
        let mut shown = 0;
        let fits = |c: &&char| {
            shown += width(c);
            shown < columns
        };
        let text: String = self.text[start..].iter().take_while(fits).collect();
        let after = text.chars().skip(self.cursor - start).map(|c| width(&c)).sum();
        (text, after)
    }

    fn enter(&mut self) -> String {
        let line: String = self.text.drain(..).collect();
        self.cursor = 0;
        self.recalled = None;
        if !line.trim().is_empty() && self.history.last() != Some(&line) {
            if self.history.len() == HISTORY {
                self.history.remove(0);
            }
            self.history.push(line.clone());
        }
        line
    }

    /// Shows a line of the past; one past the last is what was being typed.
    fn recall(&mut self, at: Option<usize>) {
        let Some(at) = at.filter(|at| *at <= self.history.len()) else { return };
        if self.recalled.is_none() {
            self.draft = self.text.clone();
        }
        let line = self.history.get(at);
        self.recalled = line.map(|_| at);
        self.text = line.map_or_else(|| self.draft.clone(), |line| line.chars().collect());
        self.cursor = self.text.len();
    }

    /// Where the word before the cursor begins, white space behind it included.
    fn word_start(&self) -> usize {
        let before = &self.text[..self.cursor];
        let end = before.iter().rposition(|c| !c.is_whitespace()).map_or(0, |at| at + 1);
        before[..end].iter().rposition(|c| c.is_whitespace()).map_or(0, |at| at + 1)
    }

    /// Where the word at the cursor begins.
    fn word_start_exactly(&self) -> usize {
        let before = &self.text[..self.cursor];
        before.iter().rposition(|c| c.is_whitespace()).map_or(0, |at| at + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(editor: &mut Editor, text: &str) {
        for c in text.chars() {
            assert_eq!(editor.press(Key::Char(c)), None);
        }
    }

    fn text(editor: &Editor) -> String {
        editor.text.iter().collect()
    }

    #[test]
    fn a_line_is_typed_corrected_and_entered() {
        let mut editor = Editor::default();
        typed(&mut editor, "helo");
        editor.press(Key::Left);
        typed(&mut editor, "l");
        editor.press(Key::End);
        typed(&mut editor, "!!");
        editor.press(Key::Backspace);
        assert_eq!(editor.press(Key::Enter), Some(Entered::Line("hello!".into())));
        assert_eq!(text(&editor), "", "the input is emptied");
    }

    #[test]
    fn words_and_lines_are_erased() {
        let mut editor = Editor::default();
        typed(&mut editor, "one two  ");
        editor.press(Key::EraseWord);
        assert_eq!(text(&editor), "one ");
        editor.press(Key::EraseLine);
        assert_eq!(text(&editor), "");
        assert_eq!(editor.press(Key::Finish), Some(Entered::End));
        typed(&mut editor, "x");
        assert_eq!(editor.press(Key::Finish), None);
        editor.press(Key::Home);
        editor.press(Key::Delete);
        editor.press(Key::Delete);
        assert_eq!(text(&editor), "");
    }

    #[test]
    fn the_past_is_recalled_and_the_draft_kept() {
        let mut editor = Editor::default();
        for line in ["first", "second", "second"] {
            typed(&mut editor, line);
            editor.press(Key::Enter);
        }
        typed(&mut editor, "draft");
        editor.press(Key::Up);
        assert_eq!(text(&editor), "second");
        editor.press(Key::Up);
        editor.press(Key::Up);
        assert_eq!(text(&editor), "first");
        editor.press(Key::Down);
        editor.press(Key::Down);
        editor.press(Key::Down);
        assert_eq!(text(&editor), "draft");
    }

    #[test]
    fn the_only_candidate_completes_a_word_and_several_as_far_as_they_agree() {
        let mut editor = Editor::default();
        let names = |_: &str| vec!["Shlomo".to_owned(), "Shlomit".to_owned(), "Dana".to_owned()];
        typed(&mut editor, "/msg sh");
        editor.complete(names);
        assert_eq!(text(&editor), "/msg Shlom");
        typed(&mut editor, "o");
        editor.complete(names);
        assert_eq!(text(&editor), "/msg Shlomo ");
        typed(&mut editor, "xyz");
        editor.complete(names);
        assert_eq!(text(&editor), "/msg Shlomo xyz");
    }

    #[test]
    fn a_long_line_is_shown_around_the_cursor() {
        let mut editor = Editor::default();
        typed(&mut editor, "0123456789");
        assert_eq!(editor.view(20), ("0123456789".into(), 0));
        let (shown, after) = editor.view(6);
        assert_eq!((shown.as_str(), after), ("56789", 0));
        editor.press(Key::Home);
        let (shown, after) = editor.view(6);
        assert_eq!((shown.as_str(), after), ("01234", 5));
        editor.press(Key::EraseLine);
        let mut wide = Editor::default();
        typed(&mut wide, "莉亚");
        wide.press(Key::Left);
        assert_eq!(wide.view(20), ("莉亚".into(), 2));
    }
}
