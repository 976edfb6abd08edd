use std::path::Path;

use proptest::prelude::*;

use super::Config;

fn error(text: &str) -> String {
    let error = Config::parse(text, "wardline.toml", Path::new("/etc")).unwrap_err();
    wardline_error::chain_with_hint(&error)
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
    assert!(config.sinks[0].suppressed);
}

proptest! {
    #[test]
    fn any_text_gives_a_configuration_or_an_error(text in "(\\[(host|limits|api)\\]\n)?([a-z-]{1,12} = [0-9a-z\"\\[\\]]{0,9}\n){0,4}.{0,20}") {
        let _ = Config::parse(&text, "a", Path::new(""));
    }
}
