import { FileDoneOutlined } from "@ant-design/icons";
import { noun } from "../noun/noun";

export const managementReports = noun({
  name: "management-reports",
  module: "reports",
  icon: FileDoneOutlined,
  list: "/management-reports",
  keys: ["month"],
  title: "month",
  columns: ["month", "status", "produced_at", "submitted_by_name", "submitted_at"],
  record: "/management-reports/{month}",
  tones: { status: { produced: "warn", submitted: "good" } },
});
