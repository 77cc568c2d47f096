//! Spans of a run as JSON lines on stderr, each with the time it took.

use monty_host::{Monty, Options, Tools};
use tracing::Level;
use tracing_subscriber::fmt::format::FmtSpan;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt()
        .json()
        .with_max_level(Level::DEBUG)
        .with_span_events(FmtSpan::CLOSE)
        .with_writer(std::io::stderr)
        .init();

    let tools = Tools::new()
        .async_function("price", ["item"], async |item: String| item.len())
        .function("order", ["item", "note"], |item: String, _: String| {
            format!("ordered {item}")
        });
    // A host may ask for the arguments with `trace_arguments(true)`.
    let report = Monty::new()?
        .script(include_str!("script.py"))
        .options(Options::new().script_name("order.py"))
        .host(&tools)
        .run_blocking()?;
    println!("{}", report.value);
    Ok(())
}
