import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chatContextTypes, chatStatuses, chatTypes } from "../src/generated/constants.js";
import { type SampleOptions, sampleChats } from "../src/testing/index.js";
import { findErrors } from "./conformance.js";

describe("sampleChats", () => {
  it("creates chats that match the schema, have consistent contexts, and cover every value within six chats", () => {
    for (const chat of sampleChats(500)) {
      const { type, orderId, returnId, campaignId, customer } = chat.context;
      expect(findErrors("GetChatInfoDTO", chat), JSON.stringify(chat)).toEqual([]);
      expect(Date.parse(chat.createdAt)).toBeLessThanOrEqual(Date.parse(chat.updatedAt));
      expect(chat.orderId).toBe(orderId);
      expect([orderId !== undefined, returnId !== undefined]).toEqual([type !== "DIRECT", type === "RETURN"]);
      expect(campaignId !== undefined && type === "DIRECT").toBe(false);
      expect(customer?.name ?? "Анна К.").toMatch(/^[А-ЯЁ][а-яё]+ [А-Я]\.$/);
    }
    const covered = sampleChats(6).flatMap(({ status, type, context }) => [status, type, context.type]);
    expect(new Set(covered)).toEqual(new Set([...chatStatuses, ...chatTypes, ...chatContextTypes]));
  });

  it("creates the same chats for the same seed in every version, because snapshots may contain them", () => {
    expect(sampleChats(20, { seed: 7 })).not.toEqual(sampleChats(20, { seed: 8 }));
    const text = JSON.stringify(sampleChats(500));
    const hash = "95f3ff7b61b8033ba8c65aaafc21a8061968ca2f1ba2baf4bf2d19f87ec0e842";
    expect(createHash("sha256").update(text).digest("hex")).toBe(hash);
  });

  it("continues the sequence when chats are skipped", () => {
    fc.assert(
      fc.property(fc.nat(60), fc.nat(60), fc.integer(), (first, second, seed) => {
        const chats = [...sampleChats(first, { seed }), ...sampleChats(second, { seed, skip: first })];
        expect(chats).toEqual(sampleChats(first + second, { seed }));
      }),
    );
  });

  const now = new Date("2026-01-01T12:00:00Z");
  it.each([now, undefined])("increases IDs and dates with the option now: %s", (date) => {
    const chats = sampleChats(20_000, { now: date });
    for (const name of ["chatId", "orderId", "returnId"] as const) {
      const values = chats.flatMap(({ context, chatId }) => ({ ...context, chatId })[name] ?? []);
      expect(values).toEqual([...new Set(values)].sort((a, b) => a - b));
    }
    const times = chats.map(({ createdAt }) => createdAt);
    expect(times).toEqual([...times].sort());
  });

  it.each([0, 100])("ends shortly before now when %i chats are skipped", (skip) => {
    const chats = sampleChats(50, { skip, now });
    const minutesAgo = (date: string) => (now.getTime() - Date.parse(date)) / 60_000;
    expect(Math.min(...chats.map(({ updatedAt }) => minutesAgo(updatedAt)))).toBeGreaterThanOrEqual(0);
    expect(minutesAgo(chats.at(-1)!.createdAt)).toBeLessThanOrEqual(20);
  });

  it.each<[number, SampleOptions | null, string]>([
    [-1, {}, "count must be an integer from 0"],
    [1, { seed: NaN }, "seed must be an integer"],
    [1, { skip: -1 }, "skip must be an integer from 0"],
    [1, { now: new Date(NaN) }, "now must be a valid Date"],
    [1, { now: "2026-01-01" as never }, "now must be a valid Date"],
    [1, { sed: 1 } as never, "options.sed is unknown"],
    [1, null, "options must be an object, not null"],
  ])("rejects sampleChats(%j, %j)", (count, options, message) => {
    expect(() => sampleChats(count, options as SampleOptions)).toThrow(message);
  });
});
