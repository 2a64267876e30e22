//! The page of the room: sidebar, conversation and pane beside each other, as far as there is room.

use druid::piet::RenderContext as _;
use druid::widget::prelude::*;
use druid::{Point, Rect, WidgetExt as _, WidgetPod};

use super::chat::chat;
use super::files::pane;
use super::sidebar::sidebar;
use crate::data::app::App;
use crate::theme::colours;

const SIDEBAR: f64 = 256.0;
const NARROW_SIDEBAR: f64 = 208.0;
const PANE: f64 = 344.0;
/// A conversation narrower than this gives way to the pane.
const LEAST_CHAT: f64 = 420.0;

/// From this width on everything fits beside each other.
pub(crate) const ROOMY: f64 = SIDEBAR + LEAST_CHAT + PANE;

type Pod = WidgetPod<App, Box<dyn Widget<App>>>;

/// The page.
pub(crate) fn page() -> impl Widget<App> {
    Areas {
        sidebar: WidgetPod::new(sidebar().boxed()),
        chat: WidgetPod::new(chat().lens(App::room).boxed()),
        pane: WidgetPod::new(pane().lens(App::room).boxed()),
        shown: Shown { chat: true, pane: true },
    }
}

struct Areas {
    sidebar: Pod,
    chat: Pod,
    pane: Pod,
    shown: Shown,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Shown {
    chat: bool,
    pane: bool,
}

/// What of a window so wide is shown, and how wide the areas are: sidebar, pane.
fn share(width: f64, pane: bool) -> (f64, f64, Shown) {
    let sidebar = if width < 900.0 { NARROW_SIDEBAR } else { SIDEBAR };
    if !pane {
        return (sidebar, 0.0, Shown { chat: true, pane });
    }
    if width >= ROOMY {
        return (sidebar, PANE, Shown { chat: true, pane });
    }
    (sidebar, width - sidebar, Shown { chat: false, pane })
}

impl Widget<App> for Areas {
    fn event(&mut self, ctx: &mut EventCtx<'_, '_>, event: &Event, data: &mut App, env: &Env) {
        self.sidebar.event(ctx, event, data, env);
        // An area that is hidden still hears what is not of mouse and keyboard.
        let hidden = event.should_propagate_to_hidden();
        if self.shown.chat || hidden {
            self.chat.event(ctx, event, data, env);
        }
        if self.shown.pane || hidden {
            self.pane.event(ctx, event, data, env);
        }
    }

    fn lifecycle(
        &mut self,
        ctx: &mut LifeCycleCtx<'_, '_>,
        event: &LifeCycle,
        data: &App,
        env: &Env,
    ) {
        let hidden = event.should_propagate_to_hidden();
        // Tab goes first where the eye is: what is written, then to the sides.
        if self.shown.chat || hidden {
            self.chat.lifecycle(ctx, event, data, env);
        }
        if self.shown.pane || hidden {
            self.pane.lifecycle(ctx, event, data, env);
        }
        self.sidebar.lifecycle(ctx, event, data, env);
    }

    fn update(&mut self, ctx: &mut UpdateCtx<'_, '_>, old: &App, data: &App, env: &Env) {
        if old.room.pane != data.room.pane {
            let (.., shown) = share(ctx.size().width, data.room.pane);
            self.shown = shown;
            ctx.children_changed();
            ctx.request_layout();
        }
        self.sidebar.update(ctx, data, env);
        self.chat.update(ctx, data, env);
        self.pane.update(ctx, data, env);
    }

    fn layout(
        &mut self,
        ctx: &mut LayoutCtx<'_, '_>,
        bc: &BoxConstraints,
        data: &App,
        env: &Env,
    ) -> Size {
        let size = bc.max();
        let (left, right, shown) = share(size.width, data.room.pane);
        self.shown = shown;
        let tight = |width: f64| BoxConstraints::tight(Size::new(width, size.height));
        self.sidebar.layout(ctx, &tight(left), data, env);
        self.sidebar.set_origin(ctx, Point::ORIGIN);
        if shown.chat {
            self.chat.layout(ctx, &tight(size.width - left - right), data, env);
            self.chat.set_origin(ctx, Point::new(left, 0.0));
        }
        if shown.pane {
            self.pane.layout(ctx, &tight(right), data, env);
            self.pane.set_origin(ctx, Point::new(size.width - right, 0.0));
        }
        size
    }

    fn paint(&mut self, ctx: &mut PaintCtx<'_, '_, '_>, data: &App, env: &Env) {
        if self.shown.chat {
            self.chat.paint(ctx, data, env);
        }
        self.sidebar.paint(ctx, data, env);
        let line = env.get(colours::LINE);
        let height = ctx.size().height;
        let draw_line = |ctx: &mut PaintCtx<'_, '_, '_>, x: f64| {
            ctx.fill(Rect::new(x, 0.0, x + 1.0, height), &line);
        };
        if self.shown.pane {
            self.pane.paint(ctx, data, env);
            let left = self.pane.layout_rect().x0;
            draw_line(ctx, left);
        }
        let right = self.sidebar.layout_rect().x1;
        draw_line(ctx, right);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narrow_window_shows_the_pane_in_place_of_the_conversation() {
        let wide = share(1180.0, true);
        assert!(wide.2.chat && wide.2.pane);
        let narrow = share(700.0, true);
        assert!(!narrow.2.chat && narrow.2.pane);
        assert!((narrow.0 + narrow.1 - 700.0).abs() < 1e-9);
        assert!(share(700.0, false).2.chat);
        assert!(share(ROOMY, true).2.chat && !share(ROOMY - 1.0, true).2.chat);
    }
}
