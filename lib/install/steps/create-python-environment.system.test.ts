import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "playwright/test";
import { findPython } from "../../checkout/python/find-python.ts";
import { heardJob, type StepsWorld, stepsWorld } from "../../checkout/test-steps.ts";
import { writeTestTree } from "../../checkout/test-tree.ts";
import { checkoutProbes } from "../../health/probes/checkout/checkout.ts";
import { judgePackages } from "../../health/probes/checkout/python.ts";
import { createPythonEnvironment } from "./create-python-environment.ts";

/** Writes two wheels: every module that the test tree imports, and bcrypt. */
const makeWheels = `
import sys, zipfile
def wheel(name, version, modules):
    info = "%s-%s.dist-info" % (name, version)
    with zipfile.ZipFile("%s/%s-%s-py3-none-any.whl" % (sys.argv[1], name, version), "w") as file:
        for module, text in modules.items(): file.writestr(module + ".py", text)
        file.writestr(info + "/METADATA", "Metadata-Version: 2.1\\nName: %s\\nVersion: %s\\n" % (name, version))
        file.writestr(info + "/WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        file.writestr(info + "/RECORD", "")
wheel("toy_package", "1.0", {**{name: "" for name in ("uvicorn", "pytz", "requests", "websockets", "psutil")}, "flask": "Flask = object"})
wheel("bcrypt", "9.0", {"bcrypt": "checkpw = hashpw = None"})
`;

let it: StepsWorld;
let root: StepsWorld["root"];
let machine: StepsWorld["machine"];
let paths: StepsWorld["paths"];
let world: StepsWorld["world"];
let ask: StepsWorld["ask"];
let levels: StepsWorld["levels"];
let takeBack: StepsWorld["takeBack"];
test.beforeEach(async () => {
  it = await stepsWorld();
  ({ root, machine, paths, world, ask, levels, takeBack } = it);
});
test.afterEach(() => it.end());

const whole = { data: { kind: "none" }, consent: { systemPackages: false, goOnWithout: [] as string[] } } as const;

test.describe("The Python environment", () => {
  const step = createPythonEnvironment({ python: { packages: "system" } });
  const debian = "/usr/lib/python3/dist-packages/psycopg2";

  test("an environment that sees the system's packages is made, proven, and taken back", async () => {
    test.skip((await machine.files.facts(debian)) === undefined, "Debian's python3-psycopg2 is not installed here");
    await writeTestTree(machine, root);
    expect(await levels(step.probes)).toEqual({ "python-environment": "fail", "python-packages": "fail" });
    const receipt = await step.run(world, heardJob().job as never);
    expect(await levels(step.probes)).toEqual({ "python-environment": "ok", "python-packages": "ok" });
    const { stdout } = await machine.exec(world.checkout.python, [
      "-c",
      "import sys; print(sys.prefix, sys.base_prefix)",
    ]);
    expect(stdout.trim()).toBe(`${paths.python} /usr`);
    expect(await levels(checkoutProbes(whole))).toMatchObject({ "checkout-untouched": "ok" });
    await takeBack(step, receipt);
    expect(readdirSync(paths.state)).toEqual([]);
  });

  test("a half environment is made anew", async () => {
    test.skip((await machine.files.facts(debian)) === undefined, "Debian's python3-psycopg2 is not installed here");
    await writeTestTree(machine, root);
    mkdirSync(join(paths.python, "bin"), { recursive: true });
    writeFileSync(join(paths.python, "bin/python"), "not an interpreter", { mode: 0o755 });
    expect((await levels(step.probes))["python-environment"]).toBe("fail");
    await step.run(world, heardJob().job as never);
    expect((await levels(step.probes))["python-environment"]).toBe("ok");
  });

  test("what hides a package is noticed at once, and the environment is made anew without it", async () => {
    test.skip((await machine.files.facts(debian)) === undefined, "Debian's python3-psycopg2 is not installed here");
    await writeTestTree(machine, root);
    await step.run(world, heardJob().job as never);
    expect((await levels(step.probes))["python-packages"]).toBe("ok");
    const [version = ""] = readdirSync(join(paths.python, "lib"));
    writeFileSync(join(paths.python, "lib", version, "site-packages/bcrypt.py"), "raise ImportError('hidden')\n");
    expect(await ask(step.probes[1])).toMatchObject({ level: "fail", objects: ["bcrypt"] });
    await step.run(world, heardJob().job as never);
    expect((await levels(step.probes))["python-packages"]).toBe("ok");
  });

  test("pip fills the environment from a folder of wheels alone, and notices that other ones are asked for now", async () => {
    test.setTimeout(180_000);
    const { path: python } = await findPython(machine, "pip");
    const ensurepip = await machine.exec(python, ["-I", "-m", "ensurepip", "--version"]);
    test.skip(ensurepip.code !== 0, "this Python cannot make an environment with pip (python3-venv is not installed)");
    const wheels = join(paths.state, "..", "wheels");
    mkdirSync(wheels, { recursive: true });
    await writeTestTree(machine, root, { changes: { "requirements.txt": "toy-package==1.0\n" } });
    const made = await machine.exec("/usr/bin/python3", ["-", wheels], { input: makeWheels });
    expect(made.stderr).toBe("");
    const answers = { python: { packages: "pip" as const, wheels } };
    const fromWheels = createPythonEnvironment(answers);
    expect((await fromWheels.describe(world)).map(({ detail }) => detail).join()).toContain(
      `out of the wheels in ${wheels}`,
    );
    await fromWheels.run(world, heardJob().job as never);
    expect(await levels(fromWheels.probes)).toEqual({ "python-environment": "ok", "python-packages": "ok" });

    writeFileSync(join(root, "requirements.txt"), "toy-package==1.0\nnot-in-the-folder==2.0\n");
    expect(await ask(fromWheels.probes[1])).toMatchObject({
      level: "fail",
      says: "requirements.txt has changed since pip installed it.",
    });
    await expect(fromWheels.run(world, heardJob().job as never)).rejects.toMatchObject({
      code: "python.wheel-missing",
      says: "The folder of wheels holds no not-in-the-folder==2.0 that fits this Python.",
    });
  });

  test("a module that is missing is named with the line that imports it", async () => {
    await writeTestTree(machine, root, {
      changes: {
        "backend/system_monitor.py":
          'all_services = ["main_app"]\nimport not_on_this_machine\nfrom json import loads\nfrom os import no_such_name\n',
      },
    });
    const refused = step.run(world, heardJob().job as never);
    await expect(refused).rejects.toMatchObject({
      code: "python.modules-missing",
      says: "not_on_this_machine (backend/system_monitor.py:2) cannot be imported, and the programs need it.",
    });
    expect(await ask(step.probes[1])).toMatchObject({
      level: "fail",
      objects: ["not_on_this_machine"],
      evidence: {
        cameBack:
          "not_on_this_machine (backend/system_monitor.py:2): ModuleNotFoundError: No module named 'not_on_this_machine'",
      },
    });
  });

  test("a module that the code can do without is only a warning", () => {
    const entry = { module: "extra", names: [], where: ["backend/x.py:1"], guarded: true };
    expect(judgePackages({ imports: [entry], failing: { extra: "ModuleNotFoundError" } })).toMatchObject({
      level: "warn",
    });
  });
});
