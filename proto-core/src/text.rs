//! Text from outside, parsed once: names, messages and file names that are safe to carry.
//!
//! A value of these types has passed its checks; nothing else reaches the wire or leaves it.

use core::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::limits::MAX_TEXT_LEN;

pub mod base32;
mod file_name;
mod name;

pub use file_name::{BadFileName, FileName, PARTIAL_SUFFIX};
pub use name::{BadName, Name};

/// A message's text, borrowed: at most [`MAX_TEXT_LEN`] bytes, no control characters but newline
/// and tab. Direction marks are allowed: languages need them; a screen isolates them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Text<'a>(&'a str);

impl<'a> Text<'a> {
    /// Checks a text.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn parse(input: &'a str) -> Result<Self, BadText> {
        if input.is_empty() {
            return Err(BadText::Empty);
        }
        if input.len() > MAX_TEXT_LEN {
            return Err(BadText::TooLong);
        }
        if input.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
            return Err(BadText::Control);
        }
        Ok(Self(input))
    }

    /// The text itself.
    pub const fn as_str(self) -> &'a str {
        self.0
    }
}

impl fmt::Debug for Text<'_> {
    /// Shows the length alone: what people write does not belong into logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Text({} bytes)", self.0.len())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Text::parse(<&str>::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// Why a text is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum BadText {
    /// Nothing was written.
    Empty,
    /// Longer than [`MAX_TEXT_LEN`] bytes.
    TooLong,
    /// It has a control character.
    Control,
}

impl fmt::Display for BadText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("a message cannot be empty"),
            Self::TooLong => write!(f, "a message has at most {MAX_TEXT_LEN} bytes"),
            Self::Control => f.write_str("a message cannot hold control characters"),
        }
    }
}

impl core::error::Error for BadText {}
