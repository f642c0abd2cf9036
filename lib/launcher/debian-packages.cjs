// Debian's packages of what REC.IO's programs import, by the modules' top-level names; tried with both reference commits.
// The launcher fetches all of them for the tests before anything is built, and the product asks on a machine for those
// that its checkout imports: one list for both.
"use strict";

const packagesOfModules = {
  aiohttp: ["python3-aiohttp"],
  apscheduler: ["python3-apscheduler"],
  bcrypt: ["python3-bcrypt"],
  cryptography: ["python3-cryptography"],
  dotenv: ["python3-dotenv"],
  // FastAPI takes forms only where multipart is there, and nobody imports it by name.
  fastapi: ["python3-fastapi", "python3-multipart"],
  flask: ["python3-flask"],
  flask_cors: ["python3-flask-cors"],
  numpy: ["python3-numpy"],
  pandas: ["python3-pandas"],
  psutil: ["python3-psutil"],
  psycopg2: ["python3-psycopg2"],
  pytz: ["python3-tz"],
  requests: ["python3-requests"],
  scipy: ["python3-scipy"],
  uvicorn: ["python3-uvicorn"],
  websockets: ["python3-websockets"],
};

const debianPython = Object.values(packagesOfModules).flat();

module.exports = { debianPython, packagesOfModules };
