//! What upstream's runner serves to the cases that call their host.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use monty_host::os::{MemoryFiles, MountError, System};
use monty_host::value::{Class, Dict, Instance, Module};
use monty_host::{Answer, Call, Error, ObjectId, ToolError, Tools, Value};

/// The names of the functions, which the module `tools` has too.
const FUNCTIONS: [&str; 11] = [
    "add_ints",
    "concat_strings",
    "return_value",
    "get_list",
    "raise_error",
    "make_point",
    "make_mutable_point",
    "make_user",
    "make_empty",
    "async_call",
    "async_fail",
];

/// The functions, constants and objects, for one case.
#[allow(clippy::approx_constant, reason = "upstream's constant is 3.14")]
pub fn tools() -> Result<Tools, Error> {
    let objects = Objects::default();
    let make = |class: &'static LazyLock<Arc<Class>>| {
        let objects = objects.clone();
        move |attributes| objects.add(class, attributes)
    };
    let point = make(&POINT);
    let mutable_point = make(&MUTABLE_POINT);
    let user = make(&USER);
    let empty = make(&EMPTY);

    Tools::new()
        .function("add_ints", ["a", "b"], |a: i64, b: i64| {
            Ok::<_, ToolError>(a + b)
        })
        .function("concat_strings", ["a", "b"], |a: String, b: String| {
            Ok::<_, ToolError>(a + &b)
        })
        .function("return_value", ["x"], |x: Value| Ok::<_, ToolError>(x))
        .function("get_list", (), || Ok::<_, ToolError>(vec![1, 2, 3]))
        .function("raise_error", ["exc_type", "message"], raise)
        .function("make_point", (), move || {
            Ok::<_, ToolError>(point(coordinates(1, 2)))
        })
        .function("make_mutable_point", (), move || {
            Ok::<_, ToolError>(mutable_point(coordinates(1, 2)))
        })
        .function("make_user", ["name"], move |name: String| {
            let mut attributes = Dict::new();
            attributes.push("name", name);
            attributes.push("active", true);
            Ok::<_, ToolError>(user(attributes))
        })
        .function("make_empty", (), move || {
            Ok::<_, ToolError>(empty(Dict::new()))
        })
        .async_function("async_call", ["x"], async |x: Value| Ok::<_, ToolError>(x))
        .async_function(
            "async_fail",
            ["exc_type", "message"],
            async |type_name: String, message: String| raise(type_name, message),
        )
        .value("CONST_INT", 42)?
        .value("CONST_STR", "hello")?
        .value("CONST_FLOAT", 3.14)?
        .value("CONST_BOOL", true)?
        .value("CONST_LIST", vec![1, 2, 3])?
        .value("CONST_NONE", ())
        .map(|tools| {
            let methods = objects.clone();
            tools
                .fallback(move |call| std::future::ready(methods.call(&call)))
                .attribute_fallback(move |receiver, name| objects.attribute(receiver, name))
        })
}

fn raise(type_name: String, message: String) -> Result<(), ToolError> {
    Err(ToolError::new(type_name, message))
}

/// The module, the files and the variables, for one case.
pub fn serve(system: System) -> Result<System, MountError> {
    let files = MemoryFiles::new()
        .file("/virtual/file.txt", "hello world\n")?
        .file("/virtual/data.bin", [0, 1, 2, 3])?
        .file("/virtual/empty.txt", "")?
        .file("/virtual/subdir/nested.txt", "nested content")?
        .file("/virtual/subdir/deep/file.txt", "deep")?
        .file("/virtual/readonly.txt", "readonly")?;
    Ok(system
        .files(files)?
        .module("tools", tools_module())
        .env("VIRTUAL_HOME", "/virtual/home")
        .env("VIRTUAL_USER", "testuser")
        .env("VIRTUAL_EMPTY", ""))
}

fn tools_module() -> Value {
    let function = |name: &str| Value::function(name, None);
    let mut nested = Dict::new();
    nested.push("VERSION", 7);
    nested.push("return_value", function("return_value"));
    let mut attributes: Dict = FUNCTIONS
        .map(|name| (name, function(name)))
        .into_iter()
        .collect();
    attributes.push("nested", module("tools.nested", nested));
    module("tools", attributes)
}

