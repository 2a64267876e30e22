//! One session in the engine: its flow, its transfers' files, and what its driver is told.

use std::net::{IpAddr, SocketAddr};

use async_std::channel::Sender;
use proto_core::flow::Percent;
use proto_core::ids::TransferId;
use proto_core::path::Rtt;
use proto_core::secure::Role;
use proto_core::text::FileName;
use proto_core::time::{Duration, Instant};
use proto_core::wire::{AbortReason, Transfer};

use super::command::{Closing, JobKey, Opening, SessionKey};
use super::flow::{DataPlace, FlowConfig, HostFlow, Packet, PathConfig, address};
use super::job::Job;
use super::limit::{Bucket, longest_datagram};
use super::staff::Staff;
use super::{EngineEvent, SessionConfig};
use crate::entropy;
use crate::profile::TRANSFERS;

/// Whether a session ends as soon as nothing is left that needs no peer, and how near that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Settling {
    /// It does not.
    No,
    /// The flow may have an end to tell.
    Talking,
    /// The flow has told what there was; only checks are left.
    Quiet,
}

/// A session's flow and files.
pub(super) struct Session {
    pub(super) key: SessionKey,
    pub(super) config: SessionConfig,
    /// The address of ours that the peer writes to.
    pub(super) from: Option<IpAddr>,
    pub(super) jobs: Vec<Job>,
    /// When it is to be polled again.
    pub(super) wake: Option<Instant>,
    /// Whether it waits in the queue of those that are polled now.
    pub(super) is_ready: bool,
    /// Set when the control channel is gone: when the session ends.
    pub(super) ends: Option<Instant>,
    settling: Settling,
    pub(super) limit: Option<Bucket>,
    /// A packet that found the socket full.
    pub(super) left_over: Option<(Packet, Option<DataPlace>)>,
    longest: u16,
    flow: Option<Box<HostFlow>>,
    events: Sender<EngineEvent>,
    /// Whether so much was unheard that nothing more is told.
    is_lost: bool,
    serials: u64,
    /// Whether anything was downloaded.
    pub(super) has_asked: bool,
}

impl Session {
    /// A session that begins; `shared_limit` is what all sessions together may send, `wanted` the
    /// longest datagram that the socket takes well.
    pub(super) fn new(
        now: Instant,
        opening: Opening,
        shared_limit: Option<u64>,
        wanted: u16,
    ) -> Self {
        let Opening { key, config, events } = opening;
        let least = [config.limit_rate, shared_limit].into_iter().flatten().min();
        let longest = least.map_or(wanted, |rate| longest_datagram(rate).min(wanted));
        let limit = config.limit_rate.map(|rate| Bucket::new(rate, now));
        Self {
            key,
            config,
            from: None,
            jobs: Vec::new(),
            wake: None,
            is_ready: false,
            ends: None,
            settling: Settling::No,
            limit,
            left_over: None,
            longest,
            flow: None,
            events,
            is_lost: false,
            serials: 0,
            has_asked: false,
        }
    }

    /// The flow, made when it is needed first: at a client by its first transfer, at a server by
    /// what comes of that. A session that only chats never has one, which is a large part of a
    /// crowd's memory.
    pub(super) fn flow_mut(&mut self, now: Instant) -> &mut HostFlow {
        let make = || make_flow(&self.config, self.longest, now);
        self.flow.get_or_insert_with(make)
    }

    /// Whether this is the end that begins transfers.
    pub(super) fn is_client(&self) -> bool {
        self.config.keys.role() == Role::Client
    }

    /// The flow, if it was needed yet.
    pub(super) fn flow(&self) -> Option<&HostFlow> {
        self.flow.as_deref()
    }

    /// The flow and the jobs side by side.
    pub(super) fn parts(&mut self) -> Option<(&mut HostFlow, &mut Vec<Job>)> {
        self.flow.as_deref_mut().map(|flow| (flow, &mut self.jobs))
    }

    /// The round trip by which a rest is measured; `None` where nothing moves, so that nothing
    /// gathers, and what others say would only wait.
    pub(super) fn round_trip(&self) -> Option<Duration> {
        let flow = self.flow().filter(|_| !self.jobs.is_empty())?;
        // Before the first sample it is unknown: perhaps as short as can be.
        let rtt = Some(flow.path().rtt()).filter(|rtt| rtt.is_sampled());
        Some(rtt.map_or(Duration::ZERO, Rtt::min))
    }

    /// Begins a job, and names it for other threads.
    pub(super) fn begin(&mut self, id: TransferId, name: FileName) -> JobKey {
        self.serials += 1;
        let serial = self.serials;
        self.jobs.push(Job::new(id, serial, name));
        JobKey { session: self.key, id, serial }
    }

    pub(super) fn job(&mut self, id: TransferId) -> Option<&mut Job> {
        self.jobs.iter_mut().find(|job| job.id == id)
    }

    /// The job that an answer from another thread is for, if it still is.
    pub(super) fn job_of(&mut self, key: JobKey) -> Option<&mut Job> {
        self.jobs.iter_mut().find(|job| (job.id, job.serial) == (key.id, key.serial))
    }

