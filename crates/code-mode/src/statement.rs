//! Where the statements of a script begin, without a parser.
//!
//! The interpreter parses in the sandbox. What is needed out here is less, and a
//! scan that keeps its state in a list cannot be sent into a deep recursion by
//! nested brackets.

/// A statement at the outermost level, a decorated or compound one as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Statement {
    /// Its first byte.
    pub(crate) start: usize,
    /// The byte after its last line break, or the end of the source.
    pub(crate) end: usize,
    /// Whether its end was seen: another statement follows it.
    pub(crate) is_closed: bool,
}

/// The name that the last statement assigns to, if that is all it does:
/// `total = 3` or `rows: list = []`, but not `a, b = 1, 2`.
pub(crate) fn assigned_name(source: &str) -> Option<&str> {
    let last = last_statement(source)?;
    let text = source.get(last.start..last.end)?;
    let (mut name, mut rest) = split_name(after_last_semicolon(text))?;
    // Its block has no name to return: `try: x = 1`.
    if name == "try" {
        return None;
    }
    loop {
        rest = rest.trim_start_matches([' ', '\t']);
        if let Some(annotation) = rest.strip_prefix(':') {
            let equals = find_assignment(annotation)?;
            rest = annotation.get(equals..)?;
        }
        let operator = rest.find('=')?;
        // `+=`, `//=`, `>>=` and the like.
        if !rest
            .get(..operator)?
            .chars()
            .all(|c| "+-*/%@&|^<>".contains(c))
        {
            return None;
        }
        let value = rest.get(operator + 1..)?;
        // `a == b`, `a <= b`.
        if value.starts_with('=') || matches!(rest.get(..operator)?, "<" | ">") {
            return None;
        }
        // `a = b = 1`: both have the value.
        match split_name(value.trim_start_matches([' ', '\t'])) {
            Some((next, after)) if is_plain_assignment(after) => (name, rest) = (next, after),
            _ => return Some(name),
        }
    }
}

fn is_plain_assignment(rest: &str) -> bool {
    let rest = rest.trim_start_matches([' ', '\t']);
    rest.starts_with('=') && !rest.starts_with("==")
}

/// The last of several statements on one line.
fn after_last_semicolon(text: &str) -> &str {
    let mut scan = Scan::default();
    let mut last = text;
    for (index, character) in text.char_indices() {
        if character == ';' && scan.is_outside() && scan.skip == 0 {
            last = text
                .get(index + 1..)
                .unwrap_or_default()
                .trim_start_matches([' ', '\t']);
            if last.trim().is_empty() {
                break;
            }
        }
        scan.step(text, index, character);
    }
    last
}

/// Where the `=` after an annotation is.
fn find_assignment(annotation: &str) -> Option<usize> {
    let mut scan = Scan::default();
    let mut characters = annotation.char_indices().peekable();
    while let Some((index, character)) = characters.next() {
        let next = characters.peek().map(|(_, next)| *next);
        if character == '=' && scan.is_outside() && next != Some('=') {
            return Some(index);
        }
        scan.step(annotation, index, character);
    }
    None
}

fn split_name(text: &str) -> Option<(&str, &str)> {
    let starts = |c: char| c == '_' || c.is_alphabetic();
    text.chars().next().filter(|c| starts(*c))?;
    let end = text
        .find(|c: char| c != '_' && !c.is_alphanumeric())
        .unwrap_or(text.len());
    Some(text.split_at(end))
}

/// The statements at the outermost level.
#[cfg(test)]
fn statements(source: &str) -> Vec<Statement> {
    let mut lines = Lines::default();
    let mut found: Vec<_> = source
        .split_inclusive('\n')
        .filter_map(|line| lines.read(line))
        .collect();
    found.extend(lines.open);
    found
}

/// The last statement at the outermost level.
fn last_statement(source: &str) -> Option<Statement> {
    let mut lines = Lines::default();
    for line in source.split_inclusive('\n') {
        lines.read(line);
    }
    lines.open
}

/// Reads a source line by line, each once.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    scan: Scan,
    is_decorated: bool,
    /// The bytes that were read.
    read: usize,
    /// The statement that no other follows yet.
    open: Option<Statement>,
}

