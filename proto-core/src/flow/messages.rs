//! What the peer says on the control channel.
//!
//! Words about a transfer that is over are ignored: they crossed its end on the way. Words that
//! nobody may say end the session.

use super::entry::{Entry, News, Side};
use super::sink::Sink;
use super::source::Source;
use super::table::Number;
use super::{Flow, Holds, Misbehaviour};
use crate::ids::{Digest, TransferId};
use crate::limits::MAX_FILE_SIZE;
use crate::secure::{Aead, Role};
use crate::shelf::Shelves;
use crate::time::Instant;
use crate::wire::{AbortReason, Transfer};

impl<A: Aead, const WINDOW: usize, const HOLES: usize, const TRANSFERS: usize, S: Shelves>
    Flow<A, WINDOW, HOLES, TRANSFERS, S>
{
    /// Takes what the peer said about a transfer.
    ///
    /// # Errors
    /// The peer broke the protocol: end the session.
    pub fn handle_message(&mut self, now: Instant, message: &Transfer) -> Result<(), Misbehaviour> {
        match message {
            Transfer::Get { id, name, held, hold, confirmed, stop_at } => {
                self.only_from(Role::Client)?;
                let held_of = held.as_ref().map(|held| held.stamp);
                let side = Side::Source(Source::wanted(held_of, *confirmed, *stop_at));
                let mut entry =
                    Entry::new(*id, Number(*id), name.clone(), side, Holds::new(false, *hold));
                entry.news.set(News::Wanted);
                self.begin_for_peer(now, entry)
            }
            Transfer::Put { id, name, size, stamp, hold } => {
                self.only_from(Role::Client)?;
                if *size > MAX_FILE_SIZE {
                    return Err(Misbehaviour::BeyondTheEnd);
                }
                let sink = Side::Sink(Sink::pushed(*size, *stamp));
                let mut entry =
                    Entry::new(*id, Number(*id), name.clone(), sink, Holds::new(false, *hold));
                entry.news.set(News::Pushed);
                self.begin_for_peer(now, entry)
            }
            Transfer::Offer { id, size, stamp, resumed } => {
                self.only_from(Role::Server)?;
                if *size > MAX_FILE_SIZE {
                    return Err(Misbehaviour::BeyondTheEnd);
                }
                self.change_for_peer(now, *id, |entry| {
                    sink(entry)?.on_offer(*size, *stamp, *resumed)?;
                    entry.news.set(News::Offered);
                    Ok(())
                })
            }
            Transfer::Accept { id, held } => self.change_for_peer(now, *id, |entry| {
                source(entry)?.on_accept(held)?;
                entry.news.set(News::Started);
                Ok(())
            }),
            Transfer::Digest { id, digest } => {
                self.change_for_peer(now, *id, |entry| on_digest(entry, *digest))
            }
            Transfer::Hold { id, set } => self.change_for_peer(now, *id, |entry| {
                entry.on_hold(*set);
                Ok(())
            }),
            Transfer::Confirm { id } => {
                self.only_from(Role::Client)?;
                self.change_for_peer(now, *id, |entry| {
                    source(entry)?.confirm();
                    Ok(())
                })
            }
            Transfer::Done { id } => self.change_for_peer(now, *id, |entry| {
                source(entry)?.on_done()?;
                entry.finish();
                Ok(())
            }),
            Transfer::Abort { id, why } => self.change_for_peer(now, *id, |entry| {
                entry.on_abort(*why, true);
                Ok(())
            }),
            // How fast files are read is the driver's affair.
            Transfer::Limit { .. } => self.only_from(Role::Client),
        }
    }

    /// Refuses what the peer's side never says.
    fn only_from(&self, speaker: Role) -> Result<(), Misbehaviour> {
        if self.role == speaker { Err(Misbehaviour::WrongSide) } else { Ok(()) }
    }

    fn begin_for_peer(&mut self, now: Instant, entry: Entry<HOLES>) -> Result<(), Misbehaviour> {
        let id = entry.id;
        if self.table.get(id).is_some() {
            return Err(Misbehaviour::IdInUse);
        }
        self.begin(now, entry).or_else(|_| {
            let refusal = (id, AbortReason::Busy);
            self.refusals.push_back(refusal).map_err(|_| Misbehaviour::Flood)
        })
    }

    fn change_for_peer(
        &mut self,
        now: Instant,
        id: TransferId,
        change: impl FnOnce(&mut Entry<HOLES>) -> Result<(), Misbehaviour>,
    ) -> Result<(), Misbehaviour> {
        let Some(entry) = self.table.numbered_mut(Number(id)) else {
            self.stats.messages_late += 1;
            return Ok(());
        };
        change(entry)?;
        if entry.end.is_none() {
            entry.reconsider(now);
        }
        self.has_words = true;
        Ok(())
    }
}

fn source<const HOLES: usize>(
    entry: &mut Entry<HOLES>,
) -> Result<&mut Source<HOLES>, Misbehaviour> {
    match &mut entry.side {
        Side::Source(source) => Ok(source),
        Side::Sink(_) => Err(Misbehaviour::WrongSide),
    }
}

fn on_digest<const HOLES: usize>(
    entry: &mut Entry<HOLES>,
    digest: Digest,
) -> Result<(), Misbehaviour> {
    if sink(entry)?.is_asked() {
        return Err(Misbehaviour::OutOfTurn);
    }
    if entry.digest.is_some_and(|known| known != digest) {
        return Err(Misbehaviour::ChangedDigest);
    }
    entry.digest = Some(digest);
    Ok(())
}

fn sink<const HOLES: usize>(entry: &mut Entry<HOLES>) -> Result<&mut Sink<HOLES>, Misbehaviour> {
    match &mut entry.side {
        Side::Sink(sink) => Ok(sink),
        Side::Source(_) => Err(Misbehaviour::WrongSide),
    }
}
