//! Whether what ty reports fails whatever the values are.
//!
//! ty is strict: a `str | None` is no `str`, and a `list[int]` no `list[float]`. A run
//! knows no types, only values, and takes both where they fit. What is certain is told
//! from the types as ty writes them; what cannot be read is taken as uncertain.

use std::iter::Peekable;
use std::str::Chars;

/// The deepest type that is looked into.
const MAX_DEPTH: usize = 16;

/// What serialises as text, and is taken where text is wanted.
const TEXT: [&str; 10] = [
    "str",
    "LiteralString",
    "bytes",
    "date",
    "datetime",
    "time",
    "timedelta",
    "timezone",
    "Decimal",
    "Path",
];

/// What has elements, and is taken where a list is wanted.
const SEQUENCES: [&str; 16] = [
    "list",
    "tuple",
    "set",
    "frozenset",
    "range",
    "deque",
    "dict_keys",
    "dict_values",
    "dict_items",
    "Sequence",
    "Iterable",
    "Iterator",
    "Generator",
    "GeneratorType",
    "Collection",
    "NamedTuple",
];

const NUMBERS: [&str; 5] = ["bool", "int", "float", "complex", "Decimal"];

const MAPPINGS: [&str; 5] = [
    "dict",
    "defaultdict",
    "Counter",
    "Mapping",
    "MutableMapping",
];

/// A type, as far as it matters here.
#[derive(Debug, PartialEq)]
enum Type {
    /// Nothing is known of it.
    Any,
    /// A class, with its arguments.
    Class(String, Vec<Vec<Type>>),
    /// The values in `Literal`, as they are written.
    Literal(Vec<String>),
    /// A function, a class or a coroutine: nothing that a tool takes.
    Code,
}

/// Whether no value of one type is of the other: `Expected …, found …`.
pub fn is_disjoint(expected: &str, found: &str) -> bool {
    match (parse(expected), parse(found)) {
        (Some(expected), Some(found)) => !overlap(&expected, &found),
        _ => false,
    }
}

/// The types of `Expected …, found …`.
pub fn expected_and_found(message: &str) -> Option<(&str, &str)> {
    let (_, rest) = message.split_once("xpected `")?;
    let (expected, rest) = rest.split_once("`, found `")?;
    let (found, _) = rest.rsplit_once('`')?;
    Some((expected, found))
}

/// Whether the types that a message quotes leave other possibilities: unions, and what
/// ty knows nothing of.
pub fn quotes_a_choice(message: &str) -> bool {
    message.contains("in union") || {
        let quoted = message.split('`').skip(1).step_by(2);
        quoted
            .filter_map(parse)
            .any(|members| members.len() != 1 || members == [Type::Any])
    }
}

/// The class of all objects of a type as ty writes it.
pub fn class_of(text: &str) -> Option<String> {
    match parse(text)?.as_slice() {
        [Type::Literal(values)] => {
            let mut kinds = values.iter().map(|value| kind(value));
            let first = kinds.next()?;
            kinds.all(|other| other == first).then(|| first.to_owned())
        }
        [Type::Class(name, _)] => Some(name.clone()),
        _ => None,
    }
}

fn overlap(a: &[Type], b: &[Type]) -> bool {
    a.iter().any(|a| b.iter().any(|b| overlaps(a, b)))
}

fn overlaps(expected: &Type, found: &Type) -> bool {
    match (expected, found) {
        (Type::Any, _) | (_, Type::Any) => true,
        (Type::Class(name, _), _) | (_, Type::Class(name, _))
            if matches!(
                name.as_str(),
                "object" | "Any" | "Unknown" | "Todo" | "Never"
            ) =>
        {
            true
        }
        (Type::Code, Type::Class(name, _)) | (Type::Class(name, _), Type::Code) => {
            name == "Callable"
        }
        (Type::Code, Type::Code) => true,
        (Type::Code, Type::Literal(_)) | (Type::Literal(_), Type::Code) => false,
        (Type::Literal(a), Type::Literal(b)) => a.iter().any(|one| b.contains(one)),
        (Type::Literal(values), Type::Class(name, _))
        | (Type::Class(name, _), Type::Literal(values)) => {
            values.iter().any(|value| alike(kind(value), name))
        }
        (Type::Class(a, a_arguments), Type::Class(b, b_arguments)) => {
            alike(a, b)
                && (a != b
                    || a_arguments.len() != b_arguments.len()
                    || a_arguments
                        .iter()
                        .zip(b_arguments)
                        .all(|(a, b)| overlap(a, b)))
        }
    }
}

