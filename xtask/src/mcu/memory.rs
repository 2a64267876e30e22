//! How much memory a board used, as it tells at its end: `memory: chat 4360 stack 20752 …`.

use std::fmt::Write as _;

use crate::shell::Failure;

/// Numbers with names, in bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Memory(Vec<(String, u64)>);

impl Memory {
    /// Reads what a board told.
    pub(super) fn parse(line: &str) -> Option<Self> {
        let (_, told) = line.split_once("memory:")?;
        let words: Vec<&str> = told.split_whitespace().collect();
        let pair = |pair: &[&str]| Some((pair.first()?.to_string(), pair.get(1)?.parse().ok()?));
        words.chunks(2).map(pair).collect::<Option<_>>().map(Self)
    }

    /// One of the numbers.
    pub(super) fn of(&self, name: &str) -> Result<u64, Failure> {
        let found = self.0.iter().find(|(one, _)| one == name);
        found.map(|(_, bytes)| *bytes).ok_or_else(|| Failure(format!("no board told its {name}")))
    }

    /// Keeps whichever is larger of each number.
    pub(super) fn rise_to(&mut self, other: Self) {
        for (name, bytes) in other.0 {
            match self.0.iter_mut().find(|(one, _)| *one == name) {
                Some((_, most)) => *most = bytes.max(*most),
                None => self.0.push((name, bytes)),
            }
        }
    }
}

/// A table of what the boards have in common.
pub(super) fn table(boards: [&str; 2], flash: [u64; 2], memory: &[Memory; 2]) -> String {
    let mut table = format!("| bytes | {} | {} |\n|---|---|---|\n", boards[0], boards[1]);
    let mut row = |name: &str, one: u64, other: u64| {
        writeln!(table, "| {name} | {one} | {other} |").expect("a string takes everything");
    };
    row("flash", flash[0], flash[1]);
    for (name, bytes) in &memory[0].0 {
        row(name, *bytes, memory[1].of(name).unwrap_or_default());
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_that_was_ever_used_is_kept() {
        let mut memory = Memory::default();
        memory.rise_to(Memory::parse("memory: chat 7 stack 30").unwrap());
        memory.rise_to(Memory::parse("memory: chat 7 stack 20").unwrap());

        assert_eq!(memory, Memory::parse("memory: chat 7 stack 30").unwrap());
        assert_eq!(memory.of("stack").unwrap(), 30);
        assert!(memory.of("heap").is_err());
        assert_eq!(Memory::parse("memory: chat seven"), None);
    }
}
