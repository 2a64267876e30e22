//! Stories of a client whose links come and go.

use std::format;
use std::string::String;
use std::vec::Vec;

use super::*;
use crate::ids::{Stamp, TransferId};
use crate::text::FileName;
use crate::time::UnixMillis;
use crate::wire::{Goodbye, LoginRefusal, Transfer};

type SmallClient = Client<3>;

const START: Instant = Instant::from_micros(1_000_000);

fn name() -> Name {
    Name::parse("leah").unwrap()
}

fn text(words: &str) -> Text<'_> {
    Text::parse(words).unwrap()
}

fn client(purpose: Purpose, cursor: Option<u64>) -> SmallClient {
    Client::new(name(), purpose, 7, cursor.map(Ordinal))
}

/// A client that is in the room and has read up to message 10.
fn online() -> SmallClient {
    let mut client = client(Purpose::Join, Some(10));
    client.connected(START);
    outputs(&mut client, START);
    client.handle_message(START, welcome(10, 0)).unwrap();
    assert!(client.is_online());
    client
}

fn welcome(cursor: u64, heard: u64) -> ToClient<'static> {
    ToClient::Welcome {
        name: name(),
        cursor: Ordinal(cursor),
        heard: Seq(heard),
        at: UnixMillis(5),
        uploads: true,
    }
}

fn said(ordinal: u64, seq: u64) -> ToClient<'static> {
    ToClient::Said {
        ordinal: Ordinal(ordinal),
        at: UnixMillis(5),
        from: name(),
        to: Audience::All,
        seq: Seq(seq),
        text: text("hi"),
    }
}

fn say(client: &mut SmallClient, words: &str) -> Result<Seq, OutboxFull> {
    client.say(START, &Audience::All, text(words))
}

/// Everything that the client wants done, in short.
fn outputs<const N: usize>(client: &mut Client<N>, now: Instant) -> Vec<String> {
    let mut lines = Vec::new();
    loop {
        lines.push(match client.poll_output(now) {
            ClientOutput::Transmit(ToServer::Login { mode, first, .. }) => {
                format!("login {mode:?} {}", first.0)
            }
            ClientOutput::Transmit(ToServer::Say { seq, text, .. }) => {
                format!("say {} {}", seq.0, text.as_str())
            }
            ClientOutput::Transmit(message) => format!("{message:?}"),
            ClientOutput::Event(event) => format!("{event:?}"),
            ClientOutput::Wait(until) => {
                assert!(until > now, "a client that waits for the past never rests");
                return lines;
            }
            ClientOutput::Idle => return lines,
        });
    }
}

#[test]
fn a_first_login_takes_requests_and_words_along() {
    let mut client = client(Purpose::Use, None);
    client.ask_files();
    say(&mut client, "hello").unwrap();
    assert_eq!(outputs(&mut client, START), [""; 0]);

    client.connected(START);

    assert_eq!(outputs(&mut client, START), ["login Use 1", "Files", "say 1 hello"]);
}

#[test]
fn after_a_break_only_what_the_server_lacks_is_sent_again() {
    let mut client = online();
    for words in ["one", "two", "three"] {
        say(&mut client, words).unwrap();
    }
    outputs(&mut client, START);
    client.handle_message(START, ToClient::Heard(Seq(1))).unwrap();
    assert_eq!(outputs(&mut client, START), ["Delivered { seq: Seq(1) }"]);

    client.disconnected(START);
    client.connected(START);
    assert_eq!(outputs(&mut client, START), ["login Join { cursor: Some(Ordinal(10)) } 2"]);
    client.handle_message(START, welcome(10, 2)).unwrap();

    assert_eq!(outputs(&mut client, START), ["say 3 three"]);
    client.handle_message(START, ToClient::Heard(Seq(3))).unwrap();
    let delivered = ["Delivered { seq: Seq(2) }", "Delivered { seq: Seq(3) }"];
    assert_eq!(outputs(&mut client, START), delivered);
    assert!(client.is_settled());
}

