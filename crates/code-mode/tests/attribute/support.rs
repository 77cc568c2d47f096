//! A shop, whose functions are tools.

use std::sync::{Arc, Mutex};

use monty_code_mode::{CodeMode, Outcome, Toolbox, tool};
use monty_host::{Monty, ToolError, Type};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// What the program has and scripts do not.
#[derive(Default)]
pub struct Shop {
    pub shipped: Mutex<Vec<String>>,
}

#[derive(Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Speed {
    Normal,
    Fast,
}

#[derive(Deserialize)]
pub struct Line {
    item: String,
    #[serde(default)]
    count: Option<u32>,
}

/// A parcel on its way.
#[derive(Serialize, JsonSchema)]
pub struct Parcel {
    /// Where to follow it.
    url: String,
    speed: Speed,
    items: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

/// Read by serde, with no schema.
#[derive(Serialize, Deserialize)]
pub struct Stock {
    item: String,
    left: u32,
}

/// Neither read by serde nor with a schema.
#[derive(Serialize)]
pub struct Weight(f64);

/// Ships items to a customer.
///
/// It goes out at once:
///
///     ship("ada", [{"item": "tea"}])
#[tool(awaited, destructive, open_world = false, timeout_ms = 2_000)]
pub async fn ship(
    #[tool(context)] shop: &Shop,
    /// A name,
    /// as the customer list has it.
    customer: String,
    /// What to ship.
    lines: Vec<Line>,
    /// How it is sent.
    #[tool(default = Speed::Normal)]
    speed: Speed,
    #[tool(default = "by hand")] mut note: String,
    gift: Option<bool>,
) -> Result<Parcel, ToolError> {
    tokio::task::yield_now().await;
    if lines.is_empty() {
        return Err(ToolError::value_error("nothing to ship"));
    }
    if gift == Some(true) {
        note.push('!');
    }
    let items = lines
        .into_iter()
        .flat_map(|line| vec![line.item; line.count.unwrap_or(1) as usize])
        .collect::<Vec<_>>();
    let record = format!("{} to {customer}", items.join(", "));
    shop.shipped.lock().unwrap().push(record);
    Ok(Parcel {
        url: format!("https://example.com/{customer}"),
        speed,
        items,
        note: (note != "by hand").then_some(note),
    })
}

/** How much is left. */
#[tool(read_only, name = "stock_of")]
pub fn stock(
    item: String,
    #[tool(keyword_only, name = "place")] _place: Option<String>,
) -> Option<Stock> {
    let left = u32::try_from(item.len()).ok()?;
    Some(Stock { item, left })
}

#[tool]
pub fn weigh(item: String) -> Weight {
    Weight(item.len() as f64 / 2.0)
}

#[doc = include_str!("rename.md")]
#[tool(returns = Type::Path)]
pub fn rename(
    #[tool(context)] names: Arc<Mutex<Vec<String>>>,
    r#type: String,
    #[tool(context)] prefix: String,
) -> String {
    let name = format!("{prefix}{type}", type = r#type);
    names.lock().unwrap().push(name.clone());
    name
}

#[tool(idempotent)]
pub fn nothing() {}

pub struct Fixture {
    pub shop: Arc<Shop>,
    pub names: Arc<Mutex<Vec<String>>>,
    pub toolbox: Toolbox,
}

pub fn fixture() -> Fixture {
    let shop = Arc::new(Shop::default());
    let names = Arc::default();
    let toolbox = Toolbox::builder()
        .tool(ship::tool(Arc::clone(&shop)))
        .tool(stock::tool())
        .tool(weigh::tool())
        .tool(rename::tool(Arc::clone(&names), "old_".to_owned()))
        .tool(nothing::tool())
        .build()
        .unwrap();
    Fixture {
        shop,
        names,
        toolbox,
    }
}

pub async fn call(toolbox: Toolbox, source: &str) -> Outcome {
    let monty = Monty::new().unwrap();
    let policy = monty_code_mode::Policy::new().rule("*", monty_code_mode::Rule::allow());
    let code_mode = CodeMode::builder(&monty, toolbox).policy(policy);
    let code_mode = code_mode.build().await.unwrap();
    code_mode.call(json!({ "code": source })).await
}
