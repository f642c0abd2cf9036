"use strict";

/** A reason to stop that the person is told in one sentence. */
class Stop extends Error {
  constructor(code, says, exitCode = 1) {
    super(says);
    this.code = code;
    this.exitCode = exitCode;
  }
}

module.exports = { Stop };
