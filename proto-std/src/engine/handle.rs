//! A session's hold on its flow.

use std::time::Duration;

use proto_core::ids::TransferId;
use proto_core::wire::{AbortReason, Transfer};

use super::{GetRequest, PutRequest};

/// Commands one session's flow. Each call waits only while the engine's queue is full. Dropping
/// the handle closes the flow at once.
#[derive(Debug)]
pub struct FlowHandle {}

#[expect(clippy::unused_async, reason = "the queue follows")]
impl FlowHandle {
    /// Hands over what the peer said about a transfer on the control channel.
    pub async fn message(&self, _message: Transfer) {
        unimplemented!("follows")
    }

    /// Begins a download; everything about it comes as events.
    pub async fn get(&self, _request: GetRequest) {
        unimplemented!("follows")
    }

    /// Begins an upload; everything about it comes as events.
    pub async fn put(&self, _request: PutRequest) {
        unimplemented!("follows")
    }

    /// Sets or clears this side's hold.
    pub async fn hold(&self, _id: TransferId, _set: bool) {
        unimplemented!("follows")
    }

    /// Agrees to go on past the server's stop point.
    pub async fn confirm(&self, _id: TransferId) {
        unimplemented!("follows")
    }

    /// Ends a transfer. What arrived is kept for a resume.
    pub async fn cancel(&self, _id: TransferId, _why: AbortReason) {
        unimplemented!("follows")
    }

    /// Closes the flow: its transfers go on without a control channel for `linger`, if that can
    /// be, and then stop where they are, to be resumed. Never waits.
    pub fn close(self, _linger: Duration) {
        unimplemented!("follows")
    }
}
