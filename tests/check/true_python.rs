//! What the interpreter runs is not rejected, and what it does not have is found.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use monty_host::check::{CheckLimits, Declarations, DiagnosticFormat};
use monty_host::os::System;
use monty_host::{ErrorKind, Host};

use crate::cases::{Case, Expected};
use crate::support::{assert_snapshot, root};
use crate::{CHECKER, MONTY, fixtures, source};

/// Upstream's cases that run without an exception: every diagnostic is a false alarm.
/// Those that reject are in the snapshot one by one, the advice by rule.
#[test]
fn upstreams_cases_that_run_are_not_rejected() {
    let mut rejected = String::new();
    let mut advice = BTreeMap::<String, (u32, u32)>::new();
    let (mut count, mut advised, mut do_not_run) = (0, 0, 0);
    for (name, text) in source::read_all().expect("upstream's cases are there") {
        let case = Case::new(name, text).expect("it is understood");
        if matches!(case.expected, Expected::Traceback(_) | Expected::Raise(_)) {
            continue;
        }
        let mut host = Host::new();
        let mut declarations = Declarations::new();
        if case.directives.call_external {
            let system = fixtures::serve(System::new()).expect("the fixtures are valid");
            let tools = fixtures::tools().expect("the fixtures are valid");
            host = host.tools(&tools).os(system);
        }
        if case.directives.mount_fs {
            declarations = declarations.with_stubs("root: pathlib.Path\n");
        }
        let check = CHECKER.check(case.source.as_str()).name(&*case.name);
        let check = check.host(&host).declarations(declarations);
        // On a machine that does other things too.
        let limits = CheckLimits::default().with_duration(Duration::from_secs(10));
        let check = check.limits(limits);
        let found = check.run_blocking().expect("the fixtures are Python");
        count += 1;
        if let Some(reason) = found.not_checked() {
            writeln!(rejected, "not checked: {}: {reason}", case.name).expect("a string");
        }
        if found.errors().next().is_some() {
            // Some need a feature of the interpreter that the component does not have.
            let script = MONTY.script(case.source.as_str()).host(&host);
            match script.run_blocking() {
                Err(_) => do_not_run += 1,
                Ok(_) => write!(rejected, "{found}").expect("a string"),
            }
            continue;
        }
        advised += u32::from(found.warnings().next().is_some());
        let mut rules: Vec<_> = found.warnings().map(|one| one.rule.clone()).collect();
        rules.sort();
        for rule in &rules {
            advice.entry(rule.clone()).or_default().0 += 1;
        }
        rules.dedup();
        for rule in rules {
            advice.entry(rule).or_default().1 += 1;
        }
    }
    let mut text = format!(
        "{} cases run; {do_not_run} more do not run here, and are rejected; advice in {advised}\n\n== rejected or not checked\n{rejected}\n== advice\n",
        count - do_not_run
    );
    for (rule, (places, cases)) in advice {
        writeln!(text, "{rule}: {places} in {cases} cases").expect("a string");
    }
    assert_snapshot!("upstream", text);
}

/// Every module and name, and every built-in name, that the interpreter says it has.
#[test]
fn the_interpreters_features_are_known() {
    let features = MONTY
        .capabilities_blocking()
        .expect("the interpreter tells");
    let mut source = String::new();
    for module in &features.modules {
        writeln!(source, "import {}", module.name).expect("a string");
        for name in &module.names {
            writeln!(source, "from {} import {name} as one", module.name).expect("a string");
        }
        for name in &module.names {
            writeln!(source, "{}.{name}", module.name).expect("a string");
        }
    }
    for name in &features.builtins {
        writeln!(source, "{name}").expect("a string");
    }
    let found = CHECKER.check(source).run_blocking().expect("it is checked");
    assert!(found.is_empty(), "{found}");
}

/// The programs that this repository measures and shows run, and are not rejected.
#[test]
fn the_programs_of_the_repository_are_not_rejected() {
    let mut text = String::new();
    for folder in [
        "benchmarks/programs",
        "benchmarks/scripts",
        "guest-component/training/scripts",
    ] {
        let files = std::fs::read_dir(root().join(folder)).expect("the folder is there");
        let mut files: Vec<_> = files
            .map(|file| file.expect("it can be listed").path())
            .collect();
        files.sort();
        for path in files
            .iter()
            .filter(|path| path.extension().is_some_and(|one| one == "py"))
        {
            let name = path
                .file_name()
                .expect("a file")
                .to_string_lossy()
                .into_owned();
            let source = std::fs::read_to_string(path).expect("a script is UTF-8");
            let check = CHECKER
                .check(source)
                .name(&*name)
                .declarations(Declarations::open());
            let found = check.run_blocking().expect("it is checked");
            assert_eq!(found.errors().count(), 0, "{found}");
            assert_eq!(found.not_checked(), None, "{name}");
            text += &found.render(DiagnosticFormat::Concise);
        }
    }
    assert_snapshot!("programs", text);
}

