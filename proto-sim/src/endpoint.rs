//! One end of a session, driven as a program drives it: a `Flow`, and the files it works on.
//!
//! ```text
//!   messages, datagrams --> Flow --> Data, Packet --> effects (datagrams)
//!                             |----> Message     --> effects (control channel)
//!                             '----> Event       --> opens, writes, verifies, names files
//! ```
//!
//! Everything that the flow hands out is checked here, at the moment it is handed out.

mod files;
mod oracle;

use std::collections::BTreeMap;

use proto_core::flow::{Arrival, FlowOutput, Receipt};
use proto_core::ids::{Digest, Stamp, TransferId};
use proto_core::path::{Address, Packet};
use proto_core::text::FileName;
use proto_core::time::{Duration, Instant};
use proto_core::wire::frame::Frame;
use proto_core::wire::{AbortReason, ByteRange, Held, Transfer};

use crate::checks::Checks;
use crate::machine::Machine;
use crate::store::Store;
use crate::timeline::Timeline;
use crate::trace::Trace;
use crate::truth::Truth;

/// What an end shows to its world.
#[derive(Debug)]
pub enum Effect {
    /// A datagram to be sent.
    Send(Address, Vec<u8>),
    /// A message for the control channel.
    Message(Box<Transfer>),
    /// A transfer is complete on both sides.
    Finished(TransferId),
    /// A transfer ended early.
    Ended(TransferId, AbortReason),
    /// Somebody's hold changed: whether the other side holds now.
    Held(TransferId, bool),
}

/// What is around an end: its host's files, and where its doings go.
#[derive(Debug)]
pub struct Host<'w> {
    /// The host's files.
    pub store: &'w mut Store,
    /// What all files contain.
    pub truth: &'w Truth,
    /// The story.
    pub trace: &'w mut Trace,
    /// Who we are, in the story.
    pub who: (&'static str, usize),
    /// What the end wants done.
    pub effects: &'w mut Vec<Effect>,
}

/// One end of a session.
#[derive(Debug)]
pub struct Endpoint {
    flow: Machine,
    jobs: BTreeMap<TransferId, Job>,
    /// Which bytes each packet brought that may be acknowledged.
    brought: BTreeMap<u64, (TransferId, ByteRange)>,
    /// The largest number that arrived.
    newest: u64,
    staged: Timeline<Staged>,
    write_time: Duration,
    wakes: Option<Instant>,
    checks: Checks,
}

/// The file of a transfer.
#[derive(Clone, Debug)]
struct Job {
    /// Its name on this host.
    local: String,
    side: Side,
    /// Bytes written since the last checkpoint.
    unsaved: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Source(Stamp),
    /// A sink does not know the version before the offer.
    Sink(Option<Stamp>),
}

/// Work of the disk that takes time.
#[derive(Debug)]
enum Staged {
    Write { id: TransferId, offset: u64, bytes: Vec<u8>, receipt: Receipt },
    Digest { id: TransferId, digest: Digest },
    Verify { id: TransferId, digest: Digest },
}

impl Endpoint {
    /// Makes a client's end, whose disk takes that long for a write.
    pub fn of_client(flow: Machine, write_time: Duration) -> Self {
        Self::new(flow, write_time, Checks::default())
    }

    /// Makes a server's end, which must not be used to flood strangers.
    pub fn of_server(flow: Machine, write_time: Duration) -> Self {
        Self::new(flow, write_time, Checks::of_a_server())
    }

    fn new(flow: Machine, write_time: Duration, checks: Checks) -> Self {
        Self {
            flow,
            jobs: BTreeMap::new(),
            brought: BTreeMap::new(),
            newest: 0,
            staged: Timeline::new(),
            write_time,
            wakes: Some(Instant::ZERO),
            checks,
        }
    }

    /// Begins to prove the path, or waits for the peer to.
    pub fn open(&mut self, now: Instant, host: &mut Host<'_>, remote: Option<Address>) {
        self.flow.open(now, remote);
        self.drain(now, host);
    }

    /// Asks for a file, or for what of it is not here yet. False when there is no room.
    pub fn get(
        &mut self,
        now: Instant,
        host: &mut Host<'_>,
        id: TransferId,
        name: &str,
        local: &str,
        hold: bool,
    ) -> bool {
        let have = host.store.sidecar(local).map(|sidecar| Held {
            stamp: sidecar.stamp,
            ranges: sidecar.held.iter().copied().collect(),
        });
        if have.is_none() {
            host.store.discard(local);
        }
        let name = FileName::parse(name).expect("names in a world are plain");
        let taken = self.flow.get(now, id, &name, have.as_ref(), hold).is_ok();
        if taken {
            self.add_job(id, local, Side::Sink(None));
        }
        self.drain(now, host);
        taken
    }

    /// Offers an upload. False when there is no room.
    pub fn put(
        &mut self,
        now: Instant,
        host: &mut Host<'_>,
        id: TransferId,
        name: &str,
        stamp: Stamp,
        hold: bool,
    ) -> bool {
        let file = FileName::parse(name).expect("names in a world are plain");
        let version = (host.truth.len(stamp), stamp);
        let taken = self.flow.put(now, id, &file, version, hold).is_ok();
        if taken {
            self.add_job(id, name, Side::Source(stamp));
            self.stage_digest(now, host, id, stamp);
        }
        self.drain(now, host);
        taken
    }

