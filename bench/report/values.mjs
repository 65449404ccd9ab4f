/**
 * How values are written: what they are called, how many units one is, and with how many digits.
 *
 * @type {Readonly<Record<string, { name: string, scale: number, digits: number }>>}
 */
export const VALUES = {
  cpu: { name: "CPU µs", scale: 1, digits: 0 },
  rate: { name: "per s", scale: 1, digits: 0 },
  capacity: { name: "per s of CPU", scale: 1, digits: 0 },
  p50: { name: "p50 ms", scale: 1, digits: 1 },
  p99: { name: "p99 ms", scale: 1, digits: 1 },
  memory: { name: "memory MB", scale: 1e-6, digits: 0 },
  serverBusy: { name: "server busy %", scale: 100, digits: 0 },
  loadBusy: { name: "load busy %", scale: 100, digits: 0 },
  firstChallenge: { name: "first 401 ms", scale: 1, digits: 0 },
  firstChallengeCpu: { name: "CPU ms until then", scale: 1, digits: 0 },
  firstCallCpu: { name: "CPU ms until then", scale: 1, digits: 0 },
  firstCall: { name: "first call ms", scale: 1, digits: 0 },
  idleMemory: { name: "idle MB", scale: 1e-6, digits: 0 },
  residentKept: { name: "kept in the process, bytes", scale: 1, digits: 0 },
  heapKept: { name: "kept in the heap, bytes", scale: 1, digits: 0 },
  storeKept: { name: "kept in files, bytes", scale: 1, digits: 0 },
  milliseconds: { name: "ms", scale: 1, digits: 0 },
  requests: { name: "requests", scale: 1, digits: 0 },
  thirdMinute: { name: "third minute MB", scale: 1e-6, digits: 1 },
  lastMinute: { name: "last minute MB", scale: 1e-6, digits: 1 },
  growth: { name: "last / third", scale: 1, digits: 3 },
};

/**
 * A value in its unit, or a dash where nothing was measured.
 *
 * @param {string} value
 * @param {number | undefined} measured
 */
export function formatValue(value, measured) {
  const { scale = 1, digits = 1 } = VALUES[value] ?? {};
  return measured === undefined ? "–" : (measured * scale).toFixed(digits);
}
