import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { localMachine } from "../../machine/local-machine.ts";
import { listRoutes } from "./routes.ts";

const source = `
import datetime
app = FastAPI()
router = APIRouter(prefix="/api")
@app.get("/health")
async def health(): return {"status": "healthy", "port": 1, "timestamp": datetime.datetime.now().isoformat()}
@app.get("/alive")
async def alive(): return {"status": "healthy", "thread": watcher.is_alive()}
@router.get("/strikes/{symbol}")
def strikes(symbol: str, request: Request, limit: int = 5): return read(symbol)
@app.get("/search")
def search(word: str): return read(word)
@app.route("/both/<int:number>", methods=["GET", "POST"])
def both(number): return read(number)
@app.route("/order", methods=["POST"])
def order(): return send()
@app.post("/other")
def other(): return send()
@app.route("POST", "/method/first")
def first(): return send()
@app.route("GET", "/method/read")
def second(): return read(1)
`;

test("the routes of GET are found in the source, with what they want and whether they can say anything", async () => {
  const folder = mkdtempSync(join(tmpdir(), "routes-"));
  try {
    writeFileSync(join(folder, "main.py"), source);
    writeFileSync(join(folder, "broken.py"), "def");
    const machine = localMachine({ stateFolder: folder });
    const found = await listRoutes(machine, "/usr/bin/python3", folder, ["main.py", "broken.py", "missing.py"]);
    expect(found.map(({ path, parameters, query, constant }) => [path, parameters, query, constant])).toEqual([
      ["/health", [], [], true],
      ["/alive", [], [], false],
      ["/api/strikes/{symbol}", ["symbol"], [], false],
      ["/search", [], ["word"], false],
      ["/both/<int:number>", ["number"], [], false],
      ["/method/read", [], [], false],
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
