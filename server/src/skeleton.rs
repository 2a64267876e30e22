//! Names that a reader would take for one another: `leah` and `lеаh` with two Cyrillic letters.
//!
//! A name's skeleton has every character replaced by the plainest one that looks like it. The
//! table has the characters of living scripts that most fonts draw like a Latin letter or digit;
//! it is the spirit of UTS #39, not its thousands of rows.

/// What a name looks like.
pub fn of(name: &str) -> String {
    let mut skeleton = String::with_capacity(name.len());
    // Before lower case, because a capital I looks like a small L and a small i does not.
    for c in name.chars().map(|c| if c == 'I' { 'l' } else { c }) {
        for c in c.to_lowercase() {
            match plain(c) {
                Some(plain) => skeleton.push(plain),
                None => skeleton.push(c),
            }
        }
    }
    skeleton.replace("rn", "m").replace("vv", "w")
}

/// The plain character that a lower-case one looks like; `None` for itself.
fn plain(c: char) -> Option<char> {
    Some(match c {
        // Full-width forms.
        '\u{FF01}'..='\u{FF5E}' => return wide(c),
        // Latin, Cyrillic, Greek, Armenian and digits.
        'а' | 'ɑ' | 'α' => 'a',
        'в' | 'β' => 'b',
        'с' | 'ϲ' => 'c',
        'ԁ' | 'ɗ' => 'd',
        'е' => 'e',
        'ɡ' | 'ց' => 'g',
        'һ' | 'ա' => 'h',
        'і' | 'ι' | 'ı' => 'i',
        'ј' | 'ϳ' => 'j',
        'к' | 'κ' => 'k',
        '1' | '|' | 'ӏ' | 'ǀ' => 'l',
        'м' => 'm',
        'ո' | 'η' => 'n',
        '0' | 'о' | 'ο' | 'օ' | 'σ' => 'o',
        'р' | 'ρ' => 'p',
        'ԛ' | 'զ' => 'q',
        'г' => 'r',
        'ѕ' => 's',
        'т' | 'τ' => 't',
        'υ' | 'ս' => 'u',
        'ν' | 'ѵ' => 'v',
        'ԝ' | 'ω' => 'w',
        'х' | 'χ' => 'x',
        'у' | 'γ' => 'y',
        // White space and dashes.
        '_' | '\u{2010}'..='\u{2015}' | '−' => '-',
        _ => return None,
    })
}

/// The ASCII character of a full-width one, and what that looks like.
fn wide(c: char) -> Option<char> {
    let ascii = char::from_u32(u32::from(c) - 0xFF01 + 0x21)?.to_ascii_lowercase();
    Some(plain(ascii).unwrap_or(ascii))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn look_alikes_have_one_skeleton() {
        let cases = [
            ("leah", "lеаh"),
            ("leah", "Ieah"),
            ("leah", "1eah"),
            ("Bob", "B0b"),
            ("dana", "ｄａｎａ"),
            ("mark", "rnark"),
            ("a-b", "a_b"),
        ];
        for (one, other) in cases {
            assert_eq!(of(one), of(other), "{one} {other}");
        }
    }

    #[test]
    fn names_that_differ_differ() {
        let names = [
            "leah", "dana", "noa", "לאה", "ליאה", "ليا", "лия", "Лена", "莉亚", "Müller", "Muller",
            "user1", "user2",
        ];
        for (at, one) in names.iter().enumerate() {
            for other in &names[at + 1..] {
                assert_ne!(of(one), of(other), "{one} {other}");
            }
        }
    }
}
