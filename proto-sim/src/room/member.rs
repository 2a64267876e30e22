//! Somebody in the room: a chat client's process, and what its user saw.

use std::collections::BTreeMap;

use proto_core::chat::{Client, ClientEvent, ClientOutput, MAX_STREAMS, Purpose};
use proto_core::ids::{Ordinal, PublicKey, Seq};
use proto_core::limits::{MAX_MESSAGES, MAX_RECORD_LEN};
use proto_core::text::{Name, Text};
use proto_core::time::{Duration, Instant};
use proto_core::wire::{Audience, ToClient, decode, encode};

use super::Room;
use super::book::Book;
use super::wire::Wire;
use crate::rng::{Chance, Rng};
use crate::timeline::Timeline;

/// A person.
#[derive(Debug)]
pub(super) struct Member {
    client: Client<MAX_MESSAGES>,
    key: PublicKey,
    name: String,
    purpose: Purpose,
    state: State,
    latency: Duration,
    wakes: Option<Instant>,
    /// What will be said, and to whom.
    script: Timeline<(Audience, String)>,
    /// What was said and has no fate yet.
    open: BTreeMap<Seq, String>,
    /// The last message that was shown, or the point from which on the client reads.
    shown: Option<Ordinal>,
    missed: u64,
    /// Processes that it had, each with a stream of its own.
    runs: usize,
    rng: Rng,
}

//   Away --time--> Dialling --time--> Linked --end, silence, crash--> Away
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Away(Instant),
    Dialling(Instant),
    Linked(u64),
}

impl Member {
    pub(super) fn new(number: u64, members: u64, heals_at: Instant, rng: &Rng) -> Self {
        let mut rng = rng.split(&format!("member {number}"));
        // The last may be a script that speaks for the first.
        let script = number + 1 == members && rng.happens(Chance::percent(50));
        let person = if script { 0 } else { number };
        let purpose = if script { Purpose::Use } else { Purpose::Join };
        let mut member = Self {
            client: fresh(person, purpose, &mut rng, None),
            key: PublicKey([u8::try_from(person).unwrap_or(0) + 1; 32]),
            name: format!("{}{number}", if script { "script" } else { "member" }),
            purpose,
            state: State::Away(Instant::from_micros(rng.below(1_000_000))),
            latency: Duration::from_micros(1 << rng.between(7, 18)),
            wakes: None,
            script: Timeline::new(),
            open: BTreeMap::new(),
            shown: None,
            missed: 0,
            runs: 1,
            rng,
        };
        member.write_script(members, heals_at);
        member
    }

    fn write_script(&mut self, members: u64, heals_at: Instant) {
        let most = if self.rng.happens(Chance::percent(20)) { 500 } else { 30 };
        for line in 0..self.rng.below(most) {
            let to = if self.rng.happens(Chance::percent(30)) {
                Audience::One(person_name(self.rng.below(members + 1)))
            } else {
                Audience::All
            };
            let latest = heals_at.as_micros() >> self.rng.below(4);
            let at = Instant::from_micros(self.rng.below(latest));
            self.script.push(at, (to, format!("{} says {line}", self.name)));
        }
    }

    pub(super) fn next_wake(&self) -> Option<Instant> {
        let acts = match self.state {
            State::Away(until) | State::Dialling(until) => Some(until),
            State::Linked(_) => self.wakes,
        };
        [acts, self.script.next()].into_iter().flatten().min()
    }

    /// Whether it has said everything, knows what became of it, and has heard everything.
    pub(super) fn is_content(&self, book: &Book) -> bool {
        let heard = match self.purpose {
            Purpose::Join => {
                self.client.is_online()
                    && self.shown.is_some_and(|shown| shown.0 == book.ordinals(self.key))
            }
            Purpose::Use => true,
        };
        heard && self.script.is_empty() && self.open.is_empty()
    }

    pub(super) fn describe(&self, book: &Book) -> String {
        let Self { name, state, shown, .. } = self;
        let (all, open, unsaid) = (book.ordinals(self.key), self.open.len(), self.script.len());
        format!("{name} {state:?} was shown {shown:?} of {all}, {open} open, {unsaid} unsaid")
    }

