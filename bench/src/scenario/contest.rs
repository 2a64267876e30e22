//! Peers in turn with the same file at the same place.

mod telling;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::link::Shape;
use crate::peer::Peer;
use crate::stage::Stage;
use crate::transfer::{self, Run, Task};
use crate::{Fault, content};

/// What is the same for every peer.
pub struct Contest {
    /// The link; `None` is loopback.
    pub link: Option<Shape>,
    /// Bytes of the file.
    pub size: u64,
    /// How long each may take.
    pub limit: Duration,
    /// Who takes part.
    pub peers: &'static [Peer],
    /// Whether what arrives goes to the null device; Haversack verifies it all the same.
    pub is_void: bool,
}

/// All runs, by peer.
#[derive(Default)]
pub struct Results {
    runs: BTreeMap<Peer, Vec<Run>>,
    complaints: Vec<String>,
}

impl Contest {
    /// Lets everybody run in turn, as often as the stage wants it.
    pub fn hold(&self, stage: &Stage<'_>) -> Result<Results, Fault> {
        let source = stage.source(stage.size(self.size))?;
        let mut results = Results::default();
        for seed in 1..=stage.runs {
            for &peer in self.peers.iter().filter(|peer| peer.is_possible()) {
                let run = self.one(stage, peer, source.clone(), seed as u64)?;
                let rate = run.goodput() / 1e6;
                stage.say(&format!("{peer} {seed}: {:.2} s, {rate:.1} Mbit/s", run.took));
                stage.keep(&peer.to_string(), &run)?;
                if let Some(complaint) = &run.complaint {
                    results.complaints.push(format!("{peer}: {complaint}"));
                }
                results.runs.entry(peer).or_default().push(run);
            }
        }
        Ok(results)
    }

    fn one(&self, stage: &Stage<'_>, peer: Peer, source: PathBuf, seed: u64) -> Result<Run, Fault> {
        let folder = stage.room()?;
        let target = if self.is_void {
            PathBuf::from("/dev/null")
        } else {
            folder.path().join("target.bin")
        };
        if self.link.is_none() && !self.is_void {
            content::warm_up(folder.path(), stage.size(self.size))?;
        }
        let limit = stage.time(self.limit);
        transfer::run(peer, &Task { link: self.link, source, target, limit }, folder.path(), seed)
    }
}
