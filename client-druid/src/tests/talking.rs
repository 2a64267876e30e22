//! Conversations: with everyone and with one person.

use druid::{KbKey, Modifiers};
use proto_core::time::UnixMillis;
use proto_core::wire::Audience;
use proto_std::session::{Command, Error, ErrorKind, Event};

use super::pilot::{Pilot, fly, name, one};
use crate::commands::{COMPOSER, MESSAGES, RECIPIENT};
use crate::data::line::{Delivery, Kind};

fn said(command: &Command) -> (Audience, String, u64) {
    match command {
        Command::Say { to, text, token } => (to.clone(), text.clone(), *token),
        other => panic!("not a message: {other:?}"),
    }
}

/// Rows 15 and 21.
#[test]
fn enter_sends_empties_the_field_and_shows_the_message_once() {
    fly("empty", |pilot| {
        pilot.focus(COMPOSER);
        pilot.type_message("  hi all ");
        pilot.press(KbKey::Enter);

        let heard = pilot.heard();
        let (to, text, token) = said(&heard[0]);
        assert_eq!((to, text.as_str(), heard.len()), (Audience::All, "hi all", 1));
        assert_eq!(pilot.app().room.draft, "");
        assert_eq!(pilot.texts(), ["hi all"]);
        let waits = pilot.talk().unsent[0].said().unwrap().delivery.clone();
        assert_eq!(waits, Delivery::Waiting { token });

        pilot.said("leah", Audience::All, "hi all", Some(token));
        assert_eq!(pilot.texts(), ["hi all"]);
        assert!(pilot.talk().unsent.is_empty());
    });
}

#[test]
fn shift_and_enter_do_not_send_and_nothing_is_nothing() {
    fly("empty", |pilot| {
        pilot.focus(COMPOSER);
        pilot.type_message("a line");
        pilot.press_with(Modifiers::SHIFT, KbKey::Enter);
        pilot.type_message(" \n ");
        pilot.press(KbKey::Enter);

        assert!(pilot.heard().is_empty());
    });
}

/// Row 16.
#[test]
fn a_message_in_a_private_conversation_goes_to_that_person_alone() {
    fly("chat", |pilot| {
        pilot.ctrl("2");
        assert_eq!(pilot.app().room.current, one("Dana"));
        pilot.type_message("for you only");
        pilot.press(KbKey::Enter);

        let (to, text, token) = said(&pilot.heard()[0]);
        assert_eq!((to, text.as_str()), (one("Dana"), "for you only"));
        pilot.said("leah", one("Dana"), "for you only", Some(token));
        assert_eq!(pilot.texts().last().unwrap(), "for you only");

        pilot.ctrl("1");
        assert!(!pilot.texts().contains(&"for you only".to_owned()));
    });
}

#[test]
fn what_is_said_elsewhere_is_counted_until_it_is_looked_at() {
    fly("empty", |pilot| {
        pilot.tell(Event::Users(vec![name("leah"), name("Dana")]));
        pilot.said("Dana", one("leah"), "psst", None);
        pilot.said("Dana", one("leah"), "are you there?", None);
        pilot.said("Dana", Audience::All, "hello all", None);
        assert_eq!(pilot.app().room.unread(), 2);
        assert!(pilot.app().title().starts_with("(2) leah"));

        pilot.ctrl("2");

        assert_eq!(pilot.app().room.unread(), 0);
        assert_eq!(pilot.talk().lines[0].kind, Kind::New);
        pilot.ctrl("1");
        pilot.ctrl("2");
        assert_eq!(pilot.texts(), ["psst", "are you there?"]);
        assert!(pilot.talk().lines.iter().all(|line| line.kind != Kind::New));
    });
}

/// Row 19.
#[test]
fn a_message_is_shown_with_who_said_it_and_ones_own_are_told_apart() {
    fly("empty", |pilot| {
        pilot.said("Dana", Audience::All, "hello", None);
        pilot.said("leah", Audience::All, "hello yourself", None);

        let said = |nth: usize| pilot.talk().lines[nth].said().unwrap().clone();
        assert_eq!((said(0).from, said(0).mine), (name("Dana"), false));
        assert_eq!((said(1).from, said(1).mine), (name("leah"), true));
    });
}

