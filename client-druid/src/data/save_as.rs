//! Whether the name that was typed for a download makes sense.

use proto_core::text::FileName;
use proto_std::save_as::{TypeLost, type_lost};

/// What is to be said about a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing.
    Fine,
    /// It works, but is hardly what was meant.
    Odd(String),
    /// It cannot be.
    Impossible(String),
}

/// Judges `typed` as a name for `file`: its format is `<name>.<file type>`.
pub(crate) fn judge(file: &str, typed: &str) -> Verdict {
    let name = match FileName::parse(typed.trim()) {
        Ok(name) => name,
        Err(why) => return Verdict::Impossible(capital(&why.to_string())),
    };
    let Ok(file) = FileName::parse(file) else { return Verdict::Fine };
    let Some(TypeLost { kind, other, better }) = type_lost(&file, &name) else {
        return Verdict::Fine;
    };
    let what = match other {
        Some(other) => format!("This is type .{other}, but the file is type .{kind}."),
        None => "The file type is missing.".to_owned(),
    };
    Verdict::Odd(format!("{what} The format is <name>.<file type>, such as {better}"))
}

/// Begins with a capital letter.
pub(crate) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_the_same_type_is_welcome() {
        assert_eq!(judge("notes.pdf", " a.b.pdf "), Verdict::Fine);
    }

    #[test]
    fn a_missing_or_other_type_is_explained_and_not_forbidden() {
        let Verdict::Odd(missing) = judge("notes.pdf", "copy") else { panic!("it is odd") };
        assert!(missing.contains("missing") && missing.contains("copy.pdf"), "{missing}");
        let Verdict::Odd(other) = judge("notes.pdf", "copy.txt") else { panic!("it is odd") };
        assert!(other.contains(".txt") && other.contains("copy.pdf"), "{other}");
    }

    #[test]
    fn a_name_that_leads_elsewhere_is_impossible() {
        for name in ["", "../x.pdf", "a:b.pdf", "nul.pdf"] {
            assert!(matches!(judge("notes.pdf", name), Verdict::Impossible(_)), "{name}");
        }
    }
}
