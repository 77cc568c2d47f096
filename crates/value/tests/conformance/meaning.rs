//! Values as `conformance/` writes them: one key for the kind, and labels for
//! what is held at several places.

use std::collections::HashMap;
use std::sync::Arc;

use monty_value::{
    BigInt, Class, Complex, Date, DateTime, Dict, Exception, File, Function, Instance, Module,
    NamedTuple, Time, TimeDelta, TimeZone, Value,
};
use serde_json::{Map, Value as Json, json};

/// The value that a meaning describes.
pub fn value_of(meaning: &Json) -> Value {
    Reader::default().value(meaning)
}

#[derive(Default)]
struct Reader {
    labels: HashMap<String, Value>,
}

impl Reader {
    fn value(&mut self, meaning: &Json) -> Value {
        let object = meaning.as_object().expect("a meaning is an object");
        let label = object.get("as").map(string);
        let (kind, content) = object
            .iter()
            .find(|(key, _)| *key != "as")
            .expect("a meaning has a kind");
        let value = self.of_kind(kind, content);
        if let Some(label) = label {
            self.labels.insert(label, value.clone());
        }
        value
    }

    fn of_kind(&mut self, kind: &str, content: &Json) -> Value {
        match kind {
            "same" => self.labels[&string(content)].clone(),
            "none" => Value::None,
            "bool" => Value::Bool(content.as_bool().expect("a bool")),
            "int" => Value::from(string(content).parse::<BigInt>().expect("an int")),
            "float" => Value::Float(float(content)),
            "complex" => Value::Complex(complex(content)),
            "str" => Value::from(string(content)),
            "bytes" => Value::bytes(bytes(content)),
            "ellipsis" => Value::Ellipsis,
            "not-implemented" => Value::NotImplemented,
            "list" => Value::list(self.items(content)),
            "tuple" => Value::tuple(self.items(content)),
            "set" => Value::set(self.items(content)),
            "frozenset" => Value::frozen_set(self.items(content)),
            "dict" => Value::from(self.pairs(content)),
            "decimal" => Value::decimal(&string(content)).expect("a decimal"),
            "date" => Value::Date(date(content)),
            "datetime" => Value::from(datetime(content)),
            "time" => Value::from(time(content)),
            "timedelta" => Value::TimeDelta(timedelta(content)),
            "timezone" => Value::from(timezone(content)),
            "path" => Value::path(string(content)),
            "exception" => Value::from(exception(content)),
            "type-object" => Value::Type(string(content).into()),
            "builtin-function" => Value::BuiltinFunction(string(content).into()),
            "function" => Value::from(function(content)),
            "file" => Value::from(file(content)),
            "representation" => Value::Repr(string(content).into()),
            "cycle" => Value::Cycle(string(content).into()),
            "named-tuple" => {
                let fields = array(&content["fields"]);
                let fields = fields
                    .iter()
                    .map(|field| (string(&field[0]), self.value(&field[1])));
                Value::from(NamedTuple::new(&string(&content["type-name"]), fields))
            }
            "class" => Value::from(Class {
                name: string(&content["name"]),
                id: id(&content["id"]),
                host_defined: content["host-defined"].as_bool().expect("a bool"),
                dataclass: content["dataclass"].as_bool().expect("a bool"),
                attributes: self.attributes(content),
            }),
            "instance" => {
                let Value::Class(class) = self.value(&content["class"]) else {
                    panic!("{content}: no class");
                };
                Value::from(Instance {
                    class,
                    id: id(&content["id"]),
                    attributes: self.attributes(content),
                })
            }
            "module" => Value::from(Module {
                name: string(&content["name"]),
                id: id(&content["id"]),
                attributes: self.attributes(content),
            }),
            unknown => panic!("{unknown} is no kind of a meaning"),
        }
    }

    fn items(&mut self, content: &Json) -> Vec<Value> {
        let items = array(content).iter();
        items.map(|item| self.value(item)).collect()
    }

