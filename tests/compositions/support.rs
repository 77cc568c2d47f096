//! Shared by the suites: a wasmtime with only WASI.

#[path = "../repository.rs"]
pub(crate) mod repository;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use monty_compositions::{compose, compose_open};
use tempfile::{NamedTempFile, TempDir};
use wasmtime::component::{Component, HasSelf, Linker, Resource, ResourceTable};
use wasmtime::{Config, Engine, Store, StoreLimits, StoreLimitsBuilder};
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::OutputStream;
use wasmtime_wasi::p2::bindings::sync::Command;
use wasmtime_wasi::p2::pipe::{MemoryInputPipe, MemoryOutputPipe};
use wasmtime_wasi::{
    FsPerms, HostMonotonicClock, HostWallClock, I32Exit, WasiCtx, WasiCtxBuilder, WasiCtxView,
    WasiView,
};

pub(crate) use repository::{root, snapshots};

use crate::bindings::sandbox::monty::sandbox::external_call as tools;
use monty_value::types::{Answer, CallRequest, Duration, Exception, ObjectId, SourceRange, Value};

/// One engine for all tests.
pub static ENGINE: LazyLock<Engine> =
    LazyLock::new(|| Engine::new(&Config::new()).expect("the engine starts"));

/// A component, compiled. The code is kept in `target/compiled`, for the next
/// tests that need it.
pub fn compiled(component: &[u8]) -> Component {
    let mut hasher = DefaultHasher::new();
    component.hash(&mut hasher);
    ENGINE.precompile_compatibility_hash().hash(&mut hasher);
    let folder = root().join("target/compiled");
    let path = folder.join(format!("{:016x}.cwasm", hasher.finish()));
    if !path.exists() {
        let code = ENGINE.precompile_component(component);
        let code = code.expect("the component compiles");
        std::fs::create_dir_all(&folder).expect("the folder can be made");
        let mut file = NamedTempFile::new_in(&folder).expect("a file");
        file.write_all(&code).expect("there is room");
        file.persist(&path).expect("it gets its name");
    }
    // SAFETY: the lines above wrote it.
    unsafe { Component::deserialize_file(&ENGINE, &path) }.expect("it is code for this engine")
}

/// Where the components are.
pub fn components() -> PathBuf {
    let folder = root().join("target/components");
    assert!(
        folder.join("monty/interpreter.wasm").exists(),
        "the adapters are not built: run adapters/build"
    );
    folder
}

/// The bytes of `monty:NAME`.
pub fn bytes(name: &str) -> Vec<u8> {
    let path = components().join(format!("monty/{name}.wasm"));
    std::fs::read(path).expect("the component is built")
}

/// `monty:NAME`, compiled.
pub fn component(name: &str) -> Component {
    compiled(&bytes(name))
}

/// A composition of `compositions/`, compiled.
pub fn composition(name: &str) -> Component {
    let document = root().join(format!("compositions/{name}.wac"));
    let composed = compose(&document, &components()).expect("the composition holds");
    compiled(&composed)
}

/// The composition of a document, compiled. It may leave its tools to the test.
pub fn composition_of(document: &str) -> Component {
    let folder = directory();
    let path = folder.path().join("document.wac");
    std::fs::write(&path, document).expect("the document is written");
    let composed = compose_open(&path, &components()).expect("the composition holds");
    compiled(&composed)
}

/// A terminal that keeps its output.
#[derive(Clone)]
pub struct Terminal(MemoryOutputPipe);

impl Default for Terminal {
    fn default() -> Self {
        Self(MemoryOutputPipe::new(1 << 20))
    }
}

impl Terminal {
    /// The output.
    pub fn text(&self) -> String {
        String::from_utf8(self.0.contents().into()).expect("output is text")
    }
}

impl IsTerminal for Terminal {
    fn is_terminal(&self) -> bool {
        true
    }
}

impl StdoutStream for Terminal {
    fn async_stream(&self) -> Box<dyn tokio::io::AsyncWrite + Send + Sync> {
        self.0.async_stream()
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        self.0.p2_stream()
    }
}

/// A stopped clock.
pub struct Stopped(pub std::time::Duration);

