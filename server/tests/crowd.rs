//! A full room: everybody hears everything, soon.
//!
//! `CROWD=1000 cargo test --release -p server --test crowd -- --nocapture` fills it for real, and
//! `CROWD_SERVER` names a server that was started elsewhere.
#![allow(clippy::unwrap_used, reason = "this is a test")]

mod common;

use common::{Face, House};
use proto_core::time::Duration;
use proto_std::clock;
use proto_std::session::{Event, Purpose};
use proto_std::task::{block_on, spawn};

const MESSAGES: usize = 50;

#[test]
fn a_crowd_hears_every_message_once() {
    let crowd: usize = std::env::var("CROWD").map_or(100, |number| number.parse().unwrap());
    let house = House::with(|options| (options.max_clients, options.message_rate) = (4000, 10_000));
    let start = clock::now();
    let mut faces = Vec::new();
    for number in 0..crowd {
        let mut config = house.config(&format!("guest {number}"), Purpose::Join);
        config.timeout = Duration::from_secs(60);
        if let Ok(server) = std::env::var("CROWD_SERVER") {
            config.server = server.parse().unwrap();
        }
        faces.push(Face::start(config));
    }
    for face in &mut faces {
        face.online();
    }
    println!("{crowd} joined in {:?}", clock::now().since(start));

    let readers: Vec<_> = faces.iter().map(|face| spawn(hear_all(face.events.clone()))).collect();
    let start = clock::now();
    for number in 0..MESSAGES {
        faces[0].say(&format!("message {number}"));
    }
    for reader in readers {
        let texts = block_on(reader);
        let expected: Vec<String> =
            (0..MESSAGES).map(|number| format!("message {number}")).collect();
        assert_eq!(texts, expected);
    }
    println!("{} deliveries in {:?}", crowd * MESSAGES, clock::now().since(start));

    let start = clock::now();
    drop(faces);
    drop(house);
    println!("all gone in {:?}", clock::now().since(start));
}

/// Collects what one guest hears.
async fn hear_all(events: proto_std::channel::Receiver<Event>) -> Vec<String> {
    let mut texts = Vec::new();
    while texts.len() < MESSAGES {
        match events.recv().await.unwrap() {
            Event::Said { text, .. } => texts.push(text),
            Event::Missed { count } => panic!("{count} missed"),
            _ => {}
        }
    }
    texts
}