    /// Whether a transfer's file is open to be sent.
    pub(super) fn is_sending(&mut self, id: TransferId) -> bool {
        self.job(id).is_some_and(|job| job.is_sending())
    }

    pub(super) fn take_job(&mut self, id: TransferId) -> Option<Job> {
        let at = self.jobs.iter().position(|job| job.id == id)?;
        Some(self.jobs.remove(at))
    }

    /// Tells the driver.
    pub(super) fn tell(&mut self, event: EngineEvent) {
        if self.is_lost {
            return;
        }
        self.is_lost = self.events.len() >= MOST_KEPT;
        let event = if self.is_lost {
            let how = "it asks and does not listen to the answers".into();
            EngineEvent::Misbehaved { how }
        } else {
            event
        };
        // A driver that is gone wants to hear nothing.
        let _ = self.events.try_send(event);
    }

    /// Tells the driver unless it has much to hear: for what is soon out of date.
    pub(super) fn mention(&mut self, event: EngineEvent) {
        if self.events.len() < MOST_MENTIONED {
            self.tell(event);
        }
    }

    /// Whether so much is unheard that the session stands still until it is not.
    pub(super) fn is_parked(&self) -> bool {
        self.events.len() >= MOST_UNHEARD && !self.events.is_closed()
    }

    /// The control channel is gone.
    pub(super) fn on_closing(&mut self, now: Instant, staff: &mut Staff, closing: Closing) {
        let (Closing::Linger(patience) | Closing::Settle(patience)) = closing;
        self.ends = Some(now + patience);
        self.settling = match closing {
            Closing::Linger(_) => Settling::No,
            Closing::Settle(_) => Settling::Talking,
        };
        self.close_held(staff);
    }

    /// The flow has said everything for now, but for bytes.
    pub(super) fn on_quiet(&mut self) {
        if self.settling == Settling::Talking {
            self.settling = Settling::Quiet;
        }
    }

    /// Whether it has ended, after a turn.
    pub(super) fn is_over(&self, now: Instant) -> bool {
        let Some(ends) = self.ends else { return false };
        let is_quiet = self.settling == Settling::Quiet;
        let is_settled = is_quiet && !self.jobs.iter().any(Job::is_checked);
        ends <= now || self.jobs.is_empty() || is_settled
    }

    /// Tells that a transfer that the flow does not know ended.
    pub(super) fn refuse(&mut self, id: TransferId, why: AbortReason, detail: Option<Box<str>>) {
        self.tell(EngineEvent::Ended { id, why, by_peer: false, detail });
    }

    /// Hears the peer on the control channel.
    pub(super) fn hear(&mut self, now: Instant, message: &Transfer) {
        if let (Transfer::Limit { rate }, false) = (message, self.is_client()) {
            let rate = self.config.limit_rate.map_or(*rate, |most| most.min(*rate));
            self.limit = Some(Bucket::new(rate, now));
            self.longest = self.longest.min(longest_datagram(rate));
        }
        if let Transfer::Abort { id, .. } = message
            && let Some((flow, jobs)) = self.parts()
            && let Some(job) = jobs.iter_mut().find(|job| job.id == *id)
        {
            job.refresh(flow);
        }
        if let Err(why) = self.flow_mut(now).handle_message(now, message) {
            self.tell(EngineEvent::Misbehaved { how: why.to_string().into() });
        }
    }

    /// Ends a transfer from this side.
    pub(super) fn abort(&mut self, now: Instant, id: TransferId, why: AbortReason) {
        if let Some((flow, jobs)) = self.parts() {
            if let Some(job) = jobs.iter_mut().find(|job| job.id == id) {
                job.refresh(flow);
            }
            flow.abort(now, id, why);
        }
    }

    /// Closes all files; says of which a report will come.
    pub(super) fn close(&mut self) -> Vec<JobKey> {
        let (session, flow) = (self.key, self.flow.as_deref());
        let close = |mut job: Job| {
            if let Some(flow) = flow {
                job.refresh(flow);
            }
            let key = JobKey { session, id: job.id, serial: job.serial };
            job.close().then_some(key)
        };
        self.jobs.drain(..).filter_map(close).collect()
    }
}

fn make_flow(config: &SessionConfig, longest: u16, now: Instant) -> Box<HostFlow> {
    let (keys, entropy) = (config.keys.clone(), entropy::bytes());
    let mut path = PathConfig::new(keys, config.local_cid, config.remote_cid, entropy);
    path.max_datagram = path.max_datagram.min(longest);
    path.proven_host = config.host.map(|host| address(SocketAddr::new(host, 0)).ip);
    let confirm_at = config.confirm_at.and_then(Percent::new);
    let mut flow = Box::new(HostFlow::new(FlowConfig { path, confirm_at }, now));
    flow.open(now, config.remote.map(address));
    flow
}

/// Events that wait for a driver before it is told nothing more that is soon out of date: how far
/// each of its transfers is, or some would never be heard of.
const MOST_MENTIONED: usize = TRANSFERS;
/// Events that wait for a driver before its session stands still.
const MOST_UNHEARD: usize = 256;
/// Events that wait for a driver before its peer is held to be up to no good: a session that stands
/// still tells little.
const MOST_KEPT: usize = 1024;
