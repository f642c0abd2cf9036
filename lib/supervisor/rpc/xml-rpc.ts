/** What XML-RPC can carry, as far as supervisord uses it. */
export type RpcValue = string | number | boolean | null | RpcValue[] | { [name: string]: RpcValue };

/** An answer that says no: supervisord's fault codes stand in supervisor/xmlrpc.py. */
export interface RpcFault {
  code: number;
  text: string;
}

const escapes: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
const escapeText = (text: string) => text.replace(/[&<>]/g, (character) => escapes[character] ?? character);

function encodeValue(value: RpcValue): string {
  if (value === null) return "<value><nil/></value>";
  if (typeof value === "string") return `<value><string>${escapeText(value)}</string></value>`;
  if (typeof value === "boolean") return `<value><boolean>${value ? 1 : 0}</boolean></value>`;
  if (typeof value === "number") {
    const kind = Number.isInteger(value) ? "int" : "double";
    return `<value><${kind}>${value}</${kind}></value>`;
  }
  if (Array.isArray(value)) return `<value><array><data>${value.map(encodeValue).join("")}</data></array></value>`;
  const members = Object.entries(value).map(
    ([name, member]) => `<member><name>${escapeText(name)}</name>${encodeValue(member)}</member>`,
  );
  return `<value><struct>${members.join("")}</struct></value>`;
}

/** The body of a call. Pure. */
export function encodeCall(method: string, parameters: readonly RpcValue[]): string {
  const params = parameters.map((value) => `<param>${encodeValue(value)}</param>`).join("");
  return `<?xml version="1.0"?><methodCall><methodName>${escapeText(method)}</methodName><params>${params}</params></methodCall>`;
}

const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function unescapeText(text: string): string {
  return text.replace(/&(#x[0-9a-fA-F]+|#[0-9]+|[a-z]+);/g, (whole, name: string) => {
    if (name.startsWith("#x")) return String.fromCodePoint(Number.parseInt(name.slice(2), 16));
    if (name.startsWith("#")) return String.fromCodePoint(Number.parseInt(name.slice(1), 10));
    return entities[name] ?? whole;
  });
}

/**
 * Walks over tags and the text between them. Written for one server's answers: no attributes, comments or CDATA, and
 * control characters in a log's text are kept, which an XML parser would refuse.
 */
class Reader {
  private at = 0;
  private readonly source: string;

  constructor(source: string) {
    this.source = source;
  }

  private broken(): Error {
    return new Error(`not an XML-RPC answer near character ${this.at}`);
  }

  /** The name of the next tag, with its slashes: "value", "/value", "nil/". Text before it must be white space. */
  private tag(): string {
    const open = this.source.indexOf("<", this.at);
    const close = open < 0 ? -1 : this.source.indexOf(">", open);
    if (close < 0 || this.source.slice(this.at, open).trim() !== "") throw this.broken();
    this.at = close + 1;
    const name = this.source.slice(open + 1, close).trim();
    return name.startsWith("?") ? this.tag() : name;
  }

  private peek(): string {
    const before = this.at;
    const name = this.tag();
    this.at = before;
    return name;
  }

  private expect(name: string): void {
    if (this.tag() !== name) throw this.broken();
  }

  private text(until: string): string {
    const end = this.source.indexOf(`</${until}>`, this.at);
    if (end < 0) throw this.broken();
    const text = this.source.slice(this.at, end);
    this.at = end + until.length + 3;
    return unescapeText(text);
  }

  private value(): RpcValue {
    this.expect("value");
    const next = /^\s*<([^>]+)>/.exec(this.source.slice(this.at, this.at + 64))?.[1];
    // A value without a type is a string.
    if (next === undefined || next === "/value") return this.text("value");
    const value = this.typed(this.tag());
    this.expect("/value");
    return value;
  }

  private typed(kind: string): RpcValue {
    if (kind === "nil/") return null;
    if (kind === "string/") return "";
    if (kind === "array") return this.array();
    if (kind === "struct") return this.struct();
    if (kind === "struct/") return {};
    const text = this.text(kind);
    if (kind === "string" || kind === "dateTime.iso8601" || kind === "base64") return text;
    if (kind === "boolean") return text.trim() === "1";
    if (kind === "int" || kind === "i4" || kind === "i8" || kind === "double") return Number(text);
    throw this.broken();
  }

  private array(): RpcValue[] {
    const values: RpcValue[] = [];
    const data = this.tag();
    if (data === "data") {
      while (this.peek() === "value") values.push(this.value());
      this.expect("/data");
    } else if (data !== "data/") throw this.broken();
    this.expect("/array");
    return values;
  }

  private struct(): { [name: string]: RpcValue } {
    const members: { [name: string]: RpcValue } = {};
    while (this.peek() === "member") {
      this.tag();
      this.expect("name");
      const name = this.text("name");
      members[name] = this.value();
      this.expect("/member");
    }
    this.expect("/struct");
    return members;
  }

  response(): { value: RpcValue } | { fault: RpcFault } {
    this.expect("methodResponse");
    const kind = this.tag();
    if (kind === "fault") {
      const fault = this.value() as { faultCode?: RpcValue; faultString?: RpcValue };
      return { fault: { code: Number(fault.faultCode ?? 0), text: String(fault.faultString ?? "") } };
    }
    if (kind !== "params") throw this.broken();
    this.expect("param");
    return { value: this.value() };
  }
}

/** Reads an answer. Pure; throws where it is none. */
export function decodeResponse(xml: string): { value: RpcValue } | { fault: RpcFault } {
  return new Reader(xml).response();
}
