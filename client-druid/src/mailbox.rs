//! Sends commands to the window from other threads.
//!
//! Druid wakes the window before it puts a command into the window's queue, so a command that is
//! sent alone can lie there until another one comes. Here each one is followed by a nudge, whose
//! waking is sure to find it.

use std::any::Any;

use druid::{ExtEventSink, Selector, Target, WidgetId};

/// Asks for nothing.
const NUDGE: Selector = Selector::new("haversack.nudge");

/// A way into the window.
#[derive(Clone)]
pub(crate) struct Mailbox(ExtEventSink);

impl Mailbox {
    pub(crate) const fn new(sink: ExtEventSink) -> Self {
        Self(sink)
    }

    /// Sends a command; false when there is no window any more.
    pub(crate) fn send<T: Any + Send>(&self, selector: Selector<T>, payload: T) -> bool {
        self.send_to(selector, payload, Target::Global)
    }

    /// Lets a widget take the keyboard.
    pub(crate) fn focus(&self, widget: WidgetId) -> bool {
        self.send_to(crate::commands::TAKE_FOCUS, (), Target::Widget(widget))
    }

    /// Wakes the window, so that it looks into its queue.
    pub(crate) fn nudge(&self) -> bool {
        self.0.submit_command(NUDGE, (), Target::Global).is_ok()
    }

    fn send_to<T: Any + Send>(&self, selector: Selector<T>, payload: T, target: Target) -> bool {
        let payload = Box::new(payload);
        self.0.submit_command(selector, payload, target).is_ok() && self.nudge()
    }
}
