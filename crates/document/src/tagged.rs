//! A value with the kind of each of its parts.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::{self, Display, Formatter};
use std::sync::Arc;

use monty_value::types::{Complex, Date, Datetime, Time, Timedelta, Timezone};
use monty_value::{Dict, NamedTuple, ObjectId, Value};
use serde::ser::{Error as _, SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

/// The deepest nesting of arrays and objects, a little less than what JSON
/// readers accept, since the document is around it.
const MAX_NESTING: u32 = 120;

/// A value in a form that keeps the kind of each part, and tells an object held
/// twice from two equal ones: the form of the values in the project's folder
/// `conformance`.
///
/// Each value is an object with one key, its kind: `{"int": "7"}`,
/// `{"tuple": [{"str": "a"}, {"none": null}]}`. A container that is held at
/// several places has a label at the first, as in `{"list": [], "as": "1"}`,
/// and is `{"same": "1"}` at the others. Of an int with more than 4300 digits,
/// the digits are hexadecimal, after `0x`.
///
/// ```
/// use monty_document::Tagged;
/// use monty_value::Value;
///
/// let value = Value::tuple([Value::Int(1), Value::Float(f64::INFINITY)]);
/// let text = serde_json::to_string(&Tagged(&value))?;
/// assert_eq!(text, r#"{"tuple":[{"int":"1"},{"float":"inf"}]}"#);
/// # Ok::<_, serde_json::Error>(())
/// ```
///
/// Serialization fails if the text would be nested more than 120 levels deep.
#[derive(Clone, Copy, Debug)]
pub struct Tagged<'a>(pub &'a Value);

impl Serialize for Tagged<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut places = HashMap::new();
        if !count(self.0, 0, &mut places) {
            return Err(too_deep());
        }
        let shared = Shared(RefCell::new(Labels {
            places,
            last_label: 0,
        }));
        let part = Part {
            value: self.0,
            depth: 0,
            shared: &shared,
        };
        part.serialize(serializer)
    }
}

fn too_deep<E: serde::ser::Error>() -> E {
    E::custom("the value is nested too deep to be written with its kinds")
}

/// A container by its address.
type Identity = *const ();

fn identity(value: &Value) -> Option<Identity> {
    Some(match value {
        Value::List(items) | Value::Tuple(items) | Value::Set(items) | Value::FrozenSet(items) => {
            Arc::as_ptr(items).cast()
        }
        Value::Dict(dict) => Arc::as_ptr(dict).cast(),
        Value::NamedTuple(tuple) => Arc::as_ptr(tuple).cast(),
        Value::Class(class) => Arc::as_ptr(class).cast(),
        Value::Instance(instance) => Arc::as_ptr(instance).cast(),
        Value::Module(module) => Arc::as_ptr(module).cast(),
        _ => return None,
    })
}

/// A container in the text.
enum Place {
    Once,
    Several,
    Labelled(u32),
}

struct Labels {
    places: HashMap<Identity, Place>,
    last_label: u32,
}

struct Shared(RefCell<Labels>);

/// How a container is written.
enum Mention {
    /// It is held once, or is no container.
    Alone,
    /// It gets this label.
    First(u32),
    /// It is where this label is.
    Again(u32),
}

impl Shared {
    fn mention(&self, value: &Value) -> Mention {
        let mut labels = self.0.borrow_mut();
        let Labels { places, last_label } = &mut *labels;
        let place = identity(value).and_then(|identity| places.get_mut(&identity));
        match place {
            None | Some(Place::Once) => Mention::Alone,
            Some(Place::Labelled(label)) => Mention::Again(*label),
            Some(place) => {
                *last_label += 1;
                *place = Place::Labelled(*last_label);
                Mention::First(*last_label)
            }
        }
    }
}

/// Counts the places of each container. It fails if they are nested too deep.
fn count(value: &Value, depth: u32, places: &mut HashMap<Identity, Place>) -> bool {
    if depth > MAX_NESTING {
        return false;
    }
    let Some(identity) = identity(value) else {
        return true;
    };
    if let Some(place) = places.get_mut(&identity) {
        *place = Place::Several;
        return true;
    }
    places.insert(identity, Place::Once);
    let mut count_dict = |dict: &Dict| {
        let mut pairs = dict.iter();
        pairs.all(|(key, value)| count(key, depth + 1, places) && count(value, depth + 1, places))
    };
    match value {
        Value::Dict(dict) => count_dict(dict),
        Value::Class(class) => count_dict(&class.attributes),
        Value::Module(module) => count_dict(&module.attributes),
        Value::Instance(instance) => {
            count_dict(&instance.attributes)
                && count(&Value::Class(instance.class.clone()), depth + 1, places)
        }
        Value::NamedTuple(tuple) => {
            let mut values = tuple.values().iter();
            values.all(|value| count(value, depth + 1, places))
        }
        Value::List(items) | Value::Tuple(items) | Value::Set(items) | Value::FrozenSet(items) => {
            items.iter().all(|item| count(item, depth + 1, places))
        }
        _ => true,
    }
}

