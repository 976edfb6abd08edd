//! Parser for scripts and the scripts nested in them.

use std::borrow::Cow;

use super::program::{self, Wrapped};
use super::shell::{Token, Word, tokens};
use super::{MAX_ARGUMENTS_BYTES, MAX_DEPTH, MAX_SCRIPT_BYTES, MAX_SIGN_CHARS};

/// The maximum number of commands that are read, since rules compare the commands of a script with
/// each other.
const MAX_COMMANDS: usize = 512;

/// A redirection of a command's input or output.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Redirect {
    /// As written: `2>`, `<>`.
    pub operator: String,
    /// The file, or a descriptor.
    pub target: String,
}

impl Redirect {
    /// Returns whether it writes.
    pub fn writes(&self) -> bool {
        self.operator.contains('>')
    }

    /// Returns whether it reads a file.
    pub fn reads_file(&self) -> bool {
        self.operator.ends_with('<') && !self.operator.ends_with("<<")
    }
}

/// The maximum number of wrappers before a command: `sudo env nice ...`.
const MAX_WRAPPERS: usize = 12;

/// A simple command.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Command {
    /// The name of the program, without directory, in lower case.
    pub name: String,
    /// The name and the arguments, or only assignments: `HISTFILE=/dev/null`.
    pub words: Vec<String>,
    pub redirects: Vec<Redirect>,
    /// The number of the pipeline, which its commands share.
    pub pipeline: usize,
    /// Whether the input is a pipe.
    pub piped_into: bool,
    /// Whether a shell or another interpreter runs the output: `eval "$(...)"`.
    pub output_is_run: bool,
}

impl Command {
    /// The words after the name.
    pub fn arguments(&self) -> impl DoubleEndedIterator<Item = &str> + Clone {
        self.words.iter().skip(1).map(String::as_str)
    }

    /// Returns the command as one text.
    pub fn text(&self) -> String {
        let mut text = self.words.join(" ");
        for redirect in &self.redirects {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(&redirect.operator);
            if !redirect.operator.ends_with('&') {
                text.push(' ');
            }
            text.push_str(&redirect.target);
        }
        text
    }

    /// Returns whether this is a shell that reads commands from its input.
    pub fn is_bare_shell(&self) -> bool {
        program::is_shell(&self.name) && program::runs_input(&self.words)
    }

    /// Returns whether this is a shell or another interpreter that runs its input.
    pub fn runs_input(&self) -> bool {
        program::runs_input(&self.words)
    }
}

/// Returns the text of a pipeline, up to about the length that a sign shows.
pub fn pipeline_text(commands: &[Command], pipeline: usize) -> String {
    let of_pipeline = commands
        .iter()
        .filter(|command| command.pipeline == pipeline);
    joined(of_pipeline, " | ")
}

/// Joins the texts of commands, up to about the length that a sign shows.
pub fn joined<'a>(commands: impl IntoIterator<Item = &'a Command>, separator: &str) -> String {
    let mut text = String::new();
    for command in commands {
        if text.len() > MAX_SIGN_CHARS * 4 {
            break;
        }
        if !text.is_empty() {
            text.push_str(separator);
        }
        text.push_str(&command.text());
    }
    text
}

/// The state of parsing.
#[derive(Debug, Default)]
pub struct Parser {
    commands: Vec<Command>,
    pipelines: usize,
}

/// A command that is being read.
#[derive(Debug, Default)]
struct Pending {
    words: Vec<Word>,
    redirects: Vec<(String, Word)>,
}

impl Pending {
    fn is_empty(&self) -> bool {
        self.words.is_empty() && self.redirects.is_empty()
    }

    /// Returns whether it ends a group or loop, and thus continues the pipeline of the commands
    /// inside: `while ...; do ...; done | sh`.
    fn closes(&self) -> bool {
        self.words
            .first()
            .is_some_and(|word| matches!(word.text.as_str(), "}" | "done" | "fi" | "esac"))
    }
}

/// The context that a script runs in.
#[derive(Debug, Clone, Copy, Default)]
struct ScriptContext {
    depth: usize,
    output_is_run: bool,
}

/// The position of a command in its pipeline.
#[derive(Debug, Clone, Copy)]
struct PipelinePosition {
    pipeline: usize,
    piped_into: bool,
}

