//! Scripts that arrive over HTTP: `wasi:http/incoming-handler` over the
//! interpreter.
//!
//! `POST /` takes a JSON document, [`request`], runs its script and responds
//! with the document of `--json`, with status 200 for every script that ran,
//! whatever its outcome. A request that cannot run has a status of 4xx and such
//! a document too, with an error of the kind `request`.
//!
//! The environment limits what a request may set; [`settings`] has the
//! variables.

mod exchange;
mod request;
mod settings;

use monty_runner::{Error, Layout, Report};
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

and answers with its value, what it printed, and the error if there was one.
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
    if target.split('?').next() != Some("/") {
        return refusal(404, "there is nothing here: the service is at /".to_owned());
    }
    match request.method() {
        Method::Get => Answer::text(200, ABOUT),
        Method::Post => run(request).unwrap_or_else(|refused| refused),
        _ => refusal(405, "POST a script, or GET a description".to_owned())
            .with_header("allow", "GET, POST"),
    }
}

/// Runs the script of a request. An error is a response too.
fn run(request: IncomingRequest) -> Result<Answer, Answer> {
    let settings = Settings::from_environment().map_err(|message| refusal(500, message))?;
    exchange::check_content_type(&request)?;
    let body = exchange::read(request, settings.max_body_bytes)?;
    let request = request::parse(&body, &settings).map_err(|message| refusal(400, message))?;
    let mut report = monty_runner::run(request);
    let document = report.to_json(Layout::Compact);
    let status = match &report.result {
        Err(Error::Request(_)) => 400,
        Err(Error::Host(_) | Error::Unwritten(_) | Error::ReaderLeft | Error::Sandbox(_)) => 500,
        Ok(_) | Err(Error::Script(_) | Error::Source(_) | Error::Limit(..) | Error::Output(_)) => {
            200
        }
    };
    Ok(Answer::json(status, document))
}

/// The response to a request that was not run.
fn refusal(status: u16, message: String) -> Answer {
    let error = if status < 500 {
        Error::Request(message)
    } else {
        Error::Host(message)
    };
    Answer::json(status, Report::refused(error).to_json(Layout::Compact))
}

wasip2::http::proxy::export!(Component);