    fn pairs(&mut self, content: &Json) -> Dict {
        let pairs = array(content).iter();
        pairs
            .map(|pair| (self.value(&pair[0]), self.value(&pair[1])))
            .collect()
    }

    fn attributes(&mut self, content: &Json) -> Dict {
        let attributes = array(&content["attributes"]).iter();
        attributes
            .map(|pair| (string(&pair[0]), self.value(&pair[1])))
            .collect()
    }
}

/// The meaning of a value. Of a dict's equal keys the last value counts, at the
/// first key's place; the elements of a set are in the order of their text.
pub fn meaning_of(value: &Value) -> Json {
    let mut writer = Writer::default();
    writer.count(value);
    writer.meaning(value)
}

/// A container by its address.
type Identity = *const ();

#[derive(Default)]
struct Writer {
    held: HashMap<Identity, usize>,
    labels: HashMap<Identity, String>,
}

impl Writer {
    /// Counts at how many places each container is held.
    fn count(&mut self, value: &Value) {
        if let Some(identity) = identity(value) {
            let held = self.held.entry(identity).or_default();
            *held += 1;
            if *held > 1 {
                return;
            }
        }
        for child in children(value) {
            self.count(&child);
        }
    }

    fn meaning(&mut self, value: &Value) -> Json {
        let identity = identity(value);
        let shared = identity.filter(|identity| self.held[identity] > 1);
        let mut label = None;
        if let Some(identity) = shared {
            if let Some(label) = self.labels.get(&identity) {
                return json!({ "same": label });
            }
            let next = (self.labels.len() + 1).to_string();
            self.labels.insert(identity, next.clone());
            label = Some(next);
        }
        let (kind, content) = self.content(value);
        let mut meaning = Map::new();
        meaning.insert(kind.to_owned(), content);
        if let Some(label) = label {
            meaning.insert("as".to_owned(), label.into());
        }
        meaning.into()
    }

