#!/usr/bin/env bash
# Replays a recorded attack into a log that a host follows. Meanwhile a detector is
# dropped into the plugin directory, and later replaced by a newer version. At the end
# every event must have been judged exactly once.
#
# `make demo` builds what it needs and runs it.
set -euo pipefail
cd "$(dirname "$0")/.."

ROOT=$PWD
WARDLINE=$ROOT/target/release/wardline
DETECTORS=$ROOT/target/detectors
LOG=$ROOT/tests/data/attack.ndjson
PACE=${PACE:-0.05} # seconds between two events

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }

# The newer version: the same detector with another version number.
newer_version() {
    local crate=$ROOT/target/demo/exec-in-kube-system
    rm -rf "$crate"
    mkdir -p "$crate"
    cp -r plugins/exec-in-kube-system/src "$crate/src"
    cat >"$crate/Cargo.toml" <<TOML
[package]
name = "exec-in-kube-system"
version = "0.2.0"
edition = "2024"

[lib]
# Another name than that of the older version: both are compiled in one target directory.
name = "newer_exec_in_kube_system"
crate-type = ["cdylib", "rlib"]

[dependencies]
wardline-sdk = { path = "$ROOT/sdk/rust" }

[workspace]
TOML
    cp Cargo.lock "$crate/Cargo.lock"
    CARGO_TARGET_DIR=$ROOT/target "$WARDLINE" plugin build --output "$ROOT/target/demo/newer" "$crate" >&2
}

say "Building a newer version of one detector, for later"
newer_version

DEMO=$(mktemp -d)
trap 'kill "$HOST" 2>/dev/null || true; rm -rf "$DEMO"' EXIT
HOST=
mkdir "$DEMO/plugins"
touch "$DEMO/audit.log" "$DEMO/host.log"
cat >"$DEMO/wardline.toml" <<'TOML'
[plugins]
directory = "plugins"

[log]
format = "human"

[[source]]
type = "file"
name = "audit"
path = "audit.log"

[[sink]]
type = "file"
path = "findings.jsonl"

[[sink]]
type = "stdout"
format = "text"
TOML
for detector in "$DETECTORS"/*.wasm; do
    case $detector in
    */exec-in-kube-system.wasm) ;; # dropped in later
    *) cp "$detector" "$DEMO/plugins/" ;;
    esac
done

ask() { (cd "$DEMO" && "$WARDLINE" "$@"); }

wait_for() { # detector version
    for _ in $(seq 100); do
        if ask plugins list 2>/dev/null | grep -Eq "active +$1 +$2"; then return; fi
        sleep 0.1
    done
    echo "$1 $2 was not put to work" >&2
    ask plugins list >&2
    exit 1
}

say "Starting the host with four detectors"
(cd "$DEMO" && exec "$WARDLINE" run --config wardline.toml) 2>"$DEMO/host.log" &
HOST=$!
tail -n +1 --pid="$HOST" -f "$DEMO/host.log" | sed -u -E 's/digest=([0-9a-f]{12})[0-9a-f]*/digest=\1/' &
wait_for secret-access 0.1.0
ask plugins list

# The scenes in which commands are run in kube-system lie between these lines.
FIRST=$(grep -n '/kube-system/pods/coredns-[^/]*/exec' "$LOG" | head -1 | cut -d: -f1)
SECOND=$(grep -n '/kube-system/pods/kube-proxy-[^/]*/exec' "$LOG" | head -1 | cut -d: -f1)

say "Replaying $(wc -l <"$LOG") events of a recorded attack"
number=0
while IFS= read -r line; do
    number=$((number + 1))
    if [ "$number" -eq $((FIRST - 1)) ]; then
        say "Event $number: dropping exec-in-kube-system.wasm into the directory, while events flow"
        cp "$DETECTORS/exec-in-kube-system.wasm" "$DEMO/plugins/.part"
        mv "$DEMO/plugins/.part" "$DEMO/plugins/exec-in-kube-system.wasm"
        wait_for exec-in-kube-system 0.1.0
    fi
    if [ "$number" -eq $((SECOND - 1)) ]; then
        say "Event $number: replacing it by version 0.2.0"
        cp "$ROOT/target/demo/newer/exec-in-kube-system.wasm" "$DEMO/plugins/.part"
        mv "$DEMO/plugins/.part" "$DEMO/plugins/exec-in-kube-system.wasm"
        wait_for exec-in-kube-system 0.2.0
    fi
    printf '%s\n' "$line" >>"$DEMO/audit.log"
    if [ $((number % 10)) -eq 0 ]; then
        printf '\033[2m%4d  %s\033[0m\n' "$number" \
            "$(sed -E 's/.*"requestURI":"([^"]{0,70})[^"]*","verb":"([^"]*)".*"username":"([^"]*)".*/\2 \1 by \3/; t; s/.*/.../' <<<"$line" | head -1 | cut -c1-110)"
    fi
    sleep "$PACE"
done <"$LOG"

# Until the numbers stand still.
before= after=-
while [ "$before" != "$after" ]; do
    sleep 1
    before=$after after=$(ask status)
done

say "What the host did"
ask status
ask plugins list
kill -TERM "$HOST"
wait "$HOST" || true

say "What was found"
grep -oE '"type":"[^"]*","severity":\{"label":"[^"]*"' "$DEMO/findings.jsonl" |
    sed -E 's/"type":"([^"]*)".*"label":"([^"]*)"/\2  \1/' | sort | uniq -c

# The same events judged at once, by the same detectors.
say "Nothing was lost or judged twice"
cp "$DETECTORS"/*.wasm "$DEMO/plugins/"
ids() { grep -oE '^\{"id":"[^"]*"' "$1" | sort; }
"$WARDLINE" scan --plugins "$DEMO/plugins" "$LOG" >"$DEMO/scan.jsonl" 2>/dev/null
if diff <(ids "$DEMO/findings.jsonl") <(ids "$DEMO/scan.jsonl"); then
    echo "The host raised the $(grep -c . "$DEMO/findings.jsonl") findings that a scan of the whole log raises, each once."
else
    echo "The findings differ from those of a scan." >&2
    exit 1
fi
