//! The book's pages: their Rust blocks are doc tests.

macro_rules! pages {
    ($($name:ident: $text:expr,)*) => {
        $(
            #[cfg(doctest)]
            #[doc = $text]
            mod $name {}
        )*
    };
}

pages! {
    code_mode: include_str!("code-mode.md"),
    deployment: include_str!("deployment.md"),
    files: include_str!("files.md"),
    limits: include_str!("limits.md"),
    quick_start: include_str!("quick-start.md"),
    recipes: include_str!("recipes.md"),
    sessions: include_str!("sessions.md"),
    tools: include_str!("tools.md"),
    type_check: include_str!("type-check.md"),
    values: include_str!("values.md"),
}
