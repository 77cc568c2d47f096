//! `monty-http.wasm`, served on a socket as `wasmtime serve` serves it: each
//! request in an instance of its own.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::LazyLock;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Store, StoreLimits};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::io::TokioIo;
use wasmtime_wasi_http::p2::bindings::ProxyPre;
use wasmtime_wasi_http::p2::bindings::http::types::Scheme;
use wasmtime_wasi_http::p2::body::HyperOutgoingBody;
use wasmtime_wasi_http::{
    Error as HttpError, RequestOptions, WasiBody, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks,
    WasiHttpView,
};

use crate::documents::document;
use crate::support::{ENGINE, assert_snapshot, composition, memory_limit};

static COMPONENT: LazyLock<Component> = LazyLock::new(|| composition("monty-http"));

struct State {
    wasi: WasiCtx,
    http: WasiHttpCtx,
    hooks: Offline,
    table: ResourceTable,
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

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            ctx: &mut self.http,
            table: &mut self.table,
            hooks: &mut self.hooks,
        }
    }
}

/// Requests to elsewhere are not made.
struct Offline;

/// What comes of sending the body of a request.
type Sent = Box<dyn Future<Output = Result<(), HttpError>> + Send>;

impl WasiHttpHooks for Offline {
    fn send_request(
        &mut self,
        _request: hyper::Request<WasiBody>,
        _options: Option<RequestOptions>,
        _body: Sent,
    ) -> Box<dyn Future<Output = Result<(hyper::Response<WasiBody>, Sent), HttpError>> + Send> {
        Box::new(async { Err(HttpError::DnsTimeout) })
    }
}

/// A server on a loopback socket, until it is dropped.
pub struct Server {
    address: SocketAddr,
    _runtime: Runtime,
}

impl Server {
    pub fn new(environment: &'static [(&'static str, &'static str)]) -> Self {
        let mut linker = Linker::new(&ENGINE);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker).expect("WASI links");
        wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker).expect("HTTP links");
        let pre = linker
            .instantiate_pre(&COMPONENT)
            .expect("nothing is missing");
        let pre = ProxyPre::new(pre).expect("it is a proxy");
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .expect("the runtime starts");
        let listener = runtime
            .block_on(TcpListener::bind("127.0.0.1:0"))
            .expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        runtime.spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let pre = pre.clone();
                tokio::spawn(async move {
                    let service =
                        service_fn(move |request| handle(pre.clone(), environment, request));
                    // A client that hangs up is its own affair.
                    let _ = http1::Builder::new()
                        .serve_connection(TokioIo::new(client), service)
                        .await;
                });
            }
        });
        Self {
            address,
            _runtime: runtime,
        }
    }

    /// Sends bytes, and returns all that comes back.
    fn send(&self, request: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.address).expect("it listens");
        // The server may answer, and hang up, before all is sent.
        let _ = stream.write_all(request);
        let mut response = Vec::new();
        let _ = stream.read_to_end(&mut response);
        String::from_utf8(response).expect("the answer is text")
    }

    fn request(&self, method: &str, target: &str, headers: &str, body: &str) -> Answer {
        let length = body.len();
        let request = format!(
            "{method} {target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
             content-length: {length}\r\n{headers}\r\n{body}"
        );
        Answer::parse(&self.send(request.as_bytes()))
    }

    pub fn post(&self, body: &str) -> Answer {
        self.request("POST", "/", "content-type: application/json\r\n", body)
    }
}

async fn handle(
    pre: ProxyPre<State>,
    environment: &'static [(&'static str, &'static str)],
    request: hyper::Request<hyper::body::Incoming>,
) -> wasmtime::Result<hyper::Response<HyperOutgoingBody>> {
    let mut store = Store::new(
        &ENGINE,
        State {
            wasi: WasiCtx::builder().envs(environment).build(),
            http: WasiHttpCtx::new(),
            hooks: Offline,
            table: ResourceTable::new(),
            limits: memory_limit(),
        },
    );
    store.limiter(|state| &mut state.limits);
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let request = store
        .data_mut()
        .http()
        .new_incoming_request(Scheme::Http, request)?;
    let response = store.data_mut().http().new_response_outparam(sender)?;
    let task = tokio::spawn(async move {
        let proxy = pre.instantiate_async(&mut store).await?;
        proxy
            .wasi_http_incoming_handler()
            .call_handle(store, request, response)
            .await
    });
    match receiver.await {
        Ok(response) => Ok(response?),
        Err(_) => {
            task.await??;
            wasmtime::bail!("no response was set")
        }
    }
}

/// What came back.
pub struct Answer {
    pub status: String,
    headers: Vec<String>,
    pub body: String,
}

