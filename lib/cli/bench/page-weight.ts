import { gzipSync } from "node:zlib";

/** What a browser has to fetch before a page works. Sizes in kB of 1000 bytes. */
export interface PageWeight {
  htmlKb: number;
  scripts: number;
  scriptKb: number;
  scriptGzipKb: number;
  /** False where a script came over the wire uncompressed. */
  sentCompressed: boolean;
}

const kb = (bytes: number) => Math.round(bytes / 100) / 10;

/** The scripts that a page names, each once. Scripts for browsers without modules are fetched by none of today's. Pure. */
export function scriptsOf(html: string): string[] {
  const tags = html.match(/<(?:script|link)\b[^>]*>/g) ?? [];
  const named = tags.flatMap((tag) => {
    if (/\bnomodule\b/i.test(tag)) return [];
    const source = tag.startsWith("<script")
      ? /\bsrc="([^"]+)"/.exec(tag)
      : /\bas="script"|\brel="modulepreload"/.test(tag)
        ? /\bhref="([^"]+)"/.exec(tag)
        : null;
    return source?.[1] ? [source[1].replaceAll("&amp;", "&")] : [];
  });
  return [...new Set(named)];
}

/** Fetches a page and every script that it names. */
export async function weigh(url: string, headers: Record<string, string>): Promise<PageWeight> {
  const page = await fetch(url, { headers });
  const html = await page.text();
  if (page.status !== 200) throw new Error(`${new URL(url).pathname} answered ${page.status}`);
  let [plain, packed, sentCompressed] = [0, 0, true];
  const scripts = scriptsOf(html);
  for (const script of scripts) {
    const answer = await fetch(new URL(script, page.url), { headers: { ...headers, "Accept-Encoding": "gzip" } });
    const body = Buffer.from(await answer.arrayBuffer());
    plain += body.length;
    packed += gzipSync(body).length;
    // Below this size a compressed answer is hardly smaller, and servers leave it as it is.
    if (body.length > 1024 && !answer.headers.get("content-encoding")) sentCompressed = false;
  }
  return {
    htmlKb: kb(html.length),
    scripts: scripts.length,
    scriptKb: kb(plain),
    scriptGzipKb: kb(packed),
    sentCompressed,
  };
}
