//! A conversation: with everyone, or with one person.

use std::sync::Arc;

use druid::Data;
use proto_core::time::UnixMillis;
use proto_core::wire::Audience;
use proto_std::session::Error;

use super::line::{Delivery, Kind, Line, Said};

/// Lines that are kept; older ones are forgotten, and a line says so.
pub(crate) const MOST_LINES: usize = 12_000;
/// Lines that are forgotten at once, so that forgetting is rare.
const FORGET: usize = 2_000;

/// The user's own messages that may wait or be refused at once; more are not taken.
const MOST_UNSENT: usize = 256;

/// Lines, shared with whoever draws them.
pub(crate) type Lines = Arc<Vec<Arc<Line>>>;

/// A conversation.
#[derive(Clone, Data, Debug)]
pub(crate) struct Talk {
    /// With whom.
    #[data(eq)]
    pub(crate) whom: Audience,
    /// Whether that person is in the room; true for everyone.
    pub(crate) present: bool,
    /// What was said, in the server's order.
    pub(crate) lines: Lines,
    /// The user's own messages that the server has not heard yet; shown below everything.
    pub(crate) unsent: Lines,
    /// Messages that were not read.
    pub(crate) unread: usize,
    /// What is typed and not sent, while another conversation is in view.
    pub(crate) draft: Arc<str>,
}

impl Talk {
    pub(crate) fn new(whom: Audience, present: bool) -> Self {
        Self {
            whom,
            present,
            lines: Arc::default(),
            unsent: Arc::default(),
            unread: 0,
            draft: "".into(),
        }
    }

    /// What stands in the list of conversations.
    pub(crate) fn title(&self) -> &str {
        match &self.whom {
            Audience::All => "Everyone",
            Audience::One(name) => name.as_str(),
        }
    }

    /// Whether nothing is in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.unsent.is_empty()
    }

    /// Everything to show, oldest first.
    pub(crate) fn shown(&self) -> impl DoubleEndedIterator<Item = &Arc<Line>> {
        self.lines.iter().chain(self.unsent.iter())
    }

    /// Appends a line, and forgets the oldest ones when there are too many.
    pub(crate) fn push(&mut self, line: Line) {
        let lines = Arc::make_mut(&mut self.lines);
        if lines.len() >= MOST_LINES {
            lines.drain(..FORGET - 1);
            let (id, at) = (lines[0].id, lines[1].at);
            lines[0] = Arc::new(Line { id, at, kind: Kind::Older });
        }
        lines.push(Arc::new(line));
    }

    /// Marks where the messages begin that nobody looked at.
    pub(crate) fn mark_new(&mut self, id: u64, at: UnixMillis) {
        if self.unread == 0 {
            self.unmark_new();
            self.push(Line { id, at, kind: Kind::New });
        }
    }

    /// Takes that mark away.
    pub(crate) fn unmark_new(&mut self) {
        let is_mark = |line: &Arc<Line>| line.kind == Kind::New;
        if self.lines.iter().rev().any(is_mark) {
            Arc::make_mut(&mut self.lines).retain(|line| !is_mark(line));
        }
    }

    /// Whether one more message of the user's own may set out.
    pub(crate) fn can_set_out(&self) -> bool {
        self.unsent.len() < MOST_UNSENT
    }

    /// Whether something is in it that the user has not dealt with.
    pub(crate) fn is_pending(&self) -> bool {
        self.unread > 0 || !self.draft.is_empty() || !self.unsent.is_empty()
    }

    /// When something happened in it last.
    pub(crate) fn last(&self) -> UnixMillis {
        self.lines.last().map_or(UnixMillis(0), |line| line.at)
    }

    /// A message of the user's own sets out.
    pub(crate) fn set_out(&mut self, line: Line) {
        assert!(self.can_set_out(), "whoever says something asks first");
        Arc::make_mut(&mut self.unsent).push(Arc::new(line));
    }

    /// The server has the message with this token: it waits no more.
    pub(crate) fn arrive(&mut self, token: u64) {
        if self.unsent.iter().any(|line| token_of(line) == Some(token)) {
            Arc::make_mut(&mut self.unsent).retain(|line| token_of(line) != Some(token));
        }
    }

    /// The message with this token will not be delivered; false when it is not here.
    pub(crate) fn refuse(&mut self, id: u64, token: u64, why: Error) -> bool {
        let Some(at) = self.unsent.iter().position(|line| token_of(line) == Some(token)) else {
            return false;
        };
        self.turn_down(at, id, token, &Arc::new(why));
        true
    }

    /// Nobody will say any more what became of the messages that wait. Takes the next number for a
    /// line, and returns the one after those that it gave out.
    pub(crate) fn strand(&mut self, mut id: u64, why: &Arc<Error>) -> u64 {
        for at in 0..self.unsent.len() {
            if let Some(token) = waiting(&self.unsent[at]) {
                self.turn_down(at, id, token, why);
                id += 1;
            }
        }
        id
    }

    fn turn_down(&mut self, at: usize, id: u64, token: u64, why: &Arc<Error>) {
        let Some(said) = self.unsent[at].said().cloned() else { return };
        let said = Said { delivery: Delivery::Refused { token, why: Arc::clone(why) }, ..said };
        let line = Line { id, at: self.unsent[at].at, kind: Kind::Said(said) };
        Arc::make_mut(&mut self.unsent)[at] = Arc::new(line);
    }

    /// Takes a message back that was refused, to be said again or forgotten.
    pub(crate) fn take_back(&mut self, id: u64) -> Option<Arc<str>> {
        let at = self.unsent.iter().position(|line| line.id == id)?;
        let said = self.unsent[at].said()?;
        if !matches!(said.delivery, Delivery::Refused { .. }) {
            return None;
        }
        let text = Arc::clone(&said.text);
        Arc::make_mut(&mut self.unsent).remove(at);
        Some(text)
    }

    /// Forgets everything that is shown, here and only here.
    pub(crate) fn clear(&mut self) {
        self.lines = Arc::default();
        Arc::make_mut(&mut self.unsent).retain(|line| waiting(line).is_some());
        self.unread = 0;
    }
}

/// The token of a message that waits.
fn waiting(line: &Line) -> Option<u64> {
    match line.said()?.delivery {
        Delivery::Waiting { token } => Some(token),
        Delivery::Heard | Delivery::Refused { .. } => None,
    }
}

fn token_of(line: &Line) -> Option<u64> {
    match line.said()?.delivery {
        Delivery::Heard => None,
        Delivery::Waiting { token } | Delivery::Refused { token, .. } => Some(token),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_lines_are_forgotten_many_at_once() {
        let mut talk = Talk::new(Audience::All, true);
        for id in 0..=MOST_LINES as u64 {
            talk.push(Line { id, at: UnixMillis(id), kind: Kind::Missed(1) });
        }
        assert_eq!(talk.lines.len(), MOST_LINES - FORGET + 2);
        assert_eq!((&talk.lines[0].kind, talk.lines[0].at), (&Kind::Older, talk.lines[1].at));
        assert_eq!(talk.lines[1].id, FORGET as u64);
    }
}
