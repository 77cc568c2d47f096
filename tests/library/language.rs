//! The language, as sessions that read like CPython's. Each snippet is a run of
//! its own, and ends as in CPython 3.14: what does not is in [`DIFFERENCES`].

use std::fmt::Write as _;

use monty_host::{ErrorKind, Script, ToolError, Tools, Value};

use crate::support::{assert_snapshot, monty, run, script};

/// Runs each snippet and shows it as a session: `>>> ` before a statement,
/// `... ` before the rest of it, then what it printed, its value unless that
/// is `None`, or the last line of its traceback.
fn session(snippets: &[&str], prepare: impl Fn(&str) -> Script) -> String {
    let mut session = String::new();
    for source in snippets {
        let mut goes_on = false;
        for line in source.lines() {
            let prompt = if goes_on || continues(line) {
                "..."
            } else {
                ">>>"
            };
            let _ = writeln!(session, "{prompt} {line}");
            goes_on = line.starts_with('@');
        }
        match prepare(source).run_blocking() {
            Ok(report) => {
                session.push_str(&report.printed.to_string());
                if !report.value.is_none() {
                    let _ = writeln!(session, "{}", report.value);
                }
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Script, "{source}: {error}");
                session.push_str(&error.printed().expect("the run began").to_string());
                let _ = writeln!(
                    session,
                    "Traceback (most recent call last):\n{}",
                    error.summary()
                );
            }
        }
        session.push('\n');
    }
    session
}

/// Whether a line belongs to the statement before it.
fn continues(line: &str) -> bool {
    line.starts_with(' ')
        || ["else", "elif", "except", "finally"]
            .iter()
            .any(|word| line.starts_with(word))
}

#[test]
fn expressions() {
    let snippets = [
        "1 + 2 * 3 - 4 / 2",
        "(7 // 2, -7 // 2, 7 % 3, -7 % 3, divmod(-7, 3))",
        "(2 ** 10, 2 ** -1, 2 ** 0.5, (-8) ** 3)",
        "(0.1 + 0.2, 1e100, 1e-7, 100000000000000000.0, 3.0)",
        "(6 & 3, 6 | 3, 6 ^ 3, ~6, 1 << 70, -1 >> 3)",
        "(1 < 2 < 3, 1 < 3 < 2, 1 == 1.0, 'a' < 'b', [1, 2] < [1, 3])",
        "(True and 0, 0 or 'x', not [], None or {} or 'last')",
        "(1 in [1], 'b' not in 'abc', 'k' in {'k': 1}, None is None)",
        "'yes' if 3 > 2 else 'no'",
        "[1, *[2, 3], *range(2)] + [None] * 2",
        "{'a': 1, **{'b': 2, 'a': 3}}",
        "'abcdef'[1:4] + 'abcdef'[::-2] + 'abcdef'[-1]",
        "[0, 1, 2, 3, 4][1:-1:2]",
        "'a' 'b' + \"c\" * 3 + r'\\n' + '\\x41\\u00e9'",
        "f'{1 + 1} {\"x\"!r:>5} {3.14159:.2f} {255:#x} {1234567:,} {0.5:%}'",
        "x = 5\nf'{x=} {x:03d} {x:>{x}}'",
        "'%s is %d%% of %5.1f' % ('it', 50, 2.25)",
        "'{0}-{name}-{0:>3}'.format(1, name='n')",
        "(y := 10) + y",
        "a, (b, *c), d = 1, (2, 3, 4), 5\n(a, b, c, d)",
        "a = b = []\na.append(1)\nb",
        "x = [1, 2, 3]\nx[0], x[-1] = x[-1], x[0]\nx[1:2] = ['a', 'b']\nx",
        "x = 1\nx += 2\nx *= 5\nx //= 2\nx **= 2\nx",
        "(10 ** 30 % 7, -(10 ** 20) // 3, 12345678901234567890 * 98765432109876543210)",
        "(1 + 2j) * (3 - 1j)",
        "b'ab' + b'\\x00' + bytes(2)",
        "1 / 0",
        "1 % 0",
        "'a' + 1",
        "1 < 'a'",
        "None + 1",
        "[1][5]",
        "undefined",
        "a, b = [1, 2, 3]",
        "a, b = [1]",
        "(1).missing",
        "{[]: 1}",
        "assert 1 == 1, 'never'\nassert False, 'why'",
    ];
    assert_snapshot!("expressions", session(&snippets, script));
}

