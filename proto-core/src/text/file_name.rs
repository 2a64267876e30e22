//! File names: bare names that are safe on every system.

use core::fmt;

use heapless::String;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::name::is_unseen;
use crate::limits::MAX_FILE_NAME_LEN;

/// Ends the name of a file that is still arriving; no shared file may be called so.
pub const PARTIAL_SUFFIX: &str = ".haversack-part";

/// A bare file name that no system takes for a path, a device or a stream: 1 to
/// [`MAX_FILE_NAME_LEN`] bytes of UTF-8. What Windows refuses is refused everywhere, so that a
/// name means the same file on both ends.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct FileName(String<MAX_FILE_NAME_LEN>);

impl FileName {
    /// Checks a file name.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn parse(input: &str) -> Result<Self, BadFileName> {
        if input.is_empty() {
            return Err(BadFileName::Empty);
        }
        if input.chars().any(|c| matches!(c, '/' | '\\')) {
            return Err(BadFileName::Path);
        }
        if input
            .chars()
            .any(|c| is_unseen(c) || matches!(c, ':' | '*' | '?' | '"' | '<' | '>' | '|'))
        {
            return Err(BadFileName::Character);
        }
        if input.ends_with(['.', ' ']) || input.starts_with(' ') {
            return Err(BadFileName::Ending);
        }
        if is_device(input) || is_partial(input) {
            return Err(BadFileName::Reserved);
        }
        String::try_from(input).map(Self).map_err(|_| BadFileName::TooLong)
    }

    /// The name itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands behind the last dot, if there is one that does not begin the name.
    pub fn extension(&self) -> Option<&str> {
        self.parts().map(|(_, extension)| extension)
    }

    /// The name without its extension.
    pub fn stem(&self) -> &str {
        self.parts().map_or(&self.0, |(stem, _)| stem)
    }

    fn parts(&self) -> Option<(&str, &str)> {
        self.0.rsplit_once('.').filter(|(stem, _)| !stem.is_empty())
    }
}

/// True for names of partial files, in capitals as well: on many disks those are the same files.
fn is_partial(name: &str) -> bool {
    let suffix = name.len().checked_sub(PARTIAL_SUFFIX.len()).and_then(|at| name.get(at..));
    suffix.is_some_and(|suffix| suffix.eq_ignore_ascii_case(PARTIAL_SUFFIX))
}

/// True for names that Windows takes for a device, whatever their extension.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).trim_end_matches(' ');
    if ["con", "prn", "aux", "nul", "conin$", "conout$"]
        .iter()
        .any(|d| stem.eq_ignore_ascii_case(d))
    {
        return true;
    }
    let mut chars = stem.chars();
    let prefix =
        [chars.next(), chars.next(), chars.next()].map(|c| c.map(|c| c.to_ascii_lowercase()));
    let numbered =
        matches!(chars.next(), Some('0'..='9' | '¹' | '²' | '³')) && chars.next().is_none();
    let com_or_lpt =
        prefix == [Some('c'), Some('o'), Some('m')] || prefix == [Some('l'), Some('p'), Some('t')];
    com_or_lpt && numbered
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FileName({:?})", self.0.as_str())
    }
}

impl Serialize for FileName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for FileName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(<&str>::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// Why a file name is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum BadFileName {
    /// Nothing was given.
    Empty,
    /// Longer than [`MAX_FILE_NAME_LEN`] bytes.
    TooLong,
    /// It has a separator: it is a path, not a name.
    Path,
    /// It has a character that some system refuses or that nobody can see.
    Character,
    /// It begins with a space, or ends with a space or a dot.
    Ending,
    /// Some system takes it for a device, or it has the suffix of partial files.
    Reserved,
}

impl fmt::Display for BadFileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("a file name cannot be empty"),
            Self::TooLong => write!(f, "a file name has at most {MAX_FILE_NAME_LEN} bytes"),
            Self::Path => f.write_str("a file name cannot hold '/' or '\\'"),
            Self::Character => {
                f.write_str("a file name cannot hold : * ? \" < > | or unseen characters")
            }
            Self::Ending => {
                f.write_str("a file name cannot end with a dot or begin or end with a space")
            }
            Self::Reserved => f.write_str("this file name is reserved on some system"),
        }
    }
}

impl core::error::Error for BadFileName {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bare_names_are_welcome() {
        for name in
            ["notes.pdf", ".profile", "תמונה.png", "a b.txt", "console.log", "com10.txt", "x"]
        {
            assert_eq!(FileName::parse(name).unwrap().as_str(), name);
        }
    }

    #[test]
    fn a_name_has_a_stem_and_maybe_an_extension() {
        let cases = [
            ("notes.pdf", "notes", Some("pdf")),
            ("a.tar.gz", "a.tar", Some("gz")),
            (".profile", ".profile", None),
            ("README", "README", None),
        ];
        for (name, stem, extension) in cases {
            let name = FileName::parse(name).unwrap();
            assert_eq!((name.stem(), name.extension()), (stem, extension));
        }
    }

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        let cases = [
            ("", BadFileName::Empty),
            ("../x", BadFileName::Path),
            ("..\\x", BadFileName::Path),
            ("/etc/passwd", BadFileName::Path),
            ("a/../../x", BadFileName::Path),
            ("\\\\host\\x", BadFileName::Path),
            ("C:x", BadFileName::Character),
            ("a:b", BadFileName::Character),
            ("..", BadFileName::Ending),
            (".", BadFileName::Ending),
            ("x.", BadFileName::Ending),
            ("x ", BadFileName::Ending),
            ("CON", BadFileName::Reserved),
            ("nul.txt", BadFileName::Reserved),
            ("COM¹", BadFileName::Reserved),
            ("lpt9.tar.gz", BadFileName::Reserved),
            ("x\0", BadFileName::Character),
            ("x\u{1b}[31m", BadFileName::Character),
            ("gpj.\u{202E}exe", BadFileName::Character),
            ("x.haversack-part", BadFileName::Reserved),
            ("x.Haversack-PART", BadFileName::Reserved),
        ];
        for (name, why) in cases {
            assert_eq!(FileName::parse(name).unwrap_err(), why, "{name:?}");
        }
    }

    #[test]
    fn a_name_of_256_bytes_is_too_long() {
        let long = [b'a'; 256];
        let long = core::str::from_utf8(&long).unwrap();
        assert_eq!(FileName::parse(long).unwrap_err(), BadFileName::TooLong);
        assert!(FileName::parse(&long[1..]).is_ok());
    }

    #[test]
    fn the_extension_is_what_follows_the_last_dot() {
        let extension =
            |name| FileName::parse(name).unwrap().extension().map(std::string::String::from);
        assert_eq!(extension("a.tar.gz").as_deref(), Some("gz"));
        assert_eq!(extension(".profile"), None);
        assert_eq!(extension("a"), None);
    }
}
