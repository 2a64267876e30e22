//! All transfers of a session.

mod backlog;
mod coverage;
mod hold;
mod patience;
mod range;

pub use backlog::Backlog;
pub use coverage::{Coverage, TooManyHoles};
pub use hold::Holds;
pub use patience::{ENDED_AFTER, Patience, STALLED_AFTER, Verdict};
