//! How many tokens a text has for a model.

/// Counts the tokens of a text, for [`Catalogue`](crate::Catalogue).
///
/// A closure is one, such as one around the tokenizer of your model. It must
/// count the same text the same each time.
pub trait TokenCounter {
    /// How many tokens the text has.
    fn count(&self, text: &str) -> usize;
}

impl<F: Fn(&str) -> usize> TokenCounter for F {
    fn count(&self, text: &str) -> usize {
        self(text)
    }
}

/// Counts without a tokenizer.
///
/// A word is one token for each eight letters it starts, a number one for each
/// three digits, a row of other ASCII characters one for each two, and any
/// other character one. A space before a word and the indent of a line are
/// parts of what they stand beside. Camel case and `_` start a word.
///
/// For the Python of a catalogue this is within a sixth of what current
/// tokenizers count (`o200k_base`), and rather more than less. It is no measure
/// of prose in scripts other than Latin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "it is written as a value, and has no fields to come"
)]
pub struct EstimatedTokens;

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Word,
    Number,
    Mark,
    Space,
    Other,
}

impl Kind {
    fn of(character: char) -> Self {
        match character {
            'a'..='z' | 'A'..='Z' => Self::Word,
            '0'..='9' => Self::Number,
            ' ' => Self::Space,
            character if character.is_ascii() => Self::Mark,
            _ => Self::Other,
        }
    }

    /// How many characters of a row are one token.
    fn per_token(self) -> usize {
        match self {
            Self::Word => 8,
            Self::Number => 3,
            Self::Mark => 2,
            Self::Space => usize::MAX,
            Self::Other => 1,
        }
    }
}

impl TokenCounter for EstimatedTokens {
    fn count(&self, text: &str) -> usize {
        let mut tokens = 0;
        let mut row = 0;
        let mut last: Option<char> = None;
        for character in text.chars() {
            let kind = Kind::of(character);
            let continues = last.is_some_and(|last| {
                let camel = last.is_ascii_lowercase() && character.is_ascii_uppercase();
                Kind::of(last) == kind && !camel
            });
            row = if continues { row + 1 } else { 0 };
            if kind != Kind::Space && row % kind.per_token() == 0 {
                tokens += 1;
            }
            last = Some(character);
        }
        tokens
    }
}
