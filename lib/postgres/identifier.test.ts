import { expect, test } from "playwright/test";
import { quoteIdentifier, quoteLiteral, quoteName } from "./identifier.ts";

test("an identifier is always quoted, its own quotes doubled", () => {
  expect(quoteIdentifier("rec.app")).toBe('"rec.app"');
  expect(quoteIdentifier('a"b')).toBe('"a""b"');
  expect(quoteName("analytics", "btc_fingerprint_directional_momentum_-30")).toBe(
    '"analytics"."btc_fingerprint_directional_momentum_-30"',
  );
});

test("an identifier that the server would cut or refuse is refused here", () => {
  expect(() => quoteIdentifier("")).toThrow("neither empty");
  expect(() => quoteIdentifier("a\0b")).toThrow("zero byte");
  expect(quoteIdentifier("ä".repeat(31))).toHaveLength(33);
  expect(() => quoteIdentifier("ä".repeat(32))).toThrow("longer than 63 bytes");
});

test("a literal keeps quotes and backslashes", () => {
  expect(quoteLiteral("it's")).toBe("'it''s'");
  expect(quoteLiteral("a\\b'c")).toBe("E'a\\\\b''c'");
  expect(() => quoteLiteral("a\0")).toThrow("zero byte");
});
