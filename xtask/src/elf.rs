//! Just enough of ELF for 32-bit little-endian programs: how large they are, and what is in them.

use std::fs;
use std::path::Path;

use crate::shell::Failure;

/// A program's sizes and names.
pub(crate) struct Elf {
    /// Code and constants.
    pub(crate) flash: u64,
    /// Variables.
    pub(crate) ram: u64,
    names: Vec<String>,
}

/// Flags and kinds of sections.
const WRITABLE: u32 = 1;
const LOADED: u32 = 2;
const NO_BITS: u32 = 8;
const NAMES: u32 = 3;

/// What the names of an allocator's functions hold: the compiler's own, those of the crate `alloc`,
/// and C's.
const ALLOCATORS: [&str; 4] = ["__rust_alloc", "__rust_realloc", "__rdl_", "5alloc"];
const ALLOCATORS_OF_C: [&str; 3] = ["malloc", "calloc", "realloc"];

struct Section {
    kind: u32,
    flags: u32,
    offset: usize,
    size: usize,
}

impl Elf {
    /// Reads a program.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let bytes = fs::read(path)?;
        Self::parse(&bytes).ok_or_else(|| Failure(format!("{} is no such ELF", path.display())))
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        bytes.starts_with(b"\x7fELF\x01\x01").then_some(())?;
        let begin = usize::try_from(word(bytes, 0x20)?).ok()?;
        let (size, count) = (usize::from(half(bytes, 0x2E)?), usize::from(half(bytes, 0x30)?));
        let sections: Vec<Section> =
            (0..count).map(|at| section(bytes, begin + at * size)).collect::<Option<_>>()?;
        let sum = |wanted: &dyn Fn(&&Section) -> bool| {
            let loaded = sections.iter().filter(|section| section.flags & LOADED != 0);
            loaded.filter(wanted).map(|section| section.size as u64).sum()
        };
        let names = sections.iter().filter(|section| section.kind == NAMES);
        let names = names.filter_map(|names| bytes.get(names.offset..)?.get(..names.size));
        let names = names.flat_map(|names| names.split(|byte| *byte == 0));
        Some(Self {
            // What variables begin with lies in flash besides.
            flash: sum(&|section| section.kind != NO_BITS),
            ram: sum(&|section| section.flags & WRITABLE != 0),
            names: names.map(|name| String::from_utf8_lossy(name).into_owned()).collect(),
        })
    }

    /// The function by which the program asks for memory, if it does.
    pub(crate) fn asks_for_memory(&self) -> Option<&str> {
        let asks = |name: &&String| {
            ALLOCATORS.iter().any(|part| name.contains(part))
                || ALLOCATORS_OF_C.iter().any(|of_c| name == of_c)
        };
        self.names.iter().find(asks).map(String::as_str)
    }
}

fn section(bytes: &[u8], at: usize) -> Option<Section> {
    let field = |offset| word(bytes, at + offset);
    Some(Section {
        kind: field(0x04)?,
        flags: field(0x08)?,
        offset: field(0x10)?.try_into().ok()?,
        size: field(0x14)?.try_into().ok()?,
    })
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|word| u32::from_le_bytes(*word))
}

fn half(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|half| u16::from_le_bytes(*half))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_asks_for_memory_is_found_by_any_name_of_an_allocator() {
        for name in ["_RNvCs7_7___rustc12___rust_alloc", "_RNvNtCs_5alloc5alloc5x", "malloc"] {
            assert_eq!(program(&["_start", name]).asks_for_memory(), Some(name));
        }
        assert_eq!(program(&["_start", "hub_allocates_nothing"]).asks_for_memory(), None);
    }

    #[test]
    fn sizes_and_names_are_read_from_the_sections() {
        let mut bytes = b"\x7fELF\x01\x01".to_vec();
        bytes.resize(0x34, 0);
        bytes[0x20] = 0x34;
        (bytes[0x2E], bytes[0x30]) = (0x28, 3);
        for (kind, flags, size) in [(1, LOADED, 100), (NO_BITS, LOADED | WRITABLE, 20)] {
            bytes.extend(header(kind, flags, 0, size));
        }
        bytes.extend(header(NAMES, 0, 0x34 + 3 * 0x28, 7));
        bytes.extend(b"_start\0");

        let elf = Elf::parse(&bytes).unwrap();

        assert_eq!((elf.flash, elf.ram), (100, 20));
        assert_eq!(elf.names, ["_start", ""]);
    }

    fn program(names: &[&str]) -> Elf {
        Elf { flash: 0, ram: 0, names: names.iter().map(ToString::to_string).collect() }
    }

    fn header(kind: u32, flags: u32, offset: u32, size: u32) -> Vec<u8> {
        let fields = [0, kind, flags, 0, offset, size, 0, 0, 0, 0];
        fields.iter().flat_map(|field: &u32| field.to_le_bytes()).collect()
    }
}
