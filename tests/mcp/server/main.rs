//! The MCP server, as clients see it.

mod approvals;
mod http;
mod protocol;
mod runs;
mod serving;
#[path = "../../repository.rs"]
mod support;
mod wire;

use monty_code_mode::{CodeMode, Toolbox};
use monty_host::{Tool, ToolError};

use serving::{Serving, monty};

/// Tools that a server has in these tests.
pub fn toolbox() -> Toolbox {
    let price = Tool::new("price", ["item"], |item: String| match item.as_str() {
        "" => Err(ToolError::value_error("item is empty")),
        item => Ok(item.len() * 10),
    });
    let slow = Tool::new("slow", ["seconds"], async |seconds: f64| {
        tokio::time::sleep(std::time::Duration::from_secs_f64(seconds)).await;
        Ok::<_, ToolError>("done")
    });
    Toolbox::builder()
        .tool(price.description("The price of an item in cents"))
        .tool(slow.description("Takes its time").awaited())
        .build()
        .expect("a toolbox")
}

/// Code mode with those tools.
pub async fn code_mode() -> CodeMode {
    let code_mode = CodeMode::new(&monty(), toolbox()).await;
    code_mode.expect("code mode")
}
