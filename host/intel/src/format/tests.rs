use std::fmt::Write;
use std::path::Path;

use jiff::Timestamp;
use proptest::prelude::*;
use wardline_text::chain_with_hint;

use super::{Content, Format, FormatError, Reading, detect, read};
use crate::entry;

/// A SHA-256 that the file of every format contains, if the format allows.
const DIGEST: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
const LIMIT: usize = 1_000;

fn now() -> Timestamp {
    "2026-11-26T00:00:00Z".parse().unwrap()
}

fn file(name: &str) -> Vec<u8> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/intel");
    std::fs::read(data.join(name)).unwrap()
}

fn found(reading: &Reading, value: &str) -> String {
    let entries = &reading.entries;
    let found = match entry::address(value) {
        Some(address) => entries.address(address),
        None => entries
            .name(value, entry::Sha256::parse(value))
            .or_else(|| entries.domain(value)),
    };
    found.map_or_else(|| "-".to_owned(), |found| found.to_string())
}

/// Returns all details of a reading, and the entries that contain the values.
fn told(bytes: &[u8], values: &[&str]) -> String {
    let format = detect(bytes).unwrap();
    let reading = read(bytes, format, Content::Auto, LIMIT, now()).unwrap();
    let mut text = format!(
        "{}: {}\n{} skipped, {} with bits of hosts, {} bad\n",
        format.as_str(),
        reading.entries.counts(),
        reading.skipped,
        reading.host_bits,
        reading.bad
    );
    for bad in &reading.bad_lines {
        writeln!(text, "  {}: {}", bad.line, bad.reason).unwrap();
    }
    if let Some(at) = reading.changes_at {
        writeln!(text, "changes at {at}").unwrap();
    }
    for value in values {
        writeln!(text, "{value} -> {}", found(&reading, value)).unwrap();
    }
    text
}

