//! One thread of the pool.

use std::ops::Range;
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender};
use wardline_decode::{Decoder, Limits};
use wardline_detect::{Generation, Shard, ShardOutput, WorkerHealth};
use wardline_event::Record;
use wardline_intel::Intel;
use wardline_route::Router;
use wardline_source::RawLine;
use wardline_state::Changes;

use super::decode::{self, DecodedLines};

/// A job for a thread. Jobs are done in the order in which they are sent.
pub(super) enum Job {
    Decode(Arc<Vec<RawLine>>, Range<usize>, Arc<Router>),
    /// Events, the level of the detectors that judge signals among them, and the intel lists to
    /// judge them with.
    Judge(Arc<Vec<Arc<Record>>>, usize, Arc<Intel>),
    Swap(Generation),
    Health,
}

/// The results for a thread's share of a chunk.
pub(super) type Judged = (ShardOutput, Vec<(Arc<str>, u8, Changes)>);

/// The channels for the answers to each kind of job; a swap has no answer.
pub(super) struct Answers {
    pub decoded: Sender<DecodedLines>,
    pub judged: Sender<Judged>,
    pub health: Sender<Vec<WorkerHealth>>,
}

/// Works until the jobs end.
pub(super) fn work(mut shard: Shard, limits: Limits, jobs: &Receiver<Job>, answers: &Answers) {
    let mut decoder = Decoder::default();
    for job in jobs {
        let is_heard = match job {
            Job::Decode(lines, range, router) => {
                let part = lines.get(range).unwrap_or_default();
                let units = decode::decode(&mut decoder, part, &limits, &*router);
                answers.decoded.send(units).is_ok()
            }
            Job::Judge(records, level, lists) => {
                shard.set_lists(&lists);
                let output = shard.judge(&records, level);
                let changes = shard.take_changes();
                answers.judged.send((output, changes)).is_ok()
            }
            Job::Health => answers.health.send(shard.health()).is_ok(),
            Job::Swap(generation) => {
                shard.swap(&generation);
                true
            }
        };
        if !is_heard {
            return;
        }
    }
}
