/** The names under which a browser on this machine reaches us. */
const localNames = ["localhost", "127.0.0.1", "[::1]"] as const;

/** The Host values that are served, lower case, with our port (http's own port may be left out). */
export function localHosts(port: number): ReadonlySet<string> {
  return new Set(localNames.flatMap((name) => (port === 80 ? [name, `${name}:80`] : [`${name}:${port}`])));
}

/** The headers that say where a request comes from. */
export interface ComesFrom {
  host: string | undefined;
  origin: string | undefined;
  fetchSite: string | undefined;
}

/**
 * True where a write comes from our own page: Origin is there and equals the Host, and Sec-Fetch-Site, where the browser
 * sends it, says same-origin. (Next lets a request without Origin pass; facts/next.md.)
 */
export function fromOurPage({ host, origin, fetchSite }: ComesFrom): boolean {
  if (!host || !origin) return false;
  if (fetchSite !== undefined && fetchSite !== "same-origin") return false;
  return origin.toLowerCase() === `http://${host.toLowerCase()}`;
}
