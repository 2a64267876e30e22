//! Sends a batch, whatever the system says to it.
//!
//! Offload can be refused although each datagram alone would pass (a driver without it, a route
//! whose MTU shrank): then each is sent alone, at once, so that nothing is lost by it. A datagram
//! that the system refuses alone is as good as lost on the way, and the path deals with that.

use std::io;

use quinn_udp::{Transmit, is_msg_size_err};

use super::Batch;

/// What a socket can do: the system's, or one that fails on purpose.
pub(super) trait Wire {
    /// Sends one datagram, or several by offload.
    fn try_send(&self, transmit: &Transmit<'_>) -> io::Result<()>;
    /// Datagrams that offload takes now; 1 when there is none.
    fn most_segments(&self) -> usize;
    /// Tries offload again after it was not to blame.
    fn restore_offload(&mut self);
}

/// Whether a batch left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// All of it, or what the system refused is lost.
    All,
    /// The socket is full: the rest is for later.
    Blocked,
}

/// What became of datagrams at the socket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UdpStats {
    /// Datagrams sent.
    pub sent: u64,
    /// Calls that sent them.
    pub calls: u64,
    /// Datagrams larger than the next link takes.
    pub too_large: u64,
    /// Length of the last of these.
    pub too_long: Option<usize>,
    /// Datagrams refused for other reasons.
    pub refused: u64,
    /// Batches that were sent one by one because offload was refused.
    pub fallbacks: u64,
    /// Errors told by receiving: about datagrams sent before.
    pub errors: u64,
}

/// Sends what is left of a batch.
pub(super) fn send(wire: &mut impl Wire, batch: &mut Batch, stats: &mut UdpStats) -> Sent {
    let (mut fell_back, mut any_left, mut too_long) = (false, false, false);
    let mut outcome = Sent::All;
    while !batch.is_empty() {
        let (rest, segment) = (batch.rest(), batch.segment());
        let most = if fell_back { 1 } else { wire.most_segments() };
        let len = rest.len().min(segment * most.max(1));
        let transmit = Transmit {
            destination: batch.to(),
            ecn: None,
            contents: &rest[..len],
            segment_size: (len > segment).then_some(segment),
            src_ip: batch.from(),
        };
        let count = len.div_ceil(segment) as u64;
        match insist(wire, &transmit) {
            Ok(()) => {
                stats.sent += count;
                stats.calls += 1;
                any_left |= fell_back;
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                outcome = Sent::Blocked;
                break;
            }
            Err(_) if count > 1 => {
                stats.fallbacks += 1;
                fell_back = true;
                continue;
            }
            Err(error) if is_msg_size_err(&error) => {
                stats.too_large += 1;
                stats.too_long = Some(len);
                too_long = true;
            }
            Err(_) => stats.refused += 1,
        }
        batch.advance(len);
    }
    if fell_back && (too_long || !any_left) {
        // Alone they were refused, too: the destination is to blame.
        wire.restore_offload();
    }
    outcome
}

/// Sends again what was stopped by an error about a datagram sent before.
fn insist(wire: &impl Wire, transmit: &Transmit<'_>) -> io::Result<()> {
    let mut outcome = wire.try_send(transmit);
    for _ in 0..ATTEMPTS {
        match &outcome {
            Err(error) if is_about_another(error) => outcome = wire.try_send(transmit),
            _ => break,
        }
    }
    outcome
}

/// True for errors that tell of a datagram sent before, to whomever.
pub(super) fn is_about_another(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::Interrupted
    )
}

