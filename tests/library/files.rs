//! Files, environment, clocks and modules, as a script sees them.

use std::path::Path;
use std::time::{Duration, Instant};

use monty_host::os::{Clock, DenyAll, ErrorCode, MemoryFiles, MountMode, Os, Randomness, System};
use monty_host::value::{Dict, Module};
use monty_host::{ErrorKind, Host, InterruptHandle, Options, ToolError, Value};

use crate::support::{assert_snapshot, run, script};

/// Runs each line as a script of its own and shows its value or error.
fn transcript(system: &dyn Fn() -> System, lines: &[&str]) -> String {
    let seen: Vec<_> = lines
        .iter()
        .map(|line| {
            let source = format!("import os\nfrom pathlib import Path\n{line}");
            match script(&source)
                .host(Host::new().os(system()))
                .run_blocking()
            {
                Ok(report) => format!(">>> {line}\n{}{}", report.printed, report.value),
                Err(error) => format!(">>> {line}\n{}", error.summary()),
            }
        })
        .collect();
    seen.join("\n")
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("it has one")).expect("made");
        std::fs::write(path, content).expect("written");
    };
    write("hello.txt", "hello wörld\n".as_bytes());
    write("data.bin", &[0, 1, 2, 255]);
    write("empty.txt", b"");
    write("sub/nested.txt", b"nested");
    write("sub/deep/file.py", b"x = 1");
    folder
}

const READS: &[&str] = &[
    "Path('/mnt/hello.txt').read_text()",
    "open('/mnt/hello.txt').read()",
    "Path('/mnt/data.bin').read_bytes()",
    "Path('/mnt/data.bin').read_text()",
    "Path('/mnt/missing').read_text()",
    "Path('/mnt/sub').read_text()",
    "Path('/mnt/hello.txt/x').read_text()",
    "Path('/elsewhere').read_text()",
    "Path('/mnt/../etc/passwd').read_text()",
    "Path('/mnt/hello\\0.txt').read_text()",
    "Path('/mnt/hello\\0.txt').exists()",
    "open('')",
    "[Path(p).exists() for p in ('/mnt/hello.txt', '/mnt/sub', '/mnt/missing', '/')]",
    "[Path(p).is_file() for p in ('/mnt/hello.txt', '/mnt/sub', '/mnt/missing')]",
    "[Path(p).is_dir() for p in ('/mnt/hello.txt', '/mnt/sub', '/mnt/missing')]",
    "Path('/mnt/hello.txt').stat().st_size",
    "Path('/mnt/missing').stat()",
    "sorted(p.name for p in Path('/mnt').iterdir())",
    "sorted(os.listdir('/mnt/sub'))",
    "Path('/mnt/hello.txt').iterdir()",
    "sorted(str(p) for p in Path('/mnt').glob('*.txt'))",
    "sorted(str(p) for p in Path('/mnt').rglob('*.py'))",
    "[(str(root), sorted(dirs), sorted(files)) for root, dirs, files in os.walk('/mnt')]",
    "sorted((e.name, e.is_dir()) for e in os.scandir('/mnt'))",
    "str(Path('/mnt/sub/../hello.txt').resolve())",
    "os.chdir('/mnt/sub'); (os.getcwd(), Path('nested.txt').read_text())",
    "sum(len(line) for line in open('/mnt/hello.txt'))",
];

const WRITES: &[&str] = &[
    "(Path('/mnt/new.txt').write_text('né'), Path('/mnt/new.txt').read_bytes())",
    "(Path('/mnt/new.bin').write_bytes(b'\\x00'), Path('/mnt/new.bin').read_bytes())",
    "f = open('/mnt/hello.txt', 'a'); f.write('more'); f.close(); open('/mnt/hello.txt').read()",
    "open('/mnt/empty.txt', 'w').write('x')",
    "Path('/mnt/a/b').mkdir()",
    "Path('/mnt/a/b').mkdir(parents=True); Path('/mnt/a/b').is_dir()",
    "Path('/mnt/sub').mkdir()",
    "Path('/mnt/sub').mkdir(exist_ok=True)",
    "Path('/mnt/sub').rmdir()",
    "Path('/mnt/sub').unlink()",
    "Path('/mnt/missing').unlink()",
    "Path('/mnt/missing').unlink(missing_ok=True)",
    "Path('/mnt/data.bin').unlink(); Path('/mnt/data.bin').exists()",
    "str(Path('/mnt/empty.txt').rename('/mnt/sub/moved.txt')), os.listdir('/mnt/sub')",
    "Path('/mnt/missing').rename('/mnt/x')",
    "Path('/elsewhere/x').write_text('x')",
];

