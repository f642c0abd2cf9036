import { expect, test } from "playwright/test";
import { keyVerdict, readRefusal } from "./refusal.ts";

const nested = (code: string, details?: string) => ({
  error: { code, message: "words that change", ...(details ? { details } : {}) },
});

test("An error body is read in each of its five shapes", () => {
  expect(readRefusal(nested("authentication_error", "NOT_FOUND"))).toMatchObject({
    shape: "nested",
    code: "authentication_error",
    details: "NOT_FOUND",
  });
  expect(readRefusal({ error: "too many requests" })).toEqual({ shape: "string", words: "too many requests" });
  expect(readRefusal({ code: "bad_request", message: "bad", details: "json" })).toMatchObject({
    shape: "flat",
    code: "bad_request",
  });
  expect(readRefusal({ msg: "Parameter validation failed" })).toEqual({
    shape: "msg",
    words: "Parameter validation failed",
  });
  expect(readRefusal("404 page not found\n")).toEqual({ shape: "text", words: "404 page not found" });
  expect(readRefusal(null)).toEqual({ shape: "text" });
});

for (const [what, status, body, verdict] of [
  ["a balance", 200, { balance: 1 }, "accepted"],
  ["a web page with 200", 200, "<html>", "unexpected"],
  ["an unknown key", 401, nested("authentication_error", "NOT_FOUND"), "unknown-key"],
  ["an unknown key, later build", 401, nested("authentication_error", "INVALID_PARAMETER"), "unknown-key"],
  ["a wrong signature", 401, nested("authentication_error", "INCORRECT_API_KEY_SIGNATURE"), "pair-mismatch"],
  [
    "a wrong signature, older build",
    401,
    nested("authentication_error", "rpc error: code = Unauthenticated desc = INCORRECT_API_KEY_SIGNATURE"),
    "pair-mismatch",
  ],
  ["an expired time", 401, nested("header_timestamp_expired"), "clock"],
  ["no headers", 401, nested("token_authentication_failure"), "not-signed"],
  ["no signature", 401, nested("signature_is_missing_from_headers"), "not-signed"],
  ["a fence as 403", 403, nested("restricted_api_key"), "restricted"],
  ["a fence as 401", 401, { error: "this API key is restricted to a single sub-account" }, "restricted"],
  ["a flat refusal", 403, { code: "insufficient_scope", message: "" }, "restricted"],
  ["a CDN's page", 403, "<html>Forbidden</html>", "unexpected"],
  ["a retired host", 401, "API has been moved to https://api.elections.kalshi.com/.", "moved"],
  ["a full bucket", 429, { error: "too many requests" }, "rate-limited"],
  ["a gateway's page", 502, "<html>", "exchange-down"],
  ["a redirect", 301, "", "unexpected"],
] as const) {
  test(`The answer means ${verdict}: ${what}`, () => {
    expect(keyVerdict({ status, body })).toBe(verdict);
  });
}
