//! An instance of the interpreter with a linker and a store of the tests' own.

use monty_host::engine_config;
use monty_value::Encoder;
use monty_value::Value;
use monty_value::graph::GraphCaps;
use monty_value::types::{Duration, NamedOperand};
use serde_json::Value as Json;
use tokio::sync::OnceCell;
use wasmtime::component::{Component, HasSelf, InstancePre, Linker, ResourceTable};
use wasmtime::{Engine, Result, Store, UpdateDeadline};
use wasmtime_wasi::{HostWallClock, WasiCtx, WasiCtxView, WasiView};

use super::bindings::exports::monty::sandbox::interpreter::{FeedOptions, Inputs, Limits, Options};
use super::bindings::{Sandbox, SandboxPre};
use super::meaning::{number, wide};
use super::player::Player;

/// The state of a store.
pub struct State {
    /// The host.
    pub player: Player,
    wasi: WasiCtx,
    table: ResourceTable,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

/// A time of day in which no sleep is over before the host says so.
struct StandsStill;

impl HostWallClock for StandsStill {
    fn resolution(&self) -> std::time::Duration {
        std::time::Duration::from_nanos(1)
    }

    fn now(&self) -> std::time::Duration {
        std::time::Duration::from_secs(1_700_000_000)
    }
}

fn link() -> Result<InstancePre<State>> {
    let mut config = engine_config()?;
    config.cache(wasmtime::Cache::from_file(None).ok());
    let engine = Engine::new(&config)?;
    let component = Component::new(&engine, monty_host::COMPONENT)?;
    let mut linker = Linker::<State>::new(&engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    Sandbox::add_to_linker::<State, HasSelf<Player>>(&mut linker, |state| &mut state.player)?;
    linker.instantiate_pre(&component)
}

/// A fresh instance.
pub async fn instance() -> Result<(Store<State>, Sandbox)> {
    static LINKED: OnceCell<InstancePre<State>> = OnceCell::const_new();
    let linked = LINKED.get_or_try_init(async || link()).await?;
    let state = State {
        player: Player::default(),
        wasi: WasiCtx::builder().wall_clock(StandsStill).build(),
        table: ResourceTable::new(),
    };
    let mut store = Store::new(linked.engine(), state);
    store.epoch_deadline_callback(|_| Ok(UpdateDeadline::Continue(1)));
    store.set_epoch_deadline(1);
    let sandbox = SandboxPre::new(linked.clone())?
        .instantiate_async(&mut store)
        .await?;
    Ok((store, sandbox))
}

/// Inputs, in one message.
pub fn inputs(values: &[(String, Value)]) -> Result<Option<Inputs>> {
    if values.is_empty() {
        return Ok(None);
    }
    let mut encoder = Encoder::new(GraphCaps::DEFAULT);
    let values = values
        .iter()
        .map(|(name, value)| NamedOperand {
            name: name.clone(),
            value: encoder.operand(value),
        })
        .collect();
    Ok(Some(Inputs {
        values,
        graph: encoder.finish()?,
    }))
}

/// Options, of which these are set.
pub fn options(data: &Json, inputs: Option<Inputs>) -> Options {
    let limits = data.get("limits").map(|limits| Limits {
        max_duration: limits.get("max-duration").map(wide::<Duration>),
        max_memory: limits.get("max-memory").map(wide),
        max_recursion_depth: limits.get("max-recursion-depth").map(number),
        gc_interval: None,
    });
    Options {
        script_name: None,
        inputs,
        working_directory: None,
        limits,
        clock: None,
        local_timezone: None,
        randomness: None,
        line_buffered: data.get("line-buffered").and_then(Json::as_bool),
        explain_assertions: None,
        extensions: None,
    }
}

/// No options for a piece of code.
pub fn feed_options() -> FeedOptions {
    FeedOptions {
        inputs: None,
        limits: None,
        line_buffered: None,
        extensions: None,
    }
}