#[test]
fn a_full_outbox_refuses_until_something_is_acknowledged() {
    let mut client = online();
    for _ in 0..3 {
        say(&mut client, "x").unwrap();
    }
    assert_eq!(say(&mut client, "x"), Err(OutboxFull));

    outputs(&mut client, START);
    client.handle_message(START, ToClient::Heard(Seq(1))).unwrap();
    outputs(&mut client, START);

    assert_eq!(say(&mut client, "x"), Ok(Seq(4)));
    assert_eq!(outputs(&mut client, START), ["say 4 x"]);
}

#[test]
fn a_rejection_counts_as_an_answer() {
    let mut client = online();
    for _ in 0..3 {
        say(&mut client, "x").unwrap();
    }
    outputs(&mut client, START);

    let rejected = |seq| ToClient::Rejected { seq: Seq(seq), why: Rejection::TooFast };
    let event = client.handle_message(START, rejected(1)).unwrap();
    assert_eq!(event, ClientEvent::Rejected { seq: Seq(1), why: Rejection::TooFast });
    assert_eq!(client.handle_message(START, rejected(1)), Ok(ClientEvent::Quiet));
    assert_eq!(client.handle_message(START, rejected(3)), Err(Misbehaviour::HeardTooMuch));
    client.handle_message(START, ToClient::Heard(Seq(2))).unwrap();

    assert_eq!(outputs(&mut client, START), ["Delivered { seq: Seq(2) }"]);
}

#[test]
fn a_message_is_shown_once_and_a_hole_is_counted() {
    let mut client = online();
    let mut show = |ordinal, seq| match client.handle_message(START, said(ordinal, seq)).unwrap() {
        ClientEvent::Said { missed, mine, .. } => Some((missed, mine)),
        ClientEvent::Quiet => None,
        event => panic!("{event:?}"),
    };

    assert_eq!(show(11, 0), Some((0, None)));
    assert_eq!(show(11, 0), None);
    assert_eq!(show(10, 0), None);
    assert_eq!(show(15, 4), Some((3, Some(Seq(4)))));
    assert_eq!(show(u64::MAX, 0), Some((u64::MAX - 16, None)));
    assert_eq!(client.cursor(), Some(Ordinal(u64::MAX)));
}

#[test]
fn what_fell_out_while_away_is_counted_with_the_welcome() {
    for (cursor, start, expected) in [
        (Some(10), 10, (true, 0)),
        (Some(10), 14, (true, 4)),
        (Some(10), 3, (false, 0)),
        (None, 8, (false, 0)),
    ] {
        let mut client = client(Purpose::Join, cursor);
        client.connected(START);
        let event = client.handle_message(START, welcome(start, 0)).unwrap();
        let ClientEvent::LoggedIn { resumed, missed, .. } = event else { panic!("{event:?}") };
        assert_eq!((resumed, missed), expected, "{cursor:?} {start}");
        assert_eq!(client.cursor(), Some(Ordinal(start)));
    }
}

#[test]
fn silence_is_asked_about_and_then_taken_for_the_end() {
    let mut client = online();
    let after = |seconds| START + Duration::from_secs(seconds);

    assert_eq!(client.poll_output(after(29)), ClientOutput::Wait(after(30)));
    assert_eq!(outputs(&mut client, after(30)), ["Ping(1)"]);
    client.handle_message(after(31), ToClient::Pong(1)).unwrap();
    assert_eq!(client.poll_output(after(32)), ClientOutput::Wait(after(61)));
    assert_eq!(outputs(&mut client, after(61)), ["Ping(2)"]);
    assert_eq!(client.poll_output(after(105)), ClientOutput::Wait(after(106)));
    assert_eq!(outputs(&mut client, after(106)), ["Silent"]);
}

#[test]
fn a_server_that_never_welcomes_us_is_silent() {
    let mut client = client(Purpose::Join, None);
    client.connected(START);
    outputs(&mut client, START);

    let end = START + Duration::from_secs(75);
    assert_eq!(client.poll_output(START + Duration::from_secs(40)), ClientOutput::Wait(end));
    assert_eq!(outputs(&mut client, end), ["Silent"]);
}

#[test]
fn a_ping_is_answered_with_its_number() {
    let mut client = online();
    client.handle_message(START, ToClient::Ping(99)).unwrap();
    assert_eq!(outputs(&mut client, START), ["Pong(99)"]);
}

