// Runs Lighthouse on one page, as a phone on slow 4G (simulated), and prints its
// report. What to look at comes as JSON by standard input:
// {url, cookies: [{name, value}], categories: ["performance", …]}.

import { readFileSync } from 'node:fs';
import { launch } from 'chrome-launcher';
import lighthouse from 'lighthouse';
import puppeteer from 'puppeteer-core';

const { url, cookies, categories } = JSON.parse(readFileSync(0, 'utf8'));
const chrome = await launch({
  ignoreDefaultFlags: false,
  chromeFlags: [
    '--headless=new',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--lang=id',
    '--accept-lang=id-ID,id',
    // Nothing outside is asked for anything.
    '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
  ],
});
try {
  const browser = await puppeteer.connect({ browserURL: 'http://127.0.0.1:' + chrome.port });
  await browser.setCookie(...cookies.map((c) => ({ ...c, domain: new URL(url).hostname, path: '/', httpOnly: true })));
  await browser.disconnect();
  const { lhr } = await lighthouse(url, { port: chrome.port, logLevel: 'error', output: 'json', onlyCategories: categories });
  process.stdout.write(JSON.stringify(lhr));
} finally {
  chrome.kill();
}
