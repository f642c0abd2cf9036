import { Problem, sentence } from "../../problem.ts";

/** Where on the way a request was lost. Each has its own words, and none of them reads as "the key is wrong". */
export type LostAt = "dns" | "refused" | "route" | "tls" | "timeout" | "proxy" | "cut" | "other";

const certificateCodes =
  /^(CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERR_TLS_|ERR_SSL_|HOSTNAME_MISMATCH|EPROTO|INVALID_CA|INVALID_PURPOSE)/;

/** Where a request was lost, from the code of Node's error. */
export function lostAt(code: string): LostAt {
  if (["ENOTFOUND", "EAI_AGAIN", "EAI_FAIL", "EAI_NONAME", "EAI_NODATA"].includes(code)) return "dns";
  if (code === "ECONNREFUSED") return "refused";
  if (["EHOSTUNREACH", "ENETUNREACH", "EADDRNOTAVAIL", "ENETDOWN", "EACCES", "EPERM"].includes(code)) return "route";
  if (["ETIMEDOUT", "ESOCKETTIMEDOUT"].includes(code)) return "timeout";
  if (["ECONNRESET", "EPIPE", "ECONNABORTED", "ERR_STREAM_PREMATURE_CLOSE", "HPE_INVALID_CONSTANT"].includes(code))
    return "cut";
  if (certificateCodes.test(code)) return "tls";
  return "other";
}

function words(at: LostAt, host: string, detail: string): { says: string; remedy: string } {
  switch (at) {
    case "dns":
      return {
        says: `The name ${host} has no address here: this machine's name resolution does not answer for it.`,
        remedy: "Check the connection to the internet and the name server of this machine.",
      };
    case "refused":
      return {
        says: `${host} refuses the connection on its port.`,
        remedy: "Check whether a firewall or a line in the hosts file leads this name elsewhere.",
      };
    case "route":
      return {
        says: `No way leads from this machine to ${host}.`,
        remedy: "Check the connection to the internet and the firewall.",
      };
    case "tls":
      return {
        says: `${host} answers with a certificate that this machine does not trust (${detail}).`,
        remedy:
          "Check the clock's date, and whether a company's proxy replaces certificates: then its authority must be trusted here.",
      };
    case "timeout":
      return {
        says: `${host} does not answer within 5 seconds.`,
        remedy: "Check the connection to the internet, then look again.",
      };
    case "proxy":
      return {
        says: `The proxy of this machine does not let the request through to ${host} (${detail}).`,
        remedy: "Check HTTPS_PROXY and NO_PROXY in the environment in which the setup was started.",
      };
    case "cut":
      return {
        says: `The connection to ${host} breaks off before an answer is complete.`,
        remedy: "Look again; where it stays so, check the firewall or proxy between.",
      };
    case "other":
      return {
        says: `The request to ${host} fails before an answer comes (${detail}).`,
        remedy: "Look again; where it stays so, check the connection to the internet.",
      };
  }
}

/**
 * The Problem for a request that got no HTTP answer. Says nothing of the key, for nothing is known of it.
 * @param detail a short code or status, never a header or a body.
 */
export function unreachable(at: LostAt, host: string, path: string, detail: string, cause?: unknown): Problem {
  const { says, remedy } = words(at, host, detail);
  return new Problem(
    {
      code: `kalshi.unreachable-${at}`,
      says,
      remedy: sentence(remedy),
      evidence: { asked: `GET https://${host}${path}`, cameBack: detail, means: "Nothing is known of the key." },
    },
    { cause },
  );
}
