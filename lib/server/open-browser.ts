import { spawn } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { removeIfThere, writePrivateFile } from "./state/private-file.ts";

/** The page that leads a browser to a link, because other users of this machine can read the arguments of a program. */
export function leadingPage(link: string): string {
  return `<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer"><title>REC.IO Setup</title>
<script>location.replace(${JSON.stringify(link).replaceAll("<", "\\u003c")})</script><a href="${link}">Open REC.IO Setup</a>
`;
}

/**
 * Opens a link in the person's browser, detached. The link holds a code, so it travels in a file of mode 0600 that
 * leads there, never in an argument.
 * Resolves false where there is no such program; undo with {@link forgetLink} once the code is of no use.
 */
export function openBrowser(link: string, stateFolder: string): Promise<boolean> {
  const page = leadingFile(stateFolder);
  writePrivateFile(page, leadingPage(link));
  return new Promise((resolve) => {
    const child = spawn(process.platform === "darwin" ? "open" : "xdg-open", [pathToFileURL(page).href], {
      detached: true,
      stdio: "ignore",
    });
    child.once("error", () => resolve(false));
    child.once("spawn", () => {
      child.unref();
      resolve(true);
    });
  });
}

function leadingFile(stateFolder: string): string {
  return join(stateFolder, "open.html");
}

export function forgetLink(stateFolder: string): void {
  removeIfThere(leadingFile(stateFolder));
}