/// A part of the value, at a depth of the text.
#[derive(Clone, Copy)]
struct Part<'a> {
    value: &'a Value,
    depth: u32,
    shared: &'a Shared,
}

impl<'a> Part<'a> {
    /// A part so many levels below this one.
    fn inner(&self, value: &'a Value, levels: u32) -> Self {
        Self {
            value,
            depth: self.depth + levels,
            shared: self.shared,
        }
    }
}

impl Serialize for Part<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.depth > MAX_NESTING {
            return Err(too_deep());
        }
        let mention = self.shared.mention(self.value);
        let mut object = serializer.serialize_map(None)?;
        match mention {
            Mention::Again(label) => object.serialize_entry("same", &Text(label))?,
            Mention::Alone => self.serialize_kind(&mut object)?,
            Mention::First(label) => {
                self.serialize_kind(&mut object)?;
                object.serialize_entry("as", &Text(label))?;
            }
        }
        object.end()
    }
}

impl Part<'_> {
    fn serialize_kind<M: SerializeMap>(&self, object: &mut M) -> Result<(), M::Error> {
        match self.value {
            Value::None => object.serialize_entry("none", &()),
            Value::Bool(value) => object.serialize_entry("bool", value),
            // As in Python's text: the decimal digits of a huge int take minutes.
            Value::Int(_) | Value::BigInt(_) => object.serialize_entry("int", &Text(self.value)),
            Value::Float(value) => object.serialize_entry("float", &Float(*value)),
            Value::Complex(value) => object.serialize_entry("complex", &complex(value)),
            Value::Str(text) => object.serialize_entry("str", &**text),
            Value::Bytes(bytes) => object.serialize_entry("bytes", &Text(Hex(bytes))),
            Value::Ellipsis => object.serialize_entry("ellipsis", &()),
            Value::NotImplemented => object.serialize_entry("not-implemented", &()),
            Value::List(items) => object.serialize_entry("list", &Items(self, items)),
            Value::Tuple(items) => object.serialize_entry("tuple", &Items(self, items)),
            Value::Set(items) => object.serialize_entry("set", &Items(self, items)),
            Value::FrozenSet(items) => object.serialize_entry("frozenset", &Items(self, items)),
            Value::Dict(dict) => object.serialize_entry("dict", &Pairs(self, dict, 3)),
            Value::Decimal(value) => object.serialize_entry("decimal", value.as_str()),
            Value::Date(value) => object.serialize_entry("date", &date(value)),
            Value::DateTime(value) => object.serialize_entry("datetime", &datetime(value)),
            Value::Time(value) => object.serialize_entry("time", &time(value)),
            Value::TimeDelta(value) => object.serialize_entry("timedelta", &timedelta(value)),
            Value::TimeZone(value) => object.serialize_entry("timezone", &timezone(value)),
            Value::Path(path) => object.serialize_entry("path", &**path),
            Value::Exception(value) => object.serialize_entry(
                "exception",
                &ExceptionForm {
                    type_name: &value.type_name,
                    message: value.message.as_deref(),
                },
            ),
            Value::Type(name) => object.serialize_entry("type-object", &**name),
            Value::BuiltinFunction(name) => object.serialize_entry("builtin-function", &**name),
            Value::Function(value) => object.serialize_entry(
                "function",
                &FunctionForm {
                    name: &value.name,
                    docstring: value.docstring.as_deref(),
                },
            ),
            Value::NamedTuple(tuple) => object.serialize_entry(
                "named-tuple",
                &NamedTupleForm {
                    type_name: tuple.type_name(),
                    fields: NamedFields(self, tuple),
                },
            ),
            Value::Class(class) => object.serialize_entry(
                "class",
                &ClassForm {
                    name: &class.name,
                    id: Text(class.id),
                    host_defined: class.host_defined,
                    dataclass: class.dataclass,
                    attributes: Attributes(self, &class.attributes),
                },
            ),
            Value::Instance(instance) => {
                let class = Value::Class(instance.class.clone());
                object.serialize_entry(
                    "instance",
                    &InstanceForm {
                        class: Part {
                            value: &class,
                            depth: self.depth + 2,
                            shared: self.shared,
                        },
                        id: Text(instance.id),
                        attributes: Attributes(self, &instance.attributes),
                    },
                )
            }
            Value::Module(module) => object.serialize_entry(
                "module",
                &ModuleForm {
                    name: &module.name,
                    id: Text(module.id),
                    attributes: Attributes(self, &module.attributes),
                },
            ),
            Value::File(file) => object.serialize_entry(
                "file",
                &FileForm {
                    path: &file.path,
                    mode: &file.mode,
                    position: Text(file.position),
                },
            ),
            Value::Repr(text) => object.serialize_entry("representation", &**text),
            Value::Cycle(text) => object.serialize_entry("cycle", &**text),
        }
    }
}

