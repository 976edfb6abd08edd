//! Lexer for shell scripts (POSIX.1-2024, Shell Command Language, 2.3 to 2.7, and the extensions
//! of bash that scripts use).

use std::iter::Peekable;
use std::str::Chars;

/// A word without quotes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Word {
    /// The text, with substitutions as they were written.
    pub text: String,
    /// The scripts of `$(...)`, backquotes, and `<(...)` in the word.
    pub substitutions: Vec<String>,
    /// Whether the word is a process substitution, `<(...)`.
    pub is_process: bool,
}

impl Word {
    /// Returns a word that needs no lexing.
    pub fn plain(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            ..Self::default()
        }
    }
}

/// A word or an operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    Word(Word),
    /// `|`, `|&`.
    Pipe,
    /// `;`, `&`, `&&`, `||`, a new line, a parenthesis.
    End,
    /// `>`, `2>>`, `>&`, `<>`, `<<<`, and so on; the next word is the target.
    Redirect(String),
}

/// Splits a script into tokens.
pub fn tokens(script: &str) -> Vec<Token> {
    let mut lexer = Lexer {
        rest: script.chars().peekable(),
        word: Word::default(),
        in_word: false,
        tokens: Vec::new(),
    };
    while let Some(next) = lexer.rest.next() {
        lexer.read_char(next);
    }
    lexer.end_word();
    lexer.tokens
}

struct Lexer<'s> {
    rest: Peekable<Chars<'s>>,
    word: Word,
    in_word: bool,
    tokens: Vec<Token>,
}

