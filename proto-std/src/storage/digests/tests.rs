//! Who is hashed, when and by whom.

use super::*;
use std::sync::mpsc::{Receiver, channel};

#[test]
fn a_digest_is_computed_once_and_then_known() {
    let digests = Digests::start().unwrap();
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("file");
    let content: Vec<u8> = (0..=255).cycle().take(3_000_001).collect();
    std::fs::write(&path, &content).unwrap();
    let source = SourceFile::open(&path).unwrap();
    assert_eq!(digests.known(source.stamp()), None);

    let (sender, answers) = channel();
    digests.want(&source, move |answer| sender.send(answer).unwrap());
    let digest = answers.recv().unwrap().unwrap();

    assert_eq!(digest.0, *blake3::hash(&content).as_bytes());
    assert_eq!(digests.known(source.stamp()), Some(digest));
}

#[test]
fn a_sender_who_hashes_is_followed_to_the_end() {
    let digests = Digests::begin(Some(FOREVER)).unwrap();
    let (_root, mut source, content) = large();
    let answers = want(&digests, &source);

    send(&mut source, 0..content.len() - 1);
    assert_eq!(source.along().progress(), Progress::Hashed(content.len() as u64 - 1));
    send(&mut source, content.len() - 1..content.len());

    let digest = answers.recv_timeout(LONG).unwrap().unwrap();
    assert_eq!(digest.0, *blake3::hash(&content).as_bytes());
}

#[test]
fn a_sender_who_stops_is_not_waited_for() {
    let digests = Digests::begin(Some(Duration::from_millis(1))).unwrap();
    let (_root, mut source, content) = large();
    let answers = want(&digests, &source);
    send(&mut source, 0..3_000_000);

    let digest = answers.recv_timeout(LONG).unwrap().unwrap();
    assert_eq!(digest.0, *blake3::hash(&content).as_bytes());
    assert_eq!(source.along().progress(), Progress::Off);
}

#[test]
fn a_sender_is_not_followed_while_somebody_else_waits() {
    let digests = Digests::begin(Some(FOREVER)).unwrap();
    let ((_first, mut a, content), (_second, b, _)) = (large(), large());

    let first = want(&digests, &a);
    // A good way, but not all.
    send(&mut a, 0..5_000_000);
    let answers = [first, want(&digests, &b)];

    for answer in answers {
        let digest = answer.recv_timeout(LONG).unwrap().unwrap();
        assert_eq!(digest.0, *blake3::hash(&content).as_bytes());
    }
}

#[test]
fn where_there_are_processors_to_spare_a_sender_hashes_nothing() {
    let digests = Digests::begin(None).unwrap();
    let (_root, source, _) = large();
    let answers = want(&digests, &source);
    assert_eq!(source.along().progress(), Progress::Off);
    assert!(answers.recv_timeout(LONG).unwrap().is_ok());
}

#[test]
fn a_small_file_does_not_wait_for_a_huge_one() {
    let digests = Digests::begin(None).unwrap();
    let (root, huge) = huge();
    std::fs::write(root.path().join("small"), "s").unwrap();
    let small = SourceFile::open(&root.path().join("small")).unwrap();

    let first = want(&digests, &huge);
    let digest = want(&digests, &small).recv_timeout(LONG).unwrap().unwrap();

    assert_eq!(digest.0, *blake3::hash(b"s").as_bytes());
    assert!(first.try_recv().is_err(), "the huge one goes on");
}

#[test]
fn who_makes_way_has_his_digest_later() {
    let digests = Digests::begin(None).unwrap();
    let root = tempfile::tempdir().unwrap();
    let content: Vec<u8> = (0..=250).cycle().take(40_000_001).collect();
    std::fs::write(root.path().join("large"), &content).unwrap();
    std::fs::write(root.path().join("small"), &content[..1_500_000]).unwrap();
    let open = |name| SourceFile::open(&root.path().join(name)).unwrap();
    let (large, small) = (open("large"), open("small"));

    let answers = [want(&digests, &large), want(&digests, &small)];

    for (answer, len) in answers.iter().zip([content.len(), 1_500_000]) {
        let digest = answer.recv_timeout(LONG).unwrap().unwrap();
        assert_eq!(digest.0, *blake3::hash(&content[..len]).as_bytes());
    }
}

#[test]
fn downloads_that_are_over_wait_for_no_digest() {
    let digests = Digests::begin(None).unwrap();
    let (_root, huge) = huge();
    let _first = want(&digests, &huge);
    let other = large();
    for _ in 0..100 {
        let again = SourceFile::open(&other.0.path().join("file")).unwrap();
        let _ = want(&digests, &again);
    }
    assert!(digests.shared.lock().waiting.len() <= 2);
}

#[test]
fn a_closed_file_is_not_hashed() {
    let digests = Digests::start().unwrap();
    let (_root, source) = huge();

    let (sender, answers) = channel();
    digests.want(&source, move |answer| sender.send(answer).unwrap());
    drop(source);

    let outcome = answers.recv_timeout(Duration::from_secs(20));
    assert!(outcome.is_err_and(|why| why == std::sync::mpsc::RecvTimeoutError::Disconnected));
}

const FOREVER: Duration = Duration::from_secs(3_600);
const LONG: Duration = Duration::from_secs(60);

fn large() -> (tempfile::TempDir, SourceFile, Vec<u8>) {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("file");
    let content: Vec<u8> = (0..=250).cycle().take(6_000_001).collect();
    std::fs::write(&path, &content).unwrap();
    (root, SourceFile::open(&path).unwrap(), content)
}

/// One that takes minutes to hash.
fn huge() -> (tempfile::TempDir, SourceFile) {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("file");
    File::create(&path).unwrap().set_len(1 << 40).unwrap();
    let source = SourceFile::open(&path).unwrap();
    (root, source)
}

fn want(digests: &Digests, source: &SourceFile) -> Receiver<Result<Digest, Trouble>> {
    let (sender, answers) = channel();
    digests.want(source, move |answer| sender.send(answer).unwrap());
    answers
}

fn send(source: &mut SourceFile, range: std::ops::Range<usize>) {
    for start in range.clone().step_by(60_000) {
        let mut piece = vec![0; range.end.min(start + 60_000) - start];
        source.read_at(start as u64, &mut [IoSliceMut::new(&mut piece)]).unwrap();
    }
}
