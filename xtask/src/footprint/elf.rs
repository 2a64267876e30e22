//! Just enough of ELF for 32-bit little-endian programs: how large they are, and what is in them.

use std::fs;
use std::path::Path;

use crate::shell::{Failure, Outcome};

/// A program's sizes and names.
pub(super) struct Elf {
    /// Code and constants.
    pub(super) flash: u64,
    /// Variables.
    pub(super) ram: u64,
    names: Vec<String>,
}

/// Flags and kinds of sections.
const WRITABLE: u32 = 1;
const LOADED: u32 = 2;
const NO_BITS: u32 = 8;
const NAMES: u32 = 3;

struct Section {
    kind: u32,
    flags: u32,
    offset: usize,
    size: usize,
}

impl Elf {
    /// Reads a program.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
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

    /// Checks that nobody asks for memory: there is none to be had.
    pub(super) fn refuses_an_allocator(&self) -> Outcome {
        let asks = |name: &&String| name.contains("__rust_alloc") || *name == "malloc";
        match self.names.iter().find(asks) {
            Some(name) => Err(Failure(format!("the core asks for memory: {name}"))),
            None => Ok(()),
        }
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
