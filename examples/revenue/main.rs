//! Three calls, and a dict that comes back as a Rust struct.

use monty_host::{Monty, Options, ToolError, Tools};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
struct Quarter {
    period: String,
    revenue: i64,
}

#[derive(Debug, Deserialize)]
struct Growth {
    q3: Quarter,
    q4: Quarter,
    growth_rate: f64,
}

fn search(query: String) -> Result<Quarter, ToolError> {
    let (period, revenue) = match query.as_str() {
        "Q3 revenue" => ("Q3", 1_200_000),
        "Q4 revenue" => ("Q4", 1_500_000),
        _ => {
            return Err(ToolError::value_error(format_args!(
                "nothing found for {query:?}"
            )));
        }
    };
    Ok(Quarter {
        period: period.to_owned(),
        revenue,
    })
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let monty = Monty::new()?;

    // The calculator is a script in its own sandbox.
    let calculator = monty.clone();
    let tools = Tools::new().function("search", ["query"], search).function(
        "calculate",
        ["expression"],
        move |expression: String| {
            let calculation = calculator
                .script(expression)
                .options(Options::new().script_name("calculation"));
            async move {
                let report = calculation
                    .run()
                    .await
                    .map_err(|error| ToolError::value_error(error.summary()))?;
                report
                    .extract::<f64>()
                    .map_err(|error| ToolError::type_error(error.summary()))
            }
        },
    );

    let growth: Growth = monty
        .script(include_str!("script.py"))
        .host(&tools)
        .run_blocking()?
        .extract()?;

    for quarter in [&growth.q3, &growth.q4] {
        println!("{}: {}", quarter.period, quarter.revenue);
    }
    println!("growth: {}%", growth.growth_rate);
    Ok(())
}