/// What is rejected for syntax does not run, and has the hint that a run gives.
#[test]
fn unsupported_syntax_has_the_hint_of_a_run() {
    let scripts = [
        "class A: pass\nclass B(A): pass",
        "class A(metaclass=type): pass",
        "class A:\n    @property\n    def b(self): return 1",
        "class A:\n    for a in []: pass",
        "class A:\n    if True: a = 1",
        "class A:\n    a, b = 1, 2",
        "class A:\n    class B: pass",
        "def f():\n    yield 1",
        "def f():\n    yield from []",
        "a = {}\ndel a['b']",
        "async def f():\n    async for a in []: pass",
        "async def f():\n    async with a: pass",
        "async def f():\n    return [a async for a in b]",
        "try:\n    pass\nexcept* ValueError:\n    pass",
        "from math import *",
        "type A = int",
        "a = t'{1}'",
        "a = 1\na @= 2",
        "import statistics",
        "import collections.abc",
        "import numpy",
        "from datetime import UTC",
        "from typing import TypedDict",
        "from collections import OrderedDict",
        "import datetime\ndatetime.UTC",
        "from functools import wraps",
        "exit()",
        "callable(1)",
        "input()",
        "bytearray(b'')",
        "'a'.translate({})",
        "(5).bit_length()",
        "from datetime import datetime\ndatetime.utcnow()",
        "from pathlib import Path\nPath('/a').touch()",
        "import json\njson.dumps({}, default=str)",
        "import json\njson.loads('{}', object_hook=str)",
        "import asyncio\nasync def f(): return 1\nawait asyncio.gather(f(), return_exceptions=True)",
        "raise ValueError('a', 'b')",
    ];
    let mut text = String::new();
    for script in scripts {
        let run = MONTY
            .script(script)
            .run_blocking()
            .expect_err("Monty does not have it");
        assert!(
            matches!(run.kind(), ErrorKind::Source | ErrorKind::Script),
            "{script}: {run}"
        );
        let found = CHECKER.check(script).run_blocking().expect("it is checked");
        let hinted = found.iter().find(|one| one.hint.as_ref() == run.hint());
        writeln!(text, ">>> {}", script.replace('\n', "\n... ")).expect("a string");
        writeln!(text, "run:   {}", run.summary()).expect("a string");
        match hinted.or(found.iter().next()) {
            Some(one) => writeln!(text, "check: {}: {}", one.level, one.message).expect("a string"),
            None => writeln!(text, "check: nothing").expect("a string"),
        }
        match (hinted, run.hint()) {
            (Some(_), Some(hint)) => writeln!(text, "hint:  {}", hint.code).expect("a string"),
            (_, Some(hint)) => {
                writeln!(text, "hint:  {} of the run alone", hint.code).expect("a string")
            }
            _ => {}
        }
    }
    assert_snapshot!("lacking", text);
}

/// Methods that are left out of the stubs, by trying them in the interpreter.
#[test]
fn missing_methods_are_missing() {
    let attempts = [
        ("(5).bit_length()", true),
        ("(5).bit_count()", true),
        ("(5).to_bytes(2)", true),
        ("(5).is_integer()", true),
        ("(5).as_integer_ratio()", true),
        ("(5.0).is_integer()", true),
        ("(5.0).hex()", true),
        ("'a'.translate({97: 'b'})", true),
        ("'a'.format_map({})", true),
        ("'a'.casefold()", false),
        ("'a'.removeprefix('a')", false),
        (
            "from datetime import date\ndate(2026, 1, 1).isocalendar()",
            true,
        ),
        (
            "from datetime import date\ndate(2026, 1, 1).toordinal()",
            true,
        ),
        (
            "from datetime import datetime\ndatetime(2026, 1, 1).timetuple()",
            true,
        ),
        (
            "from datetime import datetime\ndatetime(2026, 1, 1).isoformat()",
            false,
        ),
        (
            "from pathlib import Path\nPath('/a/b').relative_to('/a')",
            true,
        ),
        ("from pathlib import Path\nPath('/a/b').parents", true),
        ("from pathlib import Path\nPath('/a/b').match('*')", true),
        (
            "from pathlib import Path\nPath('/a/b').with_suffix('.x')",
            false,
        ),
        ("import re\nre.compile('a').subn('b', 'a')", true),
        ("import re\nre.match('a', 'a').group()", false),
    ];
    for (script, missing) in attempts {
        let run = MONTY.script(script).run_blocking();
        assert_eq!(run.is_err(), missing, "{script}: {run:?}");
        let found = CHECKER.check(script).run_blocking().expect("it is checked");
        let says = found
            .errors()
            .any(|one| one.rule == "unsupported-attribute");
        assert_eq!(says, missing, "{script}: {found}");
    }
}
