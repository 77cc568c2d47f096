//! The attribute `#[tool]` of `monty-code-mode`.

mod attributes;
mod doc;
mod expand;
mod function;
mod parameter;
mod python;
#[cfg(test)]
mod tests;

use proc_macro::TokenStream;

/// Makes a function a tool: `name::tool()` of a function `name`.
///
/// ```
/// use monty_code_mode::{Toolbox, tool};
/// use monty_host::ToolError;
///
/// /// Sends an e-mail and returns its number.
/// #[tool]
/// async fn send_mail(
///     /// The address.
///     to: String,
///     text: String,
///     #[tool(default = 3)] retries: u32,
///     reply_to: Option<u64>,
/// ) -> Result<u64, ToolError> {
///     # let _ = (to, text, retries, reply_to);
///     Ok(17)
/// }
///
/// let toolbox = Toolbox::builder().tool(send_mail::tool()).build()?;
/// let signature = toolbox.get("send_mail").unwrap().get_signature();
/// assert_eq!(
///     signature.to_string(),
///     "send_mail(to: str, text: str, retries: int = 3, reply_to: int | None = None) -> int"
/// );
/// # Ok::<_, monty_code_mode::ToolboxError>(())
/// ```
///
/// The function stays as it was. Beside it there is a type of the same name and
/// visibility that has no values, only the function `tool`: `use` brings both.
///
/// - **Descriptions** are the documentation of the function and of each
///   parameter.
/// - **Types of parameters** are those that
///   [`Type::of`](../monty_host/enum.Type.html#method.of) finds, so that each
///   implements `Deserialize`. An `Option` at the end can be left out.
/// - **The type of the result** is what its `JsonSchema` says, if
///   `monty-code-mode` has its feature `schemars`; otherwise what its
///   `Deserialize` says. Without both it is `Any`. The result implements
///   `Serialize`, or is a `Result` of that and an error.
/// - **Async functions** are plain functions to a script, unless they are
///   `awaited`.
///
/// # On the function
///
/// | | |
/// |---|---|
/// | `name = "…"` | its name in Python |
/// | `awaited` | scripts await it, and can await several at once |
/// | `timeout_ms = 500` | ends calls that take longer, with a `TimeoutError` |
/// | `returns = Type::…` | the type of the result, in place of what it says itself |
/// | `read_only`, `destructive`, `idempotent`, `open_world` | [annotations](../monty_code_mode/struct.Annotations.html), which policies go by; `= false` denies one |
///
/// # On a parameter
///
/// | | |
/// |---|---|
/// | `name = "…"` | its name in Python |
/// | `default = 3` | its value if it is left out: of the type of the parameter, which implements `Serialize`; a text is good for a `String` |
/// | `keyword_only` | it is given by name alone |
/// | `context` | no parameter for scripts: a value of the program's, given to `tool` |
///
/// # Context
///
/// A reference is to what `tool` gets an `Arc` of, or puts into one. Another
/// type is cloned for each call.
///
/// ```
/// use monty_code_mode::{Toolbox, tool};
///
/// struct Shop {
///     prices: Vec<(String, f64)>,
/// }
///
/// /// The price of an item in €.
/// #[tool(read_only)]
/// fn price(#[tool(context)] shop: &Shop, item: String) -> Option<f64> {
///     shop.prices.iter().find(|(name, _)| *name == item).map(|(_, price)| *price)
/// }
///
/// let shop = Shop { prices: vec![("tea".to_owned(), 3.5)] };
/// let tool = price::tool(shop);
/// assert_eq!(tool.get_signature().to_string(), "price(item: str) -> float | None");
/// ```
///
/// # What is no tool
///
/// A tool has at most eight parameters besides context, each of which is a plain
/// name with a type that owns its value. It is not generic and is no method:
///
/// ```compile_fail
/// #[monty_code_mode::tool]
/// fn first<T>(items: Vec<T>) -> Option<T> {
///     items.into_iter().next()
/// }
/// ```
///
/// ```compile_fail
/// #[monty_code_mode::tool]
/// fn length(text: &str) -> usize {
///     text.len()
/// }
/// ```
///
/// An argument that serde cannot read is an error at its type:
///
/// ```compile_fail,E0277
/// struct Order;
///
/// #[monty_code_mode::tool]
/// fn ship(order: Order) {}
/// ```
#[proc_macro_attribute]
pub fn tool(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::tool(arguments.into(), item.into())
        .unwrap_or_else(|error| error.into_compile_error())
        .into()
}
