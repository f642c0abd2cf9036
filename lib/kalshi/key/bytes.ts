/** What a key's bytes are, told from their outermost ASN.1 structure alone. */
export interface Asn1Reading {
  kind:
    | "pkcs1"
    | "pkcs8"
    | "sec1"
    | "encrypted"
    | "public"
    | "certificate"
    | "request"
    | "openssh"
    | "container"
    | "cut-off"
    | "too-much"
    | "nothing-known";
}

interface Element {
  tag: number;
  start: number;
  end: number;
}

const integer = 0x02;
const octetString = 0x04;
const bitString = 0x03;
const objectId = 0x06;
const sequence = 0x30;
const set = 0x31;
const context0 = 0xa0;

/** Tag and extent of the element at `at`, or undefined where there is none. `end` may lie beyond the bytes. */
function elementAt(bytes: Buffer, at: number): Element | undefined {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined) return undefined;
  if (first < 0x80) return { tag, start: at + 2, end: at + 2 + first };
  const count = first & 0x7f;
  if (count === 0 || count > 4 || at + 2 + count > bytes.length) return undefined;
  const length = bytes.readUIntBE(at + 2, count);
  return { tag, start: at + 2 + count, end: at + 2 + count + length };
}

function childrenOf(bytes: Buffer, parent: Element): Element[] {
  const children: Element[] = [];
  let at = parent.start;
  while (at < parent.end) {
    const child = elementAt(bytes, at);
    if (!child || child.end > parent.end) break;
    children.push(child);
    at = child.end;
  }
  return children;
}

/**
 * Classifies the bytes of a key before anything tries to load them: Node's loader gives one message for a dozen causes.
 * RFC 8017 (PKCS#1), RFC 5958 (PKCS#8 and encrypted), RFC 5915 (SEC 1), RFC 5280 (public key, certificate), RFC 2986.
 */
export function readKeyBytes(bytes: Buffer): Asn1Reading {
  if (bytes.subarray(0, 14).toString("latin1") === "openssh-key-v1") return { kind: "openssh" };
  const whole = elementAt(bytes, 0);
  if (!whole || whole.tag !== sequence) return { kind: "nothing-known" };
  if (whole.end > bytes.length) return { kind: bytes.length > 16 ? "cut-off" : "nothing-known" };
  const tags = childrenOf(bytes, whole);
  const [first, second, third] = tags;
  const kind = kindOf(bytes, first, second, third, tags.length);
  if (kind !== "nothing-known" && whole.end < bytes.length) return { kind: "too-much" };
  return { kind };
}

function kindOf(
  bytes: Buffer,
  first: Element | undefined,
  second: Element | undefined,
  third: Element | undefined,
  count: number,
): Asn1Reading["kind"] {
  if (!first || !second) return "nothing-known";
  // RFC 7292 and RFC 2315: a bundle is a content type with its content, alone or behind the version 3.
  const wrapped = second.tag === sequence ? childrenOf(bytes, second) : [];
  if (first.tag === objectId && second.tag === context0) return "container";
  if (first.tag === integer && wrapped[0]?.tag === objectId && wrapped[1]?.tag === context0) return "container";
  if (first.tag === integer) {
    if (second.tag === sequence && third?.tag === octetString) return "pkcs8";
    if (second.tag === octetString) return "sec1";
    if (second.tag === integer && count >= 9) return "pkcs1";
    if (second.tag === integer && count === 2) return "public";
    return "nothing-known";
  }
  if (first.tag !== sequence) return "nothing-known";
  const inner = childrenOf(bytes, first);
  if (second.tag === octetString && inner[0]?.tag === objectId) return "encrypted";
  if (second.tag === bitString && inner[0]?.tag === objectId) return "public";
  if (second.tag === sequence && third?.tag === bitString) {
    // A request begins with version 0 and a name; a certificate with an explicit version or a serial number.
    const request = inner[0]?.tag === integer && inner[1]?.tag === sequence && firstTagIn(bytes, inner[1]) === set;
    return request ? "request" : "certificate";
  }
  return "nothing-known";
}

function firstTagIn(bytes: Buffer, parent: Element): number | undefined {
  return childrenOf(bytes, parent)[0]?.tag;
}
