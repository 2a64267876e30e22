//! Random lives of clients and a hub, with cut links, slow and failing disks and restarts,
//! against a reference that is nothing but a list of what was stored.

use std::vec;

use proptest::prelude::*;

mod disk;
mod world;

use world::{CAST, World};

#[derive(Clone, Debug)]
enum Op {
    /// A client says some messages, to all or to one of `CAST` or to a stranger.
    Say { client: usize, to: Option<usize>, count: usize },
    /// A client says more than the log holds, and all of it arrives.
    Pour { client: usize, to: Option<usize> },
    /// So many messages travel up.
    Up { client: usize, count: usize },
    /// So many messages are pulled and travel down.
    Down { client: usize, count: usize },
    /// The link breaks, and what is under way is lost; the hub may notice only later.
    Cut { client: usize, hub_knows: bool },
    /// A new link, if there is none.
    Connect { client: usize },
    /// The client's program dies and is started again; it remembers what it showed.
    Rebirth { client: usize },
    /// The disk stores what waits, and is fast or slow from now on.
    Disk { slow: bool },
    /// The disk fails.
    Fail,
    /// The server is killed and started again.
    Restart,
    /// Time passes.
    Pass { seconds: u64 },
}

fn op() -> impl Strategy<Value = Op> {
    let client = 0..CAST.len();
    let count = 1_usize..30;
    prop_oneof![
        12 => (client.clone(), proptest::option::of(0..CAST.len() + 1), count.clone())
            .prop_map(|(client, to, count)| Op::Say { client, to, count }),
        1 => (client.clone(), proptest::option::of(0..CAST.len()))
            .prop_map(|(client, to)| Op::Pour { client, to }),
        12 => (client.clone(), count.clone()).prop_map(|(client, count)| Op::Up { client, count }),
        12 => (client.clone(), count).prop_map(|(client, count)| Op::Down { client, count }),
        4 => (client.clone(), any::<bool>())
            .prop_map(|(client, hub_knows)| Op::Cut { client, hub_knows }),
        6 => client.clone().prop_map(|client| Op::Connect { client }),
        1 => client.prop_map(|client| Op::Rebirth { client }),
        4 => prop::bool::weighted(0.7).prop_map(|slow| Op::Disk { slow }),
        1 => Just(Op::Fail),
        2 => Just(Op::Restart),
        3 => (0_u64..20).prop_map(|seconds| Op::Pass { seconds }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, max_shrink_iters: 400, ..ProptestConfig::default() })]

    #[test]
    fn each_reader_sees_each_message_once_in_order_or_a_gap_of_the_right_width(
        ops in proptest::collection::vec(op(), 1..300),
    ) {
        let mut world = World::new();
        for op in &ops {
            world.run(op);
        }
        world.settle();
        world.check();
    }
}
