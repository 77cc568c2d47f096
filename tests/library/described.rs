//! What can be said of tools: their parameters, types, defaults and results,
//! read back, and what is refused.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write as _;
use std::marker::PhantomData;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use monty_host::value::{Date, DateTime, Decimal};
use monty_host::{
    BoundArguments, Call, ErrorKind, ExternalCall, Field, Host, Parameter, Record, Reply,
    Signature, SourceRange, Tool, ToolError, Tools, Type, Value,
};
use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize};

use crate::support::{assert_snapshot, script};

fn repr(tools: &Tools, source: &str) -> String {
    match script(source).host(tools).run_blocking() {
        Ok(report) => report.value.to_string(),
        Err(error) => error.summary(),
    }
}

/// A type, and the fields of each record in it where that first stands.
fn shown(ty: &Type) -> String {
    let mut records = Vec::new();
    gather(ty, &mut records);
    let mut text = ty.to_string();
    for record in records {
        let _ = write!(text, "\n    {}:", record.name());
        for field in record.fields() {
            let mark = if field.required { "" } else { "?" };
            let _ = write!(text, " {}{mark}: {};", field.name, field.ty);
        }
    }
    text
}

fn gather(ty: &Type, records: &mut Vec<Record>) {
    match ty {
        Type::Record(record) if !records.contains(record) => {
            records.push(Record::clone(record));
            record
                .fields()
                .iter()
                .for_each(|field| gather(&field.ty, records));
        }
        Type::List(items) => gather(items, records),
        Type::Dict(keys, values) => {
            gather(keys, records);
            gather(values, records);
        }
        Type::Tuple(members) | Type::Union(members) => {
            members.iter().for_each(|member| gather(member, records));
        }
        _ => {}
    }
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "only its shape counts")]
struct Order {
    id: u64,
    #[serde(rename = "customer-name", alias = "customer")]
    customer: String,
    note: Option<String>,
    #[serde(default)]
    lines: Vec<Line>,
    #[serde(skip)]
    cached: u8,
    priority: Priority,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "only its shape counts")]
struct Line {
    sku: String,
    /// Cannot be read from what a probe has for it.
    from: IpAddr,
    count: NonZeroU32,
    factor: Even,
    price: f64,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Priority {
    VeryLow,
    Normal,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "only its shape counts")]
enum Figure {
    Empty,
    Circle(f64),
    Segment((f64, f64), (f64, f64)),
    Label {
        text: String,
        address: IpAddr,
        size: Option<u8>,
    },
    Number {
        text: i64,
        address: IpAddr,
        size: Option<u8>,
    },
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "only its shape counts")]
struct Node {
    next: Option<Box<Node>>,
    value: i64,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "only its shape counts")]
struct Tree(Vec<Tree>);

#[derive(Deserialize)]
#[allow(dead_code, reason = "only its shape counts")]
struct Folder {
    files: Vec<File>,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "only its shape counts")]
struct File {
    name: String,
    parent: Option<Box<Folder>>,
    links: HashMap<String, File>,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "only its shape counts")]
enum Expression {
    Number(i64),
    Sum(Vec<Expression>),
    Negative(Box<Expression>),
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "only its shape counts")]
struct Endless(Box<Endless>);

#[derive(Deserialize)]
#[allow(dead_code, reason = "only its shape counts")]
struct EndlessField {
    inner: Box<EndlessField>,
    after: i64,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "only its shape counts")]
struct Wrapper<T> {
    inner: T,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "only its shape counts")]
struct Flattened {
    id: u8,
    #[serde(flatten)]
    rest: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
#[allow(dead_code, reason = "only its shape counts")]
enum Untagged {
    Number(i64),
    Text(String),
}

#[derive(Deserialize)]
#[serde(tag = "kind")]
#[allow(dead_code, reason = "only its shape counts")]
enum Tagged {
    Number { value: i64 },
}

#[derive(Deserialize)]
#[serde(tag = "kind", content = "value")]
#[allow(dead_code, reason = "only its shape counts")]
enum Adjacent {
    Number(i64),
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "only its shape counts")]
struct Appointment {
    at: DateTime,
    until: Option<Date>,
    attached: Value,
}

#[derive(Deserialize)]
struct Unit;

