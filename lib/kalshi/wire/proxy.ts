/** The proxy that the environment names for a URL, or undefined. Python's requests, which REC.IO uses, reads the same. */
export function proxyFor(url: URL, environment: Readonly<Record<string, string>>): URL | undefined {
  const loopback = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  if (loopback || isExcepted(url.hostname, environment.no_proxy ?? environment.NO_PROXY ?? "")) return undefined;
  const named =
    url.protocol === "https:"
      ? (environment.https_proxy ?? environment.HTTPS_PROXY)
      : (environment.http_proxy ?? environment.HTTP_PROXY);
  if (!named) return undefined;
  const text = named.includes("://") ? named : `http://${named}`;
  return URL.canParse(text) ? new URL(text) : undefined;
}

function isExcepted(host: string, list: string): boolean {
  return list
    .split(",")
    .map((entry) =>
      entry
        .trim()
        .toLowerCase()
        .replace(/^\*?\./, ""),
    )
    .filter((entry) => entry !== "")
    .some((entry) => entry === "*" || host === entry || host.endsWith(`.${entry}`));
}

/** The header with which a proxy that wants a name and password is asked. */
export function proxyAuthorization(proxy: URL): Record<string, string> {
  if (proxy.username === "") return {};
  const pair = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return { "Proxy-Authorization": `Basic ${Buffer.from(pair).toString("base64")}` };
}
