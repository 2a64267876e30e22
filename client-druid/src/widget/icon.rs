//! Icons as strokes on a grid of 24 by 24.

use druid::kurbo::{Affine, BezPath, Shape as _};
use druid::piet::{LineCap, LineJoin, RenderContext as _, StrokeStyle};
use druid::{Color, PaintCtx, Rect};

/// What an icon shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Icon {
    Alert,
    Check,
    ChevronDown,
    Clock,
    Close,
    Download,
    File,
    Folder,
    Keyboard,
    Moon,
    Panel,
    Pause,
    People,
    Play,
    Refresh,
    Search,
    Send,
    Sun,
    Trash,
    Upload,
}

const SIDE: f64 = 24.0;

impl Icon {
    const fn path(self) -> &'static str {
        match self {
            Self::Alert => "M12 4 L21 19 H3 Z M12 10 V14 M12 16.4 V16.6",
            Self::Check => "M5 12.5 L10 17.5 L19 7",
            Self::ChevronDown => "M7 10 L12 15 L17 10",
            Self::Clock => "M12 4 A8 8 0 1 0 12 20 A8 8 0 1 0 12 4 M12 8 V12.5 L15 14",
            Self::Close => "M6.5 6.5 L17.5 17.5 M17.5 6.5 L6.5 17.5",
            Self::Download => "M12 4 V15 M7 10.5 L12 15.5 L17 10.5 M5 19.5 H19",
            Self::File => "M7 3.5 H13.5 L18 8 V20.5 H7 Z M13.5 3.5 V8 H18",
            Self::Folder => "M3.5 6 H10 L12 8.5 H20.5 V18.5 H3.5 Z",
            Self::Keyboard => {
                "M3 7 H21 V17.5 H3 Z M6.5 10.5 H7 M10 10.5 H10.5 M13.5 10.5 H14 M17 10.5 H17.5 \
                 M8 14 H16"
            }
            Self::Moon => "M19.5 14.5 A8 8 0 1 1 9.5 4.5 A6.5 6.5 0 0 0 19.5 14.5 Z",
            Self::Panel => "M4 5.5 H20 V18.5 H4 Z M14 5.5 V18.5",
            Self::Pause => "M9 6.5 V17.5 M15 6.5 V17.5",
            Self::People => {
                "M9 5 A3.2 3.2 0 1 0 9 11.4 A3.2 3.2 0 1 0 9 5 M3 19 C3 13 15 13 15 19 M15 5.3 \
                 A3.2 3.2 0 0 1 15 11.2 M17.5 14.8 C20 15.6 21 17 21 19"
            }
            Self::Play => "M8.5 6 L18 12 L8.5 18 Z",
            Self::Refresh => "M18.5 9 A7.2 7.2 0 1 0 19.2 13 M19 4.5 V9.2 H14.3",
            Self::Search => "M10.5 4.5 A6 6 0 1 0 10.5 16.5 A6 6 0 1 0 10.5 4.5 M15 15 L20 20",
            Self::Send => "M4 11 L20 4 L14 20 L11.2 13 Z M11.2 13 L20 4",
            Self::Sun => {
                "M12 8 A4 4 0 1 0 12 16 A4 4 0 1 0 12 8 M12 2.5 V4.5 M12 19.5 V21.5 M2.5 12 H4.5 \
                 M19.5 12 H21.5 M5.3 5.3 L6.7 6.7 M17.3 17.3 L18.7 18.7 M5.3 18.7 L6.7 17.3 \
                 M17.3 6.7 L18.7 5.3"
            }
            Self::Trash => "M5 7 H19 M9.5 7 V4.5 H14.5 V7 M7 7 L8 19.5 H16 L17 7 M12 10.5 V16",
            Self::Upload => "M12 15.5 V4.5 M7 9.5 L12 4.5 L17 9.5 M5 19.5 H19",
        }
    }

    /// Draws the icon into a square.
    pub(crate) fn draw(self, ctx: &mut PaintCtx<'_, '_, '_>, square: Rect, colour: Color) {
        let Ok(path) = BezPath::from_svg(self.path()) else { return };
        let scale = square.width() / SIDE;
        let place = Affine::translate(square.origin().to_vec2()) * Affine::scale(scale);
        let style = StrokeStyle::new().line_cap(LineCap::Round).line_join(LineJoin::Round);
        ctx.stroke_styled(place * path, &colour, 1.7 * scale.max(0.75), &style);
    }
}

/// The square of this side in the middle of a rectangle.
pub(crate) fn centred(rect: Rect, side: f64) -> Rect {
    let centre = rect.bounding_box().center();
    Rect::from_center_size(centre, (side, side))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_icon_is_a_path_within_its_square() {
        let all = [
            Icon::Alert,
            Icon::Check,
            Icon::ChevronDown,
            Icon::Clock,
            Icon::Close,
            Icon::Download,
            Icon::File,
            Icon::Folder,
            Icon::Keyboard,
            Icon::Moon,
            Icon::Panel,
            Icon::Pause,
            Icon::People,
            Icon::Play,
            Icon::Refresh,
            Icon::Search,
            Icon::Send,
            Icon::Sun,
            Icon::Trash,
            Icon::Upload,
        ];
        for icon in all {
            let bounds = BezPath::from_svg(icon.path()).unwrap().bounding_box();
            let square = Rect::new(0.0, 0.0, SIDE, SIDE);
            assert_eq!(bounds.union(square), square, "{icon:?}");
        }
    }
}
