//! What a line typed in the room means: something to say, or a command behind a slash.

/// A line, understood.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Typed {
    /// Nothing was typed.
    Nothing,
    /// To be said to everyone.
    Say(String),
    Msg {
        to: String,
        text: String,
    },
    Reply(String),
    Users,
    Files,
    Get {
        file: String,
        save_as: Option<String>,
        pause_at: Option<u8>,
    },
    Put {
        path: String,
        save_as: Option<String>,
    },
    Pause(Option<u16>),
    Proceed(Option<u16>),
    Cancel(Option<u16>),
    Transfers,
    /// Reads no further lines until no transfer moves any more.
    Wait,
    Nick(String),
    Clear,
    Help,
    Quit,
    /// Cannot be understood; says why.
    Wrong(String),
}

/// The commands, for completion.
pub(crate) const COMMANDS: [&str; 15] = [
    "/msg",
    "/reply",
    "/users",
    "/files",
    "/get",
    "/put",
    "/pause",
    "/proceed",
    "/cancel",
    "/transfers",
    "/wait",
    "/nick",
    "/clear",
    "/help",
    "/quit",
];

/// What `/help` prints.
pub(crate) const HELP: &str = "\
/msg USER TEXT     say something to one person      /reply TEXT    answer the last private message
/users             who is here                      /files         what can be downloaded
/get FILE [AS]     download; 'quote' names with spaces; --pause-at 50% stops there and waits
/put FILE [AS]     upload                           /transfers     what is under way
/pause [ID]        hold a transfer                  /proceed [ID]  let it go on
/cancel [ID]       give it up                       /wait          until no transfer moves
/nick NAME         come back under another name     /clear         clear the screen
/help              this                             /quit          leave
//text             says /text; everything else you type is said to everyone";

/// Understands a line.
pub(crate) fn parse(line: &str) -> Typed {
    let line = line.trim_end_matches(['\r', '\n']);
    if line.trim().is_empty() {
        return Typed::Nothing;
    }
    let Some(command) = line.strip_prefix('/') else { return Typed::Say(line.to_owned()) };
    if command.starts_with('/') {
        return Typed::Say(command.to_owned());
    }
    let (verb, rest) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
    let rest = rest.trim();
    match verb {
        "msg" => msg(rest),
        "reply" | "r" if rest.is_empty() => Typed::Wrong("/reply needs a text".to_owned()),
        "reply" | "r" => Typed::Reply(rest.to_owned()),
        "users" | "who" => Typed::Users,
        "files" | "ls" => Typed::Files,
        "get" => get(rest),
        "put" => match &words(rest)[..] {
            [path] => Typed::Put { path: path.clone(), save_as: None },
            [path, name] => Typed::Put { path: path.clone(), save_as: Some(name.clone()) },
            _ => Typed::Wrong("write /put FILE [AS]".to_owned()),
        },
        "pause" => with_id(rest, Typed::Pause),
        "proceed" | "continue" => with_id(rest, Typed::Proceed),
        "cancel" | "stop" => with_id(rest, Typed::Cancel),
        "transfers" => Typed::Transfers,
        "wait" => Typed::Wait,
        "nick" if rest.is_empty() => Typed::Wrong("/nick needs a name".to_owned()),
        "nick" => Typed::Nick(rest.to_owned()),
        "clear" => Typed::Clear,
        "help" | "?" => Typed::Help,
        "quit" | "exit" => Typed::Quit,
        _ => Typed::Wrong(format!(
            "unknown command '/{}': type /help for a list of commands",
            verb.escape_debug()
        )),
    }
}

/// The recipient is one word, or a name in quotes.
fn msg(rest: &str) -> Typed {
    let quoted = rest.strip_prefix(['"', '\'']).and_then(|inner| {
        let quote = rest.chars().next()?;
        inner.split_once(quote)
    });
    let (to, text) = quoted.or_else(|| rest.split_once(char::is_whitespace)).unwrap_or((rest, ""));
    if to.is_empty() || text.trim().is_empty() {
        return Typed::Wrong("write /msg USER TEXT".to_owned());
    }
    Typed::Msg { to: to.to_owned(), text: text.trim_start().to_owned() }
}

