/** Bytes of a message's head: its type, and its length without the type. */
export const header = 5;
/** The type of CopyData, `d`. */
export const copyData = 0x64;

/** What a server refused, with the SQLSTATE and the fields that name the thing. */
export class ServerRefusal extends Error {
  readonly code: string;
  readonly fields: Readonly<Record<string, string>>;
  constructor(fields: Record<string, string>) {
    super(fields.M ?? "the server gave no reason");
    this.name = "ServerRefusal";
    this.code = fields.C ?? "";
    this.fields = fields;
  }
}

/** A message of the frontend. */
export function message(type: string, body: Buffer): Buffer {
  const whole = Buffer.allocUnsafe(header + body.length);
  whole.write(type, 0, "latin1");
  whole.writeUInt32BE(body.length + 4, 1);
  body.copy(whole, header);
  return whole;
}

/** The fields of an ErrorResponse by their letters; S is the severity in English. */
export function fieldsOf(body: Buffer): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const part of body.toString("utf8").split("\0")) if (part !== "") fields[part[0] as string] = part.slice(1);
  return { ...fields, S: fields.V ?? fields.S ?? "" };
}

/** The values of a DataRow as text. */
export function valuesOf(body: Buffer): (string | null)[] {
  const values: (string | null)[] = [];
  let at = 2;
  for (let left = body.readUInt16BE(0); left > 0; left--) {
    const length = body.readInt32BE(at);
    at += 4;
    if (length < 0) values.push(null);
    else {
      values.push(body.toString("utf8", at, at + length));
      at += length;
    }
  }
  return values;
}
