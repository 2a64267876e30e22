//! The architecture as tests: what a reviewer would otherwise have to look for.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn a_file_tells_one_idea_in_at_most_400_lines() {
    complain("is longer than 400 lines without its tests", |source| {
        let lines = source.without_tests().lines().count();
        (lines > 400).then(|| format!("{lines} lines")).into_iter().collect()
    });
}

#[test]
fn a_function_fits_70_lines() {
    complain("has a function of more than 70 lines", |source| {
        functions(&source.text)
            .filter(|function| function.lines > 70)
            .map(|function| format!("{} ({} lines)", function.name, function.lines))
            .collect()
    });
}

#[test]
fn every_module_says_what_it_is_for() {
    complain("does not begin with a module comment", |source| {
        let first = source.text.lines().find(|line| !line.starts_with("#!["));
        let documented = first.is_some_and(|line| line.starts_with("//!"));
        if documented { Vec::new() } else { vec![first.unwrap_or("(empty)").into()] }
    });
}

#[test]
fn nothing_is_left_to_do_without_a_reason() {
    let macros = [concat!("to", "do!("), concat!("unimple", "mented!(")];
    let notes = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
    complain("leaves something to do", |source| {
        lines_where(&source.text, |line| {
            let reasoned = notes.iter().any(|note| line.contains(&format!("{note}(")));
            macros.iter().any(|left| line.contains(left))
                || (!reasoned && notes.iter().any(|note| has_word(line, note)))
        })
    });
}

#[test]
fn no_test_is_ignored() {
    let ignored = concat!("#[ig", "nore");
    complain("ignores a test", |source| lines_where(&source.text, |line| line.contains(ignored)));
}

#[test]
fn the_core_has_no_std_no_allocator_and_no_floats() {
    let lib = fs::read_to_string(root().join("proto-core/src/lib.rs")).unwrap();
    assert!(lib.contains("#![no_std]") && lib.contains("#![forbid(unsafe_code)]"));

    complain("names std, alloc or a float in the core", |source| {
        if !source.name.starts_with("proto-core/src/") || source.is_test() {
            return Vec::new();
        }
        lines_where(source.without_tests(), |line| {
            let code = line.split("//").next().unwrap_or_default();
            let foreign = ["std::", "alloc::"].iter().any(|path| has_path(code, path));
            foreign || has_word(code, "f32") || has_word(code, "f64")
        })
    });
}

#[test]
fn only_proto_std_names_the_runtime() {
    complain("names async-std outside proto-std", |source| {
        if source.name.starts_with("proto-std/") || source.name.ends_with("tidy.rs") {
            return Vec::new();
        }
        lines_where(&source.text, |line| {
            has_word(line.split("//").next().unwrap_or_default(), "async_std")
        })
    });
    for manifest in manifests() {
        let text = fs::read_to_string(root().join(&manifest)).unwrap();
        let names_it = text.lines().any(|line| line.starts_with("async-std"));
        let may = manifest == "proto-std/Cargo.toml" || manifest == "Cargo.toml";
        assert!(may || !names_it, "{manifest} depends on async-std: only proto-std may");
    }
}

/// femme writes JSON when it is built without debug assertions.
#[test]
fn a_released_server_speaks_to_people() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    assert!(manifest.contains("[profile.release.package.femme]\ndebug-assertions = true"));
}

#[test]
fn only_the_window_names_druid() {
    complain("names druid outside client-druid", |source| {
        if source.name.starts_with("client-druid/") || source.name.ends_with("tidy.rs") {
            return Vec::new();
        }
        lines_where(&source.text, |line| {
            has_path(line.split("//").next().unwrap_or_default(), "druid::")
        })
    });
}

#[test]
fn the_window_has_no_line_of_protocol() {
    complain("names the protocol's machines or the engine in the window", |source| {
        if !source.name.starts_with("client-druid/") {
            return Vec::new();
        }
        let foreign = ["proto_core::flow", "proto_core::path", "proto_core::link"];
        let more = ["proto_core::secure", "proto_core::chat", "proto_std::engine"];
        lines_where(&source.text, |line| {
            foreign.iter().chain(&more).any(|path| line.contains(path))
        })
    });
}