#[test]
fn control_flow() {
    let snippets = [
        "for i in range(3):\n    print(i)\nelse:\n    print('done')",
        "for i in range(3):\n    if i == 1:\n        break\nelse:\n    print('never')",
        "for i in range(5):\n    if i % 2:\n        continue\n    print(i, end=' ')",
        "n = 3\nwhile n:\n    n -= 1\nelse:\n    n = 'end'\nn",
        "x = 7\nif x < 5:\n    r = 'small'\nelif x < 10:\n    r = 'middle'\nelse:\n    r = 'large'\nr",
        "for i, (a, b) in enumerate([('x', 1), ('y', 2)], start=1):\n    print(i, a, b)",
        "for k, v in {'a': 1, 'b': 2}.items():\n    print(k, v)",
        "[x * y for x in range(4) if x % 2 for y in (10, 20)]",
        "{k: v for k, v in zip('abc', range(3))}",
        "sorted({x % 3 for x in range(10)})",
        "sum(x for x in range(10) if x > 5)",
        "[[r * c for c in range(3)] for r in range(3)]",
        "def f(x):\n    match x:\n        case 0:\n            return 'zero'\n        case [a, *rest]:\n            return ('list', a, rest)\n        case {'k': v}:\n            return ('dict', v)\n        case str() | bytes():\n            return 'text'\n        case int(n) if n > 10:\n            return 'large'\n        case _:\n            return 'other'\n[f(x) for x in (0, [1, 2], {'k': 3, 'm': 4}, 'x', b'', 11, 5)]",
        "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    print('caught', e)\nelse:\n    print('never')\nfinally:\n    print('finally')",
        "try:\n    x = 1\nexcept ValueError:\n    x = 2\nelse:\n    x = 3\nfinally:\n    print(x)",
        "def f():\n    try:\n        return 'try'\n    finally:\n        print('finally')\nf()",
        "def f():\n    for i in range(3):\n        try:\n            continue\n        finally:\n            print(i)\nf()",
        "try:\n    try:\n        [][0]\n    except KeyError:\n        print('wrong')\nexcept (TypeError, IndexError) as e:\n    print(type(e).__name__, e)",
        "try:\n    try:\n        1 / 0\n    except ZeroDivisionError as e:\n        raise ValueError('second') from e\nexcept ValueError as e:\n    print(repr(e))",
        "try:\n    try:\n        1 / 0\n    except ZeroDivisionError:\n        raise\nexcept ArithmeticError as e:\n    print(repr(e))",
        "class Guard:\n    def __enter__(self):\n        print('in')\n        return 5\n    def __exit__(self, kind, error, trace):\n        print('out', error)\n        return True\nwith Guard() as g:\n    print(g)\n    raise ValueError('swallowed')",
        "pass",
        "for i in 5: pass",
        "while True:\n    raise ValueError('out of a loop')",
        "raise 5",
        "def f(n):\n    return n if n < 2 else f(n - 1) + f(n - 2)\n[f(n) for n in range(10)]",
        "def f(n):\n    raise ValueError(str(n))\nf(3)",
    ];
    assert_snapshot!("control-flow", session(&snippets, script));
}