    fn content(&mut self, value: &Value) -> (&'static str, Json) {
        match value {
            Value::None => ("none", Json::Null),
            Value::Bool(value) => ("bool", (*value).into()),
            Value::Int(value) => ("int", value.to_string().into()),
            Value::BigInt(value) => ("int", value.to_string().into()),
            Value::Float(value) => ("float", float_text(*value).into()),
            Value::Complex(value) => (
                "complex",
                json!({ "real": float_text(value.real), "imaginary": float_text(value.imaginary) }),
            ),
            Value::Str(text) => ("str", text.to_string().into()),
            Value::Bytes(bytes) => ("bytes", hex(bytes).into()),
            Value::Ellipsis => ("ellipsis", Json::Null),
            Value::NotImplemented => ("not-implemented", Json::Null),
            Value::List(items) => ("list", self.items(items)),
            Value::Tuple(items) => ("tuple", self.items(items)),
            Value::Set(items) => ("set", self.elements(items)),
            Value::FrozenSet(items) => ("frozenset", self.elements(items)),
            Value::Dict(dict) => {
                let mut pairs: Vec<(&Value, Json, Json)> = Vec::new();
                for (key, value) in dict.iter() {
                    let value = self.meaning(value);
                    match pairs.iter_mut().find(|(known, _, _)| *known == key) {
                        Some((_, _, known)) => *known = value,
                        None => pairs.push((key, self.meaning(key), value)),
                    }
                }
                let pairs = pairs.into_iter();
                (
                    "dict",
                    pairs.map(|(_, key, value)| json!([key, value])).collect(),
                )
            }
            Value::Decimal(value) => ("decimal", value.as_str().into()),
            Value::Date(value) => ("date", date_meaning(value)),
            Value::DateTime(value) => (
                "datetime",
                json!({
                    "date": date_meaning(&value.date),
                    "hour": value.hour,
                    "minute": value.minute,
                    "second": value.second,
                    "microsecond": value.microsecond,
                    "timezone": value.timezone.as_ref().map(timezone_meaning),
                }),
            ),
            Value::Time(value) => (
                "time",
                json!({
                    "hour": value.hour,
                    "minute": value.minute,
                    "second": value.second,
                    "microsecond": value.microsecond,
                    "timezone": value.timezone.as_ref().map(timezone_meaning),
                    "fold": value.fold,
                }),
            ),
            Value::TimeDelta(value) => (
                "timedelta",
                json!({
                    "days": value.days,
                    "seconds": value.seconds,
                    "microseconds": value.microseconds,
                }),
            ),
            Value::TimeZone(value) => ("timezone", timezone_meaning(value)),
            Value::Path(path) => ("path", path.to_string().into()),
            Value::Exception(value) => (
                "exception",
                json!({ "type-name": value.type_name, "message": value.message }),
            ),
            Value::Type(name) => ("type-object", name.to_string().into()),
            Value::BuiltinFunction(name) => ("builtin-function", name.to_string().into()),
            Value::Function(value) => (
                "function",
                json!({ "name": value.name, "docstring": value.docstring }),
            ),
            Value::NamedTuple(tuple) => {
                let fields = tuple.iter();
                let fields: Vec<Json> = fields
                    .map(|(name, value)| json!([name, self.meaning(value)]))
                    .collect();
                (
                    "named-tuple",
                    json!({ "type-name": tuple.type_name(), "fields": fields }),
                )
            }
            Value::Class(class) => (
                "class",
                json!({
                    "name": class.name,
                    "id": class.id.to_string(),
                    "host-defined": class.host_defined,
                    "dataclass": class.dataclass,
                    "attributes": self.attributes(&class.attributes),
                }),
            ),
            Value::Instance(instance) => (
                "instance",
                json!({
                    "class": self.meaning(&Value::Class(instance.class.clone())),
                    "id": instance.id.to_string(),
                    "attributes": self.attributes(&instance.attributes),
                }),
            ),
            Value::Module(module) => (
                "module",
                json!({
                    "name": module.name,
                    "id": module.id.to_string(),
                    "attributes": self.attributes(&module.attributes),
                }),
            ),
            Value::File(file) => (
                "file",
                json!({
                    "path": file.path,
                    "mode": file.mode,
                    "position": file.position.to_string(),
                }),
            ),
            Value::Repr(text) => ("representation", text.to_string().into()),
            Value::Cycle(text) => ("cycle", text.to_string().into()),
        }
    }

    fn items(&mut self, items: &[Value]) -> Json {
        items.iter().map(|item| self.meaning(item)).collect()
    }

    fn elements(&mut self, items: &[Value]) -> Json {
        let mut elements: Vec<Json> = items.iter().map(|item| self.meaning(item)).collect();
        elements.sort_by_key(Json::to_string);
        elements.dedup();
        elements.into()
    }

    fn attributes(&mut self, attributes: &Dict) -> Json {
        let attributes = attributes.iter();
        attributes
            .map(|(name, value)| json!([name.as_str().expect("a name"), self.meaning(value)]))
            .collect()
    }
}

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

/// What a value holds. A class stands among the children of its instance.
fn children(value: &Value) -> Vec<Value> {
    let of_dict = |dict: &Dict| {
        let pairs = dict.iter();
        pairs
            .flat_map(|(key, value)| [key.clone(), value.clone()])
            .collect()
    };
    match value {
        Value::Dict(dict) => of_dict(dict),
        Value::Class(class) => of_dict(&class.attributes),
        Value::Module(module) => of_dict(&module.attributes),
        Value::Instance(instance) => {
            let mut children: Vec<Value> = of_dict(&instance.attributes);
            children.push(Value::Class(instance.class.clone()));
            children
        }
        other => other.items().map(<[Value]>::to_vec).unwrap_or_default(),
    }
}

