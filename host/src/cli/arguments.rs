//! Arguments of the command line.

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use wardline_finding::Label;
use wardline_finding::export::Form;

/// Detects attacks on Kubernetes in audit logs, with sandboxed detectors that are reloaded while it
/// runs.
#[derive(Debug, Parser)]
#[command(name = "wardline", version, max_term_width = 100)]
pub struct Arguments {
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Judge recorded audit logs and write the findings.
    Scan(ScanArguments),
    /// Follow audit logs, judge events as they arrive, and reload detectors when they change.
    Run(RunArguments),
    /// Write a commented configuration to begin with.
    Init(InitArguments),
    /// Check or print the configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Show what a running host has processed.
    Status(ApiArguments),
    /// Show the detectors of a running host, or write out those that are built in.
    #[command(subcommand)]
    Plugins(PluginsCommand),
    /// Show the intel lists of a running host, or check lists without one.
    #[command(subcommand)]
    Intel(IntelCommand),
    /// Check and preview suppression rules, or show those of a running host.
    #[command(subcommand)]
    Suppress(SuppressCommand),
    /// Create, build, test, and check detectors.
    #[command(subcommand)]
    Plugin(PluginCommand),
    /// Show the finding types of the built-in detectors, or of those in a directory.
    #[command(subcommand)]
    Detections(DetectionsCommand),
    /// Print the JSON Schema of findings.
    Schema,
    /// Print the smallest audit policy that the detectors need, or check an existing policy.
    AuditPolicy(AuditPolicyArguments),
    /// Print a script that completes commands and options in a shell.
    Completions {
        /// The shell.
        #[arg(value_enum)]
        shell: Shell,
    },
    /// Print the manual page, for `man`.
    Man(ManArguments),
}

/// The arguments of `init`.
#[derive(Debug, Args)]
pub struct InitArguments {
    /// Where audit events come from.
    #[arg(long, value_enum, default_value_t = InitSource::File)]
    pub source: InitSource,
    /// Replace the file if it exists.
    #[arg(long)]
    pub force: bool,
    /// The file to write.
    #[arg(value_name = "PATH", default_value = "wardline.toml")]
    pub path: PathBuf,
}

/// The sources of `init`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum InitSource {
    /// A log file that is followed.
    File,
    /// A webhook to which API servers send.
    Webhook,
    /// Standard input.
    Stdin,
}

/// The arguments of `man`.
#[derive(Debug, Args)]
pub struct ManArguments {
    /// Write a page for each command into this directory instead, which is created if it does not
    /// exist.
    #[arg(long, value_name = "DIR")]
    pub output: Option<PathBuf>,
}

/// Parses the output format of findings.
fn form_parser() -> impl TypedValueParser<Value = Form> {
    let values = Form::ALL.map(|form| {
        let help = match form {
            Form::Text => "A table",
            form => form.description(),
        };
        PossibleValue::new(form.as_str())
            .aliases(form.aliases())
            .help(help)
    });
    PossibleValuesParser::new(values).try_map(|name| Form::parse(&name).ok_or("unknown format"))
}

/// The arguments of `scan`.
#[derive(Debug, Args)]
pub struct ScanArguments {
    /// The detectors.
    #[command(flatten)]
    pub detectors: DetectorsArguments,
    /// Output format; by default, text if standard output is a terminal, otherwise jsonl.
    #[arg(long, value_parser = form_parser())]
    pub format: Option<Form>,
    /// Account for the AWS formats, used if events name none.
    #[arg(long, value_name = "ID", default_value = "")]
    pub account: String,
    /// Region for the AWS formats, used if events name none.
    #[arg(long, value_name = "NAME", default_value = "")]
    pub region: String,
    /// Cluster of events that name none, overriding the configuration.
    #[arg(long, value_name = "NAME")]
    pub cluster: Option<String>,
    /// Exit with code 1 if a finding has at least this severity: low, medium, high, or critical.
    #[arg(long, value_name = "SEVERITY")]
    pub fail_on: Option<Label>,
    /// Number of judging threads; 0 means one per core. The findings do not depend on it.
    #[arg(long, value_name = "COUNT")]
    pub threads: Option<usize>,
    /// File for events that are rejected or not judged.
    #[arg(long, value_name = "FILE")]
    pub dead_letter: Option<PathBuf>,
    /// Write every occurrence of a finding immediately, instead of each finding once at the end.
    #[arg(long)]
    pub stream: bool,
    /// Directory of suppression rules, overriding the configuration.
    #[arg(long, value_name = "DIR")]
    pub suppress: Option<PathBuf>,
    /// Include suppressed findings, each with the rule that suppressed it.
    #[arg(long)]
    pub show_suppressed: bool,
    /// Audit logs: NDJSON or `EventList` documents; plain, gzip, or zstd; `-` means standard input.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

/// The arguments of `run`.
#[derive(Debug, Args)]
pub struct RunArguments {
    /// Configuration file.
    #[arg(long, value_name = "FILE", default_value = "wardline.toml")]
    pub config: PathBuf,
}

/// The subcommands of `config`.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Check whether a configuration file is valid.
    Check(ConfigFile),
    /// Print all values in force.
    Print(OptionalConfigFile),
    /// Print the reference of all keys, as Markdown.
    Reference,
}