/// The class of a literal value.
fn kind(value: &str) -> &'static str {
    match value.as_bytes() {
        [b'"' | b'\'', ..] => "str",
        [b'b', b'"' | b'\'', ..] => "bytes",
        b"True" | b"False" => "bool",
        [b'0'..=b'9' | b'-', ..] => "int",
        _ => "object",
    }
}

/// Whether a value of one class may be taken for one of the other.
fn alike(a: &str, b: &str) -> bool {
    let both = |group: &[&str]| group.contains(&a) && group.contains(&b);
    let is_plain = |name: &str| {
        TEXT.contains(&name)
            || SEQUENCES.contains(&name)
            || NUMBERS.contains(&name)
            || name == "None"
    };
    let other_or_mapping = |name: &str| MAPPINGS.contains(&name) || !is_plain(name);
    a == b
        || a == "object"
        || b == "object"
        || both(&TEXT)
        || both(&SEQUENCES)
        || both(&NUMBERS)
        // A `TypedDict` and a dataclass are mappings to a tool.
        || other_or_mapping(a) && other_or_mapping(b)
}

/// A type as ty writes it: the members of a union.
fn parse(text: &str) -> Option<Vec<Type>> {
    let mut parser = Parser {
        rest: text.chars().peekable(),
    };
    let members = parser.union(0)?;
    parser.rest.peek().is_none().then_some(members)
}

struct Parser<'t> {
    rest: Peekable<Chars<'t>>,
}

impl Parser<'_> {
    fn spaces(&mut self) {
        while self.rest.next_if_eq(&' ').is_some() {}
    }

    fn union(&mut self, depth: usize) -> Option<Vec<Type>> {
        if depth > MAX_DEPTH {
            return None;
        }
        let mut members = vec![self.member(depth)?];
        loop {
            self.spaces();
            if self.rest.next_if_eq(&'|').is_none() {
                return Some(members);
            }
            members.push(self.member(depth)?);
        }
    }

    fn member(&mut self, depth: usize) -> Option<Type> {
        self.spaces();
        match self.rest.peek()? {
            // A callable, a class object, a union that is cut short.
            '<' => {
                self.rest.by_ref().find(|letter| *letter == '>')?;
                return Some(Type::Code);
            }
            '(' => return None,
            _ => {}
        }
        let mut name = String::new();
        while let Some(letter) = self
            .rest
            .next_if(|letter| letter.is_alphanumeric() || "_.".contains(*letter))
        {
            name.push(letter);
        }
        // A `float` that is no `int`.
        let _ = self.rest.next_if_eq(&'*');
        let short = name.rsplit('.').next().unwrap_or_default().to_owned();
        let type_ = match short.as_str() {
            "" => return None,
            "Any" | "Unknown" => Type::Any,
            "Literal" => Type::Literal(self.literals()?),
            "CoroutineType" | "Coroutine" => {
                self.arguments(depth)?;
                Type::Code
            }
            "def" | "bound" => {
                self.rest = "".chars().peekable();
                Type::Code
            }
            // Of which the inside is not a type that says what the value is.
            "Top" | "Bottom" | "TypeIs" | "TypeGuard" | "type" => {
                self.arguments(depth)?;
                Type::Any
            }
            _ => Type::Class(short, self.arguments(depth)?),
        };
        Some(type_)
    }

    fn arguments(&mut self, depth: usize) -> Option<Vec<Vec<Type>>> {
        let mut arguments = Vec::new();
        if self.rest.next_if_eq(&'[').is_none() {
            return Some(arguments);
        }
        loop {
            self.spaces();
            if self.rest.next_if_eq(&']').is_some() {
                return Some(arguments);
            }
            arguments.push(self.union(depth + 1)?);
            self.spaces();
            match self.rest.next()? {
                ',' => {}
                ']' => return Some(arguments),
                _ => return None,
            }
        }
    }

    /// The values in the brackets of `Literal`.
    fn literals(&mut self) -> Option<Vec<String>> {
        self.rest.next_if_eq(&'[')?;
        let mut values = Vec::new();
        let mut value = String::new();
        let mut quote = None;
        loop {
            let letter = self.rest.next()?;
            match (letter, quote) {
                ('\\', Some(_)) => {
                    value.push(letter);
                    value.push(self.rest.next()?);
                    continue;
                }
                ('"' | '\'', None) => quote = Some(letter),
                (letter, Some(open)) if letter == open => quote = None,
                (',' | ']', None) => {
                    values.push(std::mem::take(&mut value).trim().to_owned());
                    if letter == ']' {
                        return Some(values);
                    }
                    continue;
                }
                _ => {}
            }
            value.push(letter);
        }
    }
}
