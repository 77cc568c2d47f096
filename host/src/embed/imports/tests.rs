//! What an import costs.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use monty_value::types::{CallRequest, Graph, Operand, SourceRange};

use super::super::bindings::monty::sandbox::external_call::Host as _;
use super::super::bindings::monty::sandbox::os_call::Host as _;
use super::super::bindings::monty::sandbox::print::{Host as Print, StandardStream};
use super::super::context::MontyCtx;
use crate::os::System;
use crate::{Host, ToolError, Tools, Value};

fn request(operand: Operand, graph: Option<Graph>) -> CallRequest {
    CallRequest {
        id: 0,
        name: "f".to_owned(),
        receiver: None,
        positional: vec![operand],
        keyword: vec![],
        graph,
        position: SourceRange {
            filename: String::new(),
            start: 0,
            end: 0,
        },
        awaited: false,
    }
}

/// A reading of the clock costs about as much as the rest of a small call.
#[tokio::test]
async fn imports_that_are_ready_read_the_clock_twice() {
    let tools = Tools::new()
        .function("f", ["x"], |x: Value| Ok::<_, ToolError>(x.is_none()))
        .value("name", 1);
    let host = Host::new()
        .tools(&tools.expect("it has a form"))
        .os(System::new().env("A", "1"));
    let mut context = MontyCtx::new(host);
    let clock = Arc::clone(&context.work.clock);
    let readings = || clock.readings.swap(0, Ordering::Relaxed);

    readings();
    let reply = context.call(request(Operand::Integer(1), None)).await;
    reply.expect("no trap");
    assert_eq!(readings(), 2, "a call");
    let position = request(Operand::Null, None).position;
    let found = context.get_name("name".to_owned(), position).await;
    found.expect("no trap").expect("no exception");
    assert_eq!(readings(), 2, "a name");
    let variable = context.getenv("A".to_owned()).await;
    variable.expect("no trap").expect("no error");
    assert_eq!(readings(), 2, "a variable");
    let written = Print::write(&mut context, StandardStream::Stdout, "x".to_owned());
    written.await.expect("no trap").expect("no exception");
    assert_eq!(readings(), 2, "a print");

    // The host's time is told apart from the tool's where it can be much.
    let graph = Graph {
        kinds: vec![0; 1000],
        ..Graph::default()
    };
    let reply = context.call(request(Operand::Node(0), Some(graph))).await;
    reply.expect("no trap");
    assert_eq!(readings(), 4, "a large call");
}