impl HostWallClock for Stopped {
    fn resolution(&self) -> std::time::Duration {
        std::time::Duration::from_nanos(1)
    }
    fn now(&self) -> std::time::Duration {
        self.0
    }
}

impl HostMonotonicClock for Stopped {
    fn resolution(&self) -> u64 {
        1
    }
    fn now(&self) -> u64 {
        self.0.as_nanos() as u64
    }
}

/// The limit on each linear memory from docs/deploying-http.md, in bytes: eight
/// times the memory of a script. A component that needs more traps.
const MEMORY_BYTES: usize = 8 * (128 << 20);

/// The limits of a store.
pub fn memory_limit() -> StoreLimits {
    StoreLimitsBuilder::new().memory_size(MEMORY_BYTES).build()
}

/// What a component runs in.
pub struct State {
    wasi: WasiCtx,
    table: ResourceTable,
    stdout: MemoryOutputPipe,
    stderr: MemoryOutputPipe,
    /// The tools behind the policy.
    pub tools: Tools,
    limits: StoreLimits,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl State {
    /// What was written to standard output.
    pub fn stdout(&self) -> String {
        String::from_utf8(self.stdout.contents().into()).expect("output is text")
    }

    /// What was written to standard error.
    pub fn stderr(&self) -> String {
        String::from_utf8(self.stderr.contents().into()).expect("output is text")
    }
}

/// A store whose WASI is set up by a closure, and otherwise reaches nothing.
pub fn store(set_up: impl FnOnce(&mut WasiCtxBuilder)) -> Store<State> {
    let stdout = MemoryOutputPipe::new(64 << 20);
    let stderr = MemoryOutputPipe::new(64 << 20);
    let mut wasi = WasiCtxBuilder::new();
    wasi.stdout(stdout.clone()).stderr(stderr.clone());
    set_up(&mut wasi);
    let mut store = Store::new(
        &ENGINE,
        State {
            wasi: wasi.build(),
            table: ResourceTable::new(),
            stdout,
            stderr,
            tools: Tools::default(),
            limits: memory_limit(),
        },
    );
    store.limiter(|state| &mut state.limits);
    store
}

/// A linker with WASI.
pub fn linker() -> Linker<State> {
    let mut linker = Linker::new(&ENGINE);
    wasmtime_wasi::p2::add_to_linker_sync(&mut linker).expect("WASI links");
    linker
}

/// A linker with WASI and the tools of [`Tools`].
pub fn linker_with_tools() -> Linker<State> {
    let mut linker = linker();
    tools::add_to_linker::<_, HasSelf<Tools>>(&mut linker, |state| &mut state.tools)
        .expect("the tools link");
    linker
}

/// Tools that answer as a test tells them to, and keep what they were asked.
#[derive(Default)]
pub struct Tools {
    /// The replies to the next calls, and the answers of those that are settled,
    /// the last one first. None left: `not-found`.
    pub replies: Vec<Reply>,
    /// What a call is answered with once no reply is left.
    pub otherwise: Option<Reply>,
    /// The value of each name and attribute.
    pub value: Option<Value>,
    /// What was called, asked for, settled and dropped.
    pub asked: Vec<String>,
    /// How many calls were answered with `pending`.
    pub pending: u32,
}

/// What a call is answered with.
pub type Reply = Option<Answer>;

/// It takes its time.
pub const PENDING: Reply = None;

/// A pending call, told apart by its number.
pub struct PendingCall;

impl Tools {
    fn reply(&mut self) -> Reply {
        let otherwise = || self.otherwise.clone();
        let reply = self.replies.pop().or_else(otherwise);
        reply.unwrap_or(Some(Answer::NotFound))
    }
}

impl tools::Host for Tools {
    fn call(&mut self, request: CallRequest) -> tools::Reply {
        self.asked.push(format!("call {}", request.name));
        match self.reply() {
            Some(answer) => tools::Reply::Answered(answer),
            None => {
                self.pending += 1;
                tools::Reply::Pending(Resource::new_own(self.pending))
            }
        }
    }

    fn get_name(
        &mut self,
        name: String,
        _position: SourceRange,
    ) -> Result<Option<Value>, Exception> {
        self.asked.push(format!("get-name {name}"));
        Ok(self.value.clone())
    }

