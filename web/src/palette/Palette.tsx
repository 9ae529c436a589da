/** Where to go next: pages, new records and known ones, by a few letters. */
import {
  BarChartOutlined,
  CheckSquareOutlined,
  FileAddOutlined,
  FilterOutlined,
  HistoryOutlined,
  WarningOutlined,
} from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, type ReactNode, type RefObject, useEffect, useId, useLayoutEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay, useMe } from "../api/session";
import { listShape } from "../api/shapes";
import { stringifySearch } from "../app/search";
import { asNumber } from "../i18n/format";
import { actionName } from "../i18n/names";
import { offersOf } from "../list/bulk/offers";
import { useSelection, wishFor } from "../list/selection";
import { opened, viewsQuery } from "../list/views";
import { findNoun, SCREENS } from "../noun/nouns";
import { callsQuery } from "../record/record";
import { directoryQuery, nameOf, titleOf } from "../reports/directory";
import { useMenu } from "../shell/menu";
import { PAGES } from "../shell/pages";
import { Dialog } from "./Dialog";
import { useFound } from "./found";
import { isEnough, matches, step } from "./match";
import { recentOf } from "./recent";

type Option = { key: string; icon: ReactNode; label: string; more?: string; run: () => void };
type Group = { key: string; title: string; options: Option[]; said?: string };
type Props = { isSearch: boolean; typed: RefObject<string>; onClose: () => void };

export default function Palette({ isSearch, typed, onClose }: Props) {
  const { t } = useTranslation();
  const id = useId();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  // What was typed until now: between rendering and showing it, there may be more.
  useLayoutEffect(() => setText(typed.current), [typed]);
  const said = text.trim();
  const asked = useSettled(said);
  const groups = useGroups(said, asked, isSearch);
  const options = groups.flatMap((group) => group.options);
  const chosen = options[Math.min(at, options.length - 1)];
  useEffect(() => {
    document.getElementById(`${id}-${chosen?.key}`)?.scrollIntoView({ block: "nearest" });
  }, [id, chosen?.key]);

  const choose = (option: Option) => {
    onClose();
    option.run();
  };
  const press = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) setAt(step(Math.min(at, options.length - 1), by, options.length));
    else if (event.key === "Enter" && chosen) choose(chosen);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog label={t("palette.title")} className="palette" onClose={onClose}>
      <input
        role="combobox"
        aria-label={t("palette.ask")}
        aria-expanded
        aria-controls={`${id}-list`}
        aria-activedescendant={chosen ? `${id}-${chosen.key}` : undefined}
        aria-autocomplete="list"
        autoComplete="off"
        spellCheck={false}
        maxLength={100}
        value={text}
        placeholder={isSearch ? t("palette.searchHint") : t("palette.ask")}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={press}
      />
      <div role="listbox" id={`${id}-list`} aria-label={t("palette.title")} tabIndex={-1}>
        {groups.map((group) => (
          // biome-ignore lint/a11y/useSemanticElements: a group of options, not of fields
          <div key={group.key} role="group" aria-labelledby={`${id}-${group.key}-title`}>
            <div className="kind" id={`${id}-${group.key}-title`}>
              {group.title}
              {group.said && (
                <span className="bad-text">
                  <WarningOutlined aria-hidden /> {group.said}
                </span>
              )}
            </div>
            {group.options.map((option) => (
              <div
                key={option.key}
                id={`${id}-${option.key}`}
                role="option"
                tabIndex={-1}
                aria-selected={option === chosen}
                onMouseMove={() => setAt(options.indexOf(option))}
                onClick={() => choose(option)}
                onKeyDown={(event) => event.key === "Enter" && choose(option)}
              >
                {option.icon}
                <span className="name">{option.label}</span>
                {option.more && <span className="muted">{option.more}</span>}
              </div>
            ))}
          </div>
        ))}
      </div>
      <p className="said muted" role="status">
        {options.length > 0 ? t("palette.keys") : told(t, said, asked, isSearch)}
      </p>
    </Dialog>
  );
}

function told(t: (key: string) => string, said: string, asked: string, isSearch: boolean): string {
  if (!isEnough(said)) return isSearch ? t("palette.more") : t("palette.nothing");
  return said === asked ? t("palette.nothing") : t("loading");
}

