// The page: it starts the worker, and stops it by ending it.

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

let worker;
start();

function start() {
  worker?.terminate();
  show("loading the interpreter", { canRun: false, canStop: false });
  worker = new Worker("worker.js", { type: "module" });
  worker.addEventListener("message", ({ data }) => receive(data));
  worker.addEventListener("error", (event) => show(event.message || "the worker failed", { canRun: false, canStop: false }));
}

function receive({ kind, text }) {
  switch (kind) {
    case "ready":
      return show("ready", { canRun: true, canStop: false });
    case "print":
      return write(text);
    case "call":
      return calls.append(Object.assign(document.createElement("li"), { textContent: text }));
    case "error":
      write(text, "error");
      return show("failed", { canRun: true, canStop: false });
    case "done":
      write(text);
      return show("done", { canRun: true, canStop: false });
  }
}

function write(text, className = "") {
  output.append(Object.assign(document.createElement("span"), { textContent: text, className }));
}

function show(text, { canRun, canStop }) {
  status.textContent = text;
  run.disabled = !canRun;
  stop.disabled = !canStop;
}

run.addEventListener("click", () => {
  output.replaceChildren();
  calls.replaceChildren();
  show("running", { canRun: false, canStop: true });
  worker.postMessage(source.value);
});

stop.addEventListener("click", () => {
  write("stopped\n", "error");
  start();
});
