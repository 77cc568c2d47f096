//! The objects behind the container cases of [`Value`].

use std::sync::Arc;

use crate::error::excerpt;
use crate::types::ObjectId;
use crate::{Error, Value};

/// The entries of a `dict`, or the attributes of an object, in their order.
///
/// A repeated key is kept twice; [`get`](Self::get) returns the last one, as
/// Python does when it receives such a dict. Look-ups are linear: a value is a
/// message in transit, not a data structure for searching.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dict(Vec<(Value, Value)>);

impl Dict {
    /// A dict without entries.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether the dict is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of a `str` key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.find(|candidate| candidate.as_str() == Some(key))
    }

    /// The value of any key.
    pub fn get_value(&self, key: &Value) -> Option<&Value> {
        self.find(|candidate| candidate == key)
    }

    fn find(&self, is_wanted: impl Fn(&Value) -> bool) -> Option<&Value> {
        let entry = self.0.iter().rev().find(|(key, _)| is_wanted(key));
        entry.map(|(_, value)| value)
    }

    /// Adds an entry at the end, even if the key exists.
    pub fn push(&mut self, key: impl Into<Value>, value: impl Into<Value>) {
        self.0.push((key.into(), value.into()));
    }

    /// The entries in their order.
    pub fn iter(&self) -> std::slice::Iter<'_, (Value, Value)> {
        self.0.iter()
    }

    /// The keys in their order.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &Value> {
        self.0.iter().map(|(key, _)| key)
    }

    /// The values in their order.
    pub fn values(&self) -> impl ExactSizeIterator<Item = &Value> {
        self.0.iter().map(|(_, value)| value)
    }
}

impl<K: Into<Value>, V: Into<Value>> FromIterator<(K, V)> for Dict {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let entries = entries.into_iter();
        Self(
            entries
                .map(|(key, value)| (key.into(), value.into()))
                .collect(),
        )
    }
}

impl From<Vec<(Value, Value)>> for Dict {
    fn from(entries: Vec<(Value, Value)>) -> Self {
        Self(entries)
    }
}

impl IntoIterator for Dict {
    type Item = (Value, Value);
    type IntoIter = std::vec::IntoIter<(Value, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Dict {
    type Item = &'a (Value, Value);
    type IntoIter = std::slice::Iter<'a, (Value, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

/// A named tuple: its values, each with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedTuple {
    type_name: Arc<str>,
    field_names: Arc<[String]>,
    values: Vec<Value>,
}

impl NamedTuple {
    /// A named tuple of a type such as `os.stat_result`.
    pub fn new<N: Into<String>, V: Into<Value>>(
        type_name: &str,
        fields: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let (names, values): (Vec<String>, Vec<Value>) = fields
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()))
            .unzip();
        Self {
            type_name: type_name.into(),
            field_names: names.into(),
            values,
        }
    }

    /// A named tuple from its names and values.
    ///
    /// # Errors
    ///
    /// If their numbers differ.
    pub fn from_parts(
        type_name: &str,
        field_names: &[String],
        values: Vec<Value>,
    ) -> Result<Self, Error> {
        if field_names.len() != values.len() {
            return Err(Error::new(format!(
                "named tuple {} has {} fields, but {} values",
                excerpt(type_name),
                field_names.len(),
                values.len()
            )));
        }
        Ok(Self {
            type_name: type_name.into(),
            field_names: field_names.into(),
            values,
        })
    }

    /// The name of its type.
    pub fn type_name(&self) -> &str {
        &self.type_name
    }

    /// The names, one for each value.
    pub fn field_names(&self) -> &[String] {
        &self.field_names
    }

    /// The values.
    pub fn values(&self) -> &[Value] {
        &self.values
    }

    /// The value with this name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.iter()
            .find(|(candidate, _)| *candidate == name)
            .map(|(_, value)| value)
    }

    /// The names with their values.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> {
        self.field_names
            .iter()
            .map(String::as_str)
            .zip(&self.values)
    }
}

/// A class that the script or the host defined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Class {
    /// The name that Python shows.
    pub name: String,
    /// Its identity.
    pub id: ObjectId,
    /// Whether the host defined it.
    pub host_defined: bool,
    /// What `dataclasses.is_dataclass()` returns for it.
    pub dataclass: bool,
    /// The attributes that are sent with it. The host is asked for others.
    pub attributes: Dict,
}

impl Class {
    /// A class of the host with a new identity and no attributes.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            id: ObjectId::random(),
            host_defined: true,
            dataclass: false,
            attributes: Dict::new(),
        }
    }
}

/// An instance of a [`Class`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// The class.
    pub class: Arc<Class>,
    /// Its identity.
    pub id: ObjectId,
    /// The attributes that are sent with it. The host is asked for others.
    pub attributes: Dict,
}

impl Instance {
    /// An instance with a new identity.
    pub fn new(class: Arc<Class>, attributes: Dict) -> Self {
        Self {
            class,
            id: ObjectId::random(),
            attributes,
        }
    }
}

/// A module of the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// The dotted name, such as `pkg.sub`.
    pub name: String,
    /// Its identity.
    pub id: ObjectId,
    /// The attributes that are sent with it. The host is asked for others.
    pub attributes: Dict,
}

impl Module {
    /// A module with a new identity.
    pub fn new(name: impl Into<String>, attributes: Dict) -> Self {
        Self {
            name: name.into(),
            id: ObjectId::random(),
            attributes,
        }
    }
}