fn module(name: &str, attributes: Dict) -> Value {
    Value::Module(Arc::new(Module::new(name, attributes)))
}

static POINT: LazyLock<Arc<Class>> = LazyLock::new(|| dataclass("Point", 1));
static MUTABLE_POINT: LazyLock<Arc<Class>> = LazyLock::new(|| dataclass("MutablePoint", 2));
static USER: LazyLock<Arc<Class>> = LazyLock::new(|| dataclass("User", 3));
static EMPTY: LazyLock<Arc<Class>> = LazyLock::new(|| dataclass("Empty", 4));

fn dataclass(name: &str, id: u128) -> Arc<Class> {
    let mut class = Class::new(name);
    class.id = ObjectId::from_u128(id);
    class.dataclass = true;
    Arc::new(class)
}

fn coordinates(x: i64, y: i64) -> Dict {
    [("x", x), ("y", y)].into_iter().collect()
}

/// The instances that a script got.
#[derive(Clone, Default)]
struct Objects(Arc<Mutex<HashMap<ObjectId, Arc<Instance>>>>);

impl Objects {
    fn add(&self, class: &Arc<Class>, attributes: Dict) -> Value {
        let instance = Arc::new(Instance::new(Arc::clone(class), attributes));
        let mut objects = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        objects.insert(instance.id, Arc::clone(&instance));
        Value::Instance(instance)
    }

    fn find(&self, id: ObjectId) -> Result<Arc<Instance>, ToolError> {
        let objects = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        objects
            .get(&id)
            .cloned()
            .ok_or_else(|| ToolError::runtime_error(format_args!("no object {id}")))
    }

    /// Calls a method.
    fn call(&self, call: &Call) -> Answer {
        let Some(receiver) = call.receiver else {
            return Ok(None);
        };
        let instance = self.find(receiver)?;
        let class = instance.class.name.as_str();
        let int = |value: Option<&Value>| {
            value
                .and_then(Value::as_i64)
                .ok_or_else(|| ToolError::type_error(format_args!("{} needs an int", call.name)))
        };
        let attribute = |name| int(instance.attributes.get(name));
        let argument = |position| int(call.positional.get(position));
        let answer = match (class, call.name.as_str()) {
            ("Point" | "MutablePoint", "sum") => Value::from(attribute("x")? + attribute("y")?),
            ("Point", "add") => self.add(
                &POINT,
                coordinates(
                    attribute("x")? + argument(0)?,
                    attribute("y")? + argument(1)?,
                ),
            ),
            ("Point", "scale") => self.add(
                &POINT,
                coordinates(
                    attribute("x")? * argument(0)?,
                    attribute("y")? * argument(0)?,
                ),
            ),
            ("Point", "describe") => {
                let label = call.positional.first().or_else(|| {
                    let mut keywords = call.keyword.iter();
                    keywords.find_map(|(name, value)| (name == "label").then_some(value))
                });
                let label = label.and_then(Value::as_str).unwrap_or("point");
                let described = format!("{label}({}, {})", attribute("x")?, attribute("y")?);
                Value::from(described)
            }
            ("MutablePoint", "shift") => Value::None,
            ("User", "greeting") => {
                let name = instance.attributes.get("name").and_then(Value::as_str);
                Value::from(format!("Hello, {}!", name.unwrap_or_default()))
            }
            _ => return Ok(None),
        };
        Ok(Some(answer))
    }

    /// An attribute that was not sent with its object.
    fn attribute(&self, receiver: ObjectId, name: &str) -> Answer {
        let instance = self.find(receiver)?;
        match (instance.class.name.as_str(), name) {
            ("Point" | "MutablePoint", "dimensions") => Ok(Some(Value::from(2))),
            ("MutablePoint", "boom") => Err(ToolError::key_error("boom")),
            _ => Ok(None),
        }
    }
}
