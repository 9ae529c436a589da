import { CommentOutlined } from "@ant-design/icons";
import { noun } from "../noun/noun";

/** What people write about a lead, a campaign or a deal: one shape at three places. */
export const remarks = noun({
  name: "remarks",
  module: "marketing",
  icon: CommentOutlined,
  list: "/deals/{record_id}/remarks",
  keys: ["record_id", "id"],
  title: "text",
  columns: ["written_at", "author_name", "text"],
  create: "POST /deals/{record_id}/remarks",
});
