//! The real binary, `wardline run`, with a webhook: authentication, refusals, and delivery of
//! everything that was acknowledged.

use std::fs;
use std::io::Write;
use std::ops::RangeInclusive;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use serde_json::Value;

use crate::support::authority::Authority;
use crate::support::host::{Host, eventually};
use crate::support::judged::{assert_each_once, judged, judged_lenient};
use crate::support::sender::{Answer, Sender, free_port};
use crate::support::{audit_id, data, detector, event, evidence, lines, run};

const TOKEN: &str = "first-0123456789abcdef";

/// A list as an API server sends it: its items have neither `kind` nor `apiVersion`.
fn list(numbers: RangeInclusive<u64>) -> Vec<u8> {
    let items: Vec<Value> = numbers
        .map(|number| {
            let mut event: Value =
                serde_json::from_str(&event(number, "bob", "get", "pods")).unwrap();
            let members = event.as_object_mut().unwrap();
            members.remove("kind");
            members.remove("apiVersion");
            event
        })
        .collect();
    let list = serde_json::json!({
        "kind": "EventList",
        "apiVersion": "audit.k8s.io/v1",
        "metadata": {},
        "items": items,
    });
    format!("{list}\n").into_bytes()
}

fn config(port: u16, source: &str, rest: &str) -> String {
    format!(
        r#"
[log]
format = "json"
[decode]
dead-letter = "dead.ndjson"
[plugins]
defaults = false
directory = "plugins"
[[source]]
type = "webhook"
name = "hook"
listen = "127.0.0.1:{port}"
path = "/k8s/audit"
{source}
{rest}
"#
    )
}

const SINK: &str = "[[sink]]\ntype = \"file\"\npath = \"findings.jsonl\"\n";

/// A host with an unauthenticated webhook on loopback and the detector `witness`.
fn open_host(rest: &str) -> (Host, Sender) {
    let port = free_port();
    let cluster = "cluster = \"lab\"";
    let host = Host::with(&config(port, cluster, &format!("{rest}{SINK}")));
    host.install(&detector("tests/detectors/witness"), "witness");
    (host, Sender::plain(port))
}

