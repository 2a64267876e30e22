//! What happens in the room, as lines: what `chat` and `watch` have in common.

use proto_core::text::Name;
use proto_core::time::UnixMillis;
use proto_std::clock;
use proto_std::session::Event;

use crate::ndjson::Record;
use crate::render::Style;
use crate::screen::Screen;

/// Tells an event with `--json`.
pub(super) fn record(screen: &Screen, event: &Event) -> std::io::Result<()> {
    let record = match event {
        Event::Said { at, from, to, text, mine } => {
            Record::msg(at.0, from, to, mine.is_some(), text)
        }
        Event::Missed { count } => Record::Missed { count: *count },
        Event::Joined { name, at } => Record::Joined { name: name.as_str(), at_ms: at.0 },
        Event::Left { name, at } => Record::Left { name: name.as_str(), at_ms: at.0 },
        Event::Users(users) => Record::users(users),
        Event::Files(files) => Record::files(files),
        Event::Delivered { token } => Record::Delivered { n: *token },
        Event::Connecting { .. }
        | Event::FirstContact { .. }
        | Event::Online(_)
        | Event::Offline { .. }
        | Event::Rejected { .. }
        | Event::FilesChanged
        | Event::Transfer(_)
        | Event::Warning(_)
        | Event::Failed(_)
        | Event::Closed => return Ok(()),
    };
    screen.record(record)
}

/// An event as a line of text; `None` for what is not a line of its own.
pub(super) fn line(style: Style, me: &Name, event: &Event) -> Option<String> {
    match event {
        Event::Said { at, from, to, text, .. } => Some(style.said(me, *at, from, to, text)),
        Event::Missed { count } => Some(style.notice(now(), &Style::missed(*count))),
        Event::Joined { name, at } => Some(style.notice(*at, &style.joined(name))),
        Event::Left { name, at } => Some(style.notice(*at, &style.left(name))),
        Event::FilesChanged => Some(style.notice(now(), "the server's files changed")),
        Event::Users(_)
        | Event::Files(_)
        | Event::Delivered { .. }
        | Event::Rejected { .. }
        | Event::Connecting { .. }
        | Event::FirstContact { .. }
        | Event::Online(_)
        | Event::Offline { .. }
        | Event::Transfer(_)
        | Event::Warning(_)
        | Event::Failed(_)
        | Event::Closed => None,
    }
}

/// The time of what has none of its own.
pub(super) fn now() -> UnixMillis {
    clock::wall()
}
