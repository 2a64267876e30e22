//! What lies above the page: a dialog, a menu, a short word. Whatever lies on top has the mouse
//! and the keyboard to itself.

use druid::piet::RenderContext as _;
use druid::widget::prelude::*;
use druid::{Data, InternalEvent, Point, WidgetPod};

use super::menu::{CLOSE_MENU, Menu, OPEN_MENU};
use crate::commands::TAKE_FOCUS;
use crate::theme::{colours, grid};

type Pod<T> = WidgetPod<T, Box<dyn Widget<T>>>;

/// The page and what lies above it.
pub(crate) struct Layers<T> {
    page: Pod<T>,
    dialog: Pod<T>,
    has_dialog: fn(&T) -> bool,
    toast: Pod<T>,
    menu: Option<WidgetPod<T, Menu>>,
}

impl<T: Data> Layers<T> {
    /// A page, a dialog that is there while `has_dialog` says so, and a toast that has a size
    /// while it is there.
    pub(crate) fn new(
        page: impl Widget<T> + 'static,
        dialog: impl Widget<T> + 'static,
        has_dialog: fn(&T) -> bool,
        toast: impl Widget<T> + 'static,
    ) -> Self {
        Self {
            page: WidgetPod::new(Box::new(page)),
            dialog: WidgetPod::new(Box::new(dialog)),
            has_dialog,
            toast: WidgetPod::new(Box::new(toast)),
            menu: None,
        }
    }

    fn on_mouse(&mut self, ctx: &mut EventCtx<'_, '_>, event: &Event, data: &mut T, env: &Env) {
        if let Some(menu) = &mut self.menu {
            menu.event(ctx, event, data, env);
            if let Event::MouseDown(mouse) = event
                && !menu.layout_rect().contains(mouse.pos)
            {
                ctx.submit_command(CLOSE_MENU);
            }
            ctx.set_handled();
            return;
        }
        self.toast.event(ctx, event, data, env);
        if (self.has_dialog)(data) {
            self.dialog.event(ctx, event, data, env);
            // Under a dialog only what was begun is brought to its end.
            if self.page.has_active() {
                self.page.event(ctx, event, data, env);
            }
        } else {
            self.page.event(ctx, event, data, env);
        }
    }
}

fn gives_focus(event: &Event) -> bool {
    matches!(event, Event::Internal(InternalEvent::TargetedCommand(cmd)) if cmd.is(TAKE_FOCUS))
}

impl<T: Data> Widget<T> for Layers<T> {
    fn event(&mut self, ctx: &mut EventCtx<'_, '_>, event: &Event, data: &mut T, env: &Env) {
        match event {
            Event::MouseDown(_) | Event::MouseUp(_) | Event::MouseMove(_) | Event::Wheel(_) => {
                return self.on_mouse(ctx, event, data, env);
            }
            Event::Command(command) if command.is(CLOSE_MENU) => {
                if self.menu.take().is_some() {
                    ctx.children_changed();
                    ctx.request_layout();
                }
                return ctx.set_handled();
            }
            Event::Command(command) => {
                if let Some(spec) = command.get(OPEN_MENU) {
                    self.menu = Some(WidgetPod::new(Menu::new(spec.clone())));
                    ctx.children_changed();
                    ctx.request_layout();
                    return ctx.set_handled();
                }
            }
            _ => {}
        }
        if let Some(menu) = &mut self.menu {
            menu.event(ctx, event, data, env);
        }
        self.toast.event(ctx, event, data, env);
        self.dialog.event(ctx, event, data, env);
        // Under a dialog nobody takes the keyboard.
        if !((self.has_dialog)(data) && gives_focus(event)) {
            self.page.event(ctx, event, data, env);
        }
    }

    fn lifecycle(
        &mut self,
        ctx: &mut LifeCycleCtx<'_, '_>,
        event: &LifeCycle,
        data: &T,
        env: &Env,
    ) {
        let focus = matches!(event, LifeCycle::BuildFocusChain);
        let menu = self.menu.is_some();
        let dialog = (self.has_dialog)(data);
        if let Some(menu) = &mut self.menu {
            menu.lifecycle(ctx, event, data, env);
        }
        self.toast.lifecycle(ctx, event, data, env);
        if !focus || (dialog && !menu) {
            self.dialog.lifecycle(ctx, event, data, env);
        }
        if !focus || (!dialog && !menu) {
            self.page.lifecycle(ctx, event, data, env);
        }
    }

    fn update(&mut self, ctx: &mut UpdateCtx<'_, '_>, old: &T, data: &T, env: &Env) {
        if (self.has_dialog)(old) != (self.has_dialog)(data) {
            // Who can be reached with Tab changes as well.
            ctx.children_changed();
            ctx.request_layout();
            ctx.request_paint();
        }
        self.page.update(ctx, data, env);
        self.dialog.update(ctx, data, env);
        self.toast.update(ctx, data, env);
        if let Some(menu) = &mut self.menu
            && menu.is_initialized()
        {
            menu.update(ctx, data, env);
        }
    }

    fn layout(
        &mut self,
        ctx: &mut LayoutCtx<'_, '_>,
        bc: &BoxConstraints,
        data: &T,
        env: &Env,
    ) -> Size {
        let size = bc.max();
        let whole = BoxConstraints::tight(size);
        self.page.layout(ctx, &whole, data, env);
        self.page.set_origin(ctx, Point::ORIGIN);
        self.dialog.layout(ctx, &whole, data, env);
        self.dialog.set_origin(ctx, Point::ORIGIN);
        let loose = BoxConstraints::new(Size::ZERO, size);
        let toast = self.toast.layout(ctx, &loose, data, env);
        let left = ((size.width - toast.width) / 2.0).round();
        self.toast.set_origin(ctx, Point::new(left, size.height - toast.height - grid(10.0)));
        if let Some(menu) = &mut self.menu {
            let own = menu.layout(ctx, &loose, data, env);
            let place = menu.widget().place(own, size);
            menu.set_origin(ctx, place);
        }
        size
    }

    fn paint(&mut self, ctx: &mut PaintCtx<'_, '_, '_>, data: &T, env: &Env) {
        let rect = ctx.size().to_rect();
        ctx.fill(rect, &env.get(colours::WINDOW));
        self.page.paint(ctx, data, env);
        if (self.has_dialog)(data) {
            ctx.fill(rect, &env.get(colours::VEIL));
            self.dialog.paint(ctx, data, env);
        }
        self.toast.paint(ctx, data, env);
        if let Some(menu) = &mut self.menu {
            menu.paint(ctx, data, env);
        }
    }
}
