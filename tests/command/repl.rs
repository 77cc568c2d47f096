//! The command line: sessions, on a terminal and from a pipe.

use crate::run::run_in;
use crate::support::assert_snapshot;

fn piped(arguments: &[&str], input: &str) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    run_in(folder.path(), &[&["repl"], arguments].concat(), input)
}

const PIECES: &str = r"x = 20
def double(n):
    return 2 * n

double(x) + 2
print('printed')
None
text = '''

'''
text
if x > 100:
    'large'
else:
    print('small')

double()
x = = 1
[x,

 x]
for i in range(2):
    print(i)
";

#[test]
fn a_pipe() {
    let tools = ["--tool", "echo(a)=cat", "--tool", "later()=exit 75"];
    let seen = [
        piped(&[], PIECES),
        piped(&[], "1\nexit()\n2\n"),
        piped(&[], "  quit()  \n2\n"),
        piped(&[], "(1 +\n"),
        piped(&[], "if True:\n\n1\n"),
        piped(&["--input", "n=1"], "n\nn += 1\nn\n"),
        piped(&tools, "echo([1])\nlater()\n"),
    ];
    assert_snapshot!("pipe", seen.join("\n"));
}

#[test]
fn the_last_value() {
    let code = "[1, 2]\n_\n_.append(3)\nlen(_)\n'_'\nx_ = _\nx_\n_ = 5\n6\n_\n";
    assert_snapshot!("last-value", piped(&[], code));
}

#[test]
fn commands() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = r#"{
        "tools": { "weather(city, *, days=1)": { "command": "echo 1", "description": "The forecast.\nMore.", "async": true } }
    }"#;
    std::fs::write(folder.path().join("monty.json"), config).expect("written");
    let run = |arguments: &[&str], input: &str| {
        run_in(folder.path(), &[&["repl"], arguments].concat(), input)
    };
    let code = ":help\n:tools\nx = 6\n1/0\ndef f():\n    return x * 7\n\nf()\n:save session.py\n:save session.py\n:save no/such.py\n:save\n:nonsense\n:tools now\n: help\n";
    let seen = [
        run(&["--config", "monty.json"], code),
        run(&[], ":tools\n"),
        run_in(folder.path(), &["session.py"], ""),
    ];
    assert_snapshot!("commands", seen.join("\n"));
}

/// Each attribute that the tab key offers exists: Monty cannot list them.
#[test]
fn completed_attributes_exist() {
    let attributes = include_str!("../../crates/command/src/repl/attributes.txt");
    let objects = [
        ("str", "''"),
        ("bytes", "b''"),
        ("list", "[]"),
        ("tuple", "()"),
        ("dict", "{}"),
        ("set", "set()"),
        ("frozenset", "frozenset()"),
        ("complex", "0j"),
        ("date", "datetime.date(2000, 1, 1)"),
        ("time", "datetime.time()"),
        (
            "datetime",
            "datetime.datetime(2000, 1, 1, tzinfo=datetime.timezone.utc)",
        ),
        ("timedelta", "datetime.timedelta()"),
        ("Decimal", "Decimal(1)"),
        ("PosixPath", "Path('/x')"),
        ("Match", "re.match('', '')"),
        ("Pattern", "re.compile('')"),
        ("deque", "deque()"),
        ("Counter", "Counter()"),
        ("defaultdict", "defaultdict(list)"),
    ];
    let mut script = String::from(
        "import datetime, re\nfrom collections import Counter, defaultdict, deque\nfrom decimal import Decimal\nfrom pathlib import Path\nmissing = []\n",
    );
    let mut count = 0;
    for line in attributes.lines() {
        let (name, attributes) = line.split_once(": ").expect("a type");
        let (_, object) = objects
            .iter()
            .find(|(known, _)| *known == name)
            .expect(name);
        script.push_str(&format!("assert type({object}).__name__ == '{name}'\n"));
        for attribute in attributes.split(' ') {
            count += 1;
            // A method of a built-in type exists only in a call.
            script.push_str(&format!(
                "try:\n    {object}.{attribute}\nexcept AttributeError:\n    try:\n        {object}.{attribute}()\n    except AttributeError:\n        missing.append('{name}.{attribute}')\n    except BaseException:\n        pass\n"
            ));
        }
    }
    script.push_str("missing\n");
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("probe.py"), script).expect("written");
    let seen = run_in(folder.path(), &["probe.py"], "");
    assert!(seen.contains("\n[]\n"), "{seen}");
    assert!(count > 300, "{count}");
}

