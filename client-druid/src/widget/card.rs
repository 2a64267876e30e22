//! A raised card in the middle of the window, which a dialog lies on.

use druid::widget::prelude::*;
use druid::{Point, WidgetPod};

use super::menu::draw_raised;
use crate::theme::grid;

/// The card.
pub(crate) struct Card<T> {
    child: WidgetPod<T, Box<dyn Widget<T>>>,
    width: f64,
    padding: f64,
}

impl<T: Data> Card<T> {
    /// A card so wide, or as wide as the window allows.
    pub(crate) fn new(width: f64, child: impl Widget<T> + 'static) -> Self {
        Self { child: WidgetPod::new(Box::new(child)), width, padding: grid(3.0) }
    }

    /// Without a margin around what lies on it.
    pub(crate) const fn bare(mut self) -> Self {
        self.padding = 0.0;
        self
    }
}

impl<T: Data> Widget<T> for Card<T> {
    fn event(&mut self, ctx: &mut EventCtx<'_, '_>, event: &Event, data: &mut T, env: &Env) {
        self.child.event(ctx, event, data, env);
    }

    fn lifecycle(
        &mut self,
        ctx: &mut LifeCycleCtx<'_, '_>,
        event: &LifeCycle,
        data: &T,
        env: &Env,
    ) {
        self.child.lifecycle(ctx, event, data, env);
    }

    fn update(&mut self, ctx: &mut UpdateCtx<'_, '_>, _old: &T, data: &T, env: &Env) {
        self.child.update(ctx, data, env);
    }

    fn layout(
        &mut self,
        ctx: &mut LayoutCtx<'_, '_>,
        bc: &BoxConstraints,
        data: &T,
        env: &Env,
    ) -> Size {
        let window = bc.max();
        let margin = 2.0 * (self.padding + grid(2.0));
        let width = (self.width - 2.0 * self.padding).min(window.width - margin).max(grid(20.0));
        let most = Size::new(width, (window.height - margin).max(grid(20.0)));
        let own = BoxConstraints::new(Size::new(width, 0.0), most);
        let size = self.child.layout(ctx, &own, data, env);
        let left = ((window.width - size.width) / 2.0).round();
        // A little above the middle looks like the middle.
        let top = ((window.height - size.height) * 0.42).round().max(self.padding);
        self.child.set_origin(ctx, Point::new(left, top));
        window
    }

    fn paint(&mut self, ctx: &mut PaintCtx<'_, '_, '_>, data: &T, env: &Env) {
        let card = self.child.layout_rect().inflate(self.padding, self.padding);
        draw_raised(ctx, card, env);
        self.child.paint(ctx, data, env);
    }
}