#[test]
fn every_citation_of_the_specification_exists() {
    let spec = fs::read_to_string(root().join("docs/PROTOCOL.md")).unwrap_or_default();
    let anchors = anchors(&spec);
    let words = plain(&spec);
    complain("cites what docs/PROTOCOL.md does not say", |source| {
        let mut missing = Vec::new();
        for line in source.text.lines().map(str::trim_start) {
            if let Some(anchor) = line.strip_prefix("//= docs/PROTOCOL.md#") {
                if !anchors.contains(anchor.trim()) {
                    missing.push(format!("#{anchor}"));
                }
            } else if let Some(quote) = line.strip_prefix("//# ")
                && !words.contains(&plain(quote))
            {
                missing.push(quote.into());
            }
        }
        missing
    });
}

#[test]
fn every_document_has_one_title() {
    for document in files(&root(), "md") {
        let text = fs::read_to_string(root().join(&document)).unwrap();
        let mut fenced = false;
        let titles = text.lines().filter(|line| {
            fenced ^= line.trim_start().starts_with("```");
            !fenced && line.starts_with("# ")
        });
        assert_eq!(titles.count(), 1, "{document} shall have one title of the first level");
    }
}

#[test]
fn every_row_of_the_sources_has_a_test_that_names_it() {
    let table = fs::read_to_string(root().join("docs/TESTING.md")).unwrap();
    let mut rows = 0;
    for line in table.lines() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, row, _, proof, _] = cells[..] else { continue };
        let Ok(row) = row.parse::<u32>() else { continue };
        let (module, test) = proof.trim_matches('`').split_once("::").unwrap();
        let path = format!("client-cli/tests/programs/{module}.rs");
        let proved = names_its_row(&path, test, row);
        assert_eq!(proved, Some(true), "{path}: {test} does not name row {row}");
        rows += 1;
    }
    assert_eq!(rows, 45, "rows 44 and 46 are no affair of these programs, others are");
}

#[test]
fn every_row_of_a_clients_screen_has_a_test_of_the_window_that_names_it() {
    let table = fs::read_to_string(root().join("docs/TESTING.md")).unwrap();
    let mut rows = 0;
    for line in table.lines() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, row, proof, _] = cells[..] else { continue };
        let Ok(row) = row.parse::<u32>() else { continue };
        let (module, test) = proof.trim_matches('`').split_once("::").unwrap();
        let proved = ["client-druid/src/tests", "client-druid/tests/window"]
            .into_iter()
            .find_map(|folder| names_its_row(&format!("{folder}/{module}.rs"), test, row));
        assert_eq!(proved, Some(true), "{module}: {test} does not name row {row}");
        rows += 1;
    }
    assert_eq!(rows, 32, "7 to 23 and 25 to 38 without the server's words, 43, 44 and 48");
}

/// Whether a test's comment names its row; `None` when there is no such test.
fn names_its_row(path: &str, test: &str, row: u32) -> Option<bool> {
    let source = fs::read_to_string(root().join(path)).ok()?;
    let (head, _) = source.split_once(&format!("fn {test}()"))?;
    let (_, comment) = head.rsplit_once("\n\n")?;
    let mut words = comment.split(|c: char| !c.is_ascii_digit());
    Some(
        comment.contains("#[test]")
            && comment.to_lowercase().contains("/// row")
            && words.any(|word| word == row.to_string()),
    )
}

/// A Rust file of the repository.
struct Source {
    name: String,
    text: String,
}

impl Source {
    /// Whether the whole file is a test.
    fn is_test(&self) -> bool {
        self.name.contains("/tests/") || self.name.ends_with("/tests.rs")
    }

