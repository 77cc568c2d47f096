// Tracebacks as CPython prints them.

const REPETITIONS_SHOWN = 3;

/** Formats frames, outermost first, and the last line. */
export function formatTraceback(frames, lastLine) {
  let text = frames.length > 0 ? "Traceback (most recent call last):\n" : "";
  let start = 0;
  while (start < frames.length) {
    let end = start + 1;
    while (end < frames.length && isRepetition(frames[start], frames[end])) end += 1;
    text += formatRepetitions(frames.slice(start, end));
    start = end;
  }
  return text + lastLine;
}

function isRepetition(first, second) {
  return (
    first.filename === second.filename &&
    first.start.line === second.start.line &&
    first.function === second.function
  );
}

function formatRepetitions(frames) {
  let text = "";
  let left = REPETITIONS_SHOWN;
  let total = 0;
  for (const frame of frames) {
    const times = Math.max(frame.repeated, 1);
    const shown = Math.min(times, left);
    text += formatFrame(frame).repeat(shown);
    left -= shown;
    total += times;
  }
  const more = total - REPETITIONS_SHOWN;
  return more > 0 ? `${text}  [Previous line repeated ${more} more times]\n` : text;
}

function formatFrame(frame) {
  const { start, end, sourceLine } = frame;
  let text = `  File "${frame.filename}", line ${start.line}`;
  if (!frame.hideFunction) text += `, in ${frame.function ?? "<module>"}`;
  text += "\n";
  if (sourceLine === undefined) return text;
  if (end.line !== start.line) {
    return text + sourceLine.split("\n").map((line) => `    ${line}\n`).join("");
  }
  const trimmed = sourceLine.trimStart();
  text += `    ${trimmed}\n`;
  if (frame.hideCaret) return text;
  // Columns come from the guest: they must not produce more text than the line they
  // point into.
  const width = [...trimmed].length;
  const blanks = sourceLine.length - trimmed.length;
  const indent = Math.min(Math.max(start.column - 1 - blanks, 0), width);
  const carets = Math.max(Math.min(end.column - start.column, width - indent), 1);
  return `${text}    ${" ".repeat(indent)}${"~".repeat(carets)}\n`;
}
