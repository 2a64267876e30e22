//! Clients that change their address.

use super::*;

const NEW_PORT: Address = Address::v4([192, 0, 2, 1], 4001);
const NEW_HOST: Address = Address::v4([198, 51, 100, 20], 4000);

#[test]
fn a_new_port_is_followed_and_the_window_kept() {
    let mut pair = Pair::new(ms(20));
    pair.link.rate = Some((1250, 50_000));
    pair.upload(3_000_000);
    pair.download(3_000_000);
    pair.run(ms(300));
    let window = pair.server.path.window();
    pair.client.address = NEW_PORT;
    pair.run(ms(100));
    assert!(pair.server.events.contains(&PathEvent::Moved { to: NEW_PORT }));
    assert!(pair.server.path.window() * 2 > window);
    pair.run(ms(30_000));
    pair.assert_delivered();
    assert!(pair.server.path.is_proven());
}

#[test]
fn a_new_host_is_followed_and_measured_anew() {
    let mut pair = Pair::new(ms(20));
    pair.link.rate = Some((1250, 50_000));
    pair.download(6_000_000);
    pair.run(ms(400));
    assert!(pair.server.path.window() > 100_000);
    pair.client.address = NEW_HOST;
    pair.link.latency = ms(60);
    pair.client.path.revalidate(pair.now);
    pair.run(ms(200));
    assert!(pair.server.events.contains(&PathEvent::Moved { to: NEW_HOST }));
    pair.run(ms(60_000));
    pair.assert_delivered();
    assert!(pair.server.path.rtt().min() >= ms(120));
}

#[test]
fn a_client_that_only_listens_is_found_again() {
    let mut pair = Pair::new(ms(20));
    pair.link.rate = Some((1250, 50_000));
    pair.download(3_000_000);
    pair.run(ms(300));
    // Nothing is under way in either direction when the address changes.
    pair.link.dark = true;
    pair.run(ms(200));
    pair.link.dark = false;
    pair.client.address = NEW_PORT;
    pair.run(ms(2000));
    assert_eq!(pair.server.path.remote(), Some(NEW_PORT));
    pair.run(ms(20_000));
    pair.assert_delivered();
}

#[test]
fn an_address_that_does_not_answer_is_left_again() {
    let mut pair = Pair::new(ms(20));
    pair.run(ms(500));
    // Somebody repeats the client's datagrams from elsewhere, faster than the client's own.
    pair.link.tape = Some(std::collections::VecDeque::new());
    pair.upload(1000);
    pair.run(Duration::from_micros(10));
    let tape = pair.link.tape.take().unwrap();
    for (_, mut flight) in tape {
        pair.pretend(NEW_HOST, &mut flight.datagram);
    }
    assert_eq!(pair.server.path.remote(), Some(NEW_HOST));
    pair.download(1000);
    pair.run(ms(5000));
    assert_eq!(pair.server.path.remote(), Some(pair.client.address));
    pair.assert_delivered();
}
