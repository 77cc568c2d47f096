// What a program does with the package: a script with a tool that answers later,
// and files.

export async function run({ MemoryFiles, tool }, monty) {
  const os = new MemoryFiles({ "/data/cities.txt": "Oslo\nParis\n" });
  const source = `
from pathlib import Path
cities = Path('/data/cities.txt').read_text().split()
Path('/data/report.txt').write_text('\\n'.join(f'{city}: {forecast(city)}' for city in cities))
len(cities)`;
  const tools = { forecast: tool(async (city, days) => city.length * 2 + days, ["city", ["days", 1]]) };
  const { value } = await monty.run(source, { os, tools });
  return [value, new TextDecoder().decode(os.get("/data/report.txt"))];
}
