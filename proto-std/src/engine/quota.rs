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

    /// Whether so many bytes more are admitted. Nothing is refused without `look`, which says what is
    /// used but for what the new file has there already. What becomes of it is told to
    /// [`Self::on_claimed`]; otherwise the next one looks again.
    ///
    /// # Errors
    /// When it cannot be seen what is used.
    pub(super) fn admit(
        &mut self,
        now: Instant,
        size: u64,
        look: impl FnOnce() -> io::Result<u64>,
    ) -> io::Result<Option<Admitted>> {
        let fits = |used: u64| used.saturating_add(size) <= self.most;
        let known = self.used.take().filter(|(used, until)| now < *until && fits(*used));
        let (used, until) = match known {
            Some(known) => known,
            None => (look()?, now + MOMENT),
        };
        Ok(fits(used).then_some(Admitted { used, until }))
    }

    /// The file that was admitted has so many bytes now.
    pub(super) fn on_claimed(&mut self, Admitted { used, until }: Admitted, len: u64) {
        self.used = Some((used.saturating_add(len), until));
    }
}

/// Leave to claim what was asked for.
#[derive(Debug)]
pub(super) struct Admitted {
    used: u64,
    until: Instant,
}

/// How long a sum is remembered.
const MOMENT: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn for_many_files_at_once_the_folder_is_looked_at_once() {
        let mut quota = Quota::new(100);
        assert!(claim(&mut quota, NOW, 1, 10));
        for _ in 0..89 {
            let admitted = quota.admit(NOW, 1, || panic!("it was looked at")).unwrap().unwrap();
            quota.on_claimed(admitted, 1);
        }
        assert!(!claim(&mut quota, NOW, 1, 100));
    }

    #[test]
    fn nothing_is_refused_without_a_look() {
        let mut quota = Quota::new(100);
        assert!(claim(&mut quota, NOW, 90, 0));
        // The first one was cancelled meanwhile.
        assert!(claim(&mut quota, NOW, 90, 0));
    }

    #[test]
    fn what_others_put_there_is_noticed_after_a_moment() {
        let mut quota = Quota::new(100);
        assert!(claim(&mut quota, NOW, 1, 0));
        assert!(!claim(&mut quota, NOW + MOMENT, 1, 100));
        assert!(quota.admit(NOW + MOMENT, 1, || Err(io::ErrorKind::NotFound.into())).is_err());
    }

    #[test]
    fn what_was_looked_at_for_a_file_that_came_to_nothing_counts_for_no_other() {
        let mut quota = Quota::new(100);
        // The look leaves out what the file has there already: 90 bytes that others must not use.
        assert!(quota.admit(NOW, 1, || Ok(0)).unwrap().is_some());
        assert!(!claim(&mut quota, NOW, 50, 90));
        // The same of one that is refused.
        assert!(!claim(&mut quota, NOW, 200, 0));
        assert!(!claim(&mut quota, NOW, 50, 90));
    }

    #[test]
    fn a_file_counts_with_what_it_has_already() {
        let mut quota = Quota::new(100);
        let admitted = quota.admit(NOW, 30, || Ok(0)).unwrap().unwrap();
        quota.on_claimed(admitted, 60);
        assert!(!claim(&mut quota, NOW, 50, 60));
    }

    fn claim(quota: &mut Quota, now: Instant, size: u64, used: u64) -> bool {
        let admitted = quota.admit(now, size, || Ok(used)).unwrap();
        admitted.is_some_and(|admitted| {
            quota.on_claimed(admitted, size);
            true
        })
    }

    const NOW: Instant = Instant::from_micros(1_000_000);
}
