//! File name patterns: `*` for any run of characters, `?` for any one.

/// True when `name` matches all of `pattern`, without regard to ASCII case.
pub(crate) fn matches(pattern: &str, name: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    let (mut p, mut n) = (0, 0);
    // Where the last star stands, and how much of the name it has swallowed up to.
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(&c) if c == '?' || c.eq_ignore_ascii_case(&name[n]) => {
                p += 1;
                n += 1;
            }
            _ => match star.as_mut() {
                Some((at, swallowed)) => {
                    *swallowed += 1;
                    p = *at + 1;
                    n = *swallowed;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|&c| c == '*')
}

/// True when the text is a pattern rather than a name.
pub(crate) fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_question_marks_match() {
        for (pattern, name) in [
            ("*", ""),
            ("*", "x.pdf"),
            ("*.pdf", "notes.PDF"),
            ("n?tes.*", "notes.pdf"),
            ("a*b*c", "a-b-b-c"),
            ("**x", "x"),
            ("ת*", "תמונה.png"),
        ] {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
    }

    #[test]
    fn everything_else_does_not() {
        for (pattern, name) in [("", "x"), ("*.pdf", "notes.pdfx"), ("?", ""), ("a*b", "acd")] {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
    }

    #[test]
    fn many_stars_take_no_exponential_time() {
        let pattern = format!("{}b", "*a".repeat(100));
        assert!(!matches(&pattern, &"a".repeat(255)));
    }
}
