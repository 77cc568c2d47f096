//! A tool with typed parameters, one of them with a default.

use monty_host::{Monty, Parameter, ToolError, Tools};
use serde::Serialize;

#[derive(Serialize)]
struct Weather {
    city: String,
    temperature: f64,
}

async fn get_weather(city: String, unit: String) -> Result<Weather, ToolError> {
    // A real tool would ask a server here, and the script would wait for it.
    let celsius = match city.as_str() {
        "London" => 14.5,
        "Tokyo" => 22.0,
        _ => return Err(ToolError::key_error(format_args!("no weather for {city}"))),
    };
    let temperature = match unit.as_str() {
        "C" => celsius,
        "F" => celsius * 1.8 + 32.0,
        _ => return Err(ToolError::value_error(format_args!("no such unit: {unit}"))),
    };
    Ok(Weather { city, temperature })
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let parameters = [Parameter::new("city"), Parameter::new("unit").default("C")?];
    let tools = Tools::new().function("get_weather", parameters, get_weather);

    let report = Monty::new()?
        .script(include_str!("script.py"))
        .host(&tools)
        .run()
        .await?;

    print!("{}", report.printed);
    println!("{}", report.extract::<String>()?);
    Ok(())
}
