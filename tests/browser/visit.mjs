// Visits pages in Chromium as readers do. Reads a list of visits as JSON, writes what was wrong with each as JSON.
//
// A visit: { url, scheme, width, height, leads, awaits, judged, picture, tall }
//   leads: whether the page is there to lead elsewhere      awaits: what must appear first, as a selector
//   judged: whether axe looks at it                         picture: the file for a screenshot, `tall` pixels at most
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { text } from "node:stream/consumers";
import puppeteer from "puppeteer-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const PAGES_AT_ONCE = 2;
// Its own request for stylesheets would break the policy of our pages.
const AXE_OPTIONS = {
  preload: false,
  resultTypes: ["violations", "incomplete"],
  rules: { "target-size": { enabled: true } },
};
// Nothing of ours is drawn by a pseudo-element behind text.
const OVERLOOKED = { ignorePseudo: true };
// A hint about a choice, not a fault.
const NO_FAULT = "LazyLoadImageIssue";

function listen(page, visit, problems) {
  const { origin } = new URL(visit.url);
  let arrived = false;
  page.on("request", (request) => {
    const url = new URL(request.url());
    const navigates = request.isNavigationRequest();
    if (navigates && arrived) {
      if (!visit.leads) problems.push(`leads to ${url}`);
      return request.respond({ status: 204 });
    }
    arrived ||= navigates;
    if (url.origin === origin || url.protocol === "data:") return request.continue();
    problems.push(`asks another host: ${url}`);
    return request.abort();
  });
  page.on("response", (response) => {
    if (response.status() >= 400 && !response.request().isNavigationRequest()) {
      problems.push(`status ${response.status()} for ${response.url()}`);
    }
  });
  page.on("console", (message) => {
    const isAnswer = message.location().url === visit.url && message.text().startsWith("Failed to load resource");
    if (["error", "warn"].includes(message.type()) && !isAnswer) problems.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => problems.push(`script: ${error}`));
  page.on("popup", () => problems.push("opens a window"));
  page.on("dialog", (dialog) => {
    problems.push(`dialog: ${dialog.message()}`);
    return dialog.dismiss();
  });
}

async function listenToBrowser(page, problems) {
  const client = await page.createCDPSession();
  client.on("Audits.issueAdded", ({ issue }) => {
    if (issue.code !== NO_FAULT) problems.push(`issue: ${JSON.stringify(issue)}`);
  });
  await client.send("Audits.enable");
}

async function judge(page) {
  await page.evaluate(AXE);
  const look = (options, overlooked) => {
    Object.assign(axe._audit.checks["color-contrast"].options, overlooked);
    return axe.run(document, options);
  };
  const found = await page.evaluate(look, AXE_OPTIONS, OVERLOOKED);
  const lines = (results) =>
    results.flatMap(({ id, nodes }) => nodes.map((node) => `${id} at ${node.target.join(" ")}: ${reason(node)}`));
  return { violations: lines(found.violations), unsure: lines(found.incomplete) };
}

function reason(node) {
  return [...node.any, ...node.all, ...node.none].map((check) => check.message).join("; ");
}

async function overflow(page) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  return wide > 0 ? [`is ${wide} pixels too wide`] : [];
}

async function photograph(page, visit) {
  // Pictures load when they come into sight.
  await page.evaluate(async () => {
    for (const image of document.images) image.loading = "eager";
    await Promise.all([...document.images].map((image) => image.decode().catch(() => undefined)));
  });
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.screenshot({
    path: visit.picture,
    clip: { x: 0, y: 0, width: visit.width, height: Math.min(height, visit.tall) },
    captureBeyondViewport: true,
  });
}

async function make(visit, browser) {
  const page = await browser.newPage();
  const problems = [];
  try {
    await page.setViewport({ width: visit.width, height: visit.height });
    await page.emulateMediaFeatures([
      { name: "prefers-color-scheme", value: visit.scheme },
      { name: "prefers-reduced-motion", value: "reduce" },
    ]);
    await page.setRequestInterception(true);
    listen(page, visit, problems);
    await listenToBrowser(page, problems);
    await page.goto(visit.url, { waitUntil: "load" });
    if (visit.awaits) await page.waitForSelector(visit.awaits, { timeout: 5000 });
    if (!visit.leads) problems.push(...(await overflow(page)));
    const judgement = visit.judged ? await judge(page) : { violations: [], unsure: [] };
    if (visit.picture) await photograph(page, visit);
    return { ...visit, problems, ...judgement };
  } catch (error) {
    return { ...visit, problems: [...problems, `failed: ${error}`], violations: [], unsure: [] };
  } finally {
    await page.close();
  }
}

async function main() {
  const visits = JSON.parse(await text(process.stdin));
  const browser = await puppeteer.launch({
    executablePath: process.env.CHROME_PATH,
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--hide-scrollbars", "--force-color-profile=srgb"],
  });
  const results = new Array(visits.length);
  let next = 0;
  async function worker() {
    while (next < visits.length) {
      const place = next++;
      results[place] = await make(visits[place], browser);
    }
  }
  try {
    await Promise.all(Array.from({ length: PAGES_AT_ONCE }, worker));
  } finally {
    await browser.close();
  }
  process.stdout.write(JSON.stringify(results));
}

await main();
