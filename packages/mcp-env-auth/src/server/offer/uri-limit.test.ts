import { ResourceTemplate } from "@modelcontextprotocol/server";
import { describe, expect, it } from "vitest";
import { uriLimit } from "./uri-limit.ts";

const MOST = 2048;

describe("URIs may be as long as ever", () => {
  it.each([
    [],
    ["places://users/{id}"],
    ["repo://{owner}/{name}/{branch}/{path}"],
    ["repo://{owner}/{name}{/branch}{/path}"],
    ["places://{country}/{city}{?units,days,language,zone}"],
    ["places://{country},{city},{street}"],
    ["log://{service}-{env}"],
    ["file:///{+path}"],
  ])("with %s", (...templates) => {
    expect(uriLimit(templates, MOST)).toBe(MOST);
  });
});

describe("URIs must be short enough that none takes long", () => {
  it.each([
    ["log://{service}-{env}-{region}", 288],
    ["log://{a}{b}{c}{d}", 98],
    ["log://{a}{.b}{.c}{.d}{.e}", 54],
    ["file:///{+a}/{+b}/{+c}", 288],
    ["file:///{+a}/{b}-{c}-{d}", 98],
  ])("for %s", (template, limit) => {
    expect(uriLimit(["places://users/{id}", template], MOST)).toBe(limit);
  });

  // Each takes minutes without the limit.
  it.each([
    ["log://{a}-{b}-{c}", "-"],
    ["log://{a}{b}{c}{d}", "x"],
    ["log://{a}{b}{c}{d}{e}{f}", "x"],
  ])("%s is found not to match", (text, filler) => {
    const { uriTemplate } = new ResourceTemplate(text, { list: undefined });
    const uri = `${"log://".padEnd(uriLimit([text], MOST) - 1, filler)}/`;
    expect(uriTemplate.match(uri)).toBeNull();
  });
});
