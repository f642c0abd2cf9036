import { request } from "node:http";
import type { World } from "../../world.ts";
import { visitInChromium } from "./foreign-page.ts";
import type { DrillResult } from "./report.ts";

/** One visit to a program, with the headers that a browser or a rebound name would send. */
interface Visit {
  who: string;
  method: "GET" | "POST";
  headers(port: number): Record<string, string>;
  /** The status with which it must be answered; "let in" for any that is not ours. */
  must: 421 | 403 | "let in";
}

const json = { "content-type": "application/json" };

/** POST goes to a path of GET: a program that is asked would answer 405 and do nothing. */
const visits: readonly Visit[] = [
  {
    who: "this machine by localhost",
    method: "GET",
    must: "let in",
    headers: (port) => ({ host: `localhost:${port}` }),
  },
  {
    who: "this machine by 127.0.0.1",
    method: "GET",
    must: "let in",
    headers: (port) => ({ host: `127.0.0.1:${port}` }),
  },
  {
    who: "the program's own page",
    method: "GET",
    must: "let in",
    headers: (port) => ({ host: `localhost:${port}`, origin: `http://localhost:${port}` }),
  },
  {
    who: "REC.IO's page on another port",
    method: "POST",
    must: "let in",
    headers: (port) => ({ ...json, host: `localhost:${port}`, origin: "http://localhost:3000" }),
  },
  { who: "a rebound name", method: "GET", must: 421, headers: (port) => ({ host: `evil.example:${port}` }) },
  {
    who: "a rebound name that posts",
    method: "POST",
    must: 421,
    headers: (port) => ({ ...json, host: `evil.example:${port}`, origin: `http://evil.example:${port}` }),
  },
  {
    who: "another site's page that reads",
    method: "GET",
    must: 403,
    headers: (port) => ({ host: `localhost:${port}`, origin: "http://evil.example" }),
  },
  {
    who: "another site's page that posts",
    method: "POST",
    must: 403,
    headers: (port) => ({ ...json, host: `localhost:${port}`, origin: "http://evil.example" }),
  },
  {
    who: "a sandboxed frame",
    method: "POST",
    must: 403,
    headers: (port) => ({ ...json, host: `localhost:${port}`, origin: "null" }),
  },
  {
    who: "another program's page on this machine",
    method: "POST",
    must: 403,
    headers: (port) => ({ ...json, host: `localhost:${port}`, origin: "http://localhost:8888" }),
  },
  {
    who: "an image in another site's page",
    method: "GET",
    must: 403,
    headers: (port) => ({ host: `localhost:${port}`, "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" }),
  },
];

const upgrade = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
};

/** A websocket of main_app's own page is served; those of others are refused before they are open. */
const upgrades: readonly (Omit<Visit, "must" | "method"> & { must: 101 | 403 })[] = [
  {
    who: "its own page",
    must: 101,
    headers: (port) => ({ host: `localhost:${port}`, origin: `http://localhost:${port}` }),
  },
  {
    who: "another site's page",
    must: 403,
    headers: (port) => ({ host: `localhost:${port}`, origin: "http://evil.example" }),
  },
  {
    who: "a rebound name",
    must: 403,
    headers: (port) => ({ host: `evil.example:${port}`, origin: `http://evil.example:${port}` }),
  },
];

/** The status of an answer, 101 included; 0 where none came. */
function statusOf(port: number, path: string, method: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve) => {
    const asked = request({ host: "127.0.0.1", port, path, method, headers, agent: false, timeout: 5_000 });
    asked.on("response", (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    asked.on("upgrade", (answer, socket) => {
      socket.destroy();
      resolve(answer.statusCode ?? 0);
    });
    asked.on("error", () => resolve(0));
    asked.on("timeout", () => asked.destroy());
    asked.end(method === "POST" ? "{}" : undefined);
  });
}

/** Every program that listens answers this machine's own visitors and refuses all others, by name and by origin. */
export async function strangersAreRefused({ checkout }: Pick<World, "checkout">): Promise<DrillResult> {
  const faults: string[] = [];
  const asked: string[] = [];
  for (const { name, port } of await checkout.supervised()) {
    if (port === undefined) continue;
    asked.push(name);
    for (const { who, method, headers, must } of visits) {
      const status = await statusOf(port, "/api/ports", method, headers(port));
      const letIn = status !== 0 && status !== 421 && status !== 403;
      if (must === "let in" ? !letIn : status !== must) faults.push(`${name} answers ${who} with ${status}`);
    }
    if (name !== "main_app") continue;
    for (const { who, headers, must } of upgrades) {
      const status = await statusOf(port, "/ws", "GET", { ...upgrade, ...headers(port) });
      if (status !== must) faults.push(`${name} answers the websocket of ${who} with ${status}`);
    }
  }
  return {
    name: "foreign names and foreign pages are refused by every program that listens",
    held: faults.length === 0 && asked.length === 5,
    says: faults.join("; ") || `${asked.join(", ")}: ${visits.length} kinds of visit each, and main_app's websocket.`,
  };
}

/** The same with a real browser: a page of another site, a rebound name, and the program's own page. */
export async function strangersPageIsRefused({ checkout }: Pick<World, "checkout">): Promise<DrillResult> {
  const listening = (await checkout.supervised()).flatMap(({ name, port }) =>
    port === undefined ? [] : [{ name, port }],
  );
  const visits = await visitInChromium(
    listening.map(({ name, port }) => ({
      name,
      port,
      // A POST that is let in would be answered with 405 and do nothing.
      paths: { get: "/api/ports", post: "/api/ports", ...(name === "main_app" ? { websocket: "/ws" } : {}) },
    })),
  );
  const faults = visits.flatMap((one) => one.faults);
  return {
    name: "in Chromium a page of another site can neither post nor read",
    held: visits.length === 5 && faults.length === 0,
    says:
      faults.join("; ") ||
      `${visits.map(({ name }) => name).join(", ")}: nothing read, POST and form refused, a rebound name answered with 421, the own page served.`,
  };
}
