//! Servers seen before and their keys, in a file like SSH's `known_hosts`.
//!
//! One line per server: `host:port fingerprint`. Lines of another form are kept and ignored.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::address::{Fingerprint, ServerAddr};
use crate::state;

/// The known servers of one state directory.
#[derive(Clone, Debug)]
pub struct KnownServers {
    path: PathBuf,
}

impl KnownServers {
    /// The file `known_servers` in the state directory; it need not exist.
    pub fn new(state_dir: &Path) -> Self {
        Self { path: state_dir.join("known_servers") }
    }

    /// Where the servers are written down.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The key that the server had when it was first seen. `None` when it was not.
    ///
    /// # Errors
    /// When the file exists but cannot be read.
    pub fn find(&self, server: &ServerAddr) -> io::Result<Option<Fingerprint>> {
        let place = server.to_string();
        Ok(self.read()?.lines().find_map(|line| match line.split_once(' ') {
            Some((host, key)) if host == place => key.trim().parse().ok(),
            _ => None,
        }))
    }

    /// Where the server with this key was seen last. `None` when it was not.
    ///
    /// # Errors
    /// When the file exists but cannot be read.
    pub fn find_by_key(&self, key: Fingerprint) -> io::Result<Option<ServerAddr>> {
        let key = key.to_string();
        Ok(self.read()?.lines().rev().find_map(|line| match line.split_once(' ') {
            Some((host, found)) if found.trim() == key => host.parse().ok(),
            _ => None,
        }))
    }

    /// Writes a server down.
    ///
    /// # Errors
    /// As the system says.
    pub fn add(&self, server: &ServerAddr, key: Fingerprint) -> io::Result<()> {
        if let Some(dir) = self.path.parent() {
            state::make_private_dir(dir)?;
        }
        // One write, so that two processes at once do not mix their lines.
        let line = format!("{server} {key}\n");
        OpenOptions::new().create(true).append(true).open(&self.path)?.write_all(line.as_bytes())
    }

    /// Forgets a server; false when it was not known.
    ///
    /// # Errors
    /// As the system says.
    pub fn forget(&self, server: &ServerAddr) -> io::Result<bool> {
        let place = server.to_string();
        let old = self.read()?;
        let is_other = |line: &&str| line.split_once(' ').is_none_or(|(host, _)| host != place);
        let new: String = old.lines().filter(is_other).flat_map(|line| [line, "\n"]).collect();
        if new == old {
            return Ok(false);
        }
        state::write_private(&self.path, new.as_bytes())?;
        Ok(true)
    }

    fn read(&self) -> io::Result<String> {
        match fs::read_to_string(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
            outcome => outcome,
        }
    }
}

#[cfg(test)]
mod tests {
    use proto_core::ids::PublicKey;

    use super::*;

    #[test]
    fn a_server_is_known_until_it_is_forgotten() {
        let dir = tempfile::tempdir().unwrap();
        let known = KnownServers::new(dir.path());
        let here: ServerAddr = "chat.example:7".parse().unwrap();
        let there: ServerAddr = "chat.example:8".parse().unwrap();
        let key = |byte| Fingerprint(PublicKey([byte; 32]));
        assert_eq!(known.find(&here).unwrap(), None);
        known.add(&here, key(1)).unwrap();
        known.add(&there, key(2)).unwrap();
        assert_eq!(known.find(&here).unwrap(), Some(key(1)));
        assert_eq!(known.find_by_key(key(2)).unwrap(), Some(there.clone()));
        assert_eq!(known.find_by_key(key(3)).unwrap(), None);

        assert!(known.forget(&here).unwrap());
        assert!(!known.forget(&here).unwrap());

        assert_eq!(known.find(&here).unwrap(), None);
        assert_eq!(known.find(&there).unwrap(), Some(key(2)));
    }
}
