//! A folder's path as people write it: Windows also has a spelling that only programs read.

use std::path::PathBuf;

use proto_core::text::FileName;

/// `\\?\C:\files` is `C:\files` to people, unless other programs would take that for another place.
pub(super) fn spoken(path: PathBuf) -> PathBuf {
    let rest = path.to_str().and_then(|text| text.strip_prefix(r"\\?\"));
    match rest {
        Some(rest) if rest.len() < MAX_LEN && is_plain(rest) => rest.into(),
        _ => path,
    }
}

/// Whether it is a disk's letter and names that mean the same everywhere.
fn is_plain(path: &str) -> bool {
    let Some((disk, names)) = path.split_once(r":\") else { return false };
    disk.len() == 1
        && names.split('\\').all(|name| name.is_empty() || FileName::parse(name).is_ok())
}

/// The longest path of a folder that every program takes.
const MAX_LEN: usize = 248;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_spelt_for_people_where_it_stays_the_same_place() {
        let long = format!(r"\\?\C:\{}", "x".repeat(300));
        let cases = [
            (r"\\?\C:\Users\Leah\files", r"C:\Users\Leah\files"),
            (r"\\?\C:\", r"C:\"),
            (r"\\?\C:\con\files", r"\\?\C:\con\files"),
            (r"\\?\C:\dot.\files", r"\\?\C:\dot.\files"),
            (r"\\?\UNC\server\share", r"\\?\UNC\server\share"),
            ("/home/leah", "/home/leah"),
            (&long, &long),
        ];
        for (path, said) in cases {
            assert_eq!(spoken(path.into()), PathBuf::from(said));
        }
    }
}
