//! What the feature `log` notes.
#![cfg(feature = "log")]

use std::sync::Mutex;

use log::{LevelFilter, Log, Metadata, Record};
use proto_core::chat::{Client, Purpose};
use proto_core::ids::{Ordinal, Seq};
use proto_core::text::Name;
use proto_core::time::{Instant, UnixMillis};
use proto_core::wire::ToClient;

struct Notebook(Mutex<Vec<String>>);

static NOTEBOOK: Notebook = Notebook(Mutex::new(Vec::new()));

impl Log for Notebook {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        self.0.lock().expect("one test writes").push(record.args().to_string());
    }

    fn flush(&self) {}
}

#[test]
fn a_welcome_is_noted_without_anybodys_name() {
    log::set_logger(&NOTEBOOK).expect("no other logger is set");
    log::set_max_level(LevelFilter::Debug);
    let name = Name::parse("Ada").expect("a plain name");
    let mut chat = Client::<2>::new(name.clone(), Purpose::Join, 1, None);

    chat.connected(Instant::ZERO);
    let _ = chat.poll_output(Instant::ZERO);
    let (cursor, heard, at) = (Ordinal(7), Seq(0), UnixMillis(0));
    let welcome = ToClient::Welcome { name, cursor, heard, at, uploads: false };
    chat.handle_message(Instant::ZERO, welcome).expect("the server keeps to the protocol");

    let notes = NOTEBOOK.0.lock().expect("one test writes");
    assert_eq!(*notes, ["chat: welcome at 7, the server heard 0"]);
}
