// Debian's packages of what REC.IO's programs import, tried with both reference commits. The launcher fetches them for the
// tests before anything is built, and the product asks for them on a machine: one list for both.
"use strict";

const debianPython = [
  "aiohttp",
  "apscheduler",
  "bcrypt",
  "cryptography",
  "dotenv",
  "fastapi",
  "flask",
  "flask-cors",
  "multipart",
  "numpy",
  "pandas",
  "psutil",
  "psycopg2",
  "requests",
  "scipy",
  "tz",
  "uvicorn",
  "websockets",
].map((name) => `python3-${name}`);

module.exports = { debianPython };
