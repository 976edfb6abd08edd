//! A running host in its own folder.

use std::fs::{self, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{run, wardline};

/// Waits until a condition holds. The timeout only bounds how long a broken test hangs.
pub fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(120);
    while !is_so() {
        assert!(Instant::now() < end, "timed out waiting until {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

const CONFIG: &str = r#"
[log]
format = "json"

[plugins]
defaults = false
directory = "plugins"
rescan = "100ms"

[[source]]
type = "file"
name = "audit"
path = "audit.log"

[[sink]]
type = "file"
path = "findings.jsonl"
"#;

pub struct Host {
    folder: tempfile::TempDir,
    child: Option<Child>,
}

impl Host {
    pub fn new() -> Self {
        Self::with(CONFIG)
    }

    pub fn with(config: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("wardline.toml"), config).unwrap();
        fs::create_dir(folder.path().join("plugins")).unwrap();
        if config.contains("path = \"audit.log\"") {
            fs::write(folder.path().join("audit.log"), "").unwrap();
        }
        Self {
            folder,
            child: None,
        }
    }

    /// Adds sections to the configuration.
    pub fn configure(&self, text: &str) {
        let mut file = OpenOptions::new()
            .append(true)
            .open(self.path("wardline.toml"))
            .unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn plugins(&self) -> PathBuf {
        self.path("plugins")
    }

    pub fn findings(&self) -> PathBuf {
        self.path("findings.jsonl")
    }

    pub fn command(&self) -> Command {
        let mut command = wardline();
        command.current_dir(self.folder.path());
        command
    }

    /// Starts the host and waits until it is ready.
    pub fn start(&mut self) {
        self.start_with(Stdio::null());
    }

    /// The host's standard output, if it was started with a pipe.
    pub fn stdout(&mut self) -> ChildStdout {
        self.child.as_mut().unwrap().stdout.take().unwrap()
    }

    /// Starts the host like [`Self::start`], with this standard output.
    pub fn start_with(&mut self, stdout: Stdio) {
        let mut command = self.command();
        command.args(["run", "--config", "wardline.toml"]);
        self.spawn(command.stdout(stdout));
    }

    /// Starts the host with a limit on the size of its files, in bytes.
    pub fn start_limited(&mut self, bytes: usize) {
        let script = "ulimit -f \"$1\"; exec \"$0\" run --config wardline.toml";
        let mut command = Command::new("sh");
        command
            .current_dir(self.folder.path())
            .args(["-c", script])
            .arg(self.command().get_program())
            // POSIX counts blocks of 512 bytes.
            .arg((bytes / 512).to_string());
        self.spawn(command.stdout(Stdio::null()));
    }

    fn spawn(&mut self, command: &mut Command) {
        let log = OpenOptions::new()
            .append(true)
            .create(true)
            .open(self.path("log"))
            .unwrap();
        let child = command.stdin(Stdio::null()).stderr(log).spawn().unwrap();
        self.child = Some(child);
        eventually("the host is ready, or has no detectors", || {
            self.assert_runs();
            self.try_get("/readyz").is_some_and(|answer| {
                answer.starts_with("HTTP/1.1 200") || answer.contains("no detector judges events")
            })
        });
    }

    /// Starts the host without waiting for anything.
    pub fn launch(&mut self) {
        let log = OpenOptions::new()
            .append(true)
            .create(true)
            .open(self.path("log"))
            .unwrap();
        let child = self
            .command()
            .args(["run", "--config", "wardline.toml"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        self.child = Some(child);
    }

    /// Asserts that the host has not ended.
    pub fn assert_runs(&mut self) {
        if let Some(status) = self.child.as_mut().unwrap().try_wait().unwrap() {
            panic!("the host ended with {status}: {}", self.log());
        }
    }

    /// The answer to a readiness probe: whether the host is ready, and the reasons why not.
    pub fn readiness(&self) -> (bool, String) {
        let answer = self.try_get("/readyz").unwrap_or_default();
        let text = answer.split("\r\n\r\n").nth(1).unwrap_or_default();
        (answer.starts_with("HTTP/1.1 200"), text.to_owned())
    }

    /// Sends a signal to the host.
    pub fn signal(&self, name: &str) {
        let id = self.child.as_ref().unwrap().id();
        // The shell's builtin, since not every machine has a program `kill`.
        let status = Command::new("sh")
            .args(["-c", &format!("kill -{name} {id}")])
            .status()
            .unwrap();
        assert!(status.success());
    }

    /// Stops the host and returns its exit code.
    pub fn stop(&mut self) -> Option<i32> {
        self.signal("TERM");
        self.child.take().unwrap().wait().unwrap().code()
    }

    /// Waits until the host ends by itself, and returns its exit code.
    pub fn ended(&mut self) -> Option<i32> {
        self.child.take().unwrap().wait().unwrap().code()
    }

    pub fn kill(&mut self) {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    /// Adds a line to the audit log.
    pub fn write(&self, line: &str) {
        let mut file = OpenOptions::new()
            .append(true)
            .create(true)
            .open(self.path("audit.log"))
            .unwrap();
        file.write_all(format!("{line}\n").as_bytes()).unwrap();
    }

    pub fn rotate(&self, name: &str) {
        fs::rename(self.path("audit.log"), self.path(name)).unwrap();
    }

    pub fn install(&self, file: &Path, name: &str) {
        fs::copy(file, self.plugins().join(name).with_extension("wasm")).unwrap();
    }

    pub fn settings(&self, name: &str, text: &str) {
        fs::write(self.plugins().join(name).with_extension("toml"), text).unwrap();
    }

    /// The response to a GET, with its head.
    fn try_get(&self, path: &str) -> Option<String> {
        let mut stream = UnixStream::connect(self.path("wardline-state/wardline.sock")).ok()?;
        stream
            .write_all(
                format!("GET {path} HTTP/1.1\r\nHost: wardline\r\nConnection: close\r\n\r\n")
                    .as_bytes(),
            )
            .ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        Some(answer)
    }

    pub fn get(&self, path: &str) -> String {
        self.try_get(path).unwrap()
    }

    /// The output of a command that queries the host.
    pub fn ask(&self, arguments: &[&str]) -> String {
        let ran = run(self.command().args(arguments));
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        ran.out
    }

    pub fn files(&self) -> Vec<Value> {
        let list: Value = serde_json::from_str(&self.ask(&["plugins", "list", "--json"])).unwrap();
        list["plugins"]
            .as_array()
            .cloned()
            .unwrap_or_else(|| panic!("{list}"))
    }

    /// The host's totals.
    pub fn status(&self) -> Value {
        self.report()["ledger"].clone()
    }

    /// The whole response of the API about the host's status.
    pub fn report(&self) -> Value {
        let answer = self.get("/v1/status");
        let body = answer.split("\r\n\r\n").nth(1).unwrap();
        serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}"))
    }

    pub fn wait_for(&self, name: &str, state: &str) {
        eventually(&format!("{name} is {state}"), || {
            self.files()
                .iter()
                .any(|file| file["file"] == name && file["state"] == state)
        });
    }

    /// Waits until the only file satisfies `is_so`.
    pub fn wait_until(&self, what: &str, is_so: impl Fn(&Value) -> bool) {
        eventually(what, || {
            let files = self.files();
            files.len() == 1 && is_so(&files[0])
        });
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
