//! Tools, names and modules as Python stubs.

use std::fmt::Write as _;
use std::sync::Arc;

use monty_value::Value;

use crate::tools::{Record, Signature, Tool, Tools, Type};

/// The deepest type that is written out; what is in it is `Any`.
const MAX_DEPTH: usize = 32;

/// The tools and values.
pub(super) fn tools(tools: &Tools) -> String {
    let mut writer = Writer::default();
    for tool in tools {
        if !tool.get_name().contains('.') {
            writer.function(tool.get_name(), tool, "");
        }
    }
    for (name, value) in tools.values() {
        match value {
            Value::Module(module) => writer.namespace(name, &module.attributes, tools),
            value => writer.name(name, &type_of(value)),
        }
    }
    writer.definitions + &writer.text
}

/// A name of a type.
pub(super) fn name(name: &str, ty: &Type) -> String {
    let mut writer = Writer::default();
    writer.name(name, ty);
    writer.definitions + &writer.text
}

/// A module, and those in it.
pub(super) fn module(name: &str, module: &Value, modules: &mut Vec<(String, String)>) {
    let mut text = String::new();
    if let Value::Module(module) = module {
        for (attribute, value) in module.attributes.iter() {
            let Some(attribute) = attribute.as_str() else {
                continue;
            };
            match value {
                Value::Module(_) => self::module(&format!("{name}.{attribute}"), value, modules),
                // A tool of that name, or something that the checker knows nothing of.
                Value::Function(_) => {
                    let _ = writeln!(
                        text,
                        "def {attribute}(*args: Any, **kwargs: Any) -> Any: ..."
                    );
                }
                value => text.push_str(&self::name(attribute, &type_of(value))),
            }
        }
    } else {
        text.push_str("def __getattr__(name: str) -> Any: ...\n");
    }
    modules.push((name.to_owned(), text));
}

/// The type of a value, as far as its members need not be looked at.
pub(super) fn type_of(value: &Value) -> Type {
    match value {
        Value::None => Type::None,
        Value::Bool(_) => Type::Bool,
        Value::Int(_) | Value::BigInt(_) => Type::Int,
        Value::Float(_) => Type::Float,
        Value::Complex(_) => Type::Complex,
        Value::Str(_) => Type::Str,
        Value::Bytes(_) => Type::Bytes,
        Value::Date(_) => Type::Date,
        Value::DateTime(_) => Type::DateTime,
        Value::Time(_) => Type::Time,
        Value::TimeDelta(_) => Type::TimeDelta,
        Value::TimeZone(_) => Type::TimeZone,
        Value::Decimal(_) => Type::Decimal,
        Value::Path(_) => Type::Path,
        Value::List(_) => Type::list(Type::Any),
        Value::Tuple(_) => Type::TupleOf(Box::new(Type::Any)),
        Value::Set(_) => Type::set(Type::Any),
        Value::FrozenSet(_) => Type::FrozenSet(Box::new(Type::Any)),
        Value::Dict(_) => Type::dict(Type::Any, Type::Any),
        _ => Type::Any,
    }
}

#[derive(Default)]
struct Writer {
    /// The records so far, and their names.
    records: Vec<(Arc<Record>, String)>,
    definitions: String,
    text: String,
}

impl Writer {
    fn name(&mut self, name: &str, ty: &Type) {
        let ty = self.annotation(ty, &mut Vec::new());
        let _ = writeln!(self.text, "{name}: {ty}");
    }

    fn namespace(&mut self, name: &str, attributes: &monty_value::Dict, tools: &Tools) {
        let _ = writeln!(self.text, "class {name}:");
        let mut is_empty = true;
        for (attribute, value) in attributes.iter() {
            let Some(attribute) = attribute.as_str() else {
                continue;
            };
            is_empty = false;
            let tool = match value {
                Value::Function(function) => tools.get(&function.name),
                _ => None,
            };
            match tool {
                Some(tool) => self.function(attribute, tool, "    "),
                None => {
                    let _ = writeln!(self.text, "    {attribute} = getattr(0, '')");
                }
            }
        }
        if is_empty {
            self.text.push_str("    pass\n");
        }
    }

    fn function(&mut self, name: &str, tool: &Tool, indent: &str) {
        let def = match tool.is_awaited() {
            true => "async def",
            false => "def",
        };
        let head = self.head(tool.get_signature());
        let _ = writeln!(self.text, "{indent}{def} {name}{head}: ...");
    }

