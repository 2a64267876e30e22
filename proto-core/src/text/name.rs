//! Nicknames: who somebody is called.

use core::fmt;

use heapless::String;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::limits::MAX_NAME_LEN;

/// A nickname: 1 to [`MAX_NAME_LEN`] bytes of UTF-8 without spaces at its ends, control, direction
/// or invisible characters. Any script is welcome. Compared without regard to case.
#[derive(Clone)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Name(String<MAX_NAME_LEN>);

impl Name {
    /// Checks a nickname.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn parse(input: &str) -> Result<Self, BadName> {
        if input.is_empty() {
            return Err(BadName::Empty);
        }
        if input.starts_with(char::is_whitespace) || input.ends_with(char::is_whitespace) {
            return Err(BadName::Padded);
        }
        if input.chars().any(is_unseen) {
            return Err(BadName::Unseen);
        }
        if input.starts_with('/') || input.eq_ignore_ascii_case("all") {
            return Err(BadName::Reserved);
        }
        String::try_from(input).map(Self).map_err(|_| BadName::TooLong)
    }

    /// The name as its owner writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The characters by which names are compared.
    pub(crate) fn folded(&self) -> impl Iterator<Item = char> {
        self.0.chars().flat_map(char::to_lowercase)
    }
}

/// True for characters that no reader can see, or that reorder what is around them, and for white
/// space other than a plain space.
pub(super) fn is_unseen(c: char) -> bool {
    c.is_control()
        || (c.is_whitespace() && c != ' ')
        || matches!(u32::from(c),
            0xAD | 0x34F | 0x61C | 0x115F..=0x1160 | 0x17B4..=0x17B5 | 0x180B..=0x180F
            | 0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x206F | 0x3164 | 0xFE00..=0xFE0F
            | 0xFEFF | 0xFFA0 | 0xFFF0..=0xFFFB | 0x1BCA0..=0x1BCA3 | 0x1D173..=0x1D17A
            | 0xE0000..=0xE0FFF)
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.folded().eq(other.folded())
    }
}

impl Eq for Name {}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({:?})", self.0.as_str())
    }
}

impl Serialize for Name {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(<&str>::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// Why a nickname is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum BadName {
    /// Nothing was given.
    Empty,
    /// Longer than [`MAX_NAME_LEN`] bytes.
    TooLong,
    /// It begins or ends with white space.
    Padded,
    /// It has a control, direction or invisible character.
    Unseen,
    /// It would be mistaken for a command, or for everyone.
    Reserved,
}

impl fmt::Display for BadName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("a name cannot be empty"),
            Self::TooLong => write!(f, "a name has at most {MAX_NAME_LEN} bytes"),
            Self::Padded => f.write_str("a name cannot begin or end with a space"),
            Self::Unseen => f.write_str("a name cannot hold control or invisible characters"),
            Self::Reserved => f.write_str("a name cannot begin with '/' or be 'all'"),
        }
    }
}

impl core::error::Error for BadName {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_every_script_are_welcome() {
        for name in ["leah", "לאה", "ليا", "Лия", "莉亚", "two words", "o'neil", "a"] {
            assert_eq!(Name::parse(name).unwrap().as_str(), name);
        }
    }

    #[test]
    fn names_that_deceive_are_refused() {
        let cases = [
            ("", BadName::Empty),
            (" leah", BadName::Padded),
            ("leah ", BadName::Padded),
            ("le\u{200B}ah", BadName::Unseen),
            ("le\u{202E}ah", BadName::Unseen),
            ("le\nah", BadName::Unseen),
            ("le\u{1b}[2Jah", BadName::Unseen),
            ("le\u{A0}ah", BadName::Unseen),
            ("/quit", BadName::Reserved),
            ("All", BadName::Reserved),
            ("123456789012345678901234567890123", BadName::TooLong),
        ];
        for (name, why) in cases {
            assert_eq!(Name::parse(name).unwrap_err(), why, "{name:?}");
        }
    }

    #[test]
    fn case_does_not_make_another_person() {
        assert_eq!(Name::parse("Leah").unwrap(), Name::parse("lEAH").unwrap());
        assert_eq!(Name::parse("ЛИЯ").unwrap(), Name::parse("лия").unwrap());
    }
}
