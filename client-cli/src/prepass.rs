//! Rewrites what was typed into the plain form that `argh` reads.
//!
//! `--x=y` becomes `--x y`, `-vq` becomes `-v -q`, `-oPATH` becomes `-o PATH`, and options in
//! front of the command move behind it. Nothing after `--` is touched.

/// What the command line asks for, before any command is looked at.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Typed {
    /// `--version` anywhere.
    Version,
    /// A command line in plain form.
    Plain(Vec<String>),
}

/// Options that take a value; all others are switches.
const WITH_VALUE: [&str; 13] = [
    "--server",
    "--name",
    "-n",
    "--timeout",
    "--retries",
    "--state",
    "--secret-file",
    "--to",
    "--output",
    "-o",
    "--pause-at",
    "--limit-rate",
    "--as",
];

/// Switches of one letter, which may be bundled.
const SWITCHES: [char; 4] = ['h', 'q', 'v', 'y'];
/// Options of one letter that take a value: they may end a bundle, or carry their value.
const LETTERS_WITH_VALUE: [char; 2] = ['n', 'o'];

/// Rewrites the arguments, without the program's name.
pub(crate) fn rewrite(args: impl IntoIterator<Item = String>) -> Typed {
    let mut before_command = Vec::new();
    let mut after_command = Vec::new();
    let mut command = None;
    let mut args = args.into_iter();
    while let Some(arg) = args.next() {
        if arg == "--" {
            after_command.push(arg);
            after_command.extend(args);
            break;
        }
        if arg == "--version" || arg == "-V" {
            return Typed::Version;
        }
        if !arg.starts_with('-') && command.is_none() {
            command = Some(arg);
            continue;
        }
        let rest = if command.is_some() { &mut after_command } else { &mut before_command };
        if plain(arg, rest) == Next::Value {
            rest.extend(args.next());
        }
    }
    match command {
        Some(command) if command == "help" => {
            after_command.push("--help".to_owned());
            Typed::Plain(after_command)
        }
        Some(command) => {
            let mut line = vec![command];
            line.append(&mut before_command);
            line.append(&mut after_command);
            Typed::Plain(line)
        }
        None => {
            before_command.append(&mut after_command);
            Typed::Plain(before_command)
        }
    }
}

/// What the argument after this one is.
#[derive(PartialEq, Eq)]
enum Next {
    /// The value of the option just read: taken as it is.
    Value,
    /// Anything.
    Anything,
}

/// Appends one argument in plain form.
fn plain(arg: String, line: &mut Vec<String>) -> Next {
    if let Some((option, value)) =
        arg.split_once('=').filter(|(option, _)| option.starts_with("--"))
    {
        line.push(option.to_owned());
        line.push(value.to_owned());
        return Next::Anything;
    }
    let Some(parts) = bundle(&arg) else {
        let next = after(&arg);
        line.push(arg);
        return next;
    };
    let next = parts.last().map_or(Next::Anything, |last| after(last));
    line.extend(parts);
    next
}

fn after(option: &str) -> Next {
    if WITH_VALUE.contains(&option) { Next::Value } else { Next::Anything }
}

/// Takes a bundle of one-letter options apart; `None` when it is not one.
fn bundle(arg: &str) -> Option<Vec<String>> {
    let letters = arg.strip_prefix('-')?;
    if letters.chars().count() < 2 {
        return None;
    }
    let mut parts = Vec::new();
    for (at, letter) in letters.char_indices() {
        if LETTERS_WITH_VALUE.contains(&letter) {
            parts.push(format!("-{letter}"));
            let value = &letters[at + letter.len_utf8()..];
            if !value.is_empty() {
                parts.push(value.to_owned());
            }
            return Some(parts);
        }
        if !SWITCHES.contains(&letter) {
            return None;
        }
        parts.push(format!("-{letter}"));
    }
    Some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(args: &[&str]) -> Vec<String> {
        match rewrite(args.iter().map(ToString::to_string)) {
            Typed::Plain(line) => line,
            Typed::Version => vec!["version".to_owned()],
        }
    }

    #[test]
    fn an_equals_sign_is_a_space() {
        assert_eq!(
            rewritten(&["get", "s", "f", "--pause-at=50%", "--name=a=b"]),
            ["get", "s", "f", "--pause-at", "50%", "--name", "a=b"]
        );
    }

    #[test]
    fn bundles_are_taken_apart() {
        assert_eq!(rewritten(&["ls", "-vq"]), ["ls", "-v", "-q"]);
        assert_eq!(rewritten(&["get", "-o-"]), ["get", "-o", "-"]);
        assert_eq!(rewritten(&["get", "-qo", "-v"]), ["get", "-q", "-o", "-v"]);
        assert_eq!(rewritten(&["ls", "-vx"]), ["ls", "-vx"]);
    }

    #[test]
    fn a_value_is_taken_as_it_is() {
        assert_eq!(rewritten(&["send", "--to", "--x=y"]), ["send", "--to", "--x=y"]);
        assert_eq!(
            rewritten(&["send", "--to=--name", "-vq"]),
            ["send", "--to", "--name", "-v", "-q"]
        );
        assert_eq!(
            rewritten(&["send", "s", "--", "--x=y", "-vq"]),
            ["send", "s", "--", "--x=y", "-vq"]
        );
    }

    #[test]
    fn options_in_front_of_the_command_move_behind_it() {
        assert_eq!(
            rewritten(&["--json", "--name", "leah", "ls", "s"]),
            ["ls", "--json", "--name", "leah", "s"]
        );
    }

    #[test]
    fn help_and_version_are_found() {
        assert_eq!(rewritten(&["help", "get"]), ["get", "--help"]);
        assert_eq!(rewritten(&["help"]), ["--help"]);
        assert_eq!(rewritten(&["ls", "--version"]), ["version"]);
        assert_eq!(rewritten(&["send", "s", "--", "--version"]), ["send", "s", "--", "--version"]);
    }
}
