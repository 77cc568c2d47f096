//! Scripts that arrive over HTTP: `wasi:http/incoming-handler` over the
//! interpreter.
//!
//! `POST /` takes a JSON document, [`request`], runs its script and responds
//! with the document of `--json`, with status 200 for every script that ran,
//! whatever its outcome. A request that cannot run has a status of 4xx and such
//! a document too, with an error of the kind `request`. `GET /schema` is the
//! JSON Schema of the document.
//!
//! The environment limits what a request may set; [`settings`] has the
//! variables.

mod exchange;
mod request;
mod settings;

use std::borrow::Cow;

use monty_document::{Document, Layout, SCHEMA, exit};
use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{IncomingRequest, Method, ResponseOutparam};

use exchange::Answer;
use settings::Settings;

/// The response to `GET /`.
const ABOUT: &str = "\
monty-http runs Python in a sandbox. POST / takes a JSON document with the header
content-type: application/json:

  source  the script
  inputs  its global variables, an object (optional)
  limits  duration, memory and recursion_depth, such as
          {\"duration\": \"500ms\", \"memory\": \"64MiB\"} (optional)

and answers with its value, what it printed, and the error if there was one. GET
/schema is the JSON Schema of the answer.
";

/// The component.
struct Component;

impl Guest for Component {
    fn handle(request: IncomingRequest, response: ResponseOutparam) {
        exchange::send(response, &answer(request));
    }
}

fn answer(request: IncomingRequest) -> Answer {
    let target = request.path_with_query().unwrap_or_default();
    let path = target.split('?').next().unwrap_or_default();
    match (path, request.method()) {
        ("/", Method::Get) => Answer::text(200, ABOUT),
        ("/", Method::Post) => run(request).unwrap_or_else(|refused| refused),
        ("/", _) => {
            refusal(405, "POST a script, or GET a description").with_header("allow", "GET, POST")
        }
        ("/schema", Method::Get) => Answer::schema(SCHEMA),
        ("/schema", _) => refusal(405, "GET the schema").with_header("allow", "GET"),
        _ => refusal(
            404,
            "there is nothing here: the service is at /, and the schema of its answers at /schema",
        ),
    }
}

/// Runs the script of a request. An error is a response too.
fn run(request: IncomingRequest) -> Result<Answer, Answer> {
    let settings = Settings::from_environment().map_err(|message| refusal(500, message))?;
    exchange::check_content_type(&request)?;
    let body = exchange::read(request, settings.max_body_bytes)?;
    let request = request::parse(&body, &settings).map_err(|message| refusal(400, message))?;
    let document = monty_runner::run(request).to_json(Layout::Compact);
    let status = match document.exit_code {
        exit::USAGE => 400,
        exit::SANDBOX => 500,
        _ => 200,
    };
    Ok(Answer::json(status, document))
}

/// The response to a request that was not run.
fn refusal<'a>(status: u16, message: impl Into<Cow<'a, str>>) -> Answer {
    let kind = if status < 500 { "request" } else { "host" };
    Answer::json(
        status,
        Document::refused(kind, message).write(Layout::Compact),
    )
}

wasip2::http::proxy::export!(Component);