#[test]
fn functions_and_scopes() {
    let snippets = [
        "def f(a, b=2, *args, c, d=4, **kwargs):\n    return (a, b, args, c, d, kwargs)\n(f(1, c=3), f(1, 5, 6, 7, c=8, e=9), f(*[1, 2, 3], **{'c': 4}))",
        "def f(a, /, b, *, c):\n    return a + b + c\nf(1, b=2, c=3)",
        "def f(a, /):\n    return a\nf(a=1)",
        "def f(a):\n    return a\nf()",
        "def f(a):\n    return a\nf(1, 2)",
        "def f(a):\n    return a\nf(1, b=2)",
        "def f():\n    pass\nprint(f())",
        "def f(x, items=[]):\n    items.append(x)\n    return items\n_ = f(1)\nf(2)",
        "def counter():\n    n = 0\n    def step():\n        nonlocal n\n        n += 1\n        return n\n    return step\na = counter()\nb = counter()\n(a(), a(), b())",
        "[f() for f in [lambda: i for i in range(3)]]",
        "[f() for f in [lambda i=i: i for i in range(3)]]",
        "def outer(x):\n    def inner(y):\n        def innermost(z):\n            return (x, y, z)\n        return innermost\n    return inner\nouter(1)(2)(3)",
        "x = 'global'\ndef f():\n    x = 'local'\n    return x\n(f(), x)",
        "x = 1\ndef f():\n    global x\n    x += 1\nf()\nx",
        "x = 1\ndef f():\n    x += 1\nf()",
        "def f():\n    return later\nlater = 'defined after'\nf()",
        "def f():\n    g()\ndef g():\n    missing\nf()",
        "x = 'outside'\n_ = [x for x in range(3)]\nx",
        "def f():\n    [y := i for i in range(3)]\n    return y\nf()",
        "for i in range(3):\n    pass\ni",
        "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    pass\ne",
        "def apply(f, *args):\n    return f(*args)\n(apply(max, 3, 5), apply(lambda a, b: a * b, 3, 5))",
        "def twice(f):\n    def wrapped(*args):\n        return f(f(*args))\n    return wrapped\n@twice\ndef add_one(x):\n    return x + 1\nadd_one(1)",
        "class Account:\n    rate = 2\n    def __init__(self, balance):\n        self.balance = balance\n    def grow(self):\n        self.balance *= self.rate\n        return self\n    def __repr__(self):\n        return f'Account({self.balance})'\na = Account(5)\n_ = a.grow().grow()\nprint(a, a.rate, Account.rate)",
        "class P:\n    def __init__(self, x):\n        self.x = x\n    def __eq__(self, other):\n        return self.x == other.x\n    def __add__(self, other):\n        return P(self.x + other.x)\n    def __getitem__(self, i):\n        return i * self.x\n    def __call__(self, y):\n        return self.x - y\n    def __contains__(self, y):\n        return y == self.x\np = P(2) + P(3)\n(p == P(5), p[4], p(1), 5 in p)",
        "from dataclasses import dataclass, field\n@dataclass\nclass Row:\n    id: int\n    tags: list = field(default_factory=list)\nr = Row(1)\nr.tags.append('a')\nprint(r, r == Row(1, ['a']), Row(2).tags)",
        "async def f(x):\n    return x + 1\nimport asyncio\nasyncio.run(f(1))",
        "(lambda *a, k=1, **kw: (a, k, kw))(1, 2, z=3)",
        "f = lambda: undefined\nf()",
    ];
    assert_snapshot!("functions", session(&snippets, script));
}