impl Answer {
    fn parse(response: &str) -> Self {
        let (head, body) = response.split_once("\r\n\r\n").expect("it has a head");
        let mut lines = head.lines();
        let status = lines.next().unwrap_or_default().to_owned();
        let headers: Vec<String> = lines.map(str::to_lowercase).collect();
        let chunked = headers
            .iter()
            .any(|line| line == "transfer-encoding: chunked");
        let body = if chunked {
            unchunk(body)
        } else {
            body.to_owned()
        };
        Self {
            status,
            headers,
            body,
        }
    }

    /// The document of the answer.
    pub fn json(&self) -> serde_json::Value {
        document(&self.body)
    }

    fn show(&self) -> String {
        if self
            .headers
            .contains(&"content-type: application/json".to_owned())
        {
            document(&self.body);
        }
        let (status, body) = (&self.status, &self.body);
        let headers: Vec<&str> = self
            .headers
            .iter()
            .map(String::as_str)
            .filter(|line| {
                ["content-type", "allow"]
                    .iter()
                    .any(|name| line.starts_with(name))
            })
            .collect();
        format!("{status}\n{}\n{body}\n", headers.join("\n"))
    }
}

fn unchunk(mut rest: &str) -> String {
    let mut body = String::new();
    while let Some((length, following)) = rest.split_once("\r\n") {
        let length = usize::from_str_radix(length, 16).expect("a chunk has a length");
        if length == 0 {
            break;
        }
        body += &following[..length];
        rest = &following[length + 2..];
    }
    body
}

#[test]
fn scripts_are_run_and_answered() {
    let server = Server::new(&[]);
    let text: String = [
        r#"{"source": "print('hi', x)\nx * 2", "inputs": {"x": 21}}"#,
        r#"{"source": "n % 1000", "inputs": {"n": 123456789012345678901234567890}}"#,
        r#"{"source": "import sys\nprint('to stderr', file=sys.stderr)"}"#,
        r#"{"source": "def f(n):\n    return 1 / n\nf(0)"}"#,
        r#"{"source": "x ="}"#,
        r#"{"source": "{1, 2}"}"#,
        r#"{"source": "while True: pass", "limits": {"duration": "50ms"}}"#,
        r#"{"source": "[0] * 10000000", "limits": {"memory": "4MiB"}}"#,
        r#"{"source": "get_weather('Oslo')"}"#,
        r#"{"source": "open('/etc/passwd').read()"}"#,
        r#"{"source": "import os\nos.getenv('HOME')"}"#,
    ]
    .into_iter()
    .map(|body| format!("POST {body}\n{}\n", server.post(body).show()))
    .collect();
    assert_snapshot!("scripts", text);
}

#[test]
fn malformed_requests_are_refused() {
    let server = Server::new(&[]);
    let mut text: String = [
        "",
        "print(1)",
        "[]",
        r#"{"inputs": {}}"#,
        r#"{"source": 1}"#,
        r#"{"source": null}"#,
        r#"{"source": "1""#,
        r#"{"source": "1", "script": "2"}"#,
        r#"{"source": "1", "inputs": [1]}"#,
        r#"{"source": "1", "inputs": {"1x": 1}}"#,
        r#"{"source": "1", "limits": "2s"}"#,
        r#"{"source": "1", "limits": {"duration": 2}}"#,
        r#"{"source": "1", "limits": {"duration": "soon"}}"#,
        r#"{"source": "1", "limits": {"duration": "1min"}}"#,
        r#"{"source": "1", "limits": {"memory": "1GiB"}}"#,
        r#"{"source": "1", "limits": {"recursion_depth": 1001}}"#,
        r#"{"source": "1", "limits": {"recursion_depth": -1}}"#,
        r#"{"source": "1", "limits": {"calls": 1}}"#,
    ]
    .into_iter()
    .map(|body| format!("POST {body}\n{}\n", server.post(body).show()))
    .collect();
    for (method, target, headers) in [
        ("GET", "/", ""),
        ("GET", "/?q=1", ""),
        ("GET", "/run", ""),
        ("PUT", "/", ""),
        ("POST", "/schema", ""),
        ("POST", "/", ""),
        // What curl sends with -d alone.
        (
            "POST",
            "/",
            "content-type: application/x-www-form-urlencoded\r\n",
        ),
        (
            "POST",
            "/",
            "content-type: Application/JSON; charset=utf-8\r\n",
        ),
    ] {
        let answer = server.request(method, target, headers, "{}");
        text += &format!("{method} {target} {}\n{}\n", headers.trim(), answer.show());
    }
    assert_snapshot!("refusals", text);
}

