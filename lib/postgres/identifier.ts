/** PostgreSQL cuts identifiers at 63 bytes without a word; what would be cut is refused instead. */
const longestIdentifier = 63;

/**
 * An identifier, always quoted, for the places where PostgreSQL takes no parameter. Throws where it could not be one:
 * empty, longer than 63 bytes (the server would cut it silently), or with a zero byte.
 */
export function quoteIdentifier(name: string): string {
  if (name === "" || name.includes("\0"))
    throw new Error("a PostgreSQL identifier is neither empty nor holds a zero byte");
  if (Buffer.byteLength(name) > longestIdentifier) throw new Error(`the identifier ${name} is longer than 63 bytes`);
  return `"${name.replaceAll('"', '""')}"`;
}

/** A qualified name, each part quoted: `quoteName("users", "trades_0001")`. */
export function quoteName(...parts: readonly string[]): string {
  return parts.map(quoteIdentifier).join(".");
}

/**
 * A string literal for the few statements that take no parameter (CREATE ROLE … PASSWORD, ALTER … SET, comments).
 * Backslashes are written as an escape string, so the result means the same whatever standard_conforming_strings says.
 */
export function quoteLiteral(text: string): string {
  if (text.includes("\0")) throw new Error("a PostgreSQL string holds no zero byte");
  const doubled = text.replaceAll("'", "''");
  return doubled.includes("\\") ? `E'${doubled.replaceAll("\\", "\\\\")}'` : `'${doubled}'`;
}