    /// The parameters and the result.
    fn head(&mut self, signature: &Signature) -> String {
        let mut head = "(".to_owned();
        for (index, (mark, parameter)) in signature.marked_parameters().enumerate() {
            if index > 0 {
                head.push_str(", ");
            }
            head.push_str(mark);
            let ty = self.annotation(parameter.get_type(), &mut Vec::new());
            let _ = write!(head, "{}: {ty}", parameter.get_name());
            if let Some(value) = parameter.get_default() {
                let shown = match value {
                    Value::None | Value::Bool(_) | Value::Int(_) | Value::Str(_) => {
                        value.repr_within(80).unwrap_or_else(|_| "...".to_owned())
                    }
                    _ => "...".to_owned(),
                };
                let _ = write!(head, " = {shown}");
            }
        }
        let returns = self.annotation(signature.get_returns(), &mut Vec::new());
        let _ = write!(head, ") -> {returns}");
        head
    }

    fn annotation(&mut self, ty: &Type, around: &mut Vec<(String, String)>) -> String {
        if around.len() > MAX_DEPTH {
            return "Any".to_owned();
        }
        let list = |writer: &mut Self, items: &[Type], separator: &str, around: &mut _| {
            let items: Vec<_> = items
                .iter()
                .map(|item| writer.annotation(item, around))
                .collect();
            items.join(separator)
        };
        match ty {
            Type::List(items) => format!("list[{}]", self.annotation(items, around)),
            Type::Set(items) => format!("set[{}]", self.annotation(items, around)),
            Type::FrozenSet(items) => format!("frozenset[{}]", self.annotation(items, around)),
            Type::TupleOf(items) => format!("tuple[{}, ...]", self.annotation(items, around)),
            Type::Tuple(items) if items.is_empty() => "tuple[()]".to_owned(),
            Type::Tuple(items) => format!("tuple[{}]", list(self, items, ", ", around)),
            Type::Dict(keys, values) => {
                let keys = self.annotation(keys, around);
                format!("dict[{keys}, {}]", self.annotation(values, around))
            }
            Type::Union(members) if members.is_empty() => "Never".to_owned(),
            Type::Union(members) => list(self, members, " | ", around),
            Type::Literal(values) => {
                let is_literal = |value: &Value| {
                    matches!(
                        value,
                        Value::None
                            | Value::Bool(_)
                            | Value::Int(_)
                            | Value::Str(_)
                            | Value::Bytes(_)
                    )
                };
                match values.iter().all(is_literal) && !values.is_empty() {
                    true => ty.to_string(),
                    false => "Any".to_owned(),
                }
            }
            Type::Record(record) => self.record(record, around),
            Type::Enclosing(name) => {
                let mut enclosing = around.iter().rev();
                let found = enclosing.find(|(own, _)| **own == **name);
                found.map_or("Any".to_owned(), |(_, shown)| shown.clone())
            }
            other => other.to_string(),
        }
    }

    /// The name of a record, which is defined at its first use.
    fn record(&mut self, record: &Arc<Record>, around: &mut Vec<(String, String)>) -> String {
        let mut known = self.records.iter();
        if let Some((_, name)) = known.find(|(other, _)| other == record) {
            return name.clone();
        }
        let name = self.free_name(record.name());
        self.records.push((Arc::clone(record), name.clone()));
        around.push((record.name().to_owned(), name.clone()));
        let mut fields = String::new();
        let mut is_class = true;
        let mut entries = String::new();
        for field in record.fields() {
            let ty = self.annotation(&field.ty, around);
            let ty = match field.required {
                true => ty,
                false => format!("NotRequired[{ty}]"),
            };
            is_class &= crate::tools::is_identifier(&field.name) && !field.name.starts_with("__");
            let _ = writeln!(fields, "    {}: {ty}", field.name);
            let key = Value::from(field.name.as_str());
            // Its types are evaluated where they stand: those in quotes are not.
            let _ = write!(entries, "{key}: {}, ", Value::from(ty));
        }
        around.pop();
        if !is_class {
            let _ = writeln!(
                self.definitions,
                "{name} = TypedDict('{name}', {{{}}})",
                entries.trim_end_matches(", ")
            );
        } else if fields.is_empty() {
            let _ = writeln!(self.definitions, "class {name}(TypedDict): pass");
        } else {
            let _ = write!(self.definitions, "class {name}(TypedDict):\n{fields}");
        }
        name
    }

    /// A name that no other record has.
    fn free_name(&self, own: &str) -> String {
        let own = match crate::tools::is_identifier(own) {
            true => own,
            false => "Record",
        };
        let taken = |name: &str| self.records.iter().any(|(_, other)| other == name);
        let numbered = (2..).map(|number| format!("{own}{number}"));
        let mut names = std::iter::once(own.to_owned()).chain(numbered);
        names.find(|name| !taken(name)).unwrap_or_default()
    }
}
