//! In which order things are told.

use super::{News, Tell};
use crate::flow::pending::Ordered;

impl Ordered for Tell {
    const ORDER: &'static [Self] = &[
        Self::Get,
        Self::Put,
        Self::Offer,
        Self::Accept,
        Self::Digest,
        Self::Hold,
        Self::Confirm,
        Self::Done,
        Self::Abort,
    ];

    fn place(self) -> u8 {
        self as u8
    }
}

impl Ordered for News {
    const ORDER: &'static [Self] = &[
        Self::Wanted,
        Self::Pushed,
        Self::Offered,
        Self::Started,
        Self::Holds,
        Self::Stalled,
        Self::Proceeding,
        Self::Received,
        Self::Verify,
        Self::End,
    ];

    fn place(self) -> u8 {
        self as u8
    }
}
