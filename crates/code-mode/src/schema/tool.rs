//! [`SchemaTool`]: a tool that JSON Schemas describe.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use monty_host::{BoundArguments, Parameter, Signature, ToolError, Type};
use serde_json::{Map, Value};

use super::checker::Checker;
use super::convert::{Converter, Shared};
use super::error::{Problem, SchemaError, SchemaNote, SchemaSide};
use super::fit::listed;
use super::parameters::{Mapped, parameters};
use super::tool_schema::ToolSchema;
use crate::names::{self, Scope};
use crate::text;

/// The longest arguments of a call, as JSON.
const MAX_ARGUMENTS_BYTES: usize = 16 * 1024 * 1024;

/// What is passed to a tool.
type Arguments = Map<String, Value>;

type Answer = Pin<Box<dyn Future<Output = Result<ToolResult, ToolError>> + Send>>;

type Handler = dyn Fn(Arguments) -> Answer + Send + Sync;

/// What a tool answers with: a value for the script, and content that is for
/// the model and not for the script.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ToolResult {
    /// The value of the call.
    pub value: Value,
    /// Images and the like.
    pub attachments: Vec<Attachment>,
}

/// Content that passes a script by, such as an image.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attachment {
    /// Its kind, such as `image/png`.
    pub mime_type: String,
    /// The bytes.
    pub data: Vec<u8>,
    /// What it shows, for the script and for models without eyes.
    pub description: Option<String>,
}

impl ToolResult {
    /// A value alone.
    pub fn new(value: impl Into<Value>) -> Self {
        Self {
            value: value.into(),
            attachments: Vec::new(),
        }
    }

    /// Adds content that is for the model.
    #[must_use]
    pub fn attachment(mut self, attachment: Attachment) -> Self {
        self.attachments.push(attachment);
        self
    }
}

impl From<Value> for ToolResult {
    fn from(value: Value) -> Self {
        Self::new(value)
    }
}

impl Attachment {
    /// Content without a description.
    pub fn new(mime_type: impl Into<String>, data: impl Into<Vec<u8>>) -> Self {
        Self {
            mime_type: mime_type.into(),
            data: data.into(),
            description: None,
        }
    }

    /// Says what it shows.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }
}

/// A tool that JSON Schemas describe, as MCP servers do.
///
/// ```
/// use monty_code_mode::{SchemaTool, ToolSchema};
/// use serde_json::json;
///
/// let schema = ToolSchema::new(
///     "search-issues",
///     json!({
///         "type": "object",
///         "properties": { "query": { "type": "string" }, "page": { "type": "integer", "default": 1 } },
///         "required": ["query"],
///     }),
/// );
/// let search = SchemaTool::new(schema, async |arguments| Ok(json!([arguments["query"]]).into()))?;
/// assert_eq!(
///     search.get_signature().to_string(),
///     "search_issues(query: str, *, page: int = 1)"
/// );
/// # Ok::<_, monty_code_mode::SchemaError>(())
/// ```
///
/// # Parameters
///
/// The keys that the input schema requires are parameters by place or by name,
/// in the order in which it requires them. The others are keyword-only, in the
/// order of the schema, which servers may change.
///
/// A key that can be left out has the schema's default. Without one it has
/// `None`, or `...` if `None` is a value that it takes. A parameter that has
/// its default in a call **is not sent**, so the server puts its own default
/// there, as for any client that leaves it out. `None` is sent as `null` only
/// where the schema takes null.
///
/// Keys beside the listed ones are `**extra`, if `additionalProperties` allows
/// them in so many words. A key that is no name in Python has a [safe
/// one](crate::Toolbox#names).
///
/// # Calls
///
/// [`arguments`](Self::arguments) makes the JSON object of a call's arguments,
/// checked against the input schema; [`call`](Self::call) runs the handler and
/// checks its result against the output schema. Formats, such as `date-time`,
/// are not checked: they are `str`.
#[derive(Clone)]
pub struct SchemaTool {
    inner: Arc<Inner>,
    handler: Arc<Handler>,
    is_awaited: bool,
    timeout: Option<Duration>,
}

struct Inner {
    schema: ToolSchema,
    signature: Signature,
    mapped: Vec<Mapped>,
    notes: Vec<SchemaNote>,
    input: Checker,
    output: Option<Checker>,
}

