/** Which address shows which screen. */
import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
  useParams,
} from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Refused } from "../api/http";
import { meQuery } from "../api/session";
import { withWords } from "../i18n";
import { ListPage } from "../list/ListPage";
import { findNoun } from "../noun/nouns";
import { Shell } from "../shell/Shell";
import { Failed, State } from "../shell/States";
import { parseSearch, stringifySearch, type View } from "./search";

const root = createRootRouteWithContext<{ cache: QueryClient }>()({ component: Outlet });

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: (view): View => view as View,
  component: lazyRouteComponent(() => import("../session/SignIn")),
});

const inside = createRoute({
  getParentRoute: () => root,
  id: "inside",
  component: Shell,
  errorComponent: ({ error }) => <Failed error={error as Error} onRetry={() => location.reload()} />,
  beforeLoad: async ({ context: { cache }, location }) => {
    try {
      const me = await cache.ensureQueryData(meQuery);
      if (me.must_change_password && location.pathname !== "/password") throw redirect({ to: "/password" });
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 401) throw error;
      throw redirect({ to: "/sign-in", search: location.href === "/" ? {} : { from: location.href } });
    }
  },
});

const today = createRoute({
  getParentRoute: () => inside,
  path: "/",
  component: lazyRouteComponent(() => import("../today/Today")),
});
const password = createRoute({
  getParentRoute: () => inside,
  path: "/password",
  component: lazyRouteComponent(() => import("../session/Password")),
});
const dashboard = createRoute({
  getParentRoute: () => inside,
  path: "/dashboard",
  validateSearch: (view): View => view as View,
  component: lazyRouteComponent(() => withWords("reports", import("../dashboard/Dashboard"))),
});
const reports = createRoute({
  getParentRoute: () => inside,
  path: "/reports",
  component: lazyRouteComponent(() => withWords("reports", import("../reports/Reports"))),
});
const report = createRoute({
  getParentRoute: () => inside,
  path: "/reports/$report",
  validateSearch: (view): View => view as View,
  component: lazyRouteComponent(() => withWords("reports", import("../reports/ReportPage"))),
});
const behind = createRoute({
  getParentRoute: () => inside,
  path: "/reports/$report/drill",
  validateSearch: (view): View => view as View,
  component: lazyRouteComponent(() => withWords("reports", import("../reports/Behind"))),
});
const managementReport = createRoute({
  getParentRoute: () => inside,
  path: "/management-reports/$month",
  component: lazyRouteComponent(() => withWords("reports", import("../management-report/ManagementReport"))),
});
const forecast = createRoute({
  getParentRoute: () => inside,
  path: "/forecast",
  validateSearch: (view): View => view as View,
  component: lazyRouteComponent(() => withWords("reports", import("../forecast/Forecast"))),
});
const targets = createRoute({
  getParentRoute: () => inside,
  path: "/targets",
  validateSearch: (view): View => view as View,
  component: lazyRouteComponent(() => withWords("reports", import("../target/Targets"))),
});
const bus = createRoute({
  getParentRoute: () => inside,
  path: "/bus",
  validateSearch: (view): View => view as View,
  component: lazyRouteComponent(() => import("../bus/BusPage")),
});
const organisation = createRoute({
  getParentRoute: () => inside,
  path: "/organisation",
  component: lazyRouteComponent(() => import("../unit/Organisation")),
});
const modules = createRoute({
  getParentRoute: () => inside,
  path: "/modules",
  component: lazyRouteComponent(() => import("../module/Modules")),
});
const dictionary = createRoute({
  getParentRoute: () => inside,
  path: "/dictionary",
  validateSearch: (view): View => view as View,
  component: lazyRouteComponent(() => import("../dictionary/Dictionary")),
});
const pipelines = createRoute({
  getParentRoute: () => inside,
  path: "/pipelines",
  validateSearch: (view): View => view as View,
  component: lazyRouteComponent(() => import("../pipeline/Pipelines")),
});
const workingTime = createRoute({
  getParentRoute: () => inside,
  path: "/working-calendar",
  component: lazyRouteComponent(() => import("../working-calendar/WorkingTime")),
});
const clearing = createRoute({
  getParentRoute: () => inside,
  path: "/demo",
  component: lazyRouteComponent(() => import("../demo/Clearing")),
});
const list = createRoute({
  getParentRoute: () => inside,
  path: "/$noun",
  validateSearch: (view): View => view as View,
  component: List,
});
const record = createRoute({
  getParentRoute: () => inside,
  path: "/$noun/$id",
  validateSearch: (view): View => view as View,
  component: lazyRouteComponent(() => import("../record/RecordPage")),
});

function List() {
  const { noun: name } = useParams({ strict: false });
  const noun = findNoun(name ?? "");
  return noun && !noun.list.includes("{") ? <ListPage key={noun.name} noun={noun} /> : <Missing />;
}

export function Missing() {
  const { t } = useTranslation();
  return <State title={t("failed.missing")} />;
}

export function newRouter(cache: QueryClient) {
  return createRouter({
    routeTree: root.addChildren([
      signIn,
      inside.addChildren([
        today,
        password,
        dashboard,
        reports,
        report,
        behind,
        managementReport,
        forecast,
        targets,
        bus,
        organisation,
        modules,
        dictionary,
        pipelines,
        workingTime,
        clearing,
        list,
        record,
      ]),
    ]),
    context: { cache },
    parseSearch,
    stringifySearch,
    defaultNotFoundComponent: Missing,
    defaultPreload: false,
    scrollRestoration: true,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof newRouter>;
  }
}