impl Lexer<'_> {
    fn read_char(&mut self, next: char) {
        match next {
            '\'' => self.single_quoted(),
            '"' => self.double_quoted(),
            '\\' => match self.rest.next() {
                None | Some('\n') => {}
                Some(escaped) => self.push(escaped),
            },
            '$' => self.dollar(true),
            '`' => self.back_quoted(),
            '#' if !self.in_word => while self.rest.next_if(|next| *next != '\n').is_some() {},
            ' ' | '\t' | '\r' => self.end_word(),
            '\n' | ';' | '(' | ')' => self.end(Token::End),
            '|' => {
                if self.rest.next_if_eq(&'|').is_some() {
                    self.end(Token::End);
                } else {
                    self.rest.next_if_eq(&'&');
                    self.end(Token::Pipe);
                }
            }
            '&' if self.rest.peek() == Some(&'>') => self.redirect('&'),
            '&' => {
                self.rest.next_if_eq(&'&');
                self.end(Token::End);
            }
            '<' | '>' if self.rest.peek() == Some(&'(') => self.process(next),
            '<' | '>' => self.redirect(next),
            _ => self.push(next),
        }
    }

    fn push(&mut self, next: char) {
        self.in_word = true;
        self.word.text.push(next);
    }

    fn end_word(&mut self) {
        if std::mem::take(&mut self.in_word) {
            let word = std::mem::take(&mut self.word);
            match braces(&word) {
                Some(words) => self.tokens.extend(words.map(Token::Word)),
                None => self.tokens.push(Token::Word(word)),
            }
        }
    }

    fn end(&mut self, token: Token) {
        self.end_word();
        self.tokens.push(token);
    }

    fn single_quoted(&mut self) {
        self.in_word = true;
        while let Some(next) = self.rest.next_if(|next| *next != '\'') {
            self.word.text.push(next);
        }
        self.rest.next();
    }

    fn double_quoted(&mut self) {
        self.in_word = true;
        while let Some(next) = self.rest.next() {
            match next {
                '"' => break,
                '\\' => match self.rest.next() {
                    None | Some('\n') => {}
                    Some(escaped @ ('"' | '$' | '`' | '\\')) => self.word.text.push(escaped),
                    Some(other) => self.word.text.extend(['\\', other]),
                },
                '$' => self.dollar(false),
                '`' => self.back_quoted(),
                _ => self.word.text.push(next),
            }
        }
    }

    fn dollar(&mut self, splits: bool) {
        match self.rest.peek().copied() {
            Some('(') => {
                self.rest.next();
                let script = self.parenthesised();
                self.substitution("$(", &script, ")");
            }
            Some('\'') if splits => {
                self.rest.next();
                self.ansi_quoted();
            }
            // The script's arguments, usually none, which obfuscate a name: `c$@url`.
            Some('@' | '*') if splits => {
                self.rest.next();
            }
            _ if splits && self.take_ifs() => self.end_word(),
            _ => self.push('$'),
        }
    }

    /// Skips `IFS` or `{IFS}` after a `$`; they expand to a blank.
    fn take_ifs(&mut self) -> bool {
        for name in ["IFS$9", "IFS", "{IFS}", "{IFS%??}"] {
            let mut ahead = self.rest.clone();
            if !name.chars().all(|letter| ahead.next() == Some(letter)) {
                continue;
            }
            let is_longer_name = name == "IFS"
                && ahead
                    .peek()
                    .is_some_and(|next| next.is_alphanumeric() || *next == '_');
            if !is_longer_name {
                self.rest = ahead;
                return true;
            }
        }
        false
    }

    /// Reads the rest of `$'...'`, in which characters may be written as codes.
    fn ansi_quoted(&mut self) {
        self.in_word = true;
        while let Some(next) = self.rest.next() {
            match next {
                '\'' => break,
                '\\' => {
                    let escaped = self.rest.next().unwrap_or('\\');
                    let letter = match escaped {
                        'x' => self.number(16, 2),
                        '0'..='7' => {
                            let first = escaped.to_digit(8).unwrap_or(0);
                            let more = self.digits(8, 2);
                            char::from_u32(more.iter().fold(first, |sum, digit| sum * 8 + digit))
                        }
                        'n' => Some('\n'),
                        't' => Some('\t'),
                        other => Some(other),
                    };
                    self.word.text.extend(letter);
                }
                _ => self.word.text.push(next),
            }
        }
    }

    fn digits(&mut self, radix: u32, most: usize) -> Vec<u32> {
        let mut digits = Vec::new();
        while digits.len() < most {
            let Some(digit) = self.rest.next_if(|next| next.is_digit(radix)) else {
                break;
            };
            digits.extend(digit.to_digit(radix));
        }
        digits
    }

    fn number(&mut self, radix: u32, most: usize) -> Option<char> {
        let digits = self.digits(radix, most);
        char::from_u32(digits.iter().fold(0, |sum, digit| sum * radix + digit))
    }

    fn back_quoted(&mut self) {
        let mut script = String::new();
        while let Some(next) = self.rest.next() {
            match next {
                '`' => break,
                '\\' => script.extend(self.rest.next()),
                _ => script.push(next),
            }
        }
        self.substitution("`", &script, "`");
    }

    fn process(&mut self, direction: char) {
        self.rest.next();
        let is_whole = !self.in_word;
        let script = self.parenthesised();
        self.substitution(if direction == '<' { "<(" } else { ">(" }, &script, ")");
        self.word.is_process = is_whole;
    }

    fn substitution(&mut self, open: &str, script: &str, close: &str) {
        self.in_word = true;
        self.word.text.push_str(open);
        self.word.text.push_str(script);
        self.word.text.push_str(close);
        self.word.substitutions.push(script.to_owned());
    }

    /// Reads up to the matching closing parenthesis, skipping those in quotes.
    fn parenthesised(&mut self) -> String {
        let (mut script, mut open, mut quote) = (String::new(), 1_usize, None);
        while let Some(next) = self.rest.next() {
            match (next, quote) {
                ('\\', None | Some('"')) => {
                    script.push(next);
                    script.extend(self.rest.next());
                    continue;
                }
                ('\'' | '"', None) => quote = Some(next),
                (_, Some(quoted)) if next == quoted => quote = None,
                ('(', None) => open += 1,
                (')', None) => {
                    open -= 1;
                    if open == 0 {
                        break;
                    }
                }
                _ => {}
            }
            script.push(next);
        }
        script
    }

    fn redirect(&mut self, first: char) {
        let mut operator = String::new();
        let is_descriptor =
            !self.word.text.is_empty() && self.word.text.bytes().all(|byte| byte.is_ascii_digit());
        if self.in_word && is_descriptor {
            self.in_word = false;
            operator = std::mem::take(&mut self.word).text;
        } else {
            self.end_word();
        }
        operator.push(first);
        while let Some(next) = self
            .rest
            .next_if(|next| matches!(next, '<' | '>' | '&' | '|'))
        {
            operator.push(next);
        }
        self.tokens.push(Token::Redirect(operator));
    }
}