fn get(rest: &str) -> Typed {
    let mut names = Vec::new();
    let mut pause_at = None;
    let mut words = words(rest).into_iter();
    while let Some(word) = words.next() {
        let value = match word.strip_prefix("--pause-at") {
            Some("") => words.next().unwrap_or_default(),
            Some(value) => value.trim_start_matches('=').to_owned(),
            None => {
                names.push(word);
                continue;
            }
        };
        match crate::sizes::parse_percent(&value) {
            Ok(percent) => pause_at = Some(percent),
            Err(why) => return Typed::Wrong(why),
        }
    }
    let mut names = names.into_iter();
    match (names.next(), names.next(), names.next()) {
        (Some(file), save_as, None) => Typed::Get { file, save_as, pause_at },
        _ => Typed::Wrong("write /get FILE [AS], names with spaces in quotes".to_owned()),
    }
}

fn with_id(rest: &str, make: impl Fn(Option<u16>) -> Typed) -> Typed {
    if rest.is_empty() {
        return make(None);
    }
    match rest.trim_start_matches('#').parse() {
        Ok(id) => make(Some(id)),
        Err(_) => Typed::Wrong(format!(
            "'{}' is no transfer: type /transfers for their numbers",
            rest.escape_debug()
        )),
    }
}

/// Splits at white space; quotes keep words together.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = text.trim();
    while let Some(first) = rest.chars().next() {
        let (word, after) = match first {
            '"' | '\'' => rest[1..].split_once(first).unwrap_or((&rest[1..], "")),
            _ => rest.split_once(char::is_whitespace).unwrap_or((rest, "")),
        };
        words.push(word.to_owned());
        rest = after.trim_start();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_slash_is_said() {
        assert_eq!(parse("hi all\n"), Typed::Say("hi all".into()));
        assert_eq!(parse("//x"), Typed::Say("/x".into()));
        assert_eq!(parse("  \n"), Typed::Nothing);
        assert_eq!(parse(" /users"), Typed::Say(" /users".into()));
    }

    #[test]
    fn commands_take_their_arguments() {
        let get = |file: &str, save_as: Option<&str>, pause_at| Typed::Get {
            file: file.into(),
            save_as: save_as.map(Into::into),
            pause_at,
        };
        let cases = [
            (
                "/msg Dana for you only",
                Typed::Msg { to: "Dana".into(), text: "for you only".into() },
            ),
            ("/msg 'two words' hi", Typed::Msg { to: "two words".into(), text: "hi".into() }),
            ("/reply yes", Typed::Reply("yes".into())),
            ("/get notes.pdf", get("notes.pdf", None, None)),
            ("/get 'my notes.pdf' copy.pdf", get("my notes.pdf", Some("copy.pdf"), None)),
            ("/get x --pause-at 50%", get("x", None, Some(50))),
            ("/get --pause-at=20% x y", get("x", Some("y"), Some(20))),
            ("/put \"a b\"", Typed::Put { path: "a b".into(), save_as: None }),
            ("/proceed 1", Typed::Proceed(Some(1))),
            ("/proceed #2", Typed::Proceed(Some(2))),
            ("/pause", Typed::Pause(None)),
            ("/quit", Typed::Quit),
        ];
        for (line, typed) in cases {
            assert_eq!(parse(line), typed, "{line}");
        }
    }

    #[test]
    fn every_command_is_known_and_helped_with() {
        for command in COMMANDS {
            let typed = parse(&format!("{command} 1 x"));
            let known = !matches!(&typed, Typed::Wrong(why) if why.contains("unknown"));
            assert!(known && HELP.contains(command), "{command}: {typed:?}");
        }
    }

    #[test]
    fn what_cannot_be_understood_is_explained() {
        for line in
            ["/msg", "/msg Dana", "/get", "/get a b c", "/proceed x", "/nick", "/frobnicate", "/"]
        {
            assert!(matches!(parse(line), Typed::Wrong(_)), "{line}");
        }
    }
}