#[test]
fn acknowledged_events_are_judged_once() {
    let (mut host, sender) = open_host("");
    host.start();
    sender.deliver("/k8s/audit/lab", &list(1..=5));
    // A retry after a lost response, and the same events from another API server of the cluster.
    sender.deliver("/k8s/audit/lab", &list(1..=5));
    sender.deliver("/k8s/audit/lab", &list(3..=7));
    sender.deliver("/k8s/audit", &list(8..=8));
    eventually("all are judged", || judged(&host.findings()).0.len() == 8);
    eventually("repeats are counted", || host.status()["duplicates"] == 3);
    assert_eq!(host.status()["events"], 8);
    let repeated = "wardline_webhook_bodies_repeated_total{source=\"hook\"} 1";
    assert!(host.get("/metrics").contains(repeated));
    assert_eq!(host.stop(), Some(0), "{}", host.log());
    // A retry may come after a restart.
    host.start();
    sender.deliver("/k8s/audit/lab", &list(1..=9));
    eventually("the new one is judged", || {
        judged(&host.findings()).0.len() == 9
    });
    eventually("repeats are counted", || host.status()["duplicates"] == 8);
    host.stop();
    assert_each_once(&host.findings(), 9);
    let text = fs::read_to_string(host.findings()).unwrap();
    let sources: Vec<(String, u64)> = lines(&text)
        .iter()
        .map(|finding| &finding["source"])
        .map(|source| {
            (
                source["name"].as_str().unwrap().to_owned(),
                source["line"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(sources[0], ("hook/lab".to_owned(), 1));
    assert_eq!(sources[6], ("hook/lab".to_owned(), 2));
    assert_eq!(sources[7], ("hook".to_owned(), 3));
    assert_eq!(sources[8], ("hook/lab".to_owned(), 4), "it counts on");
}

#[test]
fn cluster_of_the_path_keeps_events_apart() {
    let (mut host, sender) = open_host("");
    host.start();
    for path in ["/k8s/audit/east", "/k8s/audit/west", "/k8s/audit"] {
        sender.deliver(path, &list(1..=3));
    }
    eventually("all are judged", || host.status()["findings"] == 9);
    assert_eq!(host.status()["duplicates"], 0);
    assert_eq!(host.stop(), Some(0), "{}", host.log());
    let text = fs::read_to_string(host.findings()).unwrap();
    let mut seen: Vec<(String, String)> = lines(&text)
        .iter()
        .map(|finding| {
            let cluster = finding["cluster"].as_str().unwrap().to_owned();
            (cluster, evidence(finding, "count").to_owned())
        })
        .collect();
    seen.sort();
    let expected: Vec<(String, String)> = ["east", "lab", "west"]
        .iter()
        .flat_map(|cluster| (1..=3).map(move |count| (cluster.to_string(), count.to_string())))
        .collect();
    assert_eq!(seen, expected, "the state of each cluster is its own");
}

/// Requests of a real kube-apiserver, byte for byte.
#[test]
fn recorded_requests_are_accepted() {
    let (mut host, sender) = open_host("");
    host.start();
    let (mut ids, mut posts) = (0, Vec::new());
    for name in ["00020", "00200"] {
        let file = |kind: &str| fs::read(data(&format!("webhook/{name}.{kind}"))).unwrap();
        let (head, body) = (file("headers"), file("body"));
        let list: Value = serde_json::from_slice(&body).unwrap();
        ids += list["items"].as_array().unwrap().len() as u64;
        let head = String::from_utf8(head).unwrap();
        let head: Vec<&str> = head.lines().filter(|line| !line.is_empty()).collect();
        posts.push((head.join("\r\n"), body));
    }
    // On one connection, as an API server sends them; only the last one closes it.
    let mut bytes = Vec::new();
    for (index, (head, body)) in posts.iter().enumerate() {
        let close = ["", "\r\nConnection: close"][usize::from(index + 1 == posts.len())];
        bytes.extend(format!("{head}{close}\r\n\r\n").into_bytes());
        bytes.extend_from_slice(body);
    }
    let answer = sender.raw(&bytes).unwrap();
    assert_eq!(answer.code, 200, "{answer:?}");
    assert!(answer.text.contains("HTTP/1.1 200 OK"), "{answer:?}");
    assert_eq!(ids, 17);
    eventually("all are judged", || host.status()["events"] == ids);
    let status = host.status();
    assert_eq!(status["rejected"], serde_json::json!({}), "{status}");
    assert_eq!(status["duplicates"], 0);
    assert_eq!(judged(&host.findings()).0.len() as u64, ids);
    host.stop();
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn what_is_refused_is_told_why() {
    let port = free_port();
    let limits = "[webhook]\nbody-limit = \"64KiB\"\n";
    let mut host = Host::with(&config(
        port,
        "token-file = \"tokens\"",
        &format!("{limits}{SINK}"),
    ));
    host.install(&detector("tests/detectors/witness"), "witness");
    fs::write(host.path("tokens"), format!("{TOKEN}\n")).unwrap();
    host.start();
    let nobody = Sender::plain(port);
    let sender = nobody.clone().token(TOKEN);
    let one = list(1..=1);
    let json = "Content-Type: application/json";
    let length = |body: &[u8]| format!("Content-Length: {}", body.len());
    let cut = &one[..one.len() - 20];
    let post = "POST /k8s/audit/lab";
    let of = |kind: &str| format!("{{\"kind\":\"{kind}\"}}").into_bytes();
    let bomb = gzip(&vec![b' '; 10 << 20]);
    let chunked = {
        let spaces = " ".repeat(70_000);
        format!("{:x}\r\n{spaces}\r\n", spaces.len()).into_bytes()
    };
    let mut told = Vec::new();
    let mut tell = |what: &str, answer: std::io::Result<Answer>| {
        let answer = answer.unwrap_or_else(|error| panic!("{what}: {error}"));
        let retry = answer
            .header("retry-after")
            .map(|after| format!(" (retry after {after})"));
        told.push(format!(
            "{what}: {}{} {}",
            answer.code,
            retry.unwrap_or_default(),
            answer.text.trim_end()
        ));
    };
    tell("another path", sender.post("/audit", &one));
    tell("two names", sender.post("/k8s/audit/a/b", &one));
    tell(
        "another method",
        sender.request("GET /k8s/audit/lab", &[], b""),
    );
    tell("no token", nobody.post("/k8s/audit/lab", &one));
    tell(
        "another token",
        nobody
            .clone()
            .token("guess-0123456789abcdef")
            .post("/k8s/audit/lab", &one),
    );
    tell(
        "no content type",
        sender.request(post, &[&length(&one)], &one),
    );
    tell(
        "another content type",
        sender.request(
            post,
            &["Content-Type: application/yaml", &length(&one)],
            &one,
        ),
    );
    tell(
        "another coding",
        sender.request(post, &[json, "Content-Encoding: zstd", &length(&one)], &one),
    );
    tell(
        "not what its coding says",
        sender.request(post, &[json, "Content-Encoding: gzip", &length(&one)], &one),
    );
    tell(
        "announced too large",
        sender.request(post, &[json, "Content-Length: 65537"], b""),
    );
    tell(
        "too large in chunks",
        sender.request(post, &[json, "Transfer-Encoding: chunked"], &chunked),
    );
    tell(
        "too large when unpacked",
        sender.request(
            post,
            &[json, "Content-Encoding: gzip", &length(&bomb)],
            &bomb,
        ),
    );
    tell("empty", sender.post("/k8s/audit/lab", b""));
    tell("cut off", sender.post("/k8s/audit/lab", cut));
    tell("an array", sender.post("/k8s/audit/lab", b"[]"));
    tell(
        "another kind",
        sender.post("/k8s/audit/lab", &of("PodList")),
    );
    tell(
        "another kind that steers a terminal",
        sender.post("/k8s/audit/lab", &of("\\u001b[31m")),
    );
    tell("no kind", sender.post("/k8s/audit/lab", b"{\"items\":[]}"));
    tell(
        "items that are none",
        sender.post("/k8s/audit/lab", b"{\"kind\":\"EventList\",\"items\":{}}"),
    );
    tell("not JSON", sender.post("/k8s/audit/lab", b"\xff\xfe\x00"));
    tell(
        "an empty list",
        sender.post("/k8s/audit/lab", b"{\"kind\":\"EventList\",\"items\":[]}"),
    );
    tell(
        "packed",
        sender.request(
            post,
            &[json, "Content-Encoding: gzip", &length(&gzip(&list(2..=2)))],
            &gzip(&list(2..=2)),
        ),
    );
    tell(
        "one event",
        sender.post("/k8s/audit/lab", event(3, "bob", "get", "pods").as_bytes()),
    );
    tell("health", nobody.request("GET /healthz", &[], b""));
    tell(
        "health that is posted",
        nobody.request("POST /healthz", &[], b""),
    );
    insta::assert_snapshot!(told.join("\n"));

    // The complete event of the truncated body is judged too.
    eventually("what was taken is judged", || {
        judged(&host.findings()).0.len() == 3
    });
    let metrics = host.get("/metrics");
    for line in [
        "wardline_webhook_requests_total{source=\"hook\",code=\"401\"} 2",
        "wardline_webhook_requests_total{source=\"hook\",code=\"413\"} 3",
        "wardline_webhook_requests_total{source=\"hook\",code=\"415\"} 3",
    ] {
        assert!(metrics.contains(line), "{line} in\n{metrics}");
    }
    host.stop();
}

#[test]
fn a_bad_item_costs_itself_and_a_broken_body_is_kept_once() {
    let (mut host, sender) = open_host("");
    host.start();
    let with_bad = String::from_utf8(list(1..=2))
        .unwrap()
        .replace("\"items\":[", "\"items\":[{\"auditID\":5},\"text\",");
    sender.deliver("/k8s/audit", with_bad.as_bytes());
    // An API server retries a refused body.
    let whole = String::from_utf8(list(3..=4)).unwrap();
    let (cut, _) = whole.rsplit_once("\"verb\"").unwrap();
    for _ in 0..5 {
        let answer = sender.post("/k8s/audit", cut.as_bytes()).unwrap();
        assert_eq!(answer.code, 400, "{answer:?}");
    }
    sender.deliver("/k8s/audit", &list(5..=5));
    eventually("what is whole is judged", || {
        judged(&host.findings()).0.contains_key(&audit_id(5))
    });
    eventually("what is not is counted", || {
        host.status()["rejected"] != serde_json::json!({})
    });
    let status = host.status();
    let rejected: u64 = status["rejected"]
        .as_object()
        .unwrap()
        .values()
        .map(|count| count.as_u64().unwrap())
        .sum();
    assert_eq!(rejected, 3, "{status}");
    host.stop();
    let letters = lines(&fs::read_to_string(host.path("dead.ndjson")).unwrap());
    let said: Vec<String> = letters
        .iter()
        .map(|letter| {
            format!(
                "{} {}: {}",
                letter["source"], letter["line"], letter["reason"]
            )
        })
        .collect();
    insta::assert_snapshot!(said.join("\n"));
    let (seen, _) = judged(&host.findings());
    for number in [1, 2, 3, 5] {
        assert_eq!(seen.get(&audit_id(number)), Some(&1), "event {number}");
    }
}

#[test]
fn certificates_and_tokens_are_required_and_rotated_without_a_restart() {
    let port = free_port();
    let keys = "certificate = \"tls.crt\"\nkey = \"tls.key\"\nclient-ca = \"client-ca.crt\"\nclient-names = [\"audit\"]\ntoken-file = \"tokens\"";
    let mut host = Host::with(&config(port, keys, SINK));
    host.install(&detector("tests/detectors/witness"), "witness");
    let (authority, clients) = (Authority::new("servers"), Authority::new("clients"));
    let write = |name: &str, text: &str| fs::write(host.path(name), text).unwrap();
    let server = authority.server();
    write("tls.crt", &server.certificate);
    write("tls.key", &server.key);
    write("client-ca.crt", &clients.pem());
    write("tokens", TOKEN);
    host.start();
    let own = clients.client("audit");
    let good = Sender::tls(port, &authority.pem(), Some(&own)).token(TOKEN);
    let code = |sender: &Sender, number: u64| {
        sender
            .post("/k8s/audit/lab", &list(number..=number))
            .map(|answer| answer.code)
    };

    assert_eq!(code(&good, 1).unwrap(), 200);
    let bare = Sender::tls(port, &authority.pem(), None);
    assert_eq!(
        code(&bare.clone().token(TOKEN), 90).unwrap(),
        401,
        "no certificate"
    );
    let no_token = Sender::tls(port, &authority.pem(), Some(&own));
    assert_eq!(code(&no_token, 90).unwrap(), 401, "no token");
    let stranger = Authority::new("strangers").client("audit");
    let strange = Sender::tls(port, &authority.pem(), Some(&stranger)).token(TOKEN);
    assert!(code(&strange, 90).is_err(), "an unknown authority");
    let kubelet = clients.client("system:node:one");
    let named = Sender::tls(port, &authority.pem(), Some(&kubelet)).token(TOKEN);
    assert_eq!(code(&named, 90).unwrap(), 401, "another name");
    // The right authority, but a server certificate.
    let wrong = Sender::tls(port, &authority.pem(), Some(&clients.server())).token(TOKEN);
    assert!(code(&wrong, 90).is_err(), "a server certificate");
    assert!(code(&Sender::plain(port), 90).is_err(), "plain text");
    let health = bare.request("GET /healthz", &[], b"").unwrap();
    assert_eq!(health.code, 200, "probes have no certificate");

    // A new certificate of another authority: the old one stays until the new key is there.
    let (renewed, next) = (Authority::new("renewed"), "next-0123456789abcdef");
    let server = renewed.server();
    fs::write(host.path("tls.crt"), &server.certificate).unwrap();
    eventually("the mismatch is logged", || {
        host.log().contains("keeping the previous ones")
    });
    assert_eq!(code(&good, 2).unwrap(), 200);
    fs::write(host.path("tls.key"), &server.key).unwrap();
    let new = Sender::tls(port, &renewed.pem(), Some(&own)).token(TOKEN);
    eventually("the new certificate is shown", || code(&new, 3).is_ok());
    assert_eq!(code(&new, 3).unwrap(), 200);
    assert!(code(&good, 90).is_err(), "the old authority's is gone");

    // Both tokens, then only the new one.
    fs::write(host.path("tokens"), format!("{TOKEN}\n{next}\n")).unwrap();
    let new_token = Sender::tls(port, &renewed.pem(), Some(&own)).token(next);
    eventually("the new token is allowed", || {
        code(&new_token, 4).is_ok_and(|code| code == 200)
    });
    assert_eq!(code(&new, 5).unwrap(), 200);
    fs::write(host.path("tokens"), next).unwrap();
    eventually("the old token is not", || {
        code(&new, 5).is_ok_and(|code| code == 401)
    });
    // An empty file is refused, since it would admit nobody or everybody.
    fs::write(host.path("tokens"), "").unwrap();
    eventually("the empty file is logged", || {
        host.log().contains("the file contains no token")
    });
    assert_eq!(code(&new_token, 6).unwrap(), 200);

    // Another authority of clients.
    let others = Authority::new("others");
    fs::write(host.path("tokens"), next).unwrap();
    fs::write(host.path("client-ca.crt"), others.pem()).unwrap();
    eventually("the old clients are refused", || {
        code(&new_token, 6).is_err()
    });
    let other = Sender::tls(port, &renewed.pem(), Some(&others.client("audit"))).token(next);
    assert_eq!(code(&other, 7).unwrap(), 200);

    eventually("all are judged", || judged(&host.findings()).0.len() == 7);
    assert_eq!(host.stop(), Some(0), "{}", host.log());
    assert_each_once(&host.findings(), 7);
}

#[test]
fn failing_disk_refuses_requests_until_it_recovers() {
    // A body is larger than a file of the queue, so that each body needs a new file.
    let (mut host, sender) =
        open_host("[webhook]\nbody-limit = \"64KiB\"\nqueue-limit = \"128KiB\"\n");
    host.start();
    sender.deliver("/k8s/audit", &list(1..=20));
    eventually("it is judged", || {
        judged_lenient(&host.findings()).len() == 20
    });
    let (queue, away) = (host.path("wardline-state/webhook/hook"), host.path("away"));
    fs::rename(&queue, &away).unwrap();
    let refused = sender.post("/k8s/audit", &list(21..=40)).unwrap();
    assert_eq!(
        (refused.code, refused.header("retry-after")),
        (503, Some("5"))
    );
    let health = sender.request("GET /healthz", &[], b"").unwrap();
    assert_eq!(health.code, 503);
    fs::rename(&away, &queue).unwrap();
    eventually("health is good", || {
        sender.request("GET /healthz", &[], b"").unwrap().code == 200
    });
    sender.deliver("/k8s/audit", &list(21..=40));
    eventually("it is judged", || {
        judged_lenient(&host.findings()).len() == 40
    });
    host.stop();
    assert_each_once(&host.findings(), 40);
    assert!(host.log().contains("cannot write the queue on disk"));
}

#[test]
fn slow_client_does_not_block_others() {
    let limits = "[webhook]\nconnections = 1\nheader-time = \"300ms\"\nbody-time = \"300ms\"\n";
    let (mut host, sender) = open_host(limits);
    host.start();
    // This client holds the only connection until its time is over.
    let silent = sender.silent();
    let health = sender.request("GET /healthz", &[], b"").unwrap();
    assert_eq!(health.code, 200);
    drop(silent);
    let head = ["Content-Type: application/json", "Content-Length: 1000"];
    let slow = sender.request("POST /k8s/audit", &head, b"{").unwrap();
    assert_eq!(slow.code, 408, "{slow:?}");
    host.stop();
}

#[test]
fn full_queue_refuses_requests_until_it_has_space() {
    let limits = "[webhook]\nbody-limit = \"64KiB\"\nqueue-limit = \"128KiB\"\n";
    let (mut host, sender) = open_host(limits);
    // Nobody reads the dead-letter file, a pipe that takes 64 KiB of rejected events; then judging
    // waits, and the queue fills.
    let letters = host.path("dead.ndjson");
    let made = Command::new("mkfifo").arg(&letters).status().unwrap();
    assert!(made.success());
    host.start();
    // Bodies differ, because a repeated one is dropped.
    for filler in ["x", "y"] {
        let broken = format!(
            r#"{{"kind":"EventList","items":[{{"auditID":5,"a":"{}"}}]}}"#,
            filler.repeat(40_000)
        );
        sender.deliver("/k8s/audit", broken.as_bytes());
    }
    let mut taken = 0;
    let refused = loop {
        let answer = sender
            .post("/k8s/audit", &list(taken + 1..=taken + 5))
            .unwrap();
        if answer.code != 200 {
            break answer;
        }
        taken += 5;
        assert!(taken < 100_000, "it is never full");
    };
    assert_eq!(refused.code, 429, "{refused:?}");
    assert_eq!(refused.header("retry-after"), Some("5"));
    let health = sender.request("GET /healthz", &[], b"").unwrap();
    assert_eq!(
        (health.code, health.header("retry-after")),
        (503, Some("5"))
    );

    let reading = std::thread::spawn(move || {
        let read = fs::File::open(letters)
            .and_then(|mut letters| std::io::copy(&mut letters, &mut std::io::sink()));
        read.unwrap()
    });
    eventually("there is room", || {
        let answer = sender
            .post("/k8s/audit", &list(taken + 1..=taken + 5))
            .unwrap();
        answer.code == 200
    });
    taken += 5;
    eventually("all are judged", || {
        judged_lenient(&host.findings()).len() as u64 == taken
    });
    eventually("health is good", || {
        sender.request("GET /healthz", &[], b"").unwrap().code == 200
    });
    assert_eq!(host.stop(), Some(0), "{}", host.log());
    assert!(reading.join().unwrap() > 80_000);
    assert_each_once(&host.findings(), taken);
}

/// The number of events in a batch.
const BATCH: u64 = 5;

#[test]
fn kill_loses_nothing_that_was_acknowledged() {
    let (mut host, sender) = open_host("");
    let next = AtomicU64::new(0);
    // Batches without a response, which an API server retries.
    let unanswered: Mutex<Vec<u64>> = Mutex::default();
    let batch = |number: u64| list(number * BATCH + 1..=(number + 1) * BATCH);
    for _ in 0..4 {
        host.start();
        let before = next.load(Ordering::SeqCst);
        let dead = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    while !dead.load(Ordering::SeqCst) {
                        let again = unanswered.lock().unwrap().pop();
                        let number = again.unwrap_or_else(|| next.fetch_add(1, Ordering::SeqCst));
                        let answer = sender.post("/k8s/audit", &batch(number));
                        if !answer.is_ok_and(|answer| answer.code == 200) {
                            unanswered.lock().unwrap().push(number);
                        }
                    }
                });
            }
            // Killed while requests arrive.
            eventually("some are sent", || {
                next.load(Ordering::SeqCst) > before + 40
            });
            host.kill();
            dead.store(true, Ordering::SeqCst);
        });
    }
    host.start();
    for number in unanswered.into_inner().unwrap() {
        sender.deliver("/k8s/audit", &batch(number));
    }
    let last = next.into_inner() * BATCH;
    eventually("all are judged", || {
        judged_lenient(&host.findings()).len() as u64 == last
    });
    assert_eq!(host.stop(), Some(0), "{}", host.log());
    assert_each_once(&host.findings(), last);
    assert!(
        !host.log().contains("events may be missing"),
        "{}",
        host.log()
    );
}