#[test]
fn read_only_mount() {
    let folder = folder();
    let system = || {
        System::new()
            .mount(folder.path(), "/mnt", MountMode::ReadOnly)
            .expect("a folder")
    };
    assert_snapshot!("mount-reads", transcript(&system, READS));
    assert_snapshot!("mount-read-only-writes", transcript(&system, WRITES));
    let unchanged = std::fs::read(folder.path().join("hello.txt")).expect("still there");
    assert_eq!(unchanged, "hello wörld\n".as_bytes());
}

#[test]
fn writes_in_each_mode() {
    for mode in [MountMode::ReadWrite, MountMode::Overlay] {
        let seen: Vec<_> = WRITES
            .iter()
            .map(|line| {
                // Each line starts from the same files.
                let folder = folder();
                let path = folder.path().to_owned();
                let system = || System::new().mount(&path, "/mnt", mode).expect("a folder");
                let seen = transcript(&system, &[line]);
                if matches!(mode, MountMode::Overlay) {
                    let hello = std::fs::read(path.join("hello.txt")).expect("still there");
                    assert_eq!(hello, "hello wörld\n".as_bytes(), "{line}");
                    assert!(path.join("data.bin").exists(), "{line}");
                    assert!(!path.join("new.txt").exists(), "{line}");
                }
                seen
            })
            .collect();
        // Both modes look the same to a script.
        assert_snapshot!("mount-writes", seen.join("\n"));
    }
}

