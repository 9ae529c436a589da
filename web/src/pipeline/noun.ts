import { NodeIndexOutlined } from "@ant-design/icons";
import { noun } from "../noun/noun";

/** Ways that deals go: their stages, and what each asks for. */
export const pipelines = noun({
  name: "pipelines",
  module: "base",
  icon: NodeIndexOutlined,
  list: "/pipelines",
  keys: ["code"],
  title: "name",
  columns: ["code", "name", "is_active"],
  record: "/pipelines/{code}",
  create: "POST /pipelines",
  edit: "PATCH /pipelines/{code}",
  inner: ["stages"],
  hasHistory: true,
});
