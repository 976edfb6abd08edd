//! The real binary, `wardline run`, with a webhook whose senders want to keep others out, or post for
//! clusters that are not theirs.

use std::fs;
use std::io::Write;
use std::net::TcpStream;

use crate::support::host::{Host, eventually};
use crate::support::judged::judged_lenient;
use crate::support::sender::{Sender, free_port};
use crate::support::{detector, event};

const FIRST: &str = "first-0123456789abcdef";
const SECOND: &str = "second-0123456789abcdef";

fn open(limits: &str, tokens: &str) -> (Host, u16) {
    let port = free_port();
    let host = Host::with(&format!(
        "[log]\nformat = \"json\"\n[plugins]\ndefaults = false\ndirectory = \"plugins\"\n\
         [[source]]\ntype = \"webhook\"\nlisten = \"127.0.0.1:{port}\"\ntoken-file = \"tokens\"\n\
         [[sink]]\ntype = \"file\"\npath = \"findings.jsonl\"\n[webhook]\n{limits}"
    ));
    host.install(&detector("tests/detectors/witness"), "witness");
    fs::write(host.path("tokens"), tokens).unwrap();
    (host, port)
}

fn list(number: u64) -> Vec<u8> {
    let event = event(number, "bob", "get", "pods");
    format!("{{\"kind\":\"EventList\",\"apiVersion\":\"audit.k8s.io/v1\",\"items\":[{event}]}}")
        .into_bytes()
}

fn connect(port: u16, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.write_all(text.as_bytes()).unwrap();
    stream
}

#[test]
fn connections_without_credentials_keep_nobody_out() {
    // The time is longer than any test: nothing but the budget helps.
    let (mut host, port) = open(
        "connections = 8\nheader-time = \"10min\"\nidle-time = \"10min\"\n",
        FIRST,
    );
    host.start();
    let sender = Sender::plain(port).token(FIRST);
    let mut held = Vec::new();
    for round in 1..=4 {
        for _ in 0..20 {
            held.push(connect(port, ""));
            held.push(connect(port, "GET /healthz HTTP/1.1\r\nHost: wardline\r\n"));
            held.push(connect(
                port,
                "GET /healthz HTTP/1.1\r\nHost: wardline\r\n\r\n",
            ));
        }
        sender.deliver("/", &list(round));
        let health = sender.request("GET /healthz", &[], b"").unwrap();
        assert_eq!(health.code, 200);
    }
    eventually("all are judged", || {
        judged_lenient(&host.findings()).len() == 4
    });
    assert_eq!(host.stop(), Some(0), "{}", host.log());
}

#[test]
fn slow_bodies_of_one_token_keep_no_other_out() {
    let (mut host, port) = open(
        "body-limit = \"64KiB\"\nqueue-limit = \"1MiB\"\nbody-time = \"10min\"\n",
        &format!("{FIRST}\n{SECOND}\n"),
    );
    host.start();
    let head = format!(
        "POST / HTTP/1.1\r\nHost: wardline\r\nAuthorization: Bearer {FIRST}\r\nContent-Type: application/json\r\n"
    );
    // Bodies that never end: some have begun, some are almost there.
    let (small, large) = ("x".repeat(10), "x".repeat(60_000));
    let held: Vec<TcpStream> = (0..12)
        .map(|number| {
            let text = if number % 2 == 0 { &small } else { &large };
            let chunk = format!("{:x}\r\n{text}\r\n", text.len());
            connect(
                port,
                &format!("{head}Transfer-Encoding: chunked\r\n\r\n{chunk}"),
            )
        })
        .chain(
            (0..12).map(|_| connect(port, &format!("{head}Content-Length: 65000\r\n\r\n{large}"))),
        )
        .collect();
    let other = Sender::plain(port).token(SECOND);
    for number in 1..=5 {
        other.deliver("/", &list(number));
    }
    drop(held);
    assert_eq!(host.stop(), Some(0), "{}", host.log());
}

#[test]
fn token_posts_only_for_its_clusters() {
    let (mut host, port) = open("", &format!("{FIRST} east west\n{SECOND}\n"));
    host.start();
    let bound = Sender::plain(port).token(FIRST);
    bound.deliver("/east", &list(1));
    bound.deliver("/west", &list(1));
    for path in ["/north", "/"] {
        let answer = bound.post(path, &list(2)).unwrap();
        assert_eq!(answer.code, 403, "{path}: {answer:?}");
    }
    // An envelope could name any cluster.
    let envelope = b"{\"logGroup\":\"/aws/eks/north/cluster\",\"logEvents\":[]}";
    assert_eq!(bound.post("/east", envelope).unwrap().code, 400);
    Sender::plain(port)
        .token(SECOND)
        .deliver("/north", &list(1));
    eventually("three are judged", || host.status()["events"] == 3);
    assert_eq!(host.status()["rejected"], serde_json::json!({}));
    assert_eq!(host.stop(), Some(0), "{}", host.log());
}