#[test]
fn builtins() {
    let snippets = [
        "(abs(-3), abs(-2.5), abs(3 + 4j))",
        "(all([1, 'x', []]), all([]), any([0, '', 3]), any([]))",
        "(bin(10), oct(-8), hex(255))",
        "(bool([]), bool('x'), bool(0.0), int('  42 '), int('ff', 16), int(-3.9), float('1e3'), float('-inf'))",
        "(bytes(3), bytes(b'x'), bytes('é', 'utf-8'))",
        "(chr(9731), ord('é'))",
        "(complex('1+2j'), complex(1), complex(0, -1))",
        "(dict(a=1), dict([('b', 2)]), dict({'c': 3}, d=4))",
        "divmod(7.5, 2)",
        "list(enumerate('ab', 5))",
        "(eval('1 + x', {'x': 2}), exec('y = 5'), y)",
        "list(filter(None, [0, 1, '', 'a']))",
        "(format(3.14159, '.3f'), format(42, '>6'), format('x', '^5'), format(1e6, ',.0f'))",
        "class C:\n    x = 1\n(getattr(C, 'x'), getattr(C, 'y', 'none'), hasattr(C, 'y'), setattr(C, 'y', 2), C.y)",
        "(hash(1) == hash(1.0), hash('a') == hash('a'), id(None) == id(None))",
        "(isinstance(1, int), isinstance(True, int), isinstance('x', (int, str)), isinstance([], dict))",
        "i = iter([1, 2])\n(next(i), next(i), next(i, 'over'))",
        "(len('é🦀'), len({1, 2}), len(range(0, 10, 3)))",
        "(list('ab'), tuple([1]), sorted(set('aab')), sorted(frozenset([2, 1])))",
        "list(map(lambda a, b: a + b, [1, 2], [10, 20]))",
        "(max(3, 1, 2), max([1, 5], [2]), max('abc', key=ord), max([], default='none'), min('b', 'a'))",
        "(pow(2, 10), pow(2, 10, 1000), pow(2, -1))",
        "(range(5), list(range(5, 0, -2)), range(10)[3], 4 in range(0, 10, 2), len(range(3)))",
        "(repr('it\\'s'), repr(1.0), repr([None, ...]), str(b'x'), str(1e22), str(None))",
        "list(reversed([1, 2, 3]))",
        "(round(2.5), round(3.5), round(2.25, 1), round(1234, -2), round(-0.5))",
        "[0, 1, 2, 3][slice(1, None, 2)]",
        "(sorted([3, 1, 2], reverse=True), sorted('bA', key=lambda c: c.lower()), sorted({'b': 1, 'a': 2}))",
        "(sum([1, 2.5]), sum([[1], [2]], []))",
        "(type(1).__name__, type([]) is list, type(None).__name__)",
        "list(zip([1, 2, 3], 'ab'))",
        "list(zip([1], [2, 3], strict=True))",
        "int('x')",
        "float('x')",
        "chr(-1)",
        "ord('ab')",
        "len(5)",
        "max([])",
        "next(iter([]))",
        "sum(['a'])",
        "range(1, 2, 0)",
        "sorted([1, 'a'])",
        "round('x')",
        "'Hello, World'.lower().split(', ')",
        "('a-b-c'.replace('-', '+', 1), ' x '.strip(), 'ab'.center(6, '*'), 'x'.join('abc'))",
        "('abc'.find('c'), 'abc'.index('b'), 'banana'.count('an'), 'abc'.startswith(('x', 'a')))",
        "('aXb'.swapcase(), 'hello world'.title(), 'ß'.upper(), '12'.isdigit(), 'ab1'.isalnum(), 'a\\nb'.splitlines())",
        "('k=v=w'.partition('='), 'k=v=w'.rpartition('='), 'x'.zfill(3), 'prefix-x'.removeprefix('prefix-'))",
        "('é'.encode(), b'\\xc3\\xa9'.decode(), b'ab'.hex(), bytes.fromhex('00ff'))",
        "x = [3, 1, 2]\nx.sort()\nx.extend([5])\nx.insert(0, 9)\n(x.pop(), x.index(2), x.count(1), x)",
        "d = {'a': 1}\n(d.get('b', 0), d.setdefault('c', []), d.pop('a'), d.update(e=5), list(d.keys()), list(d.values()))",
        "(sorted({1, 2} | {3}), {1, 2} & {2}, {1, 2} - {2}, sorted({1, 2} ^ {2, 3}), {1} <= {1, 2})",
        "(float('nan') == float('nan'), float('inf') > 10 ** 400)",
        "[].pop()",
        "[1].remove(2)",
        "'a'.index('b')",
        "{}.popitem()",
    ];
    assert_snapshot!("builtins", session(&snippets, script));
}