/// Row 48.
#[test]
fn the_screen_says_whether_it_is_connected_and_who_else_is() {
    fly("chat", |pilot| {
        let presence = |app: &crate::data::app::App| crate::ui::sidebar::presence(&app.room);
        assert_eq!(presence(pilot.app()), "5 online");
        let why = Error::new(ErrorKind::Timeout, "lost the connection", "silence", "");
        pilot.tell(Event::Offline { why, retry_in: std::time::Duration::from_secs(3) });
        assert_eq!(presence(pilot.app()), "Not connected");
        assert_eq!(crate::data::words::link(&pilot.app().room), "Lost the connection");
    });
}

#[test]
fn the_recipient_is_changed_with_the_keyboard_and_the_text_goes_along() {
    fly("chat", |pilot| {
        pilot.type_message("this is rather for you");
        pilot.focus(RECIPIENT);
        pilot.press(" ");
        pilot.press("n");
        pilot.press(KbKey::Enter);

        assert_eq!(pilot.app().room.current, one("Noa"));
        assert_eq!(pilot.app().room.draft, "this is rather for you");
        pilot.press(KbKey::Enter);
        assert_eq!(said(&pilot.heard()[0]).0, one("Noa"));
    });
}

/// Rows 10, 11, 17 and 22.
#[test]
fn the_list_of_recipients_follows_who_comes_and_goes() {
    fly("empty", |pilot| {
        let at = UnixMillis(1_800_000_000_000);
        pilot.tell(Event::Joined { name: name("Shlomo"), at });
        let titles = |room: &crate::data::room::Room| -> Vec<String> {
            room.talks.iter().map(|talk| talk.title().to_owned()).collect()
        };
        assert_eq!(titles(&pilot.app().room), ["Everyone", "leah", "Shlomo"]);
        assert_eq!(pilot.talk().lines[0].kind, Kind::Joined(name("Shlomo")));

        pilot.tell(Event::Left { name: name("Shlomo"), at });
        assert_eq!(titles(&pilot.app().room), ["Everyone", "leah"]);
        assert_eq!(pilot.talk().lines[1].kind, Kind::Left(name("Shlomo")));
    });
}

/// Row 18.
#[test]
fn a_refused_message_stays_with_its_reason_and_is_said_again_by_keyboard() {
    fly("chat", |pilot| {
        pilot.ctrl("2");
        pilot.type_message("hello?");
        pilot.press(KbKey::Enter);
        let (.., token) = said(&pilot.heard()[0]);
        let why = Error::new(ErrorKind::NotFound, "cannot deliver", "the user is not online", "");
        pilot.tell(Event::Rejected { token, why: why.clone() });
        let delivery = pilot.talk().unsent[0].said().unwrap().delivery.clone();
        assert!(matches!(delivery, Delivery::Refused { why: told, .. } if *told == why));

        pilot.focus(MESSAGES);
        pilot.press(KbKey::ArrowUp);
        pilot.press(KbKey::Enter);

        let (to, text, other) = said(&pilot.heard()[0]);
        assert_eq!((to, text.as_str()), (one("Dana"), "hello?"));
        assert_ne!(other, token);
        assert_eq!(pilot.talk().unsent.len(), 1);
    });
}

#[test]
fn a_message_that_waits_when_the_session_ends_waits_no_more_and_is_said_again_in_the_next() {
    fly("chat", |pilot| {
        pilot.type_message("is anybody there?");
        pilot.focus(COMPOSER);
        pilot.press(KbKey::Enter);
        let (.., token) = said(&pilot.heard()[0]);
        pilot.tell(Event::Closed);
        let refused = |pilot: &Pilot<'_, '_>| match &pilot.talk().unsent[0].said()?.delivery {
            Delivery::Refused { why, .. } => Some(why.clone()),
            Delivery::Heard | Delivery::Waiting { .. } => None,
        };
        let why = refused(pilot).expect("it waits no more");
        assert!(
            why.why.contains("session ended") && why.next.to_string().contains("again"),
            "{why}"
        );

        // There is nobody to say it to yet.
        pilot.focus(MESSAGES);
        pilot.press(KbKey::End);
        pilot.press(KbKey::Enter);
        assert!(pilot.heard().is_empty() && refused(pilot).is_some());
        assert!(pilot.app().toast.as_ref().unwrap().text.contains("Retry"));

        pilot.tell(Pilot::online());
        pilot.press(KbKey::Enter);
        let (_, text, other) = said(&pilot.heard()[0]);
        assert_eq!((text.as_str(), other == token), ("is anybody there?", false));
    });
}