#[derive(Deserialize)]
#[allow(dead_code, reason = "only its shape counts")]
struct Pair(u8, String);

/// An int that is refused more often than not.
struct Even;

impl<'de> Deserialize<'de> for Even {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u64::deserialize(deserializer)? % 2 {
            0 => Ok(Self),
            _ => Err(D::Error::custom("odd")),
        }
    }
}

/// A text, until it panics.
struct Panics;

impl<'de> Deserialize<'de> for Panics {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?;
        panic!("a bug in somebody's Deserialize")
    }
}

/// Asks for ever.
struct Insatiable;

impl<'de> Deserialize<'de> for Insatiable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Insatiable;
            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("more")
            }
            fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<Insatiable, D::Error> {
                inner.deserialize_option(self)
            }
            fn visit_newtype_struct<D: Deserializer<'de>>(
                self,
                inner: D,
            ) -> Result<Insatiable, D::Error> {
                inner.deserialize_newtype_struct("More", self)
            }
        }
        deserializer.deserialize_newtype_struct("More", Visitor)
    }
}

macro_rules! types {
    ($($ty:ty),* $(,)?) => {
        vec![$((stringify!($ty), Type::of::<$ty>())),*]
    };
}

#[test]
fn types_of_rust_types() {
    let types = types![
        bool,
        u8,
        i64,
        u128,
        i128,
        f32,
        char,
        String,
        Cow<'static, str>,
        PathBuf,
        (),
        Option<i64>,
        Option<Option<String>>,
        Vec<String>,
        Vec<u8>,
        Box<[Option<f64>]>,
        HashSet<i64>,
        (i64, String),
        [f64; 3],
        [u8; 32],
        HashMap<String, Vec<i64>>,
        BTreeMap<u32, Option<Priority>>,
        HashMap<IpAddr, Even>,
        Duration,
        IpAddr,
        NonZeroU32,
        PhantomData<String>,
        Result<i64, String>,
        Unit,
        Pair,
        Priority,
        Option<Priority>,
        Figure,
        Order,
        Vec<Order>,
        Line,
        Node,
        Tree,
        Folder,
        Expression,
        Endless,
        EndlessField,
        Wrapper<i64>,
        Wrapper<Wrapper<String>>,
        Flattened,
        Untagged,
        Tagged,
        Adjacent,
        Even,
        Vec<Even>,
        Panics,
        Wrapper<Panics>,
        Insatiable,
        serde_json::Value,
        Value,
        Vec<Value>,
        DateTime,
        Option<Decimal>,
        HashMap<String, Option<DateTime>>,
        Appointment,
    ];
    let shown: Vec<_> = types
        .iter()
        .map(|(rust, ty)| format!("{rust}\n  {}", shown(ty)))
        .collect();
    assert_snapshot!("types", shown.join("\n"));
}

/// Looked at once, when somebody asks; no call waits for it.
#[test]
fn a_large_type_is_described_in_no_time() {
    type Large = Vec<
        Wrapper<(
            Order,
            Figure,
            Wrapper<HashMap<String, Vec<(Order, Folder)>>>,
        )>,
    >;
    let start = std::time::Instant::now();
    let ty = Type::of::<Large>();
    let took = start.elapsed();
    assert!(took < Duration::from_secs(1), "{took:?}");
    assert_eq!(ty.to_string(), "list[Wrapper]");
}

#[test]
fn python_annotations() {
    let union = Type::union([
        Type::None,
        Type::literal(["a", "b"]),
        Type::optional(Type::Int),
        Type::Int,
        Type::literal(["b"]),
        Type::set(Type::Bytes),
    ]);
    assert_eq!(
        union.to_string(),
        "Literal['a', 'b'] | int | set[bytes] | None"
    );
    assert_eq!(Type::union([Type::Any, Type::None]), Type::Any);
    assert_eq!(Type::union([Type::Str, Type::Str]), Type::Str);
    assert_eq!(Type::union([]).to_string(), "Never");
    assert_eq!(Type::tuple([]).to_string(), "tuple[()]");
    let pairs = Type::TupleOf(Box::new(Type::tuple([Type::DateTime, Type::Any])));
    assert_eq!(
        pairs.to_string(),
        "tuple[tuple[datetime.datetime, Any], ...]"
    );
    assert!(union.takes_none() && Type::Any.takes_none() && !Type::Str.takes_none());
}

