// Foreign text in Python source: nothing a server writes ends a literal, a docstring
// or a comment, reorders what is shown, or is invisible.

/** Controls, line separators, marks that reorder text, and characters without a shape, in which instructions can hide. */
const HIDDEN =
  /[\0-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\u{e0000}-\u{e0fff}]/u;

/** What Unicode calls white space. JavaScript's `\s` has U+FEFF and lacks U+0085. */
const SPACE = "\\t-\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const IS_SPACE = new RegExp(`[${SPACE}]`);
const SPACE_AT_START = new RegExp(`^[${SPACE}]+`);

const ESCAPES = new Map([
  ["\\", "\\\\"],
  ["\n", "\\n"],
  ["\t", "\\t"],
  ["\r", "\\r"],
]);

/** A character, or Python's escape for it. */
function escape(character) {
  if (character !== "\\" && !HIDDEN.test(character)) return character;
  const short = ESCAPES.get(character);
  if (short !== undefined) return short;
  const code = character.codePointAt(0).toString(16);
  if (code.length <= 2) return `\\x${code.padStart(2, "0")}`;
  return code.length <= 4 ? `\\u${code.padStart(4, "0")}` : `\\U${code.padStart(8, "0")}`;
}

/** Truncates a text: the characters that stay, and how many are left out. */
function truncate(text, most) {
  const characters = [...text];
  return { characters: characters.slice(0, most), more: Math.max(characters.length - most, 0) };
}

export function trim(text) {
  return trimEnd(text.replace(SPACE_AT_START, ""));
}

function trimEnd(text) {
  // The expression alone would try each of many blanks in the middle.
  let end = text.length;
  while (end > 0 && IS_SPACE.test(text[end - 1])) end -= 1;
  return text.slice(0, end);
}

/** Whether there is nothing to read in a text. */
export function isBlank(text) {
  return trim(text) === "";
}

/** A text as a Python literal. */
export function literal(text) {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  let content = "";
  for (const character of text) content += (character === quote ? "\\" : "") + escape(character);
  return quote + content + quote;
}

/** A text in one line, for a comment or a message, of at most `most` characters. */
export function line(text, most) {
  const { characters, more } = truncate(trim(text), most);
  let content = "";
  let space = false;
  for (const character of characters) {
    if (IS_SPACE.test(character)) {
      space = true;
      continue;
    }
    if (space) content += " ";
    space = false;
    content += character === "\\" ? character : escape(character);
  }
  return content + leftOut(more);
}

/** The lines of a docstring, without quotes around them and not indented. */
export function docstring(text, most) {
  const { characters, more } = truncate(trim(text), most);
  const sources = characters.join("").replace(/\r\n?/g, "\n").split("\n");
  const lines = sources.map((source) => {
    const kept = [...trimEnd(source)];
    return kept.reduce((content, character, index) => {
      if (character === "\t") return `${content}    `;
      // Beside the quotes of the docstring it would be one more, and three end it.
      const isEscaped = index === 0 || index === kept.length - 1 || content.endsWith('"');
      return content + (character === '"' && isEscaped ? '\\"' : escape(character));
    }, "");
  });
  lines[lines.length - 1] += leftOut(more);
  return lines;
}

function leftOut(more) {
  return more > 0 ? `… (${more} more characters)` : "";
}
