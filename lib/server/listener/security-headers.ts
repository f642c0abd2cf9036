/**
 * On every answer, whoever gives it. proxy.ts adds the policy with its nonce to pages; `contentPolicy` is for answers
 * that carry no script at all.
 */
export const securityHeaders: readonly (readonly [string, string])[] = [
  ["X-Content-Type-Options", "nosniff"],
  ["X-Frame-Options", "DENY"],
  ["Referrer-Policy", "no-referrer"],
  ["Cross-Origin-Opener-Policy", "same-origin"],
  ["Cross-Origin-Resource-Policy", "same-origin"],
  ["Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"],
  ["X-DNS-Prefetch-Control", "off"],
];

/** For answers that are no page: nothing may load, nothing may frame. */
export const contentPolicy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** Files whose names carry a hash of their content may be kept; everything else holds the state of the machine. */
export function mayBeKept(path: string): boolean {
  return path.startsWith("/_next/static/");
}