/// Attempts against errors that are about something else.
const ATTEMPTS: usize = 4;

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::VecDeque;
    use std::net::SocketAddr;

    use super::*;

    #[test]
    fn a_batch_leaves_in_one_call() {
        let mut wire = Faulty::new(64, []);
        let (sent, stats) = send_three(&mut wire);
        assert_eq!(sent, Sent::All);
        assert_eq!(wire.calls(), [(5, Some(2))]);
        assert_eq!((stats.sent, stats.calls), (3, 1));
    }

    #[test]
    fn what_offload_refuses_is_sent_again_one_by_one() {
        for errno in [
            #[cfg(unix)]
            rustix::io::Errno::IO,
            rustix::io::Errno::INVAL,
            rustix::io::Errno::MSGSIZE,
        ] {
            let mut wire = Faulty::new(64, [Some(errno)]);
            let (sent, stats) = send_three(&mut wire);
            assert_eq!(sent, Sent::All);
            assert_eq!(wire.calls(), [(5, Some(2)), (2, None), (2, None), (1, None)]);
            assert_eq!((stats.sent, stats.fallbacks, stats.refused), (3, 1, 0));
        }
    }

    #[test]
    fn without_offload_each_is_sent_alone() {
        let mut wire = Faulty::new(1, []);
        send_three(&mut wire);
        assert_eq!(wire.calls(), [(2, None), (2, None), (1, None)]);
    }

    #[test]
    fn a_full_socket_keeps_the_rest_for_later() {
        let mut wire = Faulty::new(1, [None, Some(rustix::io::Errno::AGAIN)]);
        let mut batch = three();
        let mut stats = UdpStats::default();

        assert_eq!(send(&mut wire, &mut batch, &mut stats), Sent::Blocked);
        assert_eq!(batch.rest(), b"bbc");
        assert_eq!(send(&mut wire, &mut batch, &mut stats), Sent::All);
        assert_eq!(stats.sent, 3);
    }

    #[test]
    fn a_datagram_too_large_is_lost_and_offload_is_not_blamed() {
        use rustix::io::Errno;
        let size = Some(Errno::MSGSIZE);
        let mut wire = Faulty::new(64, [Some(Errno::INVAL), size, size, size]);
        let (sent, stats) = send_three(&mut wire);
        assert_eq!(sent, Sent::All);
        assert_eq!((stats.sent, stats.too_large), (0, 3));
        assert_eq!((wire.restored, stats.too_long), (1, Some(1)));
    }

    #[test]
    fn a_destination_that_takes_nothing_leaves_offload_to_the_others() {
        let refused = Some(rustix::io::Errno::INVAL);
        let mut wire = Faulty::new(64, [refused; 4]);
        let (_, stats) = send_three(&mut wire);
        assert_eq!((wire.restored, stats.refused), (1, 3));
    }

    #[test]
    fn offload_stays_off_where_datagrams_pass_alone() {
        let mut wire = Faulty::new(64, [Some(rustix::io::Errno::INVAL)]);
        send_three(&mut wire);
        assert_eq!(wire.restored, 0);
    }

    #[test]
    fn an_error_about_another_datagram_stops_nothing() {
        let refused = Some(rustix::io::Errno::CONNREFUSED);
        let mut wire = Faulty::new(64, [refused, refused]);
        let (_, stats) = send_three(&mut wire);
        assert_eq!((stats.sent, stats.fallbacks), (3, 0));
    }

    #[test]
    fn a_network_that_is_down_ends_no_loop() {
        let down = Some(rustix::io::Errno::NETUNREACH);
        let mut wire = Faulty::new(64, [down; 4]);
        let (sent, stats) = send_three(&mut wire);
        assert_eq!(sent, Sent::All);
        assert_eq!((stats.sent, stats.refused), (0, 3));
    }

    struct Faulty {
        most: usize,
        faults: RefCell<VecDeque<Option<rustix::io::Errno>>>,
        calls: RefCell<Vec<(usize, Option<usize>)>>,
        restored: usize,
    }

    impl Faulty {
        fn new(most: usize, faults: impl IntoIterator<Item = Option<rustix::io::Errno>>) -> Self {
            let faults = RefCell::new(faults.into_iter().collect());
            Self { most, faults, calls: RefCell::default(), restored: 0 }
        }

        fn calls(&self) -> Vec<(usize, Option<usize>)> {
            self.calls.borrow().clone()
        }
    }

    impl Wire for Faulty {
        fn try_send(&self, transmit: &Transmit<'_>) -> io::Result<()> {
            self.calls.borrow_mut().push((transmit.contents.len(), transmit.segment_size));
            self.faults.borrow_mut().pop_front().flatten().map_or(Ok(()), |errno| Err(errno.into()))
        }

        fn most_segments(&self) -> usize {
            self.most
        }

        fn restore_offload(&mut self) {
            self.restored += 1;
        }
    }

    fn send_three(wire: &mut Faulty) -> (Sent, UdpStats) {
        let mut stats = UdpStats::default();
        let sent = send(wire, &mut three(), &mut stats);
        (sent, stats)
    }

    fn three() -> Batch {
        let to = SocketAddr::from(([127, 0, 0, 1], 9));
        let mut batch = Batch::new(64);
        for datagram in [&b"aa"[..], b"bb", b"c"] {
            let range = batch.push(to, None, datagram.len()).unwrap();
            batch.bytes_mut()[range].copy_from_slice(datagram);
        }
        batch
    }
}
