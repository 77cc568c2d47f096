//! Additions to the contract within 0.2: an option, a function, an interface.
//! Components and hosts from before and after work together.

use monty_host::embed::bindings::Sandbox;
use monty_host::embed::bindings::exports::monty::sandbox::interpreter::{Options, Outcome};
use monty_host::embed::bindings::monty::sandbox::print::{self, StandardStream};
use monty_host::embed::bindings::monty::sandbox::{external_call, os_call};
use monty_host::embed::bindings::types::{Exception, Operand};
use monty_host::embed::{MontyCtx, MontyView};
use monty_host::{Collect, Host, Monty, Value};
use wasmtime::component::{Component, ComponentExportIndex, HasData, Linker, ResourceAny};
use wasmtime::{Store, StoreContextMut};
use wasmtime_wasi::WasiCtx;

use crate::dummy;
use crate::embedding::{State, component, engine, linker, options, store};

struct HasMonty;

impl HasData for HasMonty {
    type Data<'a> = &'a mut MontyCtx;
}

/// Runs a script, and returns the value if it is a scalar.
async fn value(
    store: &mut Store<State>,
    sandbox: &Sandbox,
    source: &str,
    extensions: Option<ResourceAny>,
) -> wasmtime::Result<Operand> {
    let interpreter = sandbox.monty_sandbox_interpreter();
    let options = Options {
        extensions,
        ..options()
    };
    let outcome = interpreter.call_run(store, source, &options).await?;
    match outcome {
        Ok(Outcome::Completed(value)) => Ok(value.root),
        other => Err(wasmtime::format_err!("no value: {other:?}")),
    }
}

/// A later version of the package: with `extensions.set-trace`, and with a
/// function and an option more than the host of today knows.
fn later() -> String {
    let wit = monty_host::WIT.replace("monty:sandbox@0.2.0", "monty:sandbox@0.2.1");
    let with_option = wit.replacen(
        "    constructor();",
        "    constructor();
    @since(version = 0.2.1)
    set-trace: func(trace: bool) -> result<_, string>;",
        1,
    );
    let with_function = with_option.replacen(
        "  capabilities: func()",
        "  uptime: func() -> duration;
  @since(version = 0.2.0)
  capabilities: func()",
        1,
    );
    assert_eq!(with_function.lines().count(), wit.lines().count() + 4);
    with_function
}

/// A component of that version, whose scripts have the value `None`.
pub(crate) fn later_component() -> Vec<u8> {
    let interpreter = "monty:sandbox/interpreter@0.2.1";
    let run = format!("{interpreter}#run");
    let constructor = format!("{interpreter}#[constructor]extensions");
    let set_trace = format!("{interpreter}#[method]extensions.set-trace");
    let bodies = [
        (run.as_str(), dummy::RETURNS),
        (
            &constructor,
            "i32.const 7 call $[resource-new]extensions return",
        ),
        (&set_trace, dummy::RETURNS),
    ];
    dummy::component(&[&later()], "sandbox", &bodies)
}

/// How a host uses an option that only later interpreters have: it looks up the
/// function, and rejects the option if the function is missing.
fn find_option(component: &Component, option: &str) -> Result<ComponentExportIndex, String> {
    let interface = component.get_export_index(None, "monty:sandbox/interpreter@0.2.0");
    interface
        .and_then(|interface| {
            let name = format!("[method]extensions.set-{option}");
            component.get_export_index(Some(&interface), &name)
        })
        .ok_or_else(|| format!("this interpreter does not have the option `{option}`"))
}

