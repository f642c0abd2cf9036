import { expect, test } from "playwright/test";
import { type CensusRow, censusSentence, verdictOf } from "./verdicts.ts";

const json = (body: unknown, status = 200) => ({ status, type: "application/json", text: JSON.stringify(body) });
const route = { path: "/api/x", constant: false };

for (const [what, answer, verdict] of [
  ["data", json({ trades: [{ id: 1 }] }), "works"],
  ["an empty list, which may be the truth", json([]), "works"],
  ["an error inside of 200", json({ error: "relation does not exist" }), "lies"],
  ["a list with 503 inside of 200", json([{ error: "no connection" }, 503]), "lies"],
  ["a health that is ill for ever", json({ status: "degraded", issues: ["Database issues detected"] }), "lies"],
  ["a health that is well", json({ status: "healthy", issues: [] }), "works"],
  ["a page", { status: 200, type: "text/html", text: "<!DOCTYPE html><html></html>" }, "works"],
  ["JSON that is none", { status: 200, type: "application/json", text: "Internal error" }, "lies"],
  ["nothing at all", { status: 200, type: "text/html", text: "" }, "lies"],
  ["a way to the login", { status: 307, type: "", text: "", location: "/login" }, "works"],
  ["a route that is not there", json({ detail: "Not Found" }, 404), "broken"],
  ["a handler that fell over", json({ error: "KeyError" }, 500), "broken"],
  ["a route that wants more", json({ detail: [] }, 422), "not asked"],
] as const) {
  test(`${what} is judged by its body: ${verdict}`, () => {
    expect(verdictOf(route, answer).verdict).toBe(verdict);
  });
}

test("a handler that can say nothing else is a constant, however well it sounds", () => {
  expect(verdictOf({ ...route, constant: true }, json({ status: "healthy" })).verdict).toBe("constant");
});

test("the sentence counts all and names what is no good", () => {
  const row = (path: string, verdict: CensusRow["verdict"]): CensusRow => ({
    program: "main_app",
    path,
    where: "backend/main.py:1",
    verdict,
    says: "",
  });
  expect(
    censusSentence([
      row("/a", "works"),
      row("/b", "works"),
      row("/c", "lies"),
      row("/d", "constant"),
      row("/e", "broken"),
    ]),
  ).toBe(
    "2 of 5 GET routes work; 1 says what is not so: /c of main_app; 1 is broken: /e of main_app; 1 is a constant: /d of main_app.",
  );
});