impl fmt::Debug for SchemaTool {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SchemaTool")
            .field("name", &self.inner.schema.name)
            .field("signature", &format_args!("{}", self.inner.signature))
            .field("is_awaited", &self.is_awaited)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

fn boxed<F, Fut>(handler: F) -> Arc<Handler>
where
    F: Fn(Map<String, Value>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<ToolResult, ToolError>> + Send + 'static,
{
    Arc::new(move |arguments| Box::pin(handler(arguments)) as Answer)
}

impl SchemaTool {
    /// A tool with a schema, and the function that its calls run.
    ///
    /// # Errors
    ///
    /// If a schema is not one of draft 7 or 2020-12, is too large, or refers to
    /// something outside of it. What the types merely cannot show is a
    /// [note](Self::notes).
    pub fn new<F, Fut>(schema: ToolSchema, handler: F) -> Result<Self, SchemaError>
    where
        F: Fn(Map<String, Value>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<ToolResult, ToolError>> + Send + 'static,
    {
        let of = |side| {
            let name = schema.name.clone();
            move |problem: Problem| problem.of(&name, side)
        };
        let mut shared = Shared::default();
        let input = Checker::new(&schema.input_schema).map_err(of(SchemaSide::Input))?;
        let mut converter = Converter::new(&schema.input_schema, SchemaSide::Input, &mut shared);
        let mapped = parameters(&schema.input_schema, &mut converter);
        let mapped = mapped.map_err(of(SchemaSide::Input))?;
        let mut returns = Type::Any;
        let mut output = None;
        if let Some(result) = &schema.output_schema {
            output = Some(Checker::new(result).map_err(of(SchemaSide::Output))?);
            let mut converter = Converter::new(result, SchemaSide::Output, &mut shared);
            returns = converter.ty(result, "", &format!("{} result", schema.name));
        }
        let name = names::safe(&schema.name, Scope::Global);
        let listed = mapped.iter().map(|mapped| mapped.parameter.clone());
        let signature = Signature::new(name, listed.collect::<Vec<_>>());
        let signature =
            signature.map_err(|error| of(SchemaSide::Input)(Problem::new("/properties", error)))?;
        Ok(Self {
            inner: Arc::new(Inner {
                signature: signature.returns(returns),
                mapped,
                notes: shared.notes,
                input,
                output,
                schema,
            }),
            handler: boxed(handler),
            is_awaited: false,
            timeout: None,
        })
    }

    /// The same tool with another function that its calls run. The schemas are
    /// not checked again.
    #[must_use]
    pub fn handler<F, Fut>(mut self, handler: F) -> Self
    where
        F: Fn(Map<String, Value>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<ToolResult, ToolError>> + Send + 'static,
    {
        self.handler = boxed(handler);
        self
    }

    /// Lets scripts await it, as if it were an `async def`.
    #[must_use]
    pub fn awaited(mut self) -> Self {
        self.is_awaited = true;
        self
    }

    /// Ends calls that take longer.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// What it was made of.
    pub fn schema(&self) -> &ToolSchema {
        &self.inner.schema
    }

    /// Its signature for a script that has it without a namespace.
    pub fn get_signature(&self) -> &Signature {
        &self.inner.signature
    }

    /// Whether scripts await it.
    pub fn is_awaited(&self) -> bool {
        self.is_awaited
    }

    /// How long a call may take, if that is its own affair.
    pub fn get_timeout(&self) -> Option<Duration> {
        self.timeout
    }

    /// What the types do not show of the schemas.
    pub fn notes(&self) -> &[SchemaNote] {
        &self.inner.notes
    }

    /// The parameters whose names are not the keys that the server knows them
    /// by: each with its key.
    pub fn renamed(&self) -> impl Iterator<Item = (&Parameter, &str)> {
        let mapped = self.inner.mapped.iter().filter(|mapped| !mapped.collects());
        mapped
            .filter(|mapped| mapped.parameter.get_name() != mapped.key)
            .map(|mapped| (&mapped.parameter, mapped.key.as_str()))
    }

    /// The JSON object that the tool gets for a call, by the keys of its
    /// schema, checked against that. What has its default is not in it.
    ///
    /// # Errors
    ///
    /// A `TypeError` or `ValueError` that names the argument, what was expected
    /// and what was given, if the schema does not take it.
    pub fn arguments(&self, bound: &BoundArguments) -> Result<Map<String, Value>, ToolError> {
        let name = bound.signature().get_name();
        let mut arguments = Map::new();
        let mut extra = Map::new();
        for (parameter, value) in bound.iter() {
            let mut mapped = self.inner.mapped.iter();
            let mapped = mapped.find(|mapped| mapped.parameter.get_name() == parameter.get_name());
            let Some(mapped) = mapped else {
                continue;
            };
            let left_out = !mapped.required && mapped.parameter.get_default() == Some(value);
            let means_left_out =
                value.is_none() && !mapped.required && !parameter.get_type().takes_none();
            if left_out || means_left_out {
                continue;
            }
            let json = value.to_json_within(MAX_ARGUMENTS_BYTES).map_err(|error| {
                let parameter = parameter.get_name();
                ToolError::type_error(format_args!(
                    "{name}() argument '{parameter}': {error}; pass str, int, float, bool, None, lists and dicts"
                ))
            })?;
            match json {
                Value::Object(more) if mapped.collects() => extra = more,
                json => {
                    arguments.insert(mapped.key.clone(), json);
                }
            }
        }
        for (key, value) in extra {
            let mut keys = self.inner.mapped.iter().filter(|mapped| !mapped.collects());
            if let Some(mapped) = keys.find(|mapped| mapped.key == key) {
                let parameter = mapped.parameter.get_name();
                let key = text::line(&key, 80);
                return Err(ToolError::type_error(format_args!(
                    "{name}() got '{key}' among its keywords: pass it as '{parameter}'"
                )));
            }
            arguments.insert(key, value);
        }
        self.check_arguments(name, arguments)
    }

    /// Gives the arguments of a call back if the input schema takes them. The
    /// name is that of the tool, for the error.
    ///
    /// # Errors
    ///
    /// As [`arguments`](Self::arguments).
    pub fn check_arguments(
        &self,
        name: &str,
        arguments: Map<String, Value>,
    ) -> Result<Map<String, Value>, ToolError> {
        let arguments = Value::Object(arguments);
        let Some(misfit) = self.inner.input.misfit(&arguments) else {
            return Ok(match arguments {
                Value::Object(arguments) => arguments,
                _ => Map::new(),
            });
        };
        let key = misfit.path.first().map(String::as_str);
        let mapped = self
            .inner
            .mapped
            .iter()
            .find(|mapped| Some(mapped.key.as_str()) == key);
        let place = match (mapped, key) {
            (Some(mapped), _) => format!(
                " argument '{}'",
                misfit.place(mapped.parameter.get_name(), 1)
            ),
            (None, Some(key)) => format!(" argument '{}'", misfit.place(&text::line(key, 80), 1)),
            (None, None) => String::new(),
        };
        let names = self.inner.mapped.iter().map(|mapped| {
            let stars = if mapped.collects() { "**" } else { "" };
            format!("{stars}{}", mapped.parameter.get_name())
        });
        let message = format!(
            "{name}(){place}: {}. Its parameters are {}",
            misfit.reason,
            listed(names)
        );
        Err(match misfit.is_type {
            true => ToolError::type_error(message),
            false => ToolError::value_error(message),
        })
    }

    /// Runs the handler, and checks its result against the output schema. The
    /// name is that of the tool, for the error.
    ///
    /// # Errors
    ///
    /// The error of the handler, or a `RuntimeError` that says that the tool is
    /// at fault, if its result does not fit.
    pub async fn call(
        &self,
        name: &str,
        arguments: Map<String, Value>,
    ) -> Result<ToolResult, ToolError> {
        let result = self.run(arguments).await?;
        self.check_result(name, &result.value)?;
        Ok(result)
    }

    /// Runs the handler.
    pub(crate) async fn run(&self, arguments: Map<String, Value>) -> Result<ToolResult, ToolError> {
        (self.handler)(arguments).await
    }

    /// Checks what the handler returned.
    pub(crate) fn check_result(&self, name: &str, result: &Value) -> Result<(), ToolError> {
        let output = self.inner.output.as_ref();
        let Some(misfit) = output.and_then(|output| output.misfit(result)) else {
            return Ok(());
        };
        let place = match misfit.path.is_empty() {
            true => String::new(),
            false => format!(" at {}", misfit.place("result", 0)),
        };
        Err(ToolError::runtime_error(format_args!(
            "{name}() ran, but its result does not fit the schema that the tool gives for it{place}: {}. \
             The tool is at fault, not this script: do not call it again for another result",
            misfit.reason
        )))
    }
}
