import { expect, test } from "playwright/test";
import type { EntryState, RunState } from "../engine/state.ts";
import { cameOf } from "./taking-back.ts";

const entry = (id: string, over: Partial<EntryState>): EntryState => ({
  kind: "step",
  id,
  title: id,
  changes: [],
  status: "waiting",
  findings: [],
  receipts: [],
  spending: false,
  ...over,
});

test("packages that stay by intention keep no uninstall from being whole, and nothing else is hidden", () => {
  const entries = [
    entry("create-login@one", { status: "takenBack", says: "The login is taken back." }),
    entry("install-system-packages@one", { status: "left", says: "supervisor stays installed.", stays: true }),
    entry("create-programs-user@one", { status: "left", says: "userdel refuses." }),
  ];
  const came = (some: EntryState[]) => cameOf({ status: "done", entries: some } as unknown as RunState);
  expect(came(entries.slice(0, 2))).toEqual({ whole: true, takenBack: ["The login is taken back."], left: [] });
  expect(came(entries).left).toEqual([{ stepId: "create-programs-user", says: "userdel refuses." }]);
});
