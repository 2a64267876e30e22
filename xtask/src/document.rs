//! Tables that commands measure, in documents that people write.

use std::fs;

use crate::shell::{Failure, Outcome, root};

/// Puts a table between its marks, `<!-- NAME -->` and `<!-- end of NAME -->`.
pub(crate) fn write_table(document: &str, name: &str, table: &str) -> Outcome {
    let path = root().join(document);
    let text = fs::read_to_string(&path)?;
    let written = replace(&text, name, table)
        .ok_or_else(|| Failure(format!("{document} has no place for the table of {name}")))?;
    fs::write(path, written).map_err(Failure::from)
}

fn replace(text: &str, name: &str, table: &str) -> Option<String> {
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- end of {name} -->\n"));
    let (before, rest) = text.split_once(&begin)?;
    let (_, after) = rest.split_once(&end)?;
    Some(format!("{before}{begin}{table}{end}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_replaces_its_own_and_nothing_else() {
        let text = "a\n<!-- x -->\nold\n<!-- end of x -->\nb\n<!-- y -->\nold\n<!-- end of y -->\n";

        let written = replace(text, "y", "new\n").unwrap();

        assert_eq!(written, text.replace("<!-- y -->\nold", "<!-- y -->\nnew"));
        assert_eq!(replace(text, "z", "new\n"), None);
    }
}
