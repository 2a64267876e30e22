//! The connection under the transfers: it comes, carries one flow, and falls.

use std::net::SocketAddr;
use std::sync::Arc;

use async_std::channel::Receiver;
use proto_core::link::Established;
use proto_core::time::Duration;

use super::Transfers;
use super::room::Room;
use crate::clock;
use crate::engine::{self, Engine, EngineEvent, NoFiles};
use crate::race::{Either, race, sleep_until};
use crate::session::event::Event;

/// How long a file that is complete may take to be checked when the connection has ended.
const CHECK_PATIENCE: Duration = Duration::from_secs(10);

impl Transfers {
    /// A connection stands: everything that is unfinished goes on. The requests follow the login
    /// without waiting for its answer, which saves a round trip.
    pub(in crate::session) async fn begin(&mut self, established: Established, remote: SocketAddr) {
        self.close();
        self.line = Some((established, remote));
        self.room = Room::new();
        self.submit().await;
    }

    /// What the engine tells about the present flow; `None` while there is none.
    pub(in crate::session) fn events(&self) -> Option<Receiver<EngineEvent>> {
        self.events.clone()
    }

    /// The engine tells nothing any more.
    pub(in crate::session) fn on_end(&mut self) {
        self.events = None;
    }

    /// Gives the engine away, if there ever was one: to be stopped.
    pub(in crate::session) fn take_engine(&mut self) -> Option<Engine> {
        self.close();
        self.engine.take()
    }

    /// Opens a flow over the present connection, unless there is one: whoever only talks costs
    /// neither side the memory of it.
    pub(super) fn open(&mut self) {
        if self.flow.is_some() {
            return;
        }
        self.start();
        let (Some(engine), Some((established, remote))) = (&self.engine, &self.line) else {
            return;
        };
        let (flow, events) = engine.open(engine::SessionConfig {
            keys: established.keys.clone(),
            local_cid: established.local_cid,
            remote_cid: established.remote_cid,
            remote: Some(*remote),
            host: None,
            peer: established.peer,
            files: Arc::new(NoFiles),
            sidecars: self.sidecars.clone(),
            confirm_at: None,
            limit_rate: self.limit_rate,
        });
        (self.flow, self.events) = (Some(flow), Some(events));
    }

    /// Closes the flow. What has arrived is kept, and asked for again on the next flow.
    fn close(&mut self) {
        (self.line, self.events) = (None, None);
        if let Some(flow) = self.flow.take() {
            flow.close(Duration::ZERO);
        }
    }

    /// The connection has ended: hears what the engine has to say of it, so that an end that was
    /// reached is no transfer to ask for again. A file that is complete is checked before.
    pub(in crate::session) async fn settle(&mut self) {
        let (Some(flow), Some(events)) = (self.flow.take(), self.events.take()) else { return };
        // Nothing new begins on a flow that ends.
        self.line = None;
        flow.settle(CHECK_PATIENCE);
        // The engine ends the flow in time; if it does not, that is no reason to wait.
        let until = clock::now() + CHECK_PATIENCE * 2;
        while let Either::Left(Ok(event)) = race(events.recv(), sleep_until(until)).await {
            self.on_event(event).await;
        }
    }

    /// The connection is lost.
    pub(in crate::session) async fn on_offline(&mut self) {
        self.close();
        for job in self.jobs.values_mut() {
            if job.submitted {
                job.on_offline();
                self.voice.tell(Event::Transfer(Box::new(job.report.clone()))).await;
            }
        }
    }
}

#[cfg(test)]
mod tests;
