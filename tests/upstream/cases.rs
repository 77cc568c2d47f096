//! A case: a Python file, with directives at its start and what to expect at
//! its end.

/// One of upstream's files.
pub struct Case {
    /// The name of the file, which tracebacks show.
    pub name: String,
    /// The whole file.
    pub source: String,
    pub directives: Directives,
    pub expected: Expected,
}

/// The block `# /// monty` at the start of a file.
#[derive(Debug, Default)]
pub struct Directives {
    /// The host serves the fixtures: functions, constants, classes, the module
    /// `tools`, the files below `/virtual` and the environment.
    pub call_external: bool,
    /// A directory of the host is mounted at `/mnt`.
    pub mount_fs: bool,
    /// Allocations between two collections of cycles.
    pub gc_interval: Option<u32>,
    /// The local time zone, by name.
    pub timezone: Option<String>,
}

/// How a case ends.
#[derive(Debug)]
pub enum Expected {
    /// It finishes.
    Finish,
    /// It fails, and the error reads so.
    Traceback(String),
    /// It fails with the exception of this `repr()`.
    Raise(String),
    /// Its last line has the value of this `repr()`.
    Return(String),
    /// Its last line has this `str` as value.
    ReturnStr(String),
}

impl Case {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// If it has a directive or an expectation that is not known here.
    pub fn new(name: String, source: String) -> Result<Self, String> {
        let in_case = |message: String| format!("{name}: {message}");
        let directives = Directives::new(&source).map_err(in_case)?;
        let expected = Expected::new(&source).map_err(in_case)?;
        Ok(Self {
            name,
            source,
            directives,
            expected,
        })
    }
}

impl Directives {
    fn new(source: &str) -> Result<Self, String> {
        let mut directives = Self::default();
        let block = source
            .lines()
            .skip_while(|line| *line != "# /// monty")
            .skip(1)
            .take_while(|line| *line != "# ///");
        for line in block {
            let toml = line.strip_prefix('#').unwrap_or(line);
            let toml = toml.split_once(" #").map_or(toml, |(toml, _)| toml).trim();
            if !toml.is_empty() {
                directives
                    .read(toml)
                    .ok_or_else(|| format!("unknown directive `{toml}`"))?;
            }
        }
        Ok(directives)
    }

    fn read(&mut self, toml: &str) -> Option<()> {
        let (key, value) = toml.split_once(" = ")?;
        match key {
            "call-external" => self.call_external = value.parse().ok()?,
            "mount-fs" => self.mount_fs = value.parse().ok()?,
            "gc-interval" => self.gc_interval = Some(value.parse().ok()?),
            "timezone" => {
                let name = value.strip_prefix('\'')?.strip_suffix('\'')?;
                self.timezone = Some(name.to_owned());
            }
            // How CPython runs the file; and `xfail`, whose one case for Monty
            // is among the exceptions.
            "run-async" | "skip-cpython-windows" | "cpython-main-module" | "xfail" => {}
            _ => return None,
        }
        Some(())
    }
}

impl Expected {
    fn new(source: &str) -> Result<Self, String> {
        let source = source.trim_end();
        if let Some((_, traceback)) = source.rsplit_once("\"\"\"\nTRACEBACK:\n") {
            return traceback
                .strip_suffix("\n\"\"\"")
                .map(|traceback| Self::Traceback(traceback.to_owned()))
                .ok_or_else(|| "the traceback is not at the end".to_owned());
        }
        let last = source.lines().last().unwrap_or_default();
        let Some((kind, expected)) = last
            .strip_prefix("# ")
            .and_then(|comment| comment.split_once('='))
        else {
            return Ok(Self::Finish);
        };
        let expected = expected.to_owned();
        match kind {
            "Raise" => Ok(Self::Raise(expected)),
            "Return" => Ok(Self::Return(expected)),
            "Return.str" => Ok(Self::ReturnStr(expected)),
            // The counts themselves need the interpreter's `ref-count-return`.
            "ref-counts" => Ok(Self::Finish),
            _ => Err(format!("unknown expectation `{last}`")),
        }
    }
}
