//! The keyboard: what has it, and what the shortcuts do.

use druid::{KbKey, Modifiers};
use proto_core::wire::Audience;
use proto_std::session::Command;

use super::pilot::{Pilot, fly, one};
use crate::commands::COMPOSER;
use crate::data::app::Theme;
use crate::data::dialog::Dialog;
use crate::ui::bubbles::Bubbles;
use crate::widget::tall_rows::TallRows as _;

#[test]
fn a_dialog_keeps_the_keyboard_and_gives_it_back() {
    fly("chat", |pilot| {
        pilot.focus(COMPOSER);
        pilot.press(KbKey::F1);
        assert_eq!(pilot.app().dialog, Dialog::Shortcuts);
        // There is one button: however often Tab is pressed, it is the one that Enter presses.
        for _ in 0..5 {
            pilot.press(KbKey::Tab);
        }
        pilot.press(KbKey::Enter);
        assert_eq!(pilot.app().dialog, Dialog::None);

        pilot.type_message("and on");
        pilot.press(KbKey::Enter);
        assert!(matches!(pilot.heard()[..], [Command::Say { .. }]));
    });
}

#[test]
fn a_dialog_that_asks_is_not_put_away_by_the_page_of_shortcuts() {
    for (scene, dialog) in [
        ("save-as", Dialog::SaveAs),
        ("upload", Dialog::Upload),
        ("jump", Dialog::Jump),
        ("stranger", Dialog::FirstContact),
    ] {
        fly(scene, |pilot| {
            pilot.press(KbKey::F1);
            assert_eq!(pilot.app().dialog, dialog);
        });
    }
}

#[test]
fn jumping_leads_to_people_and_files() {
    fly("chat", |pilot| {
        pilot.ctrl("k");
        pilot.edit(|app| {
            app.jump.needle = "SHL".into();
            app.look_for_places();
        });
        pilot.press(KbKey::Enter);
        assert_eq!(pilot.app().room.current, one("Shlomo"));

        pilot.ctrl("k");
        pilot.edit(|app| {
            app.jump.needle = "no".into();
            app.look_for_places();
        });
        pilot.press(KbKey::ArrowDown);
        pilot.press(KbKey::Enter);
        assert_eq!(pilot.app().dialog, Dialog::SaveAs);
        assert_eq!(&*pilot.app().save.file, "notes.pdf");
    });
}

#[test]
fn conversations_are_walked_through() {
    fly("chat", |pilot| {
        let count = pilot.app().room.talks.len();
        pilot.press_with(Modifiers::CONTROL, KbKey::Tab);
        assert_eq!(pilot.app().room.current, one("Dana"));
        pilot.press_with(Modifiers::CONTROL | Modifiers::SHIFT, KbKey::Tab);
        pilot.press_with(Modifiers::CONTROL | Modifiers::SHIFT, KbKey::Tab);
        assert_eq!(pilot.app().room.current, one("Yael"));
        for _ in 1..count {
            pilot.press_with(Modifiers::CONTROL, KbKey::Tab);
        }
        pilot.press_with(Modifiers::CONTROL, KbKey::Tab);
        assert_eq!(pilot.app().room.current, one("Yael"));
        pilot.ctrl("1");
        assert_eq!(pilot.app().room.current, Audience::All);
    });
}

#[test]
fn a_draft_waits_in_its_own_conversation() {
    fly("chat", |pilot| {
        pilot.type_message("for everyone");
        pilot.ctrl("2");
        assert_eq!(pilot.app().room.draft, "");
        pilot.type_message("for Dana");
        pilot.ctrl("1");
        assert_eq!(pilot.app().room.draft, "for everyone");
        pilot.ctrl("2");
        assert_eq!(pilot.app().room.draft, "for Dana");
    });
}

