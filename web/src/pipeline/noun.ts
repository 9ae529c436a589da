import { ApartmentOutlined } from "@ant-design/icons";
import { noun } from "../noun/noun";

export const pipelines = noun({
  name: "pipelines",
  module: "base",
  icon: ApartmentOutlined,
  list: "/pipelines",
  keys: ["code"],
  title: "name",
  columns: ["code", "name", "is_active"],
  record: "/pipelines/{code}",
  hasHistory: true,
});