#[test]
fn a_message_for_which_a_busy_session_has_no_room_is_refused_and_in_time_none_is_taken() {
    fly("empty", |pilot| {
        pilot.focus(COMPOSER);
        let mut sent = 0;
        while pilot.app().toast.is_none() {
            pilot.type_message("and one more");
            pilot.press(KbKey::Enter);
            sent += 1;
            assert!(sent < 1000, "messages wait without end");
        }
        assert_eq!(pilot.app().room.draft, "and one more");
        assert_eq!(pilot.talk().unsent.len(), 256);
        assert_eq!(pilot.heard().len(), 128);
        let last = pilot.talk().unsent[255].said().unwrap().delivery.clone();
        let Delivery::Refused { why, .. } = last else { panic!("it waits for nobody: {last:?}") };
        assert!(why.why.contains("waits for the server") && !why.next.is_empty(), "{why}");
    });
}

#[test]
fn whoever_is_tired_of_waiting_retries_with_the_keyboard() {
    fly("banner", |pilot| {
        pilot.focus(MESSAGES);
        pilot.press_with(Modifiers::SHIFT, KbKey::Tab);
        pilot.press(" ");
        assert!(matches!(pilot.heard()[..], [Command::RetryNow]));

        // What is typed next is a message.
        pilot.tell(Event::Connecting { attempt: 2 });
        pilot.press(KbKey::Enter);
        assert!(matches!(pilot.heard()[..], [Command::Say { .. }]));
    });
}

#[test]
fn what_is_typed_when_no_session_would_take_it_stays_where_it_is() {
    fly("over", |pilot| {
        pilot.type_message("half a thought");
        pilot.focus(COMPOSER);
        pilot.press(KbKey::Enter);

        assert!(pilot.heard().is_empty() && pilot.talk().unsent.is_empty());
        assert_eq!(pilot.app().room.draft, "half a thought");
    });
}

#[test]
fn whoever_logs_out_leaves_no_message_waiting() {
    fly("chat", |pilot| {
        pilot.type_message("bye");
        pilot.focus(COMPOSER);
        pilot.press(KbKey::Enter);
        pilot.click(208.0, 728.0);

        let delivery = pilot.talk().unsent[0].said().unwrap().delivery.clone();
        assert!(matches!(delivery, Delivery::Refused { .. }), "{delivery:?}");
    });
}

#[test]
fn a_refused_message_is_forgotten_with_delete() {
    fly("refused", |pilot| {
        pilot.focus(MESSAGES);
        pilot.press(KbKey::End);
        pilot.press(KbKey::Delete);

        assert!(pilot.talk().unsent.is_empty() && pilot.heard().is_empty());
    });
}

/// Row 23.
#[test]
fn clearing_is_local() {
    fly("chat", |pilot| {
        assert!(!pilot.texts().is_empty());
        pilot.press_with(Modifiers::CONTROL | Modifiers::SHIFT, "K");

        assert!(pilot.texts().is_empty());
        assert!(pilot.heard().is_empty());
        assert!(!pilot.app().room.talks[1].is_empty(), "other conversations stay");
    });
}

#[test]
fn missed_messages_are_told_where_they_are_missing() {
    fly("empty", |pilot| {
        pilot.tell(Event::Missed { count: 12 });
        assert_eq!(pilot.talk().lines[0].kind, Kind::Missed(12));
        assert_eq!(crate::data::words::missed(12), "12 messages missed");
    });
}

#[test]
fn a_connection_that_falls_keeps_the_draft_and_doubles_nothing() {
    fly("chat", |pilot| {
        let before = pilot.texts();
        pilot.type_message("said while away");
        let why = Error::new(ErrorKind::Timeout, "lost the connection", "silence", "");
        pilot.tell(Event::Offline { why, retry_in: std::time::Duration::from_secs(3) });
        pilot.focus(COMPOSER);
        pilot.press(KbKey::Enter);
        let (.., token) = said(&pilot.heard()[0]);
        pilot.type_message("half a");

        pilot.tell(Event::Connecting { attempt: 1 });
        pilot.said("leah", Audience::All, "said while away", Some(token));

        assert_eq!(pilot.app().room.draft, "half a");
        let mut after = before;
        after.push("said while away".to_owned());
        assert_eq!(pilot.texts(), after);
    });
}
