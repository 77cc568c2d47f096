//! [`Type`]: what a tool takes and returns, in Python's terms.

use std::fmt;
use std::sync::Arc;

use monty_value::Value;

/// The type of a parameter or a result, as Python annotates it.
///
/// A type describes; it checks nothing. `Display` writes the annotation.
///
/// ```
/// use monty_host::{Record, Type};
///
/// let order = Record::new("Order").field("id", Type::Int).optional_field("note", Type::Str);
/// let orders = Type::list(order);
/// assert_eq!(orders.to_string(), "list[Order]");
/// assert_eq!(Type::optional(Type::Float).to_string(), "float | None");
/// assert_eq!(Type::literal(["C", "F"]).to_string(), "Literal['C', 'F']");
/// assert_eq!(Type::of::<Option<Vec<String>>>().to_string(), "list[str] | None");
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Type {
    /// Anything: `Any`.
    Any,
    /// `None`.
    None,
    /// `bool`.
    Bool,
    /// `int`.
    Int,
    /// `float`, which an `int` is good for too.
    Float,
    /// `complex`.
    Complex,
    /// `str`.
    Str,
    /// `bytes`.
    Bytes,
    /// `datetime.date`.
    Date,
    /// `datetime.datetime`.
    DateTime,
    /// `datetime.time`.
    Time,
    /// `datetime.timedelta`.
    TimeDelta,
    /// `datetime.timezone`.
    TimeZone,
    /// `decimal.Decimal`.
    Decimal,
    /// `pathlib.Path`.
    Path,
    /// `list` of one type.
    List(Box<Type>),
    /// `set` of one type.
    Set(Box<Type>),
    /// `frozenset` of one type.
    FrozenSet(Box<Type>),
    /// `tuple` with a type for each item.
    Tuple(Vec<Type>),
    /// `tuple` of any length, of one type.
    TupleOf(Box<Type>),
    /// `dict` from keys to values.
    Dict(Box<Type>, Box<Type>),
    /// One of several types. [`Type::union`] makes one.
    Union(Vec<Type>),
    /// One of several values, of kinds that Python has literals for.
    Literal(Vec<Value>),
    /// A `dict` with known keys, such as a `TypedDict` has.
    Record(Arc<Record>),
    /// A [`Record`](Self::Record) by its name: the nearest of that name that
    /// encloses this one, or else one that the same signature has elsewhere.
    Enclosing(Arc<str>),
}

impl Type {
    /// A `list`.
    pub fn list(items: impl Into<Type>) -> Self {
        Self::List(Box::new(items.into()))
    }

    /// A `set`.
    pub fn set(items: impl Into<Type>) -> Self {
        Self::Set(Box::new(items.into()))
    }

    /// A `tuple` with a type for each item.
    pub fn tuple(items: impl IntoIterator<Item = Type>) -> Self {
        Self::Tuple(items.into_iter().collect())
    }

    /// A `dict`.
    pub fn dict(keys: impl Into<Type>, values: impl Into<Type>) -> Self {
        Self::Dict(Box::new(keys.into()), Box::new(values.into()))
    }

    /// This type, or `None`.
    pub fn optional(some: impl Into<Type>) -> Self {
        Self::union([some.into(), Self::None])
    }

    /// One of several types. Unions among them are taken apart, their literals
    /// put together, and `None` comes last. A union with [`Any`](Self::Any) is
    /// `Any`.
    pub fn union(types: impl IntoIterator<Item = Type>) -> Self {
        let mut flat = Vec::new();
        let mut literals = Vec::new();
        let mut takes_none = false;
        let mut add = |member: Type, flat: &mut Vec<Type>| match member {
            Self::None => takes_none = true,
            Self::Literal(values) => {
                for value in values {
                    if !literals.contains(&value) {
                        literals.push(value);
                    }
                }
            }
            member if flat.contains(&member) => {}
            member => flat.push(member),
        };
        for member in types {
            match member {
                // A union holds none itself.
                Self::Union(members) => members.into_iter().for_each(|one| add(one, &mut flat)),
                member => add(member, &mut flat),
            }
        }
        if flat.contains(&Self::Any) {
            return Self::Any;
        }
        if !literals.is_empty() {
            flat.insert(0, Self::Literal(literals));
        }
        if takes_none {
            flat.push(Self::None);
        }
        match flat.len() {
            1 => flat.remove(0),
            _ => Self::Union(flat),
        }
    }

