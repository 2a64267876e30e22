//! Receives what is there, whatever the system says about datagrams that were sent before.
//!
//! Where nobody listens, the system tells so at the next datagram that is received: Windows by a
//! connection that was reset, although UDP has none. A datagram that is too long is an error there,
//! too. None of it ends anything.

use std::io;

use super::UdpStats;
use super::sending::is_about_another;

/// Calls `fill` until it brings something; false when there is nothing.
pub(super) fn receive(stats: &mut UdpStats, mut fill: impl FnMut() -> io::Result<usize>) -> bool {
    for _ in 0..ATTEMPTS {
        match fill() {
            Ok(filled) => return filled > 0,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return false,
            Err(error) => {
                stats.errors += 1;
                if !is_about_another(&error) {
                    log::debug!("receiving: {error}");
                }
            }
        }
    }
    false
}

/// Errors in a row that are passed over before anything else has its turn.
const ATTEMPTS: usize = 64;

#[cfg(test)]
mod tests {
    use rustix::io::Errno;

    use super::*;

    #[test]
    fn what_was_sent_in_vain_does_not_keep_a_datagram_back() {
        let mut calls = [Errno::CONNRESET, Errno::CONNREFUSED, Errno::MSGSIZE].into_iter();
        let mut stats = UdpStats::default();
        let fill = || calls.next().map_or(Ok(2), |errno| Err(errno.into()));
        assert!(receive(&mut stats, fill));
        assert_eq!(stats.errors, 3);
    }

    #[test]
    fn a_socket_that_only_fails_is_left_alone_for_a_while() {
        let mut stats = UdpStats::default();
        assert!(!receive(&mut stats, || Err(Errno::CONNRESET.into())));
        assert!(!receive(&mut stats, || Err(Errno::WOULDBLOCK.into())));
        assert_eq!(stats.errors, ATTEMPTS as u64);
    }
}
