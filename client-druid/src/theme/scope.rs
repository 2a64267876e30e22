//! Hands the theme to everything below it.

use druid::widget::prelude::*;

use super::{colours, fonts};
use crate::data::app::{App, Theme};

/// Sets colours and fonts for its child. The environment is made once per theme, so that widgets
/// see it change only when it does.
pub(crate) struct ThemeScope<W> {
    child: W,
    made: Option<(Theme, Env)>,
}

impl<W> ThemeScope<W> {
    pub(crate) const fn new(child: W) -> Self {
        Self { child, made: None }
    }

    fn refresh(&mut self, env: &Env, theme: Theme) {
        if self.made.as_ref().is_none_or(|(made, _)| *made != theme) {
            self.made = Some((theme, themed(env, theme)));
        }
    }

    fn with<R>(&mut self, env: &Env, theme: Theme, act: impl FnOnce(&mut W, &Env) -> R) -> R {
        self.refresh(env, theme);
        let (_, made) = self.made.as_ref().expect("it was just made");
        act(&mut self.child, made)
    }
}

/// The environment of a theme.
pub(crate) fn themed(env: &Env, theme: Theme) -> Env {
    let mut env = env.clone();
    colours::set(&mut env, theme);
    fonts::set(&mut env);
    env
}

impl<W: Widget<App>> Widget<App> for ThemeScope<W> {
    fn event(&mut self, ctx: &mut EventCtx<'_, '_>, event: &Event, data: &mut App, env: &Env) {
        let theme = data.theme;
        self.with(env, theme, |child, env| child.event(ctx, event, data, env));
    }

    fn lifecycle(
        &mut self,
        ctx: &mut LifeCycleCtx<'_, '_>,
        event: &LifeCycle,
        data: &App,
        env: &Env,
    ) {
        self.with(env, data.theme, |child, env| child.lifecycle(ctx, event, data, env));
    }

    fn update(&mut self, ctx: &mut UpdateCtx<'_, '_>, old: &App, data: &App, env: &Env) {
        if old.theme != data.theme {
            ctx.request_layout();
            ctx.request_paint();
        }
        self.with(env, data.theme, |child, env| child.update(ctx, old, data, env));
    }

    fn layout(
        &mut self,
        ctx: &mut LayoutCtx<'_, '_>,
        bc: &BoxConstraints,
        data: &App,
        env: &Env,
    ) -> Size {
        self.with(env, data.theme, |child, env| child.layout(ctx, bc, data, env))
    }

    fn paint(&mut self, ctx: &mut PaintCtx<'_, '_, '_>, data: &App, env: &Env) {
        self.with(env, data.theme, |child, env| child.paint(ctx, data, env));
    }
}
