//! People in a room: sessions and a server in one process.

mod common;

use std::time::Duration;

use common::{Face, House};
use proto_core::wire::Audience;
use proto_std::clock;
use proto_std::secret::Secret;
use proto_std::session::{Command, ErrorKind, Event, Purpose, SessionConfig, Trust};

#[test]
fn what_one_says_both_see_once_and_in_order() {
    let house = House::new();
    let (mut leah, mut dana) = (house.join("leah"), house.join("dana"));
    leah.until(|event| {
        matches!(event, Event::Joined { name, .. } if name.as_str() == "dana").then_some(())
    });

    let token = leah.say("hi all");
    assert_eq!(dana.heard(), ("leah".into(), "hi all".into()));
    let mine = leah.until(|event| match event {
        Event::Said { mine, text, .. } => Some((mine, text)),
        _ => None,
    });
    assert_eq!(mine, (Some(token), "hi all".into()));
    dana.say("hello leah");
    assert_eq!(leah.heard(), ("dana".into(), "hello leah".into()));

    dana.leave();
    leah.until(|event| {
        matches!(event, Event::Left { name, .. } if name.as_str() == "dana").then_some(())
    });
    assert_eq!(leah.users(), ["leah"]);
}

#[test]
fn a_private_message_is_seen_by_two() {
    let house = House::new();
    let (mut leah, mut dana, mut noa) = (house.join("leah"), house.join("dana"), house.join("noa"));

    let token = leah.whisper("Dana", "for you only");
    leah.delivered(token);
    leah.say("for all");

    let private = dana.until(|event| match event {
        Event::Said { to, text, .. } => Some((matches!(to, Audience::One(_)), text)),
        _ => None,
    });
    assert_eq!(private, (true, "for you only".into()));
    assert_eq!(noa.heard(), ("leah".into(), "for all".into()));
}

#[test]
fn a_message_to_nobody_is_refused_with_a_reason() {
    let house = House::new();
    let mut leah = house.join("leah");
    let token = leah.whisper("nobody", "are you there?");
    let why = leah.until(|event| match event {
        Event::Rejected { token: found, why } => (found == token).then_some(why),
        _ => None,
    });
    assert_eq!(why.kind, ErrorKind::NotFound);
    assert!(why.to_string().contains("nobody"), "{why}");
}

#[test]
fn a_name_belongs_to_whoever_had_it_first() {
    let house = House::new();
    let leah = house.join("leah");
    let mut config = house.config("Leah", Purpose::Join);
    config.state_dir = house.dir.path().join("stranger");
    let error = Face::start(config).failure();
    assert_eq!(error.kind, ErrorKind::NameTaken);
    assert!(error.why.contains("taken"), "{error}");
    leah.leave();
}

#[test]
fn a_name_that_looks_like_another_is_refused() {
    let house = House::new();
    let leah = house.join("leah");
    let mut config = house.config("l\u{435}ah", Purpose::Join);
    config.state_dir = house.dir.path().join("stranger");
    let error = Face::start(config).failure();
    assert_eq!(error.kind, ErrorKind::NameTaken);
    assert!(error.why.contains("looks like"), "{error}");
    leah.leave();
}

#[test]
fn a_script_speaks_without_throwing_its_owner_out() {
    let house = House::new();
    let (mut leah, mut dana) = (house.join("leah"), house.join("dana"));
    for round in 0..3 {
        let mut script = house.enter("leah");
        let token = script.say(&format!("report {round}"));
        script.delivered(token);
        script.leave();
    }
    for round in 0..3 {
        assert_eq!(dana.heard(), ("leah".into(), format!("report {round}")));
    }
    leah.say("and I am still here");
    assert_eq!(dana.heard().1, "and I am still here");
}

#[test]
fn the_secret_is_needed_when_there_is_one() {
    let secret = Secret::new([7; 32]);
    let house = House::with(|options| options.secret = Some(secret.clone()));
    for wrong in [None, Some(Secret::new([8; 32]))] {
        let mut config = house.config("leah", Purpose::Use);
        config.secret = wrong;
        let error = Face::start(config).failure();
        assert_eq!(error.kind, ErrorKind::WrongSecret);
        assert!(error.to_string().contains("secret"), "{error}");
    }
    let mut config = house.config("leah", Purpose::Use);
    config.secret = Some(secret);
    let mut leah = Face::start(config);
    leah.online();
    leah.leave();
}

