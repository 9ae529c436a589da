/** Screens that are no noun's list, with the right that opens each. */
import {
  AimOutlined,
  AppstoreOutlined,
  BarChartOutlined,
  ClockCircleOutlined,
  DashboardOutlined,
  HomeOutlined,
  NodeIndexOutlined,
  PartitionOutlined,
  StockOutlined,
} from "@ant-design/icons";
import type { ComponentType } from "react";
import type { Module } from "../noun/noun";

export type Page = {
  path: string;
  title: string;
  needs: string;
  icon: ComponentType<{ "aria-hidden"?: boolean }>;
  /** Where it stands in the side bar; Today stands above all modules. */
  module?: Module;
};

export const PAGES: Page[] = [
  { path: "/", title: "today.title", needs: "", icon: HomeOutlined },
  { path: "/forecast", title: "forecast.title", needs: "forecast:read", icon: StockOutlined, module: "marketing" },
  { path: "/targets", title: "targets.title", needs: "target:read", icon: AimOutlined, module: "marketing" },
  { path: "/dashboard", title: "dashboard.title", needs: "report:*", icon: DashboardOutlined, module: "reports" },
  { path: "/reports", title: "reports.title", needs: "report:*", icon: BarChartOutlined, module: "reports" },
  {
    path: "/organisation",
    title: "organisation.title",
    needs: "unit:read",
    icon: PartitionOutlined,
    module: "authority",
  },
  {
    path: "/working-calendar",
    title: "working.title",
    needs: "promise:read",
    icon: ClockCircleOutlined,
    module: "service",
  },
  { path: "/modules", title: "modulesPage.title", needs: "role:read", icon: AppstoreOutlined, module: "authority" },
  { path: "/bus", title: "bus.title", needs: "bus:read", icon: NodeIndexOutlined, module: "authority" },
];
