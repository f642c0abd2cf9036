import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type Browser, chromium, type Page } from "playwright";

/** What a page in a real browser got from one program. "nothing": the browser or the program kept it back. */
export interface PageVisit {
  /** The body that its script could read. */
  read: string;
  /** What a script's POST with JSON, and one that needs no leave from the program, came to. */
  post: string;
  blindPost: string;
  /** Where a form that posts led: the status of the page that it opened. */
  form: number;
  websocket: "open" | "refused";
}

export interface ForeignVisit {
  /** The page of another site. */
  foreign: PageVisit;
  /** The status with which a name that leads here and is not ours is answered. */
  rebound: number;
  /** The program's own page. */
  own: Pick<PageVisit, "read" | "websocket">;
}

/** A name of another site, which leads to this machine: for a page of its own, and for DNS rebinding. */
const stranger = "stranger.example";

/** Root needs the first; the second leads the stranger's name here; the others keep Chromium from asking its maker's hosts. */
const chromeArguments = [
  "--no-sandbox",
  `--host-resolver-rules=MAP ${stranger} 127.0.0.1`,
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Debian's own, which the tests bring. */
const browserFile = "/usr/bin/chromium";

/** Runs in the page: reads with a script. */
function readIn(page: Page, url: string): Promise<string> {
  return page.evaluate(
    (to) =>
      fetch(to).then(
        (answer) => answer.text().then((text) => `${answer.status} ${text.slice(0, 80)}`),
        () => "nothing",
      ),
    url,
  );
}

function postIn(page: Page, url: string, blind: boolean): Promise<string> {
  return page.evaluate(
    ([to, quiet]) =>
      fetch(to, {
        method: "POST",
        body: '{"command":"true"}',
        ...(quiet ? { mode: "no-cors" } : { headers: { "content-type": "application/json" } }),
      }).then(
        (answer) => (quiet ? "sent, answer hidden" : String(answer.status)),
        () => "nothing",
      ),
    [url, blind] as const,
  );
}

function websocketIn(page: Page, url: string): Promise<"open" | "refused"> {
  return page.evaluate(
    (to) =>
      new Promise<"open" | "refused">((resolve) => {
        const socket = new WebSocket(to);
        socket.onopen = () => {
          resolve("open");
          socket.close();
        };
        socket.onerror = () => resolve("refused");
      }),
    url,
  );
}

/** Posts a form from the stranger's page, as a click on its button does; the status of what it leads to, 0 for nothing. */
async function formFrom(browser: Browser, strangersPage: string, url: string): Promise<number> {
  const page = await browser.newPage();
  try {
    await page.goto(strangersPage);
    const answered = page.waitForResponse(
      (response) => response.url() === url && response.request().method() === "POST",
      { timeout: 15_000 },
    );
    answered.catch(() => undefined);
    await page.evaluate((to) => {
      const form = document.createElement("form");
      form.method = "post";
      form.action = to;
      document.body.append(form);
      form.submit();
    }, url);
    return (await answered).status();
  } catch {
    return 0;
  } finally {
    await page.close();
  }
}

/** The paths that are visited: one that answers GET, one that would take a POST, and a websocket where there is one. */
export interface VisitedPaths {
  get: string;
  post: string;
  websocket?: string;
}

async function visitOne(
  browser: Browser,
  strangersPage: string,
  port: number,
  paths: VisitedPaths,
): Promise<ForeignVisit> {
  const base = `http://localhost:${port}`;
  const websocket = (page: Page) =>
    paths.websocket === undefined
      ? Promise.resolve("refused" as const)
      : websocketIn(page, `ws://localhost:${port}${paths.websocket}`);
  const page = await browser.newPage();
  try {
    await page.goto(strangersPage);
    const foreign = {
      read: await readIn(page, `${base}${paths.get}`),
      post: await postIn(page, `${base}${paths.post}`, false),
      blindPost: await postIn(page, `${base}${paths.post}`, true),
      websocket: await websocket(page),
      form: await formFrom(browser, strangersPage, `${base}${paths.post}`),
    };
    const rebound = await page.goto(`http://${stranger}:${port}${paths.get}`);
    await page.goto(`${base}${paths.get}`);
    const own = { read: await readIn(page, `${base}${paths.get}`), websocket: await websocket(page) };
    return { foreign, rebound: rebound?.status() ?? 0, own };
  } finally {
    await page.close();
  }
}

/** What is not as it must be, one clause each. Pure. */
export function visitFaults(name: string, { foreign, rebound, own }: ForeignVisit, paths: VisitedPaths): string[] {
  return [
    ...(foreign.read === "nothing" ? [] : [`a foreign page reads ${foreign.read} from ${name}`]),
    ...(foreign.post === "nothing" ? [] : [`a foreign page's POST to ${name} came to ${foreign.post}`]),
    ...(foreign.form === 403 ? [] : [`a foreign page's form is answered ${foreign.form} by ${name}`]),
    ...(foreign.websocket === "refused" ? [] : [`a foreign page opens a websocket of ${name}`]),
    ...(rebound === 421 ? [] : [`a rebound name is answered ${rebound} by ${name}`]),
    ...(own.read.startsWith("200 ") ? [] : [`${name}'s own page reads ${own.read}`]),
    ...(paths.websocket === undefined || own.websocket === "open" ? [] : [`${name}'s own page opens no websocket`]),
  ];
}

/** Visits programs on this machine in Chromium: from a page of another site, under a rebound name, and from their own. */
export async function visitInChromium(
  programs: readonly { name: string; port: number; paths: VisitedPaths }[],
): Promise<{ name: string; visit: ForeignVisit; faults: string[] }[]> {
  const strangersServer = createServer((_, response) => {
    response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><title>A stranger's page</title>");
  });
  await new Promise<void>((resolve) => strangersServer.listen(0, "127.0.0.1", resolve));
  const strangersPage = `http://${stranger}:${(strangersServer.address() as AddressInfo).port}/`;
  const browser = await chromium.launch({ executablePath: browserFile, args: chromeArguments });
  try {
    const visits = [];
    for (const { name, port, paths } of programs) {
      const visit = await visitOne(browser, strangersPage, port, paths);
      visits.push({ name, visit, faults: visitFaults(name, visit, paths) });
    }
    return visits;
  } finally {
    await browser.close();
    strangersServer.closeAllConnections();
    strangersServer.close();
  }
}
