//! CHALLENGE and RESPONSE: does this address answer, and how long may a datagram be?
//!
//! All challenges of a round share a token and differ in length; the response names the longest
//! that arrived, so that one small datagram answers them all.

use super::{BadFrame, CHALLENGE, RESPONSE, take, zeros};

/// Body of a response without padding.
pub const RESPONSE_LEN: usize = 1 + 8 + 2;

/// Asks whether the address, and a datagram of this length, work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// Nobody can guess it.
    pub token: u64,
}

/// Answers a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Response {
    /// The challenge's.
    pub token: u64,
    /// Length of the longest datagram that came with this token.
    pub longest: u16,
}

impl Challenge {
    /// Body of a challenge without padding.
    pub const LEN: usize = 1 + 8;

    /// Writes a challenge that fills `body`.
    ///
    /// # Panics
    /// When `body` is shorter than [`Self::LEN`].
    pub fn encode(self, body: &mut [u8]) {
        body[0] = CHALLENGE;
        body[1..9].copy_from_slice(&self.token.to_le_bytes());
        body[9..].fill(0);
    }

    pub(super) fn decode(rest: &[u8]) -> Result<Self, BadFrame> {
        let (token, rest) = take::<8>(rest)?;
        zeros(rest)?;
        Ok(Self { token: u64::from_le_bytes(token) })
    }
}

impl Response {
    /// Writes a response that fills `body`.
    ///
    /// # Panics
    /// When `body` is shorter than [`RESPONSE_LEN`].
    pub fn encode(self, body: &mut [u8]) {
        body[0] = RESPONSE;
        body[1..9].copy_from_slice(&self.token.to_le_bytes());
        body[9..11].copy_from_slice(&self.longest.to_le_bytes());
        body[11..].fill(0);
    }

    pub(super) fn decode(rest: &[u8]) -> Result<Self, BadFrame> {
        let (token, rest) = take::<8>(rest)?;
        let (longest, rest) = take::<2>(rest)?;
        zeros(rest)?;
        Ok(Self { token: u64::from_le_bytes(token), longest: u16::from_le_bytes(longest) })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Frame;
    use super::*;

    #[test]
    fn golden_bytes() {
        let mut body = [9; 12];
        let challenge = Challenge { token: 0x0102_0304_0506_0708 };
        challenge.encode(&mut body);
        assert_eq!(body, [4, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0, 0]);
        assert_eq!(Frame::decode(&body), Ok(Frame::Challenge(challenge)));

        let response = Response { token: 0x0102_0304_0506_0708, longest: 1452 };
        response.encode(&mut body);
        assert_eq!(body, [5, 8, 7, 6, 5, 4, 3, 2, 1, 0xAC, 5, 0]);
        assert_eq!(Frame::decode(&body), Ok(Frame::Response(response)));
    }

    #[test]
    fn every_cut_is_refused() {
        for len in 0..8 {
            assert_eq!(Frame::decode(&[4; 9][..=len]), Err(BadFrame::Short));
        }
        for len in 0..10 {
            assert_eq!(Frame::decode(&[5; 11][..=len]), Err(BadFrame::Short));
        }
    }
}
