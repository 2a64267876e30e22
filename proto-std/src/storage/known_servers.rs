//! Which key each server had when it was met first.
//!
//! A text file like SSH's `known_hosts`, one server a line: `host:port` and the key in hexadecimal.
//! Lines that cannot be read are left as they are.

use std::io;
use std::path::{Path, PathBuf};

use proto_core::ids::PublicKey;

use super::atomic::{read_small, replace};

/// The file of known servers; read anew each time, because other programs write it too.
#[derive(Clone, Debug)]
pub struct KnownServers {
    path: PathBuf,
}

/// What is known of a server that shows a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the one that was met before.
    Same,
    /// It was never met.
    New,
    /// It showed another key before: somebody may stand in between.
    Changed(PublicKey),
}

impl KnownServers {
    /// The file, which need not exist.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Compares a server's key with the one it showed first. `server` is `host:port`.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn check(&self, server: &str, key: PublicKey) -> io::Result<Verdict> {
        let text = self.read()?;
        Ok(match text.lines().filter_map(parse).find(|(name, _)| *name == server) {
            None => Verdict::New,
            Some((_, known)) if known == key => Verdict::Same,
            Some((_, known)) => Verdict::Changed(known),
        })
    }

    /// Remembers a server's key, in place of the one before.
    ///
    /// # Errors
    /// When the file cannot be written, or the server's name has a space or a line end.
    pub fn remember(&self, server: &str, key: PublicKey) -> io::Result<()> {
        if server.is_empty() || server.contains(char::is_whitespace) || server.starts_with('#') {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let before = self.read()?;
        let others =
            before.lines().filter(|line| parse(line).is_none_or(|(name, _)| name != server));
        let mut text: String = others.flat_map(|line| [line, "\n"]).collect();
        text.push_str(server);
        text.push(' ');
        text.push_str(blake3::Hash::from_bytes(key.0).to_hex().as_str());
        text.push('\n');
        replace(&self.path, text.as_bytes())
    }

    fn read(&self) -> io::Result<String> {
        let content = read_small(&self.path, MAX_LEN)?.unwrap_or_default();
        String::from_utf8(content).map_err(|_| io::ErrorKind::InvalidData.into())
    }
}

fn parse(line: &str) -> Option<(&str, PublicKey)> {
    let mut words = line.split_whitespace();
    let (server, key) = (words.next()?, words.next()?);
    let key = blake3::Hash::from_hex(key).ok()?;
    Some((server, PublicKey(*key.as_bytes())))
}

/// Longest file that is read.
const MAX_LEN: u64 = 4 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_new_then_the_same_then_changed() {
        let root = tempfile::tempdir().unwrap();
        let servers = KnownServers::at(root.path().join("known_servers"));
        let (one, two) = (PublicKey([1; 32]), PublicKey([2; 32]));

        assert_eq!(servers.check("host:50000", one).unwrap(), Verdict::New);
        servers.remember("host:50000", one).unwrap();
        servers.remember("other:50000", two).unwrap();

        assert_eq!(servers.check("host:50000", one).unwrap(), Verdict::Same);
        assert_eq!(servers.check("host:50000", two).unwrap(), Verdict::Changed(one));
        servers.remember("host:50000", two).unwrap();
        assert_eq!(servers.check("host:50000", two).unwrap(), Verdict::Same);
        assert_eq!(servers.check("other:50000", two).unwrap(), Verdict::Same);
    }

    #[test]
    fn comments_and_rubbish_survive() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("known_servers");
        std::fs::write(&path, "# mine\nrubbish\n").unwrap();
        let servers = KnownServers::at(&path);
        servers.remember("host:1", PublicKey([3; 32])).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("# mine\nrubbish\nhost:1 0303"));
    }

    #[test]
    fn a_name_cannot_forge_a_line() {
        let root = tempfile::tempdir().unwrap();
        let servers = KnownServers::at(root.path().join("known_servers"));
        assert!(servers.remember("a\nb", PublicKey([0; 32])).is_err());
    }
}
