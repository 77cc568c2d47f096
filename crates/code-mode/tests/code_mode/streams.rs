//! Scripts that run while they are written.

use monty_code_mode::approvals::{Approvals, Decisions, Key, Principal};
use monty_code_mode::{Conversation, Outcome};

use crate::support::{Effects, builder, code, code_mode, shown, snapshot};

/// As a model streams it: some characters at a time.
async fn streamed(conversation: &mut Conversation, source: &str, size: usize) -> Outcome {
    let mut stream = conversation.stream();
    let characters: Vec<char> = source.chars().collect();
    for piece in characters.chunks(size) {
        stream.push(&piece.iter().collect::<String>()).await;
    }
    stream.finish().await
}

const SCRIPT: &str = "\
import asyncio
print('beginning')
def label(issue):
    if issue['id'] == 1:
        return 'first'
    else:
        return f\"{issue['title']}\"

issues = tracker.search_issues(
    'login',
    limit=2,
)
labels = []
for issue in issues:
    labels.append(label(issue))
else:
    print('all')
sent = send_mail('ada', '''
at the margin
''')
done = await asyncio.gather(ship(1), ship(2))
result = [labels, sent, done]
";

#[tokio::test]
async fn the_outcome_is_that_of_the_whole_script() {
    let effects = Effects::default();
    let code_mode = builder(&effects).build().await.unwrap();
    let whole = code_mode.call(code(SCRIPT)).await;
    // What is awaited at the same time is done in any order.
    let taken = || {
        let mut done = effects.take();
        done.sort();
        done
    };
    let done = taken();
    for size in [1, 7, 1000] {
        for is_session in [false, true] {
            let mut conversation = code_mode.conversation();
            if is_session {
                conversation = conversation.session();
            }
            let outcome = streamed(&mut conversation, SCRIPT, size).await;
            assert_eq!(shown(&outcome), shown(&whole), "{size}");
            assert_eq!(outcome.printed, whole.printed);
            assert_eq!(taken(), done);
            let later = conversation.call(code("labels")).await;
            assert_eq!(later.is_error(), !is_session);
        }
    }
}

#[tokio::test]
async fn statements_run_once_the_next_one_begins() {
    let effects = Effects::default();
    let code_mode = builder(&effects).build().await.unwrap();
    let mut conversation = code_mode.conversation();
    let mut stream = conversation.stream();
    stream.push("send_mail('a', 'b')\n").await;
    assert_eq!(effects.take(), [""; 0]);
    stream.push("x = 1").await;
    assert_eq!(effects.take(), [""; 0]);
    stream.push("\n").await;
    assert_eq!(effects.take(), ["mailed a: b"]);
    assert_eq!(stream.finish().await.text(), "1");
    assert_eq!(effects.take(), [""; 0]);
    let nothing = conversation.stream().finish().await;
    assert_eq!(nothing.text(), "None");
}

#[tokio::test]
async fn what_follows_a_failure_does_not_run() {
    let effects = Effects::default();
    let code_mode = builder(&effects).build().await.unwrap();
    let source = "send_mail('a', 'b')\n\n1 / 0\nsend_mail('c', 'd')\nsend_mail('e', 'f')\n";
    let outcome = streamed(&mut code_mode.conversation(), source, 5).await;
    snapshot!("stream_failed", shown(&outcome));
    assert_eq!(effects.take(), ["mailed a: b"]);
}

#[tokio::test]
async fn what_follows_a_call_that_waits_runs_after_it() {
    let effects = Effects::default();
    let ada = Principal::new(["ada"]).unwrap();
    let code_mode = builder(&effects)
        .approvals(Approvals::new(Key::from_bytes([5; 32])), ada)
        .build()
        .await
        .unwrap();
    let source = "print(1)\nclosed = tracker.close_issue(7)\nprint(2)\nsent = send_mail('a', 'b')\n\nclosed, sent\n";
    let outcome = streamed(&mut code_mode.conversation(), source, 3).await;
    let waiting = outcome
        .waiting()
        .unwrap_or_else(|| panic!("{}", outcome.text()));
    assert_eq!(effects.take(), [""; 0]);
    let decisions = Decisions::new().approve(&waiting.calls[0]);
    let outcome = code_mode
        .resume(waiting.token.as_str(), &decisions)
        .await
        .unwrap();
    snapshot!("stream_waited", shown(&outcome));
    assert_eq!(effects.take(), ["closed 7", "mailed a: b"]);
}

#[tokio::test]
async fn a_stream_that_is_dropped_leaves_a_new_session() {
    let code_mode = code_mode().await;
    let mut conversation = code_mode.conversation().session();
    let mut stream = conversation.stream();
    stream.push("a = 1\nb = 2\n").await;
    drop(stream);
    assert_eq!(conversation.call(code("3")).await.text(), "3");
}
