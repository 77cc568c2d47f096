//! Runs training scripts on an instrumented build of the component, each in an
//! instance of its own, and writes what LLVM counted: `guest-component/profile`.
//!
//! `training COMPONENT FOLDER SCRIPT...` writes `FOLDER/NAME.profraw` for each
//! script. A script is run as a whole, then fed to a session in pieces, which lines
//! of `# ---` separate; between two pieces the session is dumped and restored. A line
//! `# repeat: N` has it done that many times: LLVM takes little note of what is counted
//! a few times beside loops of thousands, and a short script is all starts, calls and
//! dumps.

use std::error::Error;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use monty_host::embed::{
    FeedOptions, Inputs, Interpreter, InterpreterPre, MontyCtx, MontyView, Outcome, Session,
    Suspended, add_to_linker, engine_config, increment_epochs, limit_store,
};
use monty_host::os::{MemoryFiles, Randomness, System};
use monty_host::{Answers, Host, Limits, Options, Stream, ToolError, Tools};
use serde::{Deserialize, Serialize};
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Engine, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

/// The state of a store.
struct State {
    monty: MontyCtx,
    wasi: WasiCtx,
    table: ResourceTable,
}

impl MontyView for State {
    fn monty(&mut self) -> &mut MontyCtx {
        &mut self.monty
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

/// A value with the parts that values of tools mostly have.
#[derive(Serialize, Deserialize)]
struct Order {
    number: u32,
    customer: String,
    total: f64,
    paid: bool,
    lines: Vec<(String, u32)>,
    note: Option<String>,
}

fn orders(count: u32) -> Vec<Order> {
    (0..count)
        .map(|number| Order {
            number,
            customer: format!("customer {}", number % 17),
            total: f64::from(number) * 12.75,
            paid: number % 3 == 0,
            lines: vec![("bolt".to_owned(), number), ("nut".to_owned(), 2 * number)],
            note: (number % 5 == 0).then(|| "gift".to_owned()),
        })
        .collect()
}

fn tools() -> Tools {
    Tools::new()
        .function("orders", ["count"], orders)
        .function("settle", ["orders"], |orders: Vec<Order>| {
            orders.iter().map(|order| order.total).sum::<f64>()
        })
        .function(
            "rate",
            ["currency", "day"],
            |currency: String, day: i64| match currency.as_str() {
                "EUR" => Ok(1.0 + day as f64 / 1000.0),
                _ => Err(ToolError::value_error(format!("no rate for {currency}"))),
            },
        )
        .async_function("stock", ["item"], async |item: String| item.len() * 10)
        .function("approve", ["amount"], |_amount: f64| {
            Err::<bool, _>(ToolError::suspend())
        })
}

fn files() -> Result<MemoryFiles, Box<dyn Error>> {
    let log: String = (0..400)
        .map(|line| {
            format!(
                "2026-03-{:02} level={} took={}ms\n",
                line % 28 + 1,
                line % 4,
                line * 7 % 311
            )
        })
        .collect();
    Ok(MemoryFiles::new()
        .file("/data/app.log", log)?
        .file("/data/notes/todo.txt", "one\ntwo\nthree\n")?)
}

struct Trainer {
    engine: Engine,
    interpreter: InterpreterPre<State>,
}

impl Trainer {
    fn new(component: &Path) -> wasmtime::Result<Self> {
        let engine = Engine::new(&engine_config()?)?;
        increment_epochs(&engine)?;
        let mut linker = Linker::new(&engine);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
        add_to_linker(&mut linker)?;
        let component = Component::from_file(&engine, component)?;
        let interpreter = InterpreterPre::new(&linker, &component)?;
        Ok(Self {
            engine,
            interpreter,
        })
    }

    /// The raw profile of one script.
    async fn profile(&self, source: &str) -> Result<Vec<u8>, Box<dyn Error>> {
        let errors = Arc::new(Mutex::new(String::new()));
        let sink = Arc::clone(&errors);
        let system = System::new().files(files()?)?.env("USER", "trainer");
        let host =
            Host::new()
                .tools(&tools())
                .os(system)
                .print(move |stream: Stream, text: &str| {
                    if stream == Stream::Stderr {
                        sink.lock()
                            .unwrap_or_else(PoisonError::into_inner)
                            .push_str(text);
                    }
                });
        let monty = MontyCtx::new(host).limits(Limits::unlimited());
        let wasi = monty.wasi(Randomness::Seeded(7), 0).build();
        let mut store = Store::new(
            &self.engine,
            State {
                monty,
                wasi,
                table: ResourceTable::new(),
            },
        );
        limit_store(&mut store);
        let interpreter = self.interpreter.instantiate(&mut store).await?;

        for _ in 0..repetitions(source)? {
            run(&interpreter, &mut store, source).await?;
            feed(&interpreter, &mut store, source).await?;
        }

        errors
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
        interpreter.capabilities(&mut store).await?;
        let digits = errors.lock().unwrap_or_else(PoisonError::into_inner);
        bytes(&digits)
    }
}

/// How often a script runs: what its line `# repeat: N` says, or once.
fn repetitions(source: &str) -> Result<u32, Box<dyn Error>> {
    let line = source
        .lines()
        .find_map(|line| line.strip_prefix("# repeat: "));
    let Some(count) = line else { return Ok(1) };
    count
        .parse()
        .map_err(|_| format!("`# repeat: {count}`: how often, as a number").into())
}

/// Runs a script, and approves whatever it asks for.
async fn run(
    interpreter: &Interpreter,
    store: &mut Store<State>,
    source: &str,
) -> Result<(), Box<dyn Error>> {
    let inputs = Inputs::new().set("region", "north")?;
    let mut outcome = interpreter
        .run(store, source, inputs, &Options::new())
        .await?;
    while let Outcome::Suspended(waiting) = outcome {
        let answers = approve(&waiting)?;
        outcome = interpreter
            .resume(store, &waiting.snapshot, answers, &waiting.budget)
            .await?;
    }
    Ok(())
}

/// Feeds the pieces of a script to a session that is restored for each.
async fn feed(
    interpreter: &Interpreter,
    store: &mut Store<State>,
    source: &str,
) -> Result<(), Box<dyn Error>> {
    let mut session: Session = interpreter.open_session(store, &Options::new()).await?;
    for piece in source.split("# ---\n") {
        let inputs = Inputs::new().set("region", "south")?;
        let mut outcome = session
            .feed(store, piece, inputs, FeedOptions::new())
            .await?;
        while let Outcome::Suspended(waiting) = outcome {
            outcome = session
                .resume(
                    store,
                    approve(&waiting)?,
                    &waiting.budget,
                    FeedOptions::new(),
                )
                .await?;
        }
        let dump = session.dump(store).await?;
        session.close(store).await?;
        session = interpreter.restore_session(store, &dump).await?;
    }
    session.close(store).await?;
    Ok(())
}

fn approve(waiting: &Suspended) -> Result<Answers, Box<dyn Error>> {
    let mut answers = Answers::new();
    for call in &waiting.calls {
        answers = answers.value(call.id, true)?;
    }
    Ok(answers)
}

/// The bytes that text in base 16 stands for.
fn bytes(digits: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    if digits.is_empty() {
        return Err("the component writes no profile: it is not an instrumented build".into());
    }
    digits
        .as_bytes()
        .chunks(2)
        .map(|pair| Ok(u8::from_str_radix(std::str::from_utf8(pair)?, 16)?))
        .collect()
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(component), Some(folder)) = (arguments.next(), arguments.next()) else {
        return Err("usage: training COMPONENT FOLDER SCRIPT...".into());
    };
    let trainer = Trainer::new(Path::new(&component))?;
    for script in arguments {
        let script = Path::new(&script);
        let name = script.file_stem().ok_or("a script has a name")?;
        let profile = trainer
            .profile(&std::fs::read_to_string(script)?)
            .await
            .map_err(|error| format!("{}: {error}", script.display()))?;
        let file = Path::new(&folder).join(name).with_extension("profraw");
        std::fs::write(file, profile)?;
    }
    Ok(())
}