impl Parser {
    pub fn arguments<'a>(mut self, words: impl IntoIterator<Item = &'a str>) -> Vec<Command> {
        let words: Vec<Word> = limited(words.into_iter().collect())
            .into_iter()
            .map(|word| Word::plain(&truncated(word)))
            .collect();
        let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        match texts.as_slice() {
            [script] if script.contains(char::is_whitespace) => {
                self.read(script, ScriptContext::default());
            }
            [option, script, ..] if matches!(*option, "-c" | "-ec" | "-lc" | "-exc") => {
                self.read(script, ScriptContext::default());
            }
            _ => {
                let position = PipelinePosition {
                    pipeline: self.next_pipeline(),
                    piped_into: false,
                };
                self.command(words, Vec::new(), position, ScriptContext::default());
            }
        }
        self.commands
    }

    pub fn script(mut self, text: &str) -> Vec<Command> {
        self.read(text, ScriptContext::default());
        self.commands
    }

    fn next_pipeline(&mut self) -> usize {
        self.pipelines += 1;
        self.pipelines
    }

    fn read(&mut self, script: &str, context: ScriptContext) {
        if context.depth > MAX_DEPTH {
            return;
        }
        let (mut pending, mut redirect) = (Pending::default(), None);
        let mut position = PipelinePosition {
            pipeline: self.next_pipeline(),
            piped_into: false,
        };
        let tokens = tokens(&truncated(script));
        for token in tokens.into_iter().chain([Token::End]) {
            match token {
                Token::Word(word) => match redirect.take() {
                    Some(operator) => pending.redirects.push((operator, word)),
                    None => pending.words.push(word),
                },
                Token::Redirect(operator) => redirect = Some(operator),
                Token::Pipe | Token::End => {
                    redirect = None;
                    let is_pipe = token == Token::Pipe;
                    let read = std::mem::take(&mut pending);
                    if read.is_empty() {
                        // A parenthesis or a line break between a pipe and its command.
                        position.piped_into |= is_pipe;
                        continue;
                    }
                    if !position.piped_into && !read.closes() {
                        position.pipeline = self.next_pipeline();
                    }
                    self.command(read.words, read.redirects, position, context);
                    position.piped_into = is_pipe;
                }
            }
        }
    }

    fn command(
        &mut self,
        mut words: Vec<Word>,
        redirects: Vec<(String, Word)>,
        position: PipelinePosition,
        context: ScriptContext,
    ) {
        if self.commands.len() >= MAX_COMMANDS {
            return;
        }
        let mut script = None;
        for _ in 0..MAX_WRAPPERS {
            match program::unwrap(&words) {
                Wrapped::Nothing => break,
                Wrapped::Words { from, is_own } => {
                    if is_own {
                        self.push(&words, Vec::new(), position, context);
                    }
                    let before = words.drain(..from.min(words.len()));
                    let scripts = before.flat_map(|word| word.substitutions);
                    let scripts = scripts.map(|script| (script, false)).collect();
                    self.substitutions(scripts, context);
                }
                Wrapped::Script { text, is_own } => {
                    if is_own {
                        self.push(&words, Vec::new(), position, context);
                    }
                    script = Some(text);
                    break;
                }
            }
        }
        let targets: Vec<Redirect> = redirects
            .iter()
            .map(|(operator, word)| Redirect {
                operator: operator.clone(),
                target: word.text.clone(),
            })
            .collect();
        let name = words.first().map(|word| program::base_name(&word.text));
        let reads_script = name.is_some_and(|name| program::is_interpreter(&name));
        if let Some(text) = script {
            if !targets.is_empty() {
                self.push(&words, targets, position, context);
            }
            let deeper = ScriptContext {
                depth: context.depth + 1,
                ..context
            };
            self.read(&text, deeper);
        } else if !words.is_empty() || !targets.is_empty() {
            self.push(&words, targets, position, context);
            let scripts: Vec<(String, bool)> = words
                .iter()
                .enumerate()
                .filter(|(_, word)| !word.substitutions.is_empty())
                .flat_map(|(index, word)| {
                    let is_run = program::runs_argument(&words, index);
                    word.substitutions
                        .iter()
                        .map(move |script| (script.clone(), is_run))
                })
                .collect();
            self.substitutions(scripts, context);
        }
        let inputs = redirects
            .into_iter()
            .flat_map(|(_, word)| word.substitutions)
            .map(|script| (script, reads_script))
            .collect();
        self.substitutions(inputs, context);
    }

    fn push(
        &mut self,
        words: &[Word],
        redirects: Vec<Redirect>,
        at: PipelinePosition,
        context: ScriptContext,
    ) {
        let first = words.first().map(|word| word.text.as_str());
        self.commands.push(Command {
            name: program::base_name(first.unwrap_or_default()),
            words: words.iter().map(|word| word.text.clone()).collect(),
            redirects,
            pipeline: at.pipeline,
            piped_into: at.piped_into,
            output_is_run: context.output_is_run,
        });
    }

    /// Reads scripts, each with whether its output is run.
    fn substitutions(&mut self, scripts: Vec<(String, bool)>, context: ScriptContext) {
        for (script, output_is_run) in scripts {
            let deeper = ScriptContext {
                depth: context.depth + 1,
                output_is_run,
            };
            self.read(&script, deeper);
        }
    }
}

/// Returns the words, or the first and the last of those that are longer than
/// [`MAX_ARGUMENTS_BYTES`] together.
fn limited(words: Vec<&str>) -> Vec<&str> {
    let fit = |words: &mut dyn Iterator<Item = &&str>, limit: usize| {
        let mut size = 0;
        words
            .take_while(|word| {
                size += word.len().min(MAX_SCRIPT_BYTES) + 1;
                size <= limit
            })
            .count()
    };
    let end = MAX_ARGUMENTS_BYTES / 4;
    let first = fit(&mut words.iter(), MAX_ARGUMENTS_BYTES - end);
    let last = fit(&mut words.iter().rev(), end);
    if first + last >= words.len() {
        return words;
    }
    let at = words.len() - last;
    let is_kept = |index: &usize| *index < first || *index >= at;
    let words = words.into_iter().enumerate();
    words
        .filter(|(index, _)| is_kept(index))
        .map(|(_, word)| word)
        .collect()
}

/// Returns the text, or the beginning and the end of a long one, whose middle is usually data, as
/// in `echo ... | base64 -d | sh`.
fn truncated(text: &str) -> Cow<'_, str> {
    if text.len() <= MAX_SCRIPT_BYTES {
        return Cow::Borrowed(text);
    }
    let end = MAX_SCRIPT_BYTES / 4;
    let (head, _) = text.split_at(text.floor_char_boundary(MAX_SCRIPT_BYTES - end));
    let (_, tail) = text.split_at(text.ceil_char_boundary(text.len() - end));
    Cow::Owned(format!("{head}{tail}"))
}