#[test]
fn searching_shows_what_matches_and_escape_ends_it() {
    fly("chat", |pilot| {
        let rows = |pilot: &Pilot<'_, '_>| {
            let mut keys = Vec::new();
            Bubbles::default().refresh(&pilot.app().room, &mut keys);
            keys.len()
        };
        let all = rows(pilot);
        pilot.ctrl("f");
        assert!(pilot.app().room.searching);
        pilot.edit(|app| app.room.needle = "kingFISHER ".into());
        assert_eq!(rows(pilot), 1);
        pilot.press(KbKey::Escape);
        assert!(!pilot.app().room.searching && all > 1);
        assert_eq!(rows(pilot), all);
    });
}

#[test]
fn tab_leads_from_the_field_to_the_button_that_sends_and_back() {
    fly("chat", |pilot| {
        pilot.focus(COMPOSER);
        pilot.type_message("to be sent with the button");
        pilot.press(KbKey::Tab);
        pilot.press(" ");
        assert!(matches!(pilot.heard()[..], [Command::Say { .. }]));

        // A button that has nothing to send gives the keyboard back.
        pilot.type_message("to be sent from the field");
        pilot.press(KbKey::Tab);
        pilot.press_with(Modifiers::SHIFT, KbKey::Tab);
        pilot.press(" ");
        assert!(pilot.heard().is_empty(), "a space is no message");
        pilot.press(KbKey::Enter);
        assert!(matches!(pilot.heard()[..], [Command::Say { .. }]));
    });
}

#[test]
fn f6_leads_through_every_area_and_shift_back() {
    fly("refused", |pilot| {
        pilot.focus(COMPOSER);
        // The messages: the last one was refused, and is said again.
        pilot.press(KbKey::F6);
        pilot.press(KbKey::End);
        pilot.press(KbKey::Enter);
        assert!(matches!(pilot.heard()[..], [Command::Say { .. }]));
        // The conversations: the second one. It takes the keyboard to the field.
        pilot.press(KbKey::F6);
        pilot.press(KbKey::Home);
        pilot.press(KbKey::ArrowDown);
        pilot.press(KbKey::Enter);
        assert_eq!(pilot.app().room.current, one("Dana"));
        // The files: the first one.
        pilot.press(KbKey::F6);
        pilot.press(KbKey::Home);
        pilot.press(KbKey::Enter);
        assert_eq!(&*pilot.app().save.file, "field-recording.flac");
        pilot.press(KbKey::Escape);
        // The field.
        pilot.press(KbKey::F6);
        pilot.type_message("hello");
        pilot.press(KbKey::Enter);
        assert!(matches!(pilot.heard()[..], [Command::Say { .. }]));
        // And back to the files.
        pilot.press_with(Modifiers::SHIFT, KbKey::F6);
        pilot.press(KbKey::End);
        pilot.press(KbKey::Enter);
        assert_eq!(&*pilot.app().save.file, "video.mkv");
    });
}

#[test]
fn the_theme_and_the_pane_have_keys_and_buttons() {
    fly("chat", |pilot| {
        assert_eq!(pilot.app().theme, Theme::Light);
        pilot.press_with(Modifiers::CONTROL | Modifiers::SHIFT, "L");
        assert_eq!(pilot.app().theme, Theme::Dark);
        pilot.click(235.0, 28.0);
        assert_eq!(pilot.app().theme, Theme::Light);

        pilot.ctrl("j");
        assert!(!pilot.app().room.pane);
        pilot.ctrl("e");
        assert!(pilot.app().room.pane);
    });
}

#[test]
fn a_window_that_becomes_narrow_shows_the_conversation_and_the_pane_on_demand() {
    fly("chat", |pilot| {
        pilot.resize(700.0, 520.0);
        assert!(!pilot.app().room.pane);
        pilot.ctrl("j");
        assert!(pilot.app().room.pane);

        // A conversation that is picked comes into view: the second row of the list.
        pilot.click(80.0, 130.0);
        assert_eq!(pilot.app().room.current, one("Dana"));
        assert!(!pilot.app().room.pane);
    });
}
