//! The tools of a shop, as tools of rig's.

use rig_core::message::ToolName;
use rig_core::tool::{DynamicTool, ToolExecutionError, ToolOutput};
use serde_json::{Value, json};

use crate::Result;

/// What the user asks for.
pub const TASK: &str = "Refund Ada's and Bob's orders that are more than 5 days late.";

/// Ten orders of each customer, of which every fifth is late.
fn orders(customer: &str) -> Vec<Value> {
    let first = if customer == "ada" { 100 } else { 200 };
    let orders = (first..first + 10).map(|id| {
        let late = if id % 5 == 3 { 8 } else { id % 5 };
        json!({ "id": id, "customer": customer, "total": id % 7 * 10 + 9, "days_late": late })
    });
    orders.collect()
}

/// The tools, for an agent or for its scripts.
pub fn tools() -> Result<Vec<DynamicTool>> {
    let list = DynamicTool::new(
        ToolName::new("list_orders")?,
        "Lists a customer's orders: id, customer, total in €, days_late",
        json!({
            "type": "object",
            "properties": { "customer": { "type": "string" } },
            "required": ["customer"],
        }),
        |arguments| {
            Box::pin(async move {
                match arguments["customer"].as_str() {
                    Some(customer @ ("ada" | "bob")) => {
                        Ok(ToolOutput::json(orders(customer).into()))
                    }
                    _ => Err(ToolExecutionError::invalid_args(
                        "the customers are ada and bob",
                    )),
                }
            })
        },
    );
    let refund = DynamicTool::new(
        ToolName::new("refund")?,
        "Refunds an order in € and returns the number of the refund",
        json!({
            "type": "object",
            "properties": { "order": { "type": "integer" }, "amount": { "type": "number" } },
            "required": ["order", "amount"],
        }),
        |arguments| {
            Box::pin(async move {
                let order = arguments["order"].as_u64().unwrap_or_default();
                Ok(ToolOutput::json(json!(9000 + order)))
            })
        },
    );
    Ok(vec![list, refund])
}

/// The script that the model writes.
pub const SCRIPT: &str = "\
refunds = []
for customer in ['ada', 'bob']:
    for order in list_orders(customer):
        if order['days_late'] > 5:
            refunds.append(refund(order['id'], order['total']))
refunds";

/// What it says in the end.
pub const ANSWER: &str = "Refunded orders 103, 108, 203 and 208.";
