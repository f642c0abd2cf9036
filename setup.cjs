// The launcher: works in a fresh clone, before anything is installed. Old Nodes must be able to parse this file, so that
// they can say which Node is needed: hence var, function and nothing newer. What follows is in lib/launcher.
"use strict";

var wanted = [20, 9];
var have = process.versions.node.split(".").map(Number);
var says;

if (have[0] < wanted[0] || (have[0] === wanted[0] && have[1] < wanted[1])) {
  says =
    "REC.IO Setup needs Node " +
    wanted.join(".") +
    " or newer and this is Node " +
    process.versions.node +
    ": get it from https://nodejs.org/en/download, or with `nvm install 22`, then run this again.";
  if (process.argv.indexOf("--json") === -1) console.error(says);
  else console.log(JSON.stringify({ problem: { code: "machine.node-too-old", says: says } }));
  process.exit(1);
} else {
  require("./lib/launcher/launch.cjs").launch(process.argv.slice(2));
}
