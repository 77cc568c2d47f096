//! A program that ships the compiled interpreter without a compiler: it starts
//! in milliseconds and needs no cache.
//!
//! ```console
//! $ monty-host compile --output monty.cwasm
//! $ cargo run --release -p example-precompiled -- monty.cwasm
//! 19.00 EUR
//! ```

use monty_host::{Monty, ToolError, Tools};

fn price(item: String) -> Result<f64, ToolError> {
    match item.as_str() {
        "tea" => Ok(4.5),
        "cup" => Ok(2.5),
        _ => Err(ToolError::key_error(format_args!("no price for {item}"))),
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args_os()
        .nth(1)
        .ok_or("usage: example-precompiled FILE")?;
    // SAFETY: `monty-host compile` wrote the file. Anyone who can replace it
    // can replace this program.
    let monty = unsafe {
        Monty::builder()
            .concurrent_runs(4)
            .build_precompiled(file)?
    };

    let tools = Tools::new().function("price", ["item"], price);
    let report = monty
        .script(include_str!("../script.py"))
        .input("order", [("tea", 2), ("cup", 4)])?
        .host(&tools)
        .run_blocking()?;
    println!("{}", report.extract::<String>()?);
    Ok(())
}
