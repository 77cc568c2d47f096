//! Caches of text that repeats, such as the keys of a thousand dicts.

use std::sync::Arc;

/// The most recent short texts, each with an object made of it.
#[derive(Debug)]
pub(crate) struct TextCache<T>([Option<Entry<T>>; SLOTS]);

/// A short text and its object.
#[derive(Clone, Copy, Debug)]
struct Entry<T> {
    text: [u8; LONGEST],
    length: usize,
    object: T,
}

const SLOTS: usize = 64;
const LONGEST: usize = 32;

impl<T> Default for TextCache<T> {
    fn default() -> Self {
        Self([const { None }; SLOTS])
    }
}

impl<T: Clone> TextCache<T> {
    /// The object of a text.
    pub(crate) fn get(&self, text: &str) -> Option<T> {
        let entry = self.0.get(slot(text)).and_then(Option::as_ref)?;
        let known = entry.text.get(..entry.length)?;
        (known == text.as_bytes()).then(|| entry.object.clone())
    }

    /// Remembers the object of a text, unless the text is long.
    pub(crate) fn insert(&mut self, text: &str, object: T) {
        let mut entry = Entry {
            text: [0; LONGEST],
            length: text.len(),
            object,
        };
        let place = entry.text.get_mut(..text.len());
        if let (Some(place), Some(slot)) = (place, self.0.get_mut(slot(text))) {
            place.copy_from_slice(text.as_bytes());
            *slot = Some(entry);
        }
    }
}

impl TextCache<Arc<str>> {
    /// One allocation for equal texts.
    pub(crate) fn shared(&mut self, text: &str) -> Arc<str> {
        self.get(text).unwrap_or_else(|| {
            let shared: Arc<str> = text.into();
            self.insert(text, Arc::clone(&shared));
            shared
        })
    }
}

fn slot(text: &str) -> usize {
    let text = text.as_bytes();
    let (chunks, rest) = text.as_chunks::<8>();
    let rest = rest
        .iter()
        .fold(0, |word, byte| word << 8 | u64::from(*byte));
    let words = chunks.iter().map(|chunk| u64::from_le_bytes(*chunk));
    let hash = words.chain([rest]).fold(text.len() as u64, |hash, word| {
        (hash ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    });
    (hash >> 58) as usize % SLOTS
}

/// The most recent names of the program, each with its object in a [`TextCache`].
/// They are found by their address, without a look at the text. Where a name lies
/// in memory changes what is found here, but not what it is: an object that the
/// other cache has dropped counts as unknown.
#[derive(Debug)]
pub(crate) struct NameCache<T>([Option<Name<T>>; SLOTS]);

/// A name and its object.
#[derive(Clone, Copy, Debug)]
struct Name<T> {
    name: &'static str,
    /// Its place in the cache of texts.
    text_slot: usize,
    object: T,
}

impl<T> Default for NameCache<T> {
    fn default() -> Self {
        Self([const { None }; SLOTS])
    }
}

impl<T: Copy + PartialEq> NameCache<T> {
    /// The object of a name, if `texts` has it too.
    pub(crate) fn get(&self, name: &'static str, texts: &TextCache<T>) -> Option<T> {
        let known = self.0.get(address_slot(name))?.as_ref()?;
        let text = texts.0.get(known.text_slot)?.as_ref()?;
        (std::ptr::eq(known.name, name) && text.object == known.object).then_some(known.object)
    }

    /// Remembers the object of a name.
    pub(crate) fn insert(&mut self, name: &'static str, object: T) {
        if let Some(place) = self.0.get_mut(address_slot(name)) {
            *place = Some(Name {
                name,
                text_slot: slot(name),
                object,
            });
        }
    }
}

fn address_slot(name: &'static str) -> usize {
    let address = (name.as_ptr() as u64).wrapping_add(name.len() as u64);
    (address.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58) as usize % SLOTS
}
