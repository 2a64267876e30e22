//! What to do about an error. Whoever sits at a terminal is told what to type; a window has other
//! ways, and words of its own for each of these. Servers are as people write them.

use std::fmt;

/// What to do about an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Advice {
    /// One sentence that can be followed everywhere. Empty when there is nothing to do.
    Words(String),
    /// Nobody answers there: is the server running?
    IsItRunning(String),
    /// The server has another key: forget the old one, if that is right.
    ForgetServer(String),
    /// The server's key is not known: compare it, and give this address, which has it.
    NameItsKey(String),
    /// The server has a secret: give it.
    GiveSecret,
    /// See who is there.
    SeeUsers,
    /// See which files there are.
    SeeFiles,
    /// Compare the sizes of one's own file and the server's.
    CompareSizes,
    /// Give the file another name at the server.
    OtherName,
}

impl Advice {
    /// Whether there is nothing to do.
    pub const fn is_empty(&self) -> bool {
        matches!(self, Self::Words(words) if words.is_empty())
    }
}

impl From<String> for Advice {
    fn from(words: String) -> Self {
        Self::Words(words)
    }
}

impl From<&str> for Advice {
    fn from(words: &str) -> Self {
        Self::Words(words.to_owned())
    }
}

impl fmt::Display for Advice {
    /// As a terminal says it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Words(words) => f.write_str(words),
            Self::IsItRunning(server) => {
                write!(f, "Is haversack-server running there? Try: haversack doctor {server}")
            }
            Self::ForgetServer(server) => write!(
                f,
                "Somebody may be listening in. If the server was set up anew, run: \
                 haversack forget-server {server}"
            ),
            Self::NameItsKey(uri) => {
                write!(f, "Compare it with the server's screen, then use {uri}")
            }
            Self::GiveSecret => f.write_str(
                "Ask for the server's secret and give it with --secret-file or HAVERSACK_SECRET.",
            ),
            Self::SeeUsers => f.write_str("See who is there: haversack users, or /users."),
            Self::SeeFiles => f.write_str("See what there is: haversack ls"),
            Self::CompareSizes => f.write_str("Compare the sizes: haversack ls"),
            Self::OtherName => f.write_str("Give it another name with --as."),
        }
    }
}
