/** The form of a call: its fields are the server's, and so are the sentences about what is wrong. */
import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Alert, Button, Form, type FormInstance } from "antd";
import { lazy, Suspense, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Answered, ask, newKey, Refused } from "../api/http";
import type { Field } from "../api/shapes";
import { actionName, askedName, fieldName, problemTitle } from "../i18n/names";
import { useWords } from "../noun/dictionary";
import { filled, type Noun, type Row } from "../noun/noun";
import { useCalls, useRefresh } from "../record/record";
import { Loading } from "../shell/States";
import { Editor, sent } from "./Editor";

const Alike = lazy(() => import("./Alike"));

type Props = {
  noun: Noun;
  /** `POST /customers/{customer_no}/contacts` */
  call: string;
  id?: string;
  etag?: string;
  initial?: Row;
  /** Said without being asked for. */
  given?: Row;
  submit?: string;
  /** Only these of its fields. */
  only?: string[];
  /** The call is made by somebody else, and this is what it is to say. */
  onSaid?: (body: Row) => void;
  onDone?: (answer: Answered<Row>) => void;
  onClose: () => void;
  /** A conflict is for the screen that knows both versions. */
  onStale?: (mine: Row) => void;
};

/** Said only after the server has warned. */
const ALTHOUGH = "although_known";

export function CallForm(props: Props) {
  const { noun, call, id = "", etag, initial, given = {}, submit, only, onSaid, onDone, onClose, onStale } = props;
  const { t } = useTranslation();
  const calls = useCalls();
  const words = useWords(noun);
  const refresh = useRefresh();
  const [form] = Form.useForm();
  const [problem, setProblem] = useState<Refused>();
  const [isBusy, setBusy] = useState(false);
  const key = useRef(newKey());
  if (!calls) return <Loading />;
  const [method = "POST", path = ""] = call.split(" ");
  const fields = (calls[call]?.asks ?? []).filter(
    (field) =>
      field.name !== ALTHOUGH &&
      field.kind !== "record" &&
      !(field.name in given) &&
      (only?.includes(field.name) ?? true),
  );
  const ordered = [...fields.filter((field) => field.required), ...fields.filter((field) => !field.required)];

  const send = async (said: Row, more: Row = {}) => {
    setBusy(true);
    setProblem(undefined);
    const body: Row = { ...given, ...more };
    for (const field of fields) {
      const value = sent(field, said[field.name]);
      const isSame = initial && JSON.stringify(value) === JSON.stringify(initial[field.name] ?? "");
      const isUnsaid =
        value === undefined || (!initial && value === "") || (Array.isArray(value) && !initial && value.length === 0);
      if (!isUnsaid && !isSame) body[field.name] = value;
    }
    if (onSaid) return onSaid(body);
    const hasBody = fields.length > 0 || Object.keys(body).length > 0;
    try {
      const answer = await ask<Row>(method, filled(path, id), {
        ...(hasBody ? { body } : {}),
        ...(etag ? { etag } : {}),
        key: key.current,
      });
      await refresh();
      onDone?.(answer);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      // Another try after a refusal is another request; after silence it is the same one.
      if (error.status !== 0) key.current = newKey();
      if (error.status === 412 && onStale) return onStale(body);
      showFaults(form, error, fields);
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };

  return (
    <Form
      form={form}
      layout="vertical"
      requiredMark={Mark}
      initialValues={initial ?? {}}
      onFinish={(said: Row) => send(said)}
      className="call"
      scrollToFirstError
    >
      {problem && (
        <Refusal
          problem={problem}
          fields={fields}
          onAlthough={() => send(form.getFieldsValue(true), { [ALTHOUGH]: true })}
        />
      )}
      {ordered.map((field, at) =>
        Array.isArray(field.of) ? (
          <Lines key={field.name} noun={noun} field={field} />
        ) : (
          <Form.Item
            key={field.name}
            name={field.name}
            label={askedName(noun.name, field.name)}
            valuePropName="value"
            rules={field.required && field.kind !== "flag" ? [{ required: true, message: t("form.required") }] : []}
          >
            <Editor
              noun={noun}
              field={field}
              words={words(field.name)}
              said={saidOf(field.name, initial)}
              isFirst={at === 0}
            />
          </Form.Item>
        ),
      )}
      {noun.duplicates && (call === noun.create || call === noun.edit) && !onSaid && (
        <Suspense fallback={null}>
          <Alike noun={noun} form={form} but={id} initial={initial} />
        </Suspense>
      )}
      <div className="buttons">
        <Button type="primary" htmlType="submit" loading={isBusy}>
          {submit ?? t("form.save")}
        </Button>
        <Button onClick={onClose}>{t("form.cancel")}</Button>
      </div>
    </Form>
  );
}

function Mark(label: React.ReactNode, { required }: { required: boolean }) {
  return (
    <>
      {label}
      {required && (
        <span className="must" aria-hidden>
          *
        </span>
      )}
    </>
  );
}

/** `owner_id` reads as the record's `owner_name`. */
export function saidOf(name: string, record: Row | undefined): string | undefined {
  const said = record?.[name.replace(/_id$/, "_name")] ?? (name === "customer_no" ? record?.customer_name : undefined);
  return typeof said === "string" ? said : undefined;
}

function Lines({ noun, field }: { noun: Noun; field: Field }) {
  const inner = field.of as Field[];
  return (
    <Form.List name={field.name}>
      {(rows, { add, remove }) => (
        <fieldset className="lines">
          <legend>{fieldName(noun.name, field.name)}</legend>
          {rows.map((row) => (
            <div className="line" key={row.key}>
              {inner.map((one) => (
                <Form.Item key={one.name} name={[row.name, one.name]} label={fieldName(noun.name, one.name)}>
                  <Editor noun={noun} field={one} />
                </Form.Item>
              ))}
              <Button
                icon={<DeleteOutlined aria-hidden />}
                aria-label={actionName(noun.name, "delete")}
                onClick={() => remove(row.name)}
              />
            </div>
          ))}
          <Button icon={<PlusOutlined aria-hidden />} onClick={() => add({})}>
            {fieldName(noun.name, field.name)}
          </Button>
        </fieldset>
      )}
    </Form.List>
  );
}

function showFaults(form: FormInstance, error: Refused, fields: Field[]): void {
  const faults = (error.problem.errors ?? []).map((fault) => ({ name: pathOf(fault.pointer), errors: [fault.detail] }));
  form.setFields(faults.filter(({ name }) => fields.some((field) => field.name === name[0])));
}

const pathOf = (pointer: string): (string | number)[] =>
  pointer
    .slice(1)
    .split("/")
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));

/** What is wrong with the whole of it, or with fields that the form does not show. */
function Refusal({ problem, fields, onAlthough }: { problem: Refused; fields: Field[]; onAlthough: () => void }) {
  const { t } = useTranslation();
  const hidden = (problem.problem.errors ?? []).filter(
    (fault) => !fields.some((field) => field.name === pathOf(fault.pointer)[0]),
  );
  const more = [problem.problem.detail, ...hidden.map((fault) => `${fault.pointer} ${fault.detail}`)].filter(Boolean);
  if (problem.status === 0) more.push(t("form.kept"));
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      title={problemTitle(problem.problem)}
      description={more.length ? more.join(" · ") : undefined}
      action={
        problem.kind === "possible-duplicate" && (
          <Button size="small" onClick={onAlthough}>
            {t("form.although")}
          </Button>
        )
      }
    />
  );
}