#[test]
fn a_trap_costs_one_piece_of_code() {
    let code = "import os\nkept = 1\nlost = 1\nfor i in range(9):\n    lost = os.getenv('X')\n\nkept, lost\n";
    assert_snapshot!("trap", piped(&["--max-calls", "3"], code));
}

#[cfg(unix)]
mod terminal {
    use std::fs::File;
    use std::io::{Read, Write};
    use std::os::fd::OwnedFd;
    use std::os::unix::process::CommandExt;
    use std::path::Path;
    use std::process::{Child, Command};
    use std::sync::mpsc::{Receiver, channel};
    use std::time::Duration;

    use rustix::process::{ioctl_tiocsctty, setsid};
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

    use crate::run::run_with;
    use crate::support::assert_snapshot;

    /// How long a test waits before it calls a session stuck.
    const STUCK: Duration = Duration::from_secs(120);

    /// A session on a pseudo-terminal.
    struct Terminal {
        keyboard: File,
        screen: Receiver<Vec<u8>>,
        /// Screen output not yet waited for.
        unread: String,
        /// All screen output.
        all: String,
        session: Child,
    }

    impl Terminal {
        fn open(state: &Path, arguments: &[&str]) -> Self {
            Self::start(state, &[&["repl"], arguments].concat())
        }

        /// Another command on a pseudo-terminal.
        fn start(state: &Path, arguments: &[&str]) -> Self {
            Self::start_with(state, arguments, &[])
        }

        /// The same with environment variables.
        fn start_with(state: &Path, arguments: &[&str], variables: &[(&str, &Path)]) -> Self {
            let keyboard = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
            grantpt(&keyboard).expect("granted");
            unlockpt(&keyboard).expect("unlocked");
            let name = ptsname(&keyboard, Vec::new()).expect("it has a name");
            let name = name.to_str().expect("it is text");
            let mut options = File::options();
            let end = options.read(true).write(true).open(name).expect("opened");
            let clone = || OwnedFd::from(end.try_clone().expect("cloned"));
            let mut command = Command::new(env!("CARGO_BIN_EXE_monty-host"));
            command
                .args(arguments)
                .env("XDG_STATE_HOME", state)
                .env("TERM", "xterm")
                .env("NO_COLOR", "1")
                // It stands for colors, even where TERM says no.
                .env_remove("CI")
                .envs(variables.iter().copied())
                .stdin(clone())
                .stdout(clone())
                .stderr(clone());
            // SAFETY: between fork and exec there are two system calls.
            unsafe {
                command.pre_exec(move || {
                    setsid()?;
                    ioctl_tiocsctty(&end)?;
                    Ok(())
                });
            }
            let session = command.spawn().expect("the command starts");
            let keyboard = File::from(keyboard);
            let mut output = keyboard.try_clone().expect("cloned");
            let (sender, screen) = channel();
            std::thread::spawn(move || {
                let mut buffer = [0; 4096];
                // It ends with an error when the session has left.
                while let Ok(length @ 1..) = output.read(&mut buffer) {
                    if sender.send(buffer[..length].to_vec()).is_err() {
                        break;
                    }
                }
            });
            Self {
                keyboard,
                screen,
                unread: String::new(),
                all: String::new(),
                session,
            }
        }

        /// Waits until a text is on the screen.
        fn expect(&mut self, text: &str) {
            loop {
                if let Some(index) = self.unread.find(text) {
                    self.unread.drain(..index + text.len());
                    return;
                }
                let Ok(bytes) = self.screen.recv_timeout(STUCK) else {
                    panic!("no {text:?} on the screen, but {:?}", self.all);
                };
                let more = String::from_utf8_lossy(&bytes);
                self.unread.push_str(&more);
                self.all.push_str(&more);
            }
        }