fn tools() -> Tools {
    Tools::new()
        .function("add", ["a", "b"], |a: i64, b: Option<i64>| {
            Ok::<_, ToolError>(a + b.unwrap_or(10))
        })
        .function("later", ["x"], async |x: Value| {
            tokio::task::yield_now().await;
            Ok::<_, ToolError>(x)
        })
        .function("refuse", ["kind", "why"], |kind: String, why: String| {
            Err::<(), _>(ToolError::new(kind, why))
        })
}

#[test]
fn calls() {
    let snippets = [
        "add(1, 2)",
        "add(1)",
        "add(b=1, a=2)",
        "add(1, b=2)",
        "later({'k': [1, (2, {3}), b'x', None, 1.5]})",
        "add(add(1, 2), add(3, 4))",
        "later('chained').upper().split('N')",
        "later([1, 2, 3])[1:]",
        "total = 0\nfor i in range(5):\n    total = add(total, i)\ntotal",
        "n = 0\nwhile add(n, 0) < 3:\n    n += 1\nn",
        "[add(i, i) for i in range(5) if add(i, 0) % 2]",
        "{later(k): add(v, 1) for k, v in {'a': 1, 'b': 2}.items()}",
        "sum(add(i, 1) for i in range(4))",
        "def outer(a):\n    def inner(b):\n        return add(a, b)\n    return inner\nouter(1)(2)",
        "(lambda x: add(x, x))(4)",
        "def f(x=add(1, 2)):\n    return x\nf()",
        "class C:\n    def m(self, x):\n        return add(x, 1)\nC().m(1)",
        "f'{add(1, 2)} {later(\"x\")!r}'",
        "add(1, 2) if later(True) else refuse('ValueError', 'not taken')",
        "later(False) and refuse('ValueError', 'not evaluated')",
        "f = add\nf(1, 2)",
        "await later(1)",
        "async def f(x):\n    return await later(x)\nawait f(1) + await f(2)",
        "refuse('ValueError', 'because')",
        "def f():\n    return refuse('LookupError', 'deep inside')\n[f() for _ in range(2)]",
        "try:\n    refuse('ValueError', 'because')\nexcept ValueError as e:\n    print('caught', e)",
        "try:\n    refuse('FileNotFoundError', 'gone')\nexcept OSError as e:\n    print(type(e).__name__, e)",
        "try:\n    refuse('ValueError', 'one')\nexcept ValueError:\n    add(1, 1)\nfinally:\n    print(add(2, 2))",
        "seen = []\nfor kind in ['ValueError', 'KeyError', 'TypeError']:\n    try:\n        refuse(kind, 'x')\n    except (ValueError, LookupError) as e:\n        seen.append(repr(e))\n    except Exception as e:\n        seen.append('other')\nseen",
        "try:\n    refuse('ValueError', 'first')\nexcept ValueError as e:\n    raise RuntimeError('second') from e",
        "unknown(1)",
        "try:\n    unknown\nexcept NameError as e:\n    print(e)",
    ];
    let tools = tools();
    let seen = session(&snippets, |source| script(source).host(&tools));
    assert_snapshot!("calls", seen);
}

