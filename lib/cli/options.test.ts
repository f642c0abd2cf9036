import { expect, test } from "playwright/test";
import { readOptions, readPort } from "./options.ts";

const specs = [
  { name: "--answers", value: "FILE", says: "" },
  { name: "--yes", says: "" },
];
const read = (...args: string[]) => readOptions(args, specs, "setup");

test("flags, values and words are told apart", () => {
  const { flags, values, positionals } = read("one", "--yes", "--answers", "file", "two");
  expect([...flags]).toEqual(["--yes"]);
  expect([...values]).toEqual([["--answers", "file"]]);
  expect(positionals).toEqual(["one", "two"]);
});

test("a value may begin with dashes, hold an equals sign, or look like another option", () => {
  expect(read("--answers", "--yes").values.get("--answers")).toBe("--yes");
  expect(read("--answers", "--yes").flags.size).toBe(0);
  expect(read("--answers=--a=b").values.get("--answers")).toBe("--a=b");
});

test("what follows two dashes is no option, and a single dash is a word", () => {
  expect(read("-", "--", "--yes").positionals).toEqual(["-", "--yes"]);
});

test("the last of several values counts", () => {
  expect(read("--answers", "a", "--answers", "b").values.get("--answers")).toBe("b");
});

test("an unknown option, a missing value and a value for a flag are refused by name", () => {
  expect(() => read("--colour")).toThrow("setup has no option --colour.");
  expect(() => read("--colour=red")).toThrow("setup has no option --colour.");
  expect(() => read("-y")).toThrow("setup has no option -y.");
  expect(() => read("--answers")).toThrow("--answers wants a value: --answers FILE.");
  expect(() => read("--answers=")).toThrow("--answers wants a value");
  expect(() => read("--yes=no")).toThrow("--yes takes no value.");
});

test("a port is a whole number from 1 to 65535", () => {
  expect(readPort(undefined, "setup")).toBeUndefined();
  expect(readPort("5173", "setup")).toBe(5173);
  for (const bad of ["0", "65536", "-1", "5173.5", "0x10", "", "http", "99999999999"])
    expect(() => readPort(bad, "setup")).toThrow("is no port");
});
