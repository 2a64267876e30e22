//! Whether a file keeps its type under another name: its format is `<name>.<file type>`.

use proto_core::text::FileName;

/// A name under which a file loses its type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeLost<'a> {
    /// The file's type.
    pub kind: &'a str,
    /// The type that the name has, if it has one.
    pub other: Option<&'a str>,
    /// The name with the file's type.
    pub better: String,
}

/// Looks whether `file` loses its type as `name`; a file without a type has none to lose.
pub fn type_lost<'a>(file: &'a FileName, name: &'a FileName) -> Option<TypeLost<'a>> {
    let kind = file.extension()?;
    let other = name.extension();
    let is_kept = other.is_some_and(|other| other.eq_ignore_ascii_case(kind));
    (!is_kept).then(|| TypeLost { kind, other, better: format!("{}.{kind}", name.stem()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_kept_whatever_its_case_and_lost_with_another_or_none() {
        let file = |name: &str| FileName::parse(name).unwrap();
        for name in ["copy.pdf", "copy.PDF", "a.b.pdf"] {
            assert_eq!(type_lost(&file("notes.pdf"), &file(name)), None, "{name}");
        }
        assert_eq!(type_lost(&file("README"), &file("readme.txt")), None);
        for (name, other) in [("copy", None), ("copy.txt", Some("txt"))] {
            let lost = TypeLost { kind: "pdf", other, better: "copy.pdf".into() };
            assert_eq!(type_lost(&file("notes.pdf"), &file(name)), Some(lost));
        }
    }
}
