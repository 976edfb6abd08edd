#!/usr/bin/env bash
# Replays a recorded attack into a log that a host follows. One of the built-in detectors is turned
# off at first. Meanwhile, it is copied into the plugin directory and later replaced by a newer
# version. At the end, every event must have been judged exactly once.
#
# `make demo` builds what it needs and runs it.
set -euo pipefail
cd "$(dirname "$0")/.."

ROOT=$PWD
WARDLINE=$ROOT/target/release/wardline
LOG=$ROOT/tests/data/attack.ndjson
PACE=${PACE:-0.05} # seconds between two events

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }

# The newer version: the same detector with another version number.
newer_version() {
    local crate=$ROOT/target/demo/pod-exec
    rm -rf "$crate"
    mkdir -p "$crate"
    cp -r plugins/pod-exec/src "$crate/src"
    cat >"$crate/Cargo.toml" <<TOML
[package]
name = "pod-exec"
version = "0.2.0"
edition = "2024"

[lib]
# Differs from the name of the older version, since both share one target directory.
name = "newer_pod_exec"
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
echo 'enabled = false' >"$DEMO/plugins/pod-exec.toml"
"$WARDLINE" plugins export "$DEMO/detectors" >&2

ask() { (cd "$DEMO" && "$WARDLINE" "$@"); }

wait_for() { # detector version
    for _ in $(seq 600); do
        if ask plugins list 2>/dev/null | grep -Eq "active +$1 +$2"; then return; fi
        sleep 0.1
    done
    echo "$1 $2 did not become active" >&2
    ask plugins list >&2
    exit 1
}

say "Starting the host with all detectors but one"
(cd "$DEMO" && exec "$WARDLINE" run --config wardline.toml) 2>"$DEMO/host.log" &
HOST=$!
tail -n +1 --pid="$HOST" -f "$DEMO/host.log" | sed -u -E 's/digest=([0-9a-f]{12})[0-9a-f]*/digest=\1/' &
wait_for suspicious-workloads 0.1.0
ask plugins list

# The scenes with commands in kube-system lie between these lines.
FIRST=$(grep -n '/kube-system/pods/coredns-[^/]*/exec' "$LOG" | head -1 | cut -d: -f1)
SECOND=$(grep -n '/kube-system/pods/kube-proxy-[^/]*/exec' "$LOG" | head -1 | cut -d: -f1)

say "Replaying $(wc -l <"$LOG") events of a recorded attack"
number=0
while IFS= read -r line; do
    number=$((number + 1))
    if [ "$number" -eq $((FIRST - 1)) ]; then
        say "Event $number: adding pod-exec.wasm to the directory while events flow"
        cp "$DEMO/detectors/pod-exec.wasm" "$DEMO/plugins/.part"
        mv "$DEMO/plugins/.part" "$DEMO/plugins/pod-exec.wasm"
        rm "$DEMO/plugins/pod-exec.toml"
        wait_for pod-exec 0.1.0
    fi
    if [ "$number" -eq $((SECOND - 1)) ]; then
        say "Event $number: replacing it with version 0.2.0"
        cp "$ROOT/target/demo/newer/pod-exec.wasm" "$DEMO/plugins/.part"
        mv "$DEMO/plugins/.part" "$DEMO/plugins/pod-exec.wasm"
        wait_for pod-exec 0.2.0
    fi
    printf '%s\n' "$line" >>"$DEMO/audit.log"
    if [ $((number % 10)) -eq 0 ]; then
        printf '\033[2m%4d  %s\033[0m\n' "$number" \
            "$(sed -E 's/.*"requestURI":"([^"]{0,70})[^"]*","verb":"([^"]*)".*"username":"([^"]*)".*/\2 \1 by \3/; t; s/.*/.../' <<<"$line" | head -1 | cut -c1-110)"
    fi
    sleep "$PACE"
done <"$LOG"

# Waits until the numbers no longer change.
before= after=-
while [ "$before" != "$after" ]; do
    sleep 1
    before=$after after=$(ask status)
done

say "Status of the host"
ask status
ask plugins list
kill -TERM "$HOST"
wait "$HOST" || true

say "Findings"
grep -oE '"type":"[^"]*","severity":\{"label":"[^"]*"' "$DEMO/findings.jsonl" |
    sed -E 's/"type":"([^"]*)".*"label":"([^"]*)"/\2  \1/' | sort | uniq -c

# A scan judges the same events with the same detectors. A finding that recurs is written
# again with a higher count, so only the last line of each finding is compared.
say "Comparing with a scan: nothing was lost or judged twice"
counts() {
    sed -nE 's/^\{"schema_version":"[^"]*","id":"([^"]*)".*"status":"active","count":([0-9]+),.*/\1 \2/p' "$1" |
        awk '{ last[$1] = $2 } END { for (id in last) print id, last[id] }' | sort
}
"$WARDLINE" scan "$LOG" >"$DEMO/scan.jsonl" 2>/dev/null
counts "$DEMO/scan.jsonl" >"$DEMO/expected"
if [ -s "$DEMO/expected" ] && diff <(counts "$DEMO/findings.jsonl") "$DEMO/expected"; then
    echo "The host raised the same $(grep -c . "$DEMO/expected") findings as a scan of the whole log, with equal counts."
else
    echo "The findings differ from those of a scan." >&2
    exit 1
fi
