/** Screens that are no noun's list, with the right that opens each. */
import { BarChartOutlined, HomeOutlined, NodeIndexOutlined, PartitionOutlined } from "@ant-design/icons";
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
  { path: "/reports", title: "reports.title", needs: "report:*", icon: BarChartOutlined, module: "reports" },
  {
    path: "/organisation",
    title: "organisation.title",
    needs: "unit:read",
    icon: PartitionOutlined,
    module: "authority",
  },
  { path: "/bus", title: "bus.title", needs: "bus:read", icon: NodeIndexOutlined, module: "authority" },
];
