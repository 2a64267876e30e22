//! A client's control channel while it stands, and what of it is left when it breaks.

use proto_core::ids::ConnectionId;
use proto_core::limits::MAX_RECORD_LEN;
use proto_core::time::{Duration, Instant};
use proto_core::wire::{NoRoom, ToClient, ToServer, Transfer, decode, encode};

use crate::pipe::Pipe;

/// Both directions of a control channel.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) to_server: Pipe<Vec<u8>>,
    pub(super) to_client: Pipe<Vec<u8>>,
    /// The session's name for datagrams towards the server.
    pub(super) cid: ConnectionId,
    latency: Duration,
    client_notices: Option<Instant>,
    server_notices: Option<Instant>,
}

impl Line {
    pub(super) fn new(cid: ConnectionId, latency: Duration) -> Self {
        Self {
            to_server: Pipe::new(latency),
            to_client: Pipe::new(latency),
            cid,
            latency,
            client_notices: None,
            server_notices: None,
        }
    }

    /// Breaks the channel; both ends notice a little later.
    pub(super) fn cut(&mut self, now: Instant) {
        self.to_server.cut();
        self.to_client.cut();
        self.client_notices.get_or_insert(now + self.latency);
        self.server_notices.get_or_insert(now + self.latency);
    }

    /// Whether the client notices now that the channel is broken.
    pub(super) fn client_notices(&mut self, now: Instant) -> bool {
        notice(&mut self.client_notices, now)
    }

    /// Whether the server notices now that the channel is broken.
    pub(super) fn server_notices(&mut self, now: Instant) -> bool {
        notice(&mut self.server_notices, now)
    }

    /// When the server and the client will notice that the channel is broken.
    pub(super) fn next_notices(&self) -> (Option<Instant>, Option<Instant>) {
        (self.server_notices, self.client_notices)
    }

    pub(super) fn send_to_server(&mut self, now: Instant, message: Transfer) {
        self.to_server.send(now, packed(|record| encode(&ToServer::Transfer(message), record)));
    }

    pub(super) fn send_to_client(&mut self, now: Instant, message: Transfer) {
        self.to_client.send(now, packed(|record| encode(&ToClient::Transfer(message), record)));
    }

    pub(super) fn poll_at_server(&mut self, now: Instant) -> Option<Transfer> {
        let bytes = self.to_server.poll_arrival(now)?;
        match decode(&bytes) {
            Ok((ToServer::Transfer(message), [])) => Some(message),
            other => panic!("what was packed is unpacked: {other:?}"),
        }
    }

    pub(super) fn poll_at_client(&mut self, now: Instant) -> Option<Transfer> {
        let bytes = self.to_client.poll_arrival(now)?;
        match decode(&bytes) {
            Ok((ToClient::Transfer(message), [])) => Some(message),
            other => panic!("what was packed is unpacked: {other:?}"),
        }
    }
}

fn notice(at: &mut Option<Instant>, now: Instant) -> bool {
    at.take_if(|at| *at <= now).is_some()
}

fn packed(fill: impl FnOnce(&mut [u8]) -> Result<usize, NoRoom>) -> Vec<u8> {
    let mut record = [0; MAX_RECORD_LEN];
    let len = fill(&mut record).expect("every message fits a record");
    record[..len].to_vec()
}
