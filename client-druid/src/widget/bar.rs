//! A bar that fills.

use druid::piet::RenderContext as _;
use druid::widget::prelude::*;
use druid::{Color, Data, Key, Rect};

use crate::theme::colours;

const HEIGHT: f64 = 6.0;

type Colour<T> = Box<dyn Fn(&T) -> Key<Color>>;

/// A bar.
pub(crate) struct Bar<T> {
    fraction: Box<dyn Fn(&T) -> f64>,
    colour: Colour<T>,
}

impl<T> Bar<T> {
    /// A bar that is as full as `fraction` says, from 0 to 1.
    pub(crate) fn new(
        fraction: impl Fn(&T) -> f64 + 'static,
        colour: impl Fn(&T) -> Key<Color> + 'static,
    ) -> Self {
        Self { fraction: Box::new(fraction), colour: Box::new(colour) }
    }
}

impl<T: Data> Widget<T> for Bar<T> {
    fn event(&mut self, _: &mut EventCtx<'_, '_>, _: &Event, _: &mut T, _: &Env) {}

    fn lifecycle(&mut self, _: &mut LifeCycleCtx<'_, '_>, _: &LifeCycle, _: &T, _: &Env) {}

    fn update(&mut self, ctx: &mut UpdateCtx<'_, '_>, _old: &T, _data: &T, _env: &Env) {
        ctx.request_paint();
    }

    fn layout(&mut self, _: &mut LayoutCtx<'_, '_>, bc: &BoxConstraints, _: &T, _: &Env) -> Size {
        bc.constrain((bc.max().width, HEIGHT))
    }

    fn paint(&mut self, ctx: &mut PaintCtx<'_, '_, '_>, data: &T, env: &Env) {
        let rect = ctx.size().to_rect();
        let radius = rect.height() / 2.0;
        ctx.fill(rect.to_rounded_rect(radius), &env.get(colours::TRACK));
        let fraction = (self.fraction)(data).clamp(0.0, 1.0);
        if fraction > 0.0 {
            let width = (rect.width() * fraction).max(rect.height());
            let full = Rect::from_origin_size(rect.origin(), (width, rect.height()));
            ctx.fill(full.to_rounded_rect(radius), &env.get((self.colour)(data)));
        }
    }
}