#[test]
fn inputs_and_scopes() {
    let snippets = [
        "x",
        "(n, text, rows[1]['k'])",
        "def f():\n    return n\nf()",
        "n += 1\nn",
        "def f():\n    n = 'local'\n    return n\n(f(), n)",
        "def f():\n    global n\n    n = 5\nf()\nn",
        "def f():\n    n += 1\nf()",
        "[n for n in range(2)] + [n]",
        "rows.append(3)\nlen(rows)",
        "len = n\nlen",
        "def f(n=n):\n    return n * 2\nf()",
        "[r for r in rows if n]",
        "add = n\nadd",
        "y",
    ];
    let rows = Value::list([Value::from(1), Value::dict([("k", "v")])]);
    let seen = session(&snippets, |source| {
        let inputs = [
            ("x", Value::None),
            ("n", Value::from(1)),
            ("text", Value::from("é")),
            ("rows", rows.clone()),
        ];
        inputs
            .into_iter()
            .try_fold(script(source).host(tools()), |script, (name, value)| {
                script.input(name, value)
            })
            .expect("they have a form")
    });
    assert_snapshot!("inputs", seen);
}

#[test]
fn prints() {
    let snippets = [
        "print()",
        "print('a', 1, None, 2.50, [1, 'x'], {'k': (1,)})",
        "print(1, 2, 3, sep='')",
        "print(1, 2, sep=None, end=None)",
        "print('no', 'break', sep='-', end='!\\n')",
        "print('a', end='')\nprint('b', end='')\nprint()",
        "print(*range(3), sep=', ')",
        "print('é', '日本', '🦀')",
        "print('two\\nlines')",
        "print(print('inner'))",
        "print('flushed', flush=True)",
        "import sys\nprint('to', 'stdout', file=sys.stdout)",
        "class C:\n    def __str__(self):\n        return 'str'\n    def __repr__(self):\n        return 'repr'\nprint(C(), [C()])",
        "print(ValueError('v'), [ValueError('v')], int, len)",
        "print(f'{1}', '%d' % 2, '{}'.format(3))",
        "def f():\n    print('inside')\n    return 1\nprint(f(), f())",
        "print('before')\n1 / 0",
        "print('x', sep=1)",
        "print('x', unknown=1)",
    ];
    assert_snapshot!("prints", session(&snippets, script));
}

/// Snippets with a different outcome from CPython's, with CPython's outcome.
const DIFFERENCES: &[(&str, &str)] = &[
    ("bytes([65, 66])", "b'AB'"),
    ("round(2.675, 2)", "2.67"),
    ("pow(3, -1, 7)", "5"),
    ("x = [1]\nlater(x) is x", "True"),
    ("(5).real", "5"),
    ("(255).bit_length()", "8"),
    ("(2.0).is_integer()", "True"),
    ("{'k': 1}['x']", "KeyError: 'x'"),
    ("raise ValueError(3)", "ValueError: 3"),
    (
        "class P:\n    def __len__(self):\n        return 3\nlen(P())",
        "3",
    ),
    (
        "class P:\n    def __bool__(self):\n        return False\nbool(P())",
        "False",
    ),
    ("list(map(lambda x: add(x, 1), [1, 2]))", "[2, 3]"),
    ("sorted([3, 1, 2], key=lambda x: add(-x, 0))", "[3, 2, 1]"),
];

#[test]
fn differences() {
    let tools = tools();
    let seen = DIFFERENCES.iter().map(|(source, there)| {
        let result = script(source).host(&tools).run_blocking();
        let here = match result {
            Ok(report) => report.value.to_string(),
            Err(error) => error.summary(),
        };
        assert_ne!(&here, there, "{source} is as in CPython now");
        format!("{source}\n    here: {here}\n    CPython: {there}")
    });
    let seen: Vec<_> = seen.collect();
    assert_snapshot!("differences", seen.join("\n"));
}

