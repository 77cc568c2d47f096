//! Servers that mean harm, or do it.

use std::time::{Duration, Instant};

use monty_mcp::client::Servers;

use crate::support::{
    caught, run, scripted, server, servers, snapshot, status, stubs, text, texts,
};

/// Hostile servers beside one that is not: its calls go on.
async fn beside(behaviour: &str, scripts: &[&str]) -> (Servers, String) {
    let hostile = scripted(behaviour).call_timeout(Duration::from_secs(5));
    let servers = servers([("good", scripted("Normal")), ("s", hostile)]);
    let texts = texts(&servers, scripts).await;
    assert_eq!(text(&servers, "good.add(2, 3)").await, "5");
    (servers, texts)
}

#[tokio::test(flavor = "multi_thread")]
async fn names_and_descriptions_stay_in_their_place() {
    let servers = server("Hostile");
    let source = stubs(&servers).await;
    snapshot!("hostile_stubs", &source);
    assert!(!source.contains(['\u{202e}', '\u{200b}', '\u{1b}', '\u{2028}', '\u{e0041}']));
    // CPython takes the stub, and finds nothing in it but definitions.
    let check = "import ast, sys\ntree = ast.parse(sys.stdin.read())\n\
                 names = {type(node).__name__ for node in tree.body}\n\
                 assert names <= {'ClassDef', 'Assign', 'FunctionDef', 'AsyncFunctionDef'}, names\n\
                 calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and n.func.id != 'TypedDict']\n\
                 assert not calls and not [n for n in ast.walk(tree) if isinstance(n, (ast.Import, ast.ImportFrom))]";
    let mut python = std::process::Command::new("python3")
        .args(["-c", check])
        .stdin(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut python.stdin.take().unwrap(), source.as_bytes()).unwrap();
    assert!(python.wait().unwrap().success());
    let toolbox = crate::support::toolbox(&servers).await;
    let names: Vec<_> = toolbox
        .iter()
        .map(|tool| tool.get_name().to_owned())
        .collect();
    for name in names {
        let described = run(&servers, &format!("describe_tool('{name}')")).await;
        assert!(!described.is_error(), "{}", described.text());
    }
    // What results look like is told without their keys.
    text(&servers, "s.keys()").await;
    let source = stubs(&servers).await;
    assert!(
        source.contains("observed, not promised): dict[str, int]"),
        "{source}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn results_that_do_not_fit_are_told_apart() {
    let scripts = [
        "s.misfit()",
        "s.missing()",
        "s.unknown_output()",
        "s.bad_content()",
    ]
    .map(caught);
    let scripts: Vec<_> = scripts.iter().map(String::as_str).collect();
    let (servers, texts) = beside("Lying", &scripts).await;
    let notes = servers.status().remove(1).notes.join("\n");
    snapshot!("lying", format!("{texts}{notes}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_are_there_twice() {
    let (servers, texts) =
        beside("Twice", &["s.same()", "s.a_b()", "s.class_()", "s.print()"]).await;
    let notes = servers.status().remove(1).notes.join("\n");
    snapshot!("twice", format!("{texts}{notes}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_message_is_passed_over() {
    let (_, texts) = beside(
        "Malformed",
        &["s.add(2, 3)", &caught("s.odd()"), "s.add(2, 4)"],
    )
    .await;
    snapshot!("malformed", texts);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_too_long_fails_its_call_alone() {
    let config = scripted("Huge").max_message(100_000);
    let servers = servers([("s", config)]);
    let scripts = [
        "s.huge(200_000, True)",
        "s.huge(200_000_000, False)",
        "s.small()",
    ]
    .map(caught);
    let scripts: Vec<_> = scripts.iter().map(String::as_str).collect();
    snapshot!("huge", texts(&servers, &scripts).await);
    assert_eq!(
        text(&servers, "len(s.huge(90_000, False)), s.small()").await,
        "(90000, 'small')"
    );
    assert!(status(&servers).process_id.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn arguments_that_are_too_long_are_not_sent() {
    let servers = servers([("s", scripted("Normal").max_message(2000))]);
    let text = text(&servers, &caught("s.search_issues('x' * 5000)")).await;
    snapshot!("long_arguments", text);
    assert_eq!(crate::support::text(&servers, "s.add(2, 3)").await, "5");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_does_not_read_costs_its_own_calls() {
    let script = caught("s.take('x' * 1_000_000)");
    let (_, texts) = beside("Unread", &[&script]).await;
    assert!(texts.contains("TimeoutError"), "{texts}");
}

#[cfg(target_os = "linux")]
/// The processor time and the memory that this program used so far, in seconds and
/// kilobytes.
fn used() -> (f64, u64) {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<_> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
    let ticks: f64 = fields[11..13]
        .iter()
        .map(|field| field.parse::<f64>().unwrap())
        .sum();
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let resident = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .unwrap();
    (
        ticks / 100.0,
        resident.trim().trim_end_matches(" kB").parse().unwrap(),
    )
}

/// Measured where the kernel tells it in files. Alone in its process, for what it uses is measured.
#[test]
#[cfg(target_os = "linux")]
fn a_flood_costs_little() {
    for method in [
        "notifications/message",
        "notifications/tools/list_changed",
        "response",
        "ping",
    ] {
        let output = std::process::Command::new(std::env::current_exe().unwrap())
            .args([
                "hostile::flood_for_a_while",
                "--exact",
                "--ignored",
                "--nocapture",
            ])
            .env("MONTY_TEST_FLOOD", method)
            .output()
            .unwrap();
        let output = format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        let measured = output
            .lines()
            .find_map(|line| line.strip_prefix("measured "))
            .unwrap_or_else(|| panic!("{output}"));
        let [seconds, kilobytes, call]: [f64; 3] = measured
            .split(' ')
            .map(|number| number.parse().unwrap())
            .collect::<Vec<_>>()
            .try_into()
            .unwrap();
        println!(
            "{method}: {seconds} s of the processor in 5 s, {kilobytes} kB, a call in {call} s"
        );
        assert!(seconds < 2.5, "{method}: {seconds} s of 5");
        assert!(kilobytes < 50_000.0, "{method}: {kilobytes} kB");
        assert!(call < 10.0, "{method}: {call} s");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by `a_flood_costs_little`"]
async fn flood_for_a_while() {
    let Ok(method) = std::env::var("MONTY_TEST_FLOOD") else {
        return;
    };
    let servers = server("Flooding");
    text(&servers, &format!("s.flood('{method}')")).await;
    let before = used();
    tokio::time::sleep(Duration::from_secs(5)).await;
    let after = used();
    let begin = Instant::now();
    text(&servers, "s.quick()").await;
    let call = begin.elapsed().as_secs_f64();
    println!(
        "\nmeasured {} {} {call}",
        after.0 - before.0,
        after.1.saturating_sub(before.1)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn standard_error_that_never_ends_is_read_and_forgotten() {
    let (servers, texts) = beside("Noisy", &["s.add(2, 3)", "s.add(2, 4)"]).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(texts.contains("\n6"), "{texts}");
    assert_eq!(text(&servers, "s.add(2, 5)").await, "7");
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_bounded() {
    let servers = servers([
        ("endless", scripted("Many").args(["endless"])),
        ("large", scripted("Large")),
        ("many", scripted("Many")),
    ]);
    servers.namespaces().await;
    let status = servers.status();
    let shown: Vec<_> = status
        .iter()
        .map(|one| {
            format!(
                "{}: {} tools; {}\n",
                one.name,
                one.tools,
                one.notes.join("; ")
            )
        })
        .collect();
    snapshot!("bounded_lists", shown.concat());
}
