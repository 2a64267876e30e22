//! The one place that asks what time it is.

use std::sync::OnceLock;
use std::time::SystemTime;

use proto_core::time::{Instant, UnixMillis, micros};

/// The monotonic clock, in microseconds since the process first asked.
#[expect(clippy::disallowed_methods, reason = "this is the one clock")]
pub fn now() -> Instant {
    static START: OnceLock<std::time::Instant> = OnceLock::new();
    let start = START.get_or_init(std::time::Instant::now);
    Instant::from_micros(micros(start.elapsed()))
}

/// The wall clock; zero when it stands before 1970.
#[expect(clippy::disallowed_methods, reason = "this is the one clock")]
pub fn wall() -> UnixMillis {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    UnixMillis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_does_not_run_backwards() {
        let earlier = now();
        assert!(earlier <= now());
        assert!(wall() > UnixMillis(1_700_000_000_000));
    }
}
