//! Makes text from outside harmless on a terminal and in a log: one line, no commands.

/// Replaces control characters and those that reorder a line by visible escapes.
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        let reorders = matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}');
        if c.is_control() || reorders {
            safe.extend(c.escape_default());
        } else {
            safe.push(c);
        }
    }
    safe
}

/// Writes a JSON string with its quotes.
pub fn json_string(text: &str, out: &mut String) {
    use std::fmt::Write as _;
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            c if c.is_control() || ('\u{2028}'..='\u{202E}').contains(&c) => {
                // A string takes everything.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_text_of_any_script_is_left_alone() {
        for text in ["hi all", "שלום", "q\u{301}", "a \\ b"] {
            assert_eq!(escaped(text), text);
        }
    }

    #[test]
    fn json_is_one_line_and_well_formed() {
        let mut out = String::new();
        json_string("a\"b\\c\nd\u{1b}e", &mut out);
        assert_eq!(out, "\"a\\\"b\\\\c\\nd\\u001be\"");
    }
}
