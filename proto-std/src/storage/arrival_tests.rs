//! Stories of files that arrive: whole, interrupted, resumed, wrong, and where there is no room.

mod in_order;
#[cfg(target_os = "linux")]
mod notes;
mod passing;
#[cfg(target_os = "linux")]
mod room;
mod wrong;

use std::io::IoSlice;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use proto_core::ids::{Digest, PublicKey, Stamp};
use proto_core::text::FileName;
use proto_core::time::Instant;
use proto_core::wire::ByteRange;

use super::{
    Arriving, Exists, Finisher, Folder, Report, Sidecars, SinkFile, SinkRequest, Snapshot, Trouble,
};

#[test]
fn a_file_gets_its_name_when_it_is_verified() {
    for size in [0, 1, 1 << 20, (3 << 20) + 17] {
        let place = Place::new();
        let content = content(size);
        let (mut arriving, reports) = place.start();
        assert_eq!(arriving.begin(content.len() as u64, Stamp(1)).unwrap(), []);

        write(&mut arriving, 0, &content);
        assert!(!place.path("a").exists());
        arriving.finish(digest(&content));

        assert_eq!(finished(&reports).unwrap().as_str(), "a");
        assert_eq!(std::fs::read(place.path("a")).unwrap(), content);
        // On some systems it keeps its old name as well until it is closed.
        closed(&reports);
        drop(arriving);
        assert_eq!(place.files(), 1);
        assert_eq!(place.sidecars.list().unwrap(), []);
    }
}

#[test]
fn an_interrupted_file_goes_on_where_it_was() {
    let place = Place::new();
    let content = content(5 << 20);
    let (mut arriving, reports) = place.start();
    arriving.begin(content.len() as u64, Stamp(1)).unwrap();
    write(&mut arriving, 0, &content[..3_000_000]);
    arriving.advance(Instant::ZERO, 3_000_000).unwrap();
    write(&mut arriving, 4_000_000, &content[4_000_000..4_500_000]);
    let ranges = [range(0, 3_000_000), range(4_000_000, 4_500_000)];
    close(arriving, &reports, &ranges);

    let sink = place.sink().unwrap();
    assert_eq!(sink.held().unwrap().stamp, Stamp(1));
    assert_eq!(sink.held().unwrap().ranges, ranges);
    let (mut arriving, reports) = start(sink);
    assert_eq!(arriving.begin(content.len() as u64, Stamp(1)).unwrap(), ranges);
    write(&mut arriving, 3_000_000, &content[3_000_000..4_000_000]);
    write(&mut arriving, 4_500_000, &content[4_500_000..]);
    arriving.finish(digest(&content));

    finished(&reports).unwrap();
    assert_eq!(std::fs::read(place.path("a")).unwrap(), content);
}

#[cfg(unix)]
#[test]
fn another_file_in_the_place_of_the_part_starts_over() {
    let place = Place::new();
    let (mut arriving, reports) = place.start();
    arriving.begin(9, Stamp(1)).unwrap();
    write(&mut arriving, 0, b"old bytes");
    close(arriving, &reports, &[range(0, 9)]);
    std::fs::write(place.path("other"), "xyz bytes").unwrap();
    std::fs::rename(place.path("other"), place.path("a.haversack-part")).unwrap();

    let sink = place.sink().unwrap();
    assert_eq!(sink.held(), None);
    assert_eq!(place.sidecars.list().unwrap(), []);
}

#[test]
fn another_version_starts_over() {
    let place = Place::new();
    let (mut arriving, reports) = place.start();
    arriving.begin(9, Stamp(1)).unwrap();
    write(&mut arriving, 0, b"old");
    close(arriving, &reports, &[range(0, 3)]);

    let (mut arriving, reports) = place.start();
    assert_eq!(arriving.begin(9, Stamp(2)).unwrap(), []);
    assert_eq!(place.sidecars.list().unwrap(), []);
    write(&mut arriving, 0, b"new bytes");
    arriving.finish(digest(b"new bytes"));

    finished(&reports).unwrap();
    assert_eq!(std::fs::read(place.path("a")).unwrap(), b"new bytes");
}

#[test]
fn what_somebody_else_sent_is_worthless() {
    let place = Place::new();
    let (mut arriving, reports) = place.start();
    arriving.begin(9, Stamp(1)).unwrap();
    write(&mut arriving, 0, b"old");
    close(arriving, &reports, &[range(0, 3)]);

    let other = SinkRequest { peer: PublicKey([9; 32]), ..place.request() };

    assert_eq!(SinkFile::open(other).unwrap().held(), None);
}