pub fn string(json: &Json) -> String {
    json.as_str()
        .unwrap_or_else(|| panic!("{json} is no text"))
        .to_owned()
}

pub fn optional(json: &Json) -> Option<String> {
    json.as_str().map(str::to_owned)
}

pub fn array(json: &Json) -> &[Json] {
    json.as_array()
        .unwrap_or_else(|| panic!("{json} is no list"))
}

pub fn number<T: TryFrom<i64>>(json: &Json) -> T {
    let number = json.as_i64().and_then(|number| T::try_from(number).ok());
    number.unwrap_or_else(|| panic!("{json} is no number of this range"))
}

/// A number of 64 bits, which JSON's readers may round.
pub fn wide<T: std::str::FromStr>(json: &Json) -> T {
    string(json)
        .parse()
        .unwrap_or_else(|_| panic!("{json} is no number of this range"))
}

pub fn float(json: &Json) -> f64 {
    wide(json)
}

fn float_text(value: f64) -> String {
    match value {
        _ if value.is_nan() => "nan".to_owned(),
        f64::INFINITY => "inf".to_owned(),
        f64::NEG_INFINITY => "-inf".to_owned(),
        _ => format!("{value:?}"),
    }
}

pub fn bytes(json: &Json) -> Vec<u8> {
    let text = string(json);
    let digits = text.as_bytes().chunks(2);
    digits
        .map(|digits| {
            let digits = std::str::from_utf8(digits).expect("ASCII");
            u8::from_str_radix(digits, 16).expect("two digits")
        })
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn id(json: &Json) -> monty_value::ObjectId {
    string(json).parse().expect("a UUID")
}

pub fn complex(json: &Json) -> Complex {
    Complex {
        real: float(&json["real"]),
        imaginary: float(&json["imaginary"]),
    }
}

pub fn date(json: &Json) -> Date {
    Date {
        year: number(&json["year"]),
        month: number(&json["month"]),
        day: number(&json["day"]),
    }
}

fn date_meaning(date: &Date) -> Json {
    json!({ "year": date.year, "month": date.month, "day": date.day })
}

pub fn datetime(json: &Json) -> DateTime {
    DateTime {
        date: date(&json["date"]),
        hour: number(&json["hour"]),
        minute: number(&json["minute"]),
        second: number(&json["second"]),
        microsecond: number(&json["microsecond"]),
        timezone: optional_timezone(&json["timezone"]),
    }
}

pub fn time(json: &Json) -> Time {
    Time {
        hour: number(&json["hour"]),
        minute: number(&json["minute"]),
        second: number(&json["second"]),
        microsecond: number(&json["microsecond"]),
        timezone: optional_timezone(&json["timezone"]),
        fold: number(&json["fold"]),
    }
}

pub fn timedelta(json: &Json) -> TimeDelta {
    TimeDelta {
        days: number(&json["days"]),
        seconds: number(&json["seconds"]),
        microseconds: number(&json["microseconds"]),
    }
}

pub fn timezone(json: &Json) -> TimeZone {
    TimeZone {
        offset_seconds: number(&json["offset-seconds"]),
        name: optional(&json["name"]),
    }
}

fn timezone_meaning(zone: &TimeZone) -> Json {
    json!({ "offset-seconds": zone.offset_seconds, "name": zone.name })
}

fn optional_timezone(json: &Json) -> Option<TimeZone> {
    (!json.is_null()).then(|| timezone(json))
}

pub fn exception(json: &Json) -> Exception {
    Exception {
        type_name: string(&json["type-name"]),
        message: optional(&json["message"]),
    }
}

pub fn function(json: &Json) -> Function {
    Function {
        name: string(&json["name"]),
        docstring: optional(&json["docstring"]),
    }
}

pub fn file(json: &Json) -> File {
    File {
        path: string(&json["path"]),
        mode: string(&json["mode"]),
        position: wide(&json["position"]),
    }
}
