//! Why a link fails: always the peer's doing, or the network's.

use core::fmt;

/// Why a link fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum LinkError {
    /// The first bytes are not those of this protocol, or of another version of it.
    NotHaversack,
    /// The peer's key is one that makes every secret known.
    WeakKey,
    /// The server's secret and the client's differ.
    WrongSecret,
    /// The two have no cipher in common, or the peer chose one that was not offered.
    NoCommonSuite,
    /// The peer's connection id is none: datagrams cannot begin with it.
    BadConnectionId,
    /// A message was written by somebody else, or damaged, or repeated.
    Forged,
    /// A record is too short to hold anything.
    TooShort,
    /// A record is longer than allowed.
    TooLong,
    /// The peer spoke when it was not its turn.
    Unasked,
    /// The stream ended within a message, or before its time.
    Truncated,
    /// What the server answered to a knock is not what it replies.
    Forgotten,
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotHaversack => "the peer does not speak this version of haversack",
            Self::WeakKey => "the peer's key is weak",
            Self::WrongSecret => "the server's secret is another one",
            Self::NoCommonSuite => "there is no cipher that both ends have",
            Self::BadConnectionId => "the peer's connection id is none",
            Self::Forged => "a message's seal is broken",
            Self::TooShort => "a record is too short",
            Self::TooLong => "a record is too long",
            Self::Unasked => "the peer spoke out of turn",
            Self::Truncated => "the connection ended too early",
            Self::Forgotten => "the server has forgotten what it answered before",
        })
    }
}

impl core::error::Error for LinkError {}
