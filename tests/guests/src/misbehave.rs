//! The implementation of each conduct.

#![allow(clippy::panic, reason = "some of these guests exist to panic")]

use std::hint::black_box;
use std::sync::atomic::{AtomicU32, Ordering};

use wardline_sdk::prelude::*;
use wardline_sdk::{clock, log, state};

use crate::{Conduct, DECLARED};

/// The pod on which [`Conduct::PoisonEvent`] aborts.
pub const POISON: &str = "poison";

const MEGABYTE: usize = 1 << 20;

pub(crate) fn at_configure(conduct: Conduct) -> Result<(), String> {
    match conduct {
        Conduct::PanicInConfigure => panic!("the rule file has no rules"),
        Conduct::RefusesSettings => Err("the window is longer than the day".to_owned()),
        _ => Ok(()),
    }
}

pub(crate) fn at_event(
    conduct: Conduct,
    event: AuditEvent<'_>,
    earlier: Option<EventRef>,
    findings: &mut Findings,
) -> Result<(), BatchError> {
    match conduct {
        // These fail in `configure`.
        Conduct::PanicInConfigure | Conduct::RefusesSettings => {}
        Conduct::EndlessLoop => loop {
            black_box(event);
        },
        Conduct::MemoryBomb => take_all_memory(),
        Conduct::PoisonEvent if event.name() == POISON => stop_without_a_word(),
        Conduct::PoisonEvent => findings.raise(finding(event)),
        Conduct::Panic => panic!("no rule for the pod {}", event.name()),
        Conduct::Crisis if event.name().starts_with("crisis") => panic!("the crisis is here"),
        Conduct::Crisis => findings.raise(finding(event)),
        Conduct::BadEvents => {
            return Err(DetectError::new("its user is not known").for_event(&event));
        }
        Conduct::BadStranger => {
            if let Some(earlier) = earlier {
                return Err(DetectError::new("it has no user").for_event(&earlier));
            }
        }
        Conduct::GivesUp => return Err(BatchError::new("the model is not loaded")),
        Conduct::FindingsFlood => (0..1000).for_each(|_| findings.raise(finding(event))),
        Conduct::LogFlood => (0..1000).for_each(|line| log::info!("line {line}")),
        Conduct::HostCallFlood => loop {
            black_box(clock::now());
        },
        Conduct::GiantFinding => findings.raise(finding(event).title("a".repeat(MEGABYTE))),
        Conduct::HollowFinding => findings
            .raise((0..100_000).fold(finding(event), |finding, _| finding.attribute("", ""))),
        Conduct::RisingFindings => (0..6).for_each(|_| findings.raise(rising(event))),
        Conduct::StateFlood => {
            let value = vec![1; MEGABYTE / 10];
            let place = state::actor(event).key("flood");
            for _ in 0..1000 {
                if place.set(&value, state::FOREVER).is_err() {
                    break;
                }
            }
        }
        Conduct::GiantLogLine => log::warn!("{}", "a".repeat(100_000)),
        Conduct::GiantTransfer => log::warn!("{}", "a".repeat(2 * MEGABYTE)),
        Conduct::HostileText => {
            log::warn!("\x1b[2J\nERROR wardline: all is lost \u{202e}");
            findings.raise(finding(event).title("\x1b]0;owned\x07\nsecond line"));
        }
        Conduct::StaleEvent => {
            let raised = finding(event);
            findings.raise(match earlier {
                Some(earlier) => raised.events([earlier]),
                None => raised,
            });
        }
        Conduct::UndeclaredType => findings.raise(
            Finding::new("Impact:Kubernetes/NotDeclared")
                .on(event)
                .field(&event, AuditField::Name),
        ),
        Conduct::Severity => findings.raise(finding(event).severity(11.0)),
    }
    Ok(())
}

fn finding(event: AuditEvent<'_>) -> Finding {
    Finding::new(DECLARED)
        .on(event)
        .field(&event, AuditField::Name)
}

/// Returns a finding that is more severe than all before, though no one would see the difference.
fn rising(event: AuditEvent<'_>) -> Finding {
    static RAISED: AtomicU32 = AtomicU32::new(0);
    let number = RAISED.fetch_add(1, Ordering::Relaxed);
    Finding::new(DECLARED)
        .on(event)
        .evidence(event, "objectRef.name", "a".repeat(3000))
        .severity(5.0 + f64::from(number) * 1e-6)
        .dedup_key(number.to_string())
}

/// Not inlined, since the report names this function.
#[inline(never)]
fn stop_without_a_word() -> ! {
    std::process::abort()
}

fn take_all_memory() {
    let mut taken = Vec::new();
    loop {
        taken.push(black_box(vec![1_u8; MEGABYTE]));
    }
}