/** The text, once nothing was typed for a moment. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), 200);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}

function useGroups(said: string, asked: string, isSearch: boolean): Group[] {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const me = useMe();
  const may = useMay();
  const menu = useMenu();
  const found = useFound(asked);
  const { data: reports } = useQuery({ ...directoryQuery, enabled: may("report:*") });
  const acts = useActs(said, isSearch);
  const { data: saved = [] } = useQuery({ ...viewsQuery(""), enabled: !isSearch });
  const goes = (to: string) => () => void navigate({ href: to });
  const record = (noun: string, id: string) => goes(`/${noun}/${encodeURIComponent(id)}`);

  const recent = recentOf(me.user_id)
    .filter((one) => findNoun(one.noun) && matches(said, one.title))
    .map((one) => ({
      key: `recent-${one.noun}-${one.id}`,
      icon: <HistoryOutlined aria-hidden />,
      label: one.title,
      more: t(`nouns.${one.noun}.one`),
      run: record(one.noun, one.id),
    }));
  const pages = [
    ...PAGES.filter((page) => may(page.needs)).map((page) => ({ ...page, name: page.path, label: t(page.title) })),
    ...menu.flatMap(([, nouns]) =>
      nouns.map((noun) => ({ ...noun, path: `/${noun.name}`, label: t(`nouns.${noun.name}.many`) })),
    ),
    ...menu.flatMap(([, nouns]) =>
      nouns
        .filter((noun) => noun.board)
        .map((noun) => ({
          ...noun,
          path: `/${noun.name}?view=board`,
          label: `${t(`nouns.${noun.name}.many`)} · ${t("board.board")}`,
        })),
    ),
    ...(reports?.items ?? [])
      .filter((report) => report.is_allowed)
      .map((report) => ({
        icon: BarChartOutlined,
        name: nameOf(report),
        path: `/reports/${nameOf(report)}`,
        label: titleOf(report),
      })),
  ]
    .filter(({ label, name }) => matches(said, label, name))
    .map(({ icon: Icon, label, path }) => ({
      key: `go-${path.slice(1)}`,
      icon: <Icon aria-hidden />,
      label,
      run: goes(path),
    }));
  const views = saved
    .map((one) => ({ one, noun: findNoun(one.screen) }))
    .filter(({ one, noun }) => noun && matches(said, one.name, t(`nouns.${one.screen}.many`)))
    .map(({ one }) => ({
      key: `view-${one.id}`,
      icon: <FilterOutlined aria-hidden />,
      label: one.name,
      more: t(`nouns.${one.screen}.many`),
      run: goes(`/${one.screen}${stringifySearch(opened(one))}`),
    }));
  const creates = SCREENS.filter((noun) => {
    const right = listShape(noun.list).creates;
    return noun.create && !noun.create.includes("{") && right !== undefined && may(right);
  })
    .filter((noun) => matches(said, t(`nouns.${noun.name}.new`), `new ${noun.name}`))
    .map((noun) => ({
      key: `new-${noun.name}`,
      icon: <FileAddOutlined aria-hidden />,
      label: t(`nouns.${noun.name}.new`),
      run: goes(`/${noun.name}?new=1`),
    }));
  const hits = found.map(({ noun, hits, isDown }): Group => {
    const Icon = noun.icon;
    return {
      key: `found-${noun.name}`,
      title: t(`nouns.${noun.name}.many`),
      ...(isDown ? { said: t("palette.down") } : {}),
      options: hits.map((hit) => ({
        key: `${noun.name}-${hit.id}`,
        icon: <Icon aria-hidden />,
        label: hit.title,
        more: hit.more,
        run: record(noun.name, hit.id),
      })),
    };
  });
  const own: Group[] = [{ key: "recent", title: t("palette.recent"), options: recent }];
  own.unshift(...acts);
  if (!isSearch) {
    own.push({ key: "go", title: t("palette.go"), options: pages });
    own.push({ key: "views", title: t("views.title"), options: views });
    own.push({ key: "new", title: t("palette.create"), options: creates });
  }
  return [...own, ...hits].filter((group) => group.options.length > 0 || group.said);
}

/** What can be done with the rows that are chosen in the list behind. */
function useActs(said: string, isSearch: boolean): Group[] {
  const { t } = useTranslation();
  const may = useMay();
  const { noun: name, rows } = useSelection();
  const noun = findNoun(name);
  const isWanted = !isSearch && noun !== undefined && rows.size > 0;
  const { data: calls } = useQuery({ ...callsQuery, enabled: isWanted });
  if (!isWanted || !noun) return [];
  const options = offersOf(noun, calls, may)
    .map((offer) => ({
      key: `act-${offer.name}`,
      icon: <CheckSquareOutlined aria-hidden />,
      label: offer.name === "tag" ? t("bulk.addTags") : actionName(noun.name, offer.name),
      run: () => wishFor(offer.name),
    }))
    .filter(({ label }) => matches(said, label));
  return [{ key: "act", title: t("bulk.chosen", { count: rows.size, total: asNumber(rows.size) }), options }];
}
