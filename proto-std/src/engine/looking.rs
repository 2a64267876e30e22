//! Looks at all transfers every now and then.

use proto_core::time::{Duration, Instant};

use super::EngineEvent;
use super::run::Runner;

impl Runner {
    /// Tells how far each transfer is, when it is time.
    pub(super) fn look(&mut self, now: Instant) {
        if now.since(self.looked) < LOOK_EVERY {
            return;
        }
        self.looked = now;
        for session in self.sessions.iter_mut().flatten() {
            let (mut news, mut failed) = (Vec::new(), Vec::new());
            if let Some((flow, jobs)) = session.parts() {
                for job in jobs {
                    failed.extend(job.keep(now, flow).err().map(|why| (job.id, why)));
                    let progress = job.look(flow);
                    news.extend(
                        progress.map(|p| EngineEvent::Progress { id: job.id, progress: p }),
                    );
                }
            }
            for event in news {
                session.mention(event);
            }
            for (id, why) in failed {
                session.fail(now, id, &why);
            }
        }
    }

    /// Whether any transfer is under way.
    pub(super) fn has_jobs(&self) -> bool {
        self.sessions.iter().flatten().any(|session| !session.jobs.is_empty())
    }
}

/// Time between two looks.
pub(super) const LOOK_EVERY: Duration = Duration::from_millis(100);
