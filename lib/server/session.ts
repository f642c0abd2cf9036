import { headers } from "next/headers";
import { Problem, sentence } from "../problem.ts";
import { runtime } from "../runtime.ts";
import { fromOurPage } from "./session/origin.ts";
import { mayRead, mayWrite } from "./session/session.ts";

/*
 * What app/ asks about the session. The browser's part:
 *   1. `npm run setup` prints http://localhost:PORT/#code=CODE. The page takes the code out of the fragment, removes it
 *      from the address bar and sends POST /api/session with the JSON { "code": CODE } (answered by our listener).
 *   2. 200 { "writeToken": … } sets the HttpOnly cookie; the page keeps the token in localStorage under `writeTokenKey`.
 *      401 is a wrong, used or old code, 429 too many tries, 403 a foreign origin; each { "problem": { code, says, remedy } }.
 *   3. Every server action takes the token as its first argument and begins with `await requireWriter(token)`.
 */

/** The name under which the page keeps the write token in localStorage. */
export const writeTokenKey = "rec-io-setup.write-token";

/** The port at which this server listens, from the Host that the listener has already checked. */
function portOf(host: string | null): number {
  return Number(/:(\d+)$/.exec(host ?? "")?.[1] ?? 80);
}

/** For pages: true where this request belongs to a session that may read. */
export async function isReader(): Promise<boolean> {
  const sent = await headers();
  return mayRead(runtime().paths.session, portOf(sent.get("host")), sent.get("cookie") ?? undefined);
}

/** For route handlers: true where the request belongs to a session that may read. */
export function isReaderOf(request: Request): boolean {
  return mayRead(
    runtime().paths.session,
    portOf(request.headers.get("host")),
    request.headers.get("cookie") ?? undefined,
  );
}

/**
 * For pages and reading actions.
 * @throws Problem `session.missing`.
 */
export async function requireReader(): Promise<void> {
  if (await isReader()) return;
  throw new Problem({
    code: "session.missing",
    says: "This browser has not been let in.",
    remedy: sentence(
      "Press Enter in the terminal of npm run setup, or run npm run setup again, and open the link that it prints.",
    ),
  });
}

/**
 * For every action that writes; `token` is the action's first argument, from localStorage.
 * @throws Problem `session.foreign-origin` or `session.may-not-write`.
 */
export async function requireWriter(token: string): Promise<void> {
  const sent = await headers();
  const host = sent.get("host");
  if (
    !fromOurPage({
      host: host ?? undefined,
      origin: sent.get("origin") ?? undefined,
      fetchSite: sent.get("sec-fetch-site") ?? undefined,
    })
  ) {
    throw new Problem({
      code: "session.foreign-origin",
      says: "This request does not come from this page.",
      remedy: sentence("Open the page that npm run setup prints and do it there."),
    });
  }
  if (!mayWrite(runtime().paths.session, portOf(host), sent.get("cookie") ?? undefined, token)) {
    throw new Problem({
      code: "session.may-not-write",
      says: "This browser may look, but not change anything.",
      remedy: sentence("Run npm run setup again and open the link that it prints."),
    });
  }
}
