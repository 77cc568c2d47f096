//! The parts of what a [`Probe`] is asked for.

use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeSeed, Deserializer as _, EnumAccess, IntoDeserializer, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};

use super::deserializer::Probe;
use super::survey::{Content, Seen, Survey};
use super::{Stop, python_type};

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
pub(super) struct Items<'p> {
    pub(super) survey: &'p mut Survey,
    pub(super) seen: std::slice::IterMut<'p, Seen>,
    pub(super) depth: usize,
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
pub(super) struct Entry<'p> {
    pub(super) survey: &'p mut Survey,
    pub(super) entry: Option<&'p mut (Seen, Seen)>,
    pub(super) value: Option<&'p mut Seen>,
    pub(super) depth: usize,
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
pub(super) struct Fields<'p> {
    pub(super) survey: &'p mut Survey,
    pub(super) names: &'static [&'static str],
    pub(super) order: std::slice::Iter<'p, usize>,
    /// The field whose name was taken.
    pub(super) key: Option<usize>,
    pub(super) seen: &'p mut Vec<(usize, Seen)>,
    /// The field whose name was refused.
    pub(super) refused: &'p mut Option<usize>,
    pub(super) depth: usize,
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
pub(super) struct Choice<'p> {
    pub(super) survey: &'p mut Survey,
    pub(super) variant: &'static str,
    pub(super) content: &'p mut Content,
    pub(super) depth: usize,
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
