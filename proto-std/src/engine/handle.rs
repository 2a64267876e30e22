//! A session's hold on its flow.

use std::time::Duration;

use proto_core::ids::TransferId;
use proto_core::wire::{AbortReason, Transfer};

use super::command::{Closing, Command, Mailbox, SessionKey};
use super::{Engine, GetRequest, PutRequest};

/// Commands one session's flow. Each call waits only while the engine's queue is full. Dropping
/// the handle closes the flow at once.
#[derive(Debug)]
pub struct FlowHandle {
    session: SessionKey,
    mailbox: Mailbox,
    closing: Closing,
    /// Keeps the thread alive.
    _engine: Engine,
}

impl FlowHandle {
    pub(super) fn new(session: SessionKey, mailbox: Mailbox, engine: Engine) -> Self {
        Self { session, mailbox, closing: Closing::Linger(Duration::ZERO), _engine: engine }
    }

    /// Hands over what the peer said about a transfer on the control channel.
    pub async fn message(&self, message: Transfer) {
        self.mailbox.send(Command::Message(self.session, Box::new(message))).await;
    }

    /// Begins a download; everything about it comes as events.
    pub async fn get(&self, request: GetRequest) {
        self.mailbox.send(Command::Get(self.session, Box::new(request))).await;
    }

    /// Begins an upload; everything about it comes as events.
    pub async fn put(&self, request: PutRequest) {
        self.mailbox.send(Command::Put(self.session, Box::new(request))).await;
    }

    /// Sets or clears this side's hold.
    pub async fn hold(&self, id: TransferId, set: bool) {
        self.mailbox.send(Command::Hold(self.session, id, set)).await;
    }

    /// Agrees to go on past the server's stop point.
    pub async fn confirm(&self, id: TransferId) {
        self.mailbox.send(Command::Confirm(self.session, id)).await;
    }

    /// Ends a transfer. What arrived is kept for a resume.
    pub async fn cancel(&self, id: TransferId, why: AbortReason) {
        self.end(id, why, false).await;
    }

    /// Ends a transfer and deletes what arrived.
    pub async fn discard(&self, id: TransferId) {
        self.end(id, AbortReason::Cancelled, true).await;
    }

    /// Closes the flow: its transfers go on without a control channel for `linger`, if that can
    /// be, and then stop where they are, to be resumed. Never waits.
    pub fn close(mut self, linger: Duration) {
        self.closing = Closing::Linger(linger);
    }

    /// Closes the flow once it has told every end that is reached already, or is reached without
    /// the peer: a file that is complete and has its digest is checked first, but for no longer
    /// than `patience`. Never waits: the end of the events says that it is done.
    pub fn settle(mut self, patience: Duration) {
        self.closing = Closing::Settle(patience);
    }

    async fn end(&self, id: TransferId, why: AbortReason, discard: bool) {
        let session = self.session;
        self.mailbox.send(Command::Cancel { session, id, why, discard }).await;
    }
}

impl Drop for FlowHandle {
    fn drop(&mut self) {
        self.mailbox.post(Command::Close(self.session, self.closing));
    }
}
