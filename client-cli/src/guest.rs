//! A name for people who give none: a random one, kept in the state directory, because the
//! server binds a name to the key of whoever uses it first.

use std::fs;
use std::path::Path;

use proto_core::text::Name;
use proto_std::entropy;
use proto_std::session::Error;
use proto_std::state::{create_private, make_private_dir};

const FILE: &str = "guest-name";

/// The guest's name of this state directory; made at the first call.
pub(crate) fn name(state: &Path) -> Result<Name, Error> {
    let path = state.join(FILE);
    if let Some(name) = read(&path) {
        return Ok(name);
    }
    let [a, b, c, d] = entropy::bytes();
    let name = format!("guest-{a:02x}{b:02x}{c:02x}{d:02x}");
    let trouble = |error| Error::disk(format!("cannot write {}", path.display()), &error);
    make_private_dir(state).map_err(trouble)?;
    match create_private(&path, name.as_bytes()) {
        Ok(()) => {}
        // Another run was faster; or the file was damaged, and this run has a name of its own.
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            if let Some(name) = read(&path) {
                return Ok(name);
            }
        }
        Err(error) => return Err(trouble(error)),
    }
    Ok(Name::parse(&name).expect("hexadecimal digits make a name"))
}

fn read(path: &Path) -> Option<Name> {
    Name::parse(fs::read_to_string(path).ok()?.trim()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guest_keeps_the_name() {
        let state = tempfile::tempdir().unwrap();
        let first = name(state.path()).unwrap();
        assert_eq!(name(state.path()).unwrap(), first);
        let other = tempfile::tempdir().unwrap();
        assert_ne!(name(other.path()).unwrap(), first);
    }
}
