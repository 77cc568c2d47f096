//! The tools that `benchmarks/scripts` use.

use monty_host::{Error, Tools};
use serde::{Deserialize, Serialize};

/// A dict of five fields in Python.
#[derive(Clone, Serialize, Deserialize)]
struct Product {
    id: i64,
    name: String,
    price: f64,
    active: bool,
    tags: Vec<String>,
}

/// All of them.
///
/// # Errors
///
/// If the rows have no form as a value.
pub fn tools() -> Result<Tools, Error> {
    let rows = products();
    let value = monty_host::value::to_value(&rows)?;
    Ok(Tools::new()
        .function("add", ["a", "b"], |a: i64, b: i64| a + b)
        .async_function("add_later", ["a", "b"], async |a: i64, b: i64| a + b)
        .function("rows", (), move || rows.clone())
        .function("rows_value", (), move || value.clone())
        .function("take", ["rows"], |_: Vec<Product>| {}))
}

fn products() -> Vec<Product> {
    (0..100)
        .map(|id| Product {
            id,
            name: format!("product {id}"),
            price: 9.5 + id as f64,
            active: id % 2 == 0,
            tags: vec!["new".to_owned(), "sale".to_owned()],
        })
        .collect()
}