        fn press(&mut self, keys: &str) {
            self.keyboard.write_all(keys.as_bytes()).expect("typed");
        }

        /// Types at a prompt.
        fn at_prompt(&mut self, prompt: &str, keys: &str) {
            self.expect(prompt);
            self.press(keys);
        }

        /// Types a line and waits for what it shows.
        fn enter(&mut self, line: &str, shows: &str) {
            self.at_prompt(">>> ", &format!("{line}\r"));
            self.expect(shows);
        }

        /// Leaves at the prompt.
        fn leave(&mut self) {
            self.at_prompt(">>> ", CTRL_D);
            assert_eq!(self.code(), Some(0));
        }

        /// The exit code, once the session has left.
        fn code(&mut self) -> Option<i32> {
            self.session.wait().expect("it ends").code()
        }
    }

    impl Drop for Terminal {
        fn drop(&mut self) {
            // It has left already, unless the test failed.
            let _ = self.session.kill();
            let _ = self.session.wait();
        }
    }

    fn state() -> tempfile::TempDir {
        tempfile::tempdir().expect("a folder")
    }

    /// A person is told what the first start takes time for, and that a start
    /// will always take it.
    #[test]
    fn the_first_start_says_that_it_compiles() {
        let state = state();
        let cache = state.path().join("cache");
        let variables = [("MONTY_CACHE_DIR", cache.as_path())];
        let code = ["run", "-c", "'the' + ' answer'"];
        let start = || {
            let mut terminal = Terminal::start_with(state.path(), &code, &variables);
            terminal.expect("'the answer'");
            assert_eq!(terminal.code(), Some(0));
            terminal.all.replace('\r', "")
        };
        let first = start();
        let second = start();
        let files: Vec<_> = std::fs::read_dir(&cache).expect("created").collect();
        assert_eq!(files.len(), 1);
        let on_a_pipe = || {
            let cache = cache.to_str().expect("text");
            run_with(state.path(), &code, "", &[("MONTY_CACHE_DIR", cache)])
        };
        let piped = on_a_pipe();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o777);
        std::fs::set_permissions(&cache, mode).expect("it is ours");
        let refused = on_a_pipe();
        let seen = format!("{first}---\n{second}---\n{piped}---\n{refused}");
        let seen = seen.replace(&state.path().display().to_string(), "FOLDER");
        assert_snapshot!("first-start", seen);
    }

    const CTRL_C: &str = "\x03";
    const CTRL_D: &str = "\x04";
    const UP: &str = "\x1b[A";

    #[test]
    fn blocks_values_and_errors() {
        let state = state();
        let mut terminal = Terminal::open(state.path(), &[]);
        terminal.at_prompt(">>> ", "def double(n):\r");
        // It is indented already; the tab key indents too.
        terminal.at_prompt("... ", "if n:\r");
        terminal.at_prompt("... ", "return 2 * n\r");
        terminal.at_prompt("... ", "\treturn 0\r");
        terminal.at_prompt("... ", "\r");
        terminal.enter("double(21)", "42");
        // A name that begins as a keyword does.
        terminal.at_prompt(">>> ", "if True:\r");
        terminal.at_prompt("... ", "return_value = 20\r");
        terminal.at_prompt("... ", "print(return_value + 3)\r");
        terminal.at_prompt("... ", "\r");
        terminal.expect("23\r\n");
        terminal.enter("double('x', 1)", "TypeError");
        terminal.enter("double('ab')", "'abab'");
        terminal.at_prompt(">>> ", "(1,\r");
        terminal.at_prompt("... ", "1 + 1)\r");
        terminal.expect("(1, 2)");
        terminal.leave();
    }

    #[test]
    fn ctrl_c_stops_the_code_and_not_the_session() {
        let state = state();
        let mut terminal = Terminal::open(state.path(), &["--max-duration", "60min"]);
        terminal.at_prompt(">>> ", "def spin():\r");
        terminal.at_prompt("... ", "print('spin' + 'ning')\r");
        terminal.at_prompt("... ", "while True: pass\r");
        terminal.at_prompt("... ", "\r");
        terminal.enter("kept = 40", "kept");
        terminal.enter("spin()", "spinning");
        terminal.press(CTRL_C);
        terminal.expect("KeyboardInterrupt");
        terminal.enter("kept + 2", "42");
        terminal.at_prompt(">>> ", "exit()\r");
        assert_eq!(terminal.code(), Some(0));
    }

    #[test]
    fn ctrl_c_stops_a_tool() {
        let state = state();
        let tools = [
            "--tool",
            "nap()=echo nap has begun >/dev/tty; sleep 3600",
            "--tool",
            "stubborn()=trap '' INT; echo no way >/dev/tty; exec sleep 3600",
        ];
        let mut terminal = Terminal::open(state.path(), &tools);
        terminal.enter("kept = 40", "kept");
        for (call, begun) in [("nap()", "nap has begun"), ("stubborn()", "no way")] {
            terminal.enter(call, begun);
            terminal.press(CTRL_C);
            terminal.expect("KeyboardInterrupt");
        }
        terminal.enter("kept + 2", "42");
        terminal.at_prompt(">>> ", "quit()\r");
        assert_eq!(terminal.code(), Some(0));
    }

    #[test]
    fn ctrl_c_at_the_prompt_clears_what_was_typed() {
        let state = state();
        let mut terminal = Terminal::open(state.path(), &[]);
        terminal.at_prompt(">>> ", &format!("1/0{CTRL_C}"));
        terminal.at_prompt(">>> ", "if True:\r");
        terminal.at_prompt("... ", &format!("1/0{CTRL_C}"));
        terminal.enter("6 * 7", "42");
        terminal.leave();
        assert!(!terminal.all.contains("ZeroDivisionError"));
    }

    #[test]
    fn history() {
        let state = state();
        let mut terminal = Terminal::open(state.path(), &[]);
        terminal.enter("6 * 7", "42");
        terminal.enter(UP, "42");
        terminal.enter("'per' + 'sistent'", "'persistent'");
        terminal.leave();

        let mut terminal = Terminal::open(state.path(), &[]);
        terminal.enter(UP, "'persistent'");
        terminal.leave();
    }

    #[test]
    fn a_block_is_one_entry_of_the_history() {
        let state = state();
        let mut terminal = Terminal::open(state.path(), &[]);
        terminal.at_prompt(">>> ", "for i in [20, 21]:\r");
        terminal.at_prompt("... ", "print(2 * i)\r");
        terminal.at_prompt("... ", "\r");
        terminal.expect("40\r\n42");
        terminal.enter("'next'", "'next'");
        terminal.at_prompt(">>> ", &format!("{UP}{UP}\r"));
        terminal.expect("40\r\n42");
        terminal.leave();
    }

    #[test]
    fn the_tab_key_completes() {
        let state = state();
        let tools = ["--tool", "get_weather(city)=echo '\"fine\"'"];
        let mut terminal = Terminal::open(state.path(), &tools);
        terminal.expect("Functions: get_weather");
        // A tool, a module, a name of it, a method, and a name of the session.
        terminal.enter("get_w\t('Oslo')", "'fine'");
        terminal.enter("import dateti\t", "import datetime");
        terminal.enter("datetime.timed\t(1)", "datetime.timedelta(days=1)");
        terminal.enter("'x'", "'x'");
        terminal.enter("greeting = 'hello'", "hello");
        terminal.enter("greet\t.capit\t()", "'Hello'");
        terminal.enter("from collections import namedtuple", "import");
        terminal.enter(
            "point = namedtuple('Point', ['across', 'down'])(1, 2)",
            "2)",
        );
        terminal.enter("point.acr\t + 5", "6");
        // Several, of which there is a list.
        terminal.at_prompt(">>> ", "greeting.is\t\t");
        terminal.expect("isalnum");
        terminal.expect("isupper");
        terminal.press(CTRL_C);
        // It calls nothing and changes nothing.
        terminal.enter("get_weather('x').is\t\t", "");
        terminal.press(CTRL_C);
        terminal.enter(":too\t", "get_weather(city)");
        terminal.leave();
    }

    #[test]
    fn colors() {
        let state = state();
        let shown = |arguments: &[&str], variables: &[(&str, &Path)]| {
            let mut terminal = Terminal::start_with(state.path(), arguments, variables);
            terminal.code();
            while let Ok(bytes) = terminal.screen.recv_timeout(STUCK) {
                terminal.all.push_str(&String::from_utf8_lossy(&bytes));
            }
            terminal.all.replace('\r', "").replace('\x1b', "␛")
        };
        let code = "import sys\nprint('error: printed', file=sys.stderr)\ndef f(x):\n    raise ValueError('a\\nb: \x1b[31mc')\nf(1)";
        let yes = [("NO_COLOR", Path::new(""))];
        let dumb = [("NO_COLOR", Path::new("")), ("TERM", Path::new("dumb"))];
        let seen = [
            shown(&["-c", code], &yes),
            shown(&["-c", "import numpy"], &yes),
            shown(&["--max-calls", "0", "-c", "open('/x')"], &yes),
            shown(&["no-such-file.py"], &yes),
            shown(&["-c", code], &dumb),
            shown(&["-c", code], &[]),
        ];
        assert_snapshot!("colors", seen.join("---\n"));
    }

    /// What makes a terminal do things, or show text that is not there.
    const HOSTILE: [&str; 2] = [
        r"\x07\x1b]0;title\x07\r\x7f\x9b2K\u202etxt\u2066\u2028\u200b\ufeff\xad\U000e0041",
        r"\x07\x1b]0;title\x07\r\x7f\x9b2K\u202etxt\u2066\u2028\u200b\ufeff\xad\U000e0041 é\u3000漢 \t|",
    ];

    #[test]
    fn a_terminal_shows_what_a_script_prints_and_does_nothing_else() {
        let state = state();
        let [escaped, printed] = HOSTILE;
        let on_terminal = |arguments: &[&str]| {
            let mut terminal = Terminal::start(state.path(), arguments);
            let code = terminal.code();
            while let Ok(bytes) = terminal.screen.recv_timeout(STUCK) {
                terminal.all.push_str(&String::from_utf8_lossy(&bytes));
            }
            (terminal.all.clone(), code)
        };
        let print = format!("print('{printed}')\nimport sys\nprint('{escaped}', file=sys.stderr)");
        let seen = on_terminal(&["run", "-c", &print]);
        let shown = format!("{escaped} é\u{3000}漢 \t|\r\n{escaped}\r\n");
        assert_eq!(seen, (shown, Some(0)));

        let seen = on_terminal(&["run", "-c", &format!("raise ValueError('{escaped}')")]);
        assert!(
            seen.0.ends_with(&format!("ValueError: {escaped}\r\n")),
            "{seen:?}"
        );
        assert_eq!(seen.1, Some(1));

        let seen = on_terminal(&["run", "--json", "-c", &format!("'{escaped}'")]);
        let value = r#""value": "\u0007\u001b]0;title\u0007\r\u007f\u009b2K\u202etxt\u2066\u2028\u200b\ufeff\u00ad\udb40\udc41","#;
        assert!(seen.0.contains(value), "{seen:?}");
    }

    #[test]
    fn a_session_shows_what_a_script_prints_and_does_nothing_else() {
        let state = state();
        let mut terminal = Terminal::open(state.path(), &[]);
        let [escaped, _] = HOSTILE;
        terminal.enter(
            &format!("'{escaped}' * 2"),
            &format!("'{escaped}{escaped}'"),
        );
        terminal.enter(
            &format!("print('<' + '{escaped}' + '>')"),
            &format!("<{escaped}>"),
        );
        terminal.leave();
        assert!(!terminal.all.contains('\u{202e}'));
    }

    #[test]
    fn no_history() {
        let state = state();
        let mut terminal = Terminal::open(state.path(), &["--no-history"]);
        terminal.enter("6 * 7", "42");
        terminal.enter(UP, "42");
        terminal.leave();
        let left = std::fs::read_dir(state.path()).expect("a folder").count();
        assert_eq!(left, 0);
    }
}
