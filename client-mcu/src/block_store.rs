//! A store on blocks, such as those of an SD card.
//!
//! In front lie the records, each in two slots by turns, so that a power cut spoils only the slot
//! that is not the newest. Behind them lies one file, which stays until another one is fetched.

use embedded_sdmmc::{Block, BlockDevice, BlockIdx};
use proto_core::text::FileName;

use crate::store::{Record, Store};

/// Blocks of a slot: its head and the longest record.
const SLOT_LEN: u32 = 3;
/// The name of the file, once it is whole, behind the other records.
const NAME: u32 = 3;
/// The first block of the file.
const FILE: u32 = 32;
const _: () = assert!((NAME + 1) * 2 * SLOT_LEN <= FILE);

/// Bytes of a slot's head: how many records came before it, its length, and a checksum.
const HEAD_LEN: usize = 12;
const MAX_LEN: usize = SLOT_LEN as usize * Block::LEN - HEAD_LEN;

/// The store.
pub(crate) struct BlockStore<D> {
    device: D,
    block: [Block; 1],
}

impl<D: BlockDevice> BlockStore<D> {
    /// A store on a device's first blocks.
    pub(crate) fn new(device: D) -> Self {
        Self { device, block: [Block::new()] }
    }

    fn read(&mut self, index: u32) -> Result<(), D::Error> {
        self.device.read(&mut self.block, BlockIdx(index))
    }

    fn write(&self, index: u32) -> Result<(), D::Error> {
        self.device.write(&self.block, BlockIdx(index))
    }

    /// Reads a slot; its turn and its length, or `None` when it is spoilt or was never written.
    fn slot(&mut self, first: u32, out: &mut [u8]) -> Result<Option<(u32, usize)>, D::Error> {
        self.read(first)?;
        let [turn, len, expected] = self.head();
        let whole = usize::try_from(len).unwrap_or(usize::MAX);
        if turn == 0 || whole > MAX_LEN {
            return Ok(None);
        }
        let mut sum = checksum(checksum(SEED, &turn.to_le_bytes()), &len.to_le_bytes());
        let mut done = 0;
        for (index, start, end) in pieces(HEAD_LEN, whole) {
            if index > 0 {
                self.read(first + index)?;
            }
            let piece = &self.block[0].contents[start..end];
            sum = checksum(sum, piece);
            let room = out.get_mut(done..).unwrap_or_default();
            let fits = room.len().min(piece.len());
            room[..fits].copy_from_slice(&piece[..fits]);
            done += piece.len();
        }
        Ok((sum == expected).then_some((turn, whole)))
    }

    /// The newest slot of a record and its turn, or the one before the first.
    fn newest(&mut self, record: u32) -> Result<(u32, u32), D::Error> {
        let first = record * 2 * SLOT_LEN;
        let one = self.slot(first, &mut [])?.map_or(0, |(turn, _)| turn);
        let other = self.slot(first + SLOT_LEN, &mut [])?.map_or(0, |(turn, _)| turn);
        Ok(if one > other { (first, one) } else { (first + SLOT_LEN, other) })
    }

    fn load_record(&mut self, record: u32, out: &mut [u8]) -> Result<usize, D::Error> {
        let (newest, _) = self.newest(record)?;
        Ok(self.slot(newest, out)?.map_or(0, |(_, len)| len.min(out.len())))
    }

    fn save_record(&mut self, record: u32, bytes: &[u8]) -> Result<(), D::Error> {
        assert!(bytes.len() <= MAX_LEN, "a slot has room for every record");
        let (newest, turn) = self.newest(record)?;
        let first = record * 2 * SLOT_LEN + if newest % (2 * SLOT_LEN) == 0 { SLOT_LEN } else { 0 };
        let (turn, len) = (turn + 1, u32::try_from(bytes.len()).unwrap_or(0));
        let sum = checksum(checksum(SEED, &turn.to_le_bytes()), &len.to_le_bytes());
        let head = [turn, len, checksum(sum, bytes)].map(u32::to_le_bytes);
        self.block[0].contents[..HEAD_LEN].copy_from_slice(head.as_flattened());
        let mut left = bytes;
        for (index, start, end) in pieces(HEAD_LEN, bytes.len()) {
            let (piece, rest) = left.split_at(end - start);
            self.block[0].contents[start..end].copy_from_slice(piece);
            self.write(first + index)?;
            left = rest;
        }
        Ok(())
    }

    fn head(&self) -> [u32; 3] {
        let (words, _) = self.block[0].contents.as_chunks();
        [words[0], words[1], words[2]].map(u32::from_le_bytes)
    }
}

impl<D: BlockDevice> Store for BlockStore<D> {
    type Error = D::Error;

    fn load(&mut self, record: Record, out: &mut [u8]) -> Result<usize, D::Error> {
        self.load_record(record as u32, out)
    }

    fn save(&mut self, record: Record, bytes: &[u8]) -> Result<(), D::Error> {
        self.save_record(record as u32, bytes)
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<(), D::Error> {
        let mut left = bytes;
        for (index, start, end) in pieces_at(offset, bytes.len()) {
            if end - start < Block::LEN {
                self.read(index)?;
            }
            let (piece, rest) = left.split_at(end - start);
            self.block[0].contents[start..end].copy_from_slice(piece);
            self.write(index)?;
            left = rest;
        }
        Ok(())
    }

    fn read_at(&mut self, offset: u64, out: &mut [u8]) -> Result<(), D::Error> {
        let len = out.len();
        let mut left = out;
        for (index, start, end) in pieces_at(offset, len) {
            self.read(index)?;
            let (piece, rest) = left.split_at_mut(end - start);
            piece.copy_from_slice(&self.block[0].contents[start..end]);
            left = rest;
        }
        Ok(())
    }

    fn clear(&mut self) -> Result<(), D::Error> {
        self.save_record(NAME, &[])
    }

    fn finish(&mut self, name: &FileName) -> Result<(), D::Error> {
        self.save_record(NAME, name.as_str().as_bytes())
    }
}

/// The blocks of so many bytes that begin at `start` of the first, and where in each they lie.
fn pieces(start: usize, len: usize) -> impl Iterator<Item = (u32, usize, usize)> {
    let end = start + len;
    (0..).zip((0..end.max(1)).step_by(Block::LEN)).map(move |(index, block)| {
        (index, start.saturating_sub(block), (end - block).min(Block::LEN))
    })
}

/// The same for a place in the file.
fn pieces_at(offset: u64, len: usize) -> impl Iterator<Item = (u32, usize, usize)> {
    let block = Block::LEN as u64;
    let start = usize::try_from(offset % block).unwrap_or(0);
    // A card that is too small for it fails to find such a block.
    let first = u32::try_from(offset / block).map_or(u32::MAX, |first| first.saturating_add(FILE));
    pieces(start, len).map(move |(index, start, end)| (first.saturating_add(index), start, end))
}

const SEED: u32 = 0x811C_9DC5;

/// FNV-1a: enough to see a block that was written in part.
fn checksum(sum: u32, bytes: &[u8]) -> u32 {
    bytes.iter().fold(sum, |sum, byte| (sum ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests;
