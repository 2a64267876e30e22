//! Threads that keep time come before the programs that are measured.

use thread_priority::{
    RealtimeThreadSchedulePolicy, ThreadPriority, ThreadPriorityValue, ThreadSchedulePolicy,
    set_thread_priority_and_policy, thread_native_id,
};

/// The emulator's: above everything that is measured, below the kernel's own threads.
pub const PRIORITY: u8 = 20;

/// Lets this thread, and what it starts, come before all that has a lower priority. Without the
/// right to, packets are later, and the report tells how late.
pub fn hurry(priority: u8) {
    let priority = ThreadPriorityValue::try_from(priority).expect("a priority is below 100");
    let policy = ThreadSchedulePolicy::Realtime(RealtimeThreadSchedulePolicy::Fifo);
    let urgent = ThreadPriority::Crossplatform(priority);
    let _ = set_thread_priority_and_policy(thread_native_id(), urgent, policy);
}
