//! What a datagram carries, once opened: exactly one frame, in bytes written by hand.
//!
//! ```text
//! body = type u8 | fields | padding
//!   128 + transfer DATA  offset u32 | bytes to the end            acknowledged once stored
//!   2 ACK        delay u16 | largest varint | n u8 | length varint | n x (gap, length)
//!   3 HAVE       transfer u16 | n u8 | n x (gap varint, length varint)
//!   4 CHALLENGE  token u64 | zeros                                answered by RESPONSE
//!   5 RESPONSE   token u64 | longest u16 | zeros
//!   6 PING       zeros                                            acknowledged
//! ```
//!
//! Integers are little-endian, varints are QUIC's (RFC 9000 section 16). Bit 6 of the type asks
//! for an acknowledgement at once; it is meaningful for DATA and PING and refused elsewhere. The
//! bits below name a DATA's transfer; if they are all set, it and an offset of 48 bits follow.
//! Read in this order: `varint`, `data`, `ack`, `have`, `challenge`.

mod ack;
mod challenge;
mod data;
mod have;
mod varint;

use core::fmt;

pub use ack::{Ack, AckRanges, MAX_ACK_LEN, MIN_ACK_LEN};
pub use challenge::{Challenge, RESPONSE_LEN, Response};
pub use data::Data;
pub use have::{Have, MAX_HAVE_LEN};

/// Bit of the type that says that it is DATA.
const DATA: u8 = 0x80;
/// Bit of the type that asks for an acknowledgement at once.
const URGENT: u8 = 0x40;
/// Bits of DATA's type that name the transfer; all of them say that the header is long.
const TRANSFER: u8 = 0x3F;

const ACK: u8 = 2;
const HAVE: u8 = 3;
const CHALLENGE: u8 = 4;
const RESPONSE: u8 = 5;
const PING: u8 = 6;

/// One frame, borrowed from the body of a datagram.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "it lives for one call and is never stored")]
pub enum Frame<'a> {
    /// Bytes of a file.
    Data(Data<'a>),
    /// Which packets arrived and are stored.
    Ack(Ack<'a>),
    /// Which bytes of a file are stored.
    Have(Have),
    /// Asks whether the address, and this size, work.
    Challenge(Challenge),
    /// They do.
    Response(Response),
    /// Asks for an acknowledgement and nothing else.
    Ping {
        /// Whether it is wanted at once.
        urgent: bool,
    },
}

impl<'a> Frame<'a> {
    /// Reads the one frame of a body.
    ///
    /// # Errors
    /// Says what is wrong with it: the peer's fault, for the body was authentic.
    pub fn decode(body: &'a [u8]) -> Result<Self, BadFrame> {
        let (&kind, rest) = body.split_first().ok_or(BadFrame::Short)?;
        if kind & DATA != 0 {
            return Data::decode(kind, rest).map(Self::Data);
        }
        let urgent = kind & URGENT != 0;
        match kind & !URGENT {
            PING => zeros(rest).map(|()| Self::Ping { urgent }),
            _ if urgent => Err(BadFrame::UnknownType),
            ACK => Ack::decode(rest).map(Self::Ack),
            HAVE => Have::decode(rest).map(Self::Have),
            CHALLENGE => Challenge::decode(rest).map(Self::Challenge),
            RESPONSE => Response::decode(rest).map(Self::Response),
            _ => Err(BadFrame::UnknownType),
        }
    }

    /// Writes a PING that fills `body`.
    pub fn encode_ping(urgent: bool, body: &mut [u8]) {
        body.fill(0);
        if let Some(kind) = body.first_mut() {
            *kind = if urgent { PING | URGENT } else { PING };
        }
    }
}

/// Padding is zeros and nothing else, so that nobody hides anything in it.
fn zeros(rest: &[u8]) -> Result<(), BadFrame> {
    if rest.iter().all(|&byte| byte == 0) { Ok(()) } else { Err(BadFrame::Padding) }
}

/// Splits a fixed number of bytes off.
fn take<const N: usize>(bytes: &[u8]) -> Result<([u8; N], &[u8]), BadFrame> {
    let (head, rest) = bytes.split_first_chunk::<N>().ok_or(BadFrame::Short)?;
    Ok((*head, rest))
}

/// Why an authentic body is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum BadFrame {
    /// It ends before its frame does.
    Short,
    /// Nobody knows this type.
    UnknownType,
    /// Bytes follow the frame that are not padding.
    Padding,
    /// Ranges overlap, touch, run below zero or beyond the end.
    Ranges,
    /// More ranges than the limit.
    TooMany,
    /// It has no bytes, or more than fit a file.
    Extent,
    /// A number is written longer than it needs to be.
    Overlong,
}

impl fmt::Display for BadFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Short => "the frame is cut off",
            Self::UnknownType => "the frame's type is unknown",
            Self::Padding => "something follows the frame",
            Self::Ranges => "the frame's ranges are not ranges",
            Self::TooMany => "the frame has too many ranges",
            Self::Extent => "the frame's bytes do not fit a file",
            Self::Overlong => "a number in the frame is longer than it needs to be",
        })
    }
}

impl core::error::Error for BadFrame {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_byte_is_decided() {
        for kind in 0..=u8::MAX {
            let known = matches!(kind, 2..=6 | 0x46 | 0x80..);
            let body = [kind, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
            let unknown = Frame::decode(&body) == Err(BadFrame::UnknownType);
            assert_eq!(unknown, !known, "type {kind}");
        }
    }

    #[test]
    fn golden_ping() {
        let mut body = [9; 4];
        Frame::encode_ping(true, &mut body);
        assert_eq!(body, [0x46, 0, 0, 0]);
        assert_eq!(Frame::decode(&body), Ok(Frame::Ping { urgent: true }));
        assert_eq!(Frame::decode(&[6]), Ok(Frame::Ping { urgent: false }));
    }

    #[test]
    fn padding_must_be_zeros() {
        assert_eq!(Frame::decode(&[6, 0, 1]), Err(BadFrame::Padding));
    }

    #[test]
    fn an_empty_body_is_short() {
        assert_eq!(Frame::decode(&[]), Err(BadFrame::Short));
    }
}
