import { localHosts } from "../session/origin.ts";

/** The parts of a request that are judged before anything else looks at it, exactly as they came. */
export interface RawRequest {
  url: string;
  /** name, value, name, value, …: doubled headers stand twice. */
  rawHeaders: readonly string[];
}

export type Judgement = { refuse: 400 | 421; says: string } | undefined;

function valuesOf(rawHeaders: readonly string[], name: string): string[] {
  return rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name);
}

/**
 * Decides whether a request may be served at all. Left to Next, odd hosts with a double slash or an absolute form get a
 * redirect before proxy.ts is asked, and a doubled Host passes. Pure.
 */
export function judgeRequest({ url, rawHeaders }: RawRequest, port: number): Judgement {
  const hosts = valuesOf(rawHeaders, "host");
  if (hosts.length !== 1)
    return { refuse: 421, says: `The request names ${hosts.length === 0 ? "no host" : "more than one host"}.` };
  if (!localHosts(port).has(hosts[0]?.toLowerCase() ?? "")) {
    return {
      refuse: 421,
      says: "This page answers to the names of this machine only: localhost, 127.0.0.1 and [::1].",
    };
  }
  if (!url.startsWith("/")) return { refuse: 400, says: "The request names its target in absolute form." };
  if (url.startsWith("//") || url.startsWith("/\\"))
    return { refuse: 400, says: "The request's path begins like the name of another host." };
  return undefined;
}

const forwarded =
  /^(forwarded|via|x-forwarded-.*|x-real-ip|x-original-(url|host)|x-rewrite-url|x-http-method-override)$/;

/** True for a header that only a proxy in front of us could rightly set; there is none, so it is stripped. */
export function isForwardedHeader(name: string): boolean {
  return forwarded.test(name.toLowerCase());
}
