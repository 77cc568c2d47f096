//! The deserializer that notes what it is asked for.

use std::any::type_name;

use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeSeed, Deserializer as _, EnumAccess, IntoDeserializer, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};

use super::super::types::Type;
use super::bounds::{MAX_DEPTH, MAX_STEPS, Stop, python_type};
use super::survey::{Content, Key, Kind, Node, Seen, Survey};

/// A deserializer that has something for whoever asks, and notes what that is.
pub(super) struct Probe<'p> {
    pub(super) survey: &'p mut Survey,
    pub(super) seen: &'p mut Seen,
    /// The variant of an enum whose fields these are.
    pub(super) variant: Option<&'static str>,
    pub(super) depth: usize,
}

impl<'p> Probe<'p> {
    pub(super) fn new(survey: &'p mut Survey, seen: &'p mut Seen, depth: usize) -> Self {
        Self {
            survey,
            seen,
            variant: None,
            depth,
        }
    }

    /// The same place, one step further.
    fn step(self) -> Result<Self, Stop> {
        self.survey.steps += 1;
        if self.depth > MAX_DEPTH || self.survey.steps > MAX_STEPS {
            return Err(Stop);
        }
        Ok(self)
    }

    fn is(self, ty: Type) -> Result<(), Stop> {
        let probe = self.step()?;
        *probe.seen = Seen::Known(ty);
        Ok(())
    }

    /// Enters the node of a visitor.
    fn enter<V>(self, kind: Kind) -> Result<Entered<'p>, Stop> {
        let probe = self.step()?;
        let node = probe.survey.node(Key {
            visitor: type_name::<V>(),
            kind,
            variant: probe.variant,
        });
        *probe.seen = Seen::Node(node);
        Ok(Entered {
            survey: probe.survey,
            node,
            depth: probe.depth + 1,
        })
    }
}

/// A node on its way through a run.
struct Entered<'p> {
    survey: &'p mut Survey,
    node: usize,
    depth: usize,
}

impl Entered<'_> {
    fn is_active(&self) -> bool {
        self.survey.is_active(self.node)
    }

    /// Whether the content of a container is worth a look.
    fn has_more(&self) -> bool {
        !self.is_active() && self.survey.has_more(&Seen::Node(self.node))
    }

    /// Looks into the node.
    fn within<T>(&mut self, look: impl FnOnce(&mut Survey, usize) -> T) -> T {
        self.survey.active.push(self.node);
        let result = look(self.survey, self.depth);
        self.survey.active.pop();
        result
    }
}

macro_rules! scalars {
    ($($method:ident: $ty:ident => $visit:ident($value:expr);)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
            self.is(Type::$ty)?;
            visitor.$visit($value)
        }
    )*};
}

