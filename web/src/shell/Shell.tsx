/** The frame of every screen: side bar, header, content; and what to do when the session ends. */
import {
  BellOutlined,
  GlobalOutlined,
  HomeOutlined,
  LogoutOutlined,
  MenuOutlined,
  MoonOutlined,
  SearchOutlined,
  SunOutlined,
  UserOutlined,
} from "@ant-design/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import { Badge, Button, Dropdown } from "antd";
import { lazy, Suspense, useEffect, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { ask } from "../api/http";
import { signOut, useMay, useMe, welcomeQuery } from "../api/session";
import { ListLink } from "../app/links";
import { dress, useLook } from "../app/theme";
import { listenSaid, saidNow } from "../arrival/said";
import { languageNow, speak } from "../i18n";
import { roleName } from "../i18n/names";
import type { Module } from "../noun/noun";
import { Keys, openPalette } from "../palette/Keys";
import { COMMAND } from "../palette/match";
import { forgetRecent } from "../palette/recent";
import { SessionEnded } from "../session/SessionEnded";
import { useMenu } from "./menu";
import { PAGES } from "./pages";

const Chip = lazy(() => import("../arrival/Chip"));

export function Shell() {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  const path = useRouterState({ select: (state) => state.location.pathname });
  useEffect(() => setOpen(false), [path]);
  return (
    <div className="shell">
      <a className="skip" href="#content">
        {t("shell.skip")}
      </a>
      <header className="top">
        <Button
          className="phone"
          type="text"
          icon={<MenuOutlined aria-hidden />}
          aria-label={t("shell.menu")}
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        />
        <Link to="/" className="brand">
          <span className="mark" aria-hidden>
            关
          </span>
          <span className="said">{t("product")}</span>
        </Link>
        <span className="grow" />
        <Button
          className="seek"
          icon={<SearchOutlined aria-hidden />}
          onClick={openPalette}
          aria-keyshortcuts="Control+K"
        >
          <span>{t("palette.ask")}</span> <kbd aria-hidden>{COMMAND} K</kbd>
        </Button>
        <Arrival />
        <Notices />
        <Languages />
        <Looks />
        <Person />
      </header>
      <SideBar isOpen={isOpen} />
      <main id="content" tabIndex={-1}>
        <Outlet />
      </main>
      <Keys />
      <SessionEnded />
    </div>
  );
}

function SideBar({ isOpen }: { isOpen: boolean }) {
  const { t } = useTranslation();
  const menu = useMenu();
  return (
    <nav className={isOpen ? "side open" : "side"} aria-label={t("shell.menu")}>
      <Link to="/" className="item" activeOptions={{ exact: true }}>
        <HomeOutlined aria-hidden />
        {t("today.title")}
      </Link>
      {menu.map(([module, nouns]) => (
        <section key={module} aria-labelledby={`module-${module}`}>
          <h2 id={`module-${module}`}>{t(`modules.${module}`)}</h2>
          {nouns.map(({ name, icon: Icon }) => (
            <ListLink key={name} noun={name} className="item">
              <Icon aria-hidden />
              {t(`nouns.${name}.many`)}
            </ListLink>
          ))}
          <PageLinks module={module} />
        </section>
      ))}
    </nav>
  );
}

function PageLinks({ module }: { module: Module }) {
  const { t } = useTranslation();
  const may = useMay();
  return PAGES.filter((page) => page.module === module && may(page.needs)).map(({ path, title, icon: Icon }) => (
    <Link key={path} to={path} className="item">
      <Icon aria-hidden />
      {t(title)}
    </Link>
  ));
}

/** Nothing until the first command of the visit. */
function Arrival() {
  const { names } = useSyncExternalStore(listenSaid, saidNow);
  return (
    names.length > 0 && (
      <Suspense fallback={null}>
        <Chip />
      </Suspense>
    )
  );
}

function Notices() {
  const { t } = useTranslation();
  const { data } = useQuery({
    queryKey: ["unread"],
    queryFn: async ({ signal }) =>
      (await ask<{ unread: number }>("GET", "/notifications", { query: { size: 1 }, signal })).data,
    refetchInterval: 60_000,
  });
  return (
    <ListLink noun="notifications" className="icon" label={t("shell.notices", { count: data?.unread ?? 0 })}>
      <Badge count={data?.unread ?? 0} size="small">
        <BellOutlined aria-hidden />
      </Badge>
    </ListLink>
  );
}

export function Languages() {
  const { t } = useTranslation();
  const other = languageNow() === "en" ? "zh-CN" : "en";
  return (
    <Button
      type="text"
      icon={<GlobalOutlined aria-hidden />}
      lang={other}
      onClick={() => speak(other)}
      title={t("shell.language")}
    >
      {other === "en" ? "English" : "中文"}
    </Button>
  );
}

export function Looks() {
  const { t } = useTranslation();
  const look = useLook();
  const other = look === "dark" ? "light" : "dark";
  const label = t(`shell.${other}`);
  return (
    <Button
      type="text"
      icon={look === "dark" ? <SunOutlined aria-hidden /> : <MoonOutlined aria-hidden />}
      aria-label={label}
      title={label}
      onClick={() => dress(other)}
    />
  );
}

function Person() {
  const { t } = useTranslation();
  const me = useMe();
  const cache = useQueryClient();
  const may = useMay();
  const { data: welcome } = useQuery({ ...welcomeQuery, enabled: may("role:write") });
  const leave = async () => {
    await signOut().catch(() => undefined);
    cache.clear();
    forgetRecent(me.user_id);
    location.assign("/sign-in");
  };
  const items = [
    { key: "who", label: `${me.full_name} · ${roleName(me.role_name)}`, disabled: true },
    { key: "password", label: <Link to="/password">{t("password.title")}</Link> },
    { key: "sessions", label: <ListLink noun="my-sessions">{t("nouns.my-sessions.many")}</ListLink> },
    ...(welcome?.demo?.clears ? [{ key: "demo", label: <Link to="/demo">{t("demo.title")}</Link> }] : []),
    { key: "leave", icon: <LogoutOutlined aria-hidden />, label: t("shell.signOut"), onClick: leave },
  ];
  return (
    <Dropdown menu={{ items }} trigger={["click"]}>
      <Button type="text" icon={<UserOutlined aria-hidden />} className="me">
        <span>{me.full_name}</span>
      </Button>
    </Dropdown>
  );
}
