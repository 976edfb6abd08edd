//! Peers that are available as crates, each with the ten rules of `tests/bench/rules`, on the
//! same lines as the host. Their matches are compared rule by rule.

mod inside;
mod rego;
mod sigma;

use crate::bench::Bench;
use crate::timing::{LONG_RUNS, Time, timed};
use std::collections::BTreeMap;

/// The number of events that match each rule.
pub type Met = BTreeMap<String, u64>;

/// Measures. `whole` is the host's time from lines to findings, which is measured again, taking
/// turns with the peers.
pub fn measure(bench: &mut Bench, mut whole: Time) {
    bench.report.group("Peers, one thread, ten rules");
    let lines: Vec<&str> = bench
        .log
        .lines()
        .map(|line| std::str::from_utf8(line).expect("the log is UTF-8"))
        .collect();
    let mut inside = inside::Inside::new(bench);
    let mut best = [Time::MAX; 3];
    for _ in 0..LONG_RUNS {
        let (mut by_sigma, mut by_rego) = (Met::new(), Met::new());
        let sigma = timed(|| by_sigma = sigma::judge(&lines));
        let rego = timed(|| by_rego = rego::judge(&lines));
        whole = whole.min(bench.host(1).judge_all(&bench.chunks).all);
        let (time, by_guest) = inside.judge(&bench.log);
        assert!(
            bench.log.is_given || !by_sigma.is_empty(),
            "no event matches a rule"
        );
        assert_eq!(by_sigma, by_rego, "the matches differ");
        assert_eq!(by_sigma, by_guest, "the matches differ");
        for (best, time) in best.iter_mut().zip([sigma, rego, time]) {
            *best = best.min(time);
        }
    }
    let [sigma, rego, inside] = best;
    let rows = [
        bench.row("sigma-rust", sigma),
        bench.row("regorus", rego),
        bench.row("JSON handed into the sandbox and parsed there", inside),
        bench
            .beside("Wardline, lines to findings", whole, ("sigma-rust", sigma))
            .at_most(0.067),
        bench.beside("Wardline, lines to findings", whole, ("regorus", rego)),
        bench.beside(
            "Wardline, lines to findings",
            whole,
            ("JSON in the sandbox", inside),
        ),
    ];
    rows.into_iter().for_each(|row| bench.report.add(row));
}
