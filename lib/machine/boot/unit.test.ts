import { expect, test } from "playwright/test";
import { judgeBoot } from "../../health/probes/machine/boot.ts";
import { bootFile, bootName, bootText } from "./unit.ts";

const command = {
  node: "/usr/bin/node",
  project: "/srv/rec io",
  state: '/var/lib/50% "x"$y\\z',
  home: "/root",
  rehearsal: false,
};
const systemd = { kind: "systemd", scope: "system" } as const;

test("a unit starts the one command that brings everything back, with every sign in its paths written as systemd wants it", () => {
  const lines = bootText(command, systemd).split("\n");
  expect(lines).toContain(
    'ExecStart="/usr/bin/node" "/srv/rec io/setup.cjs" "start" "--state=/var/lib/50%% \\"x\\"$$y\\\\z"',
  );
  expect(lines).toContain(
    'ExecStop="/usr/bin/node" "/srv/rec io/setup.cjs" "recio" "stop" "--state=/var/lib/50%% \\"x\\"$$y\\\\z"',
  );
  expect(lines).toContain("WorkingDirectory=/srv/rec io");
  expect(lines).toContain('Environment="HOME=/root"');
  expect(lines).toContain("WantedBy=multi-user.target");
  expect(bootText(command, { ...systemd, scope: "user" })).toContain("WantedBy=default.target");
  expect(bootText({ ...command, rehearsal: true }, systemd)).toContain('"--rehearsal"');
});

test("an agent of launchd runs the same words, and keeps what it started", () => {
  const text = bootText({ ...command, state: "/Users/a & b" }, { kind: "launchd", scope: "user" });
  expect(text).toContain("<string>--state=/Users/a &amp; b</string>");
  expect(text).toContain("<key>AbandonProcessGroup</key>");
});

test("each installation has a unit of its own, where its user's lie", () => {
  expect(bootName("/a", systemd)).not.toBe(bootName("/b", systemd));
  expect(bootFile({ state: "/a", home: "/home/x" }, systemd)).toMatch(
    /^\/etc\/systemd\/system\/rec-io-setup-[0-9a-f]{8}\.service$/,
  );
  expect(bootFile({ state: "/a", home: "/home/x" }, { kind: "systemd", scope: "user" })).toMatch(
    /^\/home\/x\/\.config\/systemd\/user\//,
  );
  expect(bootFile({ state: "/a", home: "/Users/x" }, { kind: "launchd", scope: "user" })).toMatch(
    /^\/Users\/x\/Library\/LaunchAgents\/.*\.plist$/,
  );
});

test("the finding tells a unit that is missing, changed, not enabled, and a system that has nobody for it", () => {
  expect(judgeBoot({ manager: systemd, file: "same", enabled: true })).toMatchObject({ level: "ok" });
  expect(judgeBoot({ manager: systemd, file: "same", enabled: false })).toMatchObject({ level: "fail" });
  expect(judgeBoot({ manager: systemd, file: "other", enabled: true })).toMatchObject({ level: "fail" });
  expect(judgeBoot({ manager: systemd, file: "absent", enabled: false })).toMatchObject({
    level: "fail",
    remedy: { stepId: "start-at-boot" },
  });
  expect(judgeBoot({ manager: undefined, file: "absent", enabled: false })).toMatchObject({
    level: "warn",
    remedy: { says: expect.stringContaining("npm start") },
  });
});