#[test]
fn a_question_is_asked_once_and_again_after_a_break() {
    let mut client = online();
    client.ask_users();
    client.ask_users();
    assert_eq!(outputs(&mut client, START), ["Who"]);

    client.disconnected(START);
    client.connected(START);
    assert_eq!(outputs(&mut client, START)[1..], ["Who"]);
    client.handle_message(START, welcome(10, 0)).unwrap();
    client.handle_message(START, ToClient::PresentEnd).unwrap();

    assert_eq!(outputs(&mut client, START), [""; 0]);
    client.ask_users();
    assert_eq!(outputs(&mut client, START), ["Who"]);
}

#[test]
fn goodbye_waits_for_the_last_acknowledgement() {
    let mut client = online();
    say(&mut client, "bye").unwrap();
    client.leave();
    assert_eq!(outputs(&mut client, START), ["say 1 bye"]);

    client.handle_message(START, ToClient::Heard(Seq(1))).unwrap();

    assert_eq!(outputs(&mut client, START), ["Delivered { seq: Seq(1) }", "Leave", "Closed"]);
    assert_eq!(outputs(&mut client, START), [""; 0]);
}

/// One of each message that a server can send, with what it means when it comes online; `None`
/// is misbehaviour. The flag says whether it may come before the welcome.
fn every_message() -> Vec<(ToClient<'static>, Option<&'static str>, bool)> {
    let at = UnixMillis(5);
    let file = FileName::parse("a").unwrap();
    let transfer = Transfer::Done { id: TransferId(1) };
    [
        (welcome(10, 0), None, true),
        (ToClient::Refused(LoginRefusal::Full), None, true),
        (said(11, 0), Some("Said"), false),
        (ToClient::Joined { name: name(), at }, Some("Joined"), false),
        (ToClient::Left { name: name(), at }, Some("Left"), false),
        (ToClient::Heard(Seq(0)), Some("Quiet"), false),
        (ToClient::Heard(Seq(1)), None, false),
        (ToClient::Rejected { seq: Seq(1), why: Rejection::TooFast }, None, false),
        (ToClient::Present(name()), Some("Present"), false),
        (ToClient::PresentEnd, Some("PresentEnd"), false),
        (ToClient::File { name: file, size: 1, stamp: Stamp(2) }, Some("File"), true),
        (ToClient::FilesEnd, Some("FilesEnd"), true),
        (ToClient::FilesChanged, Some("FilesChanged"), true),
        (ToClient::Transfer(transfer), Some("Transfer"), true),
        (ToClient::Ping(1), Some("Quiet"), true),
        (ToClient::Pong(1), Some("Quiet"), true),
        (ToClient::Goodbye(Goodbye::Shutdown), Some("Goodbye"), true),
        (ToClient::PeopleChanged, Some("PeopleChanged"), false),
    ]
    .into()
}

#[test]
fn every_message_in_every_state_has_its_answer() {
    for (message, meaning, early) in every_message() {
        let mut here = online();
        let event = here.handle_message(START, message.clone());
        let event = event.ok().map(|event| format!("{event:?}"));
        assert_eq!(event.is_some(), meaning.is_some(), "{message:?}");
        assert!(event.unwrap_or_default().starts_with(meaning.unwrap_or_default()), "{message:?}");

        let mut greeting = client(Purpose::Join, None);
        greeting.connected(START);
        let answer = greeting.handle_message(START, message.clone());
        assert_eq!(answer.is_ok(), early, "{message:?}");

        let mut done = online();
        done.handle_message(START, ToClient::Goodbye(Goodbye::Replaced)).unwrap();
        assert_eq!(done.handle_message(START, message.clone()), Ok(ClientEvent::Quiet));

        let mut offline = client(Purpose::Join, None);
        assert_eq!(offline.handle_message(START, message), Err(Misbehaviour::NoLink));
    }
}

#[test]
fn a_welcome_that_knows_more_than_was_said_is_misbehaviour() {
    let mut client = client(Purpose::Join, None);
    client.connected(START);
    assert_eq!(client.handle_message(START, welcome(0, 1)), Err(Misbehaviour::HeardTooMuch));
}
