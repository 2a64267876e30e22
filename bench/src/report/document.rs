//! A document with places for tables: `<!-- LAN -->` to `<!-- end of LAN -->`.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::Fault;

/// A document that is written into, by one at a time.
pub struct Document(Mutex<PathBuf>);

impl Document {
    /// The document at a path.
    pub const fn at(path: PathBuf) -> Self {
        Self(Mutex::new(path))
    }

    /// Replaces what stands in the place of that name.
    pub fn write(&self, name: &str, text: &str) -> Result<(), Fault> {
        let path = self.0.lock().map_err(|_| "another scenario has failed")?;
        let whole = fs::read_to_string(&*path)?;
        let placed = place(&whole, name, text).ok_or_else(|| missing(&path, name))?;
        Ok(fs::write(&*path, placed)?)
    }
}

fn place(whole: &str, name: &str, text: &str) -> Option<String> {
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- end of {name} -->"));
    let (before, rest) = whole.split_once(&begin)?;
    let (_, after) = rest.split_once(&end)?;
    Some(format!("{before}{begin}\n{}\n\n{end}{after}", text.trim()))
}

fn missing(path: &Path, name: &str) -> String {
    format!("{} has no place for {name}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_its_own_place_is_written() {
        let whole =
            "# A\n<!-- X -->\nold\n<!-- end of X -->\n<!-- Y -->\nkept\n<!-- end of Y -->\n";
        let placed = place(whole, "X", "new\n").unwrap();
        assert!(
            placed.starts_with("# A\n<!-- X -->\n\nnew\n\n<!-- end of X -->\n<!-- Y -->\nkept")
        );
        assert_eq!(place(&placed, "X", "new").as_ref(), Some(&placed));
        assert_eq!(place(whole, "Z", "new"), None);
    }
}