#[test]
fn a_part_shorter_than_its_sidecar_claims_starts_over() {
    let place = Place::new();
    let (mut arriving, reports) = place.start();
    arriving.begin(9, Stamp(1)).unwrap();
    write(&mut arriving, 0, b"old");
    close(arriving, &reports, &[range(0, 3)]);
    std::fs::write(place.path("a.haversack-part"), "ol").unwrap();

    assert_eq!(place.sink().unwrap().held(), None);
}

#[test]
fn a_corrupt_sidecar_starts_over() {
    let place = Place::new();
    let (mut arriving, reports) = place.start();
    arriving.begin(9, Stamp(1)).unwrap();
    write(&mut arriving, 0, b"old");
    close(arriving, &reports, &[range(0, 3)]);
    for entry in std::fs::read_dir(place.state.path()).unwrap() {
        std::fs::write(entry.unwrap().path(), "rubbish").unwrap();
    }

    assert_eq!(place.sink().unwrap().held(), None);
}

#[test]
fn a_file_that_nothing_came_of_leaves_nothing() {
    let place = Place::new();
    let (arriving, reports) = place.start();
    close(arriving, &reports, &[]);
    assert_eq!(place.files(), 0);
}

#[test]
fn a_discarded_file_leaves_nothing() {
    let place = Place::new();
    let (mut arriving, reports) = place.start();
    arriving.begin(9, Stamp(1)).unwrap();
    write(&mut arriving, 0, b"old");
    arriving.save(Instant::ZERO, snapshot(&[range(0, 3)]));
    arriving.close(snapshot(&[range(0, 3)]), true);
    closed(&reports);
    assert_eq!(place.files(), 0);
    assert_eq!(place.sidecars.list().unwrap(), []);
}

#[test]
fn what_stopped_is_discarded_whole_and_what_goes_on_is_not() {
    let place = Place::new();
    let name = FileName::parse("a").unwrap();
    let discard = || super::discard(&place.folder, &name, Some(&place.sidecars));
    let (mut arriving, reports) = place.start();
    arriving.begin(9, Stamp(1)).unwrap();
    write(&mut arriving, 0, b"old");
    assert!(matches!(discard(), Err(Trouble::Busy)));
    close(arriving, &reports, &[range(0, 3)]);

    discard().unwrap();

    assert_eq!(place.files(), 0);
    assert_eq!(place.sidecars.list().unwrap(), []);
}

#[test]
fn a_stale_last_word_loses_nothing_that_was_saved() {
    let place = Place::new();
    let (mut arriving, reports) = place.start();
    arriving.begin(9, Stamp(1)).unwrap();
    write(&mut arriving, 0, b"old");
    arriving.save(Instant::ZERO, snapshot(&[range(0, 3)]));
    close(arriving, &reports, &[]);
    assert_eq!(place.sink().unwrap().held().unwrap().ranges, [range(0, 3)]);
}

#[test]
fn a_taken_name_is_refused_at_once_or_numbered_at_last() {
    let place = Place::new();
    std::fs::write(place.path("a"), "mine").unwrap();
    let fail = SinkRequest { exists: Exists::Fail, ..place.request() };
    assert!(matches!(SinkFile::open(fail), Err(Trouble::Exists)));

    let (mut arriving, reports) = place.start();
    arriving.begin(5, Stamp(1)).unwrap();
    write(&mut arriving, 0, b"yours");
    arriving.finish(digest(b"yours"));

    assert_eq!(finished(&reports).unwrap().as_str(), "a (1)");
    assert_eq!(std::fs::read(place.path("a")).unwrap(), b"mine");
}

#[test]
fn two_transfers_do_not_write_one_file() {
    let place = Place::new();
    let first = place.sink().unwrap();
    assert!(matches!(place.sink(), Err(Trouble::Busy)));
    drop(first);
    assert!(place.sink().is_ok());
}

#[test]
fn saves_are_due_by_bytes_and_by_time() {
    let place = Place::new();
    let (mut arriving, reports) = place.start();
    let at = |ms| Instant::ZERO + Duration::from_millis(ms);
    arriving.begin(9, Stamp(1)).unwrap();
    assert!(!arriving.wants_save(at(60_000)));
    write(&mut arriving, 0, b"abc");
    assert!(!arriving.wants_save(at(4_000)));
    assert!(arriving.wants_save(at(5_000)));

    arriving.save(at(5_000), snapshot(&[range(0, 3)]));
    write(&mut arriving, 3, b"def");
    assert!(!arriving.wants_save(at(60_000)));
    assert!(matches!(next(&reports), Report::Saved(Ok(()))));
    arriving.on_saved();
    assert!(arriving.wants_save(at(60_000)));
    assert_eq!(place.sidecars.list().unwrap()[0].done(), 3);
}

