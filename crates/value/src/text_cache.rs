//! [`TextCache`]: one allocation for repeated text.

use std::sync::Arc;

/// The most recent short texts, so that the keys of a thousand dicts share a
/// handful of allocations.
pub(crate) struct TextCache([Option<Arc<str>>; TextCache::SLOTS]);

impl Default for TextCache {
    fn default() -> Self {
        Self([const { None }; Self::SLOTS])
    }
}

impl TextCache {
    const SLOTS: usize = 64;
    const LONGEST: usize = 32;

    pub(crate) fn get(&mut self, text: &str) -> Arc<str> {
        if text.len() > Self::LONGEST {
            return text.into();
        }
        let hash = text.bytes().fold(text.len(), |hash, byte| {
            hash.wrapping_mul(31).wrapping_add(usize::from(byte))
        });
        let Some(slot) = self.0.get_mut(hash % Self::SLOTS) else {
            return text.into();
        };
        match slot {
            Some(known) if **known == *text => known.clone(),
            _ => slot.insert(text.into()).clone(),
        }
    }
}
