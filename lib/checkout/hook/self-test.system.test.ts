import { expect, test } from "playwright/test";
import { done, hasPythonPackages, hookRoom } from "./test-hook.ts";

test.skip(!hasPythonPackages, "the Python packages of REC.IO are not on this machine");

test("the self-test asks about a framework where it is there, and says of another that nothing uses it", async () => {
  const room = await hookRoom();
  const { answer } = room.run(`${done}
import sys, check
names = ["uvicorn", "visitors", "websockets additional_headers", "fastapi lifespan"]
asked = lambda: [list(dict(check.CHECKS)[name]()) for name in names]
here = asked()
for name in ("uvicorn", "fastapi", "websockets"):
    for loaded in [loaded for loaded in sys.modules if loaded.split(".")[0] == name]: del sys.modules[loaded]
    sys.modules[name] = None  # As if it were not installed.
done([here, asked()])
`);
  const [here, gone] = answer as [boolean, string][][];
  expect(here).toEqual([
    [true, "0.0.0.0 became 127.0.0.1"],
    [true, "both servers refuse a foreign Host and a foreign Origin"],
    [expect.any(Boolean), "the header arrives"],
    [expect.any(Boolean), "the handler runs"],
  ]);
  expect(gone).toEqual([
    [true, "uvicorn is not here, so no program uses it"],
    [true, "werkzeug refuses a foreign Host and a foreign Origin"],
    [true, "websockets is not here, so no program uses it"],
    [true, "fastapi is not here, so no program uses it"],
  ]);
  await room.leave();
});
