//! Where a download goes, and whether the name that was typed for it makes sense.

use std::path::{Path, PathBuf};

use proto_core::text::FileName;
use proto_std::save_as::{TypeLost, type_lost};
use proto_std::session::Error;

use crate::exit::usage;
use crate::special::{self, Special};

/// Where downloads go; absolute, because a resume may begin elsewhere.
#[expect(clippy::large_enum_variant, reason = "there is one, and it is short-lived")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// Into this folder, each under its own name.
    Folder(PathBuf),
    /// Into this folder, under this name.
    File(PathBuf, FileName),
    /// To standard output.
    Stdout,
    /// To a pipe or a device, as to standard output.
    Stream(PathBuf),
    /// To the null device: verified, and not kept.
    Nowhere,
}

impl Target {
    /// Reads what `-o` says: a folder when it is one or ends with a separator, else a file.
    pub(crate) fn parse(output: Option<&str>) -> Result<Self, Error> {
        let output = output.unwrap_or(".");
        if output == "-" {
            return Ok(Self::Stdout);
        }
        let path = Path::new(output);
        if output.is_empty() {
            return Err(usage("-o needs a path", "Name a folder, a file, or - for the output."));
        }
        let path = std::path::absolute(path)
            .map_err(|error| Error::disk(format!("cannot use {output}"), &error))?;
        match special::look(&path) {
            Some(Special::Null) => return Ok(Self::Nowhere),
            Some(Special::Stream) => return Ok(Self::Stream(path)),
            None => {}
        }
        if output.ends_with(std::path::is_separator) || path.is_dir() {
            return Ok(Self::Folder(path));
        }
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let name = parse_name(name)?;
        let folder = path.parent().unwrap_or(&path).to_owned();
        Ok(Self::File(folder, name))
    }
}

/// Checks a name that a file shall be saved as.
pub(crate) fn parse_name(name: &str) -> Result<FileName, Error> {
    FileName::parse(name)
        .map_err(|why| usage(format!("cannot save as '{}': {why}", name.escape_debug()), ""))
}

/// Checks that `name` keeps the type of `file`: its format is `<name>.<file type>`.
pub(crate) fn check(file: &FileName, name: &FileName) -> Result<(), Error> {
    let Some(TypeLost { kind, other, better }) = type_lost(file, name) else { return Ok(()) };
    let what = match other {
        Some(other) => format!("'{name}' is of type .{other}, but '{file}' is of type .{kind}"),
        None => format!("'{name}' has no file type, but '{file}' is a .{kind}"),
    };
    let next = "The format is <name>.<file type>: write";
    Err(usage(what, format!("{next} {better}, or add --yes to save it so anyway.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str) -> FileName {
        FileName::parse(name).unwrap()
    }

    #[test]
    fn a_path_is_a_folder_or_a_file() {
        let here = std::env::current_dir().unwrap();
        let cases = [
            (None, Target::Folder(here.clone())),
            (Some("-"), Target::Stdout),
            (Some("copy.pdf"), Target::File(here.clone(), file("copy.pdf"))),
            (Some("down/copy.pdf"), Target::File(here.join("down"), file("copy.pdf"))),
            (Some("/copy.pdf"), Target::File("/".into(), file("copy.pdf"))),
            (Some("down/"), Target::Folder(here.join("down/"))),
            (Some("."), Target::Folder(here.clone())),
        ];
        for (output, target) in cases {
            assert_eq!(Target::parse(output).unwrap(), target, "{output:?}");
        }
        assert!(Target::parse(Some("")).is_err());
        assert!(Target::parse(Some("a:b")).is_err());
    }

    #[test]
    fn a_missing_or_other_type_is_explained() {
        let missing = check(&file("notes.pdf"), &file("copy")).unwrap_err().to_string();
        assert!(missing.contains("has no file type"), "{missing}");
        assert!(missing.contains("<name>.<file type>: write copy.pdf"), "{missing}");
        let other = check(&file("notes.pdf"), &file("copy.txt")).unwrap_err().to_string();
        assert!(other.contains("is of type .txt"), "{other}");
        assert!(other.contains("write copy.pdf"), "{other}");
    }
}