/// Windows says so itself, when a file gets its length.
#[cfg(unix)]
#[test]
fn a_file_larger_than_the_disk_is_refused() {
    let place = Place::new();
    let (mut arriving, _reports) = place.start();
    assert!(matches!(arriving.begin(1 << 47, Stamp(1)), Err(Trouble::NoSpace)));
    assert!(matches!(arriving.begin(u64::MAX, Stamp(1)), Err(Trouble::TooLarge)));
}

/// A disk of 1 MB, which only root can mount; elsewhere the test says that it was skipped.
#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_fills_up_meanwhile_is_told_and_nothing_more_is_claimed() {
    let place = Place::new();
    let target = place.folder.path().join("small");
    std::fs::create_dir(&target).unwrap();
    let mount = std::process::Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=1m", "none"])
        .arg(&target)
        .output();
    if !mount.is_ok_and(|mount| mount.status.success()) {
        eprintln!("skipped: a small disk can only be mounted by root");
        return;
    }
    let folder = Arc::new(Folder::open(&target).unwrap());
    let sink = SinkFile::open(SinkRequest { folder, ..place.request() }).unwrap();
    let (mut arriving, _reports) = start(sink);
    arriving.begin(800_000, Stamp(1)).unwrap();
    std::fs::write(target.join("somebody else's"), content(600_000)).unwrap();

    let outcome = arriving.write_at(0, &mut [IoSlice::new(&content(800_000))]);

    drop(arriving);
    let unmounted = std::process::Command::new("umount").arg("-l").arg(&target).status();
    assert!(unmounted.unwrap().success());
    assert!(matches!(outcome, Err(Trouble::NoSpace)), "{outcome:?}");
}

struct Place {
    root: tempfile::TempDir,
    state: tempfile::TempDir,
    folder: Arc<Folder>,
    sidecars: Sidecars,
}

impl Place {
    fn new() -> Self {
        let (root, state) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let folder = Arc::new(Folder::open(root.path()).unwrap());
        let sidecars = Sidecars::open(state.path()).unwrap();
        Self { root, state, folder, sidecars }
    }

    fn request(&self) -> SinkRequest {
        SinkRequest {
            peer: PublicKey([1; 32]),
            upload: false,
            name: FileName::parse("a").unwrap(),
            folder: Arc::clone(&self.folder),
            save_as: FileName::parse("a").unwrap(),
            exists: Exists::NumberIt,
            sidecars: Some(self.sidecars.clone()),
            confirmed: false,
        }
    }

    fn sink(&self) -> Result<SinkFile, Trouble> {
        SinkFile::open(self.request())
    }

    fn start(&self) -> (Arriving, Receiver<Report>) {
        start(self.sink().unwrap())
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        Path::join(self.root.path(), name)
    }

    fn files(&self) -> usize {
        std::fs::read_dir(self.root.path()).unwrap().count()
    }
}

fn start(sink: SinkFile) -> (Arriving, Receiver<Report>) {
    start_with(sink, false)
}

fn start_with(sink: SinkFile, hashes: bool) -> (Arriving, Receiver<Report>) {
    let (sender, reports) = channel();
    let finisher = Finisher::start().unwrap();
    let report = move |report| sender.send(report).unwrap_or(());
    (sink.start_with(Instant::ZERO, &finisher, hashes, report), reports)
}

fn write(arriving: &mut Arriving, offset: u64, bytes: &[u8]) {
    let (a, b) = bytes.split_at(bytes.len() / 3);
    arriving.write_at(offset, &mut [IoSlice::new(a), IoSlice::new(b)]).unwrap();
}

fn close(arriving: Arriving, reports: &Receiver<Report>, ranges: &[ByteRange]) {
    arriving.close(snapshot(ranges), false);
    closed(reports);
}

fn closed(reports: &Receiver<Report>) {
    while !matches!(next(reports), Report::Closed) {}
}

fn finished(reports: &Receiver<Report>) -> Result<FileName, Trouble> {
    loop {
        if let Report::Finished(outcome) = next(reports) {
            return outcome.map(|placed| placed.name);
        }
    }
}

fn next(reports: &Receiver<Report>) -> Report {
    reports.recv_timeout(Duration::from_secs(60)).unwrap()
}

fn snapshot(ranges: &[ByteRange]) -> Snapshot {
    Snapshot { ranges: heapless::Vec::from_slice(ranges).unwrap(), ..Snapshot::default() }
}

fn range(start: u64, end: u64) -> ByteRange {
    ByteRange { start, end }
}

fn digest(content: &[u8]) -> Digest {
    Digest(*blake3::hash(content).as_bytes())
}

fn content(size: usize) -> Vec<u8> {
    (0..=250).cycle().take(size).collect()
}
