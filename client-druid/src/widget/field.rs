//! A note under something that is typed: what is wrong with it, or odd about it.

use druid::piet::{PietTextLayout, RenderContext as _, TextLayout as _};
use druid::widget::prelude::*;
use druid::{Color, Data, Key, Rect};

use super::icon::Icon;
use crate::theme::fonts::{self, Style};
use crate::theme::{colours, grid};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    /// Good to know.
    Hint,
    /// Probably not meant.
    Odd,
    /// It cannot go on like this.
    Wrong,
}

type Words<T> = Box<dyn Fn(&T) -> Option<(Weight, String)>>;

/// What is to be said; nothing takes no room.
pub(crate) struct Note<T> {
    words: Words<T>,
    said: Option<(Weight, String)>,
    layout: Option<PietTextLayout>,
}

const ICON: f64 = 15.0;

impl<T: Data> Note<T> {
    pub(crate) fn new(words: impl Fn(&T) -> Option<(Weight, String)> + 'static) -> Self {
        Self { words: Box::new(words), said: None, layout: None }
    }
}

impl Weight {
    const fn colour(self) -> Key<Color> {
        match self {
            Self::Hint => colours::DIM,
            Self::Odd => colours::WARN,
            Self::Wrong => colours::BAD,
        }
    }

    const fn indent(self) -> f64 {
        match self {
            Self::Hint => 0.0,
            Self::Odd | Self::Wrong => ICON + 5.0,
        }
    }
}

impl<T: Data> Widget<T> for Note<T> {
    fn event(&mut self, _: &mut EventCtx<'_, '_>, _: &Event, _: &mut T, _: &Env) {}

    fn lifecycle(&mut self, _: &mut LifeCycleCtx<'_, '_>, event: &LifeCycle, data: &T, _: &Env) {
        if matches!(event, LifeCycle::WidgetAdded) {
            self.said = (self.words)(data);
        }
    }

    fn update(&mut self, ctx: &mut UpdateCtx<'_, '_>, _old: &T, data: &T, _env: &Env) {
        let said = (self.words)(data);
        if said != self.said || ctx.env_changed() {
            self.said = said;
            ctx.request_layout();
        }
    }

    fn layout(
        &mut self,
        ctx: &mut LayoutCtx<'_, '_>,
        bc: &BoxConstraints,
        _data: &T,
        env: &Env,
    ) -> Size {
        let Some((weight, words)) = &self.said else {
            self.layout = None;
            return bc.constrain((0.0, 0.0));
        };
        let style = Style::new(fonts::SMALL, env.get(weight.colour()));
        let width = (bc.max().width - weight.indent()).max(grid(4.0));
        let layout = style.lay_out(ctx.text(), words, width);
        let size = layout.size();
        self.layout = Some(layout);
        bc.constrain((size.width + weight.indent(), size.height + grid(0.5)))
    }

    fn paint(&mut self, ctx: &mut PaintCtx<'_, '_, '_>, _data: &T, env: &Env) {
        let (Some((weight, _)), Some(layout)) = (&self.said, &self.layout) else { return };
        let top = grid(0.5);
        if *weight != Weight::Hint {
            let square = Rect::from_origin_size((0.0, top - 0.5), (ICON, ICON));
            Icon::Alert.draw(ctx, square, env.get(weight.colour()));
        }
        ctx.draw_text(layout, (weight.indent(), top));
    }
}
