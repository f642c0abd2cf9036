import { expect, test } from "playwright/test";
import { postgresAddress } from "../components/setup/pages/postgres-address.ts";

test("a pasted address is taken apart, and what is none or half of one is left as it is", () => {
  expect(postgresAddress("postgresql://ada:p%40ss@db.example.org:6432/rec_io_db?sslmode=require")).toEqual({
    host: "db.example.org",
    port: "6432",
    user: "ada",
    password: "p@ss",
    database: "rec_io_db",
    sslmode: "require",
  });
  expect(postgresAddress("postgres://db.example.org")).toEqual({ host: "db.example.org" });
  for (const text of ["db.example.org", "postgres://a:100%@db.example.org/x", "https://db.example.org", "postgres://"])
    expect(postgresAddress(text)?.user, text).toBeUndefined();
});
