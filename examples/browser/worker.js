// The worker: one interpreter, and the tools that its scripts can call.

import { MontyError, PythonError, asyncTool, createMonty } from "../../js/src/index.js";

const post = (kind, text) => self.postMessage({ kind, text });

async function getWeather(city, unit) {
  post("call", `get_weather(${city}, ${unit})`);
  const celsius = { London: 14.5, Tokyo: 22.0, Oslo: 7.0 }[city];
  if (celsius === undefined) throw new PythonError("KeyError", `no weather for ${city}`);
  // A real tool would ask a server here.
  await new Promise((resolve) => setTimeout(resolve, 300));
  return { city, temperature: unit === "C" ? celsius : celsius * 1.8 + 32 };
}

const monty = await createMonty();
await monty.prepare();

self.addEventListener("message", async ({ data: source }) => {
  try {
    const { value } = await monty.run(source, {
      tools: { get_weather: asyncTool(getWeather, ["city", ["unit", "C"]]) },
      print: (text) => post("print", text),
      // Stop ends the worker: the page needs no limit.
      limits: { durationMs: Number.POSITIVE_INFINITY },
    });
    post("done", value === null ? "" : `${JSON.stringify(value, (_, part) => (typeof part === "bigint" ? String(part) : part))}\n`);
  } catch (error) {
    post("error", `${error instanceof MontyError ? error.traceback : error}\n`);
  }
});

post("ready");
