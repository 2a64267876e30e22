//! The server's screen: what happens, in the words of the systems that Haversack continues.

use std::fmt::Write as _;
use std::net::SocketAddr;

use proto_core::wire::Audience;

use crate::escape::escaped;

/// Something worth a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happening {
    /// Somebody entered the room.
    Joined {
        /// Who.
        name: String,
    },
    /// Somebody left the room.
    Left {
        /// Who.
        name: String,
    },
    /// Somebody said something.
    Said {
        /// Who.
        from: String,
        /// To whom.
        to: Audience,
        /// What.
        text: String,
    },
    /// Somebody asks for a file.
    Wants {
        /// Who.
        name: String,
        /// Which.
        file: String,
    },
    /// A download passed a mark.
    Downloaded {
        /// Whose.
        name: String,
        /// Which file.
        file: String,
        /// How far, less than 100.
        percent: u8,
        /// The value of the last byte before that point.
        last_byte: Option<u8>,
    },
    /// A user agreed to go on past the stop point.
    Confirmed {
        /// Who.
        name: String,
        /// With which file.
        file: String,
    },
    /// A download is complete and verified.
    Finished {
        /// Whose.
        name: String,
        /// Which file.
        file: String,
    },
    /// Somebody offers a file.
    Offers {
        /// Who.
        name: String,
        /// Which.
        file: String,
        /// How large.
        size: u64,
    },
    /// An upload is complete and verified.
    Uploaded {
        /// Whose.
        name: String,
        /// Which file.
        file: String,
    },
    /// A transfer ended early.
    Broken {
        /// Whose.
        name: String,
        /// Which file.
        file: String,
        /// Why.
        why: String,
    },
    /// Somebody was not let in, or spoke nonsense.
    TurnedAway {
        /// From where.
        from: SocketAddr,
        /// Why.
        why: String,
    },
    /// More of them than are told one by one.
    MoreTurnedAway {
        /// How many more.
        count: u64,
        /// Why.
        why: String,
    },
}

impl Happening {
    /// Its name in NDJSON.
    pub const fn tag(&self) -> &'static str {
        match self {
            Self::Joined { .. } => "joined",
            Self::Left { .. } => "left",
            Self::Said { .. } => "msg",
            Self::Wants { .. } => "wants",
            Self::Downloaded { .. } => "progress",
            Self::Confirmed { .. } => "proceeding",
            Self::Finished { .. } | Self::Uploaded { .. } => "done",
            Self::Offers { .. } => "offers",
            Self::Broken { .. } => "broken",
            Self::TurnedAway { .. } | Self::MoreTurnedAway { .. } => "turned_away",
        }
    }

    /// The sentence for people, on one line. `show_text` reveals what people write.
    pub fn sentence(&self, show_text: bool) -> String {
        match self {
            Self::Joined { name } => format!("{} connected to the server", escaped(name)),
            Self::Left { name } => format!("{} has left the chat", escaped(name)),
            Self::Said { from, to, text } => {
                let to = match to {
                    Audience::All => "all".to_owned(),
                    Audience::One(name) => escaped(name.as_str()),
                };
                let from = escaped(from);
                if show_text {
                    format!("send to {to} - {} [from {from}]", escaped(text))
                } else {
                    format!("send to {to} - ({} bytes) [from {from}]", text.len())
                }
            }
            Self::Wants { name, file } => {
                format!("{} - want to download {}", escaped(name), escaped(file))
            }
            Self::Downloaded { name, percent, last_byte, .. } => {
                let name = escaped(name);
                let mut line =
                    format!("send to {name} - user {name} downloaded {percent}% out of file.");
                if let Some(byte) = last_byte {
                    // A string takes everything.
                    let _ = write!(line, " last byte is: {byte}");
                }
                line
            }
            Self::Confirmed { name, .. } => {
                let name = escaped(name);
                format!("send to {name} - user {name} confirm proceeding.")
            }
            Self::Finished { name, .. } => {
                format!("user {} downloaded 100% out of file.", escaped(name))
            }
            Self::Offers { name, file, size } => {
                format!("{} - want to upload {} ({size} bytes)", escaped(name), escaped(file))
            }
            Self::Uploaded { name, file } => {
                format!("user {} uploaded 100% of {}.", escaped(name), escaped(file))
            }
            Self::Broken { name, file, why } => {
                format!("{} - {} stopped: {}", escaped(name), escaped(file), escaped(why))
            }
            Self::TurnedAway { from, why } => format!("{from} turned away: {}", escaped(why)),
            Self::MoreTurnedAway { count, why } => {
                format!("{count} more turned away within a minute: {}", escaped(why))
            }
        }
    }

    /// The fields for NDJSON, besides the sentence: names and values.
    pub fn fields(&self) -> Vec<(&'static str, Field)> {
        use Field::{Number, Text};
        let text = |value: &String| Text(value.clone());
        match self {
            Self::Joined { name } | Self::Left { name } => vec![("name", text(name))],
            Self::Said { from, to, text } => {
                let to = match to {
                    Audience::All => "all".to_owned(),
                    Audience::One(name) => name.as_str().to_owned(),
                };
                vec![
                    ("name", Text(from.clone())),
                    ("to", Text(to)),
                    ("bytes", Number(text.len() as u64)),
                ]
            }
            Self::Wants { name, file }
            | Self::Confirmed { name, file }
            | Self::Finished { name, file }
            | Self::Uploaded { name, file } => vec![("name", text(name)), ("file", text(file))],
            Self::Downloaded { name, file, percent, last_byte } => {
                let mut fields = vec![
                    ("name", text(name)),
                    ("file", text(file)),
                    ("percent", Number(u64::from(*percent))),
                ];
                fields.extend(last_byte.map(|byte| ("last_byte", Number(u64::from(byte)))));
                fields
            }
            Self::Offers { name, file, size } => {
                vec![("name", text(name)), ("file", text(file)), ("size", Number(*size))]
            }
            Self::Broken { name, file, why } => {
                vec![("name", text(name)), ("file", text(file)), ("why", text(why))]
            }
            Self::TurnedAway { from, why } => {
                vec![("from", Text(from.to_string())), ("why", text(why))]
            }
            Self::MoreTurnedAway { count, why } => {
                vec![("count", Number(*count)), ("why", text(why))]
            }
        }
    }
}

