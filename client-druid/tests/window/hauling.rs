//! Files through the window.

use std::fs;
use std::path::Path;

use proto_sim::link::{LinkConfig, Loss};
use proto_sim::proxy::Proxy;
use proto_sim::rng::Chance;
use proto_std::storage::{Sidecar, Sidecars};

use crate::house::{House, share};
use crate::screen::{Screen, Window, wait_for};
use crate::terminal::Terminal;

const LEN: usize = 3 << 20;

/// A link that loses, doubles and reorders.
fn bad_link(house: &House) -> Proxy {
    let config = LinkConfig {
        loss: Loss::Random(Chance::percent(5)),
        duplicate: Chance::percent(1),
        reorder: Chance::percent(2),
        rate: Some(2 << 20),
        queue: 128 << 10,
        ..LinkConfig::default()
    };
    Proxy::start(([127, 0, 0, 1], 0).into(), house.address, config, 7).unwrap()
}

/// The address of the link, with the key of the server behind it.
fn through(house: &House, link: &Proxy) -> String {
    house.uri.replace(&house.address.to_string(), &link.addr().to_string())
}

/// What is remembered of an unfinished download.
fn unfinished(home: &Path) -> Option<Sidecar> {
    let path = home.join("state/transfers");
    if !path.is_dir() {
        return None;
    }
    Sidecars::open(&path).unwrap().list().unwrap().pop()
}

/// Opens the dialog for the only file, with the keyboard.
fn pick(window: &Window<'_>) {
    window.wait_for_title("leah — Haversack");
    // The first row of the list of files.
    window.wait_for_colours((850, 115, 300, 40));
    window.press(&["ctrl+e", "Home", "Return"]);
    window.wait_for_title("Download notes.pdf — Haversack");
}

/// Fetches the only file and asks for a stop half-way: from its name over the folder and the
/// button beside it to the box, and on to the button that begins.
fn fetch_half(window: &Window<'_>) {
    pick(window);
    window.press(&["Tab", "Tab", "Tab", "space", "Tab", "Tab", "Return"]);
}

/// Rows 25, 26, 31, 32 and 43.
#[test]
fn a_download_over_a_bad_link_stops_half_way_proceeds_and_is_verified() {
    let house = House::new();
    let bytes = share(&house.files().join("notes.pdf"), LEN);
    let shlomo = Terminal::open(&house, "Shlomo");
    let link = bad_link(&house);
    let home = house.home("leah");
    let screen = Screen::open();
    let window = screen.start(&home, &[&through(&house, &link), "--name", "leah"]);

    fetch_half(&window);
    let half = wait_for("a stop half-way", || unfinished(&home).filter(|found| found.held));
    assert_eq!(half.done(), LEN as u64 / 2);
    let target = home.join("Downloads/notes.pdf");
    assert!(!target.exists());
    window.wait_for_composer();
    window.type_text("half of it is here");
    window.press(&["Return"]);
    shlomo.waits_for("leah: half of it is here");
    assert_eq!(unfinished(&home).unwrap().done(), half.done(), "it went on by itself");

    // The row after the list of files: Space proceeds.
    window.press(&["ctrl+e", "Tab", "space"]);
    wait_for("a finished download", || target.exists().then_some(()));
    assert_eq!(fs::read(&target).unwrap(), bytes);
    // Nothing is left to be proceeded with: it was verified. And it did cross a bad link.
    wait_for("the end of the transfer", || unfinished(&home).is_none().then_some(()));
    let down = link.stats().down;
    assert!(down.lost > 0, "{down:?}");
    assert!(window.close().success());
}

#[test]
fn a_window_closed_at_a_stop_resumes_there_next_time() {
    let house = House::new();
    let bytes = share(&house.files().join("notes.pdf"), LEN);
    let home = house.home("leah");
    let screen = Screen::open();
    let window = screen.start(&home, &[&house.uri, "--name", "leah"]);
    fetch_half(&window);
    wait_for("a stop half-way", || unfinished(&home).filter(|found| found.held));
    assert!(window.close().success());
    let target = home.join("Downloads/notes.pdf");
    assert!(!target.exists() && unfinished(&home).is_some());

    let window = screen.start(&home, &[&house.uri, "--name", "leah"]);
    window.wait_for_title("leah — Haversack");
    // The list of files, and the row of the transfer that waits as before.
    window.wait_for_colours((850, 115, 300, 40));
    window.wait_for_colours((850, 650, 300, 60));
    window.press(&["ctrl+e", "Tab", "space"]);
    wait_for("a finished download", || target.exists().then_some(()));
    assert_eq!(fs::read(&target).unwrap(), bytes);
    assert!(window.close().success());
}

#[test]
fn a_window_closed_in_the_middle_of_a_transfer_goes_on_by_itself_next_time() {
    let house = House::new();
    let bytes = share(&house.files().join("notes.pdf"), 2 * LEN);
    let link = bad_link(&house);
    let uri = through(&house, &link);
    let home = house.home("leah");
    let screen = Screen::open();
    let window = screen.start(&home, &[&uri, "--name", "leah"]);
    pick(&window);
    window.press(&["Return"]);
    let part = home.join("Downloads/notes.pdf.haversack-part");
    wait_for("some of the file", || part.exists().then_some(()));
    assert!(window.close().success());
    let target = home.join("Downloads/notes.pdf");
    assert!(!target.exists());

    let window = screen.start(&home, &[&uri, "--name", "leah"]);
    wait_for("a finished download", || target.exists().then_some(()));
    assert_eq!(fs::read(&target).unwrap(), bytes);
    assert!(window.close().success());
}

#[test]
fn a_file_is_uploaded_by_its_path() {
    let house = House::new();
    let home = house.home("leah");
    let screen = Screen::open();
    let window = screen.start(&home, &[&house.uri, "--name", "leah"]);
    window.wait_for_title("leah — Haversack");
    let bytes = share(&home.join("plan.svg"), LEN);

    window.press(&["ctrl+o"]);
    window.type_text(&home.join("plan.svg").display().to_string());
    window.press(&["Return"]);

    let target = house.files().join("plan.svg");
    wait_for("a finished upload", || target.exists().then_some(()));
    assert_eq!(fs::read(&target).unwrap(), bytes);
    assert!(window.close().success());
}
