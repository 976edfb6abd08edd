//! Intel lists: reading a large one and looking values up.

use std::fmt::Write;
use std::net::Ipv4Addr;
use std::sync::Arc;

use wardline_intel::{Content, Format, Intel, List, read};

use crate::bench::Bench;
use crate::report::Row;
use crate::timing::{best, timed};

/// The number of entries of each sort: GuardDuty's limit for a threat list.
const ENTRIES: u32 = 250_000;
/// The number of lookups in one measurement.
const LOOKUPS: u32 = 100_000;
/// The distance between the addresses of the list, none of which is a network.
const STEP: u32 = 4_099;

pub fn measure(bench: &mut Bench) {
    let mut text = String::new();
    for number in 0..ENTRIES {
        writeln!(text, "{}\n{number}.example.org", address(number)).expect("it is a string");
    }
    let lines = u64::from(ENTRIES) * 2;
    let load = || {
        let now = jiff::Timestamp::UNIX_EPOCH;
        read(
            text.as_bytes(),
            Format::Plain,
            Content::Auto,
            1_000_000,
            now,
        )
        .expect("it is a list")
    };
    let loading = best(|| timed(load));
    let intel: Intel = std::iter::once(Arc::new(List {
        name: "large".into(),
        kind: "threat".into(),
        entries: load().entries,
    }))
    .collect();
    let asked: Vec<String> = (0..LOOKUPS)
        .map(|number| number.wrapping_mul(48_271) % ENTRIES)
        .map(|number| address(number).to_string())
        .collect();
    let missed: Vec<String> = asked
        .iter()
        .map(|text| text.parse::<Ipv4Addr>().expect("it is an address"))
        .map(|address| Ipv4Addr::from(u32::from(address) + 1).to_string())
        .collect();
    let names: Vec<String> = (0..LOOKUPS)
        .map(|number| format!("www.{number}.example.org"))
        .collect();
    let addresses = |texts: &[String], is_there| {
        best(|| {
            timed(|| {
                for text in texts {
                    let hit = intel.address("kind:threat", std::hint::black_box(text));
                    assert_eq!(hit.expect("it is an address").is_some(), is_there);
                }
            })
        })
    };
    let (hits, misses) = (addresses(&asked, true), addresses(&missed, false));
    let domains = best(|| {
        timed(|| {
            for name in &names {
                let hit = intel.domain("kind:threat", std::hint::black_box(name));
                assert!(hit.expect("there are lists").is_none());
            }
        })
    });
    let lookups = u64::from(LOOKUPS);
    bench.report.group(
        "A list of 250,000 addresses and 250,000 domains, without the crossing into the host",
    );
    for row in [
        Row::each("reading it, each line", loading, lines),
        Row::each("an address that is on it", hits, lookups),
        Row::each("an address that is not", misses, lookups),
        Row::each("a domain that is not, of four labels", domains, lookups),
    ] {
        bench.report.add(row);
    }
}

fn address(number: u32) -> Ipv4Addr {
    Ipv4Addr::from(0x0100_0000 + number * STEP)
}