/// A value of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field {
    /// A string.
    Text(String),
    /// A number.
    Number(u64),
}

#[cfg(test)]
mod tests {
    use proto_core::text::Name;

    use super::*;

    fn leah() -> String {
        "leah".into()
    }

    #[test]
    fn the_screen_says_it_in_the_sources_words() {
        let file = || String::from("notes.pdf");
        let cases = [
            (Happening::Joined { name: leah() }, "leah connected to the server"),
            (Happening::Left { name: leah() }, "leah has left the chat"),
            (
                Happening::Said { from: leah(), to: Audience::All, text: "hi".into() },
                "send to all - hi [from leah]",
            ),
            (Happening::Wants { name: leah(), file: file() }, "leah - want to download notes.pdf"),
            (
                Happening::Downloaded {
                    name: leah(),
                    file: file(),
                    percent: 50,
                    last_byte: Some(129),
                },
                "send to leah - user leah downloaded 50% out of file. last byte is: 129",
            ),
            (
                Happening::Confirmed { name: leah(), file: file() },
                "send to leah - user leah confirm proceeding.",
            ),
            (
                Happening::Finished { name: leah(), file: file() },
                "user leah downloaded 100% out of file.",
            ),
        ];
        for (happening, sentence) in cases {
            assert_eq!(happening.sentence(true), sentence);
        }
    }

    #[test]
    fn what_people_write_is_kept_out_of_logs() {
        let to = Audience::One(Name::parse("dana").unwrap());
        let said = Happening::Said { from: leah(), to, text: "the plan".into() };
        assert_eq!(said.sentence(false), "send to dana - (8 bytes) [from leah]");
        assert!(!format!("{:?}", said.fields()).contains("plan"));
    }

    #[test]
    fn a_message_cannot_forge_a_line_or_move_the_cursor() {
        let text = "x\nleah has left the chat\u{1b}[2J\u{202E}".to_owned();
        let said = Happening::Said { from: leah(), to: Audience::All, text };
        let line = said.sentence(true);
        assert!(!line.contains(|c: char| c.is_control() || c == '\u{202E}'), "{line:?}");
        assert!(line.contains("\\n"));
    }
}
