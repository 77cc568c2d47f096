//! Changes the texts in a value.

use std::collections::HashMap;
use std::sync::Arc;

use monty_host::Value;
use monty_host::value::{Dict, Instance, NamedTuple};

/// The value with its texts, those within bytes and paths among them, changed;
/// nothing if none did. An object that is held twice is changed once, and stays
/// one object.
pub(crate) fn rewrite(
    value: &Value,
    change: &mut dyn FnMut(&str) -> Option<String>,
) -> Option<Value> {
    let mut rewriter = Rewriter {
        change,
        known: HashMap::new(),
    };
    rewriter.value(value)
}

/// Bytes with the texts in them changed; nothing if none did. A text that is
/// looked for is within one of the parts that are UTF-8, whatever is around it.
pub(crate) fn rewrite_bytes(
    bytes: &[u8],
    change: &mut dyn FnMut(&str) -> Option<String>,
) -> Option<Vec<u8>> {
    let mut all: Option<Vec<u8>> = None;
    let mut read = 0;
    for chunk in bytes.utf8_chunks() {
        let (valid, invalid) = (chunk.valid(), chunk.invalid());
        match (change(valid), &mut all) {
            (Some(changed), all) => {
                let before = || bytes.get(..read).unwrap_or_default().to_vec();
                let all = all.get_or_insert_with(before);
                all.extend(changed.into_bytes());
                all.extend_from_slice(invalid);
            }
            (None, Some(all)) => {
                all.extend_from_slice(valid.as_bytes());
                all.extend_from_slice(invalid);
            }
            (None, None) => {}
        }
        read += valid.len() + invalid.len();
    }
    all
}

struct Rewriter<'c> {
    change: &'c mut dyn FnMut(&str) -> Option<String>,
    /// What became of each container, by its address.
    known: HashMap<usize, Option<Value>>,
}

impl Rewriter<'_> {
    fn value(&mut self, value: &Value) -> Option<Value> {
        match value {
            Value::Str(text) => (self.change)(text).map(Value::from),
            Value::Path(text) => (self.change)(text).map(Value::path),
            Value::Bytes(bytes) => rewrite_bytes(bytes, self.change).map(Value::bytes),
            Value::List(items) => self.items(items, Value::List),
            Value::Tuple(items) => self.items(items, Value::Tuple),
            Value::Set(items) => self.items(items, Value::Set),
            Value::FrozenSet(items) => self.items(items, Value::FrozenSet),
            Value::Dict(entries) => self.once(entries, |this| {
                this.dict(entries)
                    .map(|entries| Value::Dict(Arc::new(entries)))
            }),
            Value::NamedTuple(tuple) => self.once(tuple, |this| {
                let values = this.all(tuple.values())?;
                let changed =
                    NamedTuple::from_parts(tuple.type_name(), tuple.field_names(), values);
                changed.ok().map(|tuple| Value::NamedTuple(Arc::new(tuple)))
            }),
            Value::Instance(instance) => self.once(instance, |this| {
                let attributes = this.dict(&instance.attributes)?;
                Some(Value::Instance(Arc::new(Instance {
                    class: Arc::clone(&instance.class),
                    id: instance.id,
                    attributes,
                })))
            }),
            _ => None,
        }
    }

    fn once<T>(
        &mut self,
        container: &Arc<T>,
        change: impl FnOnce(&mut Self) -> Option<Value>,
    ) -> Option<Value> {
        let address = Arc::as_ptr(container).addr();
        if let Some(known) = self.known.get(&address) {
            return known.clone();
        }
        let changed = change(self);
        self.known.insert(address, changed.clone());
        changed
    }

    fn items(
        &mut self,
        items: &Arc<Vec<Value>>,
        kind: impl FnOnce(Arc<Vec<Value>>) -> Value,
    ) -> Option<Value> {
        self.once(items, |this| {
            this.all(items).map(|items| kind(Arc::new(items)))
        })
    }

    /// The items, if one of them changed.
    fn all(&mut self, items: &[Value]) -> Option<Vec<Value>> {
        let mut changed: Option<Vec<Value>> = None;
        for (index, item) in items.iter().enumerate() {
            if let Some(new) = self.value(item) {
                let items = changed.get_or_insert_with(|| items.to_vec());
                if let Some(place) = items.get_mut(index) {
                    *place = new;
                }
            }
        }
        changed
    }

    fn dict(&mut self, entries: &Dict) -> Option<Dict> {
        let mut has_changed = false;
        let entries: Vec<(Value, Value)> = entries
            .iter()
            .map(|(key, value)| {
                let new = (self.value(key), self.value(value));
                has_changed |= new.0.is_some() || new.1.is_some();
                (
                    new.0.unwrap_or_else(|| key.clone()),
                    new.1.unwrap_or_else(|| value.clone()),
                )
            })
            .collect();
        has_changed.then(|| entries.into_iter().collect())
    }
}
