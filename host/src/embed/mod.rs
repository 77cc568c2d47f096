//! The component in your own wasmtime store.
//!
//! [`Monty`](crate::Monty), [`Script`](crate::Script) and
//! [`Session`](crate::Session) are built only on this module, so a host with
//! its own engine, linker and stores gets the same features: limits of time,
//! memory, depth, calls and messages, interrupts that a session survives,
//! statistics, and errors that distinguish a script's exception, a limit, an
//! interrupt and a fault of the sandbox.
//!
//! | | what it is |
//! |---|---|
//! | [`engine_config`], [`increment_epochs`] | an engine that can stop a script |
//! | [`CodeCache`] | the component, compiled for the engine once and kept on disk |
//! | [`MontyCtx`], [`MontyView`] | the state behind the imports, and where the imports find it |
//! | [`add_to_linker`] | the imports, linked |
//! | [`limit_store`] | a store that enforces the limits |
//! | [`InterpreterPre`], [`Interpreter`] | the component, linked, and an instance of it |
//! | [`Session`] | a session in an instance |
//! | [`Outcome`] | how a run ended, if nothing failed |
//! | [`bindings`] | what wasmtime generates from the contract, for whatever is not here |
//!
//! ```
//! use monty_host::embed::{
//!     CodeCache, Inputs, InterpreterPre, MontyCtx, MontyView, Outcome, add_to_linker,
//!     engine_config, increment_epochs, limit_store,
//! };
//! use monty_host::os::Randomness;
//! use monty_host::{Limits, Options, Tools};
//! use wasmtime::component::{Linker, ResourceTable};
//! use wasmtime::{Engine, Store};
//! use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
//!
//! struct State {
//!     monty: MontyCtx,
//!     wasi: WasiCtx,
//!     table: ResourceTable,
//! }
//!
//! impl MontyView for State {
//!     fn monty(&mut self) -> &mut MontyCtx {
//!         &mut self.monty
//!     }
//! }
//!
//! impl WasiView for State {
//!     fn ctx(&mut self) -> WasiCtxView<'_> {
//!         WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
//!     }
//! }
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let engine = Engine::new(&engine_config()?)?;
//! increment_epochs(&engine)?;
//! let mut linker = Linker::new(&engine);
//! wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
//! add_to_linker(&mut linker)?;
//! let (component, _) = CodeCache::of_user().component(&engine, || ())?;
//! let interpreter = InterpreterPre::new(&linker, &component)?;
//!
//! let tools = Tools::new().value("answer", 42)?;
//! let monty = MontyCtx::new(tools).limits(Limits::default().with_calls(10));
//! let wasi = monty.wasi(Randomness::System, 0).build();
//! let mut store = Store::new(&engine, State { monty, wasi, table: ResourceTable::new() });
//! limit_store(&mut store);
//!
//! let interpreter = interpreter.instantiate(&mut store).await?;
//! let (inputs, options) = (Inputs::new().set("n", 1)?, Options::new());
//! let outcome = interpreter.run(&mut store, "answer - n", inputs, &options).await?;
//! let Outcome::Completed(value) = outcome else { panic!("nothing suspends it") };
//! assert_eq!(value.as_i64(), Some(41));
//! assert_eq!(store.data_mut().monty().statistics().calls, 1);
//! # Ok(())
//! # }
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(example())?;
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

pub mod bindings;
mod call;
#[cfg(feature = "cache")]
mod code_cache;
mod code_source;
#[cfg(feature = "compile")]
mod compile;
mod context;
mod exports;
mod imports;
mod inputs;
mod interpreter;
mod limiter;
mod linker;
mod lower;
mod messages;
mod outcome;
mod pending;
mod session;
mod wasi;
mod watch;

#[cfg(feature = "cache")]
pub use self::code_cache::CodeCache;
pub use self::code_source::CodeSource;
#[cfg(feature = "compile")]
pub(crate) use self::compile::{compile, compile_here};
pub use self::context::{MontyCtx, MontyView};
pub use self::inputs::{Arguments, Inputs};
pub use self::interpreter::{Interpreter, InterpreterPre};
pub(crate) use self::limiter::{MemoryLimiter, TABLE_ELEMENTS};
pub use self::linker::{add_to_linker, engine_config, increment_epochs, limit_store};
pub(crate) use self::linker::{config_for, engine_with};
pub use self::outcome::{Budget, Outcome, Suspended};
pub use self::session::{FeedOptions, Session};
