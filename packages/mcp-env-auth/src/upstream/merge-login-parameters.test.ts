import { describe, expect, it } from "vitest";
import { accountPromptOf, mergeLoginParameters } from "./merge-login-parameters.ts";

describe("the prompt for another account", () => {
  it.each([
    [undefined, {}, "login"],
    ["consent", {}, "login"],
    [undefined, { values: ["select_account", "login"] }, "login"],
    [undefined, { values: ["select_account"] }, "select_account"],
    [undefined, { values: ["consent"] }, undefined],
    ["none", {}, undefined],
    ["select_account", { single: true }, "login"],
    ["consent", { single: true }, undefined],
  ])("where %j is configured, of %j", (configured, support, expected) => {
    expect(accountPromptOf(configured, support)).toBe(expected);
  });
});

describe("prompt", () => {
  it.each([
    ["of the client alone", undefined, "login", {}, "login"],
    ["of the configuration alone", "consent", undefined, {}, "consent"],
    ["of both is joined", "select_account", "login consent", {}, "select_account login consent"],
    ["of both has each value once", "consent", "consent login", {}, "consent login"],
    ["that is none stands alone", "none", "login", {}, "none"],
    ["has no value that the provider doesn't know", "consent", "login", { values: ["consent"] }, "consent"],
    ["is left out if the provider knows no value of it", undefined, "login", { values: ["consent"] }, undefined],
    ["of the configuration is not judged", "create", "login", { values: ["login"] }, "create login"],
    ["stays the configured one where one is all", "select_account", "consent", { single: true }, "select_account"],
    ["is the stronger one where one is all", "select_account", "login", { single: true }, "login"],
    ["is the stronger one of several", "select_account", "consent login", { single: true }, "login"],
    ["is the stronger one, whoever sent it", "login", "select_account", { single: true }, "login"],
    ["is the stronger one of the client's", undefined, "select_account login", { single: true }, "login"],
    ["stays what a login doesn't do", "consent", "login", { single: true }, "consent"],
    ["that is none stands alone where one is all", "none", "login", { single: true }, "none"],
    [
      "is not one that the provider doesn't know",
      "select_account",
      "login",
      { single: true, values: [] },
      "select_account",
    ],
    ["is the first one where one is all", undefined, "login consent", { single: true }, "login"],
    ["is absent if nobody sent one", undefined, undefined, {}, undefined],
  ])("%s", (_what, configured, requested, support, expected) => {
    const merged = mergeLoginParameters(
      configured === undefined ? {} : { prompt: configured },
      requested === undefined ? {} : { prompt: requested },
      support,
    );
    expect(merged.prompt).toBe(expected);
  });
});

describe("max_age", () => {
  it.each([
    ["60", "300", "60"],
    ["300", "60", "60"],
    ["300", undefined, "300"],
    [undefined, "0", "0"],
    ["soon", "60", "soon"],
  ])("%s and %s is %s", (configured, requested, expected) => {
    const merged = mergeLoginParameters(
      configured === undefined ? {} : { max_age: configured },
      requested === undefined ? {} : { max_age: requested },
    );
    expect(merged.max_age).toBe(expected);
  });
});

it("leaves every other configured parameter as it is", () => {
  const configured = { login_hint: "operator", ui_locales: "de", access_type: "offline" };
  expect(mergeLoginParameters(configured, { login_hint: "client", ui_locales: "fr" })).toEqual(configured);
});
