//! Entering and talking.

use proto_core::wire::Audience;

use crate::house::{House, one};
use crate::screen::Screen;
use crate::terminal::Terminal;

/// Row 12.
#[test]
fn somebody_with_a_keyboard_alone_enters_trusts_talks_and_leaves() {
    let house = House::new();
    let mut shlomo = house.join("Shlomo");
    let screen = Screen::open();
    let window = screen.start(&house.home("leah"), &[]);

    window.type_text(&house.address.to_string());
    window.press(&["Tab"]);
    window.type_text("leah");
    window.press(&["Return"]);
    // The stranger's fingerprint is shown, and the keyboard is on Cancel.
    let known = house.home("leah").join("state/known_servers");
    assert!(!known.exists());
    window.wait_for_title("First contact — Haversack");
    window.press(&["Tab", "Return"]);
    shlomo.sees("leah");
    window.wait_for_title("leah — Haversack");
    window.wait_for_composer();
    assert!(known.exists());

    window.type_text("hi all");
    window.press(&["shift+Return"]);
    window.type_text("on two lines");
    window.press(&["Return"]);
    assert_eq!(shlomo.hears(), ("leah".into(), Audience::All, "hi all\non two lines".into()));

    shlomo.say(one("leah"), "for you only");
    window.wait_for_title("(1) leah — Haversack");
    window.press(&["ctrl+3"]);
    window.wait_for_title("leah — Haversack");
    window.wait_for_composer();
    window.type_text("and for you");
    window.press(&["Return"]);
    assert_eq!(shlomo.hears(), ("leah".into(), one("Shlomo"), "and for you".into()));

    assert!(window.close().success());
    shlomo.sees_off("leah");
}

/// Row 44.
#[test]
fn two_windows_and_a_terminal_talk_and_the_last_values_are_kept() {
    let house = House::new();
    let mut shlomo = Terminal::open(&house, "Shlomo");
    let (left, right) = (Screen::open(), Screen::open());
    let leah = left.start(&house.home("leah"), &[&house.uri, "--name", "leah"]);
    leah.wait_for_title("leah — Haversack");
    let dana = right.start(&house.home("dana"), &[&house.uri, "--name", "dana"]);
    dana.wait_for_title("dana — Haversack");

    leah.wait_for_composer();
    leah.type_text("is anybody here?");
    // With the mouse: the button beside the field.
    leah.click(768, 726);
    shlomo.waits_for("leah: is anybody here?");
    dana.wait_for_composer();
    dana.type_text("I am");
    dana.press(&["Return"]);
    shlomo.waits_for("dana: I am");
    // To leah, whom the list has third: everyone, dana, leah, Shlomo.
    dana.press(&["ctrl+3"]);
    dana.type_text("only you");
    dana.press(&["Return"]);
    leah.wait_for_title("(1) leah — Haversack");

    // From the terminal: to everyone, whom dana does not look at just now, and to dana.
    shlomo.type_line("so am I");
    dana.wait_for_title("(1) dana — Haversack");
    shlomo.type_line("/msg dana and for you only");
    dana.wait_for_title("(2) dana — Haversack");
    dana.press(&["ctrl+4"]);
    dana.wait_for_title("(1) dana — Haversack");
    dana.wait_for_composer();
    dana.type_text("between us");
    dana.press(&["Return"]);
    shlomo.waits_for("dana: between us");
    assert!(!shlomo.says("only you"));

    assert!(leah.close().success());
    shlomo.waits_for("leah has left the chat");
    let again = left.start(&house.home("leah"), &[]);
    again.press(&["Return"]);
    again.wait_for_title("leah — Haversack");
    shlomo.waits_for("leah connected to the server");
}

#[test]
fn a_window_closed_while_the_server_is_away_and_a_message_waits_ends_well() {
    let mut house = House::new();
    let screen = Screen::open();
    let window = screen.start(&house.home("leah"), &[&house.uri, "--name", "leah"]);
    window.wait_for_title("leah — Haversack");
    window.wait_for_composer();

    house.close();
    window.type_text("is anybody there?");
    window.press(&["Return"]);

    assert!(window.close().success());
    let kept = std::fs::read_to_string(house.home("leah").join("state/window")).unwrap();
    assert!(kept.contains("name = leah"), "{kept}");
}