    /// How many messages it was told that it missed.
    pub(super) fn missed(&self) -> u64 {
        self.missed
    }

    /// Forgets a link, and dials again later.
    fn go_away(&mut self, now: Instant) {
        self.client.disconnected(now);
        self.state = State::Away(now + REDIAL);
    }

    /// Checks what the client's user is told.
    fn on_event(&mut self, event: &ClientEvent<'_>, book: &Book) -> Verdict {
        match event {
            ClientEvent::LoggedIn { resumed, missed, .. } => {
                if let Some(shown) = self.shown {
                    assert!(*resumed, "a server that stored what it showed can resume");
                    self.shown = Some(Ordinal(shown.0 + missed));
                    self.missed += missed;
                    assert_eq!(self.shown, self.client.cursor(), "the count goes on");
                } else {
                    self.shown = self.client.cursor();
                }
            }
            ClientEvent::Said { ordinal, missed, text, .. } => {
                let shown = self.shown.expect("a login precedes messages");
                assert!(*ordinal > shown, "no message is shown twice: {ordinal:?} after {shown:?}");
                assert_eq!(ordinal.0 - shown.0 - 1, *missed, "a gap is told as wide as it is");
                let right = book.text(self.key, ordinal.0);
                assert_eq!(Some(text.as_str()), right, "what is shown is what was stored there");
                self.shown = Some(*ordinal);
                self.missed += missed;
            }
            ClientEvent::Delivered { seq } => {
                let text = self.open.remove(seq).expect("a message has one fate");
                assert!(book.has(&text), "what is delivered is stored: {text}");
            }
            ClientEvent::Rejected { seq, .. } => {
                let text = self.open.remove(seq).expect("a message has one fate");
                assert!(!book.has(&text), "what is rejected is not stored: {text}");
            }
            ClientEvent::Refused(why) => panic!("an honest login is accepted: {why:?}"),
            ClientEvent::Goodbye(_) | ClientEvent::Silent | ClientEvent::Closed => {
                return Verdict::Drop;
            }
            ClientEvent::Quiet
            | ClientEvent::Joined { .. }
            | ClientEvent::Left { .. }
            | ClientEvent::Present(_)
            | ClientEvent::PresentEnd
            | ClientEvent::PeopleChanged
            | ClientEvent::File { .. }
            | ClientEvent::FilesEnd
            | ClientEvent::FilesChanged
            | ClientEvent::Transfer(_) => {}
        }
        Verdict::Keep
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Keep,
    Drop,
}

impl Room {
    pub(super) fn wake_member(&mut self, number: usize) {
        let now = self.now;
        let member = &mut self.members[number];
        match member.state {
            State::Away(until) if until <= now => {
                member.state = State::Dialling(now + member.latency * 4);
            }
            State::Dialling(until) if until <= now => self.link(number),
            State::Away(_) | State::Dialling(_) | State::Linked(_) => {}
        }
        self.speak(number);
        self.drain_member(number);
    }

    fn link(&mut self, number: usize) {
        let now = self.now;
        let member = &mut self.members[number];
        let Some(link) = self.hall.connect(now, member.key) else {
            member.state = State::Away(now + REDIAL);
            return;
        };
        let wire_number = self.next_wire;
        self.next_wire += 1;
        self.trace.add(now, "linked", &[number as u64, wire_number]);
        self.wires.push(Wire::new(wire_number, number, link, member.latency));
        member.state = State::Linked(wire_number);
        member.client.connected(now);
    }

    /// Says what is due, as far as there is room for it.
    fn speak(&mut self, number: usize) {
        let now = self.now;
        let member = &mut self.members[number];
        while let Some((to, text)) = member.script.pop(now) {
            let words = Text::parse(&text).expect("short and plain");
            let Ok(seq) = member.client.say(now, &to, words) else {
                member.script.push(now + REDIAL, (to, text));
                return;
            };
            let double = member.open.insert(seq, text);
            assert_eq!(double, None, "a number is given once");
        }
    }

