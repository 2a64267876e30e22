//! Files that are asked for in a session that stands.

use std::path::Path;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::Value;

use super::{LIMIT, SIZE};
use crate::Fault;
use crate::content;
use crate::link::{A, Link, Shape};
use crate::peer::{Haversack, Peer};
use crate::process::Process;
use crate::server::Server;
use crate::stage::Stage;

/// A file that is long enough for the whole rate.
const LONG: u64 = 24 << 20;
/// The whole rate is there when such a time has brought nine tenths of what it can.
const SPELL: Duration = Duration::from_millis(200);
const MOST_OF_IT: f64 = 0.9;

/// What one session found. Times count from the line that asks, in ms.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Found {
    /// Until the offer was there, with which content comes.
    pub first: f64,
    /// The same for the next file, when everything is warm.
    pub next: f64,
    /// Until the small file had its name.
    pub whole: f64,
    /// Until a long file came at the link's rate.
    pub full_rate: Option<f64>,
}

/// Logs in, fetches a small file, and, later, a long one in a session of its own.
pub fn fetch(stage: &Stage<'_>, shape: &Shape, seed: u64) -> Result<Found, Fault> {
    let mut found = Found { first: f64::NAN, next: f64::NAN, whole: f64::NAN, full_rate: None };
    for len in [SIZE, LONG] {
        let folder = stage.room()?;
        let source = stage.source(len)?;
        let link = Link::new(shape, seed)?;
        let server = Server::start(&link.a, Peer::Haversack, &source, folder.path(), "meeting", A)?;
        let copy = folder.path().join("copy");
        let marks = ask(&link, folder.path(), &server.meeting, &copy)?;
        server.process.stop()?;
        link.close();
        if !content::same(&source, &copy)? {
            return Err("what came in the session is something else".into());
        }
        if len == SIZE {
            (found.first, found.next, found.whole) = (marks.first, marks.next, marks.whole);
        } else {
            found.full_rate = full_rate(&marks.progress, shape);
        }
    }
    Ok(found)
}

/// When things happened, in ms from the line that asked.
struct Marks {
    first: f64,
    whole: f64,
    /// The first byte of a second file, from the line that asked for it.
    next: f64,
    /// Bytes that were there.
    progress: Vec<(f64, u64)>,
}

fn ask(link: &Link, folder: &Path, meeting: &Path, copy: &Path) -> Result<Marks, Fault> {
    let programs = Haversack { state: folder.join("people") };
    let command = programs.client("chat", "guest", meeting, &[])?;
    let mut client = Process::start(&link.b, &command, &folder.join("log"))?;
    until(&client, "hello", |_, _| ())?;
    // One round trip later both ends know that datagrams pass.
    client.tell("/users")?;
    until(&client, "users", |_, _| ())?;
    let asked = Instant::now();
    client.tell(&format!("/get {} '{}'", content::NAME, copy.display()))?;
    let since = |at: Instant| (at - asked).as_secs_f64() * 1e3;
    let first = since(until(&client, "started", |_, _| ())?);
    let mut progress = Vec::new();
    let whole = until(&client, "done", |at, event| {
        progress.extend(event["done"].as_u64().map(|done| (since(at), done)));
    })?;
    let whole = since(whole);
    let asked = Instant::now();
    client.tell(&format!("/get {} '{}-again'", content::NAME, copy.display()))?;
    let next = (until(&client, "started", |_, _| ())? - asked).as_secs_f64() * 1e3;
    client.stop()?;
    Ok(Marks { first, whole, next, progress })
}

/// Waits for an event of this kind, and tells of those before.
fn until(
    client: &Process,
    kind: &str,
    mut other: impl FnMut(Instant, &Value),
) -> Result<Instant, Fault> {
    while let Some((at, line)) = client.hear(LIMIT) {
        let event: Value = serde_json::from_str(&line)?;
        if event["t"] == kind {
            return Ok(at);
        }
        other(at, &event);
    }
    Err(format!("the client did not say {kind}").into())
}

/// When the first spell begins that brings most of what the link can.
fn full_rate(progress: &[(f64, u64)], shape: &Shape) -> Option<f64> {
    let most = shape.rate as f64 / 8e3 * MOST_OF_IT;
    let spell = SPELL.as_secs_f64() * 1e3;
    progress.iter().enumerate().find_map(|(i, &(from, had))| {
        let &(to, has) = progress[i..].iter().find(|(at, _)| from + spell <= *at)?;
        ((has - had) as f64 >= (to - from) * most).then_some(from)
    })
}