impl Lines {
    /// How many bytes were read.
    pub(crate) fn length(&self) -> usize {
        self.read
    }

    /// Reads the next line, with its line break, and gives the statement that it
    /// shows to be closed.
    pub(crate) fn read(&mut self, line: &str) -> Option<Statement> {
        let mut closed = None;
        let end = self.read + line.len();
        let begins_here = self.scan.is_outside() && !self.scan.is_continued;
        if begins_here && begins_statement(line) {
            let continues = self.is_decorated || continues_compound(line);
            if !continues || self.open.is_none() {
                let begun = Statement {
                    start: self.read,
                    end,
                    is_closed: false,
                };
                closed = self.open.replace(begun).map(|before| Statement {
                    is_closed: true,
                    ..before
                });
            }
            self.is_decorated = line.starts_with('@');
        }
        self.scan.is_continued = false;
        for (index, character) in line.char_indices() {
            self.scan.step(line, index, character);
        }
        let is_text = !line.trim().is_empty() && !line.trim_start().starts_with('#');
        if let Some(open) = &mut self.open
            && (is_text || !self.scan.is_outside())
        {
            open.end = end;
        }
        self.read = end;
        closed
    }
}

/// Whether a line at the outermost level is more than blank or a comment.
fn begins_statement(line: &str) -> bool {
    !line.starts_with([' ', '\t', '#', '\n', '\r', '\x0c'])
}

/// Whether a line belongs to the compound statement before it.
fn continues_compound(line: &str) -> bool {
    let word = line
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .next()
        .unwrap_or_default();
    matches!(word, "else" | "elif" | "except" | "finally")
}

/// What the scan is inside of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Inside {
    /// Any bracket.
    Bracket,
    /// An expression in braces of an f-string.
    Field,
    Text(Quote),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Quote {
    mark: char,
    is_triple: bool,
    has_fields: bool,
}

#[derive(Debug, Default)]
struct Scan {
    inside: Vec<Inside>,
    in_comment: bool,
    /// Characters that were read together with an earlier one.
    skip: usize,
    /// Whether the line ended in a backslash.
    is_continued: bool,
}

impl Scan {
    /// Whether nothing is open.
    fn is_outside(&self) -> bool {
        self.inside.is_empty() && !self.in_comment
    }

    /// Reads the character at a place in a text that begins a line, or a statement.
    fn step(&mut self, text: &str, index: usize, character: char) {
        if self.skip > 0 {
            self.skip -= 1;
            return;
        }
        if self.in_comment {
            self.in_comment = character != '\n';
            return;
        }
        match self.inside.last().copied() {
            Some(Inside::Text(quote)) => self.step_in_text(text, index, character, quote),
            inside => self.step_in_code(text, index, character, inside),
        }
    }

    fn step_in_text(&mut self, text: &str, index: usize, character: char, quote: Quote) {
        let rest = || text.get(index..).unwrap_or_default();
        match character {
            '\\' => self.skip = 1,
            '\n' if !quote.is_triple => {
                // It was never closed: an error that the interpreter reports.
                self.inside.pop();
            }
            '{' if quote.has_fields && rest().starts_with("{{") => self.skip = 1,
            '{' if quote.has_fields => self.inside.push(Inside::Field),
            mark if mark == quote.mark => {
                if !quote.is_triple {
                    self.inside.pop();
                } else if is_triple(rest(), mark) {
                    self.inside.pop();
                    self.skip = 2;
                }
            }
            _ => {}
        }
    }

    fn step_in_code(&mut self, text: &str, index: usize, character: char, inside: Option<Inside>) {
        let rest = || text.get(index..).unwrap_or_default();
        match character {
            '#' => self.in_comment = true,
            '\\' if matches!(rest(), "\\" | "\\\n" | "\\\r" | "\\\r\n") => self.is_continued = true,
            '(' | '[' | '{' => self.inside.push(Inside::Bracket),
            ')' | ']' if inside == Some(Inside::Bracket) => {
                self.inside.pop();
            }
            '}' if inside.is_some() => {
                self.inside.pop();
            }
            '"' | '\'' => {
                let is_triple = is_triple(rest(), character);
                self.inside.push(Inside::Text(Quote {
                    mark: character,
                    is_triple,
                    has_fields: is_prefix_with_fields(word_at_end(
                        text.get(..index).unwrap_or_default(),
                    )),
                }));
                self.skip = if is_triple { 2 } else { 0 };
            }
            _ => {}
        }
    }
}

