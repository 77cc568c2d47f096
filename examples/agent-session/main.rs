//! A model's turns in one session: its definitions stay, and its errors go back
//! to it with a hint.
//!
//! The model is scripted here. A real one gets [`prompt`] and the history, and
//! answers with the next snippet.

use monty_host::{Error, Monty, ToolError, Tools};
use serde::Serialize;

/// The model's answers, turn by turn.
const TURNS: [&str; 4] = [
    include_str!("turn-1.py"),
    include_str!("turn-2.py"),
    include_str!("turn-3.py"),
    include_str!("turn-4.py"),
];

#[derive(Serialize)]
struct Issue {
    id: u32,
    title: &'static str,
    open: bool,
}

async fn issues(repository: String) -> Result<Vec<Issue>, ToolError> {
    // A real tool would ask a server here, and the other calls would go on.
    let issue = |id, title, open| Issue { id, title, open };
    match repository.as_str() {
        "parser" => Ok(vec![
            issue(1, "Tabs are refused", true),
            issue(2, "Slow on long lines", false),
        ]),
        "printer" => Ok(vec![issue(3, "No colours", true)]),
        _ => Err(ToolError::key_error(format_args!(
            "no repository {repository}"
        ))),
    }
}

/// The prompt before the model's first turn.
fn prompt(monty: &Monty) -> Result<String, Error> {
    let capabilities = monty.capabilities_blocking()?;
    Ok(format!(
        "Write Python for one session; names persist from turn to turn.\n\
         `await issues(repository)` lists the issues of `parser` or `printer`.\n\n\
         {capabilities}"
    ))
}

/// The report of an error to the model: the prints before it, and the reason.
fn feedback(error: &Error) -> String {
    let printed = error.printed().map(ToString::to_string);
    format!("{}{error}", printed.unwrap_or_default())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let monty = Monty::new()?;
    let told = prompt(&monty)?;
    println!(
        "The prompt has {} lines, the first: {}",
        told.lines().count(),
        told.lines().next().unwrap_or_default()
    );

    let tools = Tools::new().async_function("issues", ["repository"], issues);
    let mut session = monty.session().host(&tools).open_blocking()?;
    for (number, source) in (1..).zip(TURNS) {
        println!("\n== turn {number}\n{}", source.trim_end());
        match session.feed(source).run_blocking() {
            Ok(report) => {
                print!("--\n{}", report.printed);
                println!("{}", report.value);
            }
            Err(error) => println!("--\n{}", feedback(&error)),
        }
    }
    Ok(())
}
