/**
 * A reporter for vitest: names the tests that passed only when they were repeated, each with the error of its first
 * try. They are the ones to repair before they fail.
 */
export default class RetriedTests {
  /** @type {string[]} */
  #lines = [];

  /** @param {import("vitest/node").TestCase} test */
  onTestCaseResult(test) {
    const { retryCount = 0 } = test.diagnostic() ?? {};
    if (retryCount === 0 || test.result().state !== "passed") {
      return;
    }
    const [error] = test.result().errors ?? [];
    const reason = error === undefined ? "" : `: ${error.message.split("\n", 1)[0]}`;
    this.#lines.push(`  ${test.module.relativeModuleId} > ${test.fullName}${reason}`);
  }

  onTestRunEnd() {
    if (this.#lines.length > 0) {
      console.log(`Passed only when repeated:\n${this.#lines.join("\n")}`);
    }
  }
}
