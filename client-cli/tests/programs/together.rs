//! Eight people at once, and what goes wrong for one of them.

use crate::common::{Cli, Running, Server, noise, read};

const NAMES: [&str; 8] = ["ada", "ben", "cleo", "dov", "eva", "finn", "gal", "hana"];
const SIZE: usize = 2 << 20;
/// Who stops half way, while everybody else fetches the same file.
const WAITING: usize = 3;

/// Rows 3, 10, 11, 14, 16, 18 and 39: eight people are in the room; joins and leaves are told to
/// all of them, a taken name and an unknown recipient to the one who tried, and all of them fetch
/// the same file while one waits to proceed.
#[test]
fn eight_people_are_at_it_at_once() {
    let server = Server::start();
    let content = noise(81, SIZE);
    server.share("big.bin", &content);
    let homes: Vec<_> = NAMES.iter().map(|_| Cli::new()).collect();

    let mut people = join(&server, &homes);
    Cli::new().run(&["chat", &server.at(), "--name", NAMES[0]]).expect(4).explains([
        "cannot log in as ada",
        "(the name is taken)",
        "Try ada2.",
    ]);
    talk(&mut people);
    fetch(&mut people);
    for home in &homes {
        assert!(read(&home.path("big.bin")) == content);
    }
    leave(&server, people);
}

/// One after the other; whoever is there already, and the server, is told once.
fn join(server: &Server, homes: &[Cli]) -> Vec<Running> {
    let mut people: Vec<Running> = Vec::new();
    for (name, home) in NAMES.iter().zip(homes) {
        let newcomer = home.chat(&server.at(), name);
        let notice = format!("{name} connected to the server");
        for person in &people {
            person.out.wait_for(&["*", &notice]);
        }
        server.screen.wait_for(&[&notice]);
        people.push(newcomer);
    }
    people[0].type_line("/users");
    let list = people[0].out.wait_for(&["online (8):"]);
    assert!(NAMES.iter().all(|name| list.contains(name)), "{list}");
    people
}

/// Everybody speaks, one of them also to one other and to nobody.
#[track_caller]
fn talk(people: &mut [Running]) {
    people[1].type_line("/msg hana for you only");
    people[2].type_line("/msg nobody is there anybody?");
    for (name, person) in NAMES.iter().zip(people.iter_mut()) {
        person.type_line(&format!("this is {name}."));
    }
    for person in people.iter() {
        for name in NAMES {
            person.out.wait_for(&[&format!("{name}: this is {name}.")]);
        }
    }
    people[7].out.wait_for(&["[private]", "ben: for you only"]);
    people[2].err.wait_for(&["to nobody", "(the user does not exist", "See who is there"]);
    for (at, person) in people.iter().enumerate() {
        let told = person.out.all();
        for name in NAMES {
            let said = format!("{name}: this is {name}.");
            assert_eq!(told.iter().filter(|line| line.contains(&said)).count(), 1, "{told:#?}");
        }
        let private = told.iter().filter(|line| line.contains("for you only")).count();
        assert_eq!(private, usize::from(at == 1 || at == 7), "{told:#?}");
        assert!(!person.out.has(&["is there anybody?"]), "{told:#?}");
        // Whoever came with a taken name was never here.
        let joins = told.iter().filter(|line| line.contains("ada connected")).count();
        assert!(joins <= 1, "{told:#?}");
    }
}

/// One stops half way and waits until everybody else has the file.
#[track_caller]
fn fetch(people: &mut [Running]) {
    people[WAITING].type_line("/get big.bin --pause-at 50%");
    people[WAITING].out.wait_for(&["PAUSED by you: /proceed 1"]);
    for (at, person) in people.iter_mut().enumerate() {
        if at != WAITING {
            person.type_line("/get big.bin");
        }
    }
    for (at, person) in people.iter().enumerate() {
        if at != WAITING {
            person.out.wait_for(&["downloaded 100% out of file."]);
        }
    }
    assert!(!people[WAITING].out.has(&["downloaded 100%"]));

    people[WAITING].type_line("/proceed");

    people[WAITING].out.wait_for(&["downloaded 100% out of file."]);
}

/// One after the other; whoever is still there, and the server, is told.
#[track_caller]
fn leave(server: &Server, mut people: Vec<Running>) {
    for name in NAMES {
        people.remove(0).finish().expect(if name == "cleo" { 5 } else { 0 });
        let notice = format!("{name} has left the chat");
        for person in &people {
            person.out.wait_for(&["*", &notice]);
        }
        server.screen.wait_for(&[&notice]);
    }
    Cli::new().run(&["users", &server.at()]).expect(0).prints(&[]);
}
