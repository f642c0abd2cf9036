import { expect, test } from "playwright/test";
import { isProblem } from "../problem.ts";
import { withOffers } from "./offers.ts";

test("what a world offers takes the place of its name, numbers as numbers, at any depth", () => {
  const given = {
    checkout: { path: "{offered:checkout}" },
    list: ["{offered:port}", "as it is {offered:port}"],
    on: true,
  };
  expect(withOffers(given, { checkout: "/somewhere", port: 27_008 })).toEqual({
    checkout: { path: "/somewhere" },
    list: [27_008, "as it is {offered:port}"],
    on: true,
  });
});

test("a name that is not offered is told, with those that are", () => {
  const thrownWith = (offers: Record<string, string>) => {
    try {
      withOffers({ path: "{offered:checkout}" }, offers);
    } catch (thrown) {
      return isProblem(thrown) ? `${thrown.code}: ${thrown.says}` : String(thrown);
    }
    return "nothing";
  };
  expect(thrownWith({})).toBe(
    "answers.not-offered: The answers ask for {offered:checkout}, and this world offers nothing by name.",
  );
  expect(thrownWith({ port: "1" })).toContain("this world offers port.");
});
