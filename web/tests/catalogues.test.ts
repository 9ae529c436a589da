/** Both catalogues say the same, and they say everything that a screen asks of them. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import calls from "../src/api/calls.json";
import lists from "../src/api/lists.json";
import codesEn from "../src/i18n/codes.en.json";
import codesZh from "../src/i18n/codes.zh-CN.json";
import enFirst from "../src/i18n/en.json";
import fieldsEn from "../src/i18n/fields.en.json";
import fieldsZh from "../src/i18n/fields.zh-CN.json";
import neededEn from "../src/i18n/needed.en.json";
import neededZh from "../src/i18n/needed.zh-CN.json";
import problemsZh from "../src/i18n/problems.zh-CN.json";
import enReports from "../src/i18n/reports.en.json";
import zhReports from "../src/i18n/reports.zh-CN.json";
import zhFirst from "../src/i18n/zh-CN.json";
import { PARTS, SCREENS } from "../src/noun/nouns";

type Tree = { [key: string]: string | Tree };
const NOUNS = [...SCREENS, ...PARTS];
const en = merged(enFirst, enReports);
const zh = merged(zhFirst, zhReports);

/** As the client does when a part of the words is loaded later. */
function merged(first: Tree, later: Tree): Tree {
  const found = { ...first };
  for (const [key, value] of Object.entries(later)) {
    const known = found[key];
    found[key] = typeof value === "string" || typeof known !== "object" ? value : merged(known, value);
  }
  return found;
}

function keysOf(tree: Tree, before = ""): string[] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === "string" ? [before + key] : keysOf(value, `${before}${key}.`),
  );
}

const words = new Set(keysOf(en));
const hasWord = (key: string) => words.has(key) || words.has(`${key}_other`);
const fields = fieldsEn as Record<string, string>;

function sources(folder = "src"): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name) && !name.endsWith("schema.ts"))
    .map((name) => readFileSync(join(folder, name), "utf8"));
}

test.each([
  ["words", en, zh],
  ["codes", codesEn, codesZh],
  ["fields", fieldsEn, fieldsZh],
  ["sentences about what is needed", neededEn, neededZh],
])("the %s of both languages have the same keys", (_, english, chinese) => {
  expect(keysOf(chinese as Tree)).toEqual(keysOf(english as Tree));
});

test("no text is empty, and no Chinese text was left in English", () => {
  for (const tree of [en, zh, codesEn, codesZh, neededEn, neededZh])
    for (const text of keysOf(tree as Tree)) expect(text).not.toBe("");
  const same = keysOf(zh as Tree).filter(
    (key) => valueAt(zh as Tree, key) === valueAt(en as Tree, key) && /[a-z]{3}/.test(valueAt(en as Tree, key)),
  );
  expect(same.filter((key) => !/^\{\{.*\}\}$/.test(valueAt(en as Tree, key)))).toEqual([]);
});

function valueAt(tree: Tree, key: string): string {
  return key.split(".").reduce<string | Tree>((part, word) => (part as Tree)[word]!, tree) as string;
}

