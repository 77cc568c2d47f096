//! Scripts that are checked before they run.

use monty_host::check::Level;

use crate::support::{Effects, builder, code, shown, snapshot};

/// Mistakes that models make, each after a call that would have had an effect.
const MISTAKES: [&str; 7] = [
    "send_mail('ann', 'hello')\nsend_mail(recipient='bob', text='hello')",
    "send_mail('ann', 'hello')\nfor issue in tracker.search_issues('a', limit=2):\n    print(issue['name'])",
    "send_mail('ann', 'hello')\ntracker.close_issue('7')",
    "send_mail('ann', 'hello')\nship(5).upper()",
    "send_mail('ann', 'hello')\ntracker.find_issues('a')",
    "send_mail('ann', 'hello')\nimport pandas",
    "send_mail('ann', 'hello')\nclass Issue(dict): pass",
];

#[tokio::test]
async fn a_mistake_is_mended_without_a_call() {
    let effects = Effects::default();
    let code_mode = builder(&effects).checked().build().await.unwrap();
    let mut text = String::new();
    for script in MISTAKES {
        let outcome = code_mode.call(code(script)).await;
        text += &format!(
            ">>> {}\n{}\n\n",
            script.replace('\n', "\n... "),
            shown(&outcome)
        );
        assert!(outcome.is_error(), "{script}");
    }
    assert_eq!(effects.take(), [""; 0], "nothing ran");
    snapshot!("checked", text);
}

#[tokio::test]
async fn correct_scripts_run() {
    let effects = Effects::default();
    let code_mode = builder(&effects).checked().build().await.unwrap();
    let script = "\
import asyncio
issues = tracker.search_issues('a', limit=2)
titles = [issue['title'].upper() for issue in issues if issue['id'] > 1]
send_mail(to='ann', text=', '.join(titles))
print(search_tools('mail'), describe_tool('ship'))
show(tracker.chart())
await asyncio.gather(ship(1), ship(order=2))";
    let outcome = code_mode.call(code(script)).await;
    assert!(!outcome.is_error(), "{}", outcome.text());
    let mut effects = effects.take();
    effects.sort();
    assert_eq!(effects, ["mailed ann: A 2", "shipped 1", "shipped 2"]);
}

#[tokio::test]
async fn a_conversation_knows_its_names_and_what_was_cut() {
    let code_mode = builder(&Effects::default()).checked().result_tokens(20);
    let code_mode = code_mode.build().await.unwrap();
    let mut conversation = code_mode.conversation().session();
    let mut run = async |source: &str| {
        let outcome = conversation.call(code(source)).await;
        outcome.error().map_or("ran".to_owned(), |error| {
            let found = error.diagnostics().expect("a check").iter();
            let found = found.filter(|one| one.level == Level::Error);
            found.map(|one| one.message.clone()).collect()
        })
    };
    assert_eq!(
        run("issues = tracker.search_issues('a')\nissues").await,
        "ran"
    );
    assert_eq!(run("len(result_1) + issues[0]['id']").await, "ran");
    assert_eq!(
        run("issues[0]['name']").await,
        "Unknown key \"name\" for TypedDict `SearchIssuesResultItem`"
    );
    assert_eq!(
        run("result_7").await,
        "NameError: name 'result_7' is not defined"
    );
}
