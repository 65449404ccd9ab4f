// Preloaded into a server whose memory is measured: it writes how much of its heap is in use, after a garbage
// collection, whenever it gets SIGUSR2.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc");
process.on("SIGUSR2", () => {
  collectGarbage();
  process.stderr.write(`heap ${process.memoryUsage().heapUsed}\n`);
});
