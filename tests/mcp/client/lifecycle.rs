//! Servers that start, fail, end and are ended.

use std::time::Duration;

use monty_mcp::client::{ServerConfig, ServerState};

use crate::support::{
    caught, runs, scripted, server, servers, snapshot, status, stubs, text, until,
};

#[tokio::test(flavor = "multi_thread")]
async fn nothing_starts_before_it_is_used() {
    let servers = server("Normal");
    assert_eq!(status(&servers).state, ServerState::NotStarted);
    servers.namespaces().await;
    assert_eq!(status(&servers).state, ServerState::Running);
    servers.close().await;
    assert_eq!(status(&servers).state, ServerState::Closed);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_fails_is_an_empty_module() {
    let servers = servers([
        (
            "babbling",
            scripted("Babbling").start_timeout(Duration::from_secs(5)),
        ),
        (
            "deaf",
            scripted("Deaf").start_timeout(Duration::from_secs(1)),
        ),
        ("failing", scripted("Failing").args(["2"])),
        ("good", scripted("Normal")),
        ("talkative", scripted("Failing").args(["100000"])),
    ]);
    let mut problems = String::new();
    stubs(&servers).await;
    for status in servers.status() {
        let problem = status.problem.unwrap_or_default();
        assert!(problem.len() < 4000, "{}", problem.len());
        if status.name == "talkative" {
            assert!(
                problem.contains("…") && problem.ends_with("line 99999: no such database"),
                "{problem}"
            );
            continue;
        }
        problems += &format!("{}: {} tools. {problem}\n", status.name, status.tools);
    }
    snapshot!("failed", problems);
    assert_eq!(text(&servers, "good.add(2, 3)").await, "5");
    snapshot!("empty_module", text(&servers, "failing.search('x')").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_failed_is_tried_again() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("there");
    let servers = servers([("s", scripted("Recovering").args([file.to_str().unwrap()]))]);
    servers.namespaces().await;
    assert!(
        status(&servers)
            .problem
            .unwrap()
            .contains("the file is missing")
    );
    assert!(matches!(status(&servers).state, ServerState::Failed { .. }));
    std::fs::write(&file, "").unwrap();
    tokio::time::sleep(Duration::from_millis(1200)).await;
    assert_eq!(text(&servers, "s.add(2, 3)").await, "5");
    assert_eq!(status(&servers).problem, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_a_server_dies_in_is_not_repeated() {
    let directory = tempfile::tempdir().unwrap();
    let effects = directory.path().join("effects");
    let servers = servers([("s", scripted("Dying").args([effects.to_str().unwrap()]))]);
    let script = format!(
        "first = s.pid()\n{}\nsecond = s.pid()\nfirst != second, s.effects()",
        caught("s.die()")
    );
    snapshot!("died", text(&servers, &script).await);
    assert_eq!(std::fs::read_to_string(&effects).unwrap(), "x");
    // The second time it is given a rest.
    let script = format!("{}\n{}", caught("s.die()"), caught("s.pid()"));
    snapshot!("died_again", text(&servers, &script).await);
    tokio::time::sleep(Duration::from_millis(1200)).await;
    assert_eq!(text(&servers, "len(s.pid())").await, "1");
}

/// A server that starts a process of its own, and the numbers of both.
async fn parent(args: &[&str]) -> (monty_mcp::client::Servers, [String; 2]) {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("numbers");
    let servers = servers([(
        "s",
        scripted("Parent")
            .args([file.to_str().unwrap()])
            .args(args.iter().copied()),
    )]);
    servers.namespaces().await;
    let numbers = std::fs::read_to_string(&file).unwrap();
    let (server, child) = numbers.split_once(' ').unwrap();
    assert_eq!(status(&servers).process_id.unwrap().to_string(), server);
    assert!(runs(server) && runs(child));
    (servers, [server.to_owned(), child.to_owned()])
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_leaves_no_process() {
    for args in [&[][..], &["stubborn"]] {
        let (servers, numbers) = parent(args).await;
        servers.close().await;
        assert!(!numbers.iter().any(|number| runs(number)));
        let error = text(&servers, &caught("s.add(2, 3)")).await;
        assert!(error.contains("does not run: it was closed"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_does_not_wait_for_a_start() {
    let servers = server("Deaf");
    let waiting = servers.clone();
    let start = tokio::spawn(async move { waiting.namespaces().await.len() });
    until(|| status(&servers).state == ServerState::Starting).await;
    let begin = std::time::Instant::now();
    servers.close().await;
    assert_eq!(start.await.unwrap(), 1);
    assert!(
        begin.elapsed() < Duration::from_secs(20),
        "{:?}",
        begin.elapsed()
    );
    assert_eq!(status(&servers).state, ServerState::Closed);
}

#[tokio::test(flavor = "multi_thread")]
async fn dropping_leaves_no_process() {
    let (servers, numbers) = parent(&["stubborn"]).await;
    drop(servers);
    until(|| !numbers.iter().any(|number| runs(number))).await;
}

#[test]
fn a_runtime_that_ends_leaves_no_process() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (servers, numbers) = runtime.block_on(parent(&["stubborn"]));
    drop(runtime);
    assert!(
        !numbers.iter().any(|number| runs(number)) || {
            std::thread::sleep(Duration::from_millis(500));
            !numbers.iter().any(|number| runs(number))
        }
    );
    drop(servers);
}

/// Nothing of this program runs then: a server that reads to the end of its
/// standard input ends.
#[test]
fn a_program_that_is_killed_leaves_no_server_that_reads_its_input() {
    let mut program = std::process::Command::new(std::env::current_exe().unwrap())
        .args([
            "lifecycle::run_until_killed",
            "--exact",
            "--ignored",
            "--nocapture",
        ])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let lines = std::io::BufRead::lines(std::io::BufReader::new(program.stdout.take().unwrap()));
    let id = lines
        .map_while(Result::ok)
        .find_map(|line| Some(line.strip_prefix("process ")?.to_owned()))
        .unwrap();
    assert!(runs(&id));
    program.kill().unwrap();
    program.wait().unwrap();
    let begin = std::time::Instant::now();
    while runs(&id) {
        assert!(begin.elapsed() < Duration::from_secs(10), "it still runs");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by `a_program_that_is_killed_leaves_no_server_that_reads_its_input`"]
async fn run_until_killed() {
    let servers = server("Normal");
    servers.namespaces().await;
    println!("\nprocess {}", status(&servers).process_id.unwrap());
    tokio::time::sleep(Duration::from_secs(60)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_killed_from_outside_is_started_again() {
    let servers = server("Normal");
    assert_eq!(text(&servers, "s.add(2, 3)").await, "5");
    let first = status(&servers).process_id.unwrap();
    std::process::Command::new("kill")
        .args(["-9", &first.to_string()])
        .status()
        .unwrap();
    until(|| status(&servers).process_id.is_none()).await;
    assert_eq!(status(&servers).problem.as_deref(), Some("it has ended"));
    assert_eq!(text(&servers, "s.add(2, 3)").await, "5");
    assert_ne!(status(&servers).process_id, Some(first));
}

#[tokio::test(flavor = "multi_thread")]
async fn tools_keep_their_server() {
    let servers = server("Normal");
    let toolbox = crate::support::toolbox(&servers).await;
    let id = status(&servers).process_id.unwrap().to_string();
    drop(servers);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(runs(&id));
    drop(toolbox);
    until(|| !runs(&id)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_is_no_server_is_told() {
    let servers = servers([
        ("s", ServerConfig::command("true")),
        (
            "t",
            ServerConfig::command("cat").start_timeout(Duration::from_secs(2)),
        ),
    ]);
    servers.namespaces().await;
    let problems: Vec<_> = servers
        .status()
        .into_iter()
        .map(|one| format!("{}\n", one.problem.unwrap()))
        .collect();
    snapshot!("no_mcp", problems.concat());
}
