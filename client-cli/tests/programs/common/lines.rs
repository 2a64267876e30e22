//! What a program said so far, line by line.

use std::io::{BufRead, BufReader, Read};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};

use super::PATIENCE;

/// Lines that keep coming in. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct Lines(Arc<(Mutex<Vec<String>>, Condvar)>);

impl Lines {
    /// Reads until the end on a thread of its own.
    pub(crate) fn collect(&self, from: impl Read + Send + 'static) -> JoinHandle<()> {
        let lines = self.clone();
        thread::spawn(move || {
            let mut from = BufReader::new(from);
            let mut line = Vec::new();
            while matches!(from.read_until(b'\n', &mut line), Ok(1..)) {
                let text = String::from_utf8_lossy(&line);
                lines.push(text.trim_end_matches('\n').to_owned());
                line.clear();
            }
        })
    }

    fn push(&self, line: String) {
        let (lines, news) = &*self.0;
        lines.lock().unwrap().push(line);
        news.notify_all();
    }

    /// Everything that was said so far.
    pub(crate) fn all(&self) -> Vec<String> {
        self.0.0.lock().unwrap().clone()
    }

    /// Waits for a line that holds all parts, and returns it.
    #[track_caller]
    pub(crate) fn wait_for(&self, parts: &[&str]) -> String {
        self.wait_for_count(parts, 1).remove(0)
    }

    /// Waits for that many lines that hold all parts, and returns them.
    #[track_caller]
    pub(crate) fn wait_for_count(&self, parts: &[&str], count: usize) -> Vec<String> {
        let (lines, news) = &*self.0;
        let matching = |lines: &Vec<String>| -> Vec<String> {
            let is_it = |line: &&String| parts.iter().all(|part| line.contains(part));
            lines.iter().filter(is_it).cloned().collect()
        };
        let guard = lines.lock().unwrap();
        let waits = |lines: &mut Vec<String>| matching(lines).len() < count;
        let (guard, timeout) = news.wait_timeout_while(guard, PATIENCE, waits).unwrap();
        let (found, all) = (matching(&guard), guard.join("\n"));
        // Nobody else shall find the lock poisoned.
        drop(guard);
        assert!(!timeout.timed_out(), "never said {parts:?}, but:\n{all}");
        found
    }

    /// Whether a line that holds all parts was said.
    pub(crate) fn has(&self, parts: &[&str]) -> bool {
        self.all().iter().any(|line| parts.iter().all(|part| line.contains(part)))
    }
}