test("every key that the code says outright exists", () => {
  const said = sources().flatMap((source) => [...source.matchAll(/\bt\(\s*"([^"]+)"/g)].map((found) => found[1]!));
  expect(said.length).toBeGreaterThan(50);
  expect(said.filter((key) => !hasWord(key))).toEqual([]);
});

test("every noun has its words, every action a name, every toned value a text", () => {
  const wanted = NOUNS.flatMap((noun) => ["one", "many", "new"].map((form) => `nouns.${noun.name}.${form}`));
  const actions = NOUNS.flatMap((noun) =>
    [...Object.keys(noun.actions ?? {}), ...Object.keys(noun.calls ?? {}), ...Object.keys(noun.listCalls ?? {})].map(
      (name) => [`actions.${noun.name}.${name}`, `actions.${name}`],
    ),
  );
  const tones = NOUNS.flatMap((noun) =>
    Object.entries(noun.tones ?? {}).flatMap(([field, tone]) =>
      Object.keys(tone).map((value) => `${noun.name}.${field}.${value}`),
    ),
  );
  const codes = new Set(keysOf(codesEn as Tree));
  expect(wanted.filter((key) => !hasWord(key))).toEqual([]);
  expect(actions.filter((keys) => !keys.some(hasWord))).toEqual([]);
  expect(tones.filter((key) => !codes.has(key))).toEqual([]);
});

test("every column that can be shown has a name in both languages", () => {
  const nameless = NOUNS.flatMap((noun) => {
    const said = lists[noun.list] as { row: Record<string, string> };
    return Object.keys(said.row)
      .filter((field) => !/^(version|currency|erased|id)$|_id$/.test(field))
      .filter(
        (field) =>
          !fields[`${noun.name}.${field}`] && !hasWord(`fields.${noun.name}.${field}`) && !hasWord(`fields.${field}`),
      )
      .map((field) => `${noun.name}.${field}`);
  });
  expect(nameless).toEqual([]);
});

test("every field of a record or a form has a name in both languages", () => {
  const nameless = NOUNS.flatMap((noun) => {
    const paths = [noun.record && `GET ${noun.record}`, noun.create, noun.edit, ...Object.values(noun.calls ?? {})];
    const below = Object.values(noun.actions ?? {}).map((path) => `POST ${noun.record}/${path}`);
    const said = [...paths, ...below].flatMap((call) => {
      const shape = (calls as Record<string, { shows?: object; asks?: { name: string }[] }>)[call ?? ""];
      return [...Object.keys(shape?.shows ?? {}), ...(shape?.asks ?? []).map(({ name }) => name)];
    });
    return [...new Set(said)]
      .filter((field) => !/^(version|erased|id|actions|lines|stages|rights|deal|is_gift)$/.test(field))
      .filter((field) => !(noun.record && /_id$/.test(field) && said.includes(field.replace(/_id$/, "_name"))))
      .filter(
        (field) =>
          !fields[`${noun.name}.${field}`] && !hasWord(`fields.${noun.name}.${field}`) && !hasWord(`fields.${field}`),
      )
      .map((field) => `${noun.name}.${field}`);
  });
  expect(nameless).toEqual([]);
});

test("every kind of record that a report counts has a name", () => {
  const kinds = readdirSync("../services/reporting/reporting", { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".py"))
    .flatMap((name) => [
      ...readFileSync(join("../services/reporting/reporting", name), "utf8").matchAll(
        /noun="([a-z-]+)"|warned_of\("([a-z]+)"/g,
      ),
    ])
    .map((found) => found[1] ?? found[2]!)
    .filter((kind) => kind !== "management-report");
  expect(new Set(kinds).size).toBeGreaterThan(10);
  expect(kinds.filter((kind) => !hasWord(`reports.records.${kind}`))).toEqual([]);
});

test("every event of a contract has a name", () => {
  const events = readdirSync("../contracts", { recursive: true, encoding: "utf8" }).filter((name) =>
    /\.v\d+\.json$/.test(name),
  );
  const said = events.map((name) => name.split("/").pop()!.split("."));
  expect(said.length).toBeGreaterThan(100);
  expect(said.filter(([noun, what]) => !hasWord(`events.${noun}.${what}`) && !hasWord(`events.${what}`))).toEqual([]);
});

test("every refusal that has a page has a Chinese sentence", () => {
  const page = readFileSync("../docs/problems/README.md", "utf8");
  const slugs = [...page.matchAll(/^\| \[([a-z-]+)\]/gm)].map((found) => found[1]!);
  expect(slugs.length).toBeGreaterThan(100);
  expect(slugs.filter((slug) => !(slug in problemsZh))).toEqual([]);
});

test("what is needed is said of refusals that there are", () => {
  expect(Object.keys(neededEn).filter((slug) => !(slug in problemsZh))).toEqual([]);
});
