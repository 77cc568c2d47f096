//! Shapes of several values as one, within bounds.

use super::shape::{Field, MAX_DEPTH, MAX_KEYS, MAX_PARTS, Shape, is_name};

impl Shape {
    /// What two values have been.
    pub(super) fn merge(self, other: Self) -> Self {
        if self.any || other.any {
            return Self::anything();
        }
        let either = |a: Option<Box<Self>>, b: Option<Box<Self>>| match (a, b) {
            (Some(a), Some(b)) => Some(Box::new(a.merge(*b))),
            (one, other) => one.or(other),
        };
        let mut merged = Self {
            any: false,
            none: self.none || other.none,
            bool: self.bool || other.bool,
            int: self.int || other.int,
            float: self.float || other.float,
            str: self.str || other.str,
            list: either(self.list, other.list),
            dict: either(self.dict, other.dict),
            object: match (self.object, other.object) {
                (Some(a), Some(b)) => Some(merge_fields(a, b)),
                (one, other) => one.or(other),
            },
        };
        merged.settle();
        merged
    }

    /// One of both kinds of objects. Keys that are never the same twice are
    /// data.
    fn settle(&mut self) {
        let are_names = |fields: &Vec<Field>| {
            let has_common = fields.iter().any(|field| field.required) || fields.len() < 2;
            fields.len() <= MAX_KEYS && has_common
        };
        let is_dict = self.dict.is_some()
            || self
                .object
                .as_ref()
                .is_some_and(|fields| !are_names(fields));
        if !is_dict {
            return;
        }
        let values = self
            .object
            .take()
            .into_iter()
            .flatten()
            .map(|field| field.shape);
        let known = self.dict.take().map(|values| *values).unwrap_or_default();
        self.dict = Some(Box::new(values.fold(known, Self::merge)));
    }

    /// The same within the bounds.
    pub(super) fn bounded(self) -> Self {
        let mut parts = MAX_PARTS;
        self.within(0, &mut parts)
    }

    fn within(mut self, depth: usize, parts: &mut usize) -> Self {
        if self.any || *parts == 0 || depth > MAX_DEPTH {
            return Self::anything();
        }
        *parts -= 1;
        let is_odd = |fields: &Vec<Field>| {
            fields.len() > MAX_KEYS || !fields.iter().all(|field| is_name(&field.key))
        };
        if self.object.as_ref().is_some_and(is_odd) {
            // Read from somewhere: none is made like this.
            self.dict = Some(Box::default());
            self.object = None;
        }
        self.list = self
            .list
            .map(|items| Box::new(items.within(depth + 1, parts)));
        self.dict = self
            .dict
            .map(|values| Box::new(values.within(depth + 1, parts)));
        for field in self.object.iter_mut().flatten() {
            field.shape = std::mem::take(&mut field.shape).within(depth + 1, parts);
        }
        self
    }
}

fn merge_fields(mut fields: Vec<Field>, others: Vec<Field>) -> Vec<Field> {
    for field in &mut fields {
        let is_there = others.iter().any(|other| other.key == field.key);
        field.required &= is_there;
    }
    for mut other in others {
        match fields.iter_mut().find(|field| field.key == other.key) {
            Some(field) => {
                field.required &= other.required;
                field.shape = std::mem::take(&mut field.shape).merge(other.shape);
            }
            None => {
                other.required = false;
                fields.push(other);
            }
        }
    }
    fields
}