/// Each exception type: not caught, caught as itself, and caught as its base
/// types, which are CPython's.
#[test]
fn exceptions_of_every_type() {
    let capabilities = monty().capabilities_blocking();
    let builtins = capabilities.expect("the interpreter answers").builtins;
    let types: Vec<_> = builtins
        .iter()
        .filter(|name| {
            ["Error", "Exception", "Exit", "Interrupt", "Iteration"]
                .iter()
                .any(|end| name.ends_with(end))
        })
        .collect();
    let all = types.iter().map(|name| name.as_str()).collect::<Vec<_>>();
    let tools = tools();
    let mut seen = Vec::new();
    for name in &types {
        let raised = format!("raise {name}('why')");
        let uncaught = run(&raised).expect_err(name);
        assert_eq!(uncaught.kind(), ErrorKind::Script, "{uncaught}");
        let bare = run(&format!("raise {name}")).expect_err(name);
        let caught = |statement: &str| {
            let bases = format!(
                "[n for n, t in zip({all:?}, [{}]) if isinstance(e, t) and n != '{name}']",
                all.join(", ")
            );
            let source = format!(
                "try:\n    {statement}\nexcept {name} as e:\n    r = (repr(e), str(e), e.args, {bases})\nr"
            );
            match script(&source).host(&tools).run_blocking() {
                Ok(report) => report.value.to_string(),
                Err(error) => format!("not caught: {}", error.summary()),
            }
        };
        let from_script = caught(&raised);
        let from_tool = caught(&format!("refuse('{name}', 'why')"));
        let from_tool = if from_tool == from_script {
            "the same".to_owned()
        } else {
            from_tool
        };
        seen.push(format!(
            "{name}\n    uncaught: {}\n    bare: {}\n    caught: {from_script}\n    from a tool: {from_tool}",
            uncaught.summary(),
            bare.summary(),
        ));
    }
    assert_snapshot!("exceptions", seen.join("\n"));
}

/// The component has a function of its own for it, which compares words.
#[test]
fn bytes_of_every_length_are_ordered_by_the_first_that_differs() {
    let source = "\
wrong = []
compared = 0
every = bytes.fromhex(''.join(f'{n:02x}' for n in range(256)))
for length in range(35):
    for place in range(length):
        rest = every[100:99 + length - place]
        for low, high in [(0, 1), (0, 255), (127, 128)]:
            less = bytes(place) + every[low:low + 1] + rest
            more = bytes(place) + every[high:high + 1] + rest[::-1]
            compared += 1
            if not (less < more and more > less and less != more):
                wrong.append((less, more))
            same = bytes.fromhex(less.hex())
            if less != same or less < same or less > same:
                wrong.append(less)
(compared, wrong)";
    let report = run(source).expect("it ends");
    assert_eq!(report.value.to_string(), "(1785, [])");
}

/// The component has functions of its own for it, which copy words, and what is long
/// in the host.
#[test]
fn texts_and_lists_of_every_length_are_copied_whole() {
    let source = "\
wrong = []
copied = 0
text = ''.join(chr(33 + n * n // 7 % 90) for n in range(1200))
letters = list(text)
lengths = list(range(140)) + [191, 192, 193, 255, 256, 257, 511, 512, 513, 575, 576, 577, 1000]
for length in lengths:
    for at in (0, 1, 2, 3, 7, 8, 15, 16, 17):
        part = text[at:at + length]
        copied += 1
        if len(part) != length or any(a != b for a, b in zip(part, letters[at:])):
            wrong.append(('slice', at, length))
    both = text[:length] + text[1:length + 1]
    if list(both) != letters[:length] + letters[1:length + 1]:
        wrong.append(('joined', length))
    if any(bytes(length)) or len(bytes(length)) != length or '.' * length != ''.join(['.'] * length):
        wrong.append(('filled', length))

# What moves up or down by one or more overlaps with where it was.
numbers = list(range(80))
for length in range(80):
    for at in range(length):
        moved = numbers[:length]
        moved.insert(at, -1)
        if moved != numbers[:at] + [-1] + numbers[at:length]:
            wrong.append(('up', at, length))
        moved.pop(at)
        copied += 1
        if moved != numbers[:length]:
            wrong.append(('down', at, length))
        moved[:at] = []
        if moved != numbers[at:length]:
            wrong.append(('removed', at, length))
(copied, wrong)";
    let report = run(source).expect("it ends");
    assert_eq!(report.value.to_string(), "(4537, [])");
}