/// The path of a configuration file.
#[derive(Debug, Args)]
pub struct ConfigFile {
    /// Configuration file.
    #[arg(long, value_name = "FILE", default_value = "wardline.toml")]
    pub config: PathBuf,
}

/// The path of a configuration file, or none for the defaults.
#[derive(Debug, Args)]
pub struct OptionalConfigFile {
    /// Configuration file; without it, the defaults are printed.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// The subcommands of `plugins`.
#[derive(Debug, Subcommand)]
pub enum PluginsCommand {
    /// List the detectors with their origins and states.
    List(ApiArguments),
    /// Show the details of one detector.
    Show {
        /// The detector's name, or `NAME` of its file `NAME.wasm`.
        name: String,
        /// The host to query.
        #[command(flatten)]
        api: ApiArguments,
    },
    /// Write the built-in detectors to a directory, as NAME.wasm and NAME.toml.
    Export {
        /// The directory, which is created if it does not exist.
        #[arg(value_name = "DIR")]
        directory: PathBuf,
    },
}

/// The subcommands of `intel`.
#[derive(Debug, Subcommand)]
pub enum IntelCommand {
    /// List the intel lists of a running host with their states.
    List(ApiArguments),
    /// Parse files as intel lists and report their contents, without a host.
    Check {
        /// The files.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Format of the files; by default, it is detected from the content.
        #[arg(long, value_name = "FORMAT", value_parser = parse_named::<wardline_intel::Format>)]
        format: Option<wardline_intel::Format>,
        /// Expected content: auto, addresses, domains, hashes, or names.
        #[arg(long, value_name = "CONTENT", default_value = "auto", value_parser = parse_named::<wardline_intel::Content>)]
        content: wardline_intel::Content,
        /// Configuration file, for limits.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Show which lists contain an address, domain, SHA-256, or name, without a host.
    Test {
        /// A list, or a directory of lists as in `intel.directory`.
        #[arg(value_name = "LIST-OR-DIR")]
        lists: PathBuf,
        /// The value to look up.
        value: String,
        /// Configuration file, for limits.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
}

/// The address of a running host.
#[derive(Debug, Args)]
pub struct ApiArguments {
    /// Socket of the host, overriding the configuration.
    #[arg(long, value_name = "PATH")]
    pub socket: Option<PathBuf>,
    /// Configuration file that contains the path of the socket.
    #[arg(long, value_name = "FILE", default_value = "wardline.toml")]
    pub config: PathBuf,
    /// Write JSON instead of text.
    #[arg(long)]
    pub json: bool,
}

/// The subcommands of `suppress`.
#[derive(Debug, Subcommand)]
pub enum SuppressCommand {
    /// Check files of rules, and print advice for the rules' owners.
    Check {
        /// Files of rules.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Show which findings rules would have hidden, without putting them into force.
    Preview {
        /// A file of rules.
        #[arg(value_name = "RULE.toml")]
        rule: PathBuf,
        /// Findings written by a sink or by `scan`; `-` means standard input.
        #[arg(long, value_name = "FINDINGS.jsonl")]
        against: PathBuf,
        /// Output format.
        #[arg(long, value_enum, default_value_t = PreviewFormat::Table)]
        format: PreviewFormat,
        /// Number of findings to show as examples.
        #[arg(long, value_name = "COUNT", default_value_t = 5)]
        examples: usize,
    },
    /// List the rules of a running host, with the number of findings that each has suppressed.
    List(ApiArguments),
}

/// The output format of a preview.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PreviewFormat {
    /// Text and tables.
    Table,
    /// One JSON object.
    Json,
}

/// The subcommands of `plugin`.
#[derive(Debug, Subcommand)]
pub enum PluginCommand {
    /// Create a new detector in a directory with its name.
    New {
        /// The name: lower-case letters, digits, and hyphens.
        name: String,
        /// Language of the detector.
        #[arg(long, value_enum, default_value_t = Language::Rust)]
        lang: Language,
        /// Directory in which to create it.
        #[arg(long, value_name = "DIR", default_value = ".")]
        path: PathBuf,
    },
    /// Compile detectors into NAME.wasm files.
    Build {
        /// Directories of the detectors.
        #[arg(value_name = "DIR", default_value = ".")]
        detectors: Vec<PathBuf>,
        /// Directory for the NAME.wasm files; by default, `target/detectors` of each detector.
        #[arg(long, value_name = "DIR")]
        output: Option<PathBuf>,
    },
    /// Build detectors and run their tests/*.ndjson in the sandbox.
    Test {
        /// Directories of the detectors.
        #[arg(value_name = "DIR", default_value = ".")]
        detectors: Vec<PathBuf>,
        /// Replace the expected findings with the actual ones.
        #[arg(long)]
        update: bool,
        /// Existing NAME.wasm to test instead of building one; for a single detector only.
        #[arg(long, value_name = "FILE")]
        wasm: Option<PathBuf>,
    },
    /// Take files through all steps of loading, without a host.
    Check {
        /// NAME.wasm files; a NAME.toml beside a file contains its settings.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Configuration file with limits and grants.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
}

/// The detectors that a command uses: those that are built in, and those of a directory.
#[derive(Debug, Args)]
pub struct DetectorsArguments {
    /// Directory of further detectors, overriding the configuration. NAME.wasm replaces the
    /// built-in detector of the same name.
    #[arg(long, value_name = "DIR")]
    pub plugins: Option<PathBuf>,
    /// Leave out the built-in detectors.
    #[arg(long)]
    pub no_defaults: bool,
    /// Configuration file with limits, grants, intel lists, and the directory of detectors.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// The subcommands of `detections`.
#[derive(Debug, Subcommand)]
pub enum DetectionsCommand {
    /// List all finding types with severity, ATT&CK techniques, and detector.
    List {
        /// The location of the detectors.
        #[command(flatten)]
        detectors: DetectorsArguments,
        /// Output format.
        #[arg(long, value_enum, default_value_t = CatalogFormat::Table)]
        format: CatalogFormat,
    },
    /// Print the page of one detector: its settings and the documentation of its finding types, as
    /// Markdown.
    Page {
        /// The detector's name.
        #[arg(value_name = "DETECTOR")]
        name: String,
        /// The location of the detectors.
        #[command(flatten)]
        detectors: DetectorsArguments,
    },
    /// Show the documentation of a finding type.
    Show {
        /// The type, such as `Execution:Kubernetes/ExecInKubeSystemPod`, or its part after the
        /// slash.
        #[arg(value_name = "TYPE")]
        name: String,
        /// The location of the detectors.
        #[command(flatten)]
        detectors: DetectorsArguments,
        /// Write JSON instead of text.
        #[arg(long)]
        json: bool,
    },
}

/// The output format of the list of finding types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CatalogFormat {
    /// A table.
    Table,
    /// A JSON array with the full documentation of each type.
    Json,
    /// A Markdown index with the coverage of GuardDuty and ATT&CK.
    Markdown,
}

/// The arguments of `audit-policy`.
#[derive(Debug, Args)]
pub struct AuditPolicyArguments {
    /// The location of the detectors.
    #[command(flatten)]
    pub detectors: DetectorsArguments,
    /// Audit policy to check: report which detectors it blinds, and why. Exits with code 1 if there
    /// are any.
    #[arg(long, value_name = "FILE")]
    pub check: Option<PathBuf>,
    /// Write JSON instead of text.
    #[arg(long, requires = "check")]
    pub json: bool,
}

/// The languages of `plugin new`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// Rust, with the SDK in `sdk/rust`.
    Rust,
}

/// Parses a value by its name in configuration files.
fn parse_named<T: serde::de::DeserializeOwned>(name: &str) -> Result<T, String> {
    let value = serde_json::Value::String(name.to_owned());
    serde_json::from_value(value).map_err(|error| error.to_string())
}
