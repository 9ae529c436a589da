/** Both languages as catalogues; only the one in use is loaded. */
import type { Locale } from "antd/es/locale";
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { beforeRefusal } from "../api/http";

export type Language = "zh-CN" | "en";
export const LANGUAGES: Language[] = ["zh-CN", "en"];
const KEPT = "guanxi.language";

const CATALOGUES = {
  "zh-CN": () =>
    Promise.all([
      import("./zh-CN.json"),
      import("./codes.zh-CN.json"),
      import("./fields.zh-CN.json"),
      import("antd/locale/zh_CN"),
    ]),
  en: () =>
    Promise.all([
      import("./en.json"),
      import("./codes.en.json"),
      import("./fields.en.json"),
      import("antd/locale/en_US"),
    ]),
};
/** What only some screens say is loaded with the first of them. */
const MORE = {
  reports: { "zh-CN": () => import("./reports.zh-CN.json"), en: () => import("./reports.en.json") },
};
type Part = keyof typeof MORE;
const opened = new Set<Part>();
const added = new Set<string>();
const ofAnt: Partial<Record<Language, Locale>> = {};

/** What Ant Design's own parts say. */
export function localeOfAnt(): Locale | undefined {
  return ofAnt[languageNow()];
}

export function firstLanguage(): Language {
  const kept = localStorage.getItem(KEPT);
  if (kept === "zh-CN" || kept === "en") return kept;
  return navigator.language.startsWith("zh") ? "zh-CN" : "en";
}

async function load(language: Language): Promise<void> {
  const [words, codes, fields, ant] = await CATALOGUES[language]();
  ofAnt[language] = ant.default;
  i18next.addResourceBundle(language, "words", words.default);
  i18next.addResourceBundle(language, "codes", codes.default);
  // Names of fields are `noun.field`; as one text each they need no tree.
  i18next.addResourceBundle(language, "fields", fields.default);
}

/** The server's own sentences are English; the Chinese ones come with the first refusal or reason, or when there is time. */
export async function loadProblems(): Promise<void> {
  if (languageNow() === "en" || i18next.hasResourceBundle("zh-CN", "problems")) return;
  const problems = await import("./problems.zh-CN.json");
  i18next.addResourceBundle("zh-CN", "problems", problems.default);
}
beforeRefusal(loadProblems);
const LATER_MS = 3_000;

export async function startLanguage(language: Language): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: language,
    defaultNS: "words",
    resources: {},
    interpolation: { escapeValue: false },
    react: { useSuspense: false },
  });
  await speak(language);
}

async function add(part: Part, language: Language): Promise<void> {
  const name = `${part} ${language}`;
  if (added.has(name)) return;
  const words = await MORE[part][language]();
  i18next.addResourceBundle(language, "words", words.default, true);
  added.add(name);
}

/** A screen, once its own words are there, too; they follow when another language is chosen. */
export async function withWords<T>(part: Part, screen: Promise<T>): Promise<T> {
  opened.add(part);
  const [found] = await Promise.all([screen, add(part, languageNow())]);
  return found;
}

export async function speak(language: Language): Promise<void> {
  if (!i18next.hasResourceBundle(language, "words")) await load(language);
  await Promise.all([...opened].map((part) => add(part, language)));
  document.documentElement.lang = language;
  localStorage.setItem(KEPT, language);
  await i18next.changeLanguage(language);
  // Who loses the network has them already.
  setTimeout(() => void loadProblems().catch(() => undefined), LATER_MS);
}

export function languageNow(): Language {
  return i18next.language === "en" ? "en" : "zh-CN";
}