    /// A record arrived at a client; `None` is the end of its connection.
    pub(super) fn tell_member(&mut self, number: usize, record: Option<&[u8]>) {
        let now = self.now;
        let member = &mut self.members[number];
        let Some(record) = record else {
            member.go_away(now);
            return;
        };
        let (message, rest) = decode::<ToClient<'_>>(record).expect("the hub speaks the protocol");
        assert!(rest.is_empty(), "one message a record");
        self.trace.tell(now, || format!("member {number} hears {message:?}"));
        let event = member.client.handle_message(now, message).expect("the hub is honest");
        let verdict = member.on_event(&event, &self.book);
        if verdict == Verdict::Drop {
            self.hang_up(number, true);
        }
        self.drain_member(number);
    }

    fn drain_member(&mut self, number: usize) {
        let now = self.now;
        for _ in 0..MOST_OUTPUTS {
            let member = &mut self.members[number];
            match member.client.poll_output(now) {
                ClientOutput::Transmit(message) => {
                    let State::Linked(wire) = member.state else {
                        panic!("a client without a link sends nothing: {message:?}");
                    };
                    let mut record = [0; MAX_RECORD_LEN];
                    let len = encode(&message, &mut record).expect("every message fits a record");
                    if let Some(wire) = self.wires.iter_mut().find(|w| w.number == wire) {
                        wire.to_hub.send(now, Some(record[..len].to_vec()));
                    }
                }
                ClientOutput::Event(event) => {
                    let closed = event == ClientEvent::Closed;
                    if member.on_event(&event, &self.book) == Verdict::Drop {
                        self.hang_up(number, closed);
                    }
                }
                ClientOutput::Wait(at) => {
                    assert!(at > now, "a wait lies in the future: {at:?} at {now:?}");
                    member.wakes = Some(at);
                    return;
                }
                ClientOutput::Idle => {
                    member.wakes = None;
                    return;
                }
            }
        }
        panic!("a client comes to rest");
    }

    /// The client drops its connection: after what it sent, or at once.
    fn hang_up(&mut self, number: usize, flushed: bool) {
        let member = &mut self.members[number];
        if let State::Linked(wire) = member.state
            && let Some(wire) = self.wires.iter_mut().find(|w| w.number == wire)
        {
            wire.held_by_client = false;
            if !flushed {
                wire.to_hub.clear();
            }
            wire.to_hub.send(self.now, None);
        }
        member.go_away(self.now);
    }

    /// The client's process dies, and starts again with what it saved: only so often that the
    /// hub remembers every stream of that person.
    pub(super) fn crash_member(&mut self, number: usize, until: Instant) {
        self.hang_up(number, false);
        let key = self.members[number].key;
        let same = self.members.iter().filter(|member| member.key == key);
        if same.map(|member| member.runs).sum::<usize>() >= MAX_STREAMS {
            return;
        }
        let member = &mut self.members[number];
        member.runs += 1;
        let person = u64::from(member.key.0[0]) - 1;
        member.client = fresh(person, member.purpose, &mut member.rng, member.shown);
        member.open.clear();
        member.state = State::Away(until);
    }

    /// The connection that a member uses now.
    pub(super) fn wire_of(&mut self, number: usize) -> Option<&mut Wire> {
        let State::Linked(wire) = self.members[number].state else {
            return None;
        };
        self.wires.iter_mut().find(|w| w.number == wire)
    }
}

fn fresh(
    person: u64,
    purpose: Purpose,
    rng: &mut Rng,
    cursor: Option<Ordinal>,
) -> Client<MAX_MESSAGES> {
    Client::new(person_name(person), purpose, rng.draw(), cursor)
}

fn person_name(person: u64) -> Name {
    Name::parse(&format!("person{person}")).expect("a plain name")
}

/// How long somebody waits before trying again.
const REDIAL: Duration = Duration::from_millis(900);
/// Most outputs of a client at one instant.
const MOST_OUTPUTS: u64 = 1_000;
