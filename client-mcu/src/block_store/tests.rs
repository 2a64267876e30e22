//! A store on blocks in memory, which can lose its power.

use std::cell::{Cell, RefCell};

use embedded_sdmmc::BlockCount;

use super::*;

#[test]
fn a_record_is_what_was_saved_last() {
    let mut store = BlockStore::new(Card::default());
    let mut out = [0; 1024];
    assert_eq!(store.load(Record::Note, &mut out), Ok(0));

    for len in [0, 32, 500, 501, 1024, 7] {
        store.save(Record::Note, &vec![1; len]).unwrap();
        store.save(Record::Key, &[2; 32]).unwrap();

        assert_eq!(store.load(Record::Note, &mut out), Ok(len));
        assert!(out[..len].iter().all(|byte| *byte == 1));
        assert_eq!(store.load(Record::Key, &mut out), Ok(32));
    }
}

#[test]
fn a_power_cut_leaves_the_record_before_or_the_record_after() {
    for writes in 0..4 {
        for spoils in [false, true] {
            let mut store = BlockStore::new(Card::default());
            store.save(Record::Note, &[1; 1024]).unwrap();
            store.device.writes.set(writes);
            store.device.spoils.set(spoils);

            let _ = store.save(Record::Note, &[2; 1024]);

            store.device.writes.set(usize::MAX);
            let mut out = [0; 1024];
            assert_eq!(store.load(Record::Note, &mut out), Ok(1024));
            assert!(out == [1; 1024] || out == [2; 1024], "after {writes} blocks");
            store.save(Record::Note, &[3; 8]).unwrap();
            assert_eq!(store.load(Record::Note, &mut out), Ok(8));
        }
    }
}

#[test]
fn bytes_come_back_from_any_place_whatever_the_order() {
    let mut store = BlockStore::new(Card::default());
    let content: Vec<u8> = (0..5000_u32).map(|at| at.to_le_bytes()[0]).collect();
    store.save(Record::Key, &[2; 32]).unwrap();

    for (start, end) in [(3000, 5000), (0, 100), (1100, 3000), (100, 1100)] {
        store.write_at(start as u64, &content[start..end]).unwrap();
    }

    let mut out = vec![0; 4000];
    store.read_at(700, &mut out).unwrap();
    assert!(out == content[700..4700]);
    assert_eq!(store.load(Record::Key, &mut out), Ok(32));
}

/// A card of 48 blocks.
struct Card {
    blocks: RefCell<Vec<Block>>,
    /// How many more blocks are written before the power is gone.
    writes: Cell<usize>,
    /// Whether the block that is written then is spoilt.
    spoils: Cell<bool>,
}

#[derive(Debug, PartialEq)]
struct PowerCut;

impl std::fmt::Display for PowerCut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the power is gone")
    }
}

impl std::error::Error for PowerCut {}

impl Default for Card {
    fn default() -> Self {
        let blocks = RefCell::new(vec![Block::new(); 48]);
        Self { blocks, writes: Cell::new(usize::MAX), spoils: Cell::new(false) }
    }
}

impl BlockDevice for Card {
    type Error = PowerCut;

    fn read(&self, blocks: &mut [Block], BlockIdx(first): BlockIdx) -> Result<(), PowerCut> {
        let first = usize::try_from(first).unwrap();
        blocks.clone_from_slice(&self.blocks.borrow()[first..first + blocks.len()]);
        Ok(())
    }

    fn write(&self, blocks: &[Block], BlockIdx(first): BlockIdx) -> Result<(), PowerCut> {
        let first = usize::try_from(first).unwrap();
        let mut all = self.blocks.borrow_mut();
        let Some(left) = self.writes.get().checked_sub(1) else {
            if self.spoils.get() {
                all[first].contents[..256].fill(0xA5);
            }
            return Err(PowerCut);
        };
        self.writes.set(left);
        all[first..first + blocks.len()].clone_from_slice(blocks);
        Ok(())
    }

    fn num_blocks(&self) -> Result<BlockCount, PowerCut> {
        Ok(BlockCount(48))
    }
}
