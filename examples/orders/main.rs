//! A few thousand rows of a data file, filtered, grouped and reported through
//! a mount, an in-memory directory and two tools.

use std::collections::BTreeMap;
use std::fmt::Write;

use monty_host::os::{MemoryFiles, MountMode, System};
use monty_host::{Host, Monty, ToolError, Tools};
use serde::Deserialize;

#[derive(Deserialize)]
struct Country {
    orders: u64,
    total_eur: f64,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let data = tempfile::tempdir()?;
    std::fs::write(data.path().join("orders.csv"), orders(5_000)?)?;
    let reports = MemoryFiles::new();
    let system = System::new()
        .mount(data.path(), "/data", MountMode::ReadOnly)?
        .files_at("/report", reports.clone())?;

    let tools = Tools::new()
        .function("exchange_rates", ["currencies"], exchange_rates)
        .function("notify", ["text"], |text: String| {
            println!("notification: {text}");
        });

    let report = Monty::new()?
        .script(include_str!("script.py"))
        .host(Host::new().os(system).tools(&tools))
        .run_blocking()?;

    let written = reports.read("/summary.txt").unwrap_or_default();
    print!("{}", String::from_utf8_lossy(&written));

    let countries: BTreeMap<String, Country> = report.extract()?;
    let best = countries
        .iter()
        .max_by(|(_, one), (_, other)| one.total_eur.total_cmp(&other.total_eur));
    if let Some((name, country)) = best {
        println!("best: {name} with {} orders", country.orders);
    }
    Ok(())
}

fn exchange_rates(currencies: Vec<String>) -> Result<BTreeMap<String, f64>, ToolError> {
    currencies
        .into_iter()
        .map(|country| {
            let rate = match country.as_str() {
                "DE" | "FR" => 1.0,
                "GB" => 1.15,
                "JP" => 0.0061,
                "US" => 0.92,
                _ => return Err(ToolError::key_error(&country)),
            };
            Ok((country, rate))
        })
        .collect()
}

/// A data file with as many orders as asked for, the same at each run.
fn orders(count: u32) -> Result<String, std::fmt::Error> {
    let mut file = String::from("order,customer,country,status,cents\n");
    let mut state = 1_u32;
    for order in 1..=count {
        // Numerical Recipes' linear congruential generator: good enough for
        // rows that look unlike each other.
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let pick = |choices: u32, shift: u32| (state >> shift) % choices;
        let country = ["DE", "FR", "GB", "JP", "US"][pick(5, 8) as usize];
        let status = ["paid", "paid", "open", "cancelled"][pick(4, 16) as usize];
        let customer = pick(400, 12);
        let cents = 500 + pick(100_000, 6);
        writeln!(
            file,
            "{order},customer-{customer},{country},{status},{cents}"
        )?;
    }
    Ok(file)
}
