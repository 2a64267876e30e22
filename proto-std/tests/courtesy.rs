//! Who moves files gives way to who chats: alone in its process, because it looks at all threads.
#![cfg(target_os = "linux")]

use std::fs;
use std::thread;
use std::time::Duration;

use proto_std::clock;
use proto_std::engine::{Engine, EngineConfig};

#[test]
fn an_engines_threads_give_way_and_whoever_started_them_does_not() {
    let mine = rustix::process::getpriority_process(None).expect("it has one");
    assert!(mine < 10, "where everything gives way, nothing can be seen");
    let engine = Engine::start(EngineConfig::at("127.0.0.1:0".parse().unwrap())).unwrap();

    let until = clock::now() + Duration::from_secs(60);
    // Each has to begin, and names itself.
    while movers().iter().filter(|niceness| **niceness >= 10).count() < THREADS {
        assert!(clock::now() < until, "{:?}", movers());
        thread::yield_now();
    }
    assert_eq!(rustix::process::getpriority_process(None), Ok(mine));
    engine.stop();
}

/// The engine itself, four clerks, one that hashes and one that finishes.
const THREADS: usize = 7;

/// How nice each thread is that moves files.
fn movers() -> Vec<i32> {
    let tasks = fs::read_dir("/proc/self/task").expect("threads are listed");
    let stats = tasks.filter_map(|task| fs::read_to_string(task.ok()?.path().join("stat")).ok());
    stats.filter_map(|stat| niceness(&stat)).collect()
}

fn niceness(stat: &str) -> Option<i32> {
    let (name, fields) = stat.split_once('(')?.1.rsplit_once(") ")?;
    let moves = ["engine", "clerk", "digests", "finisher"].contains(&name);
    fields.split(' ').nth(16).filter(|_| moves)?.parse().ok()
}
