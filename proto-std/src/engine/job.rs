//! One transfer's work: its file, and what its user was told.

use proto_core::ids::{Digest, Stamp, TransferId};
use proto_core::percent::Percent;
use proto_core::text::FileName;
use proto_core::time::{Duration, Instant};

use super::flow::{HostFlow, Progress};
use crate::storage::{Arriving, Snapshot, SourceFile, Trouble};

/// A transfer's file and bookkeeping.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) id: TransferId,
    pub(super) serial: u64,
    /// What the file is called here.
    pub(super) name: FileName,
    pub(super) file: JobFile,
    /// A download that is not asked for yet, because its file is being opened.
    pub(super) asked: Option<Box<Asked>>,
    pub(super) size: u64,
    pub(super) stamp: Stamp,
    /// Bytes that the receiver had before; `None` at a source: what the receiver says.
    pub(super) resumed: Option<u64>,
    pub(super) digest: Option<Digest>,
    /// Of a file that arrived and is finished.
    pub(super) last_byte: Option<u8>,
    /// How long the disk took to have the file for good.
    pub(super) synced: Option<Duration>,
    /// What is remembered when the transfer stops: never more than what is written.
    pub(super) snapshot: Snapshot,
    /// What the system said, if it is the reason of the end.
    pub(super) detail: Option<Box<str>>,
    pub(super) discard: bool,
    pub(super) is_verifying: bool,
    /// Whether the keeper has closed the file already.
    pub(super) is_closed: bool,
    shown: Option<Progress>,
}

/// How a download will be asked for.
#[derive(Debug)]
pub(super) struct Asked {
    /// What the peer calls it.
    pub(super) name: FileName,
    /// Whether it begins on hold.
    pub(super) hold: bool,
    /// Where it is held by itself.
    pub(super) stop_at: Option<Percent>,
}

/// The file of a transfer.
#[derive(Debug)]
pub(super) enum JobFile {
    /// It is being opened.
    Opening,
    /// It is sent.
    Sending(SourceFile),
    /// It arrives.
    Receiving(Box<Arriving>),
}

impl Job {
    pub(super) fn new(id: TransferId, serial: u64, name: FileName) -> Self {
        Self {
            id,
            serial,
            name,
            file: JobFile::Opening,
            asked: None,
            size: 0,
            stamp: Stamp(0),
            resumed: None,
            digest: None,
            last_byte: None,
            synced: None,
            snapshot: Snapshot::default(),
            detail: None,
            discard: false,
            is_verifying: false,
            is_closed: false,
            shown: None,
        }
    }

    pub(super) fn is_sending(&self) -> bool {
        matches!(self.file, JobFile::Sending(_))
    }

    /// Whether its content is compared with its digest: that needs no peer.
    pub(super) fn is_checked(&self) -> bool {
        self.digest.is_some() && matches!(self.file, JobFile::Receiving(_))
    }

    /// Lets the keeper hash what arrived, and save it when it is time.
    pub(super) fn keep(&mut self, now: Instant, flow: &HostFlow) -> Result<(), Trouble> {
        let JobFile::Receiving(arriving) = &mut self.file else { return Ok(()) };
        let Some(progress) = flow.progress(self.id) else { return Ok(()) };
        arriving.advance(now, progress.contiguous)?;
        if arriving.wants_note(now) {
            self.snapshot.ranges = flow.held(self.id);
            arriving.note(now, &self.snapshot);
        }
        if arriving.wants_save(now) {
            self.snapshot.ranges = flow.held(self.id);
            arriving.save(now, self.snapshot.clone());
        }
        Ok(())
    }

    /// Looks how far the flow is, and says it when it is news.
    pub(super) fn look(&mut self, flow: &HostFlow) -> Option<Progress> {
        let progress = flow.progress(self.id)?;
        // The core may end it without a word before.
        self.refresh(flow);
        let news = self.shown != Some(progress);
        self.shown = Some(progress);
        news.then_some(progress)
    }

    /// Notes all that is written, for when this process is killed.
    pub(super) fn note(&mut self, now: Instant, flow: &HostFlow) {
        self.refresh(flow);
        if let JobFile::Receiving(arriving) = &mut self.file {
            arriving.note(now, &self.snapshot);
        }
    }

    /// Takes over what is written, while the flow still knows.
    pub(super) fn refresh(&mut self, flow: &HostFlow) {
        if let JobFile::Receiving(_) = self.file
            && flow.progress(self.id).is_some()
        {
            self.snapshot.ranges = flow.held(self.id);
        }
    }

    /// Lets go of the file. True when a report will say that it is closed.
    pub(super) fn close(self) -> bool {
        match self.file {
            JobFile::Opening | JobFile::Sending(_) => false,
            JobFile::Receiving(arriving) => {
                arriving.close(self.snapshot, self.discard);
                !self.is_closed
            }
        }
    }
}
