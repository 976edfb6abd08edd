//! Cryptocurrency miners (<https://attack.mitre.org/techniques/T1496/001/>).

use super::parse::Command;
use super::{FoundSigns, Kind};
use crate::rules::image::repository;
use crate::text::contains;

/// Names of programs, as in their releases and images.
const PROGRAMS: [&str; 38] = [
    "bfgminer",
    "bminer",
    "bzminer",
    "ccminer",
    "cgminer",
    "claymore",
    "cnrig",
    "cpuminer",
    "cpuminer-multi",
    "cpuminer-opt",
    "cryptonight",
    "ethdcrminer64",
    "ethminer",
    "gminer",
    "kdevtmpfsi",
    "kinsing",
    "lolminer",
    "minerd",
    "miniz",
    "moneroocean",
    "nanominer",
    "nbminer",
    "nheqminer",
    "nsfminer",
    "onezerominer",
    "phoenixminer",
    "qubic-miner",
    "rigel-miner",
    "srbminer",
    "srbminer-multi",
    "t-rex",
    "teamredminer",
    "trex-miner",
    "verthashminer",
    "wildrig-multi",
    "xmr-stak",
    "xmrig",
    "xmrig-proxy",
];

/// Parts of names that only miners have.
const UNMISTAKABLE: [&str; 8] = [
    "xmrig",
    "xmr-stak",
    "cryptonight",
    "lolminer",
    "phoenixminer",
    "nbminer",
    "srbminer",
    "ethminer",
];

/// Protocols of mining pools (<https://en.bitcoin.it/wiki/Stratum_mining_protocol>).
const PROTOCOLS: [&str; 8] = [
    "stratum+tcp://",
    "stratum+ssl://",
    "stratum+tls://",
    "stratum+udp://",
    "stratum2+tcp://",
    "stratum1+tcp://",
    "stratum1+ssl://",
    "ethproxy+tcp://",
];

/// Domains of mining pools, including all names below them.
const POOLS: [&str; 33] = [
    "2miners.com",
    "antpool.com",
    "btc.com",
    "c3pool.com",
    "c3pool.org",
    "crazypool.org",
    "dwarfpool.com",
    "ethermine.org",
    "f2pool.com",
    "flexpool.io",
    "flypool.org",
    "gulf.moneroocean.stream",
    "hashvault.pro",
    "herominers.com",
    "hiveon.net",
    "kryptex.network",
    "luxor.tech",
    "minergate.com",
    "minexmr.com",
    "miningpoolhub.com",
    "monerohash.com",
    "moneroocean.stream",
    "monerop.com",
    "nanopool.org",
    "nicehash.com",
    "poolbinance.com",
    "prohashing.com",
    "slushpool.com",
    "supportxmr.com",
    "unmineable.com",
    "viabtc.com",
    "xmrpool.eu",
    "zpool.ca",
];

/// Options that only miners have.
const OPTIONS: [&str; 10] = [
    "--donate-level",
    "--randomx-",
    "--cpu-max-threads-hint",
    "--rig-id",
    "--nicehash",
    "--coin=monero",
    "--coin=xmr",
    "--max-cpu-usage",
    "--cuda-bfactor",
    "--ethstratum",
];

/// Algorithms, as values of `--algo`, `-a`, and `--coin`.
const ALGORITHMS: [&str; 14] = [
    "randomx",
    "rx/0",
    "rx/wow",
    "cn/r",
    "cryptonight",
    "etchash",
    "ethash",
    "kawpow",
    "octopus",
    "autolykos2",
    "zhash",
    "ghostrider",
    "verushash",
    "monero",
];

pub(super) fn find(commands: &[Command], found: &mut FoundSigns) {
    for command in commands {
        if is_miner_name(&command.name)
            || command.words.iter().any(|word| says_miner(word))
            || has_algorithm(command)
        {
            found.add(Kind::CryptoMiner, command.text());
        }
    }
}

/// Returns whether a part of an image's name is that of a miner.
#[must_use]
pub fn is_miner_image(image: &str) -> bool {
    let repository = repository(image).to_ascii_lowercase();
    repository.split('/').any(is_miner_name)
}

fn is_miner_name(name: &str) -> bool {
    PROGRAMS.contains(&name) || UNMISTAKABLE.iter().any(|part| contains(name, part))
}

fn says_miner(word: &str) -> bool {
    word.contains("://") && PROTOCOLS.iter().any(|protocol| contains(word, protocol))
        || OPTIONS.iter().any(|option| word.starts_with(option))
        || word.contains('.') && names_pool(word)
}

/// Returns whether a word contains the host of a pool, or one below it. Case does not matter, nor does a
/// final period (RFC 4343, RFC 1034).
fn names_pool(word: &str) -> bool {
    let is_host = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.');
    word.split(|letter| !is_host(letter)).any(|host| {
        let host = host.trim_end_matches('.').as_bytes();
        POOLS.iter().any(|pool| {
            let Some(at) = host.len().checked_sub(pool.len()) else {
                return false;
            };
            let (before, end) = host.split_at(at);
            end.eq_ignore_ascii_case(pool.as_bytes()) && matches!(before, [] | [.., b'.'])
        })
    })
}

/// Returns whether a command names a mining algorithm and a pool: `--algo ETCHASH --pool ...`.
fn has_algorithm(command: &Command) -> bool {
    let value_of = |names: &[&str]| {
        let mut words = command.words.iter().map(String::as_str);
        while let Some(word) = words.next() {
            if names.contains(&word) {
                return words.next();
            }
            let joined = word
                .split_once('=')
                .filter(|(name, _)| names.contains(name))
                .map(|(_, value)| value);
            if joined.is_some() {
                return joined;
            }
        }
        None
    };
    let algorithm = value_of(&["--algo", "-a", "--algorithm", "--coin"]);
    let pool = value_of(&["--pool", "-o", "--url", "--server", "-pool", "-P"]);
    pool.is_some()
        && algorithm.is_some_and(|name| ALGORITHMS.contains(&name.to_ascii_lowercase().as_str()))
}
