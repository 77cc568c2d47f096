// Chromium, for the tests that need a browser.

import { existsSync } from "node:fs";

import { chromium } from "playwright-core";

const path = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
  (candidate) => candidate !== undefined && existsSync(candidate),
);

/** Why tests are left out: a reason, or `false`. CI leaves none out. */
export const skipsBrowser = path === undefined && process.env.CI === undefined && "there is no Chromium here";

/** A new Chromium. */
export async function launch() {
  if (path === undefined) throw new Error("there is no Chromium: install it, or set CHROMIUM to the path of one");
  const args = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ];
  return chromium.launch({ executablePath: path, args });
}
