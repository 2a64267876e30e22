//! The login form, a stranger's key, and the ways back to the form.

use druid::{KbKey, Modifiers};
use proto_core::ids::PublicKey;
use proto_std::address::{Fingerprint, ServerAddr};
use proto_std::known_servers::KnownServers;
use proto_std::session::{Advice, Command, Error, ErrorKind, Event};

use super::pilot::fly;
use crate::commands::SERVER_FIELD;
use crate::data::app::Page;
use crate::data::dialog::Dialog;
use crate::data::room::Link;
use crate::data::words;
use crate::errand::{Answer, no_thread};

/// Row 7.
#[test]
fn an_empty_form_says_what_it_wants_at_each_field() {
    fly("login", |pilot| {
        pilot.edit(|app| {
            app.login.server.clear();
            app.login.name = " ".into();
        });

        pilot.press(KbKey::Enter);

        let login = &pilot.app().login;
        assert!(login.server_error.as_ref().unwrap().contains("192.168.1.5"));
        assert!(login.name_error.is_some() && !login.busy);
    });
}

/// Row 8.
#[test]
fn a_wrong_address_is_told_above_the_form_with_what_to_do() {
    fly("login", |pilot| {
        pilot.edit(|app| app.login.busy = true);
        pilot.tell(Event::Failed(Error::new(
            ErrorKind::Unreachable,
            "cannot reach 192.168.1.5:50000",
            "connection refused",
            Advice::IsItRunning("192.168.1.5:50000".into()),
        )));

        let login = &pilot.app().login;
        let told = words::for_window(login.trouble.as_ref().unwrap());
        assert_eq!(told.what, "cannot reach 192.168.1.5:50000");
        assert!(told.next.to_string().contains("is the address right"), "{told}");
        assert!(!login.busy, "the form can be sent again");
    });
}

/// Row 14.
#[test]
fn a_taken_name_is_told_at_the_name() {
    fly("login", |pilot| {
        pilot.edit(|app| app.login.busy = true);
        let why = "the name is taken";
        let error = Error::new(ErrorKind::NameTaken, "cannot log in", why, "Try leah2.");
        pilot.tell(Event::Failed(error));

        let told = pilot.app().login.name_error.clone();
        assert_eq!(told.as_deref(), Some("The name is taken. Try leah2."));
        assert_eq!(pilot.app().page, Page::Login);
    });
}

#[test]
fn a_stranger_is_let_in_only_by_the_users_word() {
    fly("stranger", |pilot| {
        assert_eq!(pilot.app().dialog, Dialog::FirstContact);
        assert!(pilot.heard().is_empty());

        // The keyboard is on Cancel: trust takes a step of its own.
        pilot.press(KbKey::Tab);
        pilot.press(KbKey::Enter);

        let heard = pilot.heard();
        assert!(matches!(heard[..], [Command::Trust { accept: true }]), "{heard:?}");
        assert_eq!(pilot.app().dialog, Dialog::None);
    });
}

#[test]
fn a_stranger_is_turned_away_with_escape() {
    fly("stranger", |pilot| {
        pilot.press(KbKey::Escape);

        assert_eq!(pilot.app().dialog, Dialog::None);
        assert!(!pilot.app().login.busy);
        assert!(pilot.heard().iter().any(|command| matches!(command, Command::Leave)));
    });
}

#[test]
fn a_changed_key_stops_the_login_until_the_user_forgets_the_old_one() {
    fly("login", |pilot| {
        let (home, server) =
            (pilot.app().downloads.clone(), "127.0.0.1:1".parse::<ServerAddr>().unwrap());
        let known = KnownServers::new(&home);
        known.add(&server, Fingerprint(PublicKey([1; 32]))).unwrap();
        pilot.edit(|app| {
            app.login.server = "127.0.0.1:1".into();
            app.login.busy = true;
        });
        let next = Advice::ForgetServer(server.to_string());
        pilot.tell(Event::Failed(Error::new(ErrorKind::KeyChanged, "it changed", "a key", next)));
        let login = pilot.app().login.clone();
        let told = words::for_window(login.trouble.as_ref().unwrap());
        assert!(told.next.to_string().contains("compare the fingerprints"), "{told}");
        assert!(!login.busy && pilot.heard().is_empty());
        assert!(known.find(&server).unwrap().is_some(), "nothing is forgotten by itself");

        // The button above the form.
        pilot.focus(SERVER_FIELD);
        pilot.press_with(Modifiers::SHIFT, KbKey::Tab);
        pilot.press(" ");

        assert_eq!(known.find(&server).unwrap(), None);
        assert!(pilot.app().login.busy, "it logs in again");
    });
}

#[test]
fn an_old_key_that_cannot_be_forgotten_is_told_above_the_form() {
    fly("changed", |pilot| {
        let why = std::io::Error::other("the disk is read-only");
        pilot.answer(Answer::Trouble(Error::disk("cannot forget the old key", &why)));

        let trouble = pilot.app().login.trouble.clone().unwrap();
        assert_eq!(trouble.what, "cannot forget the old key");
    });
}

#[test]
fn a_session_that_cannot_even_begin_is_told_in_the_room_as_well() {
    fly("over", |pilot| {
        let why = std::io::Error::other("no more threads");
        pilot.edit(move |app| app.on_failed(no_thread(&why)));

        let Link::Over { why: Some(why) } = &pilot.app().room.link else { panic!("it is over") };
        assert_eq!(why.why, "no more threads");
    });
}

/// Rows 9 and 13.
#[test]
fn logging_out_says_goodbye_and_leads_back_to_the_form() {
    fly("chat", |pilot| {
        pilot.click(208.0, 728.0);

        assert_eq!(pilot.app().page, Page::Login);
        assert!(pilot.heard().iter().any(|command| matches!(command, Command::Leave)));
        assert_eq!(pilot.app().room.online(), 0);
    });
}

#[test]
fn a_session_that_ends_in_the_room_stays_in_view_with_its_reason() {
    fly("chat", |pilot| {
        let before = pilot.texts();
        pilot.edit(|app| app.room.draft = "half a thought".into());

        pilot.tell(Event::Failed(Error::new(ErrorKind::Refused, "it ended", "replaced", "")));
        pilot.tell(Event::Closed);

        assert_eq!(pilot.app().page, Page::Room);
        assert_eq!(pilot.texts(), before);
        assert_eq!(pilot.app().room.draft, "half a thought");
        assert!(!pilot.app().room.is_online());
    });
}
