//! Servers for the time of a test.

use std::sync::OnceLock;

use monty_host::Monty;
use monty_mcp::server::{HttpServer, Server};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// One interpreter for all tests.
pub fn monty() -> Monty {
    static MONTY: OnceLock<Monty> = OnceLock::new();
    let make = || Monty::builder().concurrent_runs(24).build();
    MONTY
        .get_or_init(|| make().expect("an interpreter"))
        .clone()
}

/// A server that ends with its tests.
pub struct Serving {
    /// Where it is.
    pub url: String,
    stop: Option<oneshot::Sender<()>>,
    ended: tokio::task::JoinHandle<()>,
}

impl Serving {
    /// With all defaults.
    pub async fn new(server: &Server) -> Self {
        Self::of(server.http()).await
    }

    /// As it is told.
    pub async fn of(http: HttpServer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = oneshot::channel();
        let ended = tokio::spawn(async move {
            let stopped = async {
                let _ = stopped.await;
            };
            http.serve(listener, stopped).await.expect("serves");
        });
        Self {
            url: format!("http://{address}/mcp"),
            stop: Some(stop),
            ended,
        }
    }

    /// Stops it as a restart does.
    pub async fn stop(mut self) {
        drop(self.stop.take());
        (&mut self.ended).await.expect("an end");
    }
}