    /// Sets or clears this side's hold.
    pub fn hold(&mut self, now: Instant, host: &mut Host<'_>, id: TransferId, set: bool) {
        self.flow.hold(now, id, set);
        self.drain(now, host);
    }

    /// Sets or clears this side's hold on everything that runs.
    pub fn hold_all(&mut self, now: Instant, host: &mut Host<'_>, set: bool) {
        for id in self.jobs.keys().copied().collect::<Vec<_>>() {
            self.hold(now, host, id, set);
        }
    }

    /// Agrees to go on past the server's stop point.
    pub fn confirm(&mut self, now: Instant, host: &mut Host<'_>, id: TransferId) {
        self.flow.confirm(now, id);
        self.drain(now, host);
    }

    /// Takes a message from the control channel.
    pub fn handle_message(&mut self, now: Instant, host: &mut Host<'_>, message: &Transfer) {
        let heard = self.flow.handle_message(now, message);
        assert!(heard.is_ok(), "an honest peer's message is taken: {heard:?} for {message:?}");
        self.drain(now, host);
    }

    /// Takes a datagram. `heard_at` says where its author had heard from us before.
    pub fn handle_datagram(
        &mut self,
        now: Instant,
        host: &mut Host<'_>,
        from: Address,
        datagram: &mut [u8],
        heard_at: Option<Address>,
    ) {
        self.checks.on_received(from, datagram.len(), heard_at);
        let copy = datagram.to_vec();
        let arrival = self.flow.handle_datagram(now, from, datagram);
        if arrival.is_ok() {
            let (number, frame) = oracle::read(self.newest, &copy);
            self.newest = self.newest.max(number);
            if let Some(Frame::Data(data)) = frame {
                let end = data.offset + data.bytes.len() as u64;
                self.note_received(number, data.transfer, ByteRange { start: data.offset, end });
            }
        }
        if let Ok(Arrival::Chunk { id, offset, bytes, receipt }) = arrival {
            let bytes = bytes.to_vec();
            host.trace.add(now, "chunk", &[u64::from(id.0), offset, bytes.len() as u64]);
            let write = Staged::Write { id, offset, bytes, receipt };
            if self.write_time.is_zero() {
                self.do_staged(now, host, write);
            } else {
                self.staged.push(now + self.write_time, write);
            }
        }
        self.drain(now, host);
    }

    /// Does what is due.
    pub fn wake(&mut self, now: Instant, host: &mut Host<'_>) {
        while let Some(work) = self.staged.pop(now) {
            self.do_staged(now, host, work);
            self.drain(now, host);
        }
        if self.wakes.is_some_and(|at| at <= now) {
            self.drain(now, host);
        }
    }

    /// When there is something to do next.
    pub fn next_wake(&self) -> Option<Instant> {
        [self.wakes, self.staged.next()].into_iter().flatten().min()
    }

    /// Ends in good order: writes what was staged, and notes what is there.
    pub fn close(mut self, now: Instant, host: &mut Host<'_>) {
        while let Some(work) = self.staged.pop(Instant::from_micros(u64::MAX)) {
            if matches!(work, Staged::Write { .. }) {
                self.do_staged(now, host, work);
            }
        }
        for id in self.jobs.keys().copied().collect::<Vec<_>>() {
            self.checkpoint(host, id);
        }
    }

    fn drain(&mut self, now: Instant, host: &mut Host<'_>) {
        loop {
            self.checks.on_output(now);
            match self.flow.poll_output(now) {
                FlowOutput::Data(packet, place) => {
                    let mut datagram = vec![0; packet.len];
                    let into = &mut datagram[packet.payload_range()];
                    match self.read(host, place.id, place.offset, into) {
                        Ok(()) => self.send(now, host, &packet, datagram),
                        Err(why) => self.flow.abort(now, place.id, why),
                    }
                }
                FlowOutput::Packet(packet) => {
                    self.send(now, host, &packet, vec![0; packet.len]);
                }
                FlowOutput::Message(message) => {
                    host.effects.push(Effect::Message(Box::new(message)));
                }
                FlowOutput::Event(event) => self.on_event(now, host, event),
                FlowOutput::Wait(at) => {
                    assert!(at > now, "a wait lies in the future: {at:?} at {now:?}");
                    self.wakes = Some(at);
                    return;
                }
                FlowOutput::Idle => {
                    self.wakes = None;
                    return;
                }
            }
        }
    }

    fn send(&mut self, now: Instant, host: &mut Host<'_>, packet: &Packet, mut datagram: Vec<u8>) {
        let len = self.flow.write(packet, &mut datagram);
        assert!(len <= datagram.len(), "a packet is not longer than was announced");
        datagram.truncate(len);
        if datagram.is_empty() {
            return;
        }
        self.check_claims(host, &datagram);
        self.check_window(packet);
        self.checks.on_sent(packet.to, packet.pn, len);
        host.trace.add(now, "sent", &[packet.pn.0, len as u64]);
        host.trace.tell(now, || {
            let ((end, client), number) = (host.who, packet.pn.0);
            format!("{end} {client} sends {number}, {len} bytes: {:?}", packet.kind)
        });
        host.effects.push(Effect::Send(packet.to, datagram));
    }
}
