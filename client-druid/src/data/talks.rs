//! Which conversations the room has: begun by who comes and by what is said, forgotten when there are
//! too many.

use std::sync::Arc;

use proto_core::text::Name;
use proto_core::time::UnixMillis;
use proto_core::wire::Audience;

use super::line::{Kind, Line};
use super::room::Room;
use super::talk::Talk;

/// Conversations that are kept. Beyond them those go first whose people left and where nothing is
/// left to do, the oldest first; one with something left to do goes with a word to everyone's.
pub(crate) const MOST_TALKS: usize = 512;

impl Room {
    /// The conversation in view.
    pub(crate) fn talk(&self) -> &Talk {
        self.talks
            .iter()
            .find(|talk| talk.whom == self.current)
            .or_else(|| self.talks.first())
            .expect("there is always the conversation with everyone")
    }

    /// The conversation with `whom`, begun if there is none.
    pub(crate) fn talk_mut(&mut self, whom: &Audience) -> &mut Talk {
        if !self.has_talk(whom) {
            self.begin(whom.clone(), false);
            self.sort();
        }
        let talks = Arc::make_mut(&mut self.talks);
        talks.iter_mut().find(|talk| talk.whom == *whom).expect("it was begun")
    }

    fn has_talk(&self, whom: &Audience) -> bool {
        self.talks.iter().any(|talk| talk.whom == *whom)
    }

    /// Begins a conversation, at the end of the list.
    fn begin(&mut self, whom: Audience, present: bool) {
        while self.talks.len() >= MOST_TALKS {
            self.forget_one();
        }
        Arc::make_mut(&mut self.talks).push(Talk::new(whom, present));
    }

    /// Forgets the conversation that is missed least.
    fn forget_one(&mut self) {
        let may_go = |talk: &Talk| talk.whom != Audience::All && talk.whom != self.current;
        let places = (0..self.talks.len()).filter(|at| may_go(&self.talks[*at]));
        let worth = |at: &usize| {
            let talk = &self.talks[*at];
            (talk.present, talk.is_pending(), talk.last())
        };
        let at = places.min_by_key(worth).expect("there are more than the two that stay");
        let talk = Arc::make_mut(&mut self.talks).remove(at);
        if let (Audience::One(name), true) = (&talk.whom, talk.is_pending()) {
            let at = talk.last().max(self.talk_mut(&Audience::All).last());
            let kind = Kind::Forgotten { whom: name.clone(), unread: talk.unread };
            self.append(&Audience::All, at, kind);
        }
    }

    /// Appends a line to a conversation.
    pub(crate) fn append(&mut self, whom: &Audience, at: UnixMillis, kind: Kind) {
        let id = self.line_id();
        self.talk_mut(whom).push(Line { id, at, kind });
    }

    /// Sets who is in the room.
    pub(crate) fn set_present(&mut self, names: &[Name]) {
        let talks = Arc::make_mut(&mut self.talks);
        for talk in talks.iter_mut() {
            talk.present = match &talk.whom {
                Audience::All => true,
                Audience::One(name) => names.contains(name),
            };
        }
        self.tidy();
        for name in names.iter().take(MOST_TALKS) {
            let whom = Audience::One(name.clone());
            if !self.has_talk(&whom) {
                self.begin(whom, true);
            }
        }
        self.sort();
    }

    /// Somebody came or went.
    pub(crate) fn set_presence(&mut self, name: &Name, present: bool) {
        self.talk_mut(&Audience::One(name.clone())).present = present;
        self.tidy();
    }

    /// Puts the conversations in order, and lets go of those that nobody would miss.
    pub(crate) fn tidy(&mut self) {
        let talks = Arc::make_mut(&mut self.talks);
        let current = &self.current;
        talks.retain(|talk| {
            talk.present || !talk.is_empty() || !talk.draft.is_empty() || talk.whom == *current
        });
        self.sort();
    }

    /// How many people are in the room.
    pub(crate) fn online(&self) -> usize {
        self.talks.iter().filter(|talk| talk.present && talk.whom != Audience::All).count()
    }

    /// Messages that were not read, in all conversations.
    pub(crate) fn unread(&self) -> usize {
        self.talks.iter().map(|talk| talk.unread).sum()
    }

    /// Everyone, then who is present, then who was; each by name.
    fn sort(&mut self) {
        Arc::make_mut(&mut self.talks).sort_by_cached_key(|talk| match &talk.whom {
            Audience::All => (0, String::new()),
            Audience::One(name) => (1 + u8::from(!talk.present), name.as_str().to_lowercase()),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(name: &str) -> Name {
        Name::parse(name).unwrap()
    }

    fn titles(room: &Room) -> Vec<&str> {
        room.talks.iter().map(Talk::title).collect()
    }

    #[test]
    fn people_are_listed_while_they_are_here_or_were_talked_to() {
        let mut room = Room::default();
        room.set_present(&[name("Shlomo"), name("dana")]);
        assert_eq!(titles(&room), ["Everyone", "dana", "Shlomo"]);
        assert_eq!(room.online(), 2);

        room.set_presence(&name("dana"), false);
        assert_eq!(titles(&room), ["Everyone", "Shlomo"]);

        room.current = Audience::One(name("Shlomo"));
        room.set_present(&[name("noa")]);
        assert_eq!(titles(&room), ["Everyone", "noa", "Shlomo"]);
    }

    #[test]
    fn of_too_many_conversations_the_oldest_goes_that_nobody_waits_for() {
        let mut room = Room::default();
        let hear = |room: &mut Room, number: usize| {
            let whom = Audience::One(name(&format!("person{number}")));
            room.append(&whom, UnixMillis(number as u64), Kind::Missed(1));
            whom
        };
        let unread = hear(&mut room, 0);
        room.talk_mut(&unread).unread = 3;
        room.current = hear(&mut room, 1);
        for number in 2..2 * MOST_TALKS {
            hear(&mut room, number);
            assert!(room.talks.len() <= MOST_TALKS);
        }
        assert!(room.has_talk(&unread) && room.has_talk(&room.current));
        assert!(!room.has_talk(&Audience::One(name("person2"))));
        assert!(room.talks[0].is_empty(), "nothing was lost that is worth a word");

        // Everybody else is here now.
        for talk in Arc::make_mut(&mut room.talks) {
            talk.present = true;
        }
        room.talk_mut(&unread).present = false;
        hear(&mut room, 2 * MOST_TALKS);
        assert!(!room.has_talk(&unread));
        let said = Kind::Forgotten { whom: name("person0"), unread: 3 };
        assert_eq!(room.talks[0].lines[0].kind, said);
    }

    #[test]
    fn a_crowd_is_listed_as_far_as_the_list_goes() {
        let mut room = Room::default();
        let crowd: Vec<Name> = (0..3 * MOST_TALKS).map(|n| name(&format!("person{n}"))).collect();
        room.set_present(&crowd);
        assert_eq!(room.talks.len(), MOST_TALKS);
        assert_eq!(room.talks[0].whom, Audience::All);
        assert_eq!(crate::data::words::online(room.online()), "more than 510 online");
    }
}