impl<'de> de::Deserializer<'de> for Probe<'_> {
    type Error = Stop;

    scalars! {
        deserialize_bool: Bool => visit_bool(true);
        deserialize_i8: Int => visit_i8(1);
        deserialize_i16: Int => visit_i16(1);
        deserialize_i32: Int => visit_i32(1);
        deserialize_i64: Int => visit_i64(1);
        deserialize_i128: Int => visit_i128(1);
        deserialize_u8: Int => visit_u8(1);
        deserialize_u16: Int => visit_u16(1);
        deserialize_u32: Int => visit_u32(1);
        deserialize_u64: Int => visit_u64(1);
        deserialize_u128: Int => visit_u128(1);
        deserialize_f32: Float => visit_f32(1.0);
        deserialize_f64: Float => visit_f64(1.0);
        deserialize_char: Str => visit_char('1');
        // What is parsed is a number more often than anything else.
        deserialize_str: Str => visit_borrowed_str("1");
        deserialize_string: Str => visit_borrowed_str("1");
        deserialize_identifier: Str => visit_borrowed_str("1");
        deserialize_bytes: Bytes => visit_borrowed_bytes(b"");
        deserialize_byte_buf: Bytes => visit_borrowed_bytes(b"");
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        self.is(Type::Any)?;
        visitor.visit_unit()
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        self.deserialize_any(visitor)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        self.is(Type::None)?;
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Stop> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Stop> {
        let mut probe = self.step()?;
        probe.depth += 1;
        visitor.visit_newtype_struct(probe)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        let mut entered = self.enter::<V>(Kind::Optional)?;
        if !entered.has_more() {
            return visitor.visit_none();
        }
        let mut seen = Seen::Nothing;
        let result = entered
            .within(|survey, depth| visitor.visit_some(Probe::new(survey, &mut seen, depth)));
        entered.survey.note_in(entered.node, Node::content, seen);
        result
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        let mut entered = self.enter::<V>(Kind::List)?;
        let length = usize::from(entered.has_more());
        let mut seen = vec![Seen::Nothing; length];
        let result = entered.within(|survey, depth| {
            visitor.visit_seq(Items {
                survey,
                seen: seen.iter_mut(),
                depth,
            })
        });
        for seen in seen {
            entered.survey.note_in(entered.node, Node::content, seen);
        }
        result
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Stop> {
        let mut entered = self.enter::<V>(Kind::Tuple(length))?;
        if entered.is_active() {
            return Err(Stop);
        }
        let mut seen = vec![Seen::Nothing; length];
        let result = entered.within(|survey, depth| {
            visitor.visit_seq(Items {
                survey,
                seen: seen.iter_mut(),
                depth,
            })
        });
        let survey = entered.survey;
        if let Some(Node::Tuple(items)) = survey.nodes.get_mut(entered.node) {
            for (item, seen) in items.iter_mut().zip(seen) {
                if seen != Seen::Nothing && *item != seen {
                    *item = seen;
                    survey.news += 1;
                }
            }
        }
        result
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Stop> {
        self.deserialize_tuple(length, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        let mut entered = self.enter::<V>(Kind::Dict)?;
        let mut entry = (Seen::Nothing, Seen::Nothing);
        let has_entry = entered.has_more();
        let result = entered.within(|survey, depth| {
            visitor.visit_map(Entry {
                survey,
                entry: has_entry.then_some(&mut entry),
                value: None,
                depth,
            })
        });
        if has_entry {
            entered
                .survey
                .note_in(entered.node, Node::content_key, entry.0);
            entered.survey.note_in(entered.node, Node::content, entry.1);
        }
        result
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stop> {
        let mut entered = self.enter::<V>(Kind::Struct(name, names))?;
        if entered.is_active() {
            return Err(Stop);
        }
        let (mut seen, mut refused) = (Vec::new(), None);
        let node = entered.node;
        entered.within(|survey, depth| {
            let plan = survey.plan(node).ok_or(Stop)?;
            let result = visitor.visit_map(Fields {
                survey,
                names,
                order: plan.order.iter(),
                key: None,
                seen: &mut seen,
                refused: &mut refused,
                depth,
            });
            survey.learn_struct(node, &plan, seen, refused, result.is_ok());
            result
        })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stop> {
        let mut entered = self.enter::<V>(Kind::Enum(name, names))?;
        let node = entered.node;
        let chosen = entered.survey.choose(node).ok_or(Stop)?;
        let variant = names.get(chosen).copied().ok_or(Stop)?;
        let mut content = Content::Nothing;
        entered.within(|survey, depth| {
            let result = visitor.visit_enum(Choice {
                survey,
                variant,
                content: &mut content,
                depth,
            });
            survey.learn_variant(node, chosen, content, result.is_ok());
            result
        })
    }
}

/// Looks into a part of a type.
fn look<'de, S: DeserializeSeed<'de>>(seed: S, probe: Probe<'_>) -> Result<S::Value, Stop> {
    let Probe { survey, seen, .. } = probe;
    let result = seed.deserialize(Probe::new(survey, seen, probe.depth));
    if let Some(ty) = python_type::<S::Value>() {
        *seen = Seen::Known(ty);
    }
    result
}

/// The items of a list or a tuple.
struct Items<'p> {
    survey: &'p mut Survey,
    seen: std::slice::IterMut<'p, Seen>,
    depth: usize,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Stop;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Stop> {
        let Some(seen) = self.seen.next() else {
            return Ok(None);
        };
        look(seed, Probe::new(self.survey, seen, self.depth)).map(Some)
    }
}

/// The entry of a dict.
struct Entry<'p> {
    survey: &'p mut Survey,
    entry: Option<&'p mut (Seen, Seen)>,
    value: Option<&'p mut Seen>,
    depth: usize,
}

impl<'de> MapAccess<'de> for Entry<'_> {
    type Error = Stop;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Stop> {
        let Some((key, value)) = self.entry.take() else {
            return Ok(None);
        };
        self.value = Some(value);
        look(seed, Probe::new(self.survey, key, self.depth)).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Stop> {
        let seen = self.value.take().ok_or(Stop)?;
        look(seed, Probe::new(self.survey, seen, self.depth))
    }
}

/// The fields of a struct.
struct Fields<'p> {
    survey: &'p mut Survey,
    names: &'static [&'static str],
    order: std::slice::Iter<'p, usize>,
    /// The field whose name was taken.
    key: Option<usize>,
    seen: &'p mut Vec<(usize, Seen)>,
    /// The field whose name was refused.
    refused: &'p mut Option<usize>,
    depth: usize,
}

impl<'de> MapAccess<'de> for Fields<'_> {
    type Error = Stop;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Stop> {
        let Some(&index) = self.order.next() else {
            return Ok(None);
        };
        let name = self.names.get(index).copied().ok_or(Stop)?;
        self.key = Some(index);
        *self.refused = Some(index);
        let name: StrDeserializer<'_, Stop> = name.into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Stop> {
        let index = self.key.take().ok_or(Stop)?;
        *self.refused = None;
        let mut seen = Seen::Nothing;
        let result = look(seed, Probe::new(self.survey, &mut seen, self.depth));
        self.seen.push((index, seen));
        result
    }
}

/// A variant of an enum.
struct Choice<'p> {
    survey: &'p mut Survey,
    variant: &'static str,
    content: &'p mut Content,
    depth: usize,
}

impl<'de> EnumAccess<'de> for Choice<'_> {
    type Error = Stop;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Stop> {
        let variant: StrDeserializer<'_, Stop> = self.variant.into_deserializer();
        Ok((seed.deserialize(variant)?, self))
    }
}

impl Choice<'_> {
    /// Looks into what the variant holds.
    fn content<T>(self, look: impl FnOnce(Probe<'_>) -> Result<T, Stop>) -> Result<T, Stop> {
        let mut seen = Seen::Nothing;
        let mut probe = Probe::new(self.survey, &mut seen, self.depth);
        probe.variant = Some(self.variant);
        let result = look(probe);
        *self.content = Content::Some(seen);
        result
    }
}

impl<'de> VariantAccess<'de> for Choice<'_> {
    type Error = Stop;

    fn unit_variant(self) -> Result<(), Stop> {
        *self.content = Content::Unit;
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Stop> {
        self.content(|probe| look(seed, probe))
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Stop> {
        self.content(|probe| probe.deserialize_tuple(length, visitor))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stop> {
        let variant = self.variant;
        self.content(|probe| probe.deserialize_struct(variant, names, visitor))
    }
}