struct Items<'a>(&'a Part<'a>, &'a [Value]);

impl Serialize for Items<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.1.iter().map(|item| self.0.inner(item, 2)))
    }
}

/// The entries of a dict, so many levels below the part.
struct Pairs<'a>(&'a Part<'a>, &'a Dict, u32);

impl Serialize for Pairs<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(part, dict, levels) = *self;
        let inner = |value| part.inner(value, levels);
        let pairs = dict.iter();
        serializer.collect_seq(pairs.map(|(key, value)| (inner(key), inner(value))))
    }
}

/// Names and values.
struct Attributes<'a>(&'a Part<'a>, &'a Dict);

impl Serialize for Attributes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(part, dict) = *self;
        let mut pairs = serializer.serialize_seq(Some(dict.len()))?;
        for (name, value) in dict {
            let name = name
                .as_str()
                .ok_or_else(|| S::Error::custom("the name of an attribute is not a str"))?;
            pairs.serialize_element(&(name, part.inner(value, 4)))?;
        }
        pairs.end()
    }
}

struct NamedFields<'a>(&'a Part<'a>, &'a NamedTuple);

impl Serialize for NamedFields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(part, tuple) = *self;
        let fields = tuple.iter();
        serializer.collect_seq(fields.map(|(name, value)| (name, part.inner(value, 4))))
    }
}

/// Something as its text.
struct Text<T>(T);

impl<T: Display> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// A float as text: JSON has no infinities, and no signs of zero for some
/// readers.
struct Float(f64);

impl Serialize for Float {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            value if value.is_nan() => serializer.serialize_str("nan"),
            value => serializer.collect_str(&format_args!("{value:?}")),
        }
    }
}

/// Two digits for each byte.
struct Hex<'a>(&'a [u8]);

impl Display for Hex<'_> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let mut bytes = self.0.iter();
        bytes.try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

#[derive(Serialize)]
struct ComplexForm {
    real: Float,
    imaginary: Float,
}

fn complex(value: &Complex) -> ComplexForm {
    ComplexForm {
        real: Float(value.real),
        imaginary: Float(value.imaginary),
    }
}

#[derive(Serialize)]
struct DateForm {
    year: i32,
    month: u8,
    day: u8,
}

fn date(value: &Date) -> DateForm {
    DateForm {
        year: value.year,
        month: value.month,
        day: value.day,
    }
}

#[derive(Serialize)]
struct DatetimeForm<'a> {
    date: DateForm,
    hour: u8,
    minute: u8,
    second: u8,
    microsecond: u32,
    timezone: Option<TimezoneForm<'a>>,
}

fn datetime(value: &Datetime) -> DatetimeForm<'_> {
    DatetimeForm {
        date: date(&value.date),
        hour: value.hour,
        minute: value.minute,
        second: value.second,
        microsecond: value.microsecond,
        timezone: value.timezone.as_ref().map(timezone),
    }
}

#[derive(Serialize)]
struct TimeForm<'a> {
    hour: u8,
    minute: u8,
    second: u8,
    microsecond: u32,
    timezone: Option<TimezoneForm<'a>>,
    fold: u8,
}

fn time(value: &Time) -> TimeForm<'_> {
    TimeForm {
        hour: value.hour,
        minute: value.minute,
        second: value.second,
        microsecond: value.microsecond,
        timezone: value.timezone.as_ref().map(timezone),
        fold: value.fold,
    }
}

#[derive(Serialize)]
struct TimedeltaForm {
    days: i32,
    seconds: i32,
    microseconds: i32,
}

fn timedelta(value: &Timedelta) -> TimedeltaForm {
    TimedeltaForm {
        days: value.days,
        seconds: value.seconds,
        microseconds: value.microseconds,
    }
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct TimezoneForm<'a> {
    offset_seconds: i32,
    name: Option<&'a str>,
}

fn timezone(value: &Timezone) -> TimezoneForm<'_> {
    TimezoneForm {
        offset_seconds: value.offset_seconds,
        name: value.name.as_deref(),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct ExceptionForm<'a> {
    type_name: &'a str,
    message: Option<&'a str>,
}

#[derive(Serialize)]
struct FunctionForm<'a> {
    name: &'a str,
    docstring: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct NamedTupleForm<'a> {
    type_name: &'a str,
    fields: NamedFields<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct ClassForm<'a> {
    name: &'a str,
    id: Text<ObjectId>,
    host_defined: bool,
    dataclass: bool,
    attributes: Attributes<'a>,
}

#[derive(Serialize)]
struct InstanceForm<'a> {
    class: Part<'a>,
    id: Text<ObjectId>,
    attributes: Attributes<'a>,
}

#[derive(Serialize)]
struct ModuleForm<'a> {
    name: &'a str,
    id: Text<ObjectId>,
    attributes: Attributes<'a>,
}

#[derive(Serialize)]
struct FileForm<'a> {
    path: &'a str,
    mode: &'a str,
    position: Text<u64>,
}
