//! The signatures that the description of a tool lists.

use monty_code_mode::{Catalogue, EstimatedTokens, Namespace, TokenCounter, Toolbox};
use serde_json::json;

use crate::support::{assert_python, filesystem, git, github, takes, tool, toolbox};

/// Servers of different sizes.
fn sized(sizes: &[(&str, usize)]) -> Toolbox {
    let namespaces = sizes.iter().map(|(name, size)| {
        let tools = (0..*size).map(|index| {
            takes(
                &format!("{name}_{index:03}"),
                json!({ "path": { "type": "string" } }),
            )
        });
        Namespace::new(*name).tools(tools)
    });
    let builder = namespaces.fold(Toolbox::builder(), |builder, namespace| {
        builder.namespace(namespace)
    });
    builder.build().unwrap()
}

#[test]
fn all_that_fits() {
    let catalogue = Catalogue::new(&toolbox());
    assert!(catalogue.is_complete());
    assert_python(&[catalogue.to_string()]);
    insta::assert_snapshot!("complete", catalogue);
}

#[test]
fn part_of_it() {
    let catalogue = Catalogue::within(&toolbox(), 260, &EstimatedTokens);
    assert!(!catalogue.is_complete());
    assert_python(&[catalogue.to_string()]);
    insta::assert_snapshot!("partial", catalogue);
}

#[test]
fn namespaces_take_turns() {
    let toolbox = sized(&[("large", 300), ("small", 3), ("tiny", 1), ("medium", 40)]);
    let catalogue = Catalogue::within(&toolbox, 1_000, &EstimatedTokens);
    let counts = catalogue.namespaces().iter().map(|count| {
        format!(
            "{} {} of {}",
            count.name.as_deref().unwrap_or("-"),
            count.listed,
            count.total
        )
    });
    insta::assert_snapshot!(counts.collect::<Vec<_>>().join(", "));
    assert_eq!(
        catalogue.listed(),
        catalogue.to_string().matches("    def ").count()
    );
    assert_eq!(catalogue.total(), 344);
}

#[test]
fn more_tokens_list_more_and_never_too_many() {
    let toolbox = toolbox();
    let mut before = 0;
    for tokens in (150..1_500).step_by(50) {
        let catalogue = Catalogue::within(&toolbox, tokens, &EstimatedTokens);
        assert!(EstimatedTokens.count(catalogue.as_str()) <= tokens);
        assert!(catalogue.listed() >= before, "{tokens}");
        before = catalogue.listed();
    }
    assert_eq!(before, toolbox.len());
    // Even if a whole has more tokens than its parts.
    let counter = |text: &str| text.len() + text.lines().count().pow(2);
    let catalogue = Catalogue::within(&toolbox, 1_500, &counter);
    assert!(counter(catalogue.as_str()) <= 1_500 && catalogue.listed() > 0);
}

/// The numbers are those of tiktoken's `o200k_base` for the snapshots.
#[test]
fn the_estimate_is_near_what_a_tokenizer_counts() {
    let toolbox = toolbox();
    let partial = Catalogue::within(&toolbox, 260, &EstimatedTokens);
    for (catalogue, tokens) in [(Catalogue::new(&toolbox), 603), (partial, 230)] {
        let estimate = EstimatedTokens.count(catalogue.as_str());
        assert!(
            (tokens..=tokens * 7 / 6).contains(&estimate),
            "{estimate} for {tokens}"
        );
    }
    assert_eq!(EstimatedTokens.count("读取文件"), 4);
    assert_eq!(EstimatedTokens.count(""), 0);
}

#[test]
fn the_heading_is_there_without_room() {
    let catalogue = Catalogue::within(&toolbox(), 0, &EstimatedTokens);
    insta::assert_snapshot!(catalogue);
    let empty = Toolbox::builder().build().unwrap();
    insta::assert_snapshot!(Catalogue::new(&empty));
}

#[test]
fn the_same_tools_are_the_same_text() {
    let toolbox = |reversed: bool| {
        let mut namespaces = vec![
            ("github", github()),
            ("git", git()),
            ("files", filesystem()),
        ];
        if reversed {
            namespaces.reverse();
            namespaces.iter_mut().for_each(|(_, tools)| tools.reverse());
        }
        let namespaces = namespaces
            .into_iter()
            .map(|(name, tools)| Namespace::new(name).tools(tools));
        let builder = namespaces.fold(Toolbox::builder(), |builder, one| builder.namespace(one));
        builder
            .tool(tool("ask", json!({ "type": "object" })))
            .build()
            .unwrap()
    };
    for tokens in [200, 400, 4_000] {
        let catalogue = |reversed| Catalogue::within(&toolbox(reversed), tokens, &EstimatedTokens);
        assert_eq!(catalogue(false), catalogue(true));
    }
}

#[test]
fn a_namespace_without_tools_says_so() {
    let down = Namespace::new("wiki").description("Not available:\n\u{202e}the wiki is down");
    let builder = Toolbox::builder().namespace(Namespace::new("empty"));
    let toolbox = builder
        .namespace(down)
        .namespace(Namespace::new("git").tools(git()));
    let catalogue = Catalogue::new(&toolbox.build().unwrap());
    assert_python(&[catalogue.to_string()]);
    let heading: Vec<_> = catalogue
        .as_str()
        .lines()
        .take_while(|line| line.starts_with('#'))
        .collect();
    insta::assert_snapshot!("without_tools", heading.join("\n"));
}