#[test]
fn a_server_whose_key_changed_is_not_trusted() {
    let mut house = House::new();
    let plain = house.address.to_string();
    let config = || {
        let mut config = house.config("leah", Purpose::Use);
        config.server = plain.parse().unwrap();
        config
    };
    let (first, second) = (config(), config());
    let mut leah = Face::start(first);
    leah.until(|event| matches!(event, Event::FirstContact { asks: false, .. }).then_some(()));
    leah.online();
    leah.leave();

    house.stop();
    std::fs::remove_file(house.dir.path().join("server/server.key")).unwrap();
    house.start();

    let error = Face::start(second).failure();
    assert_eq!(error.kind, ErrorKind::KeyChanged);
    assert!(error.next.to_string().contains("forget-server"), "{error}");
}

#[test]
fn an_unknown_server_is_trusted_when_the_user_says_so() {
    let house = House::new();
    let config = |trust| {
        let mut config = house.config("leah", Purpose::Use);
        config.server = house.address.to_string().parse().unwrap();
        config.trust = trust;
        config
    };
    let refused = Face::start(config(Trust::Refuse)).failure();
    assert!(refused.why.contains("key"), "{refused}");

    let mut asked = Face::start(config(Trust::Ask));
    asked.until(|event| matches!(event, Event::FirstContact { asks: true, .. }).then_some(()));
    asked.command(Command::Trust { accept: true });
    asked.online();
    asked.leave();

    let mut known = Face::start(config(Trust::Refuse));
    known.online();
    known.leave();
}

#[test]
fn each_message_is_seen_once_though_the_server_restarts() {
    let mut house = House::new();
    let (mut leah, mut dana) = (house.join("leah"), house.join("dana"));
    let token = leah.say("before");
    leah.delivered(token);

    house.stop();
    leah.until(|event| matches!(event, Event::Offline { .. }).then_some(()));
    for number in 0..20 {
        leah.say(&format!("meanwhile {number}"));
    }
    house.start();
    dana.until(|event| matches!(event, Event::Offline { .. }).then_some(()));
    leah.online();

    let mut texts = Vec::new();
    leah.until(|event| match event {
        Event::Said { text, .. } => {
            texts.push(text);
            (texts.len() == 20).then_some(())
        }
        Event::Missed { .. } => panic!("nothing is missed"),
        _ => None,
    });
    let expected: Vec<String> = (0..20).map(|number| format!("meanwhile {number}")).collect();
    assert_eq!(texts, expected);
}

#[test]
fn whoever_comes_back_is_shown_what_was_said_meanwhile() {
    let house = House::new();
    let mut leah = house.join("leah");
    let dana = house.join("dana");
    dana.leave();
    let token = leah.say("are you there?");
    leah.delivered(token);

    let mut dana = Face::start(house.config("dana", Purpose::Join));
    assert_eq!(dana.heard(), ("leah".into(), "are you there?".into()));
}

#[test]
fn whoever_is_tired_of_waiting_tries_again_at_once() {
    let mut house = House::new();
    let config = SessionConfig { retries: None, ..house.config("leah", Purpose::Join) };
    let mut leah = Face::start(config);
    leah.online();
    house.stop();
    let begun = clock::now();
    let mut announced = Duration::ZERO;
    // By themselves these waits grow to half a minute each.
    for _ in 0..10 {
        announced += leah.until(|event| match event {
            Event::Offline { retry_in, .. } => Some(retry_in),
            _ => None,
        });
        leah.command(Command::RetryNow);
    }
    house.start();
    leah.command(Command::RetryNow);
    leah.online();

    assert!(clock::now().since(begun) < announced, "it waited all of {announced:?}");
}

#[test]
fn a_new_file_is_listed_to_everybody() {
    let house = House::new();
    let mut leah = house.join("leah");
    std::fs::write(house.files().join("notes.txt"), "12345").unwrap();
    leah.until(|event| matches!(event, Event::FilesChanged).then_some(()));
    leah.command(Command::Files);
    let files = leah.until(|event| match event {
        Event::Files(files) => Some(files),
        _ => None,
    });
    assert_eq!(files.len(), 1);
    assert_eq!((files[0].name.as_str(), files[0].size), ("notes.txt", 5));
}
