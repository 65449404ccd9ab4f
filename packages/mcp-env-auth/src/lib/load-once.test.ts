import { expect, it, vi } from "vitest";
import { loadOnce } from "./load-once.ts";

it("loads once for all who ask, and gives the thing itself when it is there", async () => {
  const load = vi.fn(async () => ({}));
  const get = loadOnce(load);
  expect(load).not.toHaveBeenCalled();
  const [first, second] = await Promise.all([get(), get()]);
  expect(first).toBe(second);
  expect(get()).toBe(first);
  expect(load).toHaveBeenCalledOnce();
});

it("fails for all alike", async () => {
  const load = vi.fn(async () => {
    throw new Error("broken");
  });
  const get = loadOnce(load);
  await expect(get()).rejects.toThrow("broken");
  await expect(get()).rejects.toThrow("broken");
  expect(load).toHaveBeenCalledOnce();
});