/// Returns the words of a brace expansion, such as `{curl,-s,http://...}`, which writes a command
/// without blanks.
fn braces(word: &Word) -> Option<impl Iterator<Item = Word> + use<>> {
    let inner = word.text.strip_prefix('{')?.strip_suffix('}')?;
    let is_list = inner.contains(',') && !inner.contains(['{', '}', ':', '"', ' '])
        || inner.contains(",http");
    let words: Vec<Word> = inner.split(',').map(Word::plain).collect();
    (is_list && word.substitutions.is_empty()).then(|| words.into_iter())
}

#[cfg(test)]
mod tests {
    use super::{Token, tokens};

    fn shown(script: &str) -> Vec<String> {
        tokens(script)
            .into_iter()
            .map(|token| match token {
                Token::Word(word) => word.text,
                Token::Pipe => "PIPE".to_owned(),
                Token::End => "END".to_owned(),
                Token::Redirect(operator) => format!("TO {operator}"),
            })
            .collect()
    }

    #[test]
    fn splits_words_as_a_shell_does() {
        for (script, expected) in [
            ("c''url  \"-s\" a\\ b", "curl,-s,a b"),
            ("cu\\\nrl x", "curl,x"),
            ("curl${IFS}-s$IFS-f", "curl,-s,-f"),
            ("echo $IFSX ${HOME}", "echo,$IFSX,${HOME}"),
            ("$'\\x63url' $'\\143url' $'a\\nb'", "curl,curl,a\nb"),
            ("c$@url $1", "curl,$1"),
            (
                "{curl,-s,http://203.0.113.9/x}",
                "curl,-s,http://203.0.113.9/x",
            ),
            ("echo {\"a\":1,\"b\":2}", "echo,{a:1,b:2}"),
            (
                "a|b||c|&d&&e;f&g",
                "a,PIPE,b,END,c,PIPE,d,END,e,END,f,END,g",
            ),
            (
                "a 2>&1 >f <g 3<>h &>i <<<j",
                "a,TO 2>&,1,TO >,f,TO <,g,TO 3<>,h,TO &>,i,TO <<<,j",
            ),
            ("a # b | c\nd", "a,END,d"),
            ("a#b '#'", "a#b,#"),
            (
                "echo 'it is' \"$(a 'b)' | c) d\"",
                "echo,it is,$(a 'b)' | c) d",
            ),
            ("`a \\`b\\``", "`a `b``"),
            ("'unclosed | x", "unclosed | x"),
            ("", ""),
        ] {
            assert_eq!(shown(script).join(","), expected, "{script}");
        }
    }

    #[test]
    fn keeps_substitutions_with_their_word() {
        let tokens = tokens("x$(a)`b` <(c)");
        let [Token::Word(first), Token::Word(second)] = tokens.as_slice() else {
            panic!("{tokens:?}");
        };
        assert_eq!(first.substitutions, ["a", "b"]);
        assert!(!first.is_process);
        assert_eq!(second.substitutions, ["c"]);
        assert!(second.is_process);
    }
}
