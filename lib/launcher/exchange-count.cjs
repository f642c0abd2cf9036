// What the stand-ins of the exchange saw over a whole test run, told in one line; anything but GET from us fails the run.
"use strict";

/**
 * @param {string} text a JSON line a request, as lib/rehearsal/suite-count.ts writes them
 * @returns what to print, and whether this product sent nothing but GET and the websocket. Where nothing was asked at
 *   all there is nothing to say.
 */
function judgeExchange(text) {
  const seen = text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  const ours = seen.filter(({ from }) => from === "setup");
  const websockets = ours.filter(({ websocket }) => websocket).length;
  const other = ours.filter(({ method }) => method !== "GET");
  const theirs = seen.filter(({ from, method }) => from !== "setup" && method !== "GET").length;
  const methods = [...new Set(other.map(({ method }) => method))].join(", ");
  return {
    held: other.length === 0,
    line:
      ours.length === 0
        ? undefined
        : `Kalshi's stand-ins counted ${ours.length - other.length - websockets} GET and ${websockets} websockets of REC.IO Setup, and ${other.length} others${methods ? ` (${methods})` : ""}. Whoever else was tested sent ${theirs} that were not GET.`,
  };
}

module.exports = { judgeExchange };