#[test]
fn files_in_memory() {
    let files = MemoryFiles::new()
        .file("/config/settings.json", br#"{"limit": 3}"#)
        .expect("a path");
    let report = script(
        "import json\nfrom pathlib import Path\nlimit = json.loads(Path('/config/settings.json').read_text())['limit']\nPath('/out.txt').write_text('x' * limit)",
    )
    .host(Host::new().os(System::new().files(files.clone()).expect("nothing is mounted")))
    .run_blocking();
    assert_eq!(report.expect("runs").value.as_i64(), Some(3));
    assert_eq!(files.read("/out.txt").as_deref(), Some(&b"xxx"[..]));
}

#[test]
fn a_script_reaches_nothing_by_default() {
    let lines = [
        "open('/etc/passwd').read()",
        "Path('/proc/self/environ').read_text()",
        "Path('/').exists()",
        "os.listdir('/')",
        "Path('/tmp/x').write_text('x')",
        "os.getenv('HOME')",
        "os.environ",
        "os.urandom(4)",
        "import time; time.sleep(0.001)",
        "import requests",
        "import socket",
    ];
    let seen: Vec<_> = lines
        .iter()
        .map(|line| {
            let source = format!("import os\nfrom pathlib import Path\n{line}");
            let error = run(&source).expect_err(line);
            format!("{line}\n    {}", error.summary())
        })
        .collect();
    assert_snapshot!("nothing-by-default", seen.join("\n"));
    let denied = script("open('/etc/passwd')")
        .host(Host::new().os(DenyAll))
        .run_blocking();
    assert!(denied.is_err());
}

#[test]
fn environment() {
    let system = || System::new().env("LANG", "C").env("USER", "");
    let lines = [
        "os.getenv('LANG')",
        "os.getenv('USER')",
        "os.getenv('HOME')",
        "os.getenv('HOME', 'nowhere')",
        "dict(os.environ)",
        "os.environ['LANG']",
    ];
    assert_snapshot!("environment", transcript(&system, &lines));
}

#[test]
fn a_run_can_be_repeated_exactly() {
    let source = "import datetime, random, time\n[datetime.datetime.now(), datetime.date.today(), time.time(), random.random(), random.randint(0, 10**9)]";
    let repeatable = || {
        let fixed = std::time::UNIX_EPOCH + Duration::from_micros(1_700_000_000_250_000);
        script(source)
            .options(
                Options::new()
                    .clock(Clock::Fixed(fixed))
                    .randomness(Randomness::Seeded(42)),
            )
            .run_blocking()
            .expect("runs")
            .value
            .to_string()
    };
    assert_snapshot!("repeatable-run", repeatable());
    assert_eq!(repeatable(), repeatable());
}

#[test]
fn seeded_objects_have_the_same_identity() {
    let instance = |seed| {
        let script = script("class C:\n    pass\n[C(), C()]")
            .options(Options::new().randomness(Randomness::Seeded(seed)));
        script.run_blocking().expect("runs").value
    };
    assert_eq!(instance(1), instance(1));
    assert_ne!(instance(1), instance(2));
}

#[test]
fn the_hosts_clock() {
    let source = "import datetime, time\n(datetime.datetime.now(datetime.timezone.utc).timestamp(), time.time())";
    for clock in [Clock::System, Clock::Host] {
        let before = seconds();
        let report = script(source)
            .options(Options::new().clock(clock))
            .host(Host::new().os(System::new()))
            .run_blocking();
        let (now, time): (f64, f64) = report.expect("runs").extract().expect("two floats");
        assert!(before - 0.001 <= now && now <= time + 0.001 && time <= seconds() + 0.001);
    }
}

fn seconds() -> f64 {
    let since = std::time::UNIX_EPOCH.elapsed().expect("it is past 1970");
    since.as_secs_f64()
}

#[test]
fn local_time_zones() {
    let source = "import datetime\ndatetime.datetime(2024, 7, 1, 12).astimezone().isoformat()";
    let script = script(source).options(Options::new().local_timezone("Europe/London"));
    let local: String = script
        .run_blocking()
        .expect("runs")
        .extract()
        .expect("text");
    assert_eq!(local, "2024-07-01T12:00:00+01:00");
}

#[test]
fn sleep_waits_and_does_not_count_as_python() {
    let source = "import asyncio, time\ntime.sleep(0.05)\nawait asyncio.sleep(0.05)\n'woke'";
    let started = Instant::now();
    let report = script(source)
        .host(Host::new().os(System::new()))
        .run_blocking()
        .expect("runs");
    assert!(started.elapsed() >= Duration::from_millis(100));
    // What the host does before it waits is its own time.
    let statistics = report.statistics;
    assert!(statistics.wait_time + statistics.host_time >= Duration::from_millis(100));
}

#[test]
fn modules_of_the_host() {
    let attributes = Dict::from_iter([
        ("VAT", Value::from(0.25)),
        ("price", Value::function("price", None)),
    ]);
    let module = Value::from(Module::new("shop", attributes));
    let tools = monty_host::Tools::new().function("price", ["item"], |item: String| {
        Ok::<_, ToolError>(item.len())
    });
    let run = |source: &str| {
        script(source)
            .host(
                Host::new()
                    .os(System::new().module("shop", module.clone()))
                    .tools(&tools),
            )
            .run_blocking()
    };
    let report = run("import shop\nfrom shop import VAT\nshop.price('tea') * (1 + VAT)");
    assert_eq!(report.expect("runs").value.as_f64(), Some(3.75));
    let error = run("import shoes").expect_err("no such module");
    assert_eq!(
        error.summary(),
        "ModuleNotFoundError: No module named 'shoes'"
    );
}

/// An implementation of its own, for the operations that it has.
struct Everywhere;

#[async_trait::async_trait]
impl Os for Everywhere {
    async fn read(&self, path: &str) -> Result<Vec<u8>, ErrorCode> {
        tokio::task::yield_now().await;
        match path {
            "/broken" => Err(ErrorCode::Other("the bucket is gone".to_owned())),
            "/bad.txt" => Ok(vec![b'a', 0xFF, b'b']),
            path => Ok(path.as_bytes().to_vec()),
        }
    }
}

#[test]
fn an_os_of_ones_own() {
    let seen: Vec<_> = [
        "open('/any/where').read()",
        "open('/broken').read()",
        "open('/bad.txt').read()",
        "from pathlib import Path\nPath('/bad.txt').read_text()",
        "from pathlib import Path\nPath('/broken').read_bytes()",
        "from pathlib import Path\nPath('rel/a/../b').read_text()",
        "from pathlib import Path\nPath('/x').exists()",
    ]
    .iter()
    .map(|source| {
        let result = script(source)
            .host(Host::new().os(Everywhere))
            .options(Options::new().working_directory("/home"))
            .run_blocking();
        let seen = match result {
            Ok(report) => report.value.to_string(),
            Err(error) => error.summary(),
        };
        format!("{source:?}\n    {seen}")
    })
    .collect();
    assert_snapshot!("custom-os", seen.join("\n"));
}

#[test]
fn mounts_that_cannot_be() {
    let folder = folder();
    let mount = |host: &Path, virtual_path: &str| {
        let error = System::new()
            .mount(host, virtual_path, MountMode::ReadOnly)
            .and_then(|system| system.mount(host, "/twice", MountMode::ReadOnly))
            .and_then(|system| system.mount(host, "/twice", MountMode::ReadWrite))
            .expect_err("refused");
        error
            .to_string()
            .replace(&folder.path().display().to_string(), "FOLDER")
    };
    let seen = [
        mount(&folder.path().join("missing"), "/mnt"),
        mount(&folder.path().join("hello.txt"), "/mnt"),
        mount(folder.path(), "mnt"),
        mount(folder.path(), "/mnt/../x"),
        mount(folder.path(), "/mnt"),
    ];
    assert_snapshot!("mounts-refused", seen.join("\n"));
}

/// Folders that each hold a link to every other one.
#[cfg(unix)]
fn web() -> tempfile::TempDir {
    let root = tempfile::tempdir().expect("a folder");
    for one in 0..14 {
        let folder = root.path().join(format!("f{one}"));
        std::fs::create_dir(&folder).expect("made");
        for other in (0..14).filter(|other| *other != one) {
            let link = folder.join(format!("l{other}"));
            std::os::unix::fs::symlink(format!("../f{other}"), link).expect("linked");
        }
    }
    root
}

#[cfg(unix)]
#[test]
fn trees_that_are_too_large_are_an_error() {
    let web = web();
    let mount = |mode| System::new().mount(web.path(), "/mnt", mode);
    let lines = [
        "sum(1 for _ in os.walk('/mnt', followlinks=True))",
        "sum(1 for _ in Path('/mnt').walk(follow_symlinks=True))",
        "sum(1 for _ in Path('/mnt').rglob('*', recurse_symlinks=True))",
        "sum(1 for _ in os.walk('/mnt'))",
    ];
    for mode in [MountMode::ReadOnly, MountMode::Overlay] {
        let started = Instant::now();
        let seen = transcript(&|| mount(mode).expect("a folder"), &lines);
        assert!(started.elapsed() < Duration::from_secs(20));
        assert_snapshot!("scans-too-large", seen);
    }
    let small = || {
        let system = mount(MountMode::ReadOnly).expect("a folder");
        system.max_entries(13)
    };
    let lines = [
        "len(os.listdir('/mnt/f0'))",
        "os.listdir('/mnt')",
        "list(os.scandir('/mnt'))",
        "list(Path('/mnt').iterdir())",
        "list(os.walk('/mnt'))",
        "list(Path('/mnt').glob('*'))",
    ];
    assert_snapshot!("lists-too-large", transcript(&small, &lines));
}

#[cfg(unix)]
#[test]
fn a_scan_is_interrupted() {
    let web = web();
    let system = System::new().mount(web.path(), "/mnt", MountMode::ReadOnly);
    let system = system.expect("a folder").max_entries(usize::MAX);
    let handle = InterruptHandle::new();
    let stop = handle.clone();
    let (begun, begins) = std::sync::mpsc::channel();
    let tools = monty_host::Tools::new().function("begin", (), move || {
        begun.send(()).map_err(ToolError::value_error)
    });
    let source = "import os\nbegin()\nwhile True:\n    try:\n        list(os.walk('/mnt', followlinks=True))\n    except RuntimeError:\n        pass";
    let run = std::thread::spawn(move || {
        let host = Host::new().os(system).tools(&tools).interrupt(&handle);
        let result = script(source).host(host).run_blocking();
        (result, Instant::now())
    });
    begins.recv().expect("it begins");
    std::thread::sleep(Duration::from_millis(100));
    let interrupted = Instant::now();
    stop.interrupt();
    let (result, ended) = run.join().expect("no panic");
    assert_eq!(result.expect_err("stopped").kind(), ErrorKind::Interrupted);
    let took = ended.saturating_duration_since(interrupted);
    assert!(took < Duration::from_millis(500), "{took:?}");
}
