// Starts the daemon under test on a store of its own, and stops it.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PATIENCE_MS = 20_000;

function answers(socket) {
  return new Promise((resolve) => {
    const connection = connect(socket);
    connection.on("connect", () => connection.end(() => resolve(true)));
    connection.on("error", () => resolve(false));
  });
}

export async function startDaemon() {
  const home = mkdtempSync(join(tmpdir(), "owrd-interop-"));
  const log = join(home, "log");
  const configuration = join(home, "owrd.toml");
  writeFileSync(configuration, `
[store]
path = "${home}/store"
[network]
listen = ["127.0.0.1:0"]
dht = false
lsd = false
upnp = false
[control]
socket = "${home}/owrd.sock"
socket_ro = "${home}/owrd-ro.sock"
`);
  mkdirSync(join(home, "run"), { mode: 0o700 });
  const environment = { ...process.env, HOME: home, XDG_RUNTIME_DIR: join(home, "run") };
  for (const name of ["OWRD_HOST", "OWRD_STORE", "OWRD_CONFIG", "JOURNAL_STREAM"]) delete environment[name];
  const output = openSync(log, "a");
  const child = spawn(process.env.OWRDD, ["--config", configuration], {
    env: environment, stdio: ["ignore", output, output] });
  const ended = new Promise((resolve) => child.on("exit", (code, signal) => resolve(code ?? signal)));

  const daemon = {
    home,
    socket: join(home, "owrd.sock"),
    readOnlySocket: join(home, "owrd-ro.sock"),
    log: () => readFileSync(log, "utf8"),
    async stop() {
      child.kill("SIGTERM");
      const code = await ended;
      if (code !== 0) throw new Error(`owrdd ended with ${code}:\n${daemon.log()}`);
      rmSync(home, { recursive: true });
    },
  };
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await answers(daemon.socket))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill("SIGKILL");
      throw new Error(`owrdd does not answer on ${daemon.socket}:\n${daemon.log()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return daemon;
}
