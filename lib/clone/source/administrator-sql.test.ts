import { expect, test } from "playwright/test";
import { administratorSql, networkRule } from "./administrator-sql.ts";

test("the rule lets in one range over TLS, and never the world", () => {
  expect(networkRule("203.0.113.7/32", "rec_io_db")).toBe(
    "hostssl  rec_io_db  rec_io_installer  203.0.113.7/32  scram-sha-256",
  );
  for (const range of ["0.0.0.0/0", "::/0", "10.0.0.0/8", "203.0.113.7", "everybody", "203.0.113.7/33"])
    expect(() => networkRule(range, "rec_io_db"), range).toThrow(/range|lets in/);
});

test("the administrator's text holds no password, and everything that a copy needs", () => {
  const text = administratorSql(undefined, "rec_io_db");
  expect(text).not.toMatch(/PASSWORD '/i);
  for (const part of [
    "CREATE ROLE rec_io_installer",
    "installation_access_log",
    "GRANT SELECT ON ALL TABLES",
    "GRANT INSERT",
    "\\password",
  ])
    expect(text).toContain(part);
});
