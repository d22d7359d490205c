import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chatContextTypes, chatStatuses, chatTypes } from "../src/generated/constants.js";
import { sampleChats } from "../src/testing/index.js";
import { findErrors } from "./conformance.js";

describe("sampleChats", () => {
  it("makes chats as the Market has them", () => {
    for (const chat of sampleChats(500)) {
      expect(findErrors("GetChatInfoDTO", chat), JSON.stringify(chat)).toEqual([]);
      expect(chat.createdAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+03:00$/);
      expect(chat.updatedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+03:00$/);
      expect(Date.parse(chat.createdAt)).toBeLessThanOrEqual(Date.parse(chat.updatedAt));
      expect(chat.orderId).toBe(chat.context.orderId);
      expect(chat.context.customer?.name ?? "Анна К.").toMatch(/^[А-ЯЁ][а-яё]+ [А-Я]\.$/);
    }
  });

  it("has an order where there is one, a return where there is one, and neither where the customer just wrote", () => {
    for (const { context } of sampleChats(500)) {
      const { type, orderId, returnId, campaignId } = context;
      expect(orderId !== undefined, JSON.stringify(context)).toBe(type !== "DIRECT");
      expect(returnId !== undefined, JSON.stringify(context)).toBe(type === "RETURN");
      expect(campaignId !== undefined && type === "DIRECT").toBe(false);
    }
  });

  it("has every status, type and context type among the first six", () => {
    const chats = sampleChats(6);
    expect(new Set(chats.map(({ status }) => status))).toEqual(new Set(chatStatuses));
    expect(new Set(chats.map(({ type }) => type))).toEqual(new Set(chatTypes));
    expect(new Set(chats.map(({ context }) => context.type))).toEqual(new Set(chatContextTypes));
  });

  it("leaves out now and then what the Market need not send", () => {
    const contexts = sampleChats(200).map(({ context }) => context);
    for (const type of chatContextTypes) {
      const ofType = contexts.filter((context) => context.type === type);
      expect(new Set(ofType.map(({ customer }) => customer !== undefined)), type).toEqual(new Set([true, false]));
    }
    const withOrder = contexts.filter(({ type }) => type !== "DIRECT");
    expect(new Set(withOrder.map(({ campaignId }) => campaignId !== undefined))).toEqual(new Set([true, false]));
    const customers = contexts.flatMap(({ customer }) => customer ?? []);
    expect(new Set(customers.map(({ publicId }) => publicId !== undefined))).toEqual(new Set([true, false]));
  });

  it("makes the same chats for the same seed, and others for another", () => {
    expect(sampleChats(20, { seed: 7 })).toEqual(sampleChats(20, { seed: 7 }));
    expect(sampleChats(20, { seed: 7 })).not.toEqual(sampleChats(20, { seed: 8 }));
    // As they are in version 1: somebody's snapshots may hold them.
    expect(sampleChats(2)).toMatchInlineSnapshot(`
      [
        {
          "chatId": 4200014,
          "context": {
            "campaignId": 23761950,
            "customer": {
              "name": "Наталья К.",
              "publicId": "bf2jsoce08dzrelwspph",
            },
            "orderId": 57000000669,
            "type": "ORDER",
          },
          "createdAt": "2025-03-01T09:18:45+03:00",
          "orderId": 57000000669,
          "status": "NEW",
          "type": "CHAT",
          "updatedAt": "2025-03-01T09:18:45+03:00",
        },
        {
          "chatId": 4200050,
          "context": {
            "customer": {
              "name": "Екатерина Ю.",
              "publicId": "p8zsgn8ktnft7e0ugcik",
            },
            "type": "DIRECT",
          },
          "createdAt": "2025-03-01T09:21:07+03:00",
          "status": "WAITING_FOR_PARTNER",
          "type": "CHAT",
          "updatedAt": "2025-03-02T16:49:44+03:00",
        },
      ]
    `);
  });

  it("goes on where it left off", () => {
    fc.assert(
      fc.property(fc.nat(60), fc.nat(60), fc.integer(), (first, second, seed) => {
        const chats = [...sampleChats(first, { seed }), ...sampleChats(second, { seed, skip: first })];
        expect(chats).toEqual(sampleChats(first + second, { seed }));
      }),
    );
  });

  it("gives no ID twice, and larger ones to later chats", () => {
    const chats = sampleChats(20_000);
    for (const ids of [
      chats.map(({ chatId }) => chatId),
      chats.flatMap(({ context }) => context.orderId ?? []),
      chats.flatMap(({ context }) => context.returnId ?? []),
    ]) {
      expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
    }
    const times = chats.map(({ createdAt }) => createdAt);
    expect(times).toEqual([...times].sort());
  });

  it("refuses what it cannot make", () => {
    expect(() => sampleChats(-1)).toThrow(
      new RangeError("count must be an integer from 0 to 9007199254740991, not -1"),
    );
    expect(() => sampleChats(1.5)).toThrow(RangeError);
    expect(() => sampleChats(1, { seed: NaN })).toThrow(/^seed must be/);
    expect(() => sampleChats(1, { skip: -1 })).toThrow(/^skip must be/);
  });
});
