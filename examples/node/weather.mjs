// A tool with named parameters, one of them with a default. The script calls it
// as a plain function and waits, although the answer is a promise.

import { readFile } from "node:fs/promises";

import { PythonError, createMonty, tool } from "../../js/src/index.js";

async function getWeather(city, unit) {
  // A real tool would ask a server here.
  const celsius = { London: 14.5, Tokyo: 22.0 }[city];
  if (celsius === undefined) throw new PythonError("KeyError", `no weather for ${city}`);
  if (unit !== "C" && unit !== "F") throw new PythonError("ValueError", `no such unit: ${unit}`);
  return { city, temperature: unit === "C" ? celsius : celsius * 1.8 + 32 };
}

const monty = await createMonty();
const source = await readFile(new URL("../weather/script.py", import.meta.url), "utf8");
const { value, printed } = await monty.run(source, {
  tools: { get_weather: tool(getWeather, ["city", ["unit", "C"]]) },
});
console.log(printed + value);
