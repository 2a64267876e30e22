//! What all files of a folder may take together.
//!
//! To look at all files for each one that comes would take longer the more there are. So the sum is
//! remembered for a moment; whoever else changes the folder is noticed after it.

use std::io;

use proto_core::time::{Duration, Instant};

/// A sum that is not exceeded.
#[derive(Debug)]
pub(super) struct Quota {
    most: u64,
    /// Bytes that are used at most, and until when that counts.
    used: Option<(u64, Instant)>,
}

impl Quota {
    /// With a look at the folder before anything is admitted.
    pub(super) const fn new(most: u64) -> Self {
        Self { most, used: None }
    }

    /// Whether so many bytes more are admitted; they count from then on. Nothing is refused without
    /// `look`, which says what is used.
    ///
    /// # Errors
    /// When it cannot be seen what is used.
    pub(super) fn admit(
        &mut self,
        now: Instant,
        size: u64,
        look: impl FnOnce() -> io::Result<u64>,
    ) -> io::Result<bool> {
        let fits = |used: u64| used.saturating_add(size) <= self.most;
        let known = self.used.filter(|(used, until)| now < *until && fits(*used));
        let (used, until) = match known {
            Some(known) => known,
            None => (look()?, now + MOMENT),
        };
        let is_admitted = fits(used);
        self.used = Some((if is_admitted { used + size } else { used }, until));
        Ok(is_admitted)
    }
}

/// How long a sum is remembered.
const MOMENT: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn for_many_files_at_once_the_folder_is_looked_at_once() {
        let mut quota = Quota::new(100);
        assert!(quota.admit(NOW, 1, || Ok(10)).unwrap());
        for _ in 0..89 {
            assert!(quota.admit(NOW, 1, || panic!("it was looked at")).unwrap());
        }
        assert!(!quota.admit(NOW, 1, || Ok(100)).unwrap());
    }

    #[test]
    fn nothing_is_refused_without_a_look() {
        let mut quota = Quota::new(100);
        assert!(quota.admit(NOW, 90, || Ok(0)).unwrap());
        // The first one was cancelled meanwhile.
        assert!(quota.admit(NOW, 90, || Ok(0)).unwrap());
    }

    #[test]
    fn what_others_put_there_is_noticed_after_a_moment() {
        let mut quota = Quota::new(100);
        assert!(quota.admit(NOW, 1, || Ok(0)).unwrap());
        assert!(!quota.admit(NOW + MOMENT, 1, || Ok(100)).unwrap());
        assert!(quota.admit(NOW + MOMENT, 1, || Err(io::ErrorKind::NotFound.into())).is_err());
    }

    const NOW: Instant = Instant::from_micros(1_000_000);
}
