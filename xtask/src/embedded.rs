//! The core must build where there is no operating system and no allocator.

use crate::shell::{Outcome, root};
use crate::toolchain;

const TARGET: &str = "thumbv7em-none-eabi";

/// Builds proto-core for a Cortex-M4.
pub(crate) fn build() -> Outcome {
    toolchain::build(TARGET, &root(), &["--package", "proto-core"]).map(drop)
}