#[test]
fn fields_say_what_they_are_for() {
    let record = Record::new("Order")
        .field("id", Type::Int)
        .optional_field("note", Type::Str)
        .with(Field::new("total", Type::Float).description("With taxes"))
        .with(Field::new("paid", Type::Date).optional());
    let fields = record.fields().iter().map(|field| {
        let description = field.description.as_deref().unwrap_or("-");
        format!(
            "{}: {} {} {description}",
            field.name, field.ty, field.required
        )
    });
    let expected = [
        "id: int true -",
        "note: str false -",
        "total: float true With taxes",
        "paid: datetime.date false -",
    ];
    assert_eq!(fields.collect::<Vec<_>>(), expected);
}

#[test]
fn tools_are_read_back() {
    let unit = Parameter::new("unit").typed(Type::literal(["C", "F"]));
    let forecast = Tool::new(
        "forecast",
        [
            Parameter::new("city").description("Its English name"),
            Parameter::new("days"),
            unit.default("C").expect("text has a form").keyword_only(),
        ],
        async |_: String, _: Option<u8>, _: String| Value::None,
    );
    let tools = Tools::new()
        .tool(
            forecast
                .description("Temperatures")
                .returns(Type::list(Type::Float))
                .timeout(Duration::from_secs(3)),
        )
        .async_function("fetch", ["url"], async |url: String| url)
        .function("log", ["message", "*values", "level", "**fields"], log)
        .function("required", ["any", "nothing"], |_: Value, (): ()| ())
        .function("apart", ["maybe", "sure"], |_: Option<u8>, _: u8| ())
        .dynamic("count", |call: Call| call.positional.len())
        .value("LIMIT", 10)
        .expect("an int has a form");
    let mut text = String::new();
    for tool in &tools {
        let kind = if tool.is_awaited() {
            "async def"
        } else {
            "def"
        };
        let _ = writeln!(text, "{kind} {}", tool.get_signature());
        let _ = writeln!(
            text,
            "    {:?} {:?}",
            tool.get_description(),
            tool.get_timeout()
        );
        for parameter in tool.get_signature().get_parameters() {
            let _ = writeln!(
                text,
                "    {} {:?} {} {:?} {:?}",
                parameter.get_name(),
                parameter.get_kind(),
                parameter.get_type(),
                parameter.get_default().map(Value::to_string),
                parameter.get_description(),
            );
        }
    }
    assert_snapshot!("read-back", text);
    assert_eq!(
        tools.get("fetch").map(Tool::get_name),
        Some("fetch"),
        "by name"
    );
    assert!(tools.get("LIMIT").is_none() && tools.get("nobody").is_none());
    let values: Vec<_> = tools.values().collect();
    assert_eq!(values, [("LIMIT", &Value::from(10))]);
}

fn log(
    message: String,
    values: Vec<f64>,
    level: Option<u8>,
    fields: BTreeMap<String, i64>,
) -> String {
    format!("{message} {values:?} {level:?} {fields:?}")
}

#[test]
fn what_is_left_is_collected() {
    let tools = Tools::new()
        .function("log", ["message", "*values", "level", "**fields"], log)
        .function("pair", ["*pair"], |pair: (i64, i64)| pair.0 + pair.1)
        .function("known", ["**known"], |known: Wrapper<u8>| known.inner);
    let calls = [
        "log('a')",
        "log('a', 1, 2.5, level=3, x=4, y=5)",
        "log(message='a', x=1)",
        "log('a', 'b')",
        "log('a', x='b')",
        "log('a', 1, 2, 3, values=4)",
        "log('a', values='b')",
        "pair(1, 2)",
        "pair(1)",
        "known(inner=1)",
        "known(other=1)",
    ];
    let outcomes = calls.map(|call| format!("{call}\n    {}", repr(&tools, call)));
    assert_snapshot!("collected", outcomes.join("\n"));
}