fn is_triple(rest: &str, mark: char) -> bool {
    rest.chars().take(3).filter(|c| *c == mark).count() == 3
}

/// What a text ends in, if that may be a prefix of a string.
fn word_at_end(text: &str) -> &str {
    text.rsplit(|c: char| !c.is_alphanumeric() && c != '_')
        .next()
        .unwrap_or_default()
}

fn is_prefix_with_fields(word: &str) -> bool {
    matches!(
        word.to_ascii_lowercase().as_str(),
        "f" | "fr" | "rf" | "t" | "tr" | "rt"
    )
}

#[cfg(test)]
mod tests {
    use super::{assigned_name, statements};

    #[test]
    fn a_final_assignment_has_a_name() {
        let named = [
            ("total = 3", Some("total")),
            ("x = 1\ntotal = sum(\n    [1, 2],\n)\n", Some("total")),
            ("rows: list[dict[str, int]] = []  # none yet", Some("rows")),
            ("total += 1", Some("total")),
            ("total //= 2\n\n# done\n", Some("total")),
            ("text = '''a\nb = 2\n'''", Some("text")),
            ("text = f\"{d[\"a\"]} = {x}\"", Some("text")),
            ("a = b = 1", Some("b")),
            ("a = 1; b = 2", Some("b")),
            ("a = ';'", Some("a")),
            ("größe = 2", Some("größe")),
            ("a = b == c", Some("a")),
            ("f(x=1)", None),
            ("a, b = 1, 2", None),
            ("a.b = 1", None),
            ("a[0] = 1", None),
            ("a == 1", None),
            ("a <= 1", None),
            ("a != 1", None),
            ("x: int", None),
            ("try: a = 1\nexcept KeyError: pass", None),
            ("if x:\n    a = 1\nelse:\n    a = 2", None),
            ("def f():\n    a = 1", None),
            ("a = 1\nprint(a)", None),
            ("for a in b: c = 1", None),
            ("", None),
            ("# a = 1", None),
            ("'é' == a", None),
        ];
        for (source, name) in named {
            assert_eq!(assigned_name(source), name, "{source}");
        }
    }

    #[test]
    fn statements_are_found() {
        let source = "\
import os
@cache
@other(
    1,
)
def f(x):
    '''
at the margin
    '''
    return x

# a comment
if f(1):
    pass
elif f(2):
    pass
else:
    pass
x = [
1,
]
y = 1 + \\
2
f(f'''{x
}''')
'half";
        let found = statements(source);
        let shown: Vec<_> = found
            .iter()
            .map(|one| (&source[one.start..one.end], one.is_closed))
            .collect();
        assert_eq!(
            shown,
            [
                ("import os\n", true),
                (
                    "@cache\n@other(\n    1,\n)\ndef f(x):\n    '''\nat the margin\n    '''\n    return x\n",
                    true
                ),
                (
                    "if f(1):\n    pass\nelif f(2):\n    pass\nelse:\n    pass\n",
                    true
                ),
                ("x = [\n1,\n]\n", true),
                ("y = 1 + \\\n2\n", true),
                ("f(f'''{x\n}''')\n", true),
                ("'half", false),
            ]
        );
    }

    /// However it is cut or nested.
    #[test]
    fn no_source_is_too_odd() {
        let source = "a = {'b': f\"{c!r:>{d}}\"}\n@e\n\u{e9} = '''\\\n'''\r\n((((";
        for (cut, _) in source.char_indices() {
            statements(&source[..cut]);
            assigned_name(&source[cut..]);
        }
        let ends = "\\".repeat(300_000) + &"\r".repeat(300_000);
        assert_eq!(statements(&ends).len(), 1);
        let deep = "(".repeat(1_000_000);
        assert_eq!(statements(&deep).len(), 1);
    }
}
