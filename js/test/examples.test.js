import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";

import { serve } from "../../examples/browser/serve.mjs";
import { launch, skipsBrowser } from "./chromium.js";

const examples = new URL("../../examples/", import.meta.url);

describe("examples for Node", () => {
  const outputs = {
    "node/weather.mjs": "asked for London and Tokyo\nLondon: 14.5°C, Tokyo: 71.6°F\n",
    "node/approval.mjs": [
      "class Invoice(TypedDict): id: int; total: float; paid: bool",
      "class billing:",
      "    def list_invoices(customer: str) -> list[Invoice]: ...",
      "    def send_reminder(id: int, *, tone: Literal['friendly', 'firm'] = 'friendly') -> str: ...",
      "",
      'approve billing.send_reminder with {"id":8,"tone":"firm"}? yes',
      "reminder for 8 sent\n",
    ].join("\n"),
    "node/revenue.mjs": "Q3: 1200000\nQ4: 1500000\ngrowth: 25%\n",
  };
  for (const [file, expected] of Object.entries(outputs)) {
    test(file, async () => {
      const { stdout } = await promisify(execFile)(process.execPath, [new URL(file, examples).pathname]);
      assert.equal(stdout, expected);
    });
  }
});

describe("the example for browsers", { skip: skipsBrowser }, () => {
  let browser;
  let server;
  let url;
  before(async () => {
    browser = await launch();
    ({ server, url } = await serve());
  });
  after(async () => {
    await browser?.close();
    server?.close();
  });

  // The same page in an engine that can suspend the stack, and as if it could not.
  for (const jspi of [true, false]) {
    test(`runs, fails, stops and runs again, ${jspi ? "with" : "without"} JSPI`, async () => {
      const page = await browser.newPage();
      const problems = [];
      page.on("pageerror", (error) => problems.push(error.message));
      if (!jspi) {
        await page.route("**/page.js", async (route) => {
          const response = await route.fetch();
          await route.fulfill({ response, body: (await response.text()).replace("createMonty()", "createMonty({ jspi: false })") });
        });
      }
      await page.goto(url);
      const status = (text) => page.locator("#status").filter({ hasText: text }).waitFor();
      const run = async (source) => {
        if (source !== undefined) await page.fill("#source", source);
        await page.click("#run");
      };
      await status("ready");
      await run();
      await status("done");
      assert.equal(
        await page.textContent("#output"),
        'London    14.5°C\nTokyo     22.0°C\nOslo       7.0°C\n{"city":"Tokyo","temperature":22}\n',
      );
      assert.deepEqual(await page.locator("#calls li").allTextContents(), [
        "get_weather(London, C)",
        "get_weather(Tokyo, C)",
        "get_weather(Oslo, C)",
      ]);
      if (jspi && process.env.SCREENSHOT) await page.screenshot({ path: process.env.SCREENSHOT });
      await run("print('before')\nawait get_weather('Paris')");
      await status("failed");
      assert.match(await page.textContent("#output"), /^before\nTraceback[^]*KeyError: no weather for Paris\n$/);
      await run("print('on', end='')\nwhile True: pass");
      await page.locator("#stop:enabled").click();
      await status("stopped");
      assert.match(await page.textContent("#output"), /^onthe run was interrupted\n$/);
      await run("1 + 1");
      await status("done");
      assert.equal(await page.textContent("#output"), "2\n");
      assert.deepEqual(problems, []);
      await page.close();
    });
  }
});
