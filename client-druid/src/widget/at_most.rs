//! Keeps its child from growing beyond a height or a width.

use druid::WidgetPod;
use druid::widget::prelude::*;

/// A box with an upper limit; its child decides below that.
pub(crate) struct AtMost<T, W> {
    child: WidgetPod<T, W>,
    limit: Size,
}

impl<T: Data, W: Widget<T>> AtMost<T, W> {
    /// At most so high.
    pub(crate) fn high(height: f64, child: W) -> Self {
        Self { child: WidgetPod::new(child), limit: Size::new(f64::INFINITY, height) }
    }

    /// At most so wide.
    pub(crate) fn wide(width: f64, child: W) -> Self {
        Self { child: WidgetPod::new(child), limit: Size::new(width, f64::INFINITY) }
    }
}

impl<T: Data, W: Widget<T>> Widget<T> for AtMost<T, W> {
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
        let most =
            Size::new(bc.max().width.min(self.limit.width), bc.max().height.min(self.limit.height));
        let least = Size::new(bc.min().width.min(most.width), bc.min().height.min(most.height));
        let size = self.child.layout(ctx, &BoxConstraints::new(least, most), data, env);
        self.child.set_origin(ctx, druid::Point::ORIGIN);
        ctx.set_paint_insets(self.child.paint_insets());
        size
    }

    fn paint(&mut self, ctx: &mut PaintCtx<'_, '_, '_>, data: &T, env: &Env) {
        self.child.paint(ctx, data, env);
    }
}
