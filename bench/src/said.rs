//! What a client's lines tell: Haversack's are JSON (docs/CLI.md), the others say one word.

use std::time::Duration;

use serde_json::Value;

use crate::process::Ended;
use crate::sink::FIRST;

/// What can be read from a client's lines. Times count from its start.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// When content began to come. Haversack says so when the offer is there, with which it comes.
    pub first: Option<Duration>,
    /// When the last byte was there, from who says so.
    pub last: Option<Duration>,
    /// From then until the file had its name: verifying and syncing.
    pub settled: Option<Duration>,
    /// How much of that the disk took to have it for good.
    pub synced: Option<Duration>,
    /// Bytes that it said it has.
    pub received: Option<u64>,
}

impl Said {
    /// Reads what a client said.
    pub fn of(client: &Ended) -> Self {
        let mut said = Self::default();
        for (at, line) in &client.said {
            if line == FIRST {
                said.first = Some(*at);
            } else if let Ok(event) = serde_json::from_str::<Value>(line) {
                said.take(*at, &event);
            }
        }
        said
    }

    fn take(&mut self, at: Duration, event: &Value) {
        self.received = event["done"].as_u64().or(self.received);
        match event["t"].as_str() {
            Some("started") => self.first = self.first.or(Some(at)),
            Some("verifying") => self.last = Some(at),
            Some("done") => {
                self.settled = self.last.map(|last| at - last);
                self.synced = event["sync_ms"].as_u64().map(Duration::from_millis);
            }
            _ => {}
        }
    }
}
