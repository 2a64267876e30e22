//! The configuration file: lines of `key = value`, a small part of TOML.

use std::path::{Path, PathBuf};
use std::{fs, io};

use proto_std::session::Error;

use crate::exit::usage;

/// What the file says; every key may be missing.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Config {
    pub(crate) server: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) state: Option<PathBuf>,
    pub(crate) secret_file: Option<PathBuf>,
    pub(crate) timeout: Option<u64>,
    pub(crate) retries: Option<u32>,
    pub(crate) color: Option<bool>,
}

impl Config {
    /// Reads the file; a missing file says nothing.
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        match fs::read_to_string(path) {
            Ok(text) => Self::parse(&text)
                .map_err(|(line, why)| usage(format!("{}:{line}: {why}", path.display()), "")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(Error::disk(format!("cannot read {}", path.display()), &error)),
        }
    }

    /// Parses the file's text. An error comes with the number of its line.
    fn parse(text: &str) -> Result<Self, (usize, String)> {
        let mut config = Self::default();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            config.set(line).map_err(|why| (index + 1, why))?;
        }
        Ok(config)
    }

    fn set(&mut self, line: &str) -> Result<(), String> {
        let (key, value) = line.split_once('=').ok_or("a line is `key = value`")?;
        let value = unquote(value.trim())?;
        let number = || format!("'{value}' is not a number");
        match key.trim() {
            "server" => self.server = Some(value),
            "name" => self.name = Some(value),
            "state" => self.state = Some(value.into()),
            "secret-file" => self.secret_file = Some(value.into()),
            "timeout" => self.timeout = Some(value.parse().map_err(|_| number())?),
            "retries" => self.retries = Some(value.parse().map_err(|_| number())?),
            "color" => {
                let color = value.parse().map_err(|_| format!("'{value}' is not true or false"))?;
                self.color = Some(color);
            }
            key => {
                return Err(format!(
                    "unknown key '{key}': the keys are server, name, state, secret-file, timeout, \
                     retries and color"
                ));
            }
        }
        Ok(())
    }
}

/// Takes the quotes off a string; what follows a bare value's ` #` is a comment.
fn unquote(value: &str) -> Result<String, String> {
    for quote in ['"', '\''] {
        if let Some(rest) = value.strip_prefix(quote) {
            let (inside, after) = rest.split_once(quote).ok_or("a quote is not closed")?;
            let after = after.trim();
            if !after.is_empty() && !after.starts_with('#') {
                return Err(format!("'{after}' stands behind the value"));
            }
            if quote == '"' && inside.contains('\\') {
                return Err("escapes are not read: write the value in 'single quotes'".to_owned());
            }
            return Ok(inside.to_owned());
        }
    }
    let bare = value.split_once(" #").map_or(value, |(bare, _)| bare);
    Ok(bare.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_values_quotes_and_comments_are_read() {
        let text = "# mine\n\nserver = \"192.168.1.5\" # home\nname='leah'\ntimeout = 5 # s\n\
                    color = false\nsecret-file = 'C:\\s'\n";
        let config = Config::parse(text).unwrap();
        assert_eq!(config.server.as_deref(), Some("192.168.1.5"));
        assert_eq!(config.name.as_deref(), Some("leah"));
        assert_eq!(config.timeout, Some(5));
        assert_eq!(config.color, Some(false));
        assert_eq!(config.secret_file.as_deref(), Some(Path::new("C:\\s")));
    }

    #[test]
    fn a_mistake_is_told_with_its_line() {
        for (text, line) in [
            ("server", 1),
            ("\ntimeout = soon", 2),
            ("nmae = x", 1),
            ("name = \"x", 1),
            ("name = \"x\" y", 1),
        ] {
            assert_eq!(Config::parse(text).unwrap_err().0, line, "{text}");
        }
    }

    #[test]
    fn a_missing_file_says_nothing() {
        assert_eq!(Config::read(Path::new("/nonexistent/x.toml")).unwrap(), Config::default());
    }
}
