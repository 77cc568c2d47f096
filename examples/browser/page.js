// The page. Scripts run in a worker; the tools are functions of this page.

import { MontyError, PythonError, asyncTool, createMonty } from "../../js/src/worker.js";

const [source, run, stop, status, output, calls] = ["source", "run", "stop", "status", "output", "calls"].map((id) =>
  document.getElementById(id),
);

source.value = `import asyncio

cities = ['London', 'Tokyo', 'Oslo']
weather = await asyncio.gather(*[get_weather(city) for city in cities])

for city, now in zip(cities, weather):
    print(f"{city:8} {now['temperature']:5.1f}°C")

max(weather, key=lambda now: now['temperature'])
`;

async function getWeather(city, unit) {
  calls.append(Object.assign(document.createElement("li"), { textContent: `get_weather(${city}, ${unit})` }));
  const celsius = { London: 14.5, Tokyo: 22.0, Oslo: 7.0 }[city];
  if (celsius === undefined) throw new PythonError("KeyError", `no weather for ${city}`);
  // A real tool would ask a server here.
  await new Promise((resolve) => setTimeout(resolve, 300));
  return { city, temperature: unit === "C" ? celsius : celsius * 1.8 + 32 };
}

const monty = await createMonty();
await monty.prepare();
show("ready", { canRun: true, canStop: false });

run.addEventListener("click", async () => {
  output.replaceChildren();
  calls.replaceChildren();
  show("running", { canRun: false, canStop: true });
  const controller = new AbortController();
  stop.onclick = () => controller.abort();
  try {
    const { value } = await monty.run(source.value, {
      tools: { get_weather: asyncTool(getWeather, ["city", ["unit", "C"]]) },
      print: (text) => write(text),
      // Stop interrupts the run: the page needs no limit.
      limits: { durationMs: Number.POSITIVE_INFINITY },
      signal: controller.signal,
    });
    if (value !== null) write(`${JSON.stringify(value, (_, part) => (typeof part === "bigint" ? String(part) : part))}\n`);
    show("done", { canRun: true, canStop: false });
  } catch (error) {
    write(`${error instanceof MontyError ? error.traceback : error}\n`, "error");
    show(error.kind === "interrupted" ? "stopped" : "failed", { canRun: true, canStop: false });
  }
});

function write(text, className = "") {
  output.append(Object.assign(document.createElement("span"), { textContent: text, className }));
}

function show(text, { canRun, canStop }) {
  status.textContent = text;
  run.disabled = !canRun;
  stop.disabled = !canStop;
}