    /// One of several values.
    pub fn literal<V: Into<Value>>(values: impl IntoIterator<Item = V>) -> Self {
        Self::Literal(values.into_iter().map(Into::into).collect())
    }

    /// Whether `None` is of this type.
    pub fn takes_none(&self) -> bool {
        match self {
            Self::Any | Self::None => true,
            Self::Union(members) => members.iter().any(Self::takes_none),
            Self::Literal(values) => values.iter().any(Value::is_none),
            _ => false,
        }
    }
}

impl From<Record> for Type {
    fn from(record: Record) -> Self {
        Self::Record(Arc::new(record))
    }
}

impl fmt::Display for Type {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => formatter.write_str("Any"),
            Self::None => formatter.write_str("None"),
            Self::Bool => formatter.write_str("bool"),
            Self::Int => formatter.write_str("int"),
            Self::Float => formatter.write_str("float"),
            Self::Complex => formatter.write_str("complex"),
            Self::Str => formatter.write_str("str"),
            Self::Bytes => formatter.write_str("bytes"),
            Self::Date => formatter.write_str("datetime.date"),
            Self::DateTime => formatter.write_str("datetime.datetime"),
            Self::Time => formatter.write_str("datetime.time"),
            Self::TimeDelta => formatter.write_str("datetime.timedelta"),
            Self::TimeZone => formatter.write_str("datetime.timezone"),
            Self::Decimal => formatter.write_str("decimal.Decimal"),
            Self::Path => formatter.write_str("pathlib.Path"),
            Self::List(items) => write!(formatter, "list[{items}]"),
            Self::Set(items) => write!(formatter, "set[{items}]"),
            Self::FrozenSet(items) => write!(formatter, "frozenset[{items}]"),
            Self::Tuple(items) if items.is_empty() => formatter.write_str("tuple[()]"),
            Self::Tuple(items) => {
                formatter.write_str("tuple[")?;
                separated(formatter, items, ", ")?;
                formatter.write_str("]")
            }
            Self::TupleOf(items) => write!(formatter, "tuple[{items}, ...]"),
            Self::Dict(keys, values) => write!(formatter, "dict[{keys}, {values}]"),
            Self::Union(members) if members.is_empty() => formatter.write_str("Never"),
            Self::Union(members) => separated(formatter, members, " | "),
            Self::Literal(values) => {
                formatter.write_str("Literal[")?;
                separated(formatter, values, ", ")?;
                formatter.write_str("]")
            }
            Self::Record(record) => formatter.write_str(record.name()),
            Self::Enclosing(name) => formatter.write_str(name),
        }
    }
}

fn separated(
    formatter: &mut fmt::Formatter<'_>,
    parts: &[impl fmt::Display],
    separator: &str,
) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            formatter.write_str(separator)?;
        }
        part.fmt(formatter)?;
    }
    Ok(())
}

/// A `dict` with known keys, as a `TypedDict` describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    name: String,
    fields: Vec<Field>,
}

/// A key of a [`Record`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Field {
    /// The key.
    pub name: String,
    /// What it leads to.
    pub ty: Type,
    /// Whether it must be there.
    pub required: bool,
    /// What it is for.
    pub description: Option<String>,
}

impl Field {
    /// A key that must be there.
    pub fn new(name: impl Into<String>, ty: impl Into<Type>) -> Self {
        Self {
            name: name.into(),
            ty: ty.into(),
            required: true,
            description: None,
        }
    }

    /// Lets it be left out.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.required = false;
        self
    }

    /// Says what it is for.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }
}

impl Record {
    /// A record without fields.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            fields: Vec::new(),
        }
    }

    /// Adds a field that must be there.
    #[must_use]
    pub fn field(self, name: impl Into<String>, ty: impl Into<Type>) -> Self {
        self.with(Field::new(name, ty))
    }

    /// Adds a field that may be left out.
    #[must_use]
    pub fn optional_field(self, name: impl Into<String>, ty: impl Into<Type>) -> Self {
        self.with(Field::new(name, ty).optional())
    }

    /// Adds a field, such as one with a description.
    ///
    /// ```
    /// use monty_host::{Field, Record, Type};
    ///
    /// let issue = Record::new("Issue").with(Field::new("number", Type::Int).description("In the URL"));
    /// assert_eq!(issue.fields()[0].description.as_deref(), Some("In the URL"));
    /// ```
    #[must_use]
    pub fn with(mut self, field: Field) -> Self {
        self.fields.push(field);
        self
    }

    /// The name of the type.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The fields in order.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }
}
