//! Servers seen before and their keys, in a file like SSH's `known_hosts`.
//!
//! One line per server: `host:port fingerprint`, and of one key that which was used last is below
//! the others. Lines of another form are kept and ignored.

use std::fs::{self, File, OpenOptions};
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

    /// Where the server with this key was used last. `None` when it was never seen.
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
        let _alone = self.lock();
        // One write, so that two processes at once do not mix their lines.
        let line = format!("{server} {key}\n");
        OpenOptions::new().create(true).append(true).open(&self.path)?.write_all(line.as_bytes())
    }

    /// A server that is written down is used again: its line goes below the others of its key.
    ///
    /// # Errors
    /// As the system says.
    pub fn on_use(&self, server: &ServerAddr, key: Fingerprint) -> io::Result<()> {
        if self.find_by_key(key)?.is_some_and(|last| last.to_string() == server.to_string()) {
            return Ok(());
        }
        let _alone = self.lock()?;
        let line = format!("{server} {key}");
        let old = self.read()?;
        // Somebody may have made it forgotten meanwhile.
        if !old.lines().any(|other| other == line) {
            return Ok(());
        }
        let others = old.lines().filter(|other| *other != line);
        let new: String = others.chain([&*line]).flat_map(|line| [line, "\n"]).collect();
        state::write_private(&self.path, new.as_bytes())
    }

    /// Forgets a server; false when it was not known.
    ///
    /// # Errors
    /// As the system says.
    pub fn forget(&self, server: &ServerAddr) -> io::Result<bool> {
        let _alone = self.lock();
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

    /// Keeps others from changing the file until what is returned is dropped: what they add while it
    /// is written anew would be lost. Not every disk has locks.
    fn lock(&self) -> io::Result<File> {
        let file = state::open_private(&self.path.with_extension("lock"))?;
        file.lock()?;
        Ok(file)
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

    #[test]
    fn a_server_with_two_addresses_is_where_it_was_used_last() {
        let dir = tempfile::tempdir().unwrap();
        let known = KnownServers::new(dir.path());
        let [first, second, other] =
            ["10.0.0.1:7", "chat.example:7", "chat.example:8"].map(|a| a.parse().unwrap());
        let [key, another] = [1, 2].map(|byte| Fingerprint(PublicKey([byte; 32])));
        for (server, key) in [(&first, key), (&second, key), (&other, another)] {
            known.add(server, key).unwrap();
        }

        known.on_use(&first, key).unwrap();
        assert_eq!(known.find_by_key(key).unwrap(), Some(first.clone()));
        known.on_use(&second, key).unwrap();
        assert_eq!(known.find_by_key(key).unwrap(), Some(second.clone()));

        assert_eq!(known.find(&first).unwrap(), Some(key));
        assert_eq!(known.find_by_key(another).unwrap(), Some(other));
        known.forget(&first).unwrap();
        known.on_use(&first, key).unwrap();
        assert_eq!(known.find(&first).unwrap(), None, "what is forgotten stays so");
    }

    #[test]
    fn what_several_write_down_at_once_is_all_there() {
        let dir = tempfile::tempdir().unwrap();
        let known = KnownServers::new(dir.path());
        let key = Fingerprint(PublicKey([1; 32]));
        let server = |number: u16| format!("chat.example:{}", 7000 + number).parse().unwrap();

        std::thread::scope(|scope| {
            for thread in 0..4 {
                let known = &known;
                scope.spawn(move || {
                    for number in thread * 10..thread * 10 + 10 {
                        known.add(&server(number), key).unwrap();
                        known.on_use(&server(thread * 10), key).unwrap();
                    }
                });
            }
        });

        for number in 0..40 {
            assert_eq!(known.find(&server(number)).unwrap(), Some(key), "{number}");
        }
    }
}
