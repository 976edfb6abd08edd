//! One thread of the pool.

use std::ops::Range;
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender};

use wardline_event::decode::Decoder;

use super::decode::{self, DecodeLimits, Units};
use crate::detect::{Generation, LaneHealth, Shard, ShardOutput};
use crate::route::{Record, Router};
use crate::source::RawLine;
use crate::state::Changes;

/// What a thread is asked to do. Jobs are done in the order in which they are sent.
pub(super) enum Job {
    Decode(Arc<Vec<RawLine>>, Range<usize>),
    Judge(Arc<Vec<Arc<Record>>>),
    Swap(Generation),
    Health,
}

/// What it answers; a swap has no answer.
pub(super) enum Answer {
    Decoded(Units),
    Judged(ShardOutput, Vec<(Arc<str>, u8, Changes)>),
    Health(Vec<LaneHealth>),
}

/// Works until the jobs end.
pub(super) fn work(
    mut shard: Shard,
    limits: DecodeLimits,
    jobs: &Receiver<Job>,
    answers: &Sender<Answer>,
) {
    let mut decoder = Decoder::default();
    let mut router = Arc::<Router>::default();
    for job in jobs {
        let answer = match job {
            Job::Decode(lines, range) => {
                let part = lines.get(range).unwrap_or_default();
                Answer::Decoded(decode::decode(&mut decoder, part, &limits, &*router))
            }
            Job::Judge(records) => {
                let output = shard.judge(&records);
                let changes = shard.take_changes();
                Answer::Judged(output, changes)
            }
            Job::Health => Answer::Health(shard.health()),
            Job::Swap(generation) => {
                shard.swap(&generation);
                router = generation.router;
                continue;
            }
        };
        if answers.send(answer).is_err() {
            return;
        }
    }
}
