//! Waiting for whichever comes first.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use async_io::Timer;
use proto_core::time::Instant;

use crate::clock;

/// One of two outcomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Either<L, R> {
    /// The first one's.
    Left(L),
    /// The second one's.
    Right(R),
}

/// Waits for the first of two futures; the left one is favoured. The other one is dropped, so
/// both must be ones that lose nothing by that.
pub async fn race<L: Future, R: Future>(left: L, right: R) -> Either<L::Output, R::Output> {
    let (mut left, mut right) = (pin!(left), pin!(right));
    poll_fn(|context| {
        if let Poll::Ready(output) = left.as_mut().poll(context) {
            return Poll::Ready(Either::Left(output));
        }
        right.as_mut().poll(context).map(Either::Right)
    })
    .await
}

/// A timer that is moved cheaply: it is armed anew only when it must ring earlier.
#[derive(Debug)]
pub struct Alarm {
    timer: Timer,
    armed: Option<Instant>,
}

impl Alarm {
    /// An alarm that does not ring.
    pub fn new() -> Self {
        Self { timer: Timer::never(), armed: None }
    }

    /// Rings at `at` or earlier: whoever hears it looks at the clock and sets it again.
    pub fn set(&mut self, at: Option<Instant>) {
        let Some(at) = at else { return };
        if self.armed.is_none_or(|armed| at < armed) {
            self.timer.set_after(at.since(clock::now()));
            self.armed = Some(at);
        }
    }

    /// Waits until it rings.
    pub async fn ring(&mut self) {
        (&mut self.timer).await;
        self.armed = None;
    }
}

impl Default for Alarm {
    fn default() -> Self {
        Self::new()
    }
}

/// Waits until `at`.
pub async fn sleep_until(at: Instant) {
    Timer::after(at.since(clock::now())).await;
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};
    use std::time::Duration;

    use async_std::task::block_on;

    use super::*;

    #[test]
    fn the_first_wins_and_the_left_one_is_favoured() {
        assert_eq!(block_on(race(ready(1), ready(2))), Either::Left(1));
        assert_eq!(block_on(race(pending::<()>(), ready(2))), Either::Right(2));
    }

    #[test]
    fn an_alarm_rings_at_the_earliest_time_it_was_set_to() {
        let start = clock::now();
        let mut alarm = Alarm::new();
        alarm.set(Some(start + Duration::from_secs(60)));
        alarm.set(Some(start + Duration::from_millis(5)));
        alarm.set(Some(start + Duration::from_secs(30)));
        block_on(alarm.ring());
        let waited = clock::now().since(start);
        assert!(waited >= Duration::from_millis(5) && waited < Duration::from_secs(20));
    }
}
