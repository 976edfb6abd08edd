use std::path::Path;

use proptest::prelude::*;
use wardline_finding::export::Form;
use wardline_sink::{Kind, Takes};

use super::Config;

fn error(text: &str) -> String {
    let error = Config::parse(text, "wardline.toml", Path::new("/etc")).unwrap_err();
    wardline_text::chain_with_hint(&error)
}

#[test]
fn errors_name_place_key_and_hint() {
    let texts = [
        "[host]\nthread = 2\n",
        "[hots]\n",
        "[limits]\nmemory = \"many\"\n",
        "[limits]\nbatch-time = 5\n",
        "[host]\nbatch = 0\n",
        "[host\n",
        "[plugins]\ngrants = [\"clocks\"]\n",
        "[[source]]\ntype = \"file\"\npath = \"a\"\n[[source]]\ntype = \"file\"\npath = \"a\"\n",
        "[[sink]]\ntype = \"kafka\"\n",
        "[[source]]\ntype = \"file\"\n",
        "[log]\nlevel = \"loud\"\n",
        "[[intel]]\nname = \"tor\"\nkind = \"tor\"\npath = \"tor.txt\"\n",
        "[[intel.list]]\nname = \"kind:tor\"\nkind = \"tor\"\npath = \"tor.txt\"\n",
        "[[intel.list]]\nname = \"tor\"\nkind = \"tor\"\npath = \"tor.txt\"\nformat = \"xml\"\n",
        "[[intel.list]]\nname = \"a\"\nkind = \"tor\"\npath = \"a\"\n[[intel.list]]\nname = \"b\"\nkind = \"tor\"\npath = \"a\"\n",
    ];
    let all: Vec<String> = texts.iter().map(|text| error(text)).collect();
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn printed_configuration_parses_to_the_same_values() {
    let text = "[host]\nthreads = 3\n[limits]\nmemory = 1000001\n[[source]]\ntype = \"file\"\npath = \"audit.log\"\n[intel]\ndirectory = \"lists\"\n[[intel.list]]\nname = \"tor\"\nkind = \"tor\"\nformat = \"tor-exit-addresses\"\nstale-after = \"12h\"\npath = \"tor.txt\"\n[[sink]]\ntype = \"file\"\npath = \"out\"\n";
    let config = Config::parse(text, "a", Path::new("")).unwrap();
    let again = Config::parse(&config.to_toml(), "b", Path::new("")).unwrap();
    assert_eq!(config.whole, again.whole);
    assert_eq!(again.threads, 3);
    assert_eq!(again.limits.memory, 1_000_001);
}

#[test]
fn paths_are_relative_to_the_file() {
    let config = Config::parse("", "a", Path::new("/etc/wardline")).unwrap();
    assert_eq!(config.plugin_directory, Path::new("/etc/wardline/plugins"));
    assert_eq!(
        config.socket.as_deref(),
        Some(Path::new("/etc/wardline/wardline-state/wardline.sock"))
    );
    let absolute = "[plugins]\ndirectory = \"/opt/d\"\n";
    let config = Config::parse(absolute, "a", Path::new("/etc")).unwrap();
    assert_eq!(config.plugin_directory, Path::new("/opt/d"));
}

#[test]
fn refuses_contradictory_limits_of_findings_and_rules() {
    for (text, said) in [
        (
            "[findings]\nretention = \"1m\"\n",
            "a: findings.retention: must not be shorter than `findings.update-interval`",
        ),
        (
            "[findings]\nopen-limit = 0\n",
            "a: findings.open-limit: must be at least 1",
        ),
        (
            "[findings]\nkeep-size = \"1KiB\"\n",
            "a: findings.keep-size: must be at least 1MiB",
        ),
        (
            "[findings]\nkeep-age = \"1s\"\n",
            "a: findings.keep-age: must be at least 1m",
        ),
        (
            "[suppression]\nrescan = \"0s\"\n",
            "a: suppression.rescan: must be longer than 0s",
        ),
    ] {
        let error = Config::parse(text, "a", Path::new("")).unwrap_err();
        assert_eq!(error.to_string(), said);
    }
    let config = Config::parse(
        "[suppression]\ndirectory = \"rules\"\n[[sink]]\ntype = \"file\"\npath = \"f\"\nsuppressed = true\n",
        "a",
        Path::new("/etc"),
    )
    .unwrap();
    assert_eq!(
        config.suppression.directory.as_deref(),
        Some(Path::new("/etc/rules"))
    );
    assert_eq!(
        config.suppression.archive,
        Path::new("/etc/wardline-state/suppressed.jsonl")
    );
    assert_eq!(config.sinks[0].takes, Takes::All);
}

#[test]
fn sinks_have_a_common_part_and_one_of_their_type() {
    let parse = |text: &str| Config::parse(text, "a", Path::new("/etc"));
    let config = parse("").unwrap();
    assert_eq!(config.sinks.len(), 1);
    assert_eq!(config.sinks[0].name, "stdout");
    let config = parse(
        "[[sink]]\ntype = \"file\"\npath = \"out\"\nformat = \"wardline\"\n[[sink]]\npath = \"out\"\ntype = \"file\"\nname = \"second\"\nformat = \"asff\"\nregion = \"eu\"\n",
    )
    .unwrap();
    let [first, second] = config.sinks.as_slice() else {
        panic!("{:?}", config.sinks);
    };
    assert_eq!((first.name.as_str(), first.form), ("out", Form::Jsonl));
    assert_eq!((second.name.as_str(), second.form), ("second", Form::Asff));
    assert_eq!(second.place.region, "eu");
    let path = Path::new("/etc/out").to_owned();
    assert!(matches!(&second.kind, Kind::File(file) if file.path == path));
    for (text, said) in [
        ("path = \"a\"", "a:1:1: missing field `type`"),
        ("type = \"file\"", "a:1:1: missing field `path`"),
        (
            "type = \"file\"\npath = \"a\"\nsuppresed = true",
            "a:1:1: unknown key `suppresed` (did you mean `suppressed`?)",
        ),
        (
            "type = \"stdout\"\npath = \"a\"",
            "a:1:1: unknown key `path` (expected one of: type, name, format, suppressed, account, region)",
        ),
        (
            "type = \"file\"\npath = \"\"",
            "a: sink.path: must not be empty",
        ),
        (
            "type = \"stdout\"\nname = \"suppressed-archive\"",
            "a: sink.name: must not be empty or `suppressed-archive`",
        ),
        (
            "type = \"stdout\"\n[[sink]]\ntype = \"stdout\"",
            "a: sink.name: `stdout` is used twice",
        ),
        (
            "type = \"stdout\"\nformat = \"xml\"",
            "a:3:10: unknown variant `xml`, expected one of `jsonl`, `text`, `guardduty`, `asff`, `ocsf`, `csv`",
        ),
    ] {
        let error = parse(&format!("[[sink]]\n{text}\n")).unwrap_err();
        assert_eq!(wardline_text::chain_with_hint(&error), said);
    }
}

proptest! {
    #[test]
    fn any_text_gives_a_configuration_or_an_error(text in "(\\[(host|limits|api)\\]\n)?([a-z-]{1,12} = [0-9a-z\"\\[\\]]{0,9}\n){0,4}.{0,20}") {
        let _ = Config::parse(&text, "a", Path::new(""));
    }
}