    fn get_attribute(
        &mut self,
        _receiver: ObjectId,
        name: String,
        _position: SourceRange,
    ) -> Result<Option<Value>, Exception> {
        self.asked.push(format!("get-attribute {name}"));
        Ok(self.value.clone())
    }

    fn settle(
        &mut self,
        calls: Vec<Resource<PendingCall>>,
        _timeout: Option<Duration>,
    ) -> Vec<tools::Settled> {
        (0..)
            .zip(calls)
            .filter_map(|(index, call)| {
                self.asked.push(format!("settle {}", call.rep()));
                let answer = self.reply()?;
                Some(tools::Settled { index, answer })
            })
            .collect()
    }
}

impl tools::HostPendingCall for Tools {
    fn drop(&mut self, call: Resource<PendingCall>) -> wasmtime::Result<()> {
        self.asked.push(format!("drop {}", call.rep()));
        Ok(())
    }
}

/// A place in a script.
pub fn position() -> SourceRange {
    SourceRange {
        filename: "script.py".to_owned(),
        start: 0,
        end: 1,
    }
}

/// A call without arguments.
pub fn request(id: u32, name: &str) -> CallRequest {
    CallRequest {
        id,
        name: name.to_owned(),
        receiver: None,
        positional: Vec::new(),
        keyword: Vec::new(),
        graph: None,
        position: position(),
        awaited: false,
    }
}

/// A command that was run.
pub struct Ran {
    /// The exit code.
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
    /// What the tools were asked.
    pub asked: Vec<String>,
}

impl std::fmt::Display for Ran {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "exit code {}\n--- stdout\n{}--- stderr\n{}",
            self.code, self.stdout, self.stderr
        )
    }
}

/// Runs a command that exports `wasi:cli/run`.
pub fn run(component: &Component, set_up: impl FnOnce(&mut WasiCtxBuilder)) -> Ran {
    run_in(component, &linker(), store(set_up))
}

/// Runs a command that leaves its tools to the test.
pub fn run_with_tools(
    component: &Component,
    tools: Tools,
    set_up: impl FnOnce(&mut WasiCtxBuilder),
) -> Ran {
    let mut store = store(set_up);
    store.data_mut().tools = tools;
    run_in(component, &linker_with_tools(), store)
}

fn run_in(component: &Component, linker: &Linker<State>, mut store: Store<State>) -> Ran {
    let command = Command::instantiate(&mut store, component, linker).expect("it starts");
    let code = match command.wasi_cli_run().call_run(&mut store) {
        Ok(result) => i32::from(result.is_err()),
        Err(error) => {
            error
                .downcast_ref::<I32Exit>()
                .unwrap_or_else(|| panic!("the command trapped: {error:?}"))
                .0
        }
    };
    let state = store.data();
    Ran {
        code,
        stdout: state.stdout(),
        stderr: state.stderr(),
        asked: state.tools.asked.clone(),
    }
}

/// Preopens a directory to read and write.
pub fn mount(wasi: &mut WasiCtxBuilder, directory: &Path, name: &str) {
    wasi.preopened_dir(directory, name, FsPerms::ReadWrite)
        .expect("the directory opens");
}

/// Preopens a directory to read.
pub fn mount_read_only(wasi: &mut WasiCtxBuilder, directory: &Path, name: &str) {
    wasi.preopened_dir(directory, name, FsPerms::ReadOnly)
        .expect("the directory opens");
}

/// Standard input.
pub fn stdin(wasi: &mut WasiCtxBuilder, text: &str) {
    wasi.stdin(MemoryInputPipe::new(text.to_owned()));
}

/// A directory of its own for a test.
pub fn directory() -> TempDir {
    tempfile::tempdir().expect("there is room for files")
}

/// Compares with a snapshot of the suite that asserts it. What takes time on a
/// clock that the tests do not hold is left out.
macro_rules! assert_snapshot {
    ($name:expr, $value:expr) => {{
        let mut settings = insta::Settings::clone_current();
        crate::documents::hide_numbers(&mut settings);
        settings.add_filter(
            r"limit exceeded: [0-9.]+(µs|ms|s)",
            "limit exceeded: [time]",
        );
        settings.bind(|| crate::support::repository::assert_snapshot!($name, $value));
    }};
}
pub(crate) use assert_snapshot;
