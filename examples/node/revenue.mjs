// Three calls, and a dict that comes back as an object. The calculator is a
// script in a sandbox of its own.

import { readFile } from "node:fs/promises";

import { PythonError, createMonty, tool } from "../../js/src/index.js";

const monty = await createMonty();

function search(query) {
  const found = {
    "Q3 revenue": { period: "Q3", revenue: 1_200_000 },
    "Q4 revenue": { period: "Q4", revenue: 1_500_000 },
  }[query];
  if (found === undefined) throw new PythonError("ValueError", `nothing found for ${query}`);
  return found;
}

async function calculate(expression) {
  try {
    const { value } = await monty.run(expression, { scriptName: "calculation" });
    return value;
  } catch (error) {
    throw new PythonError("ValueError", error.message);
  }
}

const source = await readFile(new URL("../revenue/script.py", import.meta.url), "utf8");
const { value } = await monty.run(source, {
  tools: { search: tool(search, ["query"]), calculate: tool(calculate, ["expression"]) },
});
for (const { period, revenue } of [value.q3, value.q4]) console.log(`${period}: ${revenue}`);
console.log(`growth: ${value.growth_rate}%`);
