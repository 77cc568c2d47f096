//! Fenced blocks of code in a page.

/// A block.
#[derive(Clone, Debug)]
pub struct Block {
    /// `rust` for ```` ```rust,ignore ````. [`STEP`] for a file of a page that
    /// `docs/follow` runs, which has `title="FILE"`.
    pub language: String,
    /// The line of the opening fence, from 1: also the index of the first line inside.
    pub line: usize,
    pub lines: Vec<String>,
    /// The text of the HTML comment on the line before the block.
    pub comment: Option<String>,
}

/// The language of a block that is a file of a page whose steps CI follows.
pub const STEP: &str = "step";

impl Block {
    pub fn text(&self) -> String {
        self.lines.iter().map(|line| format!("{line}\n")).collect()
    }
}

/// The blocks of a page.
pub fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    let mut before = "";
    for (index, line) in page.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => {
                let language = match info.contains(" title=") {
                    true => STEP,
                    false => info.split(',').next().unwrap_or_default().trim(),
                };
                open = Some(Block {
                    language: language.to_owned(),
                    line: index + 1,
                    lines: Vec::new(),
                    comment: comment(before).map(str::to_owned),
                });
            }
            (Some(_), Some("")) => blocks.extend(open.take()),
            (Some(block), _) => block.lines.push(line.to_owned()),
            (None, None) => {}
        }
        if !line.trim().is_empty() {
            before = line;
        }
    }
    assert!(open.is_none(), "a block has no end: {open:?}");
    blocks
}

fn comment(line: &str) -> Option<&str> {
    let text = line.strip_prefix("<!--")?.strip_suffix("-->")?;
    Some(text.trim())
}

/// The lines of a page with those in blocks made empty.
pub fn prose(page: &str) -> Vec<String> {
    let mut lines: Vec<String> = page.lines().map(str::to_owned).collect();
    for block in blocks(page) {
        for line in &mut lines[block.line..block.line + block.lines.len()] {
            line.clear();
        }
    }
    lines
}