#[test]
fn each_format_is_found_out_and_read() {
    let files: [(&str, &[&str]); 8] = [
        (
            "plain.txt",
            &[
                "192.0.2.1",
                "198.51.100.200",
                "203.0.113.4",
                "203.0.113.6",
                "2001:db8::1",
                "192.0.2.99",
                "evil.example.org",
                "a.pool.example.org",
                "both.example.org",
                "not.example.org",
                DIGEST,
            ],
        ),
        (
            "exit-addresses",
            &["192.0.2.10", "2001:db8::10", "198.51.100.10", "192.0.2.11"],
        ),
        (
            "alien-vault.data",
            &["192.0.2.20", "198.51.100.15", "198.51.100.16"],
        ),
        (
            "otx.csv",
            &[
                "192.0.2.30",
                "198.51.100.33",
                "2001:db8::30",
                "c2.example.org",
                "www.c2.example.net",
                DIGEST,
            ],
        ),
        (
            "proofpoint.csv",
            &["192.0.2.40", "198.51.100.40", "drop.example.org"],
        ),
        (
            "fireeye.csv",
            &["192.0.2.50", "198.51.100.65", "apt.example.org", DIGEST],
        ),
        (
            "bundle.json",
            &[
                "192.0.2.60",
                "198.51.100.129",
                "2001:db8::60",
                "stix.example.org",
                "a.wild.example.org",
                DIGEST,
                "192.0.2.61",
                "192.0.2.62",
                "192.0.2.63",
                "192.0.2.64",
            ],
        ),
        (
            "package.xml",
            &[
                "192.0.2.70",
                "192.0.2.71",
                "198.51.100.127",
                "198.51.100.128",
                "2001:db8:7::1",
                "old.example.org",
                DIGEST,
                "192.0.2.78",
                "192.0.2.79",
            ],
        ),
    ];
    let all: Vec<String> = files
        .iter()
        .map(|(name, values)| format!("{name} is {}", told(&file(name), values)))
        .collect();
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn what_is_no_list_is_refused_with_the_reason() {
    let deep = "<a>".repeat(300);
    let texts: [(&str, &[u8]); 17] = [
        ("gzip", b"\x1f\x8b\x08\x00"),
        ("zip", b"PK\x03\x04rest"),
        ("bytes", b"\x7fELF\x00\x00"),
        ("a page", b"<!DOCTYPE html>\n<html><body>Sign in</body></html>"),
        ("cut JSON", b"{\"type\": \"bundle\", \"objects\": [{\"type\": \"indi"),
        ("other JSON", b"{\"prefixes\": []}"),
        ("a JSON array", b"[1, 2]"),
        ("objects of another type", b"{\"objects\": 3}"),
        ("other XML", b"<rss><channel/></rss>"),
        ("cut XML", b"<STIX_Package><Observables>"),
        ("crossed XML", b"<STIX_Package>\n<a></b></STIX_Package>"),
        ("entities", b"<!DOCTYPE s [<!ENTITY a \"b\">]>\n<STIX_Package/>"),
        ("an unknown entity", b"<STIX_Package>\n<Observables><Simple_Hash_Value>&a;</Simple_Hash_Value></Observables></STIX_Package>"),
        ("no UTF-8", b"<STIX_Package>\xff</STIX_Package>"),
        ("prose", b"Too many requests.\nPlease try again later.\n192.0.2.1\n"),
        ("addresses of mail", b"a@example.org\n"),
        ("depth", deep.as_bytes()),
    ];
    let mut all = String::new();
    for (what, bytes) in texts {
        let result =
            detect(bytes).and_then(|format| read(bytes, format, Content::Auto, LIMIT, now()));
        writeln!(all, "{what}: {}", chain_with_hint(&result.unwrap_err())).unwrap();
    }
    let fireeye = read(b"a,b\n", Format::FireeyeCsv, Content::Auto, LIMIT, now());
    writeln!(
        all,
        "no columns: {}",
        chain_with_hint(&fireeye.unwrap_err())
    )
    .unwrap();
    let many = read(
        b"192.0.2.1-192.0.2.9\n",
        Format::Plain,
        Content::Auto,
        3,
        now(),
    );
    writeln!(all, "too many: {}", chain_with_hint(&many.unwrap_err())).unwrap();
    let names = read(b"{}", Format::Stix2, Content::Names, LIMIT, now());
    writeln!(all, "names: {}", chain_with_hint(&names.unwrap_err())).unwrap();
    insta::assert_snapshot!(all);
}

#[test]
fn limits_the_depth_of_documents() {
    let text = format!("<STIX_Package>{}", "<a>".repeat(300));
    let error = read(text.as_bytes(), Format::Stix1, Content::Auto, LIMIT, now()).unwrap_err();
    assert!(matches!(error, FormatError::Xml { .. }), "{error}");
    let text = format!("{{\"objects\": {}", "[".repeat(10_000));
    assert!(read(text.as_bytes(), Format::Stix2, Content::Auto, LIMIT, now()).is_err());
}

#[test]
fn content_skips_other_types() {
    let bundle = file("bundle.json");
    let only = |content| {
        let reading = read(&bundle, Format::Stix2, content, LIMIT, now()).unwrap();
        reading.entries.counts().to_string()
    };
    assert_eq!(only(Content::Addresses), "3 addresses");
    assert_eq!(only(Content::Domains), "2 domains");
    assert_eq!(only(Content::Hashes), "1 hashes");
    let names = b"system:admin\n# nobody\nalice@example.org\n";
    let reading = read(names, Format::Plain, Content::Names, LIMIT, now()).unwrap();
    assert_eq!(reading.entries.counts().names, 2);
}

#[test]
fn accepts_a_byte_order_mark_and_carriage_returns() {
    let text = b"\xef\xbb\xbf192.0.2.1\r\n\r\n192.0.2.2\r\n";
    assert_eq!(detect(text), Ok(Format::Plain));
    let reading = read(text, Format::Plain, Content::Auto, LIMIT, now()).unwrap();
    assert_eq!((reading.entries.counts().addresses, reading.bad), (2, 0));
    let empty = read(
        b"# nothing today\n",
        Format::Plain,
        Content::Auto,
        LIMIT,
        now(),
    )
    .unwrap();
    assert_eq!(empty.entries.counts().all(), 0);
}

#[test]
fn detects_tables_without_headers_by_their_form() {
    let formats: [(&[u8], Format); 3] = [
        (b"IPv4,192.0.2.1,x\n", Format::OtxCsv),
        (
            b"192.0.2.1, 1, 100, 2026-11-01, 2026-11-25, 80|443\n",
            Format::ProofpointCsv,
        ),
        (b"evil.example.org, a note\n", Format::Plain),
    ];
    for (bytes, format) in formats {
        assert_eq!(detect(bytes), Ok(format));
    }
}

/// Combines pieces of all formats at random.
fn nearly_lists() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..8),
        proptest::sample::select(vec![
            "{\"objects\":[",
            "{\"type\":\"indicator\",\"pattern\":\"",
            "[ipv4-addr:value = '192.0.2.1']",
            "\"}",
            "]}",
            "<STIX_Package>",
            "</STIX_Package>",
            "<Properties type=\"x:AddressObjectType\">",
            "<Address_Value condition=\"InclusiveBetween\">",
            "##comma##",
            "</Address_Value>",
            "</Properties>",
            "&amp;",
            "&#65;",
            "&x;",
            "<![CDATA[",
            "]]>",
            "192.0.2.1",
            "\n",
            "\r\n",
            ",",
            "#",
            "\"",
            "ExitAddress ",
            "Indicator type,Indicator\n",
            "ip,cidr,domain,sha256\n",
            "IPv4,",
            "/24",
            "-",
            "*.example.org",
            "ip,category,score\n",
            DIGEST,
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
    ];
    proptest::collection::vec(pieces, 0..16).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn reads_any_bytes_without_panic(bytes in nearly_lists()) {
        if let Ok(format) = detect(&bytes) {
            let _ = read(&bytes, format, Content::Auto, LIMIT, now());
        }
        for format in Format::ALL {
            if let Ok(reading) = read(&bytes, format, Content::Auto, LIMIT, now()) {
                prop_assert!(reading.entries.counts().all() <= LIMIT);
                prop_assert!(reading.bad_lines.len() <= reading.bad);
            }
        }
    }
}