#[test]
fn the_schema_is_served() {
    let server = Server::new(&[]);
    let answer = server.request("GET", "/schema", "", "");
    assert_eq!(answer.status, "HTTP/1.1 200 OK");
    let content_type = "content-type: application/schema+json".to_owned();
    assert!(answer.headers.contains(&content_type));
    assert_eq!(answer.body, monty_document::SCHEMA);
}

#[test]
fn a_body_has_a_size() {
    let server = Server::new(&[("MONTY_MAX_BODY", "1KiB")]);
    let body = |length: usize| {
        let frame = r#"{"source": ""}"#.len();
        format!(r#"{{"source": "{}"}}"#, "#".repeat(length - frame))
    };
    assert_eq!(server.post(&body(1024)).status, "HTTP/1.1 200 OK");
    let declared = server.post(&body(1025));
    assert_snapshot!("body-too-large", declared.show());
    // One that does not say how long it is.
    let chunk = body(1025);
    let chunked = format!(
        "POST / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
         content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n\
         {:x}\r\n{chunk}\r\n0\r\n\r\n",
        chunk.len()
    );
    let answer = Answer::parse(&server.send(chunked.as_bytes()));
    assert_eq!(answer.status, declared.status);
    assert_eq!(answer.body, declared.body);
}

#[test]
fn a_body_without_end_is_not_read_to_its_end() {
    let server = Server::new(&[]);
    let mut stream = TcpStream::connect(server.address).expect("it listens");
    stream
        .write_all(
            b"POST / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
              content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n",
        )
        .expect("it is sent");
    let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
    let mut reader = stream.try_clone().expect("a second handle");
    let answer = std::thread::spawn(move || {
        let mut response = Vec::new();
        let _ = reader.read_to_end(&mut response);
        Answer::parse(&String::from_utf8(response).expect("the answer is text"))
    });
    // 1 MiB is allowed, and some is under way in buffers.
    let most = 1000;
    let sent = (0..most)
        .take_while(|_| stream.write_all(chunk.as_bytes()).is_ok())
        .count();
    assert!(sent < most, "all of {most} chunks were read");
    let answer = answer.join().expect("the request is answered");
    assert_eq!(answer.status, "HTTP/1.1 413 Payload Too Large");
}

#[test]
fn the_environment_sets_the_limits() {
    let server = Server::new(&[
        ("MONTY_MAX_DURATION", "50ms"),
        ("MONTY_MAX_MEMORY", "8MiB"),
        ("MONTY_MAX_RECURSION_DEPTH", "20"),
    ]);
    let limit = |source: &str| {
        let body = serde_json::json!({ "source": source }).to_string();
        server.post(&body).json()["error"]["limit"].clone()
    };
    assert_eq!(limit("while True: pass"), "duration");
    assert_eq!(limit("[0] * 10_000_000"), "memory");
    assert_eq!(limit("def f(): f()\nf()"), "recursion");
}

#[test]
fn output_has_a_limit() {
    let server = Server::new(&[("MONTY_MAX_OUTPUT", "100")]);
    let text: String = [
        r#"{"source": "print('x' * 99)"}"#,
        r#"{"source": "print('x' * 100)"}"#,
        r#"{"source": "print('\\x01' * 90)\nprint('y')"}"#,
        r#"{"source": "'x' * 98"}"#,
        r#"{"source": "'x' * 99"}"#,
        r#"{"source": "print('y' * 50)\n'x' * 80"}"#,
        r#"{"source": "{'x' * 200}"}"#,
        r#"{"source": "raise ValueError('x' * 200)"}"#,
    ]
    .into_iter()
    .map(|body| format!("POST {body}\n{}\n", server.post(body).show()))
    .collect();
    assert_snapshot!("output", text);
}

#[test]
fn a_setting_that_cannot_be_read_is_named() {
    let server = Server::new(&[("MONTY_MAX_MEMORY", "much")]);
    assert_snapshot!("wrong-setting", server.post(r#"{"source": "1"}"#).show());
}

#[test]
fn requests_share_nothing() {
    let server = Server::new(&[]);
    std::thread::scope(|scope| {
        let runs: Vec<_> = (0..16)
            .map(|n| {
                let server = &server;
                scope.spawn(move || {
                    let source = "print(n)\ntry:\n    seen\nexcept NameError:\n    seen = n\nseen";
                    let body = serde_json::json!({ "source": source, "inputs": { "n": n } });
                    (n, server.post(&body.to_string()).json())
                })
            })
            .collect();
        for run in runs {
            let (n, answer) = run.join().expect("the request is answered");
            assert_eq!(answer["value"], n);
            assert_eq!(answer["printed"]["stdout"], format!("{n}\n"));
        }
    });
}