#[tokio::test]
async fn a_host_with_one_more_option() -> wasmtime::Result<()> {
    let engine = engine()?;
    let linker = linker(&engine)?;

    // Today's component does not have it, and everything else works.
    let component = component(&engine)?;
    let refused = find_option(&component, "trace").expect_err("there is none");
    insta::assert_snapshot!(refused, @"this interpreter does not have the option `trace`");
    let mut store = store(&engine, MontyCtx::default(), WasiCtx::builder().build());
    let sandbox = Sandbox::instantiate_async(&mut store, &component, &linker).await?;
    let extensions = sandbox.monty_sandbox_interpreter().extensions();
    let extensions = extensions.call_constructor(&mut store).await?;
    let seen = value(&mut store, &sandbox, "6 * 7", Some(extensions)).await?;
    assert_eq!(seen, Operand::Integer(42));

    // A later one does.
    let component = Component::new(&engine, later_component())?;
    let set_trace = find_option(&component, "trace").expect("it is there");
    let mut store = self::store(&engine, MontyCtx::default(), WasiCtx::builder().build());
    let instance = linker.instantiate_async(&mut store, &component).await?;
    let sandbox = Sandbox::new(&mut store, &instance)?;
    let extensions = sandbox.monty_sandbox_interpreter().extensions();
    let extensions = extensions.call_constructor(&mut store).await?;
    let set_trace = instance
        .get_typed_func::<(ResourceAny, bool), (Result<(), String>,)>(&mut store, set_trace)?;
    let (set,) = set_trace.call_async(&mut store, (extensions, true)).await?;
    assert_eq!(set, Ok(()));
    let seen = value(&mut store, &sandbox, "", Some(extensions)).await?;
    assert_eq!(seen, Operand::Null);
    Ok(())
}

/// It links today's component, which asks for less.
#[tokio::test]
async fn a_host_with_one_more_import() -> wasmtime::Result<()> {
    let engine = engine()?;
    let component = component(&engine)?;
    let mut linker = linker(&engine)?;
    let mut external_call = linker.instance("monty:sandbox/external-call@0.2.0")?;
    external_call.func_wrap("cancel-all", |_, (): ()| Ok(()))?;
    let mut metrics = linker.instance("monty:sandbox/metrics@0.2.1")?;
    metrics.func_wrap("count", |_, (_name,): (String,)| Ok(()))?;
    let mut store = store(&engine, MontyCtx::default(), WasiCtx::builder().build());
    let sandbox = Sandbox::instantiate_async(&mut store, &component, &linker).await?;
    let seen = value(&mut store, &sandbox, "6 * 7", None).await?;
    assert_eq!(seen, Operand::Integer(42));
    Ok(())
}

/// So does one whose interfaces have the name of a later version.
#[tokio::test]
async fn a_host_of_a_later_version() -> wasmtime::Result<()> {
    let engine = engine()?;
    let component = component(&engine)?;
    let mut linker = Linker::new(&engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    external_call::add_to_linker::<_, HasMonty>(&mut linker, State::monty)?;
    os_call::add_to_linker::<_, HasMonty>(&mut linker, State::monty)?;
    let mut later = linker.instance("monty:sandbox/print@0.2.1")?;
    later.func_wrap_async(
        "write",
        |mut store: StoreContextMut<'_, State>, (to, text): (StandardStream, String)| {
            Box::new(async move {
                let written = print::Host::write(store.data_mut().monty(), to, text).await?;
                Ok::<(Result<(), Exception>,), _>((written,))
            })
        },
    )?;
    later.func_wrap("flush", |_, (): ()| Ok(()))?;
    let printed = Collect::new();
    let mut store = store(
        &engine,
        MontyCtx::new(Host::new().print(printed.clone())),
        WasiCtx::builder().build(),
    );
    let sandbox = Sandbox::instantiate_async(&mut store, &component, &linker).await?;
    value(&mut store, &sandbox, "print('here')", None).await?;
    assert_eq!(printed.take().to_string(), "here\n");
    Ok(())
}

/// A component of a later version runs in today's host, which asks for less.
#[tokio::test]
async fn a_component_of_a_later_version() {
    let monty = Monty::builder().component(later_component()).build();
    let monty = monty.expect("it has all exports");
    let report = monty.script("").run().await.expect("it returns");
    assert_eq!(report.value, Value::None);
}