/// CPython says missing; a type that takes `None` is no default.
#[test]
fn only_an_option_can_be_left_out() {
    let tools = Tools::new()
        .function("value", ["x"], |x: Value| x)
        .function("nothing", ["x"], |(): ()| 1)
        .function("json", ["x"], |x: serde_json::Value| x)
        .function("option", ["x"], |x: Option<i64>| x)
        .function("before", ["x", "y"], |x: Option<i64>, y: i64| (x, y));
    let calls = [
        "value()",
        "value(None)",
        "nothing()",
        "nothing(None)",
        "json()",
        "option()",
        "option(None)",
        "option(x=3)",
        "before(1)",
        "before(y=1)",
        "before(None, 1)",
    ];
    let outcomes = calls.map(|call| format!("{call}\n    {}", repr(&tools, call)));
    assert_snapshot!("options", outcomes.join("\n"));
}

#[derive(Serialize)]
struct Place {
    name: String,
    priority: Priority,
}

/// An error that serde knows, and that says so itself.
#[derive(Debug)]
struct Refused;

impl std::fmt::Display for Refused {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("refused")
    }
}

impl std::error::Error for Refused {}

fn checked(a: i64, b: i64) -> Result<i64, Refused> {
    a.checked_add(b).ok_or(Refused)
}

#[test]
fn functions_need_a_result_only_if_they_fail() {
    let place = |name: String| Place {
        name,
        priority: Priority::Normal,
    };
    let tools = Tools::new()
        .function("add", ["a", "b"], |a: i64, b: i64| a + b)
        .function("later", ["a", "b"], async |a: i64, b: i64| a + b)
        .async_function("awaited", ["a", "b"], async |a: i64, b: i64| a + b)
        .function("checked", ["a", "b"], checked)
        .function("checked_later", ["a", "b"], async |a, b| checked(a, b))
        .function("place", ["name"], place)
        .function("maybe", ["n"], |n: i64| (n > 0).then_some(n))
        .function("nothing", (), || ())
        .function("parsed", ["text"], |text: String| text.parse::<i64>())
        .function("io", (), || -> Result<(), std::io::Error> {
            Err(std::io::Error::other("disk on fire"))
        })
        .function("nested", (), || Ok::<_, ToolError>(Some(vec![1, 2])))
        .dynamic("raw", |call: Call| call.positional.len())
        .dynamic("raw_later", async |call: Call| match call.keyword.len() {
            0 => Ok(call.name),
            _ => Err(ToolError::value_error("no keywords")),
        })
        .tool(Tool::from_signature(
            Signature::new("bound", ["n", "*more"]).expect("it is valid"),
            |bound: BoundArguments| bound.extract::<i64>("n"),
        ));
    let calls = [
        "add(1, 2)",
        "later(1, 2)",
        "await awaited(1, 2)",
        "checked(1, 2)",
        "checked(2**63 - 1, 1)",
        "checked_later(1, 2)",
        "checked_later(2**63 - 1, 1)",
        "place('Oslo')",
        "maybe(1)",
        "maybe(0)",
        "nothing()",
        "parsed('7')",
        "parsed('x')",
        "io()",
        "nested()",
        "raw(1, 2)",
        "raw_later()",
        "raw_later(a=1)",
        "bound(1, 2, 3)",
        "bound('x')",
    ];
    let outcomes = calls.map(|call| format!("{call}\n    {}", repr(&tools, call)));
    assert_snapshot!("results", outcomes.join("\n"));
}

#[test]
fn tools_that_python_could_not_define() {
    let one = |parameters: Vec<Parameter>| Signature::new("f", parameters).map(|_| ());
    let named = |name: &str| Signature::new(name, ["a"]).map(|_| ());
    let default = |name: &str| Parameter::from(name).default(1).expect("an int has a form");
    let parameter = |name: &str| Parameter::from(name);
    let results = [
        named(""),
        named("a b"),
        named("2a"),
        named("class"),
        named("a-b"),
        named("module.function"),
        named("module..function"),
        named("module.if"),
        named("größe"),
        named("a\u{300}"),
        named("²"),
        one(vec![parameter("a"), parameter("a")]),
        one(vec![parameter("lambda")]),
        one(vec![parameter("")]),
        one(vec![parameter("*")]),
        one(vec![parameter("*a b")]),
        one(vec![parameter("***a")]),
        one(vec![default("a"), parameter("b")]),
        one(vec![default("a"), parameter("*b"), parameter("c")]),
        one(vec![parameter("*a"), parameter("*b")]),
        one(vec![parameter("*a"), parameter("b"), parameter("*c")]),
        one(vec![parameter("**a"), parameter("b")]),
        one(vec![parameter("**a"), parameter("*b")]),
        one(vec![parameter("**a"), parameter("**b")]),
        one(vec![parameter("a").keyword_only(), parameter("b")]),
        one(vec![parameter("a").keyword_only(), parameter("*b")]),
        one(vec![default("*a")]),
        one(vec![default("**a")]),
        one(vec![parameter("*a"), parameter("a")]),
    ];
    let shown = results.map(|result| match result {
        Ok(()) => "valid".to_owned(),
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Request);
            error.to_string()
        }
    });
    assert_snapshot!("invalid", shown.join("\n"));
}