    fn without_tests(&self) -> &str {
        // A `mod tests;` is one line of a hub: the file goes on behind it.
        let mut marks = self.text.match_indices("\n#[cfg(test)]\n");
        let inline = marks.find(|&(at, mark)| is_inline(&self.text[at + mark.len()..]));
        inline.map_or(&self.text, |(at, _)| &self.text[..at])
    }
}

/// Whether a module with a body begins here, after its attributes.
fn is_inline(rest: &str) -> bool {
    let item = rest.lines().find(|line| !line.starts_with("#["));
    item.is_some_and(|line| line.starts_with("mod ") && line.ends_with('{'))
}

struct Function<'s> {
    name: &'s str,
    lines: usize,
}

/// Finds functions by the indentation that rustfmt gives them.
fn functions(text: &str) -> impl Iterator<Item = Function<'_>> {
    let lines: Vec<&str> = text.lines().collect();
    let starts: Vec<usize> = (0..lines.len()).filter(|&at| begins_function(lines[at])).collect();
    starts.into_iter().filter_map(move |start| {
        let first = lines[start];
        let indent = first.len() - first.trim_start().len();
        let close = format!("{}}}", &first[..indent]);
        let mut rest = lines[start..].iter();
        let length = rest.position(|line| {
            let signature = line.strip_prefix(&first[..indent]).is_some_and(ends_signature);
            *line == close || signature || is_one_liner(line, first)
        })?;
        let name = first.trim_start().split("fn ").nth(1)?.split(['(', '<']).next()?;
        Some(Function { name, lines: length + 1 })
    })
}

fn begins_function(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let modifiers = ["pub", "pub(crate)", "pub(super)", "const", "async", "unsafe"];
    words.find(|word| !modifiers.contains(word)) == Some("fn")
}

fn is_one_liner(line: &str, first: &str) -> bool {
    line == first && (line.ends_with('}') || line.ends_with(';'))
}

/// Whether a trait's function of several lines ends here, without a body.
fn ends_signature(line: &str) -> bool {
    line.starts_with(')') && line.ends_with(';')
}

fn lines_where(text: &str, is_bad: impl Fn(&str) -> bool) -> Vec<String> {
    text.lines().filter(|line| is_bad(line)).map(|line| line.trim().into()).collect()
}

fn has_word(line: &str, word: &str) -> bool {
    line.split(|c: char| !c.is_alphanumeric() && c != '_').any(|found| found == word)
}

/// Whether a line names a path that begins with this crate.
fn has_path(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':')
    })
}

/// The anchors that headings get, as GitHub makes them.
fn anchors(document: &str) -> BTreeSet<String> {
    let headings = document.lines().filter(|line| line.starts_with('#'));
    headings
        .map(|line| {
            let title = line.trim_start_matches('#').trim().to_lowercase();
            let kept = title.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
            kept.map(|c| if c == ' ' { '-' } else { c }).collect()
        })
        .collect()
}

/// A text without marks and line breaks, so that quotes are found wherever lines end.
fn plain(text: &str) -> String {
    let unmarked: String = text.chars().filter(|c| !"*`_".contains(*c)).collect();
    unmarked.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn complain(fault: &str, check: impl Fn(&Source) -> Vec<String>) {
    let mut report = String::new();
    for name in files(&root(), "rs") {
        let text = fs::read_to_string(root().join(&name)).expect("a source file is UTF-8");
        for found in check(&Source { name: name.clone(), text }) {
            writeln!(report, "{name} {fault}: {found}").expect("a string takes all");
        }
    }
    assert!(report.is_empty(), "\n{report}");
}

fn manifests() -> Vec<String> {
    files(&root(), "toml").into_iter().filter(|name| name.ends_with("Cargo.toml")).collect()
}

/// Every file of a kind, by its path from the root, in order.
fn files(root: &Path, extension: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder is listed").flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if path.is_dir() && !name.starts_with('.') && name != "target" {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                let local = path.strip_prefix(root).expect("it lies below the root");
                found.push(local.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    found.sort();
    found
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a crate of a workspace").to_path_buf()
}
