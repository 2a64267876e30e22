//! What is added to Druid's own widgets: who gets the keyboard, and what Enter does.

use std::time::Duration;

use druid::widget::{Controller, prelude::*};
use druid::{Code, Data, KbKey, Selector, Widget};

use crate::commands::TAKE_FOCUS;
use crate::widget::keyboard::on_tab;

/// Takes the keyboard when it is told to, and at once if it is the first one of a dialog. Hands it
/// on with Tab.
pub(crate) struct Focus {
    at_once: bool,
}

impl Focus {
    /// Takes it when told to.
    pub(crate) const fn when_told() -> Self {
        Self { at_once: false }
    }

    /// Takes it as soon as it is there.
    pub(crate) const fn at_once() -> Self {
        Self { at_once: true }
    }
}

impl<T: Data, W: Widget<T>> Controller<T, W> for Focus {
    fn event(
        &mut self,
        child: &mut W,
        ctx: &mut EventCtx<'_, '_>,
        event: &Event,
        data: &mut T,
        env: &Env,
    ) {
        match event {
            Event::Command(command) if command.is(TAKE_FOCUS) => {
                ctx.request_focus();
                // Druid tells the desktop where text goes only after an event of the desktop's:
                // without one, the first letter would be lost.
                ctx.request_timer(Duration::from_millis(1));
                ctx.set_handled();
            }
            Event::KeyDown(key) if on_tab(ctx, key) => {}
            _ => child.event(ctx, event, data, env),
        }
    }

    fn lifecycle(
        &mut self,
        child: &mut W,
        ctx: &mut LifeCycleCtx<'_, '_>,
        event: &LifeCycle,
        data: &T,
        env: &Env,
    ) {
        if self.at_once && matches!(event, LifeCycle::WidgetAdded) {
            ctx.submit_command(TAKE_FOCUS.to(ctx.widget_id()));
        }
        child.lifecycle(ctx, event, data, env);
    }
}

/// Makes Enter ask for something; Shift+Enter stays what it is.
pub(crate) struct OnEnter(pub(crate) Selector);

impl<T: Data, W: Widget<T>> Controller<T, W> for OnEnter {
    fn event(
        &mut self,
        child: &mut W,
        ctx: &mut EventCtx<'_, '_>,
        event: &Event,
        data: &mut T,
        env: &Env,
    ) {
        match event {
            Event::KeyDown(key)
                if (key.key == KbKey::Enter || key.code == Code::NumpadEnter)
                    && !key.mods.shift()
                    && !key.mods.alt() =>
            {
                ctx.submit_command(self.0);
                ctx.set_handled();
            }
            _ => child.event(ctx, event, data, env),
        }
    }
}

/// Does something after what it wraps has changed the data.
pub(crate) struct OnChange<F>(pub(crate) F);

impl<T: Data, W: Widget<T>, F: Fn(&mut T)> Controller<T, W> for OnChange<F> {
    fn event(
        &mut self,
        child: &mut W,
        ctx: &mut EventCtx<'_, '_>,
        event: &Event,
        data: &mut T,
        env: &Env,
    ) {
        let before = data.clone();
        child.event(ctx, event, data, env);
        if !before.same(data) {
            (self.0)(data);
        }
    }
}
