//! What every file of a world really contains, by version: what all else is compared with.

use std::collections::BTreeMap;

use proto_core::ids::{Digest, Stamp};

use crate::rng::Rng;

/// Contents by version. No two versions of a world share a stamp.
#[derive(Clone, Debug)]
pub struct Truth {
    contents: BTreeMap<u64, Vec<u8>>,
    rng: Rng,
}

impl Truth {
    /// Makes a world without files.
    pub fn new(rng: Rng) -> Self {
        Self { contents: BTreeMap::new(), rng }
    }

    /// Makes up a version of that length.
    pub fn create(&mut self, len: u64) -> Stamp {
        let stamp = self.contents.len() as u64 + 1;
        let mut content = vec![0; usize::try_from(len).expect("simulated files fit memory")];
        self.rng.fill(&mut content);
        self.contents.insert(stamp, content);
        Stamp(stamp)
    }

    /// The content of a version.
    pub fn content(&self, stamp: Stamp) -> &[u8] {
        self.contents.get(&stamp.0).expect("every stamp of a world was made here")
    }

    /// The length of a version.
    pub fn len(&self, stamp: Stamp) -> u64 {
        self.content(stamp).len() as u64
    }

    /// The digest of a version.
    pub fn digest(&self, stamp: Stamp) -> Digest {
        digest(self.content(stamp))
    }

    /// Whether that is all of some version, and nothing else.
    pub fn is_version(&self, content: &[u8]) -> bool {
        self.contents.values().any(|version| version == content)
    }

    /// Whether these bytes are what a version has at that offset.
    pub fn matches(&self, stamp: Stamp, offset: u64, bytes: &[u8]) -> bool {
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        let there =
            start.checked_add(bytes.len()).and_then(|end| self.content(stamp).get(start..end));
        there == Some(bytes)
    }
}

/// A digest that is good enough for worlds without malice.
pub fn digest(content: &[u8]) -> Digest {
    let mut lanes = [1_u64, 2, 3, content.len() as u64];
    for (at, chunk) in content.chunks(8).enumerate() {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        let lane = &mut lanes[at % 4];
        *lane = (*lane ^ u64::from_le_bytes(word)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        *lane ^= *lane >> 32;
    }
    let mut digest = [0; 32];
    for (out, lane) in digest.chunks_mut(8).zip(lanes) {
        out.copy_from_slice(&lane.to_le_bytes());
    }
    Digest(digest)
}
