//! Hears keys before any widget does, so that the shortcuts work wherever the keyboard is.

use druid::{AppDelegate, DelegateCtx, Env, Event, WindowId};

use crate::data::app::App;
use crate::shortcuts;

/// Takes the shortcuts out of what the desktop sends.
pub(crate) struct Delegate;

impl AppDelegate<App> for Delegate {
    fn event(
        &mut self,
        ctx: &mut DelegateCtx<'_>,
        _window: WindowId,
        event: Event,
        data: &mut App,
        _env: &Env,
    ) -> Option<Event> {
        match &event {
            Event::KeyDown(key) if shortcuts::press(ctx, key, data) => None,
            _ => Some(event),
        }
    }
}
