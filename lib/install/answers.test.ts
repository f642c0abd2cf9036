import { expect, test } from "playwright/test";
import { answerIssues, answersFile, unknownAnswers } from "./answers.ts";

const good = {
  checkout: { kind: "path", path: "/srv/rec" },
  person: { userId: "trader_0001", fullName: "Test Trader", email: "trader@example.org" },
  kalshi: { kind: "none" },
};
const issuesOf = (given: unknown) => {
  const parsed = answersFile.safeParse(given);
  return parsed.success ? [] : answerIssues(parsed.error).map(({ path, says }) => `${path}: ${says}`);
};

test("what is missing or of another kind is said in plain words, all of it at once", () => {
  expect(issuesOf({})).toEqual([
    "checkout: This answer is missing.",
    "person: This answer is missing.",
    "kalshi: This answer is missing.",
  ]);
  expect(issuesOf([])).toEqual([": This must be an object."]);
  expect(
    issuesOf({
      ...good,
      version: 2,
      checkout: { kind: "url" },
      data: 1,
      consent: { systemPackages: "yes" },
      kalshi: { kind: "key", environment: "live", keyId: "x" },
    }),
  ).toEqual([
    "version: This must be 1.",
    "checkout.kind: This must be path or clone.",
    "kalshi.environment: This must be demo or prod.",
    "kalshi.keyId: The key id is not a UUID.",
    "data: This must be an object.",
    "consent.systemPackages: This must be a boolean.",
  ]);
});

test("a name that no answer has is found, at any depth, and what is known is not", () => {
  const given = {
    ...good,
    consents: {},
    kalshi: { kind: "none", privateKey: "x" },
    database: { kind: "embedded", port: 15432, prot: 1 },
    secrets: { loginPassword: "x" },
    consent: { goOnWithout: ["main_app"] },
  };
  expect(unknownAnswers(given, answersFile.parse(given))).toEqual([
    "kalshi.privateKey",
    "consents",
    "database.prot",
    "secrets.loginPassword",
  ]);
  expect(unknownAnswers(good, answersFile.parse(good))).toEqual([]);
});
