/** What nouns declare exists at the server: a renamed field or call fails here, before it fails a person. */
import { expect, test } from "vitest";
import calls from "../src/api/calls.json";
import { listShape } from "../src/api/shapes";
import { contacts } from "../src/contact/noun";
import { customers } from "../src/customer/noun";
import codesEn from "../src/i18n/codes.en.json";
import { filled, filledFrom, idOf, noun } from "../src/noun/noun";
import { PARTS, SCREENS } from "../src/noun/nouns";

const NOUNS = [...SCREENS, ...PARTS];

test("every call that a noun names exists", () => {
  const named = NOUNS.flatMap((one) => [
    ...Object.values(one.calls ?? {}),
    ...Object.values(one.listCalls ?? {}),
    ...Object.values(one.actions ?? {}).map((below) => `POST ${one.record}/${below}`),
    ...[one.create, one.edit, one.remove, one.record && `GET ${one.record}`].filter((call) => call !== undefined),
  ]);
  expect(named.filter((call) => !(call in calls))).toEqual([]);
});

test("what is done with many records can be done with one", () => {
  const known = (one: (typeof NOUNS)[number]) => [...Object.keys(one.calls ?? {}), ...Object.keys(one.actions ?? {})];
  for (const one of NOUNS) expect(known(one), one.name).toEqual(expect.arrayContaining(one.bulk ?? []));
});

test("dictionary fields, toned fields and filters of related lists are the server's", () => {
  for (const one of NOUNS) {
    const { row } = listShape(one.list);
    for (const field of Object.keys(one.tones ?? {})) expect(row, `${one.name}.${field}`).toHaveProperty(field);
    for (const { noun: other, filters } of one.related ?? []) {
      const found = NOUNS.find(({ name }) => name === other);
      expect(found, `${one.name} → ${other}`).toBeDefined();
      for (const filter of Object.keys(filters ?? {})) expect(listShape(found!.list).filters).toContain(filter);
    }
  }
});

test("a declaration with a column that the list does not have is refused", () => {
  expect(() => noun({ ...customers, columns: ["nickname"] })).toThrow("customers: /customers has no nickname");
});

test("the address of a record is made of its keys, in order", () => {
  const id = idOf(contacts, { customer_no: "KH1", id: 12 });

  expect(id).toBe("KH1~12");
  expect(filled(contacts.record!, id)).toBe("/customers/KH1/contacts/12");
  expect(filledFrom("/customers/{customer_no}/contacts", { customer_no: "KH1" })).toBe("/customers/KH1/contacts");
});

test("ways, files, rows of a record and dialogs are about what the server has", () => {
  const codes = codesEn as Record<string, Record<string, Record<string, string>>>;
  const known = calls as Record<string, { shows?: object }>;
  for (const one of NOUNS) {
    const shown = known[`GET ${one.record}`]?.shows ?? {};
    for (const step of [...(one.way?.steps ?? []), ...(one.way?.ends ?? [])])
      expect(codes[one.name]?.[one.way!.field], `${one.name} ${step}`).toHaveProperty(step);
    for (const field of one.inner ?? []) expect(shown, `${one.name}.${field}`).toHaveProperty(field);
    if (one.hasFiles) expect(known, one.name).toHaveProperty([`POST ${one.record}/attachments`]);
    for (const action of Object.keys(one.dialogs ?? {}))
      expect({ ...one.actions, ...one.calls }, one.name).toHaveProperty(action);
    for (const other of [one.becomes].filter(Boolean))
      expect(NOUNS.find(({ name }) => name === other)?.record, `${one.name} → ${other}`).toBeDefined();
  }
});

test("every record that takes files has a place for them", () => {
  const taking = Object.keys(calls).flatMap((call) => call.match(/^POST (.*)\/attachments$/)?.[1] ?? []);

  expect(taking.length).toBeGreaterThan(5);
  expect(taking.filter((record) => !NOUNS.some((one) => one.record === record && one.hasFiles))).toEqual([]);
});