#[test]
fn a_script_does_not_start_with_an_invalid_tool() {
    let add = |tools: Tools, name: &str, parameters: [&str; 2]| {
        tools.function(name, parameters, |a: i64, b: i64| a + b)
    };
    let twice = add(add(Tools::new(), "add", ["a", "b"]), "add", ["c", "d"]);
    let cases = [
        add(Tools::new(), "add", ["a", "a"]),
        add(Tools::new(), "add", ["a", "from"]),
        add(Tools::new(), "not valid", ["a", "b"]),
        twice,
    ];
    for tools in &cases {
        let expected = tools.check().expect_err("it is invalid").to_string();
        let error = script("1 + 1").host(tools).run_blocking();
        let error = error.expect_err("it does not start");
        assert_eq!(error.kind(), ErrorKind::Request);
        assert_eq!(error.to_string(), expected);
        assert!(error.statistics().is_none(), "nothing ran");
    }
    let values = [
        Tools::new().value("not valid", 1),
        Tools::new()
            .value("A", 1)
            .and_then(|tools| tools.value("A", 2)),
        add(Tools::new(), "add", ["a", "b"]).value("add", 1),
    ];
    let taken = Tools::new().value("add", 1).expect("it is valid");
    let taken = add(taken, "add", ["a", "b"]).check();
    let shown: Vec<_> = values
        .into_iter()
        .map(|tools| tools.map(|_| ()))
        .chain([taken])
        .map(|result| result.expect_err("it is refused").to_string())
        .collect();
    assert_snapshot!("invalid-values", shown.join("\n"));
}

/// Answers as [`Tools`], and asks nobody whether that can be.
struct Unchecked(Tools);

impl ExternalCall for Unchecked {
    fn call(&self, call: Call) -> Reply {
        self.0.call(call)
    }
}

#[test]
fn a_call_of_an_invalid_tool_ends_the_run() {
    let tools = Tools::new().function("f", ["a", "a"], |a: i64, b: i64| a + b);
    let source = "try:\n    f(1, 2)\nexcept BaseException:\n    pass";
    let run = script(source).host(Host::new().external_call(Arc::new(Unchecked(tools))));
    let error = run.run_blocking().expect_err("it is invalid");
    assert_eq!(error.kind(), ErrorKind::Host);
    assert_eq!(
        error.to_string(),
        "a tool ended the run: the tool `f`: the parameter `a` is there twice"
    );
}

/// Monty shows it to nobody, but it is in the message.
#[tokio::test]
async fn a_description_is_the_docstring_of_the_function() {
    let tools = Tools::new().tool(Tool::new("f", (), || 1).description("One."));
    let position = SourceRange {
        filename: String::new(),
        start: 0,
        end: 0,
    };
    let value = tools.get_name("f", &position).await.expect("no exception");
    assert_eq!(value, Some(Value::function("f", Some("One."))));
}

#[test]
fn a_hundred_thousand_keywords() {
    let tools = Tools::new()
        .function("count", ["**all"], |all: HashMap<String, i64>| all.len())
        .function("few", ["a", "b"], |a: i64, b: i64| a + b);
    let source = "d = {f'k{i}': i for i in range(100_000)}\ncount(**d)";
    assert_eq!(repr(&tools, source), "100000");
    let source = "d = {f'k{i}': i for i in range(100_000)}\nfew(**d)";
    assert_eq!(
        repr(&tools, source),
        "TypeError: few() got an unexpected keyword argument 'k0'"
    );
}
