//! The server's secret: 256 bits that everybody who may enter knows.
//!
//! It comes from a file or the environment, never from the command line, where every user of the
//! machine could read it. It is not a password: a guessable one would be guessed.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use proto_core::text::base32;

/// 256 secret bits, written as 52 base32 characters.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret([u8; 32]);

impl Secret {
    /// Takes 32 random bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The key that goes into the handshake.
    pub const fn key(&self) -> [u8; 32] {
        self.0
    }

    /// The 52 characters, to be written into a secret file.
    pub fn to_text(&self) -> String {
        base32::encode(&self.0).as_str().to_owned()
    }

    /// Reads a file that holds the 52 characters and perhaps white space around them.
    ///
    /// # Errors
    /// When the file cannot be read, or holds something else.
    pub fn read(path: &Path) -> std::io::Result<Self> {
        std::fs::read_to_string(path)?.parse().map_err(std::io::Error::other)
    }

    /// The handshake's key for a server with or without a secret: 32 zero bytes mean none.
    pub fn key_or_none(secret: Option<&Self>) -> [u8; 32] {
        secret.map_or([0; 32], Self::key)
    }
}

impl FromStr for Secret {
    type Err = BadSecret;

    fn from_str(input: &str) -> Result<Self, BadSecret> {
        base32::decode(input.trim()).map(Self).ok_or(BadSecret)
    }
}

impl fmt::Debug for Secret {
    /// Shows nothing of it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// The text is not a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadSecret;

impl fmt::Display for BadSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a secret has 52 letters and digits, as haversack-server --new-secret prints them",
        )
    }
}

impl std::error::Error for BadSecret {}
