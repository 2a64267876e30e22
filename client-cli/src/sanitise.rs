//! Makes strings from outside safe to show: they may not move the cursor, change the title,
//! or reorder the text around them.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Opens a part whose direction is its own (FIRST STRONG ISOLATE).
const ISOLATE: char = '\u{2068}';
/// Closes it (POP DIRECTIONAL ISOLATE).
const POP: char = '\u{2069}';

/// Where a string will be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Medium {
    /// A screen: right-to-left text is isolated, so that it cannot reorder its neighbours.
    Screen,
    /// A pipe or a file: nothing is added, so that programs read what was written.
    Pipe,
}

/// One line: what moves the cursor or overrides the direction becomes a visible escape, tabs
/// become spaces, and newlines `\n`.
pub(crate) fn line(medium: Medium, text: &str) -> Cow<'_, str> {
    let isolated = medium == Medium::Screen && text.chars().any(has_own_direction);
    if !isolated && !text.chars().any(must_be_escaped) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 8);
    if isolated {
        safe.push(ISOLATE);
    }
    text.chars().for_each(|c| push(&mut safe, c));
    if isolated {
        safe.push(POP);
    }
    Cow::Owned(safe)
}

/// Several lines: like [`line()`], but newlines stay, and each further line begins with `indent`,
/// so that no part of a message can pass for a line of ours.
pub(crate) fn block(medium: Medium, text: &str, indent: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 8);
    for (index, part) in text.split('\n').enumerate() {
        if index > 0 {
            safe.push('\n');
            safe.push_str(indent);
        }
        safe.push_str(&line(medium, part));
    }
    safe
}

fn push(safe: &mut String, c: char) {
    match c {
        '\t' => safe.push(' '),
        '\n' => safe.push_str("\\n"),
        _ if must_be_escaped(c) => {
            // Writing into a String cannot fail.
            let _ = write!(safe, "\\u{{{:x}}}", u32::from(c));
        }
        _ => safe.push(c),
    }
}

fn must_be_escaped(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// True for characters of right-to-left scripts and for direction marks.
fn has_own_direction(c: char) -> bool {
    matches!(u32::from(c),
        0x590..=0x8FF | 0x200E..=0x200F | 0xFB1D..=0xFDFF | 0xFE70..=0xFEFE
        | 0x10800..=0x10FFF | 0x1E800..=0x1EFFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_left_alone() {
        for text in ["hi all", "naïve", "莉亚", "a\u{200D}b", ""] {
            assert!(matches!(line(Medium::Screen, text), Cow::Borrowed(t) if t == text));
        }
    }

    #[test]
    fn what_drives_a_terminal_is_shown_instead_of_obeyed() {
        let cases = [
            ("\u{1b}[2J", "\\u{1b}[2J"),
            ("a\rb", "a\\u{d}b"),
            ("a\u{7}", "a\\u{7}"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("\u{7f}", "\\u{7f}"),
            ("x\u{1b}]52;c;aGk=\u{7}", "x\\u{1b}]52;c;aGk=\\u{7}"),
            ("gpj.\u{202e}exe", "gpj.\\u{202e}exe"),
            ("a\u{2069}b", "a\\u{2069}b"),
            ("a\tb\nc", "a b\\nc"),
        ];
        for (text, safe) in cases {
            assert_eq!(line(Medium::Screen, text), safe);
            assert_eq!(line(Medium::Pipe, text), safe);
        }
    }

    #[test]
    fn right_to_left_text_is_isolated_on_a_screen_only() {
        assert_eq!(line(Medium::Screen, "לאה"), "\u{2068}לאה\u{2069}");
        assert_eq!(line(Medium::Pipe, "לאה"), "לאה");
    }

    #[test]
    fn a_further_line_cannot_pass_for_a_line_of_ours() {
        let text = "hi\n12:01  *  root connected to the server";
        assert_eq!(
            block(Medium::Pipe, text, "    "),
            "hi\n    12:01  *  root connected to the server"
        );
    }
}
