//! The text of raised exceptions, as CPython prints it.

use monty_value::types::{Exception, ExceptionReport, Frame, Location};

fn frame(line: u32, columns: (u32, u32), function: Option<&str>, source: Option<&str>) -> Frame {
    Frame {
        filename: "main.py".into(),
        start: Location {
            line,
            column: columns.0,
        },
        end: Location {
            line,
            column: columns.1,
        },
        function: function.map(Into::into),
        source_line: source.map(Into::into),
        hide_caret: false,
        hide_function: false,
        repeated: 1,
    }
}

fn raised(traceback: Vec<Frame>) -> String {
    ExceptionReport {
        exception: Exception::new("ValueError", "x"),
        traceback,
        detail: None,
        hint: None,
    }
    .to_string()
}

#[test]
fn without_frames_it_is_the_exception_alone() {
    assert_eq!(raised(vec![]), "ValueError: x");
    let bare = Exception {
        message: None,
        ..Exception::new("KeyError", "")
    };
    assert_eq!(bare.to_string(), "KeyError");
}

#[test]
fn frames_show_their_line_and_carets() {
    let text = raised(vec![
        frame(1, (5, 8), None, Some("x = f()")),
        Frame {
            hide_caret: true,
            ..frame(2, (5, 10), Some("f"), Some("    raise ValueError('x')"))
        },
        frame(3, (9, 13), Some("g"), Some("    é = bad()")),
        frame(4, (1, 1), Some("h"), None),
    ]);
    let expected = r#"Traceback (most recent call last):
  File "main.py", line 1, in <module>
    x = f()
        ~~~
  File "main.py", line 2, in f
    raise ValueError('x')
  File "main.py", line 3, in g
    é = bad()
        ~~~~
  File "main.py", line 4, in h
ValueError: x"#;
    assert_eq!(text, expected);
}

#[test]
fn a_syntax_error_has_no_function_and_at_least_one_caret() {
    let text = raised(vec![Frame {
        hide_function: true,
        ..frame(1, (3, 3), None, Some("1 +"))
    }]);
    let expected = "Traceback (most recent call last):
  File \"main.py\", line 1
    1 +
      ~
ValueError: x";
    assert_eq!(text, expected);
}

#[test]
fn a_range_of_several_lines_has_no_carets() {
    let mut several = frame(1, (1, 2), None, Some("f(\n    1,\n)"));
    several.end.line = 3;
    let expected = "Traceback (most recent call last):
  File \"main.py\", line 1, in <module>
    f(
        1,
    )
ValueError: x";
    assert_eq!(raised(vec![several]), expected);
}

#[test]
fn repetitions_are_counted_after_the_third() {
    let repeated = |repeated| Frame {
        repeated,
        ..frame(2, (1, 4), Some("f"), None)
    };
    let line = "  File \"main.py\", line 2, in f\n";
    let header = "Traceback (most recent call last):\n";
    assert_eq!(
        raised(vec![repeated(3)]),
        format!("{header}{line}{line}{line}ValueError: x")
    );
    let ten =
        format!("{header}{line}{line}{line}  [Previous line repeated 7 more times]\nValueError: x");
    assert_eq!(raised(vec![repeated(10)]), ten);
    // However the frames are put together.
    assert_eq!(raised(vec![repeated(2), repeated(0), repeated(7)]), ten);
    assert_eq!(raised(vec![repeated(1); 10]), ten);
    let other = frame(3, (1, 4), Some("f"), None);
    assert_eq!(
        raised(vec![repeated(2), other, repeated(2)]),
        format!("{header}{line}{line}  File \"main.py\", line 3, in f\n{line}{line}ValueError: x")
    );
}

#[test]
fn columns_beyond_the_line_make_no_long_text() {
    let text = raised(vec![frame(1, (u32::MAX - 1, u32::MAX), None, Some("x"))]);
    assert!(text.len() < 200);
    let text = raised(vec![frame(1, (1, u32::MAX), None, Some("x"))]);
    assert!(text.len() < 200);
    let text = raised(vec![frame(1, (9, 3), None, Some("x"))]);
    assert!(text.len() < 200);
}

/// The formatter's own padding ends at 65,535 columns, with a panic.
#[test]
fn a_line_wider_than_the_formatter_pads() {
    let source = format!("x = 1{}; 1/0", " ".repeat(70_000));
    let text = raised(vec![frame(1, (70_008, 70_011), None, Some(&source))]);
    let carets = text.lines().nth(3).unwrap();
    assert_eq!(carets.trim_start(), "~~~");
    assert_eq!(carets.len(), 4 + 70_007 + 3);
    let wide = format!("{} + x", "y".repeat(70_000));
    let text = raised(vec![frame(1, (1, 70_005), None, Some(&wide))]);
    assert_eq!(text.lines().nth(3).unwrap().trim_start().len(), 70_004);
}