#[test]
fn what_keeps_it_from_listening_is_told() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let host = Host::with(&config(port, "", SINK));
    let mut told = Vec::new();
    let mut tell = |source: &str| {
        fs::write(host.path("wardline.toml"), config(port, source, SINK)).unwrap();
        let ran = run(host.command().args(["run", "--config", "wardline.toml"]));
        assert_eq!(ran.code, Some(2), "{ran:?}");
        let error = ran.err.find("error: ").and_then(|at| ran.err.get(at..));
        let error = error.unwrap_or(&ran.err).trim_end();
        told.push(error.replace(&port.to_string(), "PORT"));
    };
    let authority = Authority::new("servers");
    let (one, other) = (authority.server(), authority.server());
    fs::write(host.path("tls.crt"), &one.certificate).unwrap();
    fs::write(host.path("tls.key"), &other.key).unwrap();
    fs::write(host.path("empty"), "").unwrap();
    tell("");
    tell("token-file = \"missing\"");
    tell("token-file = \"empty\"");
    tell("certificate = \"tls.crt\"\nkey = \"tls.key\"");
    tell("certificate = \"tls.crt\"\nkey = \"empty\"");
    tell("certificate = \"empty\"\nkey = \"tls.key\"");
    tell("certificate = \"tls.crt\"\nkey = \"tls.key\"\nclient-ca = \"empty\"");
    insta::assert_snapshot!(told.join("\n"));
}
