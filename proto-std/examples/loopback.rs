//! Moves a file between two engines of one process over loopback and says how fast that was.
//!
//! `cargo run --release -p proto-std --example loopback -- [MiB] [folder]`

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;

use futures::future::{Either, select};
use proto_core::ids::{PublicKey, TransferId};
use proto_core::secure::{Aead, DatagramKeys, Role, Suites};
use proto_core::text::FileName;
use proto_core::wire::Transfer;
use proto_std::aead::HostAead;
use proto_std::channel::Receiver;
use proto_std::engine::{
    Engine, EngineConfig, EngineEvent, FlowHandle, GetRequest, NoFiles, SessionConfig, SharedFolder,
};
use proto_std::storage::{Exists, Folder};
use proto_std::{clock, entropy, task};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mib: u32 = arguments.next().map_or(Ok(1024), |text| text.parse())?;
    let root = PathBuf::from(arguments.next().unwrap_or_else(|| "/dev/shm".into()));
    let (from, to) = (root.join("haversack-from"), root.join("haversack-to"));
    std::fs::create_dir_all(&from)?;
    std::fs::create_dir_all(&to)?;
    let mut content = vec![0; usize::try_from(mib)? << 20];
    for (group, byte) in content.chunks_mut(1 << 20).zip((0..=250).cycle()) {
        group.fill(byte);
    }
    std::fs::write(from.join("file"), &content)?;
    drop(content);

    let here = EngineConfig::at("127.0.0.1:0".parse()?);
    let (client, server) = (Engine::start(here.clone())?, Engine::start(here)?);
    let (mine, theirs) = open(&client, &server, Arc::new(Folder::open(&from)?))?;
    let name = FileName::parse("file").map_err(|why| why.to_string())?;
    let request = GetRequest {
        id: TransferId(1),
        save_as: name.clone(),
        name,
        folder: Arc::new(Folder::open(&to)?),
        exists: Exists::Overwrite,
        hold: false,
        confirmed: false,
        stop_at: None,
    };
    let (begun, spent) = (clock::now(), cpu());
    let arrived = task::block_on(play(&mine, &theirs, request));
    let took = clock::now().since(begun).as_secs_f64();
    println!(
        "{mib} MiB in {took:.3} s, {:.3} GB/s; last byte after {arrived:.3} s; {:.2} CPU s/GiB",
        f64::from(mib) * 1.048_576e-3 / took,
        (cpu() - spent) * 1024.0 / f64::from(mib),
    );
    client.stop();
    server.stop();
    std::fs::remove_dir_all(&from)?;
    std::fs::remove_dir_all(&to)?;
    Ok(())
}

type End = (FlowHandle, Receiver<EngineEvent>);

/// Carries the control messages until the file is there; says when its last byte was.
async fn play(mine: &End, theirs: &End, request: GetRequest) -> f64 {
    let begun = clock::now();
    let mut arrived = 0.0;
    mine.0.get(request).await;
    loop {
        let next = select(Box::pin(mine.1.recv()), Box::pin(theirs.1.recv())).await;
        let (is_mine, event) = match next {
            Either::Left((Ok(event), _)) => (true, event),
            Either::Right((Ok(event), _)) => (false, event),
            _ => return arrived,
        };
        match event {
            EngineEvent::Message(message) => {
                let to = if is_mine { &theirs.0 } else { &mine.0 };
                to.message(Transfer::clone(&message)).await;
            }
            EngineEvent::Verifying { .. } => arrived = clock::now().since(begun).as_secs_f64(),
            EngineEvent::Finished { .. } if is_mine => return arrived,
            EngineEvent::Ended { why, detail, .. } => {
                println!("{why:?} {detail:?}");
                return arrived;
            }
            EngineEvent::Progress { .. } => {}
            other => println!("{} {other:?}", if is_mine { "client" } else { "server" }),
        }
    }
}

fn open(
    client: &Engine,
    server: &Engine,
    folder: Arc<Folder>,
) -> Result<(End, End), Box<dyn Error>> {
    let suite = Suites::best_common(HostAead::suites(), HostAead::suites()).ok_or("no suite")?;
    let (secret, cids) = (entropy::bytes(), (client.reserve_cid()?, server.reserve_cid()?));
    let config = SessionConfig {
        keys: DatagramKeys::new(suite, secret, Role::Server),
        local_cid: cids.1,
        remote_cid: cids.0,
        remote: None,
        host: None,
        peer: PublicKey([1; 32]),
        files: Arc::new(SharedFolder::new(folder, None)),
        sidecars: None,
        confirm_at: None,
        limit_rate: None,
    };
    let theirs = server.open(config.clone());
    let mine = client.open(SessionConfig {
        keys: DatagramKeys::new(suite, secret, Role::Client),
        local_cid: cids.0,
        remote_cid: cids.1,
        remote: Some(server.local_addr()),
        files: Arc::new(NoFiles),
        ..config
    });
    Ok((mine, theirs))
}

/// Seconds of processor time of this process so far, both ends of the transfer.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<_> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks = |at: usize| fields.get(at).and_then(|t| t.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}
