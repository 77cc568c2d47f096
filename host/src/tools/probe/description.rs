//! Turns what was seen into a [`Type`].

use std::collections::HashMap;
use std::sync::Arc;

use super::super::types::{Field, Record, Type};
use super::bounds::MAX_STEPS;
use super::survey::{Content, Enum, Node, Seen, Struct, Survey};

/// The longest tuple that is described item by item.
const MAX_TUPLE: usize = 16;

/// Describes what was seen.
pub(super) struct Description<'s> {
    survey: &'s Survey,
    /// The nodes that are being described, outermost first.
    around: Vec<usize>,
    /// The outermost of them that what is being described refers to.
    refers_to: usize,
    /// Structs that refer to nothing around them.
    records: HashMap<usize, Arc<Record>>,
    steps: usize,
}

impl<'s> Description<'s> {
    pub(super) fn new(survey: &'s Survey) -> Self {
        Self {
            survey,
            around: Vec::new(),
            refers_to: usize::MAX,
            records: HashMap::new(),
            steps: 0,
        }
    }

    /// The type of a place.
    pub(super) fn of(&mut self, seen: &Seen) -> Type {
        self.steps += 1;
        let node = match seen {
            Seen::Known(ty) => return ty.clone(),
            Seen::Node(node) if self.steps <= MAX_STEPS => *node,
            Seen::Node(_) | Seen::Nothing => return Type::Any,
        };
        if let Some(record) = self.records.get(&node) {
            return Type::Record(Arc::clone(record));
        }
        let survey = self.survey;
        let Some(content) = survey.nodes.get(node) else {
            return Type::Any;
        };
        if let Some(place) = self.around.iter().position(|around| *around == node) {
            self.refers_to = self.refers_to.min(place);
            return match content {
                Node::Struct(fields) => Type::Enclosing(fields.name.into()),
                _ => Type::Any,
            };
        }
        self.around.push(node);
        let ty = match content {
            Node::Optional(inner) => Type::optional(self.of(inner)),
            Node::List(inner) => Type::list(self.of(inner)),
            Node::Dict(key, value) => Type::dict(self.of(key), self.of(value)),
            Node::Tuple(items) => self.tuple(items),
            Node::Struct(fields) => self.record(node, fields),
            Node::Enum(variants) => self.variants(variants),
        };
        self.around.pop();
        ty
    }

    fn tuple(&mut self, items: &[Seen]) -> Type {
        match items {
            [first, ..] if items.len() > MAX_TUPLE => Type::list(self.of(first)),
            items => Type::tuple(items.iter().map(|item| self.of(item))),
        }
    }

    fn record(&mut self, node: usize, seen: &Struct) -> Type {
        let place = self.around.len() - 1;
        let before = std::mem::replace(&mut self.refers_to, usize::MAX);
        let mut record = Record::new(seen.name);
        for (name, field) in seen.names.iter().zip(&seen.fields) {
            if !field.is_alias {
                // One that was never made did not show what it can do without.
                let required = field.required.unwrap_or(!self.is_option(&field.seen));
                let described = Field::new(*name, self.of(&field.seen));
                record = record.with(match required {
                    true => described,
                    false => described.optional(),
                });
            }
        }
        let record = Arc::new(record);
        if self.refers_to >= place {
            self.records.insert(node, Arc::clone(&record));
            self.refers_to = before;
        } else {
            self.refers_to = self.refers_to.min(before);
        }
        Type::Record(record)
    }

    fn is_option(&self, seen: &Seen) -> bool {
        match seen {
            Seen::Node(node) => matches!(self.survey.nodes.get(*node), Some(Node::Optional(_))),
            Seen::Known(Type::Union(_)) => true,
            Seen::Known(_) | Seen::Nothing => false,
        }
    }

    fn variants(&mut self, seen: &Enum) -> Type {
        let variants = seen.names.iter().zip(&seen.variants);
        Type::union(variants.map(|(variant, shown)| {
            let content = match &shown.content {
                Content::Unit => return Type::literal([*variant]),
                Content::Nothing => Type::Any,
                Content::Some(seen) => self.of(seen),
            };
            let record = Record::new(format!("{}{variant}", seen.name));
            record.field(*variant, content).into()
        }))
    }
}
