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
        // The tab key indents.
        terminal.at_prompt("... ", "\treturn 2 * n\r");
        terminal.at_prompt("... ", "\r");
        terminal.enter("double(21)", "42");
        terminal.enter("double('x', 1)", "TypeError");
        terminal.enter("double('ab')", "'abab'");
        terminal.at_prompt(">>> ", "(1,\r");
        terminal.at_prompt("... ", "1 + 1)\r");
        terminal.expect("(1, 2)");
        terminal.at_prompt(">>> ", CTRL_D);
        assert_eq!(terminal.code(), Some(0));
    }

    #[test]
    fn ctrl_c_stops_the_code_and_not_the_session() {
        let state = state();
        let mut terminal = Terminal::open(state.path(), &["--max-duration", "60min"]);
        terminal.at_prompt(">>> ", "def spin():\r");
        terminal.at_prompt("... ", "    print('spin' + 'ning')\r");
        terminal.at_prompt("... ", "    while True: pass\r");
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
        terminal.at_prompt("... ", &format!("    1/0{CTRL_C}"));
        terminal.enter("6 * 7", "42");
        terminal.at_prompt(">>> ", CTRL_D);
        assert_eq!(terminal.code(), Some(0));
        assert!(!terminal.all.contains("ZeroDivisionError"));
    }

    #[test]
    fn history() {
        let state = state();
        let mut terminal = Terminal::open(state.path(), &[]);
        terminal.enter("6 * 7", "42");
        terminal.enter(UP, "42");
        terminal.enter("'per' + 'sistent'", "'persistent'");
        terminal.at_prompt(">>> ", CTRL_D);
        assert_eq!(terminal.code(), Some(0));

        let mut terminal = Terminal::open(state.path(), &[]);
        terminal.enter(UP, "'persistent'");
        terminal.at_prompt(">>> ", CTRL_D);
        assert_eq!(terminal.code(), Some(0));
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
        terminal.at_prompt(">>> ", CTRL_D);
        assert_eq!(terminal.code(), Some(0));
        assert!(!terminal.all.contains('\u{202e}'));
    }

    #[test]
    fn no_history() {
        let state = state();
        let mut terminal = Terminal::open(state.path(), &["--no-history"]);
        terminal.enter("6 * 7", "42");
        terminal.enter(UP, "42");
        terminal.at_prompt(">>> ", CTRL_D);
        assert_eq!(terminal.code(), Some(0));
        let left = std::fs::read_dir(state.path()).expect("a folder").count();
        assert_eq!(left, 0);
    }
}
